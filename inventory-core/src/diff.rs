//! Two files to transitions, for files of millions of rows: what [`changes`]
//! and [`transitions`] say of their levels, without a map of each file.
//!
//! [`changes`]: crate::changes
//! [`transitions`]: crate::transitions()

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

use crate::changes::Change;
use crate::digits;
use crate::key::{Item, Store};
use crate::levels::{Columns, Level};
use crate::policy::{Policy, Thresholds};
use crate::quantity::Quantity;
use crate::reader::{Record, Row};
use crate::transitions::{Transition, kind_between};

/// What one file says, in its order and in few bytes: about five more a row
/// than the item's code has, or five in all if that is a number.
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
    /// Of each store, the one that came after it the last time.
    followers: Vec<u32>,
    /// The store of the last row.
    store: u32,
    blocks: Vec<Block>,
    rows: usize,
    /// Whether some row says less than the file has columns for.
    has_short: bool,
}

/// Rows, each whole, one after the other; adding one moves no other.
#[derive(Clone, Debug)]
struct Block {
    bytes: Box<[u8]>,
    used: usize,
    rows: usize,
}

/// How many bytes a block has, unless one row needs more.
const BLOCK: usize = 1 << 20;
/// The most bytes of a row without its texts, and of a number.
const FIXED: usize = 64;

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
        let most = FIXED + record.item.len() + name.len();
        let has_room = |block: &&mut Block| block.used < BLOCK && block.bytes.len() - block.used >= most;
        let block = match self.blocks.last_mut().filter(has_room) {
            Some(block) => block,
            None => {
                let bytes = vec![0; BLOCK.max(most)].into();
                self.blocks.push_mut(Block { bytes, used: 0, rows: 0 })
            }
        };
        let room = block.bytes.get_mut(block.used..).unwrap_or_default();
        block.used += Entry::write(room, store, record);
        block.rows += 1;
        self.rows += 1;
        self.has_short |= record.unsaid != Columns::default();
    }

    /// The number of a store, of which the last row's tells mostly which it is.
    fn number(&mut self, name: &str) -> u32 {
        let is_named = |store: &Store| store.as_str() == name;
        let follower = self.followers.get(self.store as usize).copied().unwrap_or_default();
        if self.stores.get(follower as usize).is_some_and(is_named) {
            self.store = follower;
            return follower;
        }
        let number = self.numbers.get(name).copied().unwrap_or_else(|| {
            let number = u32::try_from(self.stores.len()).unwrap_or(u32::MAX);
            self.stores.push(Store::checked(name));
            self.numbers.insert(Store::checked(name), number);
            self.followers.push(number);
            number
        });
        if let Some(follower) = self.followers.get_mut(self.store as usize) {
            *follower = number;
        }
        self.store = number;
        number
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.blocks.iter().flat_map(Block::entries).map(|(_, entry)| entry)
    }

    /// The items that short rows name, each with what its rows together say,
    /// and what none of them does.
    fn short(&self) -> Short<'_> {
        let mut short = Short::default();
        if !self.has_short {
            return short;
        }
        for entry in self.entries().filter(|entry| entry.unsaid() != Columns::default()) {
            short.insert((entry.store, entry.item), (Level::of(Quantity::ZERO), Columns::ALL));
        }
        for entry in self.entries() {
            if let Some((level, unsaid)) = short.get_mut(&(entry.store, entry.item)) {
                let said = Columns::ALL.without(entry.unsaid());
                *level = entry.named_level().over(Some(level), said);
                *unsaid = unsaid.without(said);
            }
        }
        short
    }
}

impl Block {
    /// The rows, each with where it starts.
    fn entries(&self) -> impl Iterator<Item = (usize, Entry<'_>)> {
        let mut rest = self.bytes.get(..self.used).unwrap_or_default();
        std::iter::from_fn(move || {
            let start = self.used - rest.len();
            Some((start, Entry::take(&mut rest)?))
        })
    }
}

/// Items with their levels, and what these leave unsaid.
type Short<'a> = HashMap<(u32, Code<'a>), (Level, Columns), RandomState>;

/// An item's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Code<'a> {
    /// Digits, the first of which is no zero.
    Number(u64),
    Text(&'a [u8]),
}

