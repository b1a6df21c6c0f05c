use std::collections::BTreeMap;

use inventory_core::{
    Change, Item, Level, Levels, Policy, Quantity, Store, TransitionKind, changes, net, transitions,
};
use proptest::collection::vec;
use proptest::prelude::*;

use super::generate::{change, key, levels, maybe_level};

type Table = BTreeMap<(Store, Item), Level>;

fn table(levels: &Levels) -> Table {
    let rows = levels.stores().flat_map(|(store, levels)| {
        levels.iter().map(move |(item, level)| ((store.clone(), item.clone()), level.clone()))
    });
    rows.collect()
}

/// What a table says after a file: its own cells where the file has no such
/// column or row, else the file's.
fn overlaid(before: &Table, file: &Levels) -> Table {
    let mut after = before.clone();
    for (key, mut level) in table(file) {
        if !file.columns().reorder_point {
            level.reorder_point = before.get(&key).and_then(|old| old.reorder_point);
        }
        if !file.columns().name {
            level.name = before.get(&key).and_then(|old| old.name.clone());
        }
        after.insert(key, level);
    }
    after
}

fn levels_of(table: &Table) -> Levels {
    let mut levels = Levels::default();
    table.iter().for_each(|((store, item), level)| levels.insert(store, item.clone(), level.clone()));
    levels
}

/// 0 for out, 1 for low and 2 for neither.
fn standing(level: &Level) -> u8 {
    match (level.quantity.scaled(), level.reorder_point.map(Quantity::scaled)) {
        (quantity, _) if quantity <= 0 => 0,
        (quantity, Some(point)) if quantity <= point => 1,
        _ => 2,
    }
}

fn kind(before: Option<&Level>, after: Option<&Level>) -> Option<TransitionKind> {
    match (before.map_or(2, standing), standing(after?)) {
        (1 | 2, 0) => Some(TransitionKind::SoldOut),
        (2, 1) => Some(TransitionKind::RunningLow),
        (0, 1 | 2) => Some(TransitionKind::BackInStock),
        _ => None,
    }
}

proptest! {
    #[test]
    fn equal_levels_are_no_change(levels in levels()) {
        prop_assert_eq!(changes(&levels, &levels).collect::<Vec<_>>(), []);
    }

    #[test]
    fn changes_applied_to_what_was_give_what_is(before in levels(), file in levels()) {
        let mut applied = table(&before);
        for change in changes(&before, &file) {
            let key = (change.store.clone(), change.item.clone());
            prop_assert_ne!(&change.before, &change.after);
            prop_assert_eq!(applied.insert(key, change.after.unwrap()), change.before);
        }
        prop_assert_eq!(&applied, &overlaid(&table(&before), &file));
        prop_assert_eq!(changes(&levels_of(&applied), &file).collect::<Vec<_>>(), []);
    }

    #[test]
    fn changes_name_each_item_once_and_in_order(before in levels(), file in levels()) {
        let keys: Vec<_> = changes(&before, &file).map(|change| (change.store, change.item)).collect();
        prop_assert!(keys.is_sorted_by(|a, b| a < b), "{:?}", keys);
    }

    #[test]
    fn a_change_is_a_transition_if_its_standing_is_another(change in change()) {
        let expect = kind(change.before.as_ref(), change.after.as_ref());
        let found: Vec<_> = transitions([change.clone()], &Policy::default()).collect();
        prop_assert!(found.iter().map(|found| found.kind).eq(expect), "{:?}", found);
        for found in found {
            prop_assert_eq!(Some(&found.level), change.after.as_ref());
            prop_assert_eq!(found.change, change.clone());
        }
    }

    #[test]
    fn a_chain_of_changes_is_the_change_from_its_first_to_its_last(
        start in vec((key(), maybe_level()), 0..8),
        steps in vec((key(), maybe_level()), 0..30),
    ) {
        let table = |rows: Vec<((Store, Item), Option<Level>)>| -> Table {
            rows.into_iter().filter_map(|(key, level)| Some((key, level?))).collect()
        };
        let before = table(start);
        let levels = before.clone().into_iter().map(|(key, level)| (key, Some(level)));
        let mut after: BTreeMap<_, _> = levels.collect();
        let mut chain = Vec::new();
        for (step, (key, level)) in steps.into_iter().enumerate() {
            let old = after.insert(key.clone(), level.clone()).flatten();
            let change = Change::between(&key.0, &key.1, old, level);
            chain.extend(change.map(|change| change.caused_by(step.to_string())));
        }

        let found = net(chain.clone());
        let mut touched: Vec<(Store, Item)> = Vec::new();
        for change in &chain {
            let key = (change.store.clone(), change.item.clone());
            if !touched.contains(&key) {
                touched.push(key);
            }
        }
        let expect = touched.iter().filter_map(|key| {
            let last = chain.iter().rfind(|change| (&change.store, &change.item) == (&key.0, &key.1))?;
            let change = Change::between(&key.0, &key.1, before.get(key).cloned(), after[key].clone())?;
            Some(change.caused_by(last.cause.clone()?))
        });
        prop_assert_eq!(&found, &expect.collect::<Vec<_>>());

        let kinds = found.iter().filter_map(|change| kind(change.before.as_ref(), change.after.as_ref()));
        prop_assert!(transitions(found.clone(), &Policy::default()).map(|transition| transition.kind).eq(kinds));
    }
}
