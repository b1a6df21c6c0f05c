use std::collections::BTreeMap;

use crate::key::{Item, Store};
use crate::levels::{Level, Levels};
use crate::status::Status;
use crate::version::Version;

/// One level before and after; never the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Change {
    /// Whose level it is.
    pub store: Store,
    /// The item's code.
    pub item: Item,
    /// What it was, unless the item is new.
    pub before: Option<Level>,
    /// What it is, unless the item is gone.
    pub after: Option<Level>,
    /// What tells this change from an equal one at another time, such as the
    /// sequence number of a stream's record.
    pub cause: Option<Box<str>>,
    /// What the table keeps beside the two levels, if they come from a table
    /// that keeps it.
    pub latch: Option<Latch>,
    /// The upload that it comes from, where that is known.
    pub version: Option<Version>,
}

/// The statuses that a table keeps beside a level before and after a change:
/// the memory of the recovery margin. A row without one is [`Status::Ok`]; it
/// is what the row's level comes to by itself that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Latch {
    /// The status kept before.
    pub before: Status,
    /// The status kept since.
    pub after: Status,
}

impl Change {
    /// What became of a level; equal levels are no change.
    pub fn between(
        store: &Store,
        item: &Item,
        before: Option<Level>,
        after: Option<Level>,
    ) -> Option<Change> {
        (before != after).then(|| Change::new(store.clone(), item.clone(), before, after))
    }

    pub(crate) fn new(store: Store, item: Item, before: Option<Level>, after: Option<Level>) -> Change {
        Change { store, item, before, after, cause: None, latch: None, version: None }
    }

    /// The same change with its cause.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<str>>) -> Change {
        self.cause = Some(cause.into());
        self
    }

    /// The same change, and then another one of the same item.
    fn then(&mut self, later: Change) {
        self.after = later.after;
        self.cause = later.cause;
        self.version = later.version;
        self.latch = self.latch.zip(later.latch).map(|(first, last)| Latch { after: last.after, ..first });
    }
}

/// What a file changes of the levels before it, by store and item. Items that
/// it does not name stay.
///
/// # Example
///
/// ```
/// use inventory_core::{changes, read};
///
/// let monday = read(b"store,item,count\nOslo,tea,4\nOslo,milk,9\n")?.levels;
/// let tuesday = read(b"store,item,count\nOslo,tea,0\nOslo,milk,9\n")?.levels;
/// let items: Vec<_> = changes(&monday, &tuesday).map(|change| change.item).collect();
/// assert_eq!(items.len(), 1);
/// assert_eq!(items[0].as_str(), "tea");
/// # Ok::<(), inventory_core::Refusal>(())
/// ```
pub fn changes(before: &Levels, file: &Levels) -> impl Iterator<Item = Change> {
    file.stores().flat_map(move |(store, levels)| {
        let old = before.store(store.as_str());
        levels.iter().filter_map(move |(item, level)| {
            let old = old.and_then(|levels| levels.get(item.as_str()));
            let new = level.over(old, levels.columns(item.as_str(), file.columns()));
            Change::between(store, item, old.cloned(), Some(new))
        })
    })
}

/// Changes one after another, as one change an item: from what it was before
/// the first to what it is after the last, caused by the last. What ended as
/// it began is left out. In the order in which the items first changed.
pub fn net(changes: impl IntoIterator<Item = Change>) -> Vec<Change> {
    let mut places: BTreeMap<(Store, Item), usize> = BTreeMap::new();
    let mut merged: Vec<Change> = Vec::new();
    for change in changes {
        let key = (change.store.clone(), change.item.clone());
        let place = *places.entry(key).or_insert(merged.len());
        match merged.get_mut(place) {
            Some(earlier) => earlier.then(change),
            None => merged.push(change),
        }
    }
    merged.retain(|change| change.before != change.after);
    merged
}
