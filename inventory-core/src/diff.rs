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
/// than the item's code has, or ten in all if that is a number.
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
/// fn read<'a>(mut snapshot: Snapshot<'a>, chunks: &[&[u8]]) -> Result<Snapshot<'a>, Refusal> {
///     let mut reader = Reader::new(Options::default());
///     for chunk in chunks {
///         reader.push(chunk, |row| snapshot.push(row))?;
///     }
///     let layout = reader.finish(|row| snapshot.push(row))?;
///     snapshot.set_columns(layout.optional_columns());
///     Ok(snapshot)
/// }
///
/// let monday = read(Snapshot::default(), &[b"store,item,count\nOslo,tea,4\n", b"Oslo,milk,9\n"])?;
/// let tuesday = read(Snapshot::after(&monday), &[b"store,item,count\nOslo,tea,0\nOslo,milk,8\n"])?;
/// let found = diff(&monday, &tuesday, &Policy::default());
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].kind, found[0].change.item.as_str()), (TransitionKind::SoldOut, "tea"));
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Snapshot<'a> {
    columns: Columns,
    stores: Stores,
    /// The rows, but those that a walk has in common with the file before.
    blocks: Vec<Block>,
    rows: usize,
    /// Whether some row says less than the file has columns for.
    has_short: bool,
    walk: Option<Walk<'a>>,
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

impl<'a> Snapshot<'a> {
    /// Starts a snapshot of a later file. As long as that names the same items
    /// in the same order, only what it says of them otherwise takes memory.
    pub fn after(before: &'a Snapshot<'_>) -> Snapshot<'a> {
        let stores = before.stores.clone();
        // The rows of one that has a walk itself are in two places.
        let walk = before.walk.is_none().then(|| Walk::new(before));
        Snapshot { stores, walk, ..Snapshot::default() }
    }

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
        let row = Entry::new(self.stores.number(&record.store), record);
        self.rows += 1;
        self.has_short |= record.unsaid != Columns::default();
        if !self.walk.as_mut().is_some_and(|walk| walk.has(&row)) {
            self.add(&row);
        }
    }

    fn add(&mut self, row: &Entry<'_>) {
        let most = row.most_bytes();
        let has_room = |block: &&mut Block| block.used < BLOCK && block.bytes.len() - block.used >= most;
        let block = match self.blocks.last_mut().filter(has_room) {
            Some(block) => block,
            None => {
                let bytes = vec![0; BLOCK.max(most)].into();
                self.blocks.push_mut(Block { bytes, used: 0, rows: 0 })
            }
        };
        block.used += row.write(block.bytes.get_mut(block.used..).unwrap_or_default());
        block.rows += 1;
    }

    /// The rows, in the file's order.
    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut own = self.own();
        let mut before = self.walk.iter().flat_map(|walk| walk.before.own());
        let mut runs = self.walk.as_ref().map_or(&[][..], |walk| &walk.runs).iter();
        let mut run = Run::default();
        std::iter::from_fn(move || {
            loop {
                if run.same > 0 {
                    run.same -= 1;
                    return before.next();
                }
                if run.others > 0 {
                    run.others -= 1;
                    before.next();
                    return own.next();
                }
                match runs.next() {
                    Some(next) => run = *next,
                    None => return own.next(),
                }
            }
        })
    }

    /// The row at a place in its own blocks, and where the next one is.
    fn at(&self, place: Place) -> Option<(Entry<'_>, Place)> {
        let block = self.blocks.get(place.block as usize)?;
        let mut rest = block.bytes.get(place.byte as usize..block.used)?;
        let row = Entry::take(&mut rest)?;
        let next = match u32::try_from(block.used - rest.len()).ok()? {
            _ if rest.is_empty() => Place { block: place.block + 1, byte: 0 },
            byte => Place { byte, ..place },
        };
        Some((row, next))
    }

    /// The rows that are in its own blocks.
    fn own(&self) -> Own<'_> {
        Own { blocks: self.blocks.iter(), rest: &[] }
    }

    /// The same without a walk.
    fn whole(&self) -> Snapshot<'static> {
        let Snapshot { columns, stores, rows, has_short, .. } = self;
        let (columns, stores, rows, has_short) = (*columns, stores.clone(), *rows, *has_short);
        let mut whole = Snapshot { columns, stores, rows, has_short, ..Snapshot::default() };
        self.entries().for_each(|row| whole.add(&row));
        whole
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

