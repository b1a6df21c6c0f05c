//! Which uploads win: however they are ordered, repeated, overlapped or cut
//! off, a table ends as if each upload had come once and in order.
//!
//! Of each row, the count, the reorder point and the name are three values,
//! each with the upload that said it last: [`Stored`]. An upload joins what it
//! says to what is there ([`decide`]), part by part the newer, which comes to
//! the same in any order. That alone would need a write for every row of every
//! file, so that a later look could tell that the newer upload had been there.
//! To leave out the rows that did not change, each attempt at an upload goes
//! through its store's [`Turnstile`]:
//!
//! 1. It *claims*: in one step it adds itself to those inside and its upload to
//!    the recent ones, and learns what was there before.
//! 2. It *rebases*: what a newer recent upload says of its rows is joined to
//!    what its own does, since that one may have found them as they were and
//!    left no trace.
//! 3. It *reads* its rows and decides about each. A row that is as it was said
//!    is left alone, unless an older upload's attempt was inside: that one may
//!    have read before the claim, and could still write over the row.
//! 4. It *writes* each row on condition that it is as it was read; one that is
//!    not is read and decided again.
//! 5. If there are rows of its upload now, it *looks back*: a snapshot, which
//!    says of every row that it does not name that there is nothing of it, may
//!    have claimed meanwhile and read the store before a row was there. Newer
//!    uploads that it [missed](Turnstile::missed) it rebases on too, and goes
//!    on at 3.
//! 6. It *leaves*.
//!
//! It may read before it claims, while its file is still on the way: if nobody
//! is inside when it [looks](Turnstile::look), and nobody claims until it does,
//! then the rows are still as they were.
//!
//! An attempt that has come to its deadline writes no more, so that one who
//! sees it inside after that need not mind it.
//!
//! The tests check every interleaving of three uploads of three rows, over
//! these very functions.

mod row;

use jiff::Timestamp;

pub use self::row::{Decision, Rules, Said, Stored, Versions, decide};
use crate::version::Version;

/// One try at loading an upload, as others see it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Attempt {
    /// Its upload.
    pub version: Version,
    /// The time from which on nothing that it sent can take effect any more.
    pub deadline: Timestamp,
    /// What tells it from other attempts at the same upload.
    pub id: Box<str>,
}

impl Attempt {
    /// An attempt at an upload.
    pub fn new(version: Version, deadline: Timestamp, id: impl Into<Box<str>>) -> Attempt {
        Attempt { version, deadline, id: id.into() }
    }
}

/// Who is at work on a store, and who was lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Turnstile {
    /// The attempts that have not left. Some may have died inside.
    pub active: Vec<Attempt>,
    /// The uploads that claimed, the newest [`RECENT`](Turnstile::RECENT) of
    /// them at least.
    pub recent: Vec<Version>,
    /// How many attempts have claimed. One that came and left may have changed
    /// nothing else here, having claimed before.
    pub claims: u64,
}

/// What an attempt has to mind, from what it found when it claimed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Passage {
    /// The newer uploads, whose files it has to read again.
    pub newer: Vec<Version>,
    /// Whether it may leave rows alone that are as it says.
    pub may_skip: bool,
    /// It is older than every upload that is remembered: nobody can tell any
    /// more which of its rows a newer one named, so that all of it is
    /// superseded, by the newest of those.
    pub outdated: Option<Version>,
    /// The attempts to take out with its own when it leaves: they died.
    pub dead: Vec<Attempt>,
    /// The uploads to forget when it leaves.
    pub forgotten: Vec<Version>,
}

impl Turnstile {
    /// How many uploads are remembered at least.
    pub const RECENT: usize = 32;

    /// What an attempt at an upload has to mind that claims now, where this is
    /// what it found.
    ///
    /// # Example
    ///
    /// ```
    /// use inventory_core::Version;
    /// use inventory_core::turnstile::{Attempt, Turnstile};
    ///
    /// let at = |time: &str| time.parse().unwrap();
    /// let version = |time| Version::new(at(time), "01");
    /// let (monday, tuesday) = (version("2026-11-02T06:00:00Z"), version("2026-11-03T06:00:00Z"));
    /// let inside = Attempt::new(monday.clone(), at("2026-11-03T06:10:00Z"), "a");
    /// let found = Turnstile { active: vec![inside], recent: vec![monday.clone()], claims: 1 };
    ///
    /// let passage = found.pass(&tuesday, at("2026-11-03T06:09:00Z"));
    /// assert!(!passage.may_skip, "monday's attempt is still at work");
    /// let passage = found.pass(&tuesday, at("2026-11-03T06:11:00Z"));
    /// assert!(passage.may_skip && passage.dead.len() == 1);
    /// assert_eq!(found.pass(&version("2026-11-01T06:00:00Z"), at("2026-11-03T06:11:00Z")).newer, [monday]);
    /// ```
    pub fn pass(&self, version: &Version, now: Timestamp) -> Passage {
        let (dead, alive): (Vec<_>, Vec<_>) = self.active.iter().partition(|attempt| attempt.deadline <= now);
        let newer: Vec<Version> = self.recent.iter().filter(|recent| *recent > version).cloned().collect();
        let is_full = self.recent.len() >= Turnstile::RECENT;
        let is_oldest = self.recent.iter().all(|recent| recent > version);
        Passage {
            outdated: newer.iter().max().filter(|_| is_full && is_oldest).cloned(),
            newer,
            may_skip: alive.iter().all(|attempt| attempt.version >= *version),
            forgotten: self.forgotten(version, &alive),
            dead: dead.into_iter().cloned().collect(),
        }
    }

    /// What rows that are read from now on hang on: they are as they would be
    /// read after a claim that finds just as many [`claims`](Turnstile::claims).
    /// `None` if somebody is inside, who may write at any time.
    pub fn look(&self, now: Timestamp) -> Option<u64> {
        self.active.iter().all(|attempt| attempt.deadline <= now).then_some(self.claims)
    }

    /// The newer uploads than this that claimed and are not among those that it
    /// knows of.
    pub fn missed(&self, version: &Version, known: &[Version]) -> Vec<Version> {
        let is_missed = |recent: &&Version| *recent > version && !known.contains(recent);
        self.recent.iter().filter(is_missed).cloned().collect()
    }

    /// All but the newest, once this upload is among them, and but those that
    /// somebody inside may still have to mind.
    fn forgotten(&self, version: &Version, alive: &[&Attempt]) -> Vec<Version> {
        let mut recent: Vec<&Version> = self.recent.iter().chain([version]).collect();
        recent.sort();
        recent.dedup();
        let too_many = recent.len().saturating_sub(Turnstile::RECENT);
        let is_minded = |recent: &Version| alive.iter().any(|attempt| attempt.version < *recent);
        recent.into_iter().take(too_many).filter(|recent| !is_minded(recent)).cloned().collect()
    }
}