impl<'a> Code<'a> {
    fn new(item: &'a str) -> Code<'a> {
        let bytes = item.as_bytes();
        match bytes.first() {
            Some(b'1'..=b'9') => digits::number(bytes).map_or(Code::Text(bytes), Code::Number),
            _ => Code::Text(bytes),
        }
    }

    fn item(self) -> Option<Item> {
        match self {
            Code::Number(number) => Some(Item::checked(&number.to_string())),
            Code::Text(text) => Some(Item::checked(std::str::from_utf8(text).ok()?)),
        }
    }
}

/// One row of a snapshot: two bytes that say what follows and in how many
/// bytes, then the store's number, the item, the quantity, and a reorder point
/// and a name if it has them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry<'a> {
    store: u32,
    item: Code<'a>,
    /// What it says of its level.
    flags: u16,
    quantity: u64,
    /// The reorder point and the name, as they are written.
    rest: &'a [u8],
}

/// How the two bytes are divided: the flags of a level, then the bytes of the
/// item's number, if it is one, and of the quantity.
const FLAGS: u16 = 0x3f;
const ITEM_SHIFT: u32 = 6;
const QUANTITY_SHIFT: u32 = 10;

const IS_WHOLE: u16 = 1;
const HAS_POINT: u16 = 2;
const IS_WHOLE_POINT: u16 = 4;
const HAS_NAME: u16 = 8;
const UNSAID_POINT: u16 = 16;
const UNSAID_NAME: u16 = 32;

impl<'a> Entry<'a> {
    /// Writes a row to where there is room for it, and says how long it is.
    fn write(room: &mut [u8], store: u32, record: &Record<'_>) -> usize {
        let (point, name) = (record.reorder_point, record.name.as_deref());
        let (quantity, is_whole) = folded(record.quantity);
        let (point_number, is_whole_point) = point.map(folded).unwrap_or_default();
        let item = Code::new(&record.item);
        let flag = |is: bool, flag: u16| if is { flag } else { 0 };
        let flags = flag(is_whole, IS_WHOLE)
            | flag(point.is_some(), HAS_POINT)
            | flag(is_whole_point, IS_WHOLE_POINT)
            | flag(name.is_some(), HAS_NAME)
            | flag(record.unsaid.reorder_point, UNSAID_POINT)
            | flag(record.unsaid.name, UNSAID_NAME);
        let of_item = if let Code::Number(number) = item { bytes_of(number) } else { 0 };
        let of_quantity = bytes_of(quantity);
        let mut writer = Writer { room, used: 2 };
        writer.put_number(store.into());
        match item {
            Code::Number(number) => writer.put(number, of_item),
            Code::Text(text) => writer.put_text(text),
        }
        writer.put(quantity, of_quantity);
        if point.is_some() {
            writer.put_number(point_number);
        }
        if let Some(name) = name {
            writer.put_text(name.as_bytes());
        }
        let Writer { room, used } = writer;
        if let Some(head) = room.first_chunk_mut::<2>() {
            *head = (flags | of_item << ITEM_SHIFT | of_quantity << QUANTITY_SHIFT).to_le_bytes();
        }
        used
    }