/// The rows of blocks.
struct Own<'a> {
    blocks: std::slice::Iter<'a, Block>,
    /// What is left of one of them.
    rest: &'a [u8],
}

impl<'a> Iterator for Own<'a> {
    type Item = Entry<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Entry<'a>> {
        while self.rest.is_empty() {
            let block = self.blocks.next()?;
            self.rest = block.bytes.get(..block.used).unwrap_or_default();
        }
        Entry::take(&mut self.rest)
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

/// The stores of a file, by number.
#[derive(Clone, Debug, Default)]
struct Stores {
    names: Vec<Store>,
    numbers: HashMap<Store, u32, RandomState>,
    /// Of each store, the one that came after it the last time.
    followers: Vec<u32>,
    /// The store of the last row.
    last: u32,
}

impl Stores {
    /// The number of a store, of which the last row's tells mostly which it is.
    fn number(&mut self, name: &str) -> u32 {
        let is_named = |store: &Store| is_same(store.as_str().as_bytes(), name.as_bytes());
        let follower = self.followers.get(self.last as usize).copied().unwrap_or_default();
        if self.names.get(follower as usize).is_some_and(is_named) {
            self.last = follower;
            return follower;
        }
        let number = self.numbers.get(name).copied().unwrap_or_else(|| {
            let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            self.names.push(Store::checked(name));
            self.numbers.insert(Store::checked(name), number);
            self.followers.push(number);
            number
        });
        if let Some(follower) = self.followers.get_mut(self.last as usize) {
            *follower = number;
        }
        self.last = number;
        number
    }
}

/// Whether two texts are the same; of most names without a call.
#[inline]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    match (a.first_chunk::<4>(), a.last_chunk::<4>()) {
        (Some(first), Some(last)) if a.len() <= 8 => {
            a.len() == b.len() && b.first_chunk() == Some(first) && b.last_chunk() == Some(last)
        }
        _ => a == b,
    }
}

/// A walk through a file beside the one before, as long as both name the same
/// items in the same order.
#[derive(Clone, Debug)]
struct Walk<'a> {
    before: &'a Snapshot<'a>,
    /// The next row of the file before, unless they parted.
    next: Option<Place>,
    runs: Vec<Run>,
    /// Where the file before has the rows that are others now.
    old: Vec<Place>,
    /// The hashes of these.
    changed: Marks,
    hasher: RandomState,
}

/// How many rows are the same in both files, and how many others follow.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    same: usize,
    others: usize,
}

/// Where a row is.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    block: u32,
    byte: u32,
}

