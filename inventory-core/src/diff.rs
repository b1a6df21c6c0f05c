//! Two files to transitions, for files of millions of rows: what [`changes`]
//! and [`transitions`] say of their levels, without a map of each file.
//!
//! [`changes`]: crate::changes
//! [`transitions`]: crate::transitions()

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

use crate::changes::Change;
use crate::key::{Item, Store};
use crate::levels::{Columns, Level};
use crate::policy::{Policy, Thresholds};
use crate::quantity::Quantity;
use crate::reader::{Record, Row};
use crate::transitions::{Transition, kind_between};

/// What one file says, in its order and in few bytes: about five more a row
/// than the item's code has.
///
/// [`Levels`](crate::Levels) of the same file take some ten times as much, and
/// can be asked for an item; a snapshot can only be compared with another.
///
/// # Example
///
/// ```
/// use inventory_core::{Policy, Reader, Refusal, TransitionKind};
/// use inventory_core::diff::{Snapshot, diff};
/// use inventory_core::reader::Options;
///
/// fn snapshot(chunks: &[&[u8]]) -> Result<Snapshot, Refusal> {
///     let mut snapshot = Snapshot::default();
///     let mut reader = Reader::new(Options::default());
///     for chunk in chunks {
///         reader.push(chunk, |row| snapshot.push(row))?;
///     }
///     let layout = reader.finish(|row| snapshot.push(row))?;
///     snapshot.set_columns(layout.optional_columns());
///     Ok(snapshot)
/// }
///
/// let monday = snapshot(&[b"store,item,count\nOslo,tea,4\n", b"Oslo,milk,9\n"])?;
/// let tuesday = snapshot(&[b"store,item,count\nOslo,milk,8\nOslo,tea,0\n"])?;
/// let found = diff(&monday, &tuesday, &Policy::default());
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].kind, found[0].change.item.as_str()), (TransitionKind::SoldOut, "tea"));
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    columns: Columns,
    stores: Vec<Store>,
    numbers: HashMap<Store, u32, RandomState>,
    /// The number of the store of the last row.
    store: u32,
    /// The rows, none over two blocks, so that adding one moves no other.
    blocks: Vec<Vec<u8>>,
    rows: usize,
    /// Whether some row says less than the file has columns for.
    has_short: bool,
}

const BLOCK: usize = 1 << 20;

impl Snapshot {
    /// Takes one more row of the file. Only records count.
    pub fn push(&mut self, row: &Row<'_>) {
        if let Row::Record(record) = row {
            self.record(record);
        }
    }

