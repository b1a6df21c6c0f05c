//! Lambda: an upload goes into the tables, and its store hears what was wrong
//! with it. Once an hour it also looks for stores that stopped uploading.

use aws_sdk_dynamodb::Client;
use inventory_aws::{Loader, Topic, stale_stores};
use lambda_common::{
    LoadRequest, failed, loaded, policy, sdk_config, setting, stale, stale_before, start_logs, tables,
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    start_logs();
    let config = sdk_config().await;
    let (s3, dynamodb) = (aws_sdk_s3::Client::new(&config), Client::new(&config));
    let topic = Topic::new(aws_sdk_sns::Client::new(&config), setting("TOPIC_ARN")?);
    let loader = &Loader::new(s3, dynamodb.clone(), tables()?)
        .with_policy(policy()?)
        .with_receipts(setting("RECEIPTS_BUCKET")?)
        .with_notices(topic)
        .with_dashboard(setting("DASHBOARD_URL")?);
    run(service_fn(async |event: LambdaEvent<LoadRequest>| {
        let loader = loader.clone().with_deadline(event.context.deadline().try_into()?);
        handle(&loader, &dynamodb, event.payload).await
    }))
    .await
}

/// An error makes Lambda deliver the event again, and after the last try put
/// it into the failure queue.
async fn handle(loader: &Loader, dynamodb: &Client, request: LoadRequest) -> Result<(), Error> {
    match request {
        LoadRequest::Uploads(event) => {
            let uploads = loader.handle(&event).await.inspect_err(failed)?;
            uploads.iter().for_each(loaded);
        }
        LoadRequest::Freshness { .. } => stale(&stale_stores(dynamodb, &tables()?, stale_before()?).await?),
    }
    Ok(())
}
