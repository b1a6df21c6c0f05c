use std::collections::BTreeMap;
use std::time::Duration;

use aws_lambda_events::event::s3::S3Event;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use futures_util::stream::{self, StreamExt};
use inventory_core::levels::StoreLevels;
use inventory_core::reader::{Layout, Limits, Warning};
use inventory_core::receipt::{Preview, Rejects};
use inventory_core::{Levels, Policy, Receipt, Refusal, Reject, Row, Store, Version};
use jiff::Timestamp;

use crate::deadline::Deadline;
use crate::error::Error;
use crate::files::{Files, said_layout};
use crate::inventory::{Inventory, OfStore};
use crate::progress::{Listener, Meter, Progress, Usage};
use crate::rebase::{Rebased, rebase};
use crate::receipts::{Entry, REJECTS_KEPT, Receipts};
use crate::reports::{Report, Reporting, Reports};
use crate::stores::{Claim, Stores};
use crate::tables::Tables;
use crate::upload::Upload;

/// How many stores of one file are dealt with at once.
const STORES_IN_FLIGHT: usize = 16;
/// How many warnings are kept with their text.
const WARNINGS_KEPT: usize = 50;
/// How long a load may take where nobody says otherwise.
const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Reads uploads from S3 and puts their levels into the tables.
///
/// # Example
///
/// ```no_run
/// # use aws_lambda_events::event::s3::S3Event;
/// # use inventory_aws::Error;
/// use aws_sdk_dynamodb::Client as DynamoDb;
/// use aws_sdk_s3::Client as S3;
/// use inventory_aws::{Loader, Tables};
///
/// # async fn example(s3: S3, dynamodb: DynamoDb, event: S3Event) -> Result<(), Error> {
/// let loader = Loader::new(s3, dynamodb, Tables::default());
/// for loaded in loader.handle(&event).await? {
///     println!("{}: {:?}", loaded.upload.key, loaded.outcome);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Loader {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) tables: Tables,
    limits: Limits,
    pub(crate) policy: Policy,
    listener: Listener,
    deadline: Option<Timestamp>,
    pub(crate) reporting: Reporting,
}

/// What became of an upload.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Loaded {
    /// The upload.
    pub upload: Upload,
    /// Its place among the uploads of its stores.
    pub version: Version,
    /// What was done with it.
    pub outcome: Outcome,
    /// What DynamoDB charges for it.
    pub usage: Usage,
}

/// What was done with an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Its good rows are in the table, or would be after a dry run.
    #[non_exhaustive]
    Applied {
        /// How it was understood.
        layout: Box<Layout>,
        /// What it did to each store, by the store's name; last, without a
        /// store, the rows of which nobody can tell whose they are, if any.
        receipts: Vec<StoreReceipt>,
        /// The first bad rows of each store; the receipts count all.
        rejects: Vec<Reject>,
        /// What is odd about its first good rows that are.
        warnings: Vec<Warning>,
    },
    /// Nothing of it counts, and a retry would not help.
    Refused(Reason),
}

/// What an upload did to one store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreReceipt {
    /// The store; none for rows of which nobody can tell whose they are.
    pub store: Option<Store>,
    /// Its counts.
    pub receipt: Receipt,
    /// The newest of the uploads that said something else of some of its rows.
    pub superseded_by: Option<Version>,
    /// Of a dry run, what would change; nothing was written then.
    pub preview: Option<Preview>,
}

impl StoreReceipt {
    pub(crate) fn new(store: Option<Store>, receipt: Receipt) -> StoreReceipt {
        StoreReceipt { store, receipt, superseded_by: None, preview: None }
    }

    /// The outcome in a word: "applied" if something was written, "superseded"
    /// if newer uploads had said something else of every item, "unchanged"
    /// otherwise, or "dry-run".
    pub fn outcome(&self) -> &'static str {
        let Receipt { written, superseded, .. } = self.receipt;
        match (&self.preview, written, superseded) {
            (Some(_), ..) => "dry-run",
            (None, 1.., _) => "applied",
            (None, 0, 1..) if superseded == self.receipt.levels() => "superseded",
            (None, 0, _) => "unchanged",
        }
    }

    pub(crate) fn superseded(&mut self, by: Version) {
        self.receipt.superseded += 1;
        self.superseded_by = self.superseded_by.take().max(Some(by));
    }
}

