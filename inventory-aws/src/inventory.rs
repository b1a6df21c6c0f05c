use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::iter::Peekable;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::{QueryError, QueryOutput};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use inventory_core::receipt::Preview;
use inventory_core::turnstile::{Decision, Rules, Said, Stored, decide};
use inventory_core::{
    Change, Item, Latch, Level, Policy, Quantity, Receipt, Status, Store, Transition, TransitionKind,
};

use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::load::StoreReceipt;
use crate::progress::Meter;
use crate::rebase::Word;
use crate::row::{self, Found};
use crate::tables::attribute::{
    COUNT, ITEM, NAME, NAME_VERSION, REORDER_POINT, REORDER_POINT_VERSION, STATUS, STORE, VERSION,
};
use crate::write::{Condition, Write, Writer, backoff};

/// The most keys that one BatchGetItem may have.
const KEYS: usize = 100;
/// How often a row whose condition failed is read and decided again. Each time
/// means that somebody else wrote it in between.
const ROUNDS: usize = 8;
/// How many writes are gathered before they are sent: it bounds what a load
/// keeps in memory beside its file.
const WRITES_KEPT: usize = 5_000;
/// How many pages of a store are read before its turn comes, each 1 MB of rows:
/// it bounds the memory too.
const PAGES_AHEAD: usize = 2;
/// The attributes that a decision looks at.
const READ: [&str; 9] =
    [STORE, ITEM, COUNT, REORDER_POINT, NAME, VERSION, REORDER_POINT_VERSION, NAME_VERSION, STATUS];

/// A row as the SDK has it.
type SdkItem = HashMap<String, AttributeValue>;

/// The inventory table.
#[derive(Clone, Copy)]
pub(crate) struct Inventory<'a> {
    pub(crate) client: &'a Client,
    pub(crate) table: &'a str,
    pub(crate) policy: &'a Policy,
    pub(crate) meter: &'a Meter<'a>,
    pub(crate) deadline: Deadline,
}

/// What is to be done with the rows of one store.
#[derive(Clone, Copy)]
pub(crate) struct OfStore<'a> {
    pub(crate) store: &'a Store,
    pub(crate) word: Word<'a>,
    pub(crate) may_skip: bool,
    /// What is known of all rows of the store.
    pub(crate) size: Option<Size>,
    /// The first of them, if they were read before.
    pub(crate) ahead: Option<&'a Ahead>,
}

/// Rows of a store that were read before the upload claimed it.
pub(crate) struct Ahead {
    look: Look,
    pages: Vec<Page>,
}

/// How many had claimed a store before its rows were read, with nobody inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look(pub(crate) u64);

impl Ahead {
    /// Whether the rows are still as they were at a claim that found so many
    /// before it.
    pub(crate) fn counts(&self, claims: u64) -> bool {
        self.look == Look(claims)
    }
}

/// Some of a store's rows, one after another.
struct Page {
    rows: Vec<(Item, Found)>,
    read_units: f64,
    /// The key of the last, if there may be more.
    last: Option<SdkItem>,
}

/// About how large a store is in the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// What reading all of its rows costs.
    pub(crate) read_units: f64,
    /// How many items it has any of.
    pub(crate) stocked: u64,
}

/// What became of an upload's rows of one store.
pub(crate) struct Applied {
    pub(crate) receipt: StoreReceipt,
    /// The store now, if that is known.
    pub(crate) size: Option<Size>,
    /// Whether there are rows of the upload in the table, which a newer
    /// snapshot may not have seen.
    pub(crate) has_rows: bool,
}

