//! A ledger and a table of uploads that cannot be reached hold up no notice.

use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::operation::put_item::PutItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_smithy_mocks::{Rule, mock};
use inventory_aws::{Checked, Checker, Error};
use serde_json::json;

use crate::support::answers::dynamodb;
use crate::support::events::{change, stream_event};
use crate::support::outbox::Outbox;

const DENIED: &str =
    r#"{"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException", "message": "why not"}"#;

fn nothing_told() -> Rule {
    mock!(DynamoDb::query).then_output(|| QueryOutput::builder().build())
}

fn kept() -> Rule {
    mock!(DynamoDb::put_item).then_output(|| PutItemOutput::builder().build())
}

/// Delivers a record of tea that sold out by an upload.
async fn check(rules: &[Rule]) -> Checked {
    let client = dynamodb(rules);
    let mut record = change(1, "Oslo/tea", "5", "0");
    record["dynamodb"]["NewImage"]["Version"] = json!({ "S": "2026-11-02T06:30:00.000Z/0065" });
    let checker = Checker::new(Outbox::default()).with_ledger(client.clone(), "Notices");
    checker.with_uploads(client, "Uploads").check(&stream_event([record])).await
}

#[track_caller]
fn expect_warnings(checked: &Checked, warnings: &[&str]) {
    assert!(checked.failed.is_none(), "{checked:?}");
    assert_eq!(checked.published.len(), 1);
    assert_eq!(checked.warnings.iter().map(Error::to_string).collect::<Vec<_>>(), warnings);
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_holds_up_nothing() {
    let unread = mock!(DynamoDb::query).sequence().http_status(400, Some(DENIED.to_owned())).build();
    let unread_too = mock!(DynamoDb::get_item).sequence().http_status(400, Some(DENIED.to_owned())).build();
    expect_warnings(
        &check(&[unread, unread_too, kept()]).await,
        &[
            "failed to read what store \"Oslo\" was told: access denied: AccessDeniedException: why not",
            "failed to find the upload 2026-11-02T06:30:00.000Z/0065 of store \"Oslo\": access denied: \
             AccessDeniedException: why not",
        ],
    );
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_holds_up_nothing() {
    let unkept = mock!(DynamoDb::put_item).sequence().http_status(400, Some(DENIED.to_owned())).build();
    let no_upload = mock!(DynamoDb::get_item)
        .then_output(|| aws_sdk_dynamodb::operation::get_item::GetItemOutput::builder().build());
    expect_warnings(
        &check(&[nothing_told(), no_upload, unkept]).await,
        &["failed to keep that store \"Oslo\" was told: access denied: AccessDeniedException: why not"],
    );
}