impl<'a> Walk<'a> {
    fn new(before: &'a Snapshot<'a>) -> Walk<'a> {
        let next = (before.rows > 0).then(Place::default);
        let (runs, old, changed, hasher) = Default::default();
        Walk { before, next, runs, old, changed, hasher }
    }

    /// Goes on by a row, and says whether the file before has the same one.
    fn has(&mut self, row: &Entry<'_>) -> bool {
        let Some(place) = self.next.take() else { return false };
        let Some((old, next)) = self.before.at(place) else { return false };
        if (old.store, old.item) != (row.store, row.item) {
            return false;
        }
        self.next = Some(next);
        let hash = hash(&self.hasher, row.store, row.item);
        // After another row of its item it is one to look at, too.
        let is_same = old.is_level_of(row) && !self.changed.has(hash);
        match self.runs.last_mut() {
            Some(Run { same, others: 0 }) if is_same => *same += 1,
            None | Some(_) if is_same => self.runs.push(Run { same: 1, others: 0 }),
            Some(Run { others, .. }) => *others += 1,
            None => self.runs.push(Run { same: 0, others: 1 }),
        }
        if !is_same {
            self.changed.add(hash);
            self.old.push(place);
        }
        is_same
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

/// One row of a snapshot. It is written as two bytes that say what follows and
/// in how many bytes, then the store's number, the item, the quantity, and a
/// reorder point and a name if it has them.
#[derive(Clone, Copy)]
struct Entry<'a> {
    store: u32,
    item: Code<'a>,
    flags: u16,
    quantity: u64,
    reorder_point: u64,
    name: &'a [u8],
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
    fn new(store: u32, record: &'a Record<'_>) -> Entry<'a> {
        let (point, name) = (record.reorder_point, record.name.as_deref());
        let (quantity, is_whole) = folded(record.quantity);
        let (reorder_point, is_whole_point) = point.map(folded).unwrap_or_default();
        let flag = |is: bool, flag: u16| if is { flag } else { 0 };
        let flags = flag(is_whole, IS_WHOLE)
            | flag(point.is_some(), HAS_POINT)
            | flag(is_whole_point, IS_WHOLE_POINT)
            | flag(name.is_some(), HAS_NAME)
            | flag(record.unsaid.reorder_point, UNSAID_POINT)
            | flag(record.unsaid.name, UNSAID_NAME);
        let name = name.unwrap_or_default().as_bytes();
        Entry { store, item: Code::new(&record.item), flags, quantity, reorder_point, name }
    }

    /// How much room it may need.
    fn most_bytes(&self) -> usize {
        let item = if let Code::Text(text) = self.item { text.len() } else { 0 };
        FIXED + item + self.name.len()
    }

    /// Writes it to where there is room for it, and says how long it is.
    fn write(&self, room: &mut [u8]) -> usize {
        let of_item = if let Code::Number(number) = self.item { bytes_of(number) } else { 0 };
        let of_quantity = bytes_of(self.quantity);
        if let Some(head) = room.first_chunk_mut::<2>() {
            *head = (self.flags | of_item << ITEM_SHIFT | of_quantity << QUANTITY_SHIFT).to_le_bytes();
        }
        let mut writer = Writer { room, used: 2 };
        writer.put_number(self.store.into());
        match self.item {
            Code::Number(number) => writer.put(number, of_item),
            Code::Text(text) => writer.put_text(text),
        }
        writer.put(self.quantity, of_quantity);
        if self.flags & HAS_POINT != 0 {
            writer.put_number(self.reorder_point);
        }
        if self.flags & HAS_NAME != 0 {
            writer.put_text(self.name);
        }
        writer.used
    }

    #[inline(always)]
    fn take(rows: &mut &'a [u8]) -> Option<Entry<'a>> {
        let (head, mut rest) = rows.split_first_chunk::<2>()?;
        let head = u16::from_le_bytes(*head);
        let flags = head & FLAGS;
        let store = u32::try_from(take_number(&mut rest)?).ok()?;
        let item = match u32::from(head >> ITEM_SHIFT & 15) {
            0 => Code::Text(take_text(&mut rest)?),
            bytes => Code::Number(take(&mut rest, bytes)?),
        };
        let quantity = take(&mut rest, u32::from(head >> QUANTITY_SHIFT & 15))?;
        let reorder_point = if flags & HAS_POINT != 0 { take_number(&mut rest)? } else { 0 };
        let name = if flags & HAS_NAME != 0 { take_text(&mut rest)? } else { &[] };
        *rows = rest;
        Some(Entry { store, item, flags, quantity, reorder_point, name })
    }

    /// Whether two rows say the same of their levels.
    #[inline]
    fn is_level_of(&self, other: &Entry<'_>) -> bool {
        let level = |row: &Entry<'_>| (row.flags, row.quantity, row.reorder_point);
        // Comparing nothing with nothing takes a hundred times as long as
        // anything else here, where its address is none.
        level(self) == level(other) && (self.flags & HAS_NAME == 0 || self.name == other.name)
    }

    /// The optional columns that its row says nothing of.
    fn unsaid(&self) -> Columns {
        Columns { reorder_point: self.flags & UNSAID_POINT != 0, name: self.flags & UNSAID_NAME != 0 }
    }

    /// The level without its name.
    fn level(&self) -> Level {
        let has = |flag: u16| self.flags & flag != 0;
        let mut level = Level::of(unfolded(self.quantity, has(IS_WHOLE)));
        level.reorder_point = has(HAS_POINT).then(|| unfolded(self.reorder_point, has(IS_WHOLE_POINT)));
        level
    }

    fn named_level(&self) -> Level {
        let name = std::str::from_utf8(self.name).ok().filter(|_| self.flags & HAS_NAME != 0);
        Level { name: name.map(Box::from), ..self.level() }
    }
}

