use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::{QueryError, QueryOutput};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use inventory_core::levels::{Columns, StoreLevels};
use inventory_core::{Decision, Item, Level, Receipt, Store, Stored, Version};

use crate::error::{Error, ErrorKind};
use crate::progress::Meter;
use crate::row;
use crate::tables::attribute::{COUNT, ITEM, NAME, REORDER_POINT, STATUS, STORE, VERSION};
use crate::write::{Condition, Write, Writer, backoff};

/// The most keys that one BatchGetItem may have.
const KEYS: usize = 100;
/// How often a row whose condition failed is read and decided again. Each time
/// means that somebody else wrote it in between.
const ROUNDS: usize = 8;
/// The attributes that a decision looks at.
const READ: [&str; 7] = [STORE, ITEM, COUNT, REORDER_POINT, NAME, VERSION, STATUS];

/// A row as the SDK has it.
type SdkItem = HashMap<String, AttributeValue>;

/// The inventory table.
#[derive(Clone, Copy)]
pub(crate) struct Inventory<'a> {
    pub(crate) client: &'a Client,
    pub(crate) table: &'a str,
    pub(crate) meter: &'a Meter<'a>,
}

impl Inventory<'_> {
    /// Writes those levels of a store that differ from the table's, and says
    /// what became of each.
    ///
    /// Here the turnstile will stand: claim before the rows are read, rebase,
    /// and leave after they are written.
    pub(crate) async fn apply(
        &self,
        store: &Store,
        file: &StoreLevels,
        columns: Columns,
        version: &Version,
    ) -> Result<Receipt, Error> {
        let mut decisions = Decisions { columns, version, receipt: Receipt::of(file) };
        let writer = Writer { client: self.client, table: self.table, store, version, meter: self.meter };
        let mut writes = self.compare(store, file, &mut decisions).await?;
        for _ in 0..ROUNDS {
            let tried = writes.len();
            let failed = writer.write(writes).await?;
            decisions.receipt.written += (tried - failed.len()) as u64;
            if failed.is_empty() {
                return Ok(decisions.receipt);
            }
            let items: Vec<&Item> = failed.iter().map(|write| write.item).collect();
            let rows = self.rows_of_items(store, &items).await?;
            let decided = items.into_iter().map(|item| (item, file.get(item.as_str())));
            writes = decided.filter_map(|(item, said)| decisions.on(item, said?, rows.get(item))).collect();
        }
        let what = format!("write the levels of store {:?} beside other writers", store.as_str());
        Err(Error::new(ErrorKind::Unavailable, what))
    }

    /// Decides about each level of the file. Both the file's items and the
    /// table's come in the order of their bytes, so one pass over the pages is
    /// enough and no page is kept.
    async fn compare<'f>(
        &self,
        store: &Store,
        file: &'f StoreLevels,
        decisions: &mut Decisions<'_>,
    ) -> Result<Vec<Write<'f>>, Error> {
        let mut writes = Vec::new();
        let mut levels = file.iter().peekable();
        let mut pages = self.query(store);
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::of_service(self.reading(store), error))?;
            self.meter.read(&page.consumed_capacity);
            for row in page.items.unwrap_or_default() {
                let row = row.into();
                let Ok((_, item)) = row::key(&row) else {
                    continue;
                };
                while let Some((new, said)) = levels.next_if(|(named, _)| **named < item) {
                    writes.extend(decisions.on(new, said, None));
                }
                if let Some((named, said)) = levels.next_if(|(named, _)| **named == item) {
                    writes.extend(decisions.on(named, said, Some(&row::stored(&row))));
                }
            }
        }
        writes.extend(levels.filter_map(|(new, said)| decisions.on(new, said, None)));
        Ok(writes)
    }

    /// The rows of a store, as of now, in the order of their items.
    fn query(
        &self,
        store: &Store,
    ) -> PaginationStream<Result<QueryOutput, SdkError<QueryError, HttpResponse>>> {
        let query = self.client.query().table_name(self.table).consistent_read(true);
        let query = query.key_condition_expression("#Store = :store");
        let query = query.expression_attribute_values(":store", text(store.as_str()));
        let query = READ
            .iter()
            .fold(query, |query, name| query.expression_attribute_names(format!("#{name}"), *name));
        let query = query.projection_expression(projection());
        query.return_consumed_capacity(ReturnConsumedCapacity::Total).into_paginator().send()
    }

    /// The rows of some items of a store, as of now.
    async fn rows_of_items(&self, store: &Store, items: &[&Item]) -> Result<BTreeMap<Item, Stored>, Error> {
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
                found.insert(item, row::stored(&row));
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

/// Decides about the rows of one store, and counts the decisions.
struct Decisions<'a> {
    columns: Columns,
    version: &'a Version,
    receipt: Receipt,
}

impl Decisions<'_> {
    /// What to write of one row, if anything. A row that is written is counted
    /// when the write succeeded.
    fn on<'f>(&mut self, item: &'f Item, said: &Level, stored: Option<&Stored>) -> Option<Write<'f>> {
        match Decision::on(stored, said, self.columns, self.version) {
            Decision::Unchanged => self.receipt.unchanged += 1,
            Decision::Superseded => self.receipt.superseded += 1,
            Decision::Written => self.receipt.written += 1,
            Decision::Write(level) => return Some(Write { item, level, condition: condition(stored) }),
        }
        None
    }
}

fn condition(stored: Option<&Stored>) -> Condition {
    match stored {
        None => Condition::Absent,
        Some(stored) if stored.version.is_none() => Condition::Unversioned,
        Some(_) => Condition::Older,
    }
}

fn projection() -> String {
    READ.map(|name| format!("#{name}")).join(", ")
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
