use std::collections::BTreeMap;
use std::time::Duration;

use aws_lambda_events::event::s3::S3Event;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use futures_util::future::join;
use futures_util::stream::{self, StreamExt};
use inventory_core::levels::StoreLevels;
use inventory_core::policy::Guard;
use inventory_core::reader::{Layout, Limits, Warning};
use inventory_core::receipt::{Preview, Rejects};
use inventory_core::turnstile::Versions;
use inventory_core::{Levels, Policy, Quantity, Receipt, Refusal, Reject, Row, Store, Version};
use jiff::Timestamp;

use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::files::{Files, said_layout};
use crate::inventory::{Ahead, Inventory, OfStore, Size};
use crate::metadata::{Asked, Mode};
use crate::progress::{Listener, Meter, Progress, Usage};
use crate::rebase::{Rebased, Word, rebase};
use crate::receipts::{Entry, QUARANTINED, REJECTS_KEPT, Receipts};
use crate::reports::{Report, Reporting, Reports};
use crate::stores::{Claim, Needs, Stores};
use crate::tables::Tables;
use crate::upload::Upload;

/// How many stores of one file are dealt with at once.
const STORES_IN_FLIGHT: usize = 16;
/// From how many bytes on a file's store is read while the file is. About so
/// many are a row of it: where they come to more rows than the store has units
/// to read, all of it is read anyway.
const BYTES_AHEAD: u64 = 64 * 1024;
const ROW_BYTES: u64 = 64;
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
    /// Of a dry run or a quarantine, what would change; nothing was written
    /// then.
    pub preview: Option<Preview>,
    pub(crate) is_dry: bool,
}

impl StoreReceipt {
    pub(crate) fn new(store: Option<Store>, receipt: Receipt) -> StoreReceipt {
        StoreReceipt { store, receipt, superseded_by: None, preview: None, is_dry: false }
    }

    /// The outcome in a word: "applied" if something was written, "superseded"
    /// if newer uploads had said something else of every item, "quarantined" if
    /// it would have emptied the store, "unchanged" otherwise, or "dry-run".
    pub fn outcome(&self) -> &'static str {
        let Receipt { written, superseded, held, absent, .. } = self.receipt;
        match (held, written + absent, superseded) {
            _ if self.is_dry => "dry-run",
            (1.., ..) => QUARANTINED,
            (0, 1.., _) => "applied",
            (0, 0, 1..) if superseded == self.receipt.levels() => "superseded",
            (0, 0, _) => "unchanged",
        }
    }

    /// Why nothing was done, of a quarantine.
    pub(crate) fn reason(&self) -> Option<String> {
        let Preview { stocked, emptied, .. } = self.preview.filter(|_| self.receipt.held > 0)?;
        Some(format!("it would take {emptied} of the {stocked} items that there are any of to zero"))
    }

    /// The same of a dry run.
    pub(crate) fn dry(self) -> StoreReceipt {
        StoreReceipt { is_dry: true, ..self }
    }

    /// The same, held if a guard says so.
    pub(crate) fn guarded(mut self, guard: Guard) -> StoreReceipt {
        if !self.preview.is_some_and(|preview| guard.holds(preview.emptied, preview.stocked)) {
            return self;
        }
        let receipt = &mut self.receipt;
        receipt.held = receipt.levels();
        (receipt.written, receipt.unchanged, receipt.superseded, receipt.absent) = (0, 0, 0, 0);
        self.superseded_by = None;
        self
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
    /// The metadata `mode` asks to add quantities to those that are there.
    Adjust,
    /// The metadata `confirm` is neither yes nor no.
    Confirm(String),
    /// A snapshot has bad rows of which nobody can tell the item, so that
    /// nobody can tell which items it does not name.
    #[non_exhaustive]
    Snapshot {
        /// How many.
        nameless: u64,
        /// The line of the first.
        line: u64,
    },
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
                write!(f, "the metadata \"mode\" is {text:?}; leave it out, or say snapshot, dry-run or both")
            }
            Reason::Adjust => f.write_str(
                "the metadata \"mode\" is adjust, and quantities cannot be added exactly once; \
                 upload how much there is of each item instead",
            ),
            Reason::Confirm(text) => {
                write!(f, "the metadata \"confirm\" is {text:?}; leave it out, or say yes")
            }
            Reason::Snapshot { nameless, line } => write!(
                f,
                "the file is said to be a snapshot, and of {nameless} bad rows nobody can tell the item, \
                 first in line {line}; mend them, or leave out the metadata \"mode\""
            ),
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

