use std::collections::HashSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use inventory_core::{Notice, Store};
use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::tables::attribute::{CAUSES, EXPIRES, ID, SENT, STORE};

/// How long it is kept that a notice was sent: as long as DynamoDB keeps a
/// stream's record, after which nothing can come again.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What was told already: a row a notice, with the sequence numbers of the
/// stream records that it told of.
///
/// The records and not the notice's id say what is known, because a batch that
/// failed may come again in halves, or from its middle on: its notices are
/// others then.
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
        let now = Timestamp::now();
        let expires = now.saturating_add(KEPT).unwrap_or(Timestamp::MAX).as_second();
        let put = self.client.put_item().table_name(&self.table);
        let put = put.item(STORE, text(notice.store.as_str())).item(ID, text(&notice.id()));
        let put = put.item(SENT, text(&format!("{now:.3}"))).item(CAUSES, AttributeValue::Ss(causes));
        let put = put.item(EXPIRES, AttributeValue::N(expires.to_string()));
        let doing = || format!("keep that store {:?} was told", notice.store.as_str());
        put.send().await.map(drop).map_err(|error| Error::of_service(doing(), error))
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
