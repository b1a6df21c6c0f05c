use aws_sdk_sns::Client;
use aws_sdk_sns::error::BuildError;
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use inventory_core::{Notice, TransitionKind};
use serde_json::json;

use crate::error::{Error, ErrorKind};

/// The most messages of one request.
const BATCH: usize = 10;
/// The most bytes of one request, all its messages together.
const BATCH_BYTES: usize = 256 * 1024;

/// Where notices go.
pub trait Publish {
    /// Publishes notices, and says of each, in their order, whether it was
    /// accepted.
    fn publish(&self, notices: &[Notice]) -> impl Future<Output = Vec<Result<(), Error>>> + Send;
}

/// A topic of SNS, whose subscribers get e-mail, SMS or messages in a queue.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: String,
}

impl Topic {
    /// The topic with this ARN.
    pub fn new(client: Client, arn: impl Into<String>) -> Topic {
        Topic { client, arn: arn.into() }
    }

    /// Publishes what fits into one request.
    async fn publish_batch(&self, notices: &[Notice]) -> Vec<Result<(), Error>> {
        match self.send(notices).await {
            Ok(results) => results,
            // Each of the messages failed as the request did.
            Err(error) => notices.iter().map(|_| Err(error.without_source())).collect(),
        }
    }

    async fn send(&self, notices: &[Notice]) -> Result<Vec<Result<(), Error>>, Error> {
        let doing = || format!("publish to {}", self.arn);
        let entries: Result<Vec<_>, BuildError> =
            notices.iter().enumerate().map(|(at, notice)| entry(at, notice)).collect();
        let entries = entries.map_err(|error| Error::new(ErrorKind::Invalid, doing()).caused_by(error))?;
        let request = self.client.publish_batch().topic_arn(&self.arn);
        let sent = request.set_publish_batch_request_entries(Some(entries)).send().await;
        let answer = sent.map_err(|error| Error::of_service(doing(), error))?;

        // What the answer does not speak of was not accepted.
        let unanswered = || Err(Error::new(ErrorKind::Unavailable, doing()));
        let mut results: Vec<_> = notices.iter().map(|_| unanswered()).collect();
        let mut set = |id: Option<&str>, result| {
            let at = id.and_then(|id| id.parse::<usize>().ok());
            if let Some(place) = at.and_then(|at| results.get_mut(at)) {
                *place = result;
            }
        };
        for accepted in answer.successful() {
            set(accepted.id(), Ok(()));
        }
        for failed in answer.failed() {
            set(Some(failed.id()), Err(Error::of_part(doing(), failed.code(), failed.message())));
        }
        Ok(results)
    }
}

impl Publish for Topic {
    async fn publish(&self, notices: &[Notice]) -> Vec<Result<(), Error>> {
        let mut results = Vec::with_capacity(notices.len());
        let mut left = notices;
        while !left.is_empty() {
            let (batch, later) = left.split_at(fitting(left));
            results.extend(self.publish_batch(batch).await);
            left = later;
        }
        results
    }
}

/// How many notices fit into one request: at least one.
fn fitting(notices: &[Notice]) -> usize {
    let mut bytes = 0;
    let fitting = notices.iter().take(BATCH).take_while(|notice| {
        bytes += message(notice).len();
        bytes <= BATCH_BYTES
    });
    fitting.count().max(1)
}

/// One message: its text, a short form for SMS, and attributes that a
/// subscription may filter by.
fn entry(id: usize, notice: &Notice) -> Result<PublishBatchRequestEntry, BuildError> {
    let store = text("String", notice.store.as_str().to_owned())?;
    let kinds = text("String.Array", json!(kinds(notice)).to_string())?;
    PublishBatchRequestEntry::builder()
        .id(id.to_string())
        .subject(notice.subject())
        .message(message(notice))
        .message_structure("json")
        .message_attributes("store", store)
        .message_attributes("kinds", kinds)
        .build()
}

fn message(notice: &Notice) -> String {
    json!({ "default": notice.text(), "sms": notice.sms() }).to_string()
}

fn kinds(notice: &Notice) -> Vec<TransitionKind> {
    let mut kinds: Vec<TransitionKind> = notice.transitions().map(|transition| transition.kind).collect();
    kinds.dedup();
    kinds
}

fn text(data_type: &str, value: String) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder().data_type(data_type).string_value(value).build()
}
