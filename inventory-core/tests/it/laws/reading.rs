use std::collections::HashMap;

use inventory_core::levels::Columns;
use inventory_core::reader::{Options, RefusalKind};
use inventory_core::{Level, Levels, Quantity, Record, Refusal, Store};
use proptest::prelude::*;

use super::generate::{plausible, soup};
use super::oracle::{self, Said, Scaled};
use crate::support::read_whole;

fn scaled(quantity: Quantity) -> Scaled {
    quantity.scaled().into()
}

fn of_record(record: &Record<'_>) -> Said {
    Said {
        store: record.store.clone().into_owned(),
        item: record.item.clone().into_owned(),
        quantity: scaled(record.quantity),
        reorder_point: record.reorder_point.map(scaled),
        name: record.name.as_deref().map(str::to_owned),
    }
}

fn of_level(store: &Store, item: &str, level: &Level) -> Said {
    Said {
        store: store.to_string(),
        item: item.to_owned(),
        quantity: scaled(level.quantity),
        reorder_point: level.reorder_point.map(scaled),
        name: level.name.as_deref().map(str::to_owned),
    }
}

fn of_levels(levels: &Levels) -> HashMap<(String, String), Said> {
    let of_store = |(store, levels): (&Store, &inventory_core::levels::StoreLevels)| {
        let said = levels.iter().map(|(item, level)| of_level(store, item.as_str(), level));
        said.map(|said| ((said.store.clone(), said.item.clone()), said)).collect::<Vec<_>>()
    };
    levels.stores().flat_map(of_store).collect()
}

proptest! {
    #[test]
    fn the_reader_agrees_with_its_oracle(file in plausible()) {
        let outcome = read_whole(&file, &Options::default());
        let holds_none =
            |refusal: &Refusal| matches!(refusal.kind(), RefusalKind::Repeats { .. } | RefusalKind::NoRows);
        prop_assume!(!outcome.end.as_ref().is_err_and(holds_none));
        prop_assert!(outcome.end.is_ok(), "{:?}", outcome.end);
        let oracle = oracle::read(&file);
        prop_assert_eq!(outcome.records().map(of_record).collect::<Vec<_>>(), oracle.records);
        prop_assert_eq!(outcome.rejects().count(), oracle.rejects);
        prop_assert_eq!(of_levels(&outcome.levels()), oracle.levels);
    }

    #[test]
    fn the_last_row_of_an_item_wins(file in prop_oneof![soup(), plausible()]) {
        let outcome = read_whole(&file, &Options::default());
        let levels = outcome.levels();
        for record in outcome.records() {
            let same = |other: &&Record<'_>| (&other.store, &other.item) == (&record.store, &record.item);
            let last = outcome.records().filter(same).fold(None, |before: Option<Level>, record| {
                let mut said = Columns::ALL;
                said.reorder_point &= !record.unsaid.reorder_point;
                said.name &= !record.unsaid.name;
                Some(Level::from(record).over(before.as_ref(), said))
            });
            let level = levels.store(&record.store).and_then(|levels| levels.get(&record.item));
            prop_assert_eq!(level, last.as_ref());
        }
    }
}
