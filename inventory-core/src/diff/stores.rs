use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::packed;
use crate::key::Store;

/// The stores of a file, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Stores {
    known: Vec<Known>,
    numbers: HashMap<Store, u32, RandomState>,
    /// The store of the last row, and the one that is expected next.
    last: u32,
    next: u32,
}

#[derive(Clone, Debug)]
struct Known {
    name: Store,
    hash: u64,
    /// The store that came after it the last time.
    follower: u32,
}

impl Stores {
    /// The number of a store and the hash of its name. Mostly the last row's
    /// store tells which one it is.
    #[inline(always)]
    pub(super) fn number(&mut self, name: &str) -> (u32, u64) {
        match self.known.get(self.next as usize) {
            Some(known) if is_same(known.name.as_str().as_bytes(), name.as_bytes()) => {
                (self.last, self.next) = (self.next, known.follower);
                (self.last, known.hash)
            }
            _ => self.look_up(name),
        }
    }

    #[cold]
    fn look_up(&mut self, name: &str) -> (u32, u64) {
        let number = self.get(name).unwrap_or_else(|| {
            let number = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
            let store = Store::checked(name);
            self.numbers.insert(store.clone(), number);
            self.known.push(Known { name: store, hash: packed::hash_of_store(name), follower: number });
            number
        });
        if let Some(last) = self.known.get_mut(self.last as usize) {
            last.follower = number;
        }
        self.last = number;
        self.next = self.known.get(number as usize).map_or(0, |known| known.follower);
        (number, self.hash(number))
    }

    pub(super) fn get(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(super) fn name(&self, number: u32) -> Option<&Store> {
        self.known.get(number as usize).map(|known| &known.name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &Store> {
        self.known.iter().map(|known| &known.name)
    }

    /// Of each store, its place by name.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let mut sorted: Vec<_> = (0_usize..).zip(self.names()).collect();
        sorted.sort_unstable_by_key(|(_, name)| *name);
        let mut ranks = vec![0; sorted.len()];
        for (rank, (number, _)) in (0..).zip(sorted) {
            if let Some(place) = ranks.get_mut(number) {
                *place = rank;
            }
        }
        ranks
    }

    pub(super) fn hash(&self, number: u32) -> u64 {
        self.known.get(number as usize).map_or(0, |known| known.hash)
    }
}

/// Whether two texts are the same; of most names without a call.
#[inline(always)]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    match (a.first_chunk::<4>(), a.last_chunk::<4>()) {
        (Some(first), Some(last)) if a.len() <= 8 => {
            a.len() == b.len() && b.first_chunk() == Some(first) && b.last_chunk() == Some(last)
        }
        _ => a == b,
    }
}