/// Why an upload was refused whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The file was not understood.
    File(Refusal),
    /// The metadata `as-of` is no time, or is later than the upload itself.
    AsOf(String),
    /// The metadata `mode` is none that is known.
    Mode(String),
    /// The metadata `layout` is no layout in JSON.
    Layout(String),
    /// The key is under `stores/` but names no store there.
    Key,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::File(refusal) => write!(f, "{refusal}"),
            Reason::AsOf(text) => write!(
                f,
                "the metadata \"as-of\" is {text:?}, which is no time before the upload such as 2026-11-02T06:00:00Z"
            ),
            Reason::Mode(text) => {
                write!(f, "the metadata \"mode\" is {text:?}; leave it out, or say dry-run")
            }
            Reason::Layout(error) => write!(
                f,
                "the metadata \"layout\" is no layout in JSON such as {{\"item\": 1, \"count\": 2}}: {error}"
            ),
            Reason::Key => {
                write!(f, "the key starts with stores/ and names no store; use stores/<store>/<file>")
            }
        }
    }
}

impl Loader {
    /// A loader over these clients and tables, with the default limits.
    pub fn new(s3: aws_sdk_s3::Client, dynamodb: aws_sdk_dynamodb::Client, tables: Tables) -> Loader {
        Loader {
            s3,
            dynamodb,
            tables,
            limits: Limits::default(),
            policy: Policy::default(),
            listener: Listener::default(),
            deadline: None,
            reporting: Reporting::default(),
        }
    }

    /// The same loader with other limits on a file.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Loader {
        Loader { limits, ..self }
    }

    /// The same loader with another policy, which has to be the checker's too:
    /// the loader keeps in each row what the checker goes by.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Loader {
        Loader { policy, ..self }
    }

    /// The same loader, which tells how far it came: after each chunk of a file
    /// and each batch of rows.
    #[must_use]
    pub fn with_progress(self, tell: impl Fn(Progress) + Send + Sync + 'static) -> Loader {
        Loader { listener: Listener::new(tell), ..self }
    }

    /// The same loader, which must be done at a time: it stops a little before,
    /// and loading again goes on from there. Without one it takes 15 minutes
    /// for an upload at most.
    #[must_use]
    pub fn with_deadline(self, deadline: Timestamp) -> Loader {
        Loader { deadline: Some(deadline), ..self }
    }

    /// Loads each new object that an S3 event tells of.
    ///
    /// # Errors
    ///
    /// The first error, after every object was tried. Loading an object again
    /// changes nothing that is right already, so the whole event may be
    /// delivered again.
    pub async fn handle(&self, event: &S3Event) -> Result<Vec<Loaded>, Error> {
        let mut loaded = Vec::new();
        let mut failed = None;
        for record in &event.records {
            let result = match Upload::from_event(record) {
                Ok(Some(upload)) => self.load(&upload).await,
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            match result {
                Ok(done) => loaded.push(done),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(loaded),
        }
    }

    /// Loads one upload: reads it whole, and for each store that it names
    /// writes what differs.
    ///
    /// # Errors
    ///
    /// If a service fails or time runs out; what was written until then is
    /// right, and loading the upload again goes on from there. Each store is
    /// dealt with by itself, and the error is that of the first that failed.
    /// A file that is not understood is no error but [`Outcome::Refused`].
    pub async fn load(&self, upload: &Upload) -> Result<Loaded, Error> {
        let now = Timestamp::now();
        let deadline = self.deadline.or(now.checked_add(TIME_LIMIT).ok()).unwrap_or(Timestamp::MAX);
        let load = Load {
            loader: self,
            upload,
            meter: Meter::new(&self.listener),
            deadline: Deadline::new(now, deadline),
        };
        let (version, outcome) = load.run().await?;
        Ok(Loaded { upload: upload.clone(), version, outcome, usage: load.meter.usage() })
    }
}

/// The loading of one upload.
struct Load<'a> {
    loader: &'a Loader,
    upload: &'a Upload,
    meter: Meter<'a>,
    deadline: Deadline,
}