impl Inventory<'_> {
    /// Writes those levels of a store that differ from the table's, and says
    /// what became of each.
    pub(crate) async fn apply(&self, of: &OfStore<'_>) -> Result<Applied, Error> {
        let mut work = Work::new(self, of, false);
        work.all().await.map_err(|error| work.how_far(error))?;
        Ok(Applied { size: work.size(), has_rows: work.has_rows, receipt: work.receipt })
    }

    /// What [`apply`](Self::apply) would do.
    pub(crate) async fn preview(&self, of: &OfStore<'_>) -> Result<StoreReceipt, Error> {
        let mut work = Work::new(self, of, true);
        work.all().await?;
        work.preview.stocked = work.queried.map_or(0, |size| size.stocked);
        work.preview.emptied = work.newly_emptied;
        Ok(StoreReceipt { preview: Some(work.preview), ..work.receipt })
    }

    /// The first rows of a store that looked so.
    pub(crate) async fn read_ahead(&self, store: &Store, look: Look) -> Result<Ahead, Error> {
        let mut ahead = Ahead { look, pages: Vec::new() };
        let mut pages = self.query(store, None);
        while ahead.pages.len() < PAGES_AHEAD
            && let Some(page) = pages.next().await
        {
            ahead.pages.push(self.page(store, page)?);
        }
        Ok(ahead)
    }

    fn page(
        &self,
        store: &Store,
        answer: Result<QueryOutput, SdkError<QueryError, HttpResponse>>,
    ) -> Result<Page, Error> {
        let page = answer.map_err(|error| Error::of_service(self.reading(store), error))?;
        let read_units = self.meter.read(&page.consumed_capacity);
        let rows = page.items.unwrap_or_default().into_iter().filter_map(|row| {
            let row = row.into();
            let (_, item) = row::key(&row).ok()?;
            Some((item, Found::of(&row)))
        });
        Ok(Page { rows: rows.collect(), read_units, last: page.last_evaluated_key })
    }

    /// The rows of a store after one of them, as of now, in the order of their
    /// items.
    fn query(
        &self,
        store: &Store,
        after: Option<SdkItem>,
    ) -> PaginationStream<Result<QueryOutput, SdkError<QueryError, HttpResponse>>> {
        let query = self.client.query().table_name(self.table).consistent_read(true);
        let query = query.key_condition_expression("#Store = :store");
        let query = query.expression_attribute_values(":store", text(store.as_str()));
        let query = READ
            .iter()
            .fold(query, |query, name| query.expression_attribute_names(format!("#{name}"), *name));
        let query = query.projection_expression(projection()).set_exclusive_start_key(after);
        query.return_consumed_capacity(ReturnConsumedCapacity::Total).into_paginator().send()
    }

    /// The rows of some items of a store, as of now.
    async fn rows_of_items(&self, store: &Store, items: &[&Item]) -> Result<BTreeMap<Item, Found>, Error> {
        let mut found = BTreeMap::new();
        for items in items.chunks(KEYS) {
            let keys = items.iter().map(|item| {
                [(STORE, store.as_str()), (ITEM, item.as_str())]
                    .map(|(name, key)| (name.to_owned(), text(key)))
                    .into()
            });
            for row in self.get(store, keys.collect()).await? {
                let row = row.into();
                let (_, item) = row::key(&row)?;
                found.insert(item, Found::of(&row));
            }
        }
        Ok(found)
    }

    /// Up to 100 rows by their keys, asking again for those that the service
    /// leaves out.
    async fn get(&self, store: &Store, keys: Vec<SdkItem>) -> Result<Vec<SdkItem>, Error> {
        let mut rows = Vec::new();
        let mut keys = self.wanted(keys)?;
        let mut pauses = backoff();
        loop {
            let get = self.client.batch_get_item().request_items(self.table, keys);
            let get = get.return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = get.send().await.map_err(|error| Error::of_service(self.reading(store), error))?;
            self.meter.read(answer.consumed_capacity());
            rows.extend(answer.responses.into_iter().flatten().flat_map(|(_, rows)| rows));
            let left = answer.unprocessed_keys.into_iter().flatten().map(|(_, keys)| keys).next();
            keys = match left {
                Some(left) if !left.keys.is_empty() => left,
                _ => return Ok(rows),
            };
            match pauses.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(Error::new(ErrorKind::Throttled, self.reading(store))),
            }
        }
    }

    fn wanted(&self, keys: Vec<SdkItem>) -> Result<KeysAndAttributes, Error> {
        let wanted = KeysAndAttributes::builder().consistent_read(true).projection_expression(projection());
        let wanted = READ
            .iter()
            .fold(wanted, |wanted, name| wanted.expression_attribute_names(format!("#{name}"), *name));
        let wanted = wanted.set_keys(Some(keys)).build();
        wanted
            .map_err(|error| Error::new(ErrorKind::Invalid, format!("read {}", self.table)).caused_by(error))
    }

    fn reading(&self, store: &Store) -> String {
        format!("read the levels of store {:?}", store.as_str())
    }
}

/// The work on the rows of one store, as far as it came.
struct Work<'a> {
    inventory: &'a Inventory<'a>,
    of: &'a OfStore<'a>,
    rules: Rules,
    /// Rows to write soon; never many, however large the file.
    writes: Vec<Write<'a>>,
    is_dry: bool,
    receipt: StoreReceipt,
    preview: Preview,
    /// The store as all of its rows say, if they are read.
    queried: Option<Size>,
    has_rows: bool,
    new_bytes: usize,
    newly_stocked: u64,
    newly_emptied: u64,
}

