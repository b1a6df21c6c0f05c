use std::collections::BTreeMap;

use crate::key::Store;
use crate::reader::Reject;

/// The first bad rows of a file, by store, within bounds: 10,000 a store, and
/// 16 MiB of all; the first 50 of a store are kept beyond that as long as it
/// is less than twice as much. Of a row the first 8 KiB are kept, of the value
/// at fault the first 2 KiB. A file's counts say how many there are in all.
#[derive(Clone, Debug, Default)]
pub struct Rejects {
    stores: BTreeMap<Option<Store>, Vec<Reject>>,
    bytes: usize,
}

impl Rejects {
    /// The most of one store.
    const OF_STORE: usize = 10_000;
    /// How many of each store others leave room for.
    const FIRST: usize = 50;
    /// The most bytes of all.
    const BYTES: usize = 16 << 20;
    /// The most bytes of a row.
    const ROW: usize = 8 << 10;
    /// The most bytes of a value.
    const VALUE: usize = 2 << 10;

    /// Takes one more, if there is room.
    pub fn push(&mut self, mut reject: Reject) {
        let kept = self.of(reject.store.as_ref()).len();
        let most = if kept < Self::FIRST { 2 * Self::BYTES } else { Self::BYTES };
        if kept >= Self::OF_STORE || self.bytes >= most {
            return;
        }
        shorten(&mut reject.raw, Self::ROW);
        shorten(&mut reject.value, Self::VALUE);
        self.bytes += size_of::<Reject>() + reject.raw.len() + reject.value.len();
        self.stores.entry(reject.store.clone()).or_default().push(reject);
    }

    /// The first of one store, in the order of the file; of none, those of
    /// which nobody can tell whose they are.
    pub fn of(&self, store: Option<&Store>) -> &[Reject] {
        self.stores.get(&store.cloned()).map_or(&[], Vec::as_slice)
    }

    /// The first so many of each store, in the order of the file.
    pub fn first(&self, of_each: usize) -> Vec<Reject> {
        let mut first: Vec<Reject> =
            self.stores.values().flat_map(|rejects| rejects.iter().take(of_each)).cloned().collect();
        first.sort_by_key(|reject| reject.position);
        first
    }
}

/// The beginning of a text, which then says that it is one.
fn shorten(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
        text.push('…');
        text.shrink_to_fit();
    }
}
