//! Lambda: the table's stream becomes notices.

use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::streams::DynamoDbEventResponse;
use inventory_aws::{Checker, Topic};
use lambda_common::{checked, policy, sdk_config, setting, start_logs};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    start_logs();
    let config = sdk_config().await;
    let (sns, dynamodb) = (aws_sdk_sns::Client::new(&config), aws_sdk_dynamodb::Client::new(&config));
    let checker = &Checker::new(Topic::new(sns, setting("TOPIC_ARN")?))
        .with_policy(policy()?)
        .with_dashboard(setting("DASHBOARD_URL")?)
        .with_ledger(dynamodb.clone(), setting("NOTICES_TABLE")?)
        .with_uploads(dynamodb, setting("UPLOADS_TABLE")?);
    run(service_fn(async |event: LambdaEvent<Event>| Ok::<_, Error>(check(checker, &event.payload).await)))
        .await
}

/// Answers with the first record that failed, if any: Lambda delivers it and
/// those after it again, and after the last try puts them into the failure
/// queue.
async fn check(checker: &Checker<Topic>, event: &Event) -> DynamoDbEventResponse {
    let batch = checker.check(event).await;
    checked(&batch, event.records.len());
    batch.response()
}