/// A quantity as a number that is small if it is near zero, and whether it is
/// whole.
fn folded(quantity: Quantity) -> (u64, bool) {
    let (scaled, whole) = (quantity.scaled(), quantity.scaled() / ONE);
    let is_whole = whole * ONE == scaled;
    let number = if is_whole { whole } else { scaled };
    ((number << 1 ^ number >> 63).cast_unsigned(), is_whole)
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
pub fn diff(before: &Snapshot<'_>, after: &Snapshot<'_>, policy: &Policy) -> Vec<Transition> {
    let whole = before.walk.as_ref().map(|_| before.whole());
    let join = Join::new(whole.as_ref().unwrap_or(before), after, policy);
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
    before: &'a Snapshot<'a>,
    after: &'a Snapshot<'a>,
    short_before: Short<'a>,
    short_after: Short<'a>,
    policy: &'a Policy,
    /// Of each store of the file after, its number in the file before.
    numbers: Vec<Option<u32>>,
    thresholds: Vec<Thresholds>,
    hasher: RandomState,
}

impl<'a> Join<'a> {
    fn new(before: &'a Snapshot<'a>, after: &'a Snapshot<'a>, policy: &'a Policy) -> Join<'a> {
        let numbers =
            after.stores.names.iter().map(|store| before.stores.numbers.get(store).copied()).collect();
        let thresholds = after.stores.names.iter().map(|store| policy.thresholds(store)).collect();
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
        if let Some(walk) = &self.after.walk
            && std::ptr::eq(walk.before, self.before)
            && walk.next.is_some()
            && self.short_before.is_empty()
            && self.short_after.is_empty()
        {
            for (place, new) in walk.old.iter().zip(self.after.own()) {
                let (old, _) = self.before.at(*place)?;
                self.judge(&mut found, self.hash(old.store, old.item), Some(old), new);
            }
            return Some(found);
        }
        for (old, new) in self.before.own().zip(self.after.entries()) {
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
        let store = self.after.stores.names.get(new.store as usize)?;
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
#[derive(Default)]
struct Found<'a> {
    rows: HashMap<(u32, Code<'a>), Pair<'a>, RandomState>,
    marks: Marks,
}

impl<'a> Found<'a> {
    fn insert(&mut self, hash: u64, old: Option<Entry<'a>>, new: Entry<'a>) {
        self.marks.add(hash);
        self.rows.insert((new.store, new.item), (old, new));
    }

    fn remove(&mut self, hash: u64, new: Entry<'a>) {
        if self.marks.has(hash) {
            self.rows.remove(&(new.store, new.item));
        }
    }
}

/// A bit for each hash, by which nearly all items are told from those added.
#[derive(Clone, Debug)]
struct Marks(Vec<u64>);

impl Default for Marks {
    fn default() -> Self {
        Marks(vec![0; Marks::BITS / 64])
    }
}

impl Marks {
    const BITS: usize = 1 << 21;

    fn add(&mut self, hash: u64) {
        let (word, bit) = Marks::place(hash);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    fn has(&self, hash: u64) -> bool {
        let (word, bit) = Marks::place(hash);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn place(hash: u64) -> (usize, u64) {
        let place = usize::try_from(hash % Marks::BITS as u64).unwrap_or_default();
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
