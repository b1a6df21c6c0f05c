use crate::levels::{Columns, Level};
use crate::transitions::Status;
use crate::version::Version;

/// What a table holds of one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The level, unless what is there cannot be read as one.
    pub level: Option<Level>,
    /// The upload that wrote it, unless somebody else did.
    pub version: Option<Version>,
    /// The status that is kept beside it for the index: only out or low.
    pub status: Option<Status>,
}

/// What an upload does about one row.
///
/// The steps around it (claim, rebase, leave) are not there yet; each row by
/// itself already keeps the newest upload's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The row is as the upload says.
    Unchanged,
    /// An earlier attempt at this very upload wrote the row.
    Written,
    /// A newer upload wrote the row.
    Superseded,
    /// Write this level, on condition that no newer upload has.
    Write(Level),
}

impl Decision {
    /// Decides about a row that a file says something of.
    ///
    /// # Example
    ///
    /// ```
    /// use inventory_core::{Decision, Level, Stored, Version, levels::Columns};
    ///
    /// let time = "2026-11-02T06:00:00Z".parse().unwrap();
    /// let (older, newer) = (Version::new(time, "01"), Version::new(time, "02"));
    /// let mut stored = Stored::default();
    /// stored.level = Some(Level::of(4.into()));
    /// stored.version = Some(newer);
    /// let said = Level::of(9.into());
    /// assert_eq!(Decision::on(Some(&stored), &said, Columns::default(), &older), Decision::Superseded);
    /// ```
    pub fn on(stored: Option<&Stored>, said: &Level, columns: Columns, version: &Version) -> Decision {
        let Some(stored) = stored else {
            return Decision::Write(said.over(None, columns));
        };
        match &stored.version {
            Some(stored) if stored > version => return Decision::Superseded,
            Some(stored) if stored == version => return Decision::Written,
            _ => {}
        }
        let after = said.over(stored.level.as_ref(), columns);
        if stored.level.as_ref() == Some(&after) && stored.status == Status::of(&after).alert() {
            Decision::Unchanged
        } else {
            Decision::Write(after)
        }
    }
}
