use std::collections::{BTreeMap, BTreeSet};

use inventory_core::turnstile::{Said, Versions};
use inventory_core::{Item, Levels, Row, Store, Version};

use crate::error::{Error, ErrorKind};
use crate::files::Files;
use crate::stores::Claim;
use crate::upload::Object;

/// What an upload says of rows of a store that a newer one names as well, with
/// what that one says.
pub(crate) type Rebased = BTreeMap<Item, Said>;

/// Joins to what a file says what newer uploads say of the same rows. Each of
/// their files is read once, however many stores it speaks of, and nothing is
/// kept of it but those rows.
pub(crate) async fn rebase(
    files: &Files<'_>,
    version: &Version,
    levels: &Levels,
    claims: &[Claim],
) -> Result<BTreeMap<Store, Rebased>, Error> {
    let mut rebased: BTreeMap<Store, Rebased> = BTreeMap::new();
    let newer: BTreeSet<(&Version, &Object)> = claims.iter().flat_map(Claim::newer).collect();
    for (newer, object) in newer {
        let said = read(files, object, levels).await?;
        let columns = said.columns();
        let minding = claims.iter().filter(|claim| claim.passage.newer.contains(newer));
        for store in minding.map(|claim| &claim.store) {
            let (Some(own), Some(said)) = (levels.store(store.as_str()), said.store(store.as_str())) else {
                continue;
            };
            let rows = rebased.entry(store.clone()).or_default();
            for (item, level) in said.iter() {
                let Some(level_here) = own.get(item.as_str()) else {
                    continue;
                };
                let row = rows.entry(item.clone()).or_insert_with(|| {
                    let columns = own.columns(item.as_str(), levels.columns());
                    Said::of_file(level_here, &Versions::of_file(version, columns))
                });
                row.join(level, &Versions::of_file(newer, said.columns(item.as_str(), columns)));
            }
        }
    }
    Ok(rebased)
}

/// Reads a newer upload's file; of its rows, those that this one names too.
async fn read(files: &Files<'_>, object: &Object, levels: &Levels) -> Result<Levels, Error> {
    let mut said = Levels::default();
    let is_named = |store: &str, item: &str| levels.store(store).is_some_and(|own| own.get(item).is_some());
    let layout = files
        .read(object, |row| match &row {
            Row::Record(record) if is_named(&record.store, &record.item) => said.push(&row),
            _ => {}
        })
        .await?;
    // It was understood when it claimed.
    let layout = layout.map_err(|refusal| {
        let doing = format!("read {object} again, which is newer than this upload");
        Error::new(ErrorKind::Invalid, doing).caused_by(refusal)
    })?;
    said.set_columns(layout.optional_columns());
    Ok(said)
}
