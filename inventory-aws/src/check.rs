use std::collections::{BTreeMap, HashMap, HashSet};

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::FutureExt;
use futures_util::stream::{self, StreamExt};
use inventory_core::{
    Change, Item as ItemCode, Latch, Level, Notice, Policy, Store, Version, net, notices, transitions,
};
use serde_dynamo::Item;

use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::row;
use crate::tables::attribute::{KEY, STORE, VERSION};
use crate::topic::Publish;

/// How many notices are published before it is kept that they were: as many
/// as one request of SNS takes, and as many as a crash may make come twice.
const AT_ONCE: usize = 10;
/// How many stores are looked up at once.
const LOOK_UPS: usize = 8;
/// Of how many of a notice's uploads the keys are looked up.
const FILES: usize = 3;

/// Follows the inventory table's stream and publishes notices.
///
/// # Example
///
/// ```no_run
/// # async fn example(
/// #     sns: aws_sdk_sns::Client,
/// #     dynamodb: aws_sdk_dynamodb::Client,
/// #     event: aws_lambda_events::event::dynamodb::Event,
/// # ) {
/// use inventory_aws::{Checker, Topic};
///
/// let topic = Topic::new(sns, "arn:aws:sns:eu-north-1:123456789012:stock");
/// let checker = Checker::new(topic).with_ledger(dynamodb, "Notices");
/// let checked = checker.check(&event).await;
/// assert!(checked.failed.is_none());
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Checker<P> {
    publisher: P,
    policy: Policy,
    dashboard: Option<Box<str>>,
    ledger: Option<Ledger>,
    uploads: Option<Uploads>,
}

