//! Two files to transitions, for files of millions of rows: what [`changes`]
//! and [`transitions`] say of their levels, without a map of each file.
//!
//! The rows of a file are packed, and kept in partitions by the hashes of their
//! items, so that the same items are in the same partitions of any two files.
//! A partition is small enough for a processor's cache, where looking up an
//! item in it is cheap, and is compared by itself. This is a radix hash join
//! (Manegold, Boncz and Kersten, "Optimizing Main-Memory Join on Modern
//! Hardware", 2002).
//!
//! [`changes`]: crate::changes
//! [`transitions`]: crate::transitions()

mod join;
mod packed;
mod partition;
mod stores;

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicUsize;

use self::join::{Join, Pair};
use self::packed::Entry;
use self::partition::Partition;
use self::stores::Stores;
use crate::levels::Columns;
use crate::policy::Policy;
use crate::reader::{Record, Row};
use crate::transitions::Transition;

/// What one file says, in few bytes: about five more a row than the item's
/// code has, or nine in all if that is a number.
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
/// let tuesday = snapshot(&[b"store,item,count\nOslo,tea,0\nOslo,milk,8\n"])?;
/// let policy = Policy::default();
/// let found: Vec<_> = diff(&monday, &tuesday, &policy).collect();
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].kind, found[0].change.item.as_str()), (TransitionKind::SoldOut, "tea"));
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Clone, Debug)]
pub struct Snapshot {
    columns: Columns,
    stores: Stores,
    partitions: Vec<Partition>,
    /// Whether some row says less than the file has columns for.
    has_short: bool,
}

/// How many partitions a snapshot has, one for each byte of a hash: of five
/// million rows one has 180 kB.
const PARTITIONS: usize = 256;

impl Default for Snapshot {
    fn default() -> Snapshot {
        Snapshot {
            columns: Columns::default(),
            stores: Stores::default(),
            partitions: vec![Partition::default(); PARTITIONS],
            has_short: false,
        }
    }
}

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
        self.partitions.iter().map(|partition| partition.rows).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn record(&mut self, record: &Record<'_>) {
        let (store, store_hash) = self.stores.number(&record.store);
        match Entry::of_numbers(store, record) {
            Some(entry) => self.add(&entry, store_hash),
            None => self.other(store, store_hash, record),
        }
    }

    #[inline(never)]
    fn other(&mut self, store: u32, store_hash: u64, record: &Record<'_>) {
        let entry = Entry::new(store, record);
        self.add(&entry, store_hash);
        self.has_short |= entry.is_short();
    }

    #[inline(always)]
    fn add(&mut self, entry: &Entry<'_>, store_hash: u64) {
        let number = entry.item.hash(store_hash).partition();
        if let Some(partition) = self.partitions.get_mut(usize::from(number)) {
            partition.push(entry);
        }
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.partitions.iter().flat_map(Partition::entries)
    }
}

/// What happened between two files: the same as of their levels
/// [`changes`](crate::changes) and then [`transitions`](crate::transitions())
/// say, by store and item. All of it is found before this returns; each
/// transition is made when it is asked for.
///
/// Partitions that name the same items in the same order are walked side by
/// side; of others, the older is looked up through a table of 4 bytes for each
/// slot, which is built for one partition at a time.
pub fn diff<'a>(
    before: &'a Snapshot,
    after: &'a Snapshot,
    policy: &'a Policy,
) -> impl Iterator<Item = Transition> + use<'a> {
    diff_in_threads(before, after, policy, NonZeroUsize::MIN)
}

/// The same as [`diff`], found by so many threads.
pub fn diff_in_threads<'a>(
    before: &'a Snapshot,
    after: &'a Snapshot,
    policy: &'a Policy,
    threads: NonZeroUsize,
) -> impl Iterator<Item = Transition> + use<'a> {
    let join = Join::new(before, after, policy);
    let next = AtomicUsize::new(0);
    let mut pairs = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.get()).map(|_| scope.spawn(|| join.run(&next))).collect();
        let mut pairs = join.run(&next);
        for other in others {
            pairs.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        pairs
    });
    // What each thread found is sorted: this only merges.
    pairs.sort_by(Pair::order);
    pairs.into_iter().filter_map(move |pair| join.transition(&pair))
}
