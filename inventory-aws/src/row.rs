use inventory_core::turnstile::{Said, Stored};
use inventory_core::{Item as ItemCode, Level, Quantity, QuantityError, Status, Store, Version};
use serde_dynamo::{AttributeValue, Item};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind};
use crate::tables::attribute::{
    ALERT_SHARD, COUNT, ITEM, NAME, NAME_VERSION, REORDER_POINT, REORDER_POINT_VERSION, STATUS, STORE,
    VERSION,
};

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

/// The attributes that tell which upload said what. The count's is always
/// there in a row that an upload wrote. The others' are there only where they
/// cannot be told from it: where another upload said the part, or where the
/// part is missing because an upload said so; [`SAME`] if it was the count's.
pub(crate) const VERSIONS: [&str; 3] = [VERSION, REORDER_POINT_VERSION, NAME_VERSION];

/// The upload that said the count, in short.
const SAME: &str = "=";

/// A row as it was read, for deciding what to write.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) stored: Stored,
    /// What [`VERSIONS`] are, as a condition of writing.
    pub(crate) versions: [Option<Version>; 3],
}

impl Found {
    pub(crate) fn of(row: &Item) -> Found {
        let versions = VERSIONS.map(|name| text(row, name).map(Version::from_stored));
        let [count, reorder_point, name] = versions.clone();
        let mut stored = Stored::default();
        stored.level = level(row).ok();
        let of_part = |version: Option<Version>, is_there: bool| match version {
            Some(version) if version.as_str() != SAME => Some(version),
            Some(_) => count.clone(),
            None => count.clone().filter(|_| is_there),
        };
        stored.versions.reorder_point = of_part(reorder_point, row.contains_key(REORDER_POINT));
        stored.versions.name = of_part(name, row.contains_key(NAME));
        stored.versions.count = count;
        stored.status = status(row);
        Found { stored, versions }
    }
}

/// The upload that wrote a row, unless somebody else did.
pub(crate) fn version(row: &Item) -> Option<Version> {
    text(row, VERSION).map(Version::from_stored)
}

/// The latch of the recovery margin that a row keeps: fine, if it keeps none.
pub(crate) fn latch(row: &Item) -> Status {
    status(row).unwrap_or(Status::Ok)
}

fn status(row: &Item) -> Option<Status> {
    match text(row, STATUS)? {
        "out" => Some(Status::Out),
        "low" => Some(Status::Low),
        _ => None,
    }
}

/// The attributes of a row beside its key: those that it has, and the names of
/// those that it must not have.
pub(crate) struct Attributes {
    pub(crate) set: Vec<(&'static str, AttributeValue)>,
    pub(crate) remove: Vec<&'static str>,
}

impl Attributes {
    /// Of what is said of a row, and the status to keep beside it.
    pub(crate) fn of(store: &Store, item: &ItemCode, said: &Said, status: Status) -> Attributes {
        let Said { level, versions, .. } = said;
        let number = |quantity: Quantity| AttributeValue::N(quantity.to_string());
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let explicit = |version: &Option<Version>, is_there: bool| match version {
            Some(_) if *version == versions.count => (!is_there).then(|| text(SAME)),
            _ => version.as_ref().map(|version| text(version.as_str())),
        };
        let status = status.alert();
        let all = [
            (COUNT, Some(number(level.quantity))),
            (VERSION, versions.count.as_ref().map(|version| text(version.as_str()))),
            (REORDER_POINT, level.reorder_point.map(number)),
            (NAME, level.name.as_deref().map(text)),
            (STATUS, status.map(|status| text(status.as_str()))),
            (ALERT_SHARD, status.map(|_| AttributeValue::S(alert_shard(store, item)))),
            (REORDER_POINT_VERSION, explicit(&versions.reorder_point, level.reorder_point.is_some())),
            (NAME_VERSION, explicit(&versions.name, level.name.is_some())),
        ];
        let mut attributes = Attributes { set: Vec::new(), remove: Vec::new() };
        for (name, value) in all {
            match value {
                Some(value) => attributes.set.push((name, value)),
                None => attributes.remove.push(name),
            }
        }
        attributes
    }

    /// About how many bytes a row of these takes, beside its key.
    pub(crate) fn bytes(&self) -> usize {
        let value = |value: &AttributeValue| match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
            _ => 0,
        };
        self.set.iter().map(|(name, of)| name.len() + value(of)).sum()
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
    use inventory_core::turnstile::Versions;

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
        assert_eq!(Found::of(&row).versions[0], None);
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
        assert_eq!(Found::of(&row(&[(COUNT, s("5"))])).stored.level, None);
    }

    fn key_of_tea() -> (Store, ItemCode) {
        (Store::new("Oslo").unwrap(), ItemCode::new("tea").unwrap())
    }

    fn said(level: &Level, uploads: [Option<&str>; 3]) -> Said {
        let mut versions = Versions::default();
        [versions.count, versions.reorder_point, versions.name] =
            uploads.map(|upload| upload.map(Version::from_stored));
        Said::of_file(level, &versions)
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (store, item) = key_of_tea();
        let uploads = [None, Some("2026/01"), Some("2026/02")];
        for name in [None, Some("Tea")] {
            for (point, named) in uploads.iter().flat_map(|point| uploads.map(|named| (*point, named))) {
                let mut level = Level::of(Quantity::ZERO);
                level.name = name.filter(|_| named.is_some()).map(Box::from);
                let expect = said(&level, [Some("2026/02"), point, named]);
                let attributes = Attributes::of(&store, &item, &expect, Status::Out);
                let Found { stored, .. } = Found::of(&row(&attributes.set));
                assert_eq!(stored.level.as_ref(), Some(&expect.level));
                assert_eq!(stored.versions, expect.versions);
                assert_eq!(stored.status, Some(Status::Out));
                let is_set = |name| attributes.set.iter().any(|(set, _)| set == name);
                assert!(!attributes.remove.iter().any(is_set));
            }
        }
    }

    #[test]
    fn only_rows_that_are_out_or_low_are_in_the_index() {
        let (store, item) = key_of_tea();
        let of = |quantity: i32| {
            let level = Level::of(quantity.into());
            Attributes::of(&store, &item, &said(&level, [Some("v"), None, None]), Status::of(&level)).remove
        };
        let always = [REORDER_POINT_VERSION, NAME_VERSION];
        assert_eq!(of(1), [&[REORDER_POINT, NAME, STATUS, ALERT_SHARD], &always[..]].concat());
        assert_eq!(of(0), [&[REORDER_POINT, NAME], &always[..]].concat());
        let shard: u8 = alert_shard(&store, &item).parse().unwrap();
        assert!(shard < ALERT_SHARDS);
    }
}