impl Load<'_> {
    async fn run(&self) -> Result<(Version, Outcome), Error> {
        let plain = self.upload.version(None);
        let opened = self.files().open(&self.upload.object()).await;
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => return Err(self.failed(&plain, self.upload.scope(), error).await),
        };
        let asked = match Asked::of(self.upload, &opened) {
            Ok(asked) => asked,
            Err(reason) => return self.refused(plain, reason, Mode::said(&opened)).await,
        };
        let version = self.upload.version(asked.as_of);
        let file = match self.read(opened).await {
            Ok(Ok(file)) => file,
            Ok(Err(refusal)) => return self.refused(version, Reason::File(refusal), asked.mode).await,
            Err(error) => return Err(self.failed(&version, self.upload.scope(), error).await),
        };
        let outcome = self.outcome(&version, file, asked.mode).await?;
        Ok((version, outcome))
    }

    /// Reads a file as it arrives; keeps its levels and its first rejects.
    async fn read(&self, opened: GetObjectOutput) -> Result<Result<File, Refusal>, Error> {
        let mut file = Collected::default();
        let read = self.files().read_opened(&self.upload.object(), opened, |row| file.push(row)).await?;
        Ok(read.map(|layout| file.understood_as(layout)))
    }

    async fn outcome(&self, version: &Version, file: File, mode: Mode) -> Result<Outcome, Error> {
        let File { layout, levels, rejects, warnings } = file;
        let file = Applying { version, levels: &levels, rejects: &rejects, warnings: &warnings };
        let mut receipts = match mode {
            Mode::Apply => self.apply(&file).await?,
            Mode::DryRun => self.preview(&file).await?,
        };
        let nobodys = levels.unattributed();
        if nobodys > 0 || receipts.is_empty() {
            let store = self.upload.scope().filter(|_| nobodys == 0);
            let receipt = StoreReceipt::new(store, Receipt::rejected_only(nobodys));
            self.reports().keep_and_tell(Report::of(self.upload, &file, &receipt)).await?;
            receipts.push(receipt);
        }
        let rejects = rejects.first(REJECTS_KEPT);
        Ok(Outcome::Applied { layout: Box::new(layout), receipts, rejects, warnings })
    }

    /// Takes each store through its turnstile. All are claimed before any is
    /// worked on, so that newer uploads' files are read once for all of them.
    async fn apply(&self, file: &Applying<'_>) -> Result<Vec<StoreReceipt>, Error> {
        let claims = self.claim_all(file).await?;
        let rebased = match rebase(&self.files(), file.version, file.levels, &claims).await {
            Ok(rebased) => rebased,
            Err(error) => {
                self.leave_all(&claims).await;
                return Err(self.failed(file.version, self.upload.scope(), error).await);
            }
        };
        let turns = side_by_side(claims.iter().map(|claim| self.turn(file, claim, &rebased)));
        let turns: Result<Vec<StoreReceipt>, Error> = turns.await.into_iter().collect();
        let empty = file.levels.stores().filter(|(_, levels)| levels.is_empty());
        let empty = side_by_side(empty.map(|(store, levels)| self.turn_away(file, store, levels)));
        let empty: Result<Vec<StoreReceipt>, Error> = empty.await.into_iter().collect();
        let mut receipts = turns?;
        receipts.extend(empty?);
        receipts.sort_by(|a, b| a.store.cmp(&b.store));
        Ok(receipts)
    }

    /// Keeps the receipt of a store of which every row was bad. It may be no
    /// store at all but a total at the end of the file, so that it is neither
    /// claimed nor shown.
    async fn turn_away(
        &self,
        file: &Applying<'_>,
        store: &Store,
        levels: &StoreLevels,
    ) -> Result<StoreReceipt, Error> {
        let receipt = StoreReceipt::new(Some(store.clone()), Receipt::of(levels));
        self.reports().keep_and_tell(Report::of(self.upload, file, &receipt)).await?;
        Ok(receipt)
    }

    async fn claim_all(&self, file: &Applying<'_>) -> Result<Vec<Claim>, Error> {
        let stores = self.stores();
        let named = file.levels.stores().filter(|(_, levels)| !levels.is_empty());
        let named = named.map(|(store, _)| store);
        let claims =
            side_by_side(named.map(|store| stores.claim(store, self.upload, file.version, self.deadline)));
        let (mut inside, mut failed) = (Vec::new(), None);
        for claim in claims.await {
            match claim {
                Ok(claim) => inside.push(claim),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            None => Ok(inside),
            Some(error) => {
                self.leave_all(&inside).await;
                Err(self.failed(file.version, self.upload.scope(), error).await)
            }
        }
    }

    async fn leave_all(&self, claims: &[Claim]) {
        let stores = self.stores();
        // One that cannot leave is inside until its deadline, which costs
        // others writes and nothing else.
        side_by_side(claims.iter().map(|claim| stores.leave(claim, None, None))).await;
    }

    /// One store: works on its rows, keeps the receipt, leaves, tells.
    async fn turn(
        &self,
        file: &Applying<'_>,
        claim: &Claim,
        rebased: &BTreeMap<Store, Rebased>,
    ) -> Result<StoreReceipt, Error> {
        let (receipt, read_units) = match self.work(file, claim, rebased).await {
            Ok(done) => done,
            Err(error) => {
                // What may still take effect must not do so behind the back of
                // those who believe that it left.
                if !error.is_unsettled() {
                    self.leave_all(std::slice::from_ref(claim)).await;
                }
                return Err(self.failed(file.version, Some(claim.store.clone()), error).await);
            }
        };
        let mut report = Report::of(self.upload, file, &receipt);
        if let Err(error) = self.reports().keep(&mut report).await {
            self.leave_all(std::slice::from_ref(claim)).await;
            return Err(error);
        }
        self.stores().leave(claim, read_units, Some(&report.entry)).await?;
        // A topic out of reach keeps nobody inside.
        self.reports().tell(&report).await?;
        Ok(receipt)
    }

    async fn work(
        &self,
        file: &Applying<'_>,
        claim: &Claim,
        rebased: &BTreeMap<Store, Rebased>,
    ) -> Result<(StoreReceipt, Option<f64>), Error> {
        let none = StoreLevels::default();
        let levels = file.levels.store(claim.store.as_str()).unwrap_or(&none);
        // Delivered again after newer uploads: nothing is left to do.
        let is_late = claim.passage.outdated.is_some() || !claim.passage.newer.is_empty();
        if is_late && let Some(receipt) = self.receipts().finished(&claim.store, file.version).await? {
            return Ok((receipt, None));
        }
        if let Some(newest) = &claim.passage.outdated {
            let mut receipt = StoreReceipt::new(Some(claim.store.clone()), Receipt::of(levels));
            receipt.receipt.superseded = levels.len() as u64;
            receipt.superseded_by = Some(newest.clone());
            return Ok((receipt, None));
        }
        let of = OfStore {
            store: &claim.store,
            version: file.version,
            levels,
            columns: file.levels.columns(),
            rebased: rebased.get(&claim.store),
            may_skip: claim.passage.may_skip,
            read_units: claim.read_units,
        };
        let applied = self.inventory().apply(&of).await?;
        Ok((applied.receipt, applied.read_units))
    }

    async fn preview(&self, file: &Applying<'_>) -> Result<Vec<StoreReceipt>, Error> {
        let stores = file.levels.stores();
        let previews = side_by_side(stores.map(|(store, levels)| self.preview_store(file, store, levels)));
        previews.await.into_iter().collect()
    }

    /// What would change of one store, by what is there now.
    async fn preview_store(
        &self,
        file: &Applying<'_>,
        store: &Store,
        levels: &StoreLevels,
    ) -> Result<StoreReceipt, Error> {
        let of = OfStore {
            store,
            version: file.version,
            levels,
            columns: file.levels.columns(),
            rebased: None,
            may_skip: true,
            read_units: None,
        };
        let receipt = self.inventory().preview(&of).await?;
        self.reports().keep_and_tell(Report::of(self.upload, file, &receipt)).await?;
        Ok(receipt)
    }

    async fn refused(
        &self,
        version: Version,
        reason: Reason,
        mode: Mode,
    ) -> Result<(Version, Outcome), Error> {
        let store = self.upload.scope();
        let is_dry = matches!(mode, Mode::DryRun);
        let mut report = Report::refused(self.upload, &version, store.as_ref(), reason.to_string(), is_dry);
        self.reports().keep(&mut report).await?;
        if let (Some(store), false) = (&store, is_dry) {
            self.stores().show(store, &report.entry).await?;
        }
        self.reports().tell(&report).await?;
        drop(report);
        Ok((version, Outcome::Refused(reason)))
    }

    /// Keeps a failure where it can be kept; the error is what counts.
    async fn failed(&self, version: &Version, store: Option<Store>, error: Error) -> Error {
        let entry = Entry::failed(self.upload, version, store.as_ref(), &error);
        let _ = self.receipts().keep(&entry).await;
        error
    }

    fn files(&self) -> Files<'_> {
        let Loader { s3, limits, listener, .. } = self.loader;
        Files { client: s3, limits: *limits, listener, deadline: self.deadline }
    }

    fn stores(&self) -> Stores<'_> {
        let Loader { dynamodb, tables, .. } = self.loader;
        Stores { client: dynamodb, table: &tables.stores, meter: &self.meter }
    }

    fn inventory(&self) -> Inventory<'_> {
        let Loader { dynamodb, tables, policy, .. } = self.loader;
        Inventory {
            client: dynamodb,
            table: &tables.inventory,
            policy,
            meter: &self.meter,
            deadline: self.deadline,
        }
    }

    fn reports(&self) -> Reports<'_> {
        Reports { loader: self.loader, meter: &self.meter }
    }

    fn receipts(&self) -> Receipts<'_> {
        let Loader { dynamodb, tables, .. } = self.loader;
        Receipts { client: dynamodb, table: &tables.uploads, meter: &self.meter }
    }
}

