use inventory_core::read;
use inventory_core::reader::{Options, rows};
use proptest::prelude::*;
use proptest::sample::Index;

use super::generate::{cut, cuts, plausible, soup};
use crate::support::{for_store, limited, read_chunks, read_parts, read_whole};

/// However a file is cut, it says what it says in one piece.
#[track_caller]
fn same(file: &[u8], cuts: &[Index], options: &Options) -> Result<(), TestCaseError> {
    let whole = read_whole(file, options);
    prop_assert_eq!(&read_chunks(cut(file, cuts), options), &whole);
    prop_assert_eq!(&read_chunks(file.chunks(1), options), &whole);
    Ok(())
}

/// Limits that files run into.
fn small() -> impl Strategy<Value = Options> {
    let row = prop_oneof![0..40_usize, 1000..1100_usize];
    let field = prop_oneof![0..20_usize, 990..1010_usize];
    (row, field, 0..8_usize, 0..9_u64).prop_map(|(row, field, columns, rows)| {
        limited(|limits| {
            (limits.row_bytes, limits.field_bytes) = (row, field);
            (limits.columns, limits.rows) = (columns, rows);
        })
    })
}

proptest! {
    #[test]
    fn any_bytes(file in soup(), cuts in cuts()) {
        same(&file, &cuts, &Options::default())?;
    }

    #[test]
    fn plausible_files(file in plausible(), cuts in cuts()) {
        same(&file, &cuts, &Options::default())?;
    }

    #[test]
    fn files_of_one_store(file in prop_oneof![soup(), plausible()], cuts in cuts()) {
        same(&file, &cuts, &for_store("Oslo"))?;
    }

    #[test]
    fn files_over_their_limits(file in prop_oneof![soup(), plausible()], cuts in cuts(), options in small()) {
        same(&file, &cuts, &options)?;
    }

    #[test]
    fn files_over_their_size(
        file in prop_oneof![soup(), plausible()],
        cuts in cuts(),
        (most, rows) in (0..300_u64, 0..9_u64),
    ) {
        let options = limited(|limits| (limits.file_bytes, limits.rows) = (most, rows));
        same(&file, &cuts, &options)?;
    }

    #[test]
    fn every_tier_says_the_same(file in prop_oneof![soup(), plausible()], cuts in cuts()) {
        let options = Options::default();
        let whole = read_whole(&file, &options);
        let in_parts = read_parts(cut(&file, &cuts), &options);
        prop_assert_eq!(&in_parts, &whole);
        let iterated: Result<Vec<_>, _> = rows(cut(&file, &cuts), options).collect();
        let reading = read(&file);
        match &whole.end {
            Ok(layout) => {
                let reading = reading.unwrap();
                prop_assert_eq!(&iterated.unwrap(), &whole.rows);
                prop_assert_eq!(&reading.layout, layout);
                prop_assert_eq!(&reading.levels, &whole.levels());
                prop_assert!(whole.rejects().eq(&reading.rejects));
            }
            Err(refusal) => {
                prop_assert_eq!(&iterated.unwrap_err(), refusal);
                prop_assert_eq!(&reading.unwrap_err(), refusal);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn files_longer_than_a_block(file in prop_oneof![soup(), plausible()], cuts in cuts()) {
        let times = if file.is_empty() { 1 } else { (80 << 10) / file.len() + 1 };
        same(&file.repeat(times), &cuts, &Options::default())?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn files_of_several_parts(file in plausible(), cuts in cuts()) {
        let file = file.repeat((2 << 20) / file.len() + 1);
        let options = Options::default();
        let whole = read_whole(&file, &options);
        let in_parts = read_parts(cut(&file, &cuts), &options);
        prop_assert_eq!(&in_parts.end, &whole.end);
        prop_assert!(whole.end.is_err() || in_parts.rows == whole.rows);
    }
}
