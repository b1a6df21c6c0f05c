use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use foldhash::fast::RandomState;

use super::Snapshot;
use super::packed::{Code, Entry, same};
use super::partition::{Index, Partition};
use crate::changes::Change;
use crate::levels::{Columns, Level};
use crate::policy::{Policy, Thresholds};
use crate::quantity::Quantity;
use crate::transitions::{Transition, kind_between};

/// Two snapshots that are compared.
pub(super) struct Join<'a> {
    before: &'a Snapshot,
    after: &'a Snapshot,
    short_before: Short<'a>,
    short_after: Short<'a>,
    policy: &'a Policy,
    /// Of each store of the file after, its number in the file before.
    numbers: Vec<Option<u32>>,
    /// Whether these are the same.
    are_same_numbers: bool,
    /// Of each store of the file after, its place by name.
    ranks: Vec<u32>,
    thresholds: Vec<Thresholds>,
}

/// The items that short rows name, each with what its rows together say, and
/// what none of them does.
type Short<'a> = HashMap<(u32, Code<'a>), (Level, Columns), RandomState>;

impl<'a> Join<'a> {
    pub(super) fn new(before: &'a Snapshot, after: &'a Snapshot, policy: &'a Policy) -> Join<'a> {
        let numbers: Vec<Option<u32>> =
            after.stores.names().map(|store| before.stores.get(store.as_str())).collect();
        let are_same_numbers = (0..).zip(&numbers).all(|(number, before)| *before == Some(number));
        let ranks = after.stores.ranks();
        let thresholds = after.stores.names().map(|store| policy.thresholds(store)).collect();
        let (short_before, short_after) = (short(before), short(after));
        Join {
            before,
            after,
            short_before,
            short_after,
            policy,
            numbers,
            are_same_numbers,
            ranks,
            thresholds,
        }
    }

    /// What happened in the partitions that nobody has compared, the next of
    /// which is said, sorted.
    pub(super) fn run(&self, next: &AtomicUsize) -> Vec<Pair<'a>> {
        let mut pairs = Vec::new();
        let mut found = Found::default();
        let mut slots = Vec::new();
        loop {
            let number = next.fetch_add(1, Relaxed);
            let partition = |snapshot: &'a Snapshot| snapshot.partitions.get(number);
            let (Some(before), Some(after)) = (partition(self.before), partition(self.after)) else {
                pairs.sort_unstable_by(Pair::order);
                return pairs;
            };
            if self.side_by_side(before, after, &mut found).is_none() {
                found.clear();
                slots = self.by_index(before, after, slots, &mut found);
            }
            pairs.extend(found.pairs.drain().map(|(_, pair)| pair));
            found.clear();
        }
    }

    /// What happened, if both name the same items in the same order.
    fn side_by_side(&self, before: &'a Partition, after: &'a Partition, found: &mut Found<'a>) -> Option<()> {
        if before.rows != after.rows {
            return None;
        }
        let (mut before, mut after) = (before.cursor(), after.cursor());
        while let (Some(old), Some(new)) = (before.text(), after.text()) {
            if self.are_same_numbers
                && let Some((length, mark)) = same(old, new)
                && !found.marks.has(mark)
            {
                before.pass(length);
                after.pass(length);
                continue;
            }
            let ((old, old_length), (new, new_length)) = (Entry::read(old)?, Entry::read(new)?);
            if old.item != new.item || self.number(new.store) != Some(old.store) {
                return None;
            }
            self.judge(found, Some(old), new);
            before.pass(old_length);
            after.pass(new_length);
        }
        Some(())
    }

    /// What happened, whatever their orders are.
    fn by_index(
        &self,
        before: &'a Partition,
        after: &'a Partition,
        slots: Vec<u32>,
        found: &mut Found<'a>,
    ) -> Vec<u32> {
        let index = Index::new(before, slots, |old| old.item.hash(self.before.stores.hash(old.store)));
        for new in after.entries() {
            let hash = new.item.hash(self.after.stores.hash(new.store));
            let old = self.number(new.store).and_then(|store| index.get(hash, store, new.item));
            self.judge(found, old, new);
        }
        index.into_slots()
    }

