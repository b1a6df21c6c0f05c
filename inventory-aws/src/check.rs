use std::collections::HashMap;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use inventory_core::{Change, Level, Notice, Policy, Store, net, notices, transitions};
use serde_dynamo::Item;

use crate::error::{Error, ErrorKind};
use crate::row;
use crate::topic::Publish;

/// Follows the inventory table's stream and publishes notices.
///
/// # Example
///
/// ```no_run
/// # async fn example(sns: aws_sdk_sns::Client, event: aws_lambda_events::event::dynamodb::Event) {
/// use inventory_aws::{Checker, Topic};
///
/// let checker = Checker::new(Topic::new(sns, "arn:aws:sns:eu-north-1:123456789012:stock"));
/// let checked = checker.check(&event).await;
/// assert!(checked.failed.is_none());
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Checker<P> {
    publisher: P,
}

/// What became of a batch of stream records.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Checked {
    /// The notices that were published.
    pub published: Vec<Notice>,
    /// The first record that was not dealt with, and why: it and all after it
    /// have to be delivered again.
    pub failed: Option<Failed>,
}

/// A record that was not dealt with.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failed {
    /// The record's sequence number.
    pub sequence_number: String,
    /// Why.
    pub error: Error,
}

impl Checked {
    /// The answer that Lambda's event source mapping understands.
    pub fn response(&self) -> DynamoDbEventResponse {
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures.extend(self.failed.as_ref().map(|failed| {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(failed.sequence_number.clone());
            failure
        }));
        response
    }
}

impl<P: Publish> Checker<P> {
    /// A checker that publishes there.
    pub fn new(publisher: P) -> Checker<P> {
        Checker { publisher }
    }

    /// Publishes one notice for each store whose items the records sold out,
    /// ran low or brought back, as the records leave them.
    ///
    /// Stops at the first record that cannot be read, or whose notice is not
    /// accepted: what is before it is done, and what is after it waits.
    pub async fn check(&self, event: &Event) -> Checked {
        let mut checked = Checked::default();
        let mut changes = Vec::new();
        let mut first_of_store: HashMap<Store, usize> = HashMap::new();
        for (at, record) in event.records.iter().enumerate() {
            match change(record) {
                Ok(Some(change)) => {
                    first_of_store.entry(change.store.clone()).or_insert(at);
                    changes.push(change);
                }
                Ok(None) => {}
                Err(error) => {
                    checked.failed = Some(failed(record, error));
                    break;
                }
            }
        }
        let policy = Policy::default();
        let mut notices = notices(transitions(net(changes), &policy), &policy);
        notices.sort_by_key(|notice| first_of_store.get(&notice.store).copied());

        let results = self.publisher.publish(&notices).await;
        let mut results = results.into_iter();
        for notice in notices {
            let unanswered = || Err(Error::new(ErrorKind::Unavailable, "publish a notice"));
            match results.next().unwrap_or_else(unanswered) {
                Ok(()) => checked.published.push(notice),
                Err(error) => {
                    let at = first_of_store.get(&notice.store);
                    if let Some(record) = at.and_then(|&at| event.records.get(at)) {
                        checked.failed = Some(failed(record, error));
                    }
                    break;
                }
            }
        }
        checked
    }
}

fn failed(record: &EventRecord, error: Error) -> Failed {
    Failed { sequence_number: record.change.sequence_number.clone().unwrap_or_default(), error }
}

/// The change that a record tells of; `None` if the level is the same, as when
/// another attribute changed.
fn change(record: &EventRecord) -> Result<Option<Change>, Error> {
    let (store, item) = row::key(&record.change.keys)?;
    // What nobody could read nobody was told of: mending such a row is its
    // beginning.
    let before = image(&record.change.old_image).unwrap_or(None);
    let after = image(&record.change.new_image)?;
    let change = Change::between(&store, &item, before, after);
    Ok(change.map(|change| change.caused_by(record.change.sequence_number.clone().unwrap_or_default())))
}

fn image(row: &Item) -> Result<Option<Level>, Error> {
    if row.is_empty() { Ok(None) } else { row::level(row).map(Some) }
}
