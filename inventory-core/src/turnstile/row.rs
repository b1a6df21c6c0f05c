use crate::levels::{Columns, Level};
use crate::policy::Thresholds;
use crate::quantity::Quantity;
use crate::status::Status;
use crate::version::Version;

/// Which upload said each part of a row; `None` if no upload did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Versions {
    /// The count's, and the row's as people see it.
    pub count: Option<Version>,
    /// The reorder point's.
    pub reorder_point: Option<Version>,
    /// The name's.
    pub name: Option<Version>,
}

impl Versions {
    /// Those of each row of a file with these columns.
    pub fn of_file(version: &Version, columns: Columns) -> Versions {
        Versions {
            count: Some(version.clone()),
            reorder_point: columns.reorder_point.then(|| version.clone()),
            name: columns.name.then(|| version.clone()),
        }
    }

    /// Whether any part is this upload's.
    pub fn name_any(&self, version: &Version) -> bool {
        self.parts().contains(&Some(version))
    }

    fn parts(&self) -> [Option<&Version>; 3] {
        [self.count.as_ref(), self.reorder_point.as_ref(), self.name.as_ref()]
    }
}

/// What a table holds of one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Stored {
    /// The level, unless what is there cannot be read as one.
    pub level: Option<Level>,
    /// The uploads that said it; none, if somebody else wrote the row.
    pub versions: Versions,
    /// The status that is kept beside it, only out or low: for the index, and
    /// as the memory of the recovery margin.
    pub status: Option<Status>,
}

/// What an upload says of one row, and who said each part of it: itself, or
/// after a rebase a newer one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Said {
    /// The level.
    pub level: Level,
    /// The uploads whose word it is.
    pub versions: Versions,
    /// The count is a snapshot's, which does not name the row. That one may
    /// not know of it, so that whoever does writes it in its place.
    pub is_absence: bool,
}

impl Said {
    /// What an upload says by itself.
    pub fn of_file(level: &Level, versions: &Versions) -> Said {
        Said { level: level.clone(), versions: versions.clone(), is_absence: false }
    }

    /// What a snapshot says of a row that it does not name: there is nothing
    /// of it.
    pub fn of_absence(snapshot: &Version) -> Said {
        let versions = Versions { count: Some(snapshot.clone()), ..Versions::default() };
        Said { level: Level::of(Quantity::ZERO), versions, is_absence: true }
    }

    /// Joins what another upload says of the same row: of each part, the
    /// newer. The order of joins makes no difference.
    pub fn join(&mut self, level: &Level, versions: &Versions) {
        if versions.count > self.versions.count {
            self.level.quantity = level.quantity;
            self.versions.count.clone_from(&versions.count);
            self.is_absence = false;
        }
        if versions.reorder_point > self.versions.reorder_point {
            self.level.reorder_point = level.reorder_point;
            self.versions.reorder_point.clone_from(&versions.reorder_point);
        }
        if versions.name > self.versions.name {
            self.level.name.clone_from(&level.name);
            self.versions.name.clone_from(&versions.name);
        }
    }

    /// Joins that a snapshot does not name the row.
    pub fn join_absence(&mut self, snapshot: &Version) {
        let absence = Said::of_absence(snapshot);
        if absence.versions.count > self.versions.count {
            self.join(&absence.level, &absence.versions);
            self.is_absence = true;
        }
    }
}

/// What an upload does about one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The row is as the upload says.
    Unchanged,
    /// An earlier attempt at this very upload wrote the row.
    Written,
    /// This newer upload said something else of all that it says.
    Superseded(Version),
    /// Write this, on condition that the row is as it was read, with the status
    /// that is to be kept beside it.
    Write(Said, Status),
}

/// By what an upload decides about the rows of one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The upload.
    pub version: Version,
    /// Whether it may leave rows alone that are as it says: the
    /// [`Passage`](super::Passage)'s.
    pub may_skip: bool,
    /// The store's.
    pub thresholds: Thresholds,
}

/// Decides about a row that an upload says something of.
///
/// # Example
///
/// ```
/// use inventory_core::policy::Thresholds;
/// use inventory_core::turnstile::{Decision, Rules, Said, Stored, Versions, decide};
/// use inventory_core::{Level, Version, levels::Columns};
///
/// let time = "2026-11-02T06:00:00Z".parse().unwrap();
/// let (older, newer) = (Version::new(time, "01"), Version::new(time, "02"));
/// let mut stored = Stored::default();
/// stored.level = Some(Level::of(4.into()));
/// stored.versions = Versions::of_file(&newer, Columns::default());
/// let said = Said::of_file(&Level::of(9.into()), &Versions::of_file(&older, Columns::default()));
/// let rules = Rules { version: older, may_skip: true, thresholds: Thresholds::default() };
/// assert_eq!(decide(Some(&stored), &said, &rules), Decision::Superseded(newer));
/// ```
pub fn decide(stored: Option<&Stored>, said: &Said, rules: &Rules) -> Decision {
    let version = &rules.version;
    let nothing = Stored::default();
    let stored = stored.unwrap_or(&nothing);
    if !said.is_absence && !said.versions.name_any(version) {
        return settled(&said.versions, version);
    }
    let after = stored.joined(said);
    // A count that cannot be read and is not replaced stays for its own upload
    // to mend.
    let is_new = match &stored.level {
        Some(_) => after.versions != stored.versions,
        None => after.versions.count != stored.versions.count,
    };
    if !is_new {
        return settled(&stored.versions, version);
    }
    let status = stored.latch(rules.thresholds).next(&after.level, rules.thresholds);
    let is_as_said = stored.level.as_ref() == Some(&after.level) && stored.status == status.alert();
    // A newer snapshot's trace, which nobody else may leave.
    let is_owed = said.is_absence && said.versions.count.as_ref() != Some(version);
    if rules.may_skip && !is_owed && is_as_said {
        Decision::Unchanged
    } else {
        Decision::Write(after, status)
    }
}

/// The row says all that there is to say: who said it?
fn settled(versions: &Versions, version: &Version) -> Decision {
    match versions.parts().into_iter().flatten().max() {
        Some(newest) if !versions.name_any(version) => Decision::Superseded(newest.clone()),
        _ => Decision::Written,
    }
}

impl Stored {
    fn joined(&self, said: &Said) -> Said {
        let level = self.level.clone().unwrap_or(Level::of(Quantity::ZERO));
        let mut joined = Said::of_file(&level, &self.versions);
        joined.join(&said.level, &said.versions);
        joined
    }

    /// What people were told of the row last, whoever wrote it.
    fn latch(&self, thresholds: Thresholds) -> Status {
        let kept = self.status.unwrap_or(Status::Ok);
        self.level.as_ref().map_or(Status::Ok, |level| kept.next(level, thresholds))
    }
}
