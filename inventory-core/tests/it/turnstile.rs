//! What an upload does about one row, by example.

use inventory_core::levels::Columns;
use inventory_core::{Decision, Level, Status, Stored, Version};

use crate::support::level;

/// The version of the upload of an hour.
fn version(hour: u8) -> Version {
    Version::new(format!("2026-11-02T{hour:02}:00:00Z").parse().unwrap(), "01")
}

fn stored(level: Option<Level>, hour: Option<u8>, status: Option<Status>) -> Stored {
    let mut stored = Stored::default();
    stored.level = level;
    stored.version = hour.map(version);
    stored.status = status;
    stored
}

/// What the upload of noon does, that says there are 4 and has no other
/// column.
#[track_caller]
fn check(stored: Option<&Stored>, expect: &Decision) {
    let found = Decision::on(stored, &Level::of(4.into()), Columns::default(), &version(12));
    assert_eq!(&found, expect, "{stored:?}");
}

#[test]
fn a_new_row_is_written() {
    check(None, &Decision::Write(Level::of(4.into())));
    check(Some(&stored(None, None, None)), &Decision::Write(Level::of(4.into())));
}

#[test]
fn the_newest_upload_wins() {
    let other = || Some(Level::of(9.into()));
    check(Some(&stored(other(), Some(11), None)), &Decision::Write(Level::of(4.into())));
    check(Some(&stored(other(), None, None)), &Decision::Write(Level::of(4.into())));
    check(Some(&stored(other(), Some(13), None)), &Decision::Superseded);
    check(Some(&stored(None, Some(13), None)), &Decision::Superseded);
}

#[test]
fn an_earlier_attempt_of_the_same_upload_is_left_alone() {
    check(Some(&stored(Some(Level::of(4.into())), Some(12), None)), &Decision::Written);
    check(Some(&stored(Some(Level::of(9.into())), Some(12), None)), &Decision::Written);
}

#[test]
fn a_row_that_did_not_change_costs_no_write() {
    for hour in [None, Some(11)] {
        check(Some(&stored(Some(Level::of(4.into())), hour, None)), &Decision::Unchanged);
    }
    let low = level(4, Some(5.into()));
    check(Some(&stored(Some(low), Some(11), Some(Status::Low))), &Decision::Unchanged);
}

#[test]
fn a_wrong_status_is_written_again() {
    let low = || level(4, Some(5.into()));
    check(Some(&stored(Some(low()), Some(11), None)), &Decision::Write(low()));
    check(Some(&stored(Some(low()), Some(11), Some(Status::Out))), &Decision::Write(low()));
    let ok = Level::of(4.into());
    check(Some(&stored(Some(ok.clone()), Some(11), Some(Status::Low))), &Decision::Write(ok));
}

#[test]
fn what_the_file_has_no_column_for_stays() {
    let before = level(9, Some(3.into()));
    check(Some(&stored(Some(before), Some(11), None)), &Decision::Write(level(4, Some(3.into()))));
}