    /// Says which optional columns the file has; without this it has none.
    pub fn set_columns(&mut self, columns: Columns) {
        self.columns = columns;
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    fn record(&mut self, record: &Record<'_>) {
        let store = self.number(&record.store);
        let name = record.name.as_deref().unwrap_or_default();
        let most = 64 + record.item.len() + name.len();
        let block = match self.blocks.last_mut() {
            Some(block) if block.len() < BLOCK && block.capacity() - block.len() >= most => block,
            _ => {
                self.blocks.push(Vec::with_capacity(BLOCK.max(most)));
                match self.blocks.last_mut() {
                    Some(block) => block,
                    None => return,
                }
            }
        };
        put_number(block, store.into());
        put_text(block, &record.item);
        put_level(block, record);
        self.rows += 1;
        self.has_short |= record.unsaid != Columns::default();
    }

    /// The number of a store, nearly always that of the row before.
    fn number(&mut self, store: &str) -> u32 {
        let same =
            |number: u32| self.stores.get(number as usize).is_some_and(|known| known.as_str() == store);
        if !same(self.store) {
            self.store = match self.numbers.get(store) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(self.stores.len()).unwrap_or(u32::MAX);
                    self.stores.push(Store::checked(store));
                    self.numbers.insert(Store::checked(store), number);
                    number
                }
            };
        }
        self.store
    }

    /// The rows, each with its place.
    fn entries(&self) -> impl Iterator<Item = (u64, Entry<'_>)> {
        (0_u64..).zip(&self.blocks).flat_map(|(number, block)| {
            let mut rest = &block[..];
            std::iter::from_fn(move || {
                let place = number << PLACE_BITS | (block.len() - rest.len()) as u64;
                Some((place, Entry::take(&mut rest)?))
            })
        })
    }

    /// The items that short rows name, each with what its rows together say,
    /// and what none of them does.
    fn short(&self) -> Short<'_> {
        let mut short = Short::default();
        if !self.has_short {
            return short;
        }
        for (_, entry) in self.entries().filter(|(_, entry)| entry.unsaid() != Columns::default()) {
            short.insert((entry.store, entry.item), (Level::of(Quantity::ZERO), Columns::ALL));
        }
        for (_, entry) in self.entries() {
            if let Some((level, unsaid)) = short.get_mut(&(entry.store, entry.item)) {
                let said = Columns::ALL.without(entry.unsaid());
                *level = entry.named_level().over(Some(level), said);
                *unsaid = unsaid.without(said);
            }
        }
        short
    }

    fn entry(&self, place: u64) -> Option<Entry<'_>> {
        let block = self.blocks.get(usize::try_from(place >> PLACE_BITS).ok()?)?;
        let offset = usize::try_from(place & ((1 << PLACE_BITS) - 1)).ok()?;
        Entry::take(&mut block.get(offset..)?)
    }
}

/// Items with their levels, and what these leave unsaid.
type Short<'a> = HashMap<(u32, &'a [u8]), (Level, Columns), RandomState>;

/// How many bits say where in its block a row is.
const PLACE_BITS: u32 = BLOCK.trailing_zeros();

/// One row of a snapshot.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry<'a> {
    store: u32,
    item: &'a [u8],
    level: &'a [u8],
}

impl<'a> Entry<'a> {
    #[inline]
    fn take(rest: &mut &'a [u8]) -> Option<Entry<'a>> {
        let store = u32::try_from(take_number(rest)?).ok()?;
        let item = take_text(rest)?;
        let level = *rest;
        let flags = take_byte(rest)?;
        take_number(rest)?;
        if flags & HAS_POINT != 0 {
            take_number(rest)?;
        }
        if flags & HAS_NAME != 0 {
            take_text(rest)?;
        }
        Some(Entry { store, item, level: level.get(..level.len() - rest.len())? })
    }

    /// The optional columns that its row says nothing of.
    fn unsaid(&self) -> Columns {
        let flags = self.level.first().copied().unwrap_or_default();
        Columns { reorder_point: flags & UNSAID_POINT != 0, name: flags & UNSAID_NAME != 0 }
    }

    /// The level without its name.
    fn level(&self) -> Level {
        self.read_level().0
    }

    fn named_level(&self) -> Level {
        let (mut level, name) = self.read_level();
        level.name = name.and_then(|name| std::str::from_utf8(name).ok()).map(Box::from);
        level
    }

    fn read_level(&self) -> (Level, Option<&'a [u8]>) {
        let mut rest = self.level;
        let flags = take_byte(&mut rest).unwrap_or_default();
        let mut quantity = |is_whole| {
            let number = take_number(&mut rest).unwrap_or_default();
            unfolded(number, flags & is_whole != 0)
        };
        let mut level = Level::of(quantity(IS_WHOLE));
        level.reorder_point = (flags & HAS_POINT != 0).then(|| quantity(IS_WHOLE_POINT));
        let name = (flags & HAS_NAME != 0).then(|| take_text(&mut rest)).flatten();
        (level, name)
    }
}

const IS_WHOLE: u8 = 1;
const HAS_POINT: u8 = 2;
const IS_WHOLE_POINT: u8 = 4;
const HAS_NAME: u8 = 8;
const UNSAID_POINT: u8 = 16;
const UNSAID_NAME: u8 = 32;

fn put_level(block: &mut Vec<u8>, record: &Record<'_>) {
    let (point, name) = (record.reorder_point, record.name.as_deref());
    let (number, is_whole) = folded(record.quantity);
    let (point_number, is_whole_point) = point.map(folded).unwrap_or_default();
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    block.push(
        flag(is_whole, IS_WHOLE)
            | flag(point.is_some(), HAS_POINT)
            | flag(is_whole_point, IS_WHOLE_POINT)
            | flag(name.is_some(), HAS_NAME)
            | flag(record.unsaid.reorder_point, UNSAID_POINT)
            | flag(record.unsaid.name, UNSAID_NAME),
    );
    put_number(block, number);
    if point.is_some() {
        put_number(block, point_number);
    }
    if let Some(name) = name {
        put_text(block, name);
    }
}

/// A quantity as a number that is small if it is near zero, and whether it is
/// whole.
fn folded(quantity: Quantity) -> (u64, bool) {
    let (whole, rest) = (quantity.scaled() / ONE, quantity.scaled() % ONE);
    let number = if rest == 0 { whole } else { quantity.scaled() };
    ((number << 1 ^ number >> 63).cast_unsigned(), rest == 0)
}

fn unfolded(number: u64, is_whole: bool) -> Quantity {
    let value = (number >> 1).cast_signed() ^ -(number & 1).cast_signed();
    Quantity::from_scaled(if is_whole { value.wrapping_mul(ONE) } else { value })
}

/// One, in hundred-thousandths.
const ONE: i64 = 100_000;

/// Seven bits a byte, the lowest first.
#[inline]
fn put_number(block: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return block.push(low);
        }
        block.push(low | 0x80);
    }
}