/// Work on several stores, a bounded number at once, in their order.
async fn side_by_side<F: Future>(stores: impl Iterator<Item = F>) -> Vec<F::Output> {
    // Collected, because a future that holds the iterator is no `Send`.
    let stores: Vec<F> = stores.collect();
    stream::iter(stores).buffered(STORES_IN_FLIGHT).collect().await
}

/// A file that is to be applied.
pub(crate) struct Applying<'a> {
    pub(crate) version: &'a Version,
    pub(crate) levels: &'a Levels,
    pub(crate) rejects: &'a Rejects,
    pub(crate) warnings: &'a [Warning],
}

/// A file, read.
struct File {
    layout: Layout,
    levels: Levels,
    rejects: Rejects,
    warnings: Vec<Warning>,
}

/// What is kept of a file while it is read.
#[derive(Default)]
struct Collected {
    levels: Levels,
    rejects: Rejects,
    warnings: Vec<Warning>,
}

impl Collected {
    fn push(&mut self, row: Row<'_>) {
        self.levels.push(&row);
        match row {
            Row::Reject(reject) => self.rejects.push(reject),
            Row::Record(record) if self.warnings.len() < WARNINGS_KEPT => {
                self.warnings.extend(record.warnings);
            }
            _ => {}
        }
    }

