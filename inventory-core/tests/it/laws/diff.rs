use std::num::NonZeroUsize;

use inventory_core::diff::{Snapshot, diff, diff_in_threads};
use inventory_core::reader::Options;
use inventory_core::{Policy, changes, transitions};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::generate::plausible;
use crate::support::{Outcome, read_whole};

/// A file with some of the optional columns.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let store = select(&["Oslo", "Lyon", "Graz"][..]);
    let item =
        select(&["tea", "naïve", "007", "5", "70001", "70002", "4006381333931", "9999999999999999"][..]);
    let quantity =
        select(&["-1", "0", "1", "2.5", "3", "90000000000000", "0.00001", "92233720368547.75807"][..]);
    let point = option::of(select(&["0", "2", "2.5", "4"][..]));
    let name = option::of(select(&["Green tea", "Milk"][..]));
    let shortened = prop_oneof![8 => Just(0), 1 => 1..3_usize];
    (vec((store, item, quantity, point, name, shortened), 0..24), any::<[bool; 2]>()).prop_map(
        |(rows, [points, names])| {
            let optional = |is: bool, text: &str| if is { format!(",{text}") } else { String::new() };
            let header =
                format!("store,item,count{}{}\n", optional(points, "reorder point"), optional(names, "name"));
            let rows = rows.into_iter().map(|(store, item, quantity, point, name, shortened)| {
                let point = optional(points, point.unwrap_or_default());
                let name = optional(names, name.unwrap_or_default());
                let optional = [point, name].into_iter().take(2 - shortened).collect::<String>();
                format!("{store},{item},{quantity}{optional}\n")
            });
            std::iter::once(header).chain(rows).collect::<String>().into_bytes()
        },
    )
}

/// A file whose codes are numbers, of few items, so that most rows are another
/// one's.
fn numbered() -> impl Strategy<Value = Vec<u8>> {
    let item = select(&["5", "70001", "4006381333931"][..]);
    let rest = select(&["0", "1", "1,2", "1,", "0,0"][..]);
    (vec((item, rest), 1..12), any::<bool>()).prop_map(|(rows, points)| {
        let header = if points { "store,item,count,reorder point\n" } else { "store,item,count\n" };
        let columns = if points { 2 } else { 1 };
        let row = |(item, rest): (&str, &str)| {
            let rest: Vec<&str> = rest.split(',').take(columns).collect();
            format!("Oslo,{item},{}\n", rest.join(","))
        };
        std::iter::once(header.to_owned()).chain(rows.into_iter().map(row)).collect::<String>().into_bytes()
    })
}

/// The same rows, some with another count.
fn recounted(file: &[u8], places: &[Index]) -> Vec<u8> {
    let text = String::from_utf8(file.to_vec()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for place in places {
        let line = place.index(lines.len());
        if line > 0 {
            let mut fields: Vec<&str> = lines[line].split(',').collect();
            fields[2] = if fields[2] == "0" { "7" } else { "0" };
            lines[line] = fields.join(",");
        }
    }
    (lines.join("\n") + "\n").into_bytes()
}

fn snapshot(outcome: &Outcome) -> Snapshot {
    let mut snapshot = Snapshot::default();
    outcome.rows.iter().for_each(|row| snapshot.push(row));
    snapshot.set_columns(outcome.levels().columns());
    snapshot
}

fn policies() -> impl Strategy<Value = Policy> {
    const JSON: [&str; 3] = [
        "{}",
        r#"{"default": {"reorder_point": 2}}"#,
        r#"{"default": {"recovery_margin": 2}, "stores": {"Oslo": {"reorder_point": "1.5"}}}"#,
    ];
    select(&JSON[..]).prop_map(|json| serde_json::from_str(json).unwrap())
}

/// A diff says what the changes of the levels say.
#[track_caller]
fn same(before: &[u8], after: &[u8], policy: &Policy) -> Result<(), TestCaseError> {
    let outcome = |file| read_whole(file, &Options::default());
    let (before, after) = (outcome(before), outcome(after));
    let expect: Vec<_> = transitions(changes(&before.levels(), &after.levels()), policy).collect();
    let (old, new) = (snapshot(&before), snapshot(&after));
    prop_assert_eq!(&diff(&old, &new, policy).collect::<Vec<_>>(), &expect);
    let threads = NonZeroUsize::new(3).unwrap();
    prop_assert_eq!(&diff_in_threads(&old, &new, policy, threads).collect::<Vec<_>>(), &expect);
    Ok(())
}

proptest! {
    #[test]
    fn of_any_two_files(before in file(), after in file(), policy in policies()) {
        same(&before, &after, &policy)?;
    }

    #[test]
    fn of_the_same_rows_in_the_same_order(
        file in file(),
        places in vec(any::<Index>(), 0..6),
        policy in policies(),
    ) {
        same(&file, &recounted(&file, &places), &policy)?;
    }

    #[test]
    fn of_codes_that_are_numbers(file in numbered(), places in vec(any::<Index>(), 0..4)) {
        same(&file, &recounted(&file, &places), &Policy::default())?;
    }

    #[test]
    fn of_the_first_rows_in_the_same_order(
        file in file(),
        places in vec(any::<Index>(), 0..3),
        rows in any::<Index>(),
        policy in policies(),
    ) {
        let recounted = recounted(&file, &places);
        let mut lines: Vec<&[u8]> = recounted.split_inclusive(|byte| *byte == b'\n').collect();
        lines.truncate(1 + rows.index(lines.len()));
        same(&file, &lines.concat(), &policy)?;
        same(&lines.concat(), &file, &policy)?;
    }

    #[test]
    fn of_plausible_files(before in plausible(), after in plausible()) {
        same(&before, &after, &Policy::default())?;
    }
}

#[test]
fn rows_beyond_one_block_are_found_again() {
    for width in [1, 300] {
        let file = |times: usize, out: usize| -> Vec<u8> {
            let row = |row: usize| {
                let count = if row.is_multiple_of(out) { 0 } else { 5 };
                format!("Store {},{row:>0width$},{count}\n", row % 300)
            };
            let rows = (0..9_000).map(|place| row(place * times % 9_000));
            std::iter::once("store,item,count\n".to_owned()).chain(rows).collect::<String>().into_bytes()
        };
        let (before, shuffled) = (file(1, 9_001), file(7, 3));
        same(&before, &file(1, 3), &Policy::default()).unwrap();
        same(&before, &shuffled, &Policy::default()).unwrap();
    }
}

#[test]
fn the_same_number_of_two_files_may_be_another_store() {
    // Of so many, some are in the same partition whichever store they are of.
    for item in 70_000..73_000 {
        let file = |store: &str| format!("store,item,count\n{store},{item},0\n").into_bytes();
        same(&file("Oslo"), &file("Lyon"), &Policy::default()).unwrap();
    }
}

#[test]
fn the_last_bytes_of_a_row_count() {
    // Both counts are in five bytes, and differ in the last of them alone.
    let file = |count: u64| format!("store,item,count\nOslo,9999999999999999,{count}\n").into_bytes();
    let policy = serde_json::from_str(r#"{"default": {"reorder_point": 6000000000}}"#).unwrap();
    let few = 5_000_000_000;
    same(&file(few + (1 << 31)), &file(few), &policy).unwrap();
}