    fn number(&self, store: u32) -> Option<u32> {
        self.numbers.get(store as usize).copied().flatten()
    }

    /// Notes what a row comes to, instead of what an earlier row of its item
    /// did.
    #[inline]
    fn judge(&self, found: &mut Found<'a>, old: Option<Entry<'a>>, new: Entry<'a>) {
        let are_full = self.short_before.is_empty() && self.short_after.is_empty();
        let is_same = are_full && old.is_some_and(|old| old.is_level_of(&new));
        if !is_same && self.is_transition(old, new) {
            let rank = self.ranks.get(new.store as usize).copied().unwrap_or_default();
            found.insert(Pair { rank, start: new.item.start(), old, new });
        } else {
            found.remove(&new);
        }
    }

    /// Whether the two levels are a transition, without their names.
    fn is_transition(&self, old: Option<Entry<'a>>, new: Entry<'a>) -> bool {
        let Some(thresholds) = self.thresholds.get(new.store as usize) else { return false };
        let old = old.map(|old| self.old_level(old, Entry::level));
        let level = self.new_level(new, old.as_ref(), Entry::level);
        kind_between(old.as_ref(), &level, *thresholds).is_some()
    }

    pub(super) fn transition(&self, pair: &Pair<'a>) -> Option<Transition> {
        let Pair { old, new, .. } = *pair;
        let old = old.map(|old| self.old_level(old, Entry::named_level));
        let level = self.new_level(new, old.as_ref(), Entry::named_level);
        let store = self.after.stores.name(new.store)?.clone();
        Transition::of(Change::new(store, new.item.item()?, old, Some(level)), self.policy)
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

/// A row that is a transition, and the row of the same item in the file before.
pub(super) struct Pair<'a> {
    /// The store's place by name.
    rank: u32,
    /// How the item's code starts.
    start: u128,
    old: Option<Entry<'a>>,
    new: Entry<'a>,
}

impl Pair<'_> {
    /// By store and item.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let start = |pair: &Self| (pair.rank, pair.start);
        let item = |pair: &Self| pair.new.item.item();
        start(self).cmp(&start(other)).then_with(|| item(self).cmp(&item(other)))
    }
}

fn short(snapshot: &Snapshot) -> Short<'_> {
    let mut short = Short::default();
    if !snapshot.has_short {
        return short;
    }
    for entry in snapshot.entries().filter(Entry::is_short) {
        short.insert((entry.store, entry.item), (Level::of(Quantity::ZERO), Columns::ALL));
    }
    for entry in snapshot.entries() {
        if let Some((level, unsaid)) = short.get_mut(&(entry.store, entry.item)) {
            let said = Columns::ALL.without(entry.unsaid());
            *level = entry.named_level().over(Some(level), said);
            *unsaid = unsaid.without(said);
        }
    }
    short
}

/// The rows of a partition that are transitions, each the last of its item.
#[derive(Default)]
struct Found<'a> {
    pairs: HashMap<(u32, Code<'a>), Pair<'a>, RandomState>,
    marks: Marks,
}

impl<'a> Found<'a> {
    fn insert(&mut self, pair: Pair<'a>) {
        self.marks.add(pair.new.item.mark());
        self.pairs.insert((pair.new.store, pair.new.item), pair);
    }

    #[inline]
    fn remove(&mut self, new: &Entry<'a>) {
        if self.marks.has(new.item.mark()) {
            self.pairs.remove(&(new.store, new.item));
        }
    }

    fn clear(&mut self) {
        self.pairs.clear();
        self.marks.0.fill(0);
    }
}

/// A bit for each mark of an item, by which nearly all items are told from
/// those added.
struct Marks(Vec<u64>);

impl Default for Marks {
    fn default() -> Self {
        Marks(vec![0; 1 << 10])
    }
}

impl Marks {
    fn add(&mut self, mark: u16) {
        if let Some(word) = self.0.get_mut(usize::from(mark >> 6)) {
            *word |= 1 << (mark % 64);
        }
    }

    #[inline(always)]
    fn has(&self, mark: u16) -> bool {
        self.0.get(usize::from(mark >> 6)).is_some_and(|word| word >> (mark % 64) & 1 != 0)
    }
}
