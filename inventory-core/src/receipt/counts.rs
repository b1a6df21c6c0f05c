use serde::Deserialize;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::levels::StoreLevels;

/// What an upload did to one store, in counts that add up whatever happens to
/// it: `read = accepted + rejected + skipped`, `accepted = levels + duplicates`,
/// `levels = written + unchanged + superseded + held`.
///
/// Only what is independent is kept, and the sums are computed from it. Serde
/// writes the sums too, and does not read them; it leaves `held` and `absent`
/// out where they are zero.
///
/// # Example
///
/// ```
/// use inventory_core::Receipt;
///
/// let mut receipt = Receipt::rejected_only(1);
/// receipt.written = 2;
/// receipt.unchanged = 40;
/// assert_eq!((receipt.read(), receipt.accepted(), receipt.levels()), (43, 42, 42));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Receipt {
    /// Rows that were bad.
    pub rejected: u64,
    /// Rows that said that the store does not count their item.
    pub skipped: u64,
    /// Good rows that a later row of the same item replaced.
    pub duplicates: u64,
    /// Levels that were written.
    pub written: u64,
    /// Levels that were as the file says already.
    pub unchanged: u64,
    /// Levels of which a newer upload had said something else.
    pub superseded: u64,
    /// Levels of a quarantined upload, which nothing was done with.
    pub held: u64,
    /// Items that a snapshot did not name and of which there is nothing now, by
    /// its word. They are in no sum.
    pub absent: u64,
}

impl Receipt {
    /// The receipt of rows that came to nothing.
    pub fn rejected_only(rejected: u64) -> Receipt {
        Receipt { rejected, ..Receipt::default() }
    }

    /// The receipt of what a file says of a store, before any level was dealt
    /// with.
    pub fn of(levels: &StoreLevels) -> Receipt {
        Receipt {
            rejected: levels.rejected(),
            skipped: levels.skipped(),
            duplicates: levels.duplicates(),
            ..Receipt::default()
        }
    }

    /// Rows that were read.
    pub fn read(&self) -> u64 {
        self.accepted() + self.rejected + self.skipped
    }

    /// Rows that were good.
    pub fn accepted(&self) -> u64 {
        self.levels() + self.duplicates
    }

    /// Different items.
    pub fn levels(&self) -> u64 {
        self.written + self.unchanged + self.superseded + self.held
    }
}

impl Serialize for Receipt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rare = [("held", self.held), ("absent", self.absent)];
        let rare = rare.into_iter().filter(|(_, count)| *count > 0);
        let mut counts = serializer.serialize_struct("Receipt", 9 + rare.clone().count())?;
        counts.serialize_field("read", &self.read())?;
        counts.serialize_field("accepted", &self.accepted())?;
        counts.serialize_field("rejected", &self.rejected)?;
        counts.serialize_field("skipped", &self.skipped)?;
        counts.serialize_field("duplicates", &self.duplicates)?;
        counts.serialize_field("levels", &self.levels())?;
        counts.serialize_field("written", &self.written)?;
        counts.serialize_field("unchanged", &self.unchanged)?;
        counts.serialize_field("superseded", &self.superseded)?;
        for (name, count) in rare {
            counts.serialize_field(name, &count)?;
        }
        counts.end()
    }
}
