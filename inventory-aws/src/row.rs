use inventory_core::{Item as ItemCode, Level, Quantity, QuantityError, Status, Store, Stored, Version};
use serde_dynamo::{AttributeValue, Item};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind};
use crate::tables::attribute::{ALERT_SHARD, COUNT, ITEM, NAME, REORDER_POINT, STATUS, STORE, VERSION};

/// Over how many partitions the index of what is out or low is spread.
const ALERT_SHARDS: u8 = 8;

/// The key of a row of the inventory table, of a row or of a stream record.
pub(crate) fn key(row: &Item) -> Result<(Store, ItemCode), Error> {
    let unreadable =
        |what: &str| Error::new(ErrorKind::Invalid, format!("read the {what} of an inventory row"));
    let store = Store::new(text(row, STORE).ok_or_else(|| unreadable(STORE))?);
    let item = ItemCode::new(text(row, ITEM).ok_or_else(|| unreadable(ITEM))?);
    Ok((
        store.map_err(|error| unreadable(STORE).caused_by(error))?,
        item.map_err(|error| unreadable(ITEM).caused_by(error))?,
    ))
}

/// The level that a row holds, whoever wrote it: a count is all it needs.
pub(crate) fn level(row: &Item) -> Result<Level, Error> {
    let unreadable =
        |what: &str| Error::new(ErrorKind::Invalid, format!("read the {what} of an inventory row"));
    let count = number(row, COUNT).ok_or_else(|| unreadable(COUNT))?;
    let mut level = Level::of(count.map_err(|error| unreadable(COUNT).caused_by(error))?);
    level.reorder_point =
        number(row, REORDER_POINT).transpose().map_err(|error| unreadable(REORDER_POINT).caused_by(error))?;
    level.name = text(row, NAME).map(Box::from);
    Ok(level)
}

/// What a row holds, for deciding what to write.
pub(crate) fn stored(row: &Item) -> Stored {
    let mut stored = Stored::default();
    stored.level = level(row).ok();
    stored.version = text(row, VERSION).map(Version::from_stored);
    stored.status = match text(row, STATUS) {
        Some("out") => Some(Status::Out),
        Some("low") => Some(Status::Low),
        _ => None,
    };
    stored
}

/// The attributes of a row beside its key: those that it has, and the names of
/// those that it must not have.
pub(crate) struct Attributes {
    pub(crate) set: Vec<(&'static str, AttributeValue)>,
    pub(crate) remove: Vec<&'static str>,
}

impl Attributes {
    pub(crate) fn of(store: &Store, item: &ItemCode, level: &Level, version: &Version) -> Attributes {
        let number = |quantity: Quantity| AttributeValue::N(quantity.to_string());
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let status = Status::of(level).alert();
        let optional = [
            (REORDER_POINT, level.reorder_point.map(number)),
            (NAME, level.name.as_deref().map(text)),
            (STATUS, status.map(|status| text(status.as_str()))),
            (ALERT_SHARD, status.map(|_| AttributeValue::S(alert_shard(store, item)))),
        ];
        let mut attributes = Attributes {
            set: vec![(COUNT, number(level.quantity)), (VERSION, text(version.as_str()))],
            remove: Vec::new(),
        };
        for (name, value) in optional {
            match value {
                Some(value) => attributes.set.push((name, value)),
                None => attributes.remove.push(name),
            }
        }
        attributes
    }
}

fn alert_shard(store: &Store, item: &ItemCode) -> String {
    let hash =
        Sha256::new().chain_update(store.as_str()).chain_update([0]).chain_update(item.as_str()).finalize();
    let byte = hash.first().copied().unwrap_or_default();
    (byte % ALERT_SHARDS).to_string()
}

pub(crate) fn text<'a>(row: &'a Item, name: &str) -> Option<&'a str> {
    match row.get(name)? {
        AttributeValue::S(text) => Some(text),
        _ => None,
    }
}

fn number(row: &Item, name: &str) -> Option<Result<Quantity, QuantityError>> {
    match row.get(name)? {
        AttributeValue::N(digits) => Some(digits.parse()),
        _ => Some(Err(QuantityError::NotANumber)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(attributes: &[(&str, AttributeValue)]) -> Item {
        let pairs = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        pairs.collect::<std::collections::HashMap<_, _>>().into()
    }

    fn n(digits: &str) -> AttributeValue {
        AttributeValue::N(digits.to_owned())
    }

    fn s(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    #[test]
    fn a_row_that_somebody_else_wrote_needs_only_a_count() {
        let row = row(&[(STORE, s("Oslo")), (ITEM, s("tea")), (COUNT, n("92233720368547.75807"))]);
        assert_eq!(key(&row).unwrap().1.as_str(), "tea");
        assert_eq!(level(&row).unwrap(), Level::of(Quantity::MAX));
        assert_eq!(stored(&row).version, None);
    }

    #[test]
    fn an_unreadable_count_is_said_with_its_reason() {
        let error = level(&row(&[(COUNT, n("0.123456"))])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "failed to read the Count of an inventory row: invalid: has more than 5 digits after the point"
        );
        assert!(level(&row(&[(COUNT, s("5"))])).is_err());
        assert!(level(&row(&[])).is_err());
        assert_eq!(stored(&row(&[(COUNT, s("5"))])).level, None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (store, item) = (Store::new("Oslo").unwrap(), ItemCode::new("tea").unwrap());
        let version = Version::from_stored("2026/01");
        let mut expect = Level::of(Quantity::ZERO);
        for name in [None, Some("Tea".into())] {
            expect.name = name;
            let attributes = Attributes::of(&store, &item, &expect, &version);
            let found = stored(&row(&attributes.set));
            assert_eq!(found.level.as_ref(), Some(&expect));
            assert_eq!(found.version.as_ref(), Some(&version));
            assert_eq!(found.status, Some(Status::Out));
            assert!(attributes.remove.iter().all(|name| !attributes.set.iter().any(|(set, _)| set == name)));
        }
    }

    #[test]
    fn only_rows_that_are_out_or_low_are_in_the_index() {
        let (store, item) = (Store::new("Oslo").unwrap(), ItemCode::new("tea").unwrap());
        let attributes = Attributes::of(&store, &item, &Level::of(1.into()), &Version::from_stored("v"));
        assert_eq!(attributes.remove, [REORDER_POINT, NAME, STATUS, ALERT_SHARD]);
        let attributes = Attributes::of(&store, &item, &Level::of(0.into()), &Version::from_stored("v"));
        assert_eq!(attributes.remove, [REORDER_POINT, NAME]);
        let shard: u8 = alert_shard(&store, &item).parse().unwrap();
        assert!(shard < ALERT_SHARDS);
    }
}