impl<'a> Work<'a> {
    fn new(inventory: &'a Inventory<'a>, of: &'a OfStore<'a>, is_dry: bool) -> Work<'a> {
        Work {
            inventory,
            of,
            rules: Rules {
                version: of.word.version.clone(),
                may_skip: of.may_skip,
                thresholds: inventory.policy.thresholds(of.store),
            },
            writes: Vec::new(),
            is_dry,
            receipt: StoreReceipt::new(Some(of.store.clone()), Receipt::of(of.word.levels)),
            preview: Preview::default(),
            queried: None,
            has_rows: false,
            new_bytes: 0,
            newly_stocked: 0,
            newly_emptied: 0,
        }
    }

    /// Reads the rows in the cheaper way, and writes as it goes. A snapshot
    /// needs them all.
    async fn all(&mut self) -> Result<(), Error> {
        #[expect(clippy::cast_precision_loss, reason = "a guess at a price")]
        let by_item = self.of.word.levels.len() as f64;
        match self.of.size {
            Some(whole) if by_item < whole.read_units.floor() && !self.of.word.is_snapshot => {
                self.look_up().await?;
            }
            _ => self.compare().await?,
        }
        self.flush().await
    }

    /// Decides about each level of the file by its own row: a unit each.
    async fn look_up(&mut self) -> Result<(), Error> {
        let of = self.of;
        let items: Vec<&Item> = of.word.levels.iter().map(|(item, _)| item).collect();
        for items in items.chunks(KEYS) {
            let rows = self.inventory.rows_of_items(of.store, items).await?;
            for &item in items {
                self.decide(Cow::Borrowed(item), rows.get(item));
            }
            self.flush_if_full().await?;
        }
        Ok(())
    }

    /// Decides about each level of the file beside all rows of the store: a
    /// unit for each 4 KB. Both the file's items and the table's come in the
    /// order of their bytes, so one pass over the pages is enough and no page
    /// is kept but those read ahead.
    async fn compare(&mut self) -> Result<(), Error> {
        let of = self.of;
        let mut named = of.word.levels.iter().peekable();
        let mut size = Size { read_units: 0.0, stocked: 0 };
        for page in of.ahead.iter().flat_map(|ahead| &ahead.pages) {
            self.beside(page, &mut named, &mut size);
            self.flush_if_full().await?;
        }
        let last = of.ahead.and_then(|ahead| ahead.pages.last());
        if last.is_none_or(|page| page.last.is_some()) {
            let mut pages = self.inventory.query(of.store, last.and_then(|page| page.last.clone()));
            while let Some(page) = pages.next().await {
                self.beside(&self.inventory.page(of.store, page)?, &mut named, &mut size);
                self.flush_if_full().await?;
            }
        }
        self.queried = Some(size);
        for (new, _) in named {
            self.decide(Cow::Borrowed(new), None);
            self.flush_if_full().await?;
        }
        Ok(())
    }

    /// The same of some of the rows.
    fn beside<'l>(
        &mut self,
        page: &Page,
        named: &mut Peekable<impl Iterator<Item = (&'a Item, &'l Level)>>,
        size: &mut Size,
    ) {
        size.read_units += page.read_units;
        for (item, found) in &page.rows {
            while let Some((new, _)) = named.next_if(|(named, _)| *named < item) {
                self.decide(Cow::Borrowed(new), None);
            }
            size.stocked += u64::from(found.stored.level.as_ref().is_some_and(is_stocked));
            match named.next_if(|(named, _)| *named == item) {
                Some((named, _)) => self.decide(Cow::Borrowed(named), Some(found)),
                None if self.of.word.is_snapshot => self.decide(Cow::Owned(item.clone()), Some(found)),
                None => {}
            }
        }
    }

    /// Decides about a row, if the upload says anything of it.
    fn decide(&mut self, item: Cow<'a, Item>, found: Option<&Found>) {
        let Some(said) = self.of.word.on(&item) else {
            return;
        };
        let is_named = self.of.word.levels.get(item.as_str()).is_some();
        let stored = found.map(|found| &found.stored);
        self.has_rows |= stored.is_some_and(|stored| stored.versions.name_any(self.of.word.version));
        match decide(stored, &said, &self.rules) {
            Decision::Unchanged if is_named => self.receipt.receipt.unchanged += 1,
            Decision::Written if is_named => self.receipt.receipt.written += 1,
            Decision::Written => self.receipt.receipt.absent += 1,
            Decision::Superseded(by) if is_named => self.receipt.superseded(by),
            Decision::Unchanged | Decision::Superseded(_) => {}
            Decision::Write(said, status) if self.is_dry => self.foresee(&item, stored, said, status),
            Decision::Write(said, status) => {
                self.count(stored, &said);
                let condition =
                    found.map_or(Condition::Absent, |found| Condition::AsRead(found.versions.clone()));
                self.writes.push(Write { item, is_named, said, status, condition });
            }
        }
    }

    /// Counts which way a write takes its item.
    fn count(&mut self, stored: Option<&Stored>, said: &Said) {
        let was_stocked = stored.and_then(|stored| stored.level.as_ref()).is_some_and(is_stocked);
        match (was_stocked, is_stocked(&said.level)) {
            (false, true) => self.newly_stocked += 1,
            (true, false) => self.newly_emptied += 1,
            _ => {}
        }
    }

    /// Counts what a write would come to.
    fn foresee(&mut self, item: &Item, stored: Option<&Stored>, said: Said, after: Status) {
        let is_named = self.of.word.levels.get(item.as_str()).is_some();
        self.count(stored, &said);
        let level = stored.and_then(|stored| stored.level.clone());
        let Some(mut change) = Change::between(self.of.store, item, level, Some(said.level)) else {
            self.receipt.receipt.unchanged += u64::from(is_named);
            return;
        };
        let before = stored.and_then(|stored| stored.status).unwrap_or(Status::Ok);
        change.latch = Some(Latch { before, after });
        self.receipt.receipt.written += u64::from(is_named);
        self.receipt.receipt.absent += u64::from(!is_named);
        self.preview.changes += 1;
        match Transition::of(change, self.inventory.policy).map(|transition| transition.kind) {
            Some(TransitionKind::SoldOut) => self.preview.sold_out += 1,
            Some(TransitionKind::RunningLow) => self.preview.running_low += 1,
            Some(TransitionKind::BackInStock) => self.preview.back_in_stock += 1,
            None => {}
        }
    }

    async fn flush_if_full(&mut self) -> Result<(), Error> {
        if self.writes.len() < WRITES_KEPT {
            return Ok(());
        }
        self.flush().await
    }

    /// Writes what is to be written. Rows that somebody else wrote meanwhile
    /// are read and decided again.
    async fn flush(&mut self) -> Result<(), Error> {
        let (of, inventory) = (self.of, self.inventory);
        let Inventory { client, table, meter, deadline, .. } = *inventory;
        let writer = Writer { client, table, store: of.store, meter, deadline };
        for _ in 0..ROUNDS {
            let written = writer.write(std::mem::take(&mut self.writes)).await;
            self.receipt.receipt.written += written.named;
            self.receipt.receipt.absent += written.rows - written.named;
            self.has_rows |= written.rows > 0;
            self.new_bytes += written.new_bytes;
            if let Some(error) = written.error {
                return Err(error);
            }
            if written.failed.is_empty() {
                return Ok(());
            }
            let items: Vec<&Item> = written.failed.iter().map(|write| &*write.item).collect();
            let rows = inventory.rows_of_items(of.store, &items).await?;
            for write in written.failed {
                let found = rows.get(&*write.item);
                self.decide(write.item, found);
            }
        }
        let what = format!("write the levels of store {:?} beside other writers", of.store.as_str());
        Err(Error::new(ErrorKind::Unavailable, what))
    }

    /// About how large the store is now.
    fn size(&self) -> Option<Size> {
        const UNIT_BYTES: f64 = 4096.0;
        #[expect(clippy::cast_precision_loss, reason = "a guess at a price")]
        let new = self.new_bytes as f64 / UNIT_BYTES;
        self.queried.or(self.of.size).map(|Size { read_units, stocked }| Size {
            read_units: read_units + new,
            stocked: (stocked + self.newly_stocked).saturating_sub(self.newly_emptied),
        })
    }

    /// An error for want of time, with how far the work came.
    fn how_far(&self, error: Error) -> Error {
        if error.kind() != ErrorKind::OutOfTime {
            return error;
        }
        let (done, all) = (self.receipt.receipt.levels(), self.of.word.levels.len());
        let what =
            format!("write all levels of store {:?}, {done} of {all} are done", self.of.store.as_str());
        Error::new(ErrorKind::OutOfTime, what)
    }
}

fn is_stocked(level: &Level) -> bool {
    level.quantity > Quantity::ZERO
}

fn projection() -> String {
    READ.map(|name| format!("#{name}")).join(", ")
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
