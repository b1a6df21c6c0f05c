use aws_sdk_dynamodb::Client;
use jiff::Timestamp;

use crate::error::Error;
use crate::overview::scan;
use crate::row;
use crate::tables::Tables;
use crate::tables::attribute::{STORE, UPLOADED};

/// The stores whose newest upload came before a time, by name.
///
/// Reads the whole of `Stores`, which is one small row a store.
///
/// # Errors
///
/// If the service fails.
pub async fn stale_stores(client: &Client, tables: &Tables, before: Timestamp) -> Result<Vec<String>, Error> {
    let rows = scan(client, &tables.stores, &[STORE, UPLOADED]).await?;
    let stale = rows.iter().filter(|row| {
        let uploaded = row::text(row, UPLOADED).and_then(|time| time.parse::<Timestamp>().ok());
        uploaded.is_none_or(|time| time < before)
    });
    let mut stores: Vec<String> = stale.filter_map(|row| row::text(row, STORE).map(str::to_owned)).collect();
    stores.sort();
    Ok(stores)
}
