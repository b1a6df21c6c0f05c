use inventory_core::diff::{Snapshot, diff};
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
    let item = select(&["tea", "milk", "oil", "salt", "rice", "naïve"][..]);
    let quantity = select(&["-1", "0", "1", "2.5", "3", "90000000000000", "0.00001"][..]);
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

fn read<'a>(mut snapshot: Snapshot<'a>, outcome: &Outcome) -> Snapshot<'a> {
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
    let (old, new) = (read(Snapshot::default(), &before), read(Snapshot::default(), &after));
    prop_assert_eq!(&diff(&old, &new, policy), &expect);
    let walked = read(Snapshot::after(&old), &after);
    prop_assert_eq!(&diff(&old, &walked, policy), &expect);
    // Whatever it was walked beside, it says the same.
    prop_assert_eq!(&diff(&new, &walked, policy), &[]);
    prop_assert_eq!(diff(&walked, &new, policy), []);
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
    let file = |times: usize, out: usize| -> Vec<u8> {
        let row = |row: usize| {
            let count = if row.is_multiple_of(out) { 0 } else { 5 };
            format!("Oslo,{row:>0300},{count}\n")
        };
        let rows = (0..9_000).map(|place| row(place * times % 9_000));
        std::iter::once("store,item,count\n".to_owned()).chain(rows).collect::<String>().into_bytes()
    };
    let (before, shuffled) = (file(1, 9_001), file(7, 3));
    same(&before, &file(1, 3), &Policy::default()).unwrap();
    same(&before, &shuffled, &Policy::default()).unwrap();
}