    fn understood_as(mut self, layout: Layout) -> File {
        self.levels.set_columns(layout.optional_columns());
        File { layout, levels: self.levels, rejects: self.rejects, warnings: self.warnings }
    }
}

/// What the uploader asks for in the object's metadata.
struct Asked {
    as_of: Option<Timestamp>,
    mode: Mode,
}

/// What is to be done with a file.
#[derive(Clone, Copy)]
enum Mode {
    Apply,
    /// Say what would change, and change nothing.
    DryRun,
}

impl Mode {
    /// What is asked for, even where something else of it makes no sense.
    fn said(opened: &GetObjectOutput) -> Mode {
        let said = opened.metadata.as_ref().and_then(|metadata| metadata.get("mode"));
        if said.is_some_and(|mode| mode.trim() == "dry-run") { Mode::DryRun } else { Mode::Apply }
    }
}

impl Asked {
    fn of(upload: &Upload, opened: &GetObjectOutput) -> Result<Asked, Reason> {
        if upload.is_misplaced() {
            return Err(Reason::Key);
        }
        let metadata = |name: &str| opened.metadata.as_ref()?.get(name).map(String::as_str);
        let mode = match metadata("mode").map(str::trim) {
            None | Some("") => Mode::Apply,
            Some("dry-run") => Mode::DryRun,
            Some(other) => return Err(Reason::Mode(other.to_owned())),
        };
        said_layout(opened).map_err(|error| Reason::Layout(error.to_string()))?;
        Ok(Asked { as_of: metadata("as-of").map(|text| counted_at(text, upload)).transpose()?, mode })
    }
}

/// The time that an upload says its stock was counted at. One that is later
/// than the upload would outdate every upload until then.
fn counted_at(text: &str, upload: &Upload) -> Result<Timestamp, Reason> {
    match text.trim().parse::<Timestamp>() {
        Ok(time) if time <= upload.time => Ok(time),
        _ => Err(Reason::AsOf(text.to_owned())),
    }
}
