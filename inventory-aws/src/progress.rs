use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::types::ConsumedCapacity;
use serde::Serialize;

/// How far the loading of one upload came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes of the file were read, of so many.
    Read {
        /// Bytes read.
        bytes: u64,
        /// Bytes in all.
        of: u64,
    },
    /// So many of the levels to write were written, of so many known of until
    /// now; each store adds its own.
    Written {
        /// Levels written.
        levels: u64,
        /// Levels to write.
        of: u64,
    },
}

/// What DynamoDB was asked to do, and what it charges for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// Requests that were answered.
    pub requests: u64,
    /// Read request units.
    pub read_units: f64,
    /// Write request units, those of conditions that were not true included.
    pub write_units: f64,
}

/// Tells somebody how far a loader came.
#[derive(Clone, Default)]
pub(crate) struct Listener(Option<Arc<dyn Fn(Progress) + Send + Sync>>);

impl Listener {
    pub(crate) fn new(tell: impl Fn(Progress) + Send + Sync + 'static) -> Listener {
        Listener(Some(Arc::new(tell)))
    }

    pub(crate) fn tell(&self, progress: Progress) {
        if let Listener(Some(tell)) = self {
            tell(progress);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Listener" } else { "nobody" })
    }
}

/// Counts what one upload does while its stores are dealt with side by side.
pub(crate) struct Meter<'a> {
    listener: &'a Listener,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    written: u64,
    wanted: u64,
    usage: Usage,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(listener: &'a Listener) -> Meter<'a> {
        Meter { listener, counts: Mutex::default() }
    }

    pub(crate) fn want(&self, levels: usize) {
        self.count(|counts| counts.wanted += levels as u64);
    }

    pub(crate) fn wrote(&self, levels: usize) {
        let progress = self.count(|counts| {
            counts.written += levels as u64;
            Progress::Written { levels: counts.written, of: counts.wanted }
        });
        self.listener.tell(progress);
    }

    /// Counts one request that read, by what its answer says it consumed, and
    /// gives that back.
    pub(crate) fn read<'c>(&self, consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) -> f64 {
        let units = units(consumed);
        self.count(|Counts { usage, .. }| {
            usage.requests += 1;
            usage.read_units += units;
        });
        units
    }

    /// Counts one request that wrote.
    pub(crate) fn write<'c>(&self, consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) {
        let units = units(consumed);
        self.count(|Counts { usage, .. }| {
            usage.requests += 1;
            usage.write_units += units;
        });
    }

    pub(crate) fn usage(&self) -> Usage {
        self.count(|counts| counts.usage)
    }

    fn count<T>(&self, count: impl FnOnce(&mut Counts) -> T) -> T {
        // Counts are right even if a thread panicked between two of them.
        count(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn units<'c>(consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) -> f64 {
    consumed.into_iter().filter_map(ConsumedCapacity::capacity_units).sum()
}
