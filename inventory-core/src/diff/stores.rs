use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::packed;
use crate::key::Store;

/// The stores of a file, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Stores {
    pub(super) names: Vec<Store>,
    numbers: HashMap<Store, u32, RandomState>,
    /// Of each store, the hash of its name, and the store that came after it
    /// the last time.
    known: Vec<(u64, u32)>,
    /// The store of the last row.
    last: u32,
}

impl Stores {
    /// The number of a store and the hash of its name. Mostly the last row's
    /// store tells which one it is.
    #[inline]
    pub(super) fn number(&mut self, name: &str) -> (u32, u64) {
        let follower = self.known.get(self.last as usize).map_or(0, |(_, follower)| *follower);
        let is_named = |store: &Store| is_same(store.as_str().as_bytes(), name.as_bytes());
        let number = match self.names.get(follower as usize).filter(|store| is_named(store)) {
            Some(_) => follower,
            None => self.look_up(name),
        };
        self.last = number;
        (number, self.known.get(number as usize).map_or(0, |(hash, _)| *hash))
    }

    #[cold]
    fn look_up(&mut self, name: &str) -> u32 {
        let number = self.get(name).unwrap_or_else(|| {
            let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            self.names.push(Store::checked(name));
            self.numbers.insert(Store::checked(name), number);
            self.known.push((packed::hash_of_store(name), number));
            number
        });
        if let Some((_, follower)) = self.known.get_mut(self.last as usize) {
            *follower = number;
        }
        number
    }

    pub(super) fn get(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(super) fn hash(&self, number: u32) -> u64 {
        self.known.get(number as usize).map_or(0, |(hash, _)| *hash)
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
