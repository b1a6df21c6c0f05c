use std::collections::BTreeMap;

use crate::key::{Item, Store};
use crate::levels::{Level, Levels};

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
}

impl Change {
    /// What became of a level; equal levels are no change.
    pub fn between(
        store: &Store,
        item: &Item,
        before: Option<Level>,
        after: Option<Level>,
    ) -> Option<Change> {
        let changed = before != after;
        changed.then(|| Change { store: store.clone(), item: item.clone(), before, after, cause: None })
    }

    /// The same change with its cause.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<str>>) -> Change {
        self.cause = Some(cause.into());
        self
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
            let new = level.over(old, file.columns());
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
            Some(earlier) => {
                earlier.after = change.after;
                earlier.cause = change.cause;
            }
            None => merged.push(change),
        }
    }
    merged.retain(|change| change.before != change.after);
    merged
}