    #[inline]
    fn take(rows: &mut &'a [u8]) -> Option<Entry<'a>> {
        let (head, mut rest) = rows.split_first_chunk::<2>()?;
        let head = u16::from_le_bytes(*head);
        let store = u32::try_from(take_number(&mut rest)?).ok()?;
        let item = match u32::from(head >> ITEM_SHIFT & 15) {
            0 => Code::Text(take_text(&mut rest)?),
            bytes => Code::Number(take(&mut rest, bytes)?),
        };
        let quantity = take(&mut rest, u32::from(head >> QUANTITY_SHIFT & 15))?;
        let flags = head & FLAGS;
        let optional = rest;
        if flags & HAS_POINT != 0 {
            take_number(&mut rest)?;
        }
        if flags & HAS_NAME != 0 {
            take_text(&mut rest)?;
        }
        *rows = rest;
        Some(Entry { store, item, flags, quantity, rest: optional.get(..optional.len() - rest.len())? })
    }

    /// Whether two rows say the same of their levels.
    #[inline]
    fn is_level_of(&self, other: &Entry<'_>) -> bool {
        (self.flags, self.quantity, self.rest) == (other.flags, other.quantity, other.rest)
    }

    /// The optional columns that its row says nothing of.
    fn unsaid(&self) -> Columns {
        Columns { reorder_point: self.flags & UNSAID_POINT != 0, name: self.flags & UNSAID_NAME != 0 }
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
        let mut rest = self.rest;
        let mut level = Level::of(unfolded(self.quantity, self.flags & IS_WHOLE != 0));
        let mut point =
            || unfolded(take_number(&mut rest).unwrap_or_default(), self.flags & IS_WHOLE_POINT != 0);
        level.reorder_point = (self.flags & HAS_POINT != 0).then(&mut point);
        let name = (self.flags & HAS_NAME != 0).then(|| take_text(&mut rest)).flatten();
        (level, name)
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

/// How many bytes a number needs, at least one.
fn bytes_of(number: u64) -> u16 {
    let bits = u64::BITS - (number | 1).leading_zeros();
    u16::try_from(bits.div_ceil(8)).unwrap_or(8)
}

/// Writes to where there is room: beyond its end, nothing.
struct Writer<'a> {
    room: &'a mut [u8],
    used: usize,
}

impl Writer<'_> {
    /// The lowest bytes of a number.
    #[inline]
    fn put(&mut self, number: u64, bytes: u16) {
        // All eight, because that is one step; what is too much is written
        // over.
        if let Some(room) = self.room.get_mut(self.used..).and_then(|room| room.first_chunk_mut()) {
            *room = number.to_le_bytes();
        }
        self.used += usize::from(bytes);
    }

    /// Seven bits a byte, the lowest first.
    #[inline]
    fn put_number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.put(number & 0x7f | 0x80, 1);
            number >>= 7;
        }
        self.put(number, 1);
    }

    fn put_text(&mut self, text: &[u8]) {
        self.put_number(text.len() as u64);
        if let Some(room) = self.room.get_mut(self.used..self.used + text.len()) {
            room.copy_from_slice(text);
        }
        self.used += text.len();
    }
}

/// The number in so many bytes, one to eight.
#[inline]
fn take(rest: &mut &[u8], bytes: u32) -> Option<u64> {
    let number = match rest.first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => rest.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    };
    *rest = rest.get(bytes as usize..)?;
    Some(number & u64::MAX.wrapping_shr(64 - 8 * bytes))
}

#[inline]
fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

#[inline]
fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(text)
}