impl std::error::Error for Reason {}

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
        // A future of futures many levels deep, of which whoever awaits this
        // one must not have to know.
        let (version, outcome) = Box::pin(load.run()).await?;
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
        let (understood, ahead) = join(self.understand(), self.read_ahead()).await;
        let (version, file, asked) = match understood? {
            Ok(understood) => understood,
            Err(refused) => return Ok(refused),
        };
        let outcome = self.outcome(&version, file, asked, ahead.as_ref()).await?;
        Ok((version, outcome))
    }

    /// Reads the file, unless it is refused.
    async fn understand(&self) -> Result<Result<(Version, File, Asked), (Version, Outcome)>, Error> {
        let plain = self.upload.version(None);
        let opened = self.files().open(&self.upload.object()).await;
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => return Err(self.failed(&plain, self.upload.scope(), error).await),
        };
        let asked = match self.asked(&opened) {
            Ok(asked) => asked,
            Err(reason) => return self.refused(plain, reason, Mode::said(&opened)).await.map(Err),
        };
        let version = self.upload.version(asked.as_of);
        let file = match self.read(opened).await {
            Ok(Ok(file)) => file,
            Ok(Err(refusal)) => {
                return self.refused(version, Reason::File(refusal), asked.mode).await.map(Err);
            }
            Err(error) => return Err(self.failed(&version, self.upload.scope(), error).await),
        };
        if let Some(reason) = file.no_snapshot().filter(|_| asked.mode.is_snapshot) {
            return self.refused(version, reason, asked.mode).await.map(Err);
        }
        Ok(Ok((version, file, asked)))
    }

    fn asked(&self, opened: &GetObjectOutput) -> Result<Asked, Reason> {
        let asked = Asked::of(self.upload, opened)?;
        said_layout(opened).map_err(|error| Reason::Layout(error.to_string()))?;
        Ok(asked)
    }

    /// Reads a file as it arrives; keeps its levels and its first rejects.
    async fn read(&self, opened: GetObjectOutput) -> Result<Result<File, Refusal>, Error> {
        let mut file = Collected::default();
        let read = self.files().read_opened(&self.upload.object(), opened, |row| file.push(row)).await?;
        Ok(read.map(|layout| file.understood_as(layout)))
    }

    /// The rows of the only store that a large file may speak of, while it is
    /// still on its way. What fails here is tried again in its turn.
    async fn read_ahead(&self) -> Option<Ahead> {
        let bytes = self.upload.size.filter(|bytes| *bytes >= BYTES_AHEAD)?;
        let store = self.upload.scope()?;
        let (look, size) = self.stores().look_ahead(&store).await.ok()??;
        #[expect(clippy::cast_precision_loss, reason = "a guess at a price")]
        let rows = (bytes / ROW_BYTES) as f64;
        if size.read_units > rows {
            return None;
        }
        self.inventory().read_ahead(&store, look).await.ok()
    }

    async fn outcome(
        &self,
        version: &Version,
        file: File,
        asked: Asked,
        ahead: Option<&Ahead>,
    ) -> Result<Outcome, Error> {
        let File { layout, levels, rejects, warnings, .. } = file;
        let versions = &Versions::of_file(version, levels.columns());
        let file = Applying {
            version,
            versions,
            levels: &levels,
            rejects: &rejects,
            warnings: &warnings,
            asked,
            ahead,
        };
        let mut receipts =
            if asked.mode.is_dry { self.preview(&file).await? } else { self.apply(&file).await? };
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
        let (claims, held) = self.claim_all(file).await?;
        let rebased = match self.rebase(file, &claims).await {
            Ok(rebased) => rebased,
            Err(error) => {
                self.leave_all(&claims).await;
                return Err(self.failed(file.version, self.upload.scope(), error).await);
            }
        };
        let turns = side_by_side(claims.into_iter().map(|claim| {
            let rebased = rebased.get(&claim.store);
            self.turn(file, claim, rebased)
        }));
        let turns: Result<Vec<StoreReceipt>, Error> = turns.await.into_iter().collect();
        let empty = file.levels.stores().filter(|(_, levels)| levels.is_empty());
        let empty = side_by_side(empty.map(|(store, levels)| self.turn_away(file, store, levels)));
        let empty: Result<Vec<StoreReceipt>, Error> = empty.await.into_iter().collect();
        let held = side_by_side(held.into_iter().map(|receipt| self.hold(file, receipt)));
        let held: Result<Vec<StoreReceipt>, Error> = held.await.into_iter().collect();
        let mut receipts = turns?;
        receipts.extend(empty?);
        receipts.extend(held?);
        receipts.sort_by(|a, b| a.store.cmp(&b.store));
        Ok(receipts)
    }

    /// Keeps the receipt of a store that the upload would have emptied, for
    /// its people to look at.
    async fn hold(&self, file: &Applying<'_>, receipt: StoreReceipt) -> Result<StoreReceipt, Error> {
        self.report(Report::of(self.upload, file, &receipt)).await?;
        Ok(receipt)
    }

    /// Keeps what became of an upload that never went in, shows it as its
    /// store's newest unless it was a dry run, and tells it.
    async fn report(&self, mut report: Report<'_>) -> Result<(), Error> {
        self.reports().keep(&mut report).await?;
        if let Some(store) = report.store.filter(|_| !report.is_dry) {
            self.stores().show(store, &report.entry).await?;
        }
        self.reports().tell(&report).await
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

    /// The claims of the stores that may be worked on, and what would become
    /// of those that may not.
    async fn claim_all(&self, file: &Applying<'_>) -> Result<(Vec<Claim>, Vec<StoreReceipt>), Error> {
        let named = file.levels.stores().filter(|(_, levels)| !levels.is_empty());
        let claims = side_by_side(named.map(|(store, levels)| self.claim(file, store, levels)));
        let (mut inside, mut held, mut failed) = (Vec::new(), Vec::new(), None);
        for claim in claims.await {
            match claim {
                Ok(Ok(claim)) => inside.push(claim),
                Ok(Err(receipt)) => held.push(receipt),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            None => Ok((inside, held)),
            Some(error) => {
                self.leave_all(&inside).await;
                Err(self.failed(file.version, self.upload.scope(), error).await)
            }
        }
    }

    /// Goes into a store's turnstile, unless the upload would empty the store.
    /// That is looked at before, because others may count on what an upload
    /// says that has claimed; and only where it is not certain anyway.
    async fn claim(
        &self,
        file: &Applying<'_>,
        store: &Store,
        levels: &StoreLevels,
    ) -> Result<Result<Claim, StoreReceipt>, Error> {
        let (stores, version, deadline) = (self.stores(), file.version, self.deadline);
        let guard = self.loader.policy.guard(store);
        let emptied = levels.iter().filter(|(_, level)| level.quantity <= Quantity::ZERO).count() as u64;
        let needs = match guard.enough(emptied) {
            _ if file.asked.is_confirmed || guard.percent >= 100 => Needs::Nothing,
            Some(0) if !file.asked.mode.is_snapshot => Needs::Nothing,
            Some(enough) if !file.asked.mode.is_snapshot => Needs::Stocked(enough),
            _ => Needs::Rows,
        };
        // One that was held stays so, whatever became of the store meanwhile.
        if needs != Needs::Nothing
            && let Some(held) = self.receipts().quarantined(store, version).await?
        {
            return Ok(Err(held));
        }
        if let Some(claim) = stores.claim(store, self.upload, version, deadline, needs).await? {
            return Ok(Ok(claim));
        }
        let receipt = self.foresee(file, store, levels).await?;
        if receipt.receipt.held > 0 {
            return Ok(Err(receipt));
        }
        let claim = stores.claim(store, self.upload, version, deadline, Needs::Nothing).await?;
        let inside = || Error::new(ErrorKind::Unavailable, format!("claim store {:?}", store.as_str()));
        claim.map(Ok).ok_or_else(inside)
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
        mut claim: Claim,
        rebased: Option<&Rebased>,
    ) -> Result<StoreReceipt, Error> {
        let (receipt, size) = match self.work(file, &mut claim, rebased).await {
            Ok(done) => done,
            Err(error) => {
                // What may still take effect must not do so behind the back of
                // those who believe that it left.
                if !error.is_unsettled() {
                    self.leave_all(std::slice::from_ref(&claim)).await;
                }
                return Err(self.failed(file.version, Some(claim.store.clone()), error).await);
            }
        };
        let mut report = Report::of(self.upload, file, &receipt);
        if let Err(error) = self.reports().keep(&mut report).await {
            self.leave_all(std::slice::from_ref(&claim)).await;
            return Err(error);
        }
        self.stores().leave(&claim, size, Some(&report.entry)).await?;
        // A topic out of reach keeps nobody inside.
        self.reports().tell(&report).await?;
        Ok(receipt)
    }

    async fn work(
        &self,
        file: &Applying<'_>,
        claim: &mut Claim,
        rebased: Option<&Rebased>,
    ) -> Result<(StoreReceipt, Option<Size>), Error> {
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
        let mut of = self.of_store(claim, file.word(levels, rebased));
        of.ahead = file.ahead.filter(|ahead| ahead.counts(claim.claims));
        let mut applied = self.inventory().apply(&of).await?;
        while applied.has_rows && self.stores().look_back(claim).await? {
            let rebased = self.rebase(file, std::slice::from_ref(claim)).await?;
            let word = file.word(levels, rebased.get(&claim.store));
            applied = self.inventory().apply(&self.of_store(claim, word)).await?;
        }
        Ok((applied.receipt, applied.size))
    }

    fn of_store<'a>(&self, claim: &'a Claim, word: Word<'a>) -> OfStore<'a> {
        OfStore { store: &claim.store, word, may_skip: claim.passage.may_skip, size: claim.size, ahead: None }
    }

    async fn rebase(&self, file: &Applying<'_>, claims: &[Claim]) -> Result<BTreeMap<Store, Rebased>, Error> {
        rebase(&self.files(), file.version, file.levels, file.asked.mode.is_snapshot, claims).await
    }

    async fn preview(&self, file: &Applying<'_>) -> Result<Vec<StoreReceipt>, Error> {
        let stores = file.levels.stores();
        let previews = side_by_side(stores.map(|(store, levels)| self.preview_store(file, store, levels)));
        previews.await.into_iter().collect()
    }

    async fn preview_store(
        &self,
        file: &Applying<'_>,
        store: &Store,
        levels: &StoreLevels,
    ) -> Result<StoreReceipt, Error> {
        let receipt = self.foresee(file, store, levels).await?.dry();
        self.reports().keep_and_tell(Report::of(self.upload, file, &receipt)).await?;
        Ok(receipt)
    }

    /// What would change of one store, by what is there now; or that the
    /// upload would be held.
    async fn foresee(
        &self,
        file: &Applying<'_>,
        store: &Store,
        levels: &StoreLevels,
    ) -> Result<StoreReceipt, Error> {
        let claim = self.stores().look(store, self.upload, file.version, self.deadline).await?;
        let rebased = self.rebase(file, std::slice::from_ref(&claim)).await?;
        let word = file.word(levels, rebased.get(store));
        let of = OfStore { store, word, may_skip: true, size: None, ahead: None };
        let receipt = self.inventory().preview(&of).await?;
        if file.asked.is_confirmed {
            return Ok(receipt);
        }
        Ok(receipt.guarded(self.loader.policy.guard(store)))
    }

    async fn refused(
        &self,
        version: Version,
        reason: Reason,
        mode: Mode,
    ) -> Result<(Version, Outcome), Error> {
        let store = self.upload.scope();
        let reason_told = reason.to_string();
        self.report(Report::refused(self.upload, &version, store.as_ref(), reason_told, mode.is_dry)).await?;
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
    pub(crate) versions: &'a Versions,
    pub(crate) levels: &'a Levels,
    pub(crate) rejects: &'a Rejects,
    pub(crate) warnings: &'a [Warning],
    pub(crate) asked: Asked,
    pub(crate) ahead: Option<&'a Ahead>,
}

impl<'a> Applying<'a> {
    /// What it says of one store.
    fn word(&self, levels: &'a StoreLevels, rebased: Option<&'a Rebased>) -> Word<'a> {
        let Applying { version, versions, asked, .. } = *self;
        let (columns, is_snapshot) = (self.levels.columns(), asked.mode.is_snapshot);
        Word { levels, columns, versions, version, is_snapshot, rebased }
    }
}

/// A file, read.
struct File {
    layout: Layout,
    levels: Levels,
    rejects: Rejects,
    warnings: Vec<Warning>,
    first_nameless: Option<u64>,
}

impl File {
    /// Why it can be no snapshot, if it cannot.
    fn no_snapshot(&self) -> Option<Reason> {
        let line = self.first_nameless?;
        Some(Reason::Snapshot { nameless: self.levels.nameless(), line })
    }
}

/// What is kept of a file while it is read.
#[derive(Default)]
struct Collected {
    levels: Levels,
    rejects: Rejects,
    warnings: Vec<Warning>,
    /// The line of the first bad row of which nobody can tell the item.
    first_nameless: Option<u64>,
}

impl Collected {
    fn push(&mut self, row: &Row<'_>) {
        self.levels.push(row);
        match row {
            Row::Reject(reject) => {
                if reject.store.is_none() || reject.item.is_none() {
                    self.first_nameless.get_or_insert(reject.position.line);
                }
                self.rejects.push(reject.clone());
            }
            Row::Record(record) if self.warnings.len() < WARNINGS_KEPT => {
                self.warnings.extend_from_slice(&record.warnings);
            }
            _ => {}
        }
    }

    fn understood_as(mut self, layout: Layout) -> File {
        self.levels.set_columns(layout.optional_columns());
        let Collected { levels, rejects, warnings, first_nameless } = self;
        File { layout, levels, rejects, warnings, first_nameless }
    }
}