#[inline]
fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = take_byte(rest)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

fn put_text(block: &mut Vec<u8>, text: &str) {
    put_number(block, text.len() as u64);
    block.extend_from_slice(text.as_bytes());
}

#[inline]
fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(text)
}

#[inline]
fn take_byte(rest: &mut &[u8]) -> Option<u8> {
    let (byte, after) = rest.split_first()?;
    *rest = after;
    Some(*byte)
}

/// What happened between two files: the same as of their levels
/// [`changes`](crate::changes) and then [`transitions`](crate::transitions())
/// say, by store and item.
///
/// Where both files name the same items in the same order they are walked side
/// by side; where not, the older is looked up through a table of 8 bytes for
/// each slot, at most 22 bytes a row.
pub fn diff(before: &Snapshot, after: &Snapshot, policy: &Policy) -> Vec<Transition> {
    let join = Join::new(before, after, policy);
    let found = match join.side_by_side() {
        Some(found) => found,
        None => join.by_index(),
    };
    let mut transitions: Vec<Transition> =
        found.rows.into_values().filter_map(|pair| join.transition(pair)).collect();
    transitions.sort_by(|a, b| (&a.change.store, &a.change.item).cmp(&(&b.change.store, &b.change.item)));
    transitions
}

/// A row, and the row of the same item in the file before.
type Pair<'a> = (Option<Entry<'a>>, Entry<'a>);

/// Two snapshots that are compared.
struct Join<'a> {
    before: &'a Snapshot,
    after: &'a Snapshot,
    short_before: Short<'a>,
    short_after: Short<'a>,
    policy: &'a Policy,
    /// Of each store of the file after, its number in the file before.
    numbers: Vec<Option<u32>>,
    thresholds: Vec<Thresholds>,
    hasher: RandomState,
}