/// What became of a batch of stream records.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Checked {
    /// The notices that were published.
    pub published: Vec<Notice>,
    /// How many changes were told of before, so that they were left out.
    pub told_before: usize,
    /// What went wrong without holding up a notice: the ledger or the uploads
    /// could not be read or written. A notice may come twice, or without the
    /// name of its file.
    pub warnings: Vec<Error>,
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
    /// A checker that publishes there, with the default policy.
    pub fn new(publisher: P) -> Checker<P> {
        Checker { publisher, policy: Policy::default(), dashboard: None, ledger: None, uploads: None }
    }

    /// The same checker with another policy. It has to be the loader's too,
    /// which keeps the latch of the recovery margin.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Checker<P> {
        Checker { policy, ..self }
    }

    /// The same checker, whose notices say where all of the stock can be seen.
    #[must_use]
    pub fn with_dashboard(self, address: impl Into<Box<str>>) -> Checker<P> {
        Checker { dashboard: Some(address.into()), ..self }
    }

    /// The same checker, which keeps in a table what it told, and tells nobody
    /// of a stream record again that is delivered again.
    ///
    /// A notice still comes twice if the checker ends after the notice is
    /// accepted and before that is kept, or if the table cannot be reached. It
    /// is never lost: what is not kept is told.
    #[must_use]
    pub fn with_ledger(self, client: Client, table: impl Into<String>) -> Checker<P> {
        Checker { ledger: Some(Ledger::new(client, table.into())), ..self }
    }

    /// The same checker, whose notices name the files that they come from, as
    /// far as the table of uploads has them.
    #[must_use]
    pub fn with_uploads(self, client: Client, table: impl Into<String>) -> Checker<P> {
        Checker { uploads: Some(Uploads { client, table: table.into() }), ..self }
    }

    /// Publishes one notice for each store whose items the records sold out,
    /// ran low or brought back, as the records leave them; one that is too
    /// long for a message in parts.
    ///
    /// Stops at the first record that cannot be read, or whose notice is not
    /// accepted: what is before it is done, and what is after it waits.
    pub async fn check(&self, event: &Event) -> Checked {
        let mut checked = Checked::default();
        let stores = changes_by_store(event, &mut checked);
        // Boxed, because the types of the SDK's requests would be too deep for
        // the compiler in the functions that are built on this one.
        let digests = stream::iter(stores).map(|store| self.digest(store).boxed());
        let digests: Vec<Digest> = digests.buffered(LOOK_UPS).collect().await;
        let mut pending = Vec::new();
        for digest in digests {
            checked.told_before += digest.told_before;
            checked.warnings.extend(digest.warnings);
            pending.extend(digest.pending);
        }
        let mut pending = pending.into_iter();
        while pending.len() > 0 {
            let some: Vec<Pending> = pending.by_ref().take(AT_ONCE).collect();
            if let Some((first, error)) = self.publish(some, &mut checked).boxed().await {
                checked.failed = event.records.get(first).map(|record| failed(record, error));
                break;
            }
        }
        checked
    }

    /// What is to be told of a store that was not told before.
    async fn digest(&self, mut store: StoreChanges) -> Digest {
        let mut digest = Digest::default();
        if self.notice(&store.changes).is_none() {
            return digest;
        }
        let told = match &self.ledger {
            Some(ledger) => ledger.told(&store.store).await,
            None => Ok(HashSet::new()),
        };
        let told = digest.warn(told);
        let before = store.changes.len();
        store.changes.retain(|change| !told.contains(cause(change)));
        digest.told_before = before - store.changes.len();
        let Some(mut notice) = self.notice(&store.changes) else {
            return digest;
        };
        notice.dashboard.clone_from(&self.dashboard);
        if let Some(uploads) = &self.uploads {
            notice.files = digest.warn(uploads.files(&notice).await);
        }
        let parts = notice.split(|part| self.publisher.fits(part));
        digest.pending = pending(parts, &store);
        digest
    }

    fn notice(&self, changes: &[Change]) -> Option<Notice> {
        let happened = transitions(net(changes.iter().cloned()), &self.policy);
        notices(happened, &self.policy).pop()
    }

    /// Publishes notices and keeps which were accepted. Gives the place of the
    /// first record whose notice was not, and why.
    async fn publish(&self, pending: Vec<Pending>, checked: &mut Checked) -> Option<(usize, Error)> {
        let (notices, rest): (Vec<Notice>, Vec<_>) =
            pending.into_iter().map(|pending| (pending.notice, (pending.first, pending.causes))).unzip();
        let mut results = self.publisher.publish(&notices).await.into_iter();
        let mut failed = None;
        for (notice, (first, causes)) in notices.into_iter().zip(rest) {
            let unanswered = || Err(Error::new(ErrorKind::Unavailable, "publish a notice"));
            match results.next().unwrap_or_else(unanswered) {
                Ok(()) => {
                    if let Some(ledger) = &self.ledger {
                        checked.warnings.extend(ledger.keep(&notice, causes).await.err());
                    }
                    checked.published.push(notice);
                }
                Err(error) => failed = failed.or(Some((first, error))),
            }
        }
        failed
    }
}

/// The changes of one store, in their order.
struct StoreChanges {
    store: Store,
    /// The place of its first record in the batch.
    first: usize,
    changes: Vec<Change>,
}

/// What is to be told of a store.
#[derive(Default)]
struct Digest {
    pending: Vec<Pending>,
    told_before: usize,
    warnings: Vec<Error>,
}

impl Digest {
    /// What was looked up, or nothing and a warning.
    fn warn<T: Default>(&mut self, looked_up: Result<T, Error>) -> T {
        looked_up.unwrap_or_else(|error| {
            self.warnings.push(error);
            T::default()
        })
    }
}

/// A notice that is to be published.
struct Pending {
    notice: Notice,
    /// The place of its store's first record in the batch.
    first: usize,
    /// The sequence numbers of the records that it tells of.
    causes: Vec<String>,
}

