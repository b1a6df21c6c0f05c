use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use inventory_core::levels::{Columns, StoreLevels};
use inventory_core::turnstile::{Said, Versions};
use inventory_core::{Item, Levels, Row, Store, Version};

use crate::error::{Error, ErrorKind};
use crate::files::Files;
use crate::metadata::Mode;
use crate::stores::Claim;
use crate::upload::Object;

/// What an upload says of one store.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    pub(crate) levels: &'a StoreLevels,
    pub(crate) columns: Columns,
    /// Whose word each part of a row is that says something of all columns.
    pub(crate) versions: &'a Versions,
    pub(crate) version: &'a Version,
    pub(crate) is_snapshot: bool,
    /// What newer uploads say of the store, joined to what it says.
    pub(crate) rebased: Option<&'a Rebased>,
}

/// What an upload says of rows of a store of which newer uploads say something
/// as well, joined to what those say.
#[derive(Default)]
pub(crate) struct Rebased {
    rows: BTreeMap<Item, Said>,
    /// The newest snapshot among them: it says of every other row that there
    /// is nothing of it.
    snapshot: Option<Version>,
}

impl Word<'_> {
    /// What it says of a row; nothing of one that it does not name, unless it
    /// is a snapshot.
    pub(crate) fn on(&self, item: &Item) -> Option<Said> {
        if let Some(said) = self.rebased.and_then(|rebased| rebased.rows.get(item)) {
            return Some(said.clone());
        }
        let mut said = match self.levels.get(item.as_str()) {
            Some(level) => Said::of_file(level, &self.versions_of(item)),
            None if self.is_snapshot && !self.levels.names(item.as_str()) => Said::of_absence(self.version),
            None => return None,
        };
        if let Some(snapshot) = self.rebased.and_then(|rebased| rebased.snapshot.as_ref()) {
            said.join_absence(snapshot);
        }
        Some(said)
    }

    /// The versions of what it says of an item that it names.
    fn versions_of(&self, item: &Item) -> Cow<'_, Versions> {
        let columns = self.levels.columns(item.as_str(), self.columns);
        if columns == self.columns {
            return Cow::Borrowed(self.versions);
        }
        Cow::Owned(Versions::of_file(self.version, columns))
    }
}

impl Rebased {
    /// Joins what a newer upload says, newer than those before.
    fn join(&mut self, own: Word<'_>, newer: Word<'_>) {
        for (item, level) in newer.levels.iter() {
            if let Some(row) = self.row(item, own) {
                row.join(level, &newer.versions_of(item));
            }
        }
        if newer.is_snapshot {
            for item in newer.levels.uncounted() {
                self.row(item, own);
            }
            let unnamed = self.rows.iter_mut().filter(|(item, _)| !newer.levels.names(item.as_str()));
            unnamed.for_each(|(_, row)| row.join_absence(newer.version));
            self.snapshot = Some(newer.version.clone());
        }
    }

    /// What is said of a row until now, if its own upload says anything of it.
    fn row(&mut self, item: &Item, own: Word<'_>) -> Option<&mut Said> {
        if !self.rows.contains_key(item) {
            let said = Word { rebased: Some(self), ..own }.on(item)?;
            self.rows.insert(item.clone(), said);
        }
        self.rows.get_mut(item)
    }
}

/// Joins to what a file says what newer uploads say of the same rows. Each of
/// their files is read once, however many stores it speaks of, and nothing is
/// kept of it but those rows.
pub(crate) async fn rebase(
    files: &Files<'_>,
    version: &Version,
    levels: &Levels,
    is_snapshot: bool,
    claims: &[Claim],
) -> Result<BTreeMap<Store, Rebased>, Error> {
    let mut rebased: BTreeMap<Store, Rebased> = BTreeMap::new();
    let newer: BTreeSet<(&Version, &Object)> = claims.iter().flat_map(Claim::newer).collect();
    let versions = &Versions::of_file(version, levels.columns());
    for (newer, object) in newer {
        let (said, mode) = read(files, object, levels, is_snapshot).await?;
        let of_newer = Versions::of_file(newer, said.columns());
        let minding = claims.iter().filter(|claim| claim.passage.newer.contains(newer));
        let nothing = StoreLevels::default();
        for store in minding.map(|claim| &claim.store) {
            let own = levels.store(store.as_str()).unwrap_or(&nothing);
            let newer = Word {
                levels: said.store(store.as_str()).unwrap_or(&nothing),
                columns: said.columns(),
                versions: &of_newer,
                version: newer,
                is_snapshot: mode.is_snapshot,
                rebased: None,
            };
            let columns = levels.columns();
            let own = Word { levels: own, columns, versions, version, is_snapshot, rebased: None };
            rebased.entry(store.clone()).or_default().join(own, newer);
        }
    }
    Ok(rebased)
}

/// Reads a newer upload's file; of its rows, those that this one says
/// something of too.
async fn read(
    files: &Files<'_>,
    object: &Object,
    levels: &Levels,
    is_snapshot: bool,
) -> Result<(Levels, Mode), Error> {
    let doing = || format!("read {object} again, which is newer than this upload");
    let mut said = Levels::default();
    let is_named = |store: &str, item: &str| {
        levels.store(store).is_some_and(|own| is_snapshot || own.get(item).is_some())
    };
    let opened = files.open(object).await?;
    // It was understood when it claimed.
    let mode =
        Mode::of(&opened).map_err(|reason| Error::new(ErrorKind::Invalid, doing()).caused_by(reason))?;
    let layout = files
        .read_opened(object, opened, |row| match &row {
            Row::Record(record) if !is_named(&record.store, &record.item) => {}
            _ => said.push(row),
        })
        .await?;
    let layout = layout.map_err(|refusal| Error::new(ErrorKind::Invalid, doing()).caused_by(refusal))?;
    said.set_columns(layout.optional_columns());
    Ok((said, mode))
}
