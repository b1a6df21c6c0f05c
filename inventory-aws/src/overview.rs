use std::collections::HashSet;

use aws_sdk_dynamodb::Client;
use inventory_core::{Status, Store};
use serde_dynamo::Item;

use crate::error::Error;
use crate::row;
use crate::tables::Tables;
use crate::tables::attribute::{COUNT, ITEM, REORDER_POINT, STORE, VERSION};

/// What all the tables hold, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overview {
    /// Uploads that there is a receipt of.
    pub uploads: usize,
    /// Stores with at least one item.
    pub stores: usize,
    /// Items of all stores.
    pub items: usize,
    /// Items that are out, by their counts.
    pub out: usize,
    /// Items that are low, by their counts and reorder points.
    pub low: usize,
}

impl Overview {
    /// Reads both tables from end to end, which costs what it costs: for
    /// demonstrations and tests.
    ///
    /// # Errors
    ///
    /// If the service fails, or a row is no level.
    pub async fn read(client: &Client, tables: &Tables) -> Result<Overview, Error> {
        let mut overview = Overview::default();
        let mut stores: HashSet<Store> = HashSet::new();
        for row in scan(client, &tables.inventory, &[STORE, ITEM, COUNT, REORDER_POINT]).await? {
            let (store, _) = row::key(&row)?;
            stores.insert(store);
            overview.items += 1;
            match Status::of(&row::level(&row)?) {
                Status::Out => overview.out += 1,
                Status::Low => overview.low += 1,
                Status::Ok => {}
            }
        }
        overview.stores = stores.len();
        let versions = scan(client, &tables.uploads, &[VERSION]).await?;
        let versions: HashSet<&str> = versions.iter().filter_map(|row| row::text(row, VERSION)).collect();
        overview.uploads = versions.len();
        Ok(overview)
    }
}

/// All rows of a table, with some of their attributes.
pub(crate) async fn scan(client: &Client, table: &str, attributes: &[&str]) -> Result<Vec<Item>, Error> {
    let scan = client.scan().table_name(table).consistent_read(true);
    let scan =
        attributes.iter().fold(scan, |scan, name| scan.expression_attribute_names(format!("#{name}"), *name));
    let names: Vec<String> = attributes.iter().map(|name| format!("#{name}")).collect();
    let rows = scan.projection_expression(names.join(", ")).into_paginator().items().send();
    let rows: Result<Vec<_>, _> = rows.collect().await;
    let rows = rows.map_err(|error| Error::of_service(format!("read table {table}"), error))?;
    Ok(rows.into_iter().map(Item::from).collect())
}
