use aws_sdk_sns::Client;
use aws_sdk_sns::error::BuildError;
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use inventory_core::notices::Severity;
use inventory_core::receipt::UploadReceipt;
use inventory_core::{Notice, Store, TransitionKind};
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};
use crate::receipts::NOBODY;

/// The most messages of one request.
const BATCH: usize = 10;
/// The most bytes of one request, all its messages together.
const BATCH_BYTES: usize = 256 * 1024;

/// Where notices go.
pub trait Publish: Send + Sync {
    /// Publishes notices, and says of each, in their order, whether it was
    /// accepted.
    fn publish(&self, notices: &[Notice]) -> impl Future<Output = Vec<Result<(), Error>>> + Send;

    /// Whether a notice is short enough to be published in one piece.
    fn fits(&self, _notice: &Notice) -> bool {
        true
    }
}

/// Where receipts go that stores have to know.
pub trait PublishReceipt: Send + Sync {
    /// Publishes a receipt, which is always short enough for one message.
    ///
    /// # Errors
    ///
    /// If it was not accepted; loading the upload fails then, and is tried
    /// again.
    fn publish_receipt(&self, receipt: &UploadReceipt<'_>) -> impl Future<Output = Result<(), Error>> + Send;
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
        match self.send(notices.iter().map(Message::of).collect()).await {
            Ok(results) => results,
            // Each of the messages failed as the request did.
            Err(error) => notices.iter().map(|_| Err(error.without_source())).collect(),
        }
    }

    async fn send(&self, messages: Vec<Message>) -> Result<Vec<Result<(), Error>>, Error> {
        let doing = || format!("publish to {}", self.arn);
        let unanswered = || Err(Error::new(ErrorKind::Unavailable, doing()));
        // What the answer does not speak of was not accepted.
        let mut results: Vec<_> = messages.iter().map(|_| unanswered()).collect();
        let entries: Result<Vec<_>, BuildError> =
            messages.into_iter().enumerate().map(|(at, message)| message.entry(at)).collect();
        let entries = entries.map_err(|error| Error::new(ErrorKind::Invalid, doing()).caused_by(error))?;
        let request = self.client.publish_batch().topic_arn(&self.arn);
        let sent = request.set_publish_batch_request_entries(Some(entries)).send().await;
        let answer = sent.map_err(|error| Error::of_service(doing(), error))?;

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

    fn fits(&self, notice: &Notice) -> bool {
        Message::of(notice).bytes() <= BATCH_BYTES
    }
}

impl PublishReceipt for Topic {
    async fn publish_receipt(&self, receipt: &UploadReceipt<'_>) -> Result<(), Error> {
        let results = self.send(vec![Message::of_receipt(receipt)]).await?;
        results.into_iter().collect()
    }
}

/// How many notices fit into one request: at least one.
fn fitting(notices: &[Notice]) -> usize {
    let mut bytes = 0;
    let fitting = notices.iter().take(BATCH).take_while(|notice| {
        bytes += Message::of(notice).bytes();
        bytes <= BATCH_BYTES
    });
    fitting.count().max(1)
}

/// A notice as SNS takes it.
struct Message {
    subject: String,
    /// The forms of it by protocol, as JSON: one for e-mail and one for SMS.
    /// All others get the document, which is there once for all of them.
    forms: String,
    attributes: [Attribute; 3],
}

/// What a subscription may filter by: a name, a data type and a value.
type Attribute = (&'static str, &'static str, String);

impl Message {
    fn of(notice: &Notice) -> Message {
        Message {
            subject: notice.subject(),
            forms: forms(&json!(notice.document()), &notice.text(), &notice.sms()),
            attributes: attributes(notice.store.as_str(), &json!(kinds(notice)), notice.severity()),
        }
    }

    /// A receipt of no store is told under the name that its entry has in the
    /// table of uploads.
    fn of_receipt(receipt: &UploadReceipt<'_>) -> Message {
        let store = receipt.store.map_or(NOBODY, Store::as_str);
        Message {
            subject: receipt.subject(),
            forms: forms(&json!(receipt.document()), &receipt.text(), &receipt.sms()),
            attributes: attributes(store, &json!(receipt.kinds()), receipt.severity()),
        }
    }

    /// What SNS counts, and the subject, of which it does not say whether it
    /// does.
    fn bytes(&self) -> usize {
        let attributes =
            self.attributes.iter().map(|(name, kind, value)| name.len() + kind.len() + value.len());
        self.subject.len() + self.forms.len() + attributes.sum::<usize>()
    }

    fn entry(self, id: usize) -> Result<PublishBatchRequestEntry, BuildError> {
        let entry = PublishBatchRequestEntry::builder().id(id.to_string()).subject(self.subject);
        let mut entry = entry.message(self.forms).message_structure("json");
        for (name, kind, value) in self.attributes {
            let value = MessageAttributeValue::builder().data_type(kind).string_value(value).build()?;
            entry = entry.message_attributes(name, value);
        }
        entry.build()
    }
}

fn forms(document: &Value, text: &str, sms: &str) -> String {
    json!({ "default": document.to_string(), "email": text, "sms": sms }).to_string()
}

fn attributes(store: &str, kinds: &Value, severity: Severity) -> [Attribute; 3] {
    [
        ("store", "String", printable(store)),
        ("kinds", "String.Array", kinds.to_string()),
        ("severity", "String", severity.as_str().to_owned()),
    ]
}

/// Characters that SNS takes.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c })
        .collect()
}

fn kinds(notice: &Notice) -> Vec<TransitionKind> {
    let mut kinds: Vec<TransitionKind> = notice.transitions().map(|transition| transition.kind).collect();
    kinds.dedup();
    kinds
}