impl<'a> Join<'a> {
    fn new(before: &'a Snapshot, after: &'a Snapshot, policy: &'a Policy) -> Join<'a> {
        let numbers = after.stores.iter().map(|store| before.numbers.get(store).copied()).collect();
        let thresholds = after.stores.iter().map(|store| policy.thresholds(store)).collect();
        let (short_before, short_after) = (before.short(), after.short());
        let hasher = RandomState::default();
        Join { before, after, short_before, short_after, policy, numbers, thresholds, hasher }
    }

    /// What happened, if both files name the same items in the same order.
    fn side_by_side(&self) -> Option<Found<'a>> {
        if self.before.len() != self.after.len() {
            return None;
        }
        let mut found = Found::default();
        for ((_, old), (_, new)) in self.before.entries().zip(self.after.entries()) {
            if old.item != new.item || self.number(new.store) != Some(old.store) {
                return None;
            }
            self.judge(&mut found, self.hash(old.store, old.item), Some(old), new);
        }
        Some(found)
    }

    /// What happened, whatever their orders are.
    fn by_index(&self) -> Found<'a> {
        let index = Index::new(self.before, &self.hasher);
        let mut found = Found::default();
        let mut batch = Vec::with_capacity(BATCH);
        let mut entries = self.after.entries().map(|(_, new)| new).peekable();
        while entries.peek().is_some() {
            batch.clear();
            batch.extend(entries.by_ref().take(BATCH).map(|new| {
                let number = self.number(new.store);
                (new, number, self.hash(number.unwrap_or(u32::MAX), new.item))
            }));
            index.touch(batch.iter().map(|(_, _, hash)| *hash));
            for (new, number, hash) in &batch {
                let old = number.and_then(|number| index.get(*hash, number, new.item));
                self.judge(&mut found, *hash, old, *new);
            }
        }
        found
    }

    fn number(&self, store: u32) -> Option<u32> {
        self.numbers.get(store as usize).copied().flatten()
    }

    fn hash(&self, store: u32, item: &[u8]) -> u64 {
        hash(&self.hasher, store, item)
    }

    /// Notes what a row comes to, instead of what an earlier row of its item
    /// did.
    fn judge(&self, found: &mut Found<'a>, hash: u64, old: Option<Entry<'a>>, new: Entry<'a>) {
        let are_full = self.short_before.is_empty() && self.short_after.is_empty();
        let is_same = are_full && old.is_some_and(|old| old.level == new.level);
        if !is_same && self.is_transition((old, new)) {
            found.insert(hash, old, new);
        } else {
            found.remove(hash, new);
        }
    }

    /// Whether the two levels are a transition, without their names.
    fn is_transition(&self, (old, new): Pair<'a>) -> bool {
        let Some(thresholds) = self.thresholds.get(new.store as usize) else { return false };
        let old = old.map(|old| self.old_level(old, Entry::level));
        let level = self.new_level(new, old.as_ref(), Entry::level);
        kind_between(old.as_ref(), &level, *thresholds).is_some()
    }

    fn transition(&self, (old, new): Pair<'a>) -> Option<Transition> {
        let old = old.map(|old| self.old_level(old, Entry::named_level));
        let level = self.new_level(new, old.as_ref(), Entry::named_level);
        let store = self.after.stores.get(new.store as usize)?;
        let item = Item::checked(std::str::from_utf8(new.item).ok()?);
        Transition::of(Change::between(store, &item, old, Some(level))?, self.policy)
    }

    fn old_level(&self, old: Entry<'a>, full: impl Fn(&Entry<'a>) -> Level) -> Level {
        let short = self.short_before.get(&(old.store, old.item));
        short.map_or_else(|| full(&old), |(level, _)| level.clone())
    }

    /// What a row makes of the level before.
    fn new_level(&self, new: Entry<'a>, old: Option<&Level>, full: impl Fn(&Entry<'a>) -> Level) -> Level {
        let columns = self.after.columns;
        match self.short_after.get(&(new.store, new.item)) {
            None => full(&new).over(old, columns),
            Some((level, unsaid)) => level.clone().over(old, columns.without(*unsaid)),
        }
    }
}

