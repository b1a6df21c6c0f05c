//! A row in few bytes.

use std::hash::{BuildHasher, Hasher};
use std::io::Write;

use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;

use crate::digits;
use crate::key::Item;
use crate::levels::{Columns, Level};
use crate::quantity::Quantity;
use crate::reader::Record;

/// The most bytes of a row without its texts; as many can be read of any.
pub(super) const FIXED: usize = 48;

/// An item's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Code<'a> {
    /// Digits, the first of which is no zero.
    Number(u64),
    Text(&'a [u8]),
}

/// The hash of an item and its store, the same for all snapshots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash(pub(super) u64);

impl Hash {
    /// The bits that tell the partition, of which a table uses none.
    #[inline(always)]
    pub(super) fn partition(self) -> u8 {
        let [_, _, _, partition, ..] = self.0.to_le_bytes();
        partition
    }
}

#[inline(always)]
fn hasher() -> impl Hasher {
    SeedableRandomState::with_seed(0, SharedSeed::global_random()).build_hasher()
}

pub(super) fn hash_of_store(name: &str) -> u64 {
    let mut hasher = hasher();
    hasher.write(name.as_bytes());
    hasher.finish()
}

impl<'a> Code<'a> {
    #[inline(always)]
    fn new(item: &'a str) -> Code<'a> {
        let bytes = item.as_bytes();
        match bytes.first() {
            Some(b'1'..=b'9') => digits::number(bytes).map_or(Code::Text(bytes), Code::Number),
            _ => Code::Text(bytes),
        }
    }

    #[inline(always)]
    pub(super) fn hash(self, store: u64) -> Hash {
        let mut hasher = hasher();
        match self {
            Code::Number(number) => hasher.write_u128(u128::from(store) << 64 | u128::from(number)),
            Code::Text(text) => {
                hasher.write(text);
                hasher.write_u64(store);
            }
        }
        Hash(hasher.finish())
    }

    /// Some bits by which nearly all items are told from another.
    #[inline(always)]
    pub(super) fn mark(self) -> u16 {
        match self {
            Code::Number(number) => mark(number),
            Code::Text(_) => mark(self.hash(0).0),
        }
    }

    /// Its first bytes as a number that is smaller if they are.
    pub(super) fn start(self) -> u128 {
        let mut start = [0; 16];
        let mut room = start.as_mut_slice();
        // What does not fit is left out.
        let _ = match self {
            Code::Number(number) => write!(room, "{number}"),
            Code::Text(text) => room.write_all(text),
        };
        u128::from_be_bytes(start)
    }

    pub(super) fn item(self) -> Option<Item> {
        match self {
            Code::Number(number) => Some(Item::checked(number.to_string())),
            Code::Text(text) => Some(Item::checked(std::str::from_utf8(text).ok()?)),
        }
    }
}

/// One row of a snapshot. It is written as two bytes that say what follows and
/// in how many bytes, then the store's number, the item's number or else the
/// length of its text, the quantity, and the text, a reorder point and a name
/// if it has them. If it is three numbers, and the store's is one byte, that is
/// the second of the two.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) store: u32,
    pub(super) item: Code<'a>,
    flags: u8,
    quantity: u64,
    reorder_point: u64,
    name: &'a [u8],
}

/// How the two bytes are divided: the flags, then one less than the bytes of
/// the store's number, of the item's and of the quantity.
const STORE_SHIFT: u32 = 8;
const ITEM_SHIFT: u32 = 10;
const QUANTITY_SHIFT: u32 = 13;
/// How the first of them is where the second is the store: whether the quantity
/// is whole, then one less than the bytes of the item's number and of the
/// quantity.
const IS_TINY: u8 = 0x80;
const TINY_ITEM_SHIFT: u32 = 1;
const TINY_QUANTITY_SHIFT: u32 = 4;
/// What comes after the two bytes, in bits.
const AFTER: u32 = 16;

const IS_WHOLE: u8 = 1;
const UNSAID_POINT: u8 = 2;
const UNSAID_NAME: u8 = 4;
/// This and those above come with more than the three numbers.
const HAS_POINT: u8 = 8;
const IS_WHOLE_POINT: u8 = 16;
const HAS_NAME: u8 = 32;
const HAS_TEXT: u8 = 64;

#[inline(always)]
fn flag(is: bool, flag: u8) -> u8 {
    if is { flag } else { 0 }
}

