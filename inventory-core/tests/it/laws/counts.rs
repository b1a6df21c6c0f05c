use inventory_core::reader::Options;
use inventory_core::{Receipt, Store};
use proptest::prelude::*;

use super::generate::{plausible, soup};
use crate::support::{Outcome, for_store, read_whole};

/// Every row is counted once, and where it belongs.
#[track_caller]
fn add_up(outcome: &Outcome) -> Result<(), TestCaseError> {
    let levels = outcome.levels();
    let mut read = levels.unattributed();
    for (store, levels) in levels.stores() {
        let records = outcome.records().filter(|record| record.store == store.as_str()).count();
        let rejects = outcome.rejects().filter(|reject| reject.store.as_ref() == Some(store)).count();
        prop_assert_eq!(levels.accepted(), records as u64);
        prop_assert_eq!(levels.rejected(), rejects as u64);
        prop_assert_eq!(levels.read(), levels.accepted() + levels.rejected() + levels.skipped());
        prop_assert_eq!(levels.accepted(), levels.len() as u64 + levels.duplicates());
        prop_assert!(levels.contradicted() <= levels.duplicates());
        prop_assert_eq!(levels.len(), levels.iter().count());
        prop_assert_eq!(levels.is_empty(), levels.iter().next().is_none());
        read += Receipt::of(levels).read() + levels.len() as u64;
    }
    prop_assert_eq!(read, outcome.rows.len() as u64);
    Ok(())
}

proptest! {
    #[test]
    fn counts_add_up(file in prop_oneof![soup(), plausible()]) {
        add_up(&read_whole(&file, &Options::default()))?;
    }

    #[test]
    fn counts_of_one_stores_file_are_all_its_own(file in prop_oneof![soup(), plausible()]) {
        let outcome = read_whole(&file, &for_store("Oslo"));
        add_up(&outcome)?;
        let levels = outcome.levels();
        prop_assert_eq!(levels.unattributed(), 0);
        prop_assert!(levels.stores().map(|(store, _)| store).all(|store: &Store| store.as_str() == "Oslo"));
    }
}
