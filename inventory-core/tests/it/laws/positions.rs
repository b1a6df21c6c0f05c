use inventory_core::Row;
use inventory_core::reader::{Options, Position};
use proptest::prelude::*;

use super::generate::{plausible, soup};
use crate::support::read_whole;

fn position(row: &Row<'_>) -> Position {
    match row {
        Row::Record(record) => record.position,
        Row::Reject(reject) => reject.position,
        Row::Skipped(skip) => skip.position,
    }
}

/// The line of a byte, as an editor counts.
fn line(before: &[u8]) -> usize {
    let text: String = before.iter().map(|&byte| char::from(byte)).collect();
    text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count()
}

/// Files whose text is their bytes: positions are of the text.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let files = prop_oneof![soup(), plausible()];
    files.prop_map(|file| String::from_utf8_lossy(&file).into_owned().into_bytes()).prop_filter(
        "other encodings are decoded first",
        |file| {
            let end = read_whole(file, &Options::default()).end;
            end.is_ok_and(|layout| layout.encoding.as_deref() == Some("utf-8"))
        },
    )
}

proptest! {
    #[test]
    fn each_row_is_on_the_line_of_its_first_byte(file in text()) {
        let outcome = read_whole(&file, &Options::default());
        for row in &outcome.rows {
            let Position { line: found, byte, .. } = position(row);
            let (before, rest) = file.split_at(usize::try_from(byte).unwrap());
            prop_assert_eq!(found, line(before) as u64);
            let before = before.strip_prefix("\u{feff}".as_bytes()).unwrap_or(before);
            let starts = before.is_empty() || before.ends_with(b"\n") || before.ends_with(b"\r");
            prop_assert!(starts, "at byte {}", byte);
            prop_assert!(!rest.starts_with(b"\n") && !rest.starts_with(b"\r"), "at byte {}", byte);
        }
    }

    #[test]
    fn rows_come_in_the_order_of_the_file(file in text()) {
        let rows = read_whole(&file, &Options::default()).rows;
        prop_assert!(rows.iter().map(|row| position(row).byte).is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_reject_is_a_line_of_the_file(file in text()) {
        let outcome = read_whole(&file, &Options::default());
        for reject in outcome.rejects() {
            let start = usize::try_from(reject.position.byte).unwrap();
            let rest = String::from_utf8_lossy(&file[start..]);
            let after = rest.strip_prefix(&*reject.raw);
            let ends = after.is_some_and(|after| after.is_empty() || after.starts_with(['\r', '\n']));
            prop_assert!(ends, "{:?} in {:?}", reject.raw, rest);
            prop_assert!(reject.raw.contains(&*reject.value) || reject.raw.contains('"'));
        }
    }
}