impl<'a> Entry<'a> {
    /// A row that is three numbers, as nearly all are; nothing of any other.
    #[inline(always)]
    pub(super) fn of_numbers(store: u32, record: &'a Record<'_>) -> Option<Entry<'a>> {
        let has_more = record.reorder_point.is_some() || record.name.is_some();
        let Code::Number(number) = Code::new(&record.item) else { return None };
        if has_more || record.unsaid != Columns::default() {
            return None;
        }
        let (quantity, is_whole) = folded(record.quantity);
        let flags = flag(is_whole, IS_WHOLE);
        Some(Entry { store, item: Code::Number(number), flags, quantity, reorder_point: 0, name: &[] })
    }

    pub(super) fn new(store: u32, record: &'a Record<'_>) -> Entry<'a> {
        let item = Code::new(&record.item);
        let (quantity, is_whole) = folded(record.quantity);
        let mut flags = flag(is_whole, IS_WHOLE)
            | flag(record.unsaid.reorder_point, UNSAID_POINT)
            | flag(record.unsaid.name, UNSAID_NAME)
            | flag(matches!(item, Code::Text(_)), HAS_TEXT);
        let (mut reorder_point, mut name) = (0, &[][..]);
        if let Some(point) = record.reorder_point {
            let is_whole;
            (reorder_point, is_whole) = folded(point);
            flags |= HAS_POINT | flag(is_whole, IS_WHOLE_POINT);
        }
        if let Some(text) = &record.name {
            name = text.as_bytes();
            flags |= HAS_NAME;
        }
        Entry { store, item, flags, quantity, reorder_point, name }
    }

    /// How much room it may need.
    #[inline(always)]
    pub(super) fn most_bytes(&self) -> usize {
        match self.item {
            Code::Number(_) => FIXED + self.name.len(),
            Code::Text(text) => FIXED + self.name.len() + text.len(),
        }
    }

    /// Writes it to where there is room for it, and says how long it is.
    #[inline(always)]
    pub(super) fn write(&self, room: &mut [u8]) -> usize {
        let item = match self.item {
            Code::Number(number) => number,
            Code::Text(text) => text.len() as u64,
        };
        let (store, quantity) = (u64::from(self.store), self.quantity);
        let (of_item, of_quantity) = (bytes_of(item), bytes_of(quantity));
        let less = |size: usize| size as u64 - 1;
        let Some(fixed) = room.first_chunk_mut() else { return 0 };
        if self.flags <= IS_WHOLE && store <= u64::from(u8::MAX) {
            let sizes = less(of_item) << TINY_ITEM_SHIFT | less(of_quantity) << TINY_QUANTITY_SHIFT;
            put(fixed, 0, u64::from(IS_TINY | self.flags) | sizes | store << 8);
            put(fixed, 2, item);
            put(fixed, 2 + of_item, quantity);
            return 2 + of_item + of_quantity;
        }
        let of_store = bytes_of(store);
        let sizes =
            less(of_store) << STORE_SHIFT | less(of_item) << ITEM_SHIFT | less(of_quantity) << QUANTITY_SHIFT;
        put(fixed, 0, u64::from(self.flags) | sizes | store << AFTER);
        put(fixed, 2 + of_store, item);
        put(fixed, 2 + of_store + of_item, quantity);
        let used = 2 + of_store + of_item + of_quantity;
        if self.flags < HAS_POINT { used } else { self.write_rest(room, used) }
    }

    fn write_rest(&self, room: &mut [u8], mut used: usize) -> usize {
        let mut write = |bytes: &[u8]| {
            if let Some(room) = room.get_mut(used..used + bytes.len()) {
                room.copy_from_slice(bytes);
            }
            used += bytes.len();
        };
        if let Code::Text(text) = self.item {
            write(text);
        }
        if self.flags & HAS_POINT != 0 {
            write(&self.reorder_point.to_le_bytes());
        }
        if self.flags & HAS_NAME != 0 {
            write(&(self.name.len() as u64).to_le_bytes());
            write(self.name);
        }
        used
    }

    /// The first row of a text, and how long it is.
    #[inline(always)]
    pub(super) fn read(text: &'a [u8]) -> Option<(Entry<'a>, usize)> {
        let fixed = text.first_chunk::<FIXED>()?;
        let head = eight(fixed, 0);
        let [flags, store, ..] = head.to_le_bytes();
        if let Some((of_item, of_quantity)) = tiny(head) {
            let (store, flags) = (u32::from(store), flags & IS_WHOLE);
            let item = Code::Number(lowest(eight(fixed, 2), of_item));
            let quantity = lowest(eight(fixed, 2 + of_item), of_quantity);
            let entry = Entry { store, item, flags, quantity, reorder_point: 0, name: &[] };
            return Some((entry, 2 + of_item + of_quantity));
        }
        let size = |shift: u32, most: u64| usize::try_from(head >> shift & most).unwrap_or(0) + 1;
        let (of_store, of_item) = (size(STORE_SHIFT, 3), size(ITEM_SHIFT, 7));
        let of_quantity = size(QUANTITY_SHIFT, 7);
        let store = u32::try_from(lowest(head >> AFTER, of_store)).ok()?;
        let item = lowest(eight(fixed, 2 + of_store), of_item);
        let quantity = lowest(eight(fixed, 2 + of_store + of_item), of_quantity);
        let used = 2 + of_store + of_item + of_quantity;
        let mut entry =
            Entry { store, item: Code::Number(item), flags, quantity, reorder_point: 0, name: &[] };
        if flags < HAS_POINT {
            return Some((entry, used));
        }
        let mut rest = text.get(used..)?;
        entry.read_rest(&mut rest, item)?;
        Some((entry, text.len() - rest.len()))
    }

    fn read_rest(&mut self, rest: &mut &'a [u8], length: u64) -> Option<()> {
        let mut read = |length: u64| rest.split_off(..usize::try_from(length).ok()?);
        if self.flags & HAS_TEXT != 0 {
            self.item = Code::Text(read(length)?);
        }
        if self.flags & HAS_POINT != 0 {
            self.reorder_point = u64::from_le_bytes(*read(8)?.first_chunk()?);
        }
        if self.flags & HAS_NAME != 0 {
            let length = u64::from_le_bytes(*read(8)?.first_chunk()?);
            self.name = read(length)?;
        }
        Some(())
    }

    /// Whether two rows say the same of their levels.
    #[inline]
    pub(super) fn is_level_of(&self, other: &Entry<'_>) -> bool {
        let level = |row: &Entry<'_>| (row.flags & !HAS_TEXT, row.quantity, row.reorder_point);
        // Comparing nothing with nothing takes a hundred times as long as
        // anything else here, where its address is none.
        level(self) == level(other) && (self.flags & HAS_NAME == 0 || self.name == other.name)
    }

    /// Whether its row says less than its file has columns for.
    #[inline(always)]
    pub(super) fn is_short(&self) -> bool {
        self.flags & (UNSAID_POINT | UNSAID_NAME) != 0
    }

    /// The optional columns that its row says nothing of.
    pub(super) fn unsaid(&self) -> Columns {
        Columns { reorder_point: self.flags & UNSAID_POINT != 0, name: self.flags & UNSAID_NAME != 0 }
    }

    /// The level without its name.
    pub(super) fn level(&self) -> Level {
        let has = |flag: u8| self.flags & flag != 0;
        let mut level = Level::of(unfolded(self.quantity, has(IS_WHOLE)));
        level.reorder_point = has(HAS_POINT).then(|| unfolded(self.reorder_point, has(IS_WHOLE_POINT)));
        level
    }

    pub(super) fn named_level(&self) -> Level {
        let name = std::str::from_utf8(self.name).ok().filter(|_| self.flags & HAS_NAME != 0);
        Level { name: name.map(Box::from), ..self.level() }
    }
}