/// Reads records until one cannot be read, which is kept as the failure. The
/// stores are in the order of their first records.
fn changes_by_store(event: &Event, checked: &mut Checked) -> Vec<StoreChanges> {
    let mut places: HashMap<Store, usize> = HashMap::new();
    let mut stores: Vec<StoreChanges> = Vec::new();
    for (first, record) in event.records.iter().enumerate() {
        let change = match change(record) {
            Ok(Some(change)) => change,
            Ok(None) => continue,
            Err(error) => {
                checked.failed = Some(failed(record, error));
                break;
            }
        };
        let place = *places.entry(change.store.clone()).or_insert(stores.len());
        if place == stores.len() {
            stores.push(StoreChanges { store: change.store.clone(), first, changes: Vec::new() });
        }
        if let Some(store) = stores.get_mut(place) {
            store.changes.push(change);
        }
    }
    stores
}

/// The parts of a notice, each with the records of its items. The first has
/// those too of items to which nothing happened in the end.
fn pending(parts: Vec<Notice>, store: &StoreChanges) -> Vec<Pending> {
    let mut part_of: HashMap<&ItemCode, usize> = HashMap::new();
    for (at, part) in parts.iter().enumerate() {
        part_of.extend(part.transitions().map(|transition| (&transition.change.item, at)));
    }
    let mut causes = vec![Vec::new(); parts.len()];
    for change in &store.changes {
        let part = part_of.get(&change.item).copied().unwrap_or(0);
        if let Some(causes) = causes.get_mut(part) {
            causes.push(cause(change).to_owned());
        }
    }
    let parts = parts.into_iter().zip(causes);
    parts.map(|(notice, causes)| Pending { notice, first: store.first, causes }).collect()
}

fn cause(change: &Change) -> &str {
    change.cause.as_deref().unwrap_or_default()
}

fn failed(record: &EventRecord, error: Error) -> Failed {
    Failed { sequence_number: record.change.sequence_number.clone().unwrap_or_default(), error }
}

/// The change that a record tells of; `None` if the level is the same, as when
/// another attribute changed.
fn change(record: &EventRecord) -> Result<Option<Change>, Error> {
    let (old, new) = (&record.change.old_image, &record.change.new_image);
    let (store, item) = row::key(&record.change.keys)?;
    // What nobody could read nobody was told of: mending such a row is its
    // beginning.
    let before = image(old).unwrap_or(None);
    let after = image(new)?;
    let Some(mut change) = Change::between(&store, &item, before, after) else {
        return Ok(None);
    };
    change.latch = Some(Latch { before: row::latch(old), after: row::latch(new) });
    change.version = row::version(new);
    Ok(Some(change.caused_by(record.change.sequence_number.clone().unwrap_or_default())))
}

fn image(row: &Item) -> Result<Option<Level>, Error> {
    if row.is_empty() { Ok(None) } else { row::level(row).map(Some) }
}

/// The table of uploads.
#[derive(Clone, Debug)]
struct Uploads {
    client: Client,
    table: String,
}

impl Uploads {
    /// The keys of a notice's newest uploads, of those that have a receipt
    /// already.
    async fn files(&self, notice: &Notice) -> Result<BTreeMap<Version, Box<str>>, Error> {
        let mut files = BTreeMap::new();
        for version in notice.versions().into_iter().take(FILES) {
            let key = |text: &str| AttributeValue::S(text.to_owned());
            let get = self.client.get_item().table_name(&self.table);
            let get = get.key(STORE, key(notice.store.as_str())).key(VERSION, key(version.as_str()));
            let get = get.projection_expression("#Key").expression_attribute_names("#Key", KEY);
            let doing = || format!("find the upload {version} of store {:?}", notice.store.as_str());
            let found = get.send().await.map_err(|error| Error::of_service(doing(), error))?;
            if let Some(AttributeValue::S(key)) = found.item.unwrap_or_default().remove(KEY) {
                files.insert(version.clone(), key.into());
            }
        }
        Ok(files)
    }
}