/// What happened between two files: the same as of their levels
/// [`changes`](crate::changes) and then [`transitions`](crate::transitions())
/// say, by store and item.
///
/// Where both files name the same items in the same order they are walked side
/// by side; where not, the older is looked up through a table of 4 bytes for
/// each slot, at most 11 bytes a row.
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
        for (old, new) in self.before.entries().zip(self.after.entries()) {
            if old.item != new.item || self.number(new.store) != Some(old.store) {
                return None;
            }
            self.judge(&mut found, self.hash(old.store, old.item), Some(old), new);
        }
        Some(found)
    }

    /// What happened, whatever their orders are.
    fn by_index(&self) -> Found<'a> {
        let indexes: Vec<Index<'a>> =
            self.before.blocks.chunks(INDEXED).map(|blocks| Index::new(blocks, &self.hasher)).collect();
        let mut found = Found::default();
        let mut batch = Vec::with_capacity(BATCH);
        let mut entries = self.after.entries().peekable();
        while entries.peek().is_some() {
            batch.clear();
            batch.extend(entries.by_ref().take(BATCH).map(|new| {
                let number = self.number(new.store);
                (new, number, self.hash(number.unwrap_or(u32::MAX), new.item))
            }));
            indexes.iter().for_each(|index| index.touch(batch.iter().map(|(_, _, hash)| *hash)));
            for (new, number, hash) in &batch {
                let last =
                    |number| indexes.iter().rev().find_map(|index| index.find(*hash, number, new.item).1);
                self.judge(&mut found, *hash, number.and_then(last), *new);
            }
        }
        found
    }

    fn number(&self, store: u32) -> Option<u32> {
        self.numbers.get(store as usize).copied().flatten()
    }

    fn hash(&self, store: u32, item: Code<'_>) -> u64 {
        hash(&self.hasher, store, item)
    }

    /// Notes what a row comes to, instead of what an earlier row of its item
    /// did.
    fn judge(&self, found: &mut Found<'a>, hash: u64, old: Option<Entry<'a>>, new: Entry<'a>) {
        let are_full = self.short_before.is_empty() && self.short_after.is_empty();
        let is_same = are_full && old.is_some_and(|old| old.is_level_of(&new));
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
        Transition::of(Change::between(store, &new.item.item()?, old, Some(level))?, self.policy)
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
fn hash(hasher: &RandomState, store: u32, item: Code<'_>) -> u64 {
    let mut hasher = hasher.build_hasher();
    match item {
        Code::Number(number) => hasher.write_u64(number),
        Code::Text(text) => hasher.write(text),
    }
    hasher.write_u32(store);
    hasher.finish()
}

/// The rows that are transitions, each the last of its item.
struct Found<'a> {
    rows: HashMap<(u32, Code<'a>), Pair<'a>, RandomState>,
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

/// How many blocks an index is of at most, so that a place has 31 bits.
const INDEXED: usize = (1 << 31 >> PLACE_BITS) - 1;
/// How many bits say where in its block a row is.
const PLACE_BITS: u32 = BLOCK.trailing_zeros();

/// The last row of each item of some blocks, by hash.
struct Index<'a> {
    blocks: &'a [Block],
    /// The place of a row, and one more, with bits of its hash above it.
    slots: Vec<u32>,
    /// Which bits are the hash's.
    tag: u32,
}

impl<'a> Index<'a> {
    fn new(blocks: &'a [Block], hasher: &RandomState) -> Index<'a> {
        let rows: usize = blocks.iter().map(|block| block.rows).sum();
        let slots = vec![0; (rows + rows / 3 + 1).next_power_of_two()];
        let tag = u32::MAX << (PLACE_BITS + usize::BITS - blocks.len().leading_zeros());
        let mut index = Index { blocks, slots, tag };
        let mut batch = Vec::with_capacity(BATCH);
        for (number, block) in (0_u32..).zip(blocks) {
            let mut entries = block.entries().peekable();
            while entries.peek().is_some() {
                batch.clear();
                batch.extend(
                    entries
                        .by_ref()
                        .take(BATCH)
                        .map(|(start, entry)| (start, entry, hash(hasher, entry.store, entry.item))),
                );
                index.touch(batch.iter().map(|(_, _, hash)| *hash));
                for (start, entry, hash) in &batch {
                    let place = number << PLACE_BITS | u32::try_from(*start).unwrap_or_default();
                    let (slot, _) = index.find(*hash, entry.store, entry.item);
                    if let Some(slot) = index.slots.get_mut(slot) {
                        *slot = Index::tag_of(*hash) & index.tag | (place + 1);
                    }
                }
            }
        }
        index
    }

    /// Reads the slots of hashes, and then the rows, so that they are near.
    fn touch(&self, hashes: impl Iterator<Item = u64>) {
        let mut slots = [0; BATCH];
        for (slot, hash) in slots.iter_mut().zip(hashes) {
            *slot = self.slots.get(self.first(hash)).copied().unwrap_or_default();
        }
        let rows = slots.map(|slot| self.row(slot).and_then(|row| row.first()).copied().unwrap_or_default());
        std::hint::black_box(rows);
    }

    /// The slot of an item and its row, or else the free slot for it.
    #[inline]
    fn find(&self, hash: u64, store: u32, item: Code<'_>) -> (usize, Option<Entry<'a>>) {
        let tag = Index::tag_of(hash) & self.tag;
        let mut place = self.first(hash);
        loop {
            match self.slots.get(place) {
                Some(0) | None => return (place, None),
                Some(slot) if slot & self.tag == tag => {
                    let entry = self.row(*slot).and_then(|mut row| Entry::take(&mut row));
                    if let Some(entry) = entry.filter(|entry| entry.store == store && entry.item == item) {
                        return (place, Some(entry));
                    }
                }
                Some(_) => {}
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    /// The text from the row of a slot on.
    #[inline]
    fn row(&self, slot: u32) -> Option<&'a [u8]> {
        let place = (slot & !self.tag).checked_sub(1)?;
        let block = self.blocks.get((place >> PLACE_BITS) as usize)?;
        block.bytes.get((place & ((1 << PLACE_BITS) - 1)) as usize..block.used)
    }

    fn first(&self, hash: u64) -> usize {
        usize::try_from(hash & (self.slots.len() as u64 - 1)).unwrap_or_default()
    }

    /// The bits of a hash that its first slot does not depend on.
    fn tag_of(hash: u64) -> u32 {
        u32::try_from(hash >> 32).unwrap_or_default()
    }
}
