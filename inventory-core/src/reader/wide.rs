//! Files with a column for each store.

use std::collections::{HashMap, HashSet};

use super::layout::{Column, Role, StoreColumns};
use super::names::{self, Custom, OfStore};
use super::profile::Profiles;

/// What is known of the columns when their orientation is looked for.
pub(super) struct Columns<'a> {
    pub(super) names: &'a [&'a str],
    pub(super) roles: &'a [Vec<(Role, i32)>],
    pub(super) profiles: &'a Profiles<'a>,
    /// The store that is known beside the file.
    pub(super) scope: Option<&'a str>,
    pub(super) has_header: bool,
    pub(super) has_store: bool,
    /// A column is named like a count.
    pub(super) has_count: bool,
    /// Its name leaves no doubt.
    pub(super) is_exact: bool,
}

/// The columns of each store, and how sure that is.
pub(super) struct Wide {
    pub(super) stores: Vec<StoreColumns>,
    pub(super) sure: u8,
    pub(super) because: String,
}

/// Finds a column for each store.
pub(super) fn find(columns: &Columns<'_>) -> Option<Wide> {
    if !columns.has_header {
        return None;
    }
    by_custom(columns).or_else(|| by_values(columns))
}

/// Whether a header names a count of this store.
pub(super) fn is_count_of(header: &str, store: &str) -> bool {
    matches!(names::of_store(header), Some((OfStore::Count, _, named)) if named == store)
}

/// Columns such as `inventory_Oslo` and `reorder_point_Oslo`.
fn by_custom(columns: &Columns<'_>) -> Option<Wide> {
    let mut stores: Vec<StoreColumns> = Vec::new();
    let mut points = HashMap::new();
    let mut seen = HashSet::new();
    let mut known = false;
    for (index, name) in columns.names.iter().enumerate() {
        let Some((what, custom, store)) = names::of_store(name) else { continue };
        let own = columns.scope == Some(&*store);
        let fits = own
            || columns.profiles.get(index).is_some_and(|profile| {
                profile.filled == 0 || profile.is_mostly(profile.numbers + profile.untracked)
            });
        match what {
            OfStore::ReorderPoint => {
                points.entry(store).or_insert_with(|| Column::new(index, name));
            }
            OfStore::Count if fits && seen.insert(store.clone()) => {
                known |= custom == Custom::Known;
                stores.push(StoreColumns { store, count: Column::new(index, name), reorder_point: None });
            }
            OfStore::Count => {}
        }
    }
    for store in &mut stores {
        store.reorder_point = points.remove(&store.store);
    }
    // The column of the store whose file it is needs no other one.
    let own = !columns.has_store && stores.iter().any(|of| Some(&*of.store) == columns.scope);
    let enough = stores.len() > 1 || (known && stores.len() == 1);
    // A lone `inventory_turnover` beside a count is no store.
    let lone = columns.is_exact && stores.len() == 1;
    if !own && (!enough || lone || (columns.has_count && !known)) {
        return None;
    }
    let because =
        format!("{} columns are named as a count of one store each: {}", stores.len(), shown(&stores));
    Some(Wide { stores, sure: if known { 95 } else { 85 }, because })
}

/// Columns of counts whose names are nothing known, and so the stores'.
fn by_values(columns: &Columns<'_>) -> Option<Wide> {
    if columns.has_store || columns.has_count {
        return None;
    }
    let unknown = columns.roles.iter().enumerate().filter(|(index, roles)| {
        let name = columns.names.get(*index).copied().unwrap_or_default();
        roles.is_empty() && name.chars().any(char::is_alphabetic)
    });
    let counts: Vec<usize> =
        unknown.map(|(index, _)| index).filter(|index| is_of_counts(columns, *index)).collect();
    let untracked = counts.iter().any(|index| columns.profiles.get(*index).is_some_and(|p| p.untracked > 0));
    let known = |wanted: &str| columns.names.iter().any(|name| names::compact(name) == wanted);
    let till = known("handle") && known("option1name") && known("sku");
    let own = columns
        .scope
        .is_some_and(|scope| counts.iter().any(|index| columns.names.get(*index) == Some(&scope)));
    let two = columns.names.len() == 2 && counts.len() == 1;
    let sure = match counts.len() {
        0 => return None,
        _ if till || untracked => 90,
        // The only column of counts may have any name if the store is known.
        1 if columns.scope.is_some() && !own => return None,
        1 if two || own => 70,
        1 => return None,
        _ if own => 80,
        // Several columns of numbers beside each other, and last.
        _ if last_together(&counts, columns.roles) => 60,
        _ => return None,
    };
    let stores: Vec<StoreColumns> = counts
        .into_iter()
        .filter_map(|index| {
            let name = columns.names.get(index)?;
            Some(StoreColumns {
                store: (*name).to_owned(),
                count: Column::new(index, name),
                reorder_point: None,
            })
        })
        .collect();
    let because = format!(
        "no column names a store or a count, and by their values {} hold counts, so their headers are the stores: {}",
        stores.len(),
        shown(&stores)
    );
    Some(Wide { stores, sure, because })
}

fn is_of_counts(columns: &Columns<'_>, index: usize) -> bool {
    columns.profiles.get(index).is_some_and(|profile| {
        profile.looks_like_counts() || (profile.filled > 0 && profile.untracked == profile.filled)
    })
}

/// Beside each other, and after them only what is known, such as their total.
fn last_together(counts: &[usize], roles: &[Vec<(Role, i32)>]) -> bool {
    let together = counts.windows(2).all(|pair| matches!(pair, [a, b] if a + 1 == *b));
    let after = counts.last().map_or(0, |last| last + 1);
    together && roles.iter().skip(after).all(|roles| !roles.is_empty())
}

fn shown(stores: &[StoreColumns]) -> String {
    let mut names: Vec<String> = stores.iter().take(5).map(|store| names::quoted(&store.store)).collect();
    if stores.len() > 5 {
        names.push(format!("{} more", stores.len() - 5));
    }
    names.join(", ")
}
