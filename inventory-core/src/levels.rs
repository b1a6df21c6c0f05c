//! Records to levels: what a file says of each store and item, once.

use std::collections::{BTreeMap, BTreeSet};

use crate::key::{Item, Store};
use crate::quantity::Quantity;
use crate::reader::{Record, Row};

/// What a store holds of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Level {
    /// How much.
    pub quantity: Quantity,
    /// The quantity at or below which it should be ordered again.
    pub reorder_point: Option<Quantity>,
    /// What people call the item.
    pub name: Option<Box<str>>,
}

impl Level {
    /// A level without a reorder point and a name.
    pub fn of(quantity: Quantity) -> Level {
        Level { quantity, reorder_point: None, name: None }
    }

    /// The level after a file with these columns said `self`: what it has no
    /// column for stays as it was before.
    ///
    /// # Example
    ///
    /// ```
    /// use inventory_core::{Level, levels::Columns};
    ///
    /// let mut before = Level::of(4.into());
    /// before.name = Some("Green tea".into());
    /// let after = Level::of(0.into()).over(Some(&before), Columns::default());
    /// assert_eq!(after.quantity, 0.into());
    /// assert_eq!(after.name.as_deref(), Some("Green tea"));
    /// ```
    pub fn over(&self, before: Option<&Level>, columns: Columns) -> Level {
        let (said, kept) = (Some(self), before);
        let reorder_point = if columns.reorder_point { said } else { kept };
        let name = if columns.name { said } else { kept };
        Level {
            quantity: self.quantity,
            reorder_point: reorder_point.and_then(|level| level.reorder_point),
            name: name.and_then(|level| level.name.clone()),
        }
    }
}

impl From<&Record<'_>> for Level {
    fn from(record: &Record<'_>) -> Level {
        Level {
            quantity: record.quantity,
            reorder_point: record.reorder_point,
            name: record.name.as_deref().map(Box::from),
        }
    }
}

/// Which of the optional columns a file has. A blank cell says that there is
/// no reorder point or no name; a missing column says nothing of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Columns {
    /// It has a column of reorder points.
    pub reorder_point: bool,
    /// It has a column of names.
    pub name: bool,
}

impl Columns {
    /// Both optional columns.
    pub const ALL: Columns = Columns { reorder_point: true, name: true };

    pub(crate) fn without(self, other: Columns) -> Columns {
        Columns { reorder_point: self.reorder_point && !other.reorder_point, name: self.name && !other.name }
    }
}

/// The levels that a file gives, by store and item, and how many of its rows
/// went into them.
///
/// Where a file names an item of a store more than once, its last row wins;
/// what that row says nothing of, the one before says.
/// Memory grows with the number of levels and not with that of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    columns: Columns,
    stores: BTreeMap<Store, StoreLevels>,
    unattributed: u64,
}

impl Levels {
    /// Takes one more row of the file.
    pub fn push(&mut self, row: &Row<'_>) {
        match row {
            Row::Record(record) => self.of_store(&record.store).record(record),
            Row::Reject(reject) => match &reject.store {
                Some(store) => self.of_store(store.as_str()).reject(reject.item.as_ref()),
                None => self.unattributed += 1,
            },
            Row::Skipped(skip) => self.of_store(&skip.store).skip(skip.item.as_deref()),
        }
    }

    /// Sets one level, as a row of its own would.
    pub fn insert(&mut self, store: &Store, item: Item, level: Level) {
        self.of_store(store.as_str()).insert(item, level);
    }

    /// Says which optional columns the file has; without this it has none.
    pub fn set_columns(&mut self, columns: Columns) {
        self.columns = columns;
    }

    /// Which optional columns the file has.
    pub fn columns(&self) -> Columns {
        self.columns
    }

    /// The stores, by name, each with its levels.
    pub fn stores(&self) -> impl Iterator<Item = (&Store, &StoreLevels)> {
        self.stores.iter()
    }

    /// What the file says of one store.
    pub fn store(&self, store: &str) -> Option<&StoreLevels> {
        self.stores.get(store)
    }

    /// How many rows were rejected without it being known of which item, or
    /// not even of which store.
    pub fn nameless(&self) -> u64 {
        self.unattributed + self.stores.values().map(|levels| levels.nameless).sum::<u64>()
    }

