use std::collections::HashSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity, ReturnConsumedCapacity};
use inventory_core::{Notice, Store};
use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::progress::Meter;
use crate::tables::attribute::{CAUSES, EXPIRES, ID, SENT, STORE};

/// How long it is kept that a notice was sent: as long as DynamoDB keeps a
/// stream's record, after which nothing can come again.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// The same of a receipt: a day longer than a queue keeps an upload that
/// failed, which somebody may then have loaded again.
const RECEIPT_KEPT: SignedDuration = SignedDuration::from_hours(15 * 24);

/// What was told already: a row a notice, with the sequence numbers of the
/// stream records that it told of.
///
/// The records and not the notice's id say what is known, because a batch that
/// failed may come again in halves, or from its middle on: its notices are
/// others then. An upload comes again whole, so of a receipt its id says it.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    client: Client,
    table: String,
}

impl Ledger {
    pub(crate) fn new(client: Client, table: String) -> Ledger {
        Ledger { client, table }
    }

    /// The records of a store that were told of.
    pub(crate) async fn told(&self, store: &Store) -> Result<HashSet<String>, Error> {
        let query = self.client.query().table_name(&self.table).consistent_read(true);
        let query = query.key_condition_expression("#Store = :store").projection_expression("#Causes");
        let query = query.expression_attribute_names("#Store", STORE);
        let query = query.expression_attribute_names("#Causes", CAUSES);
        let query = query.expression_attribute_values(":store", text(store.as_str()));
        let rows: Result<Vec<_>, _> = query.into_paginator().items().send().collect().await;
        let doing = || format!("read what store {:?} was told", store.as_str());
        let rows = rows.map_err(|error| Error::of_service(doing(), error))?;
        let causes = rows.into_iter().filter_map(|mut row| match row.remove(CAUSES) {
            Some(AttributeValue::Ss(causes)) => Some(causes),
            _ => None,
        });
        Ok(causes.flatten().collect())
    }

    /// Keeps that a notice was sent, and of which records it told. Once more
    /// does no harm.
    pub(crate) async fn keep(&self, notice: &Notice, causes: Vec<String>) -> Result<(), Error> {
        let causes = Some(causes).filter(|causes| !causes.is_empty());
        self.put(notice.store.as_str(), &notice.id(), causes, KEPT).await.map(drop)
    }

    /// Whether a receipt was told.
    pub(crate) async fn has(&self, store: &str, id: &str, meter: &Meter<'_>) -> Result<bool, Error> {
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let get = get.key(STORE, text(store)).key(ID, text(id)).projection_expression("#Id");
        let get = get.expression_attribute_names("#Id", ID);
        let sent = get.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let doing = || format!("read what store {store:?} was told");
        let answer = sent.map_err(|error| Error::of_service(doing(), error))?;
        meter.read(&answer.consumed_capacity);
        Ok(answer.item.is_some())
    }

    /// Keeps that a receipt was told; gives what that consumed.
    pub(crate) async fn keep_receipt(
        &self,
        store: &str,
        id: &str,
    ) -> Result<Option<ConsumedCapacity>, Error> {
        self.put(store, id, None, RECEIPT_KEPT).await
    }

    async fn put(
        &self,
        store: &str,
        id: &str,
        causes: Option<Vec<String>>,
        kept: SignedDuration,
    ) -> Result<Option<ConsumedCapacity>, Error> {
        let now = Timestamp::now();
        let expires = now.saturating_add(kept).unwrap_or(Timestamp::MAX).as_second();
        let put = self.client.put_item().table_name(&self.table);
        let put = put.item(STORE, text(store)).item(ID, text(id));
        let put = put.item(SENT, text(&format!("{now:.3}")));
        let put = put.item(EXPIRES, AttributeValue::N(expires.to_string()));
        let put = match causes {
            Some(causes) => put.item(CAUSES, AttributeValue::Ss(causes)),
            None => put,
        };
        let sent = put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let doing = || format!("keep that store {store:?} was told");
        sent.map(|answer| answer.consumed_capacity).map_err(|error| Error::of_service(doing(), error))
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
