use super::packed::{Code, Entry, FIXED, Hash};

/// Rows, each whole in one block; adding one moves no other.
#[derive(Clone, Debug, Default)]
pub(super) struct Partition {
    full: Vec<Block>,
    open: Block,
    pub(super) rows: usize,
}

#[derive(Clone, Debug, Default)]
struct Block {
    bytes: Box<[u8]>,
    used: usize,
}

/// How many bits say where in its block a row is.
const PLACE_BITS: u32 = 14;
/// How many bytes a block has, unless it is one of the first or one row needs
/// more; that one leaves no room for others.
const BLOCK: usize = 1 << PLACE_BITS;
const FIRST_BLOCK: usize = 1 << 9;

impl Partition {
    #[inline(always)]
    pub(super) fn push(&mut self, entry: &Entry<'_>) {
        let most = entry.most_bytes();
        loop {
            let Block { bytes, used } = &mut self.open;
            if let Some(room) = bytes.get_mut(*used..).filter(|room| room.len() >= most) {
                *used += entry.write(room);
                self.rows += 1;
                return;
            }
            self.open(most);
        }
    }

    #[cold]
    fn open(&mut self, most: usize) {
        let size = (2 * self.open.bytes.len()).clamp(FIRST_BLOCK, BLOCK).max(most);
        let full = std::mem::replace(&mut self.open, Block { bytes: vec![0; size].into(), used: 0 });
        self.full.push(full);
    }

    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.full.iter().chain([&self.open])
    }

    /// Its rows, in the order of the file.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut cursor = self.cursor();
        std::iter::from_fn(move || {
            let (entry, length) = Entry::read(cursor.text()?)?;
            cursor.pass(length);
            Some(entry)
        })
    }

    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor { full: self.full.iter(), open: Some(&self.open), bytes: &[], place: 0, used: 0 }
    }
}

/// A way through the rows of a partition.
pub(super) struct Cursor<'a> {
    full: std::slice::Iter<'a, Block>,
    open: Option<&'a Block>,
    bytes: &'a [u8],
    place: usize,
    used: usize,
}

impl<'a> Cursor<'a> {
    /// The text from the next row on.
    #[inline(always)]
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        while self.place >= self.used {
            let block = self.full.next().or_else(|| self.open.take())?;
            (self.bytes, self.place, self.used) = (&block.bytes, 0, block.used);
        }
        self.bytes.get(self.place..)
    }

    #[inline(always)]
    pub(super) fn pass(&mut self, length: usize) {
        self.place += length;
    }
}

/// The last row of each item of a partition, by hash.
pub(super) struct Index<'a> {
    partition: &'a Partition,
    /// The place of a row, and one more, with bits of its hash above it.
    slots: Vec<u32>,
    /// Which bits are the hash's.
    tag: u32,
}

impl<'a> Index<'a> {
    /// An index of a partition, whose rows hash as is said; made in the room
    /// of another.
    pub(super) fn new(
        partition: &'a Partition,
        mut slots: Vec<u32>,
        hash: impl Fn(&Entry<'_>) -> Hash,
    ) -> Index<'a> {
        let Partition { full, rows, .. } = partition;
        slots.clear();
        slots.resize((rows + rows / 3 + 1).next_power_of_two(), 0);
        let bits = PLACE_BITS + usize::BITS - (full.len() + 1).leading_zeros();
        let tag = u32::MAX.checked_shl(bits).unwrap_or(0);
        let mut index = Index { partition, slots, tag };
        for (number, block) in (0_u32..).zip(partition.blocks()) {
            let mut start = 0;
            while start < block.used {
                let Some((entry, length)) = block.bytes.get(start..).and_then(Entry::read) else { break };
                let place = number << PLACE_BITS | u32::try_from(start).unwrap_or_default();
                start += length;
                let hash = hash(&entry);
                let (slot, _) = index.find(hash, entry.store, entry.item);
                if let Some(slot) = index.slots.get_mut(slot) {
                    *slot = Index::tag_of(hash) & index.tag | (place + 1);
                }
            }
        }
        index
    }

    /// Gives back its room.
    pub(super) fn into_slots(self) -> Vec<u32> {
        self.slots
    }

    /// The row of an item.
    pub(super) fn get(&self, hash: Hash, store: u32, item: Code<'_>) -> Option<Entry<'a>> {
        self.find(hash, store, item).1
    }

    /// The slot of an item and its row, or else the free slot for it.
    #[inline]
    fn find(&self, hash: Hash, store: u32, item: Code<'_>) -> (usize, Option<Entry<'a>>) {
        let tag = Index::tag_of(hash) & self.tag;
        let mut place = usize::try_from(hash.0 & (self.slots.len() as u64 - 1)).unwrap_or_default();
        loop {
            match self.slots.get(place) {
                Some(0) | None => return (place, None),
                Some(slot) if slot & self.tag == tag => {
                    let entry = self.row(*slot);
                    if let Some(entry) = entry.filter(|entry| entry.store == store && entry.item == item) {
                        return (place, Some(entry));
                    }
                }
                Some(_) => {}
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    /// The row of a slot.
    #[inline]
    fn row(&self, slot: u32) -> Option<Entry<'a>> {
        let place = (slot & !self.tag).checked_sub(1)?;
        let Partition { full, open, .. } = self.partition;
        let block = full.get((place >> PLACE_BITS) as usize).unwrap_or(open);
        let text = block.bytes.get((place & ((1 << PLACE_BITS) - 1)) as usize..)?;
        Entry::read(text).map(|(entry, _)| entry)
    }

    /// The bits of a hash that its first slot does not depend on.
    fn tag_of(hash: Hash) -> u32 {
        u32::try_from(hash.0 >> 32).unwrap_or_default()
    }
}

const _: () = assert!(FIXED < FIRST_BLOCK);