    /// How many rows were rejected without it being known whose they are.
    pub fn unattributed(&self) -> u64 {
        self.unattributed
    }

    fn of_store(&mut self, store: &str) -> &mut StoreLevels {
        // Looked up twice, because an entry would need a key of its own for
        // every row.
        if !self.stores.contains_key(store) {
            self.stores.insert(Store::checked(store), StoreLevels::default());
        }
        match self.stores.get_mut(store) {
            Some(levels) => levels,
            None => unreachable!("it was inserted above"),
        }
    }
}

/// The levels that a file gives of one store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreLevels {
    levels: BTreeMap<Item, Level>,
    /// What no row of an item said anything of, where the file has a column.
    unsaid: BTreeMap<Item, Columns>,
    accepted: u64,
    rejected: u64,
    skipped: u64,
    contradicted: u64,
    /// Items of rejected and skipped rows.
    uncounted: BTreeSet<Item>,
    nameless: u64,
}

impl StoreLevels {
    /// The level of an item.
    pub fn get(&self, item: &str) -> Option<&Level> {
        self.levels.get(item)
    }

    /// The levels, by item.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Item, &Level)> {
        self.levels.iter()
    }

    /// Which of a file's optional columns its rows of an item say something of.
    pub fn columns(&self, item: &str, of_file: Columns) -> Columns {
        self.unsaid.get(item).map_or(of_file, |unsaid| of_file.without(*unsaid))
    }

    /// How many rows were read: `accepted + rejected + skipped`.
    pub fn read(&self) -> u64 {
        self.accepted + self.rejected + self.skipped
    }

    /// How many rows were good: `len + duplicates`.
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// How many rows were bad.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// How many rows said that the store does not count their item.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// How many good rows a later row of the same item replaced.
    pub fn duplicates(&self) -> u64 {
        self.accepted - self.levels.len() as u64
    }

    /// How many of the duplicates had another quantity than the row that
    /// replaced them. Many of them are lots or places of an item, whose last
    /// one is not what the store holds.
    pub fn contradicted(&self) -> u64 {
        self.contradicted
    }

    /// Items that the file names without a level: their rows were rejected or
    /// skipped. Some may have a level all the same, by another row.
    pub fn uncounted(&self) -> impl Iterator<Item = &Item> {
        self.uncounted.iter()
    }

    /// Whether the file names an item at all.
    pub fn names(&self, item: &str) -> bool {
        self.levels.contains_key(item) || self.uncounted.contains(item)
    }

    /// How many levels there are.
    pub fn len(&self) -> usize {
        self.levels.len()
    }

    /// Whether there is no level.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    fn reject(&mut self, item: Option<&Item>) {
        self.rejected += 1;
        match item {
            Some(item) => drop(self.uncounted.insert(item.clone())),
            None => self.nameless += 1,
        }
    }

    fn skip(&mut self, item: Option<&str>) {
        self.skipped += 1;
        self.uncounted.extend(item.map(Item::checked));
    }

    fn record(&mut self, record: &Record<'_>) {
        match self.levels.get_mut(&*record.item) {
            Some(level) => {
                self.contradicted += u64::from(level.quantity != record.quantity);
                *level = Level::from(record).over(Some(level), Columns::ALL.without(record.unsaid));
                self.accepted += 1;
                self.say(record);
            }
            None => {
                let item = Item::checked(&*record.item);
                if record.unsaid != Columns::default() {
                    self.unsaid.insert(item.clone(), record.unsaid);
                }
                self.levels.insert(item, Level::from(record));
                self.accepted += 1;
            }
        }
    }

    /// Forgets that nothing was said of what this row says.
    fn say(&mut self, record: &Record<'_>) {
        let Some(unsaid) = self.unsaid.get_mut(&*record.item) else { return };
        unsaid.reorder_point &= record.unsaid.reorder_point;
        unsaid.name &= record.unsaid.name;
        if *unsaid == Columns::default() {
            self.unsaid.remove(&*record.item);
        }
    }

    fn insert(&mut self, item: Item, level: Level) {
        self.unsaid.remove(&item);
        self.levels.insert(item, level);
        self.accepted += 1;
    }
}