/// A quantity as a number that is small if it is near zero, and whether it is
/// whole.
#[inline]
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
#[inline(always)]
fn bytes_of(number: u64) -> usize {
    (71 - (number | 1).leading_zeros() as usize) / 8
}

/// In how many bytes the item's number is and the quantity, if these and the
/// store's number are all.
#[inline(always)]
fn tiny(head: u64) -> Option<(usize, usize)> {
    let size = |shift: u32| usize::try_from(head >> shift & 7).unwrap_or(0) + 1;
    (head & u64::from(IS_TINY) != 0).then(|| (size(TINY_ITEM_SHIFT), size(TINY_QUANTITY_SHIFT)))
}

/// The number in the lowest bytes of another, one to eight.
#[inline(always)]
fn lowest(number: u64, bytes: usize) -> u64 {
    number & u64::MAX >> (8 * (8 - bytes))
}

/// Eight bytes, because that is one step; what is too much is masked.
#[inline(always)]
fn eight(text: &[u8; FIXED], place: usize) -> u64 {
    text.get(place..).and_then(|text| text.first_chunk()).map_or(0, |eight| u64::from_le_bytes(*eight))
}

/// The same written; what is too much is written over.
#[inline(always)]
fn put(room: &mut [u8; FIXED], place: usize, number: u64) {
    if let Some(room) = room.get_mut(place..).and_then(|room| room.first_chunk_mut()) {
        *room = number.to_le_bytes();
    }
}

/// The length of two rows, and a mark of their item, if both are the same few
/// bytes.
#[inline(always)]
pub(super) fn same(old: &[u8], new: &[u8]) -> Option<(usize, u16)> {
    let (old, new) = (*old.first_chunk()?, *new.first_chunk()?);
    let (old, new) = (u128::from_le_bytes(old), u128::from_le_bytes(new));
    let head = u64::try_from(new & u128::from(u64::MAX)).unwrap_or(0);
    let (of_item, of_quantity) = tiny(head)?;
    let length = 2 + of_item + of_quantity;
    let is_short = length <= 16 && of_item > 1;
    if !is_short || (old ^ new) & u128::MAX >> (128 - 8 * length) != 0 {
        return None;
    }
    Some((length, mark(head >> AFTER)))
}

fn mark(item: u64) -> u16 {
    u16::try_from(item & 0xffff).unwrap_or(0)
}