#[inline]
fn hash(hasher: &RandomState, store: u32, item: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(item);
    hasher.write_u32(store);
    hasher.finish()
}

/// The rows that are transitions, each the last of its item.
struct Found<'a> {
    rows: HashMap<(u32, &'a [u8]), Pair<'a>, RandomState>,
    /// A bit for each hash, by which nearly all rows are told from those.
    bits: Vec<u64>,
}

const BITS: usize = 1 << 21;

impl Default for Found<'_> {
    fn default() -> Self {
        Found { rows: HashMap::default(), bits: vec![0; BITS / 64] }
    }
}

impl<'a> Found<'a> {
    fn insert(&mut self, hash: u64, old: Option<Entry<'a>>, new: Entry<'a>) {
        let (word, bit) = Found::place(hash);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= bit;
        }
        self.rows.insert((new.store, new.item), (old, new));
    }

    fn remove(&mut self, hash: u64, new: Entry<'a>) {
        let (word, bit) = Found::place(hash);
        if self.bits.get(word).is_some_and(|word| word & bit != 0) {
            self.rows.remove(&(new.store, new.item));
        }
    }

    fn place(hash: u64) -> (usize, u64) {
        let place = usize::try_from(hash % BITS as u64).unwrap_or_default();
        (place / 64, 1 << (place % 64))
    }
}

/// How many rows are looked up at once, so that their memory is waited for at
/// once.
const BATCH: usize = 64;

/// The last row of each item of a snapshot, by hash.
struct Index<'a> {
    snapshot: &'a Snapshot,
    /// The places, each with some bits of its hash above it; none is zero.
    slots: Vec<u64>,
}

const TAG: u64 = 0xfff << 52;

impl<'a> Index<'a> {
    fn new(snapshot: &'a Snapshot, hasher: &RandomState) -> Index<'a> {
        let slots = vec![0; (snapshot.len() + snapshot.len() / 3 + 1).next_power_of_two()];
        let mut index = Index { snapshot, slots };
        let mut batch = Vec::with_capacity(BATCH);
        let mut entries = snapshot.entries().peekable();
        while entries.peek().is_some() {
            batch.clear();
            batch.extend(
                entries
                    .by_ref()
                    .take(BATCH)
                    .map(|(place, entry)| (place, entry, hash(hasher, entry.store, entry.item))),
            );
            index.touch(batch.iter().map(|(_, _, hash)| *hash));
            for (place, entry, hash) in &batch {
                let (slot, _) = index.find(*hash, entry.store, entry.item);
                if let Some(slot) = index.slots.get_mut(slot) {
                    *slot = hash & TAG | (place + 1);
                }
            }
        }
        index
    }

    /// Reads the slots of hashes, so that they are near.
    fn touch(&self, hashes: impl Iterator<Item = u64>) {
        let slots = hashes.map(|hash| self.slots.get(self.first(hash)).copied().unwrap_or_default());
        std::hint::black_box(slots.fold(0, |all, slot| all ^ slot));
    }

    fn get(&self, hash: u64, store: u32, item: &[u8]) -> Option<Entry<'a>> {
        self.find(hash, store, item).1
    }

    /// The slot of an item and its row, or else the free slot for it.
    fn find(&self, hash: u64, store: u32, item: &[u8]) -> (usize, Option<Entry<'a>>) {
        let mut place = self.first(hash);
        loop {
            match self.slots.get(place) {
                Some(0) | None => return (place, None),
                Some(slot) if slot & TAG == hash & TAG => {
                    let entry = self.snapshot.entry((slot & !TAG) - 1);
                    if let Some(entry) = entry.filter(|entry| entry.store == store && entry.item == item) {
                        return (place, Some(entry));
                    }
                }
                Some(_) => {}
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    fn first(&self, hash: u64) -> usize {
        // No bit of the tag among them, below 2^52 slots.
        usize::try_from(hash & (self.slots.len() as u64 - 1)).unwrap_or_default()
    }
}
