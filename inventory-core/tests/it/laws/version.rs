use inventory_core::Version;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

use super::generate::matching;

/// Milliseconds of the years 0 to 9999, often the same, and the nanoseconds
/// beyond them.
fn time() -> impl Strategy<Value = (i64, i32)> {
    let years = -62_167_219_200_000..253_402_207_200_000_i64;
    let milliseconds = prop_oneof![years, 1_793_600_000_000..1_793_600_000_003_i64, -2..2_i64];
    (milliseconds, 0..1_000_000_i32)
}

fn timestamp((milliseconds, nanoseconds): (i64, i32)) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(milliseconds) * 1_000_000 + i128::from(nanoseconds)).unwrap()
}

fn sequencer() -> impl Strategy<Value = String> {
    let usual = select(&["0055AED6DCD902", "0055AED6DCD90281E5", "0055aed6dcd9", ""][..]);
    prop_oneof![matching("[0-9A-Fa-f]{0,32}"), usual.prop_map(str::to_owned)]
}

/// The number that a sequencer is, with zeros to its right.
fn number(sequencer: &str) -> u128 {
    u128::from_str_radix(&format!("{sequencer:0<32}"), 16).unwrap()
}

proptest! {
    #[test]
    fn versions_sort_by_time_and_then_by_sequencer(
        (a, b) in (time(), time()),
        (first, second) in (sequencer(), sequencer()),
    ) {
        let (older, newer) = (Version::new(timestamp(a), &first), Version::new(timestamp(b), &second));
        let expect = (a.0, number(&first)).cmp(&(b.0, number(&second)));
        prop_assert_eq!(older.cmp(&newer), expect);
        prop_assert_eq!(older.as_str().cmp(newer.as_str()), expect, "as text");
    }

    #[test]
    fn a_version_is_text_that_a_table_may_keep(time in time(), sequencer in sequencer()) {
        let version = Version::new(timestamp(time), &sequencer);
        let longest = "2026-11-02T06:00:00.000Z/".len() + sequencer.len();
        prop_assert!(version.as_str().len() <= longest, "{version}");
        prop_assert_eq!(version.to_string(), version.as_str());
        prop_assert_eq!(serde_json::to_value(&version).unwrap(), version.as_str());
    }
}
