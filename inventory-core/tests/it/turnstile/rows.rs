//! What an upload does about one row, by example and by law.

use inventory_core::levels::Columns;
use inventory_core::policy::Thresholds;
use inventory_core::turnstile::{Decision, Rules, Said, Stored, Versions, decide};
use inventory_core::{Level, Status, Version};
use proptest::prelude::*;

use crate::support::level;

/// The version of the upload of an hour.
fn version(hour: u8) -> Version {
    Version::new(format!("2026-11-02T{hour:02}:00:00Z").parse().unwrap(), "01")
}

fn stored(level: Option<Level>, hour: Option<u8>, status: Option<Status>) -> Stored {
    let mut stored = Stored::default();
    stored.level = level;
    stored.versions.count = hour.map(version);
    stored.status = status;
    stored
}

/// What the upload of an hour says that has no optional column.
fn said(count: i32, hour: u8) -> Said {
    Said::of_file(&Level::of(count.into()), &Versions::of_file(&version(hour), Columns::default()))
}

/// The upload of noon's.
fn rules() -> Rules {
    Rules { version: version(12), may_skip: true, thresholds: Thresholds::default() }
}

/// What the upload of noon does, that says there are 4.
#[track_caller]
fn check(stored: Option<&Stored>, expect: &Decision) {
    assert_eq!(&decide(stored, &said(4, 12), &rules()), expect, "{stored:?}");
}

fn write(level: &Level) -> Decision {
    let said = Said::of_file(level, &Versions::of_file(&version(12), Columns::default()));
    Decision::Write(said, Status::of(level))
}

#[test]
fn a_new_row_is_written() {
    check(None, &write(&Level::of(4.into())));
    check(Some(&stored(None, None, None)), &write(&Level::of(4.into())));
}

#[test]
fn the_newest_upload_wins() {
    let other = || Some(Level::of(9.into()));
    check(Some(&stored(other(), Some(11), None)), &write(&Level::of(4.into())));
    check(Some(&stored(other(), None, None)), &write(&Level::of(4.into())));
    check(Some(&stored(other(), Some(13), None)), &Decision::Superseded(version(13)));
    check(Some(&stored(None, Some(13), None)), &Decision::Superseded(version(13)));
}

#[test]
fn what_a_newer_upload_said_as_well_is_superseded_wherever_it_stands() {
    let mut rebased = said(4, 12);
    rebased.join(&Level::of(9.into()), &Versions::of_file(&version(13), Columns::default()));
    assert_eq!(decide(None, &rebased, &rules()), Decision::Superseded(version(13)));
}

#[test]
fn a_newer_snapshot_without_the_row_empties_it_whoever_comes_by() {
    let mut rebased = said(4, 12);
    rebased.join_absence(&version(13));
    let mut said = rebased.clone();
    said.is_absence = false;
    let emptied = Decision::Write(said, Status::Out);
    for row in [None, Some(stored(Some(Level::of(9.into())), Some(11), None))] {
        assert_eq!(decide(row.as_ref(), &rebased, &rules()), emptied);
    }
    let empty = stored(Some(Level::of(0.into())), Some(11), Some(Status::Out));
    assert_eq!(decide(Some(&empty), &rebased, &rules()), emptied, "it leaves the snapshot's trace");
    rebased.join(&Level::of(9.into()), &Versions::of_file(&version(14), Columns::default()));
    assert_eq!(decide(None, &rebased, &rules()), Decision::Superseded(version(14)));
}

#[test]
fn an_absence_says_nothing_of_the_name() {
    let mut row = stored(Some(Level::of(9.into())), Some(11), None);
    row.level.as_mut().unwrap().name = Some("Green tea".into());
    let Decision::Write(said, Status::Out) = decide(Some(&row), &Said::of_absence(&version(12)), &rules())
    else {
        panic!("it is written");
    };
    assert_eq!((said.level.quantity, said.level.name.as_deref()), (0.into(), Some("Green tea")));
}

#[test]
fn an_earlier_attempt_of_the_same_upload_is_left_alone() {
    check(Some(&stored(Some(Level::of(4.into())), Some(12), None)), &Decision::Written);
    check(Some(&stored(Some(Level::of(9.into())), Some(12), None)), &Decision::Written);
    check(Some(&stored(None, Some(12), None)), &Decision::Written);
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
fn beside_an_older_attempt_a_row_that_did_not_change_is_written_too() {
    let row = stored(Some(Level::of(4.into())), Some(11), None);
    let found = decide(Some(&row), &said(4, 12), &Rules { may_skip: false, ..rules() });
    assert_eq!(found, write(&Level::of(4.into())));
}

#[test]
fn a_wrong_status_is_written_again() {
    let low = || level(4, Some(5.into()));
    check(Some(&stored(Some(low()), Some(11), None)), &write(&low()));
    check(Some(&stored(Some(low()), Some(11), Some(Status::Out))), &write(&low()));
    let ok = Level::of(4.into());
    check(Some(&stored(Some(ok.clone()), Some(11), Some(Status::Low))), &write(&ok));
}

#[test]
fn what_was_told_stays_beside_the_row_until_it_has_recovered() {
    let thresholds = Thresholds { reorder_point: Some(3.into()), recovery_margin: 2.into() };
    let rules = Rules { thresholds, ..rules() };
    for (quantity, status, expect) in [
        (9, None, Status::Ok),
        (3, Some(Status::Low), Status::Low),
        // Somebody else wrote it, and people were told all the same.
        (3, None, Status::Low),
        (0, Some(Status::Out), Status::Low),
    ] {
        let stored = stored(Some(Level::of(quantity.into())), Some(11), status);
        let Decision::Write(after, status) = decide(Some(&stored), &said(4, 12), &rules) else {
            panic!("{quantity}")
        };
        assert_eq!((after.level, status), (Level::of(4.into()), expect), "{quantity} {stored:?}");
    }
    let kept = stored(Some(Level::of(4.into())), Some(11), Some(Status::Low));
    assert_eq!(decide(Some(&kept), &said(4, 12), &rules), Decision::Unchanged, "it costs no write");
}

#[test]
fn what_the_file_has_no_column_for_stays_with_whoever_said_it() {
    let mut row = stored(Some(level(9, Some(3.into()))), Some(11), None);
    row.versions.reorder_point = Some(version(10));
    let Decision::Write(after, _) = decide(Some(&row), &said(4, 12), &rules()) else {
        panic!("the count differs")
    };
    assert_eq!(after.level, level(4, Some(3.into())));
    assert_eq!(after.versions.count, Some(version(12)));
    assert_eq!(after.versions.reorder_point, Some(version(10)));
}

#[test]
fn a_late_upload_still_gives_the_name_that_a_newer_one_has_no_column_for() {
    let mut named = Level::of(9.into());
    named.name = Some("Green tea".into());
    let late = Said::of_file(&named, &Versions::of_file(&version(12), Columns::ALL));
    let row = stored(Some(Level::of(4.into())), Some(13), None);
    let Decision::Write(after, _) = decide(Some(&row), &late, &rules()) else {
        panic!("it alone has a name")
    };
    assert_eq!((after.level.quantity, after.level.name.as_deref()), (4.into(), Some("Green tea")));
    assert_eq!((after.versions.count, after.versions.name), (Some(version(13)), Some(version(12))));
}

/// One of the parts that uploads may say.
fn anything() -> impl Strategy<Value = (Level, Versions)> {
    let part = || proptest::option::of(0..4_u8);
    (0..3_i32, part(), part(), 0..4_u8, any::<(bool, bool)>()).prop_map(|(count, point, name, hour, has)| {
        let mut level = level(count, point.map(|point| i32::from(point).into()));
        level.name = name.map(|name| name.to_string().into());
        let mut columns = Columns::ALL;
        (columns.reorder_point, columns.name) = has;
        (level, Versions::of_file(&version(hour), columns))
    })
}

fn joined<'a>(said: impl IntoIterator<Item = &'a (Level, Versions)>) -> Said {
    let mut all = Said::of_file(&Level::of(0.into()), &Versions::default());
    said.into_iter().for_each(|(level, versions)| all.join(level, versions));
    all
}

proptest! {
    /// Two uploads never have one version, so of each hour the first counts.
    #[test]
    fn joins_come_to_the_same_in_any_order(mut said in proptest::collection::vec(anything(), 0..5)) {
        let mut hours = std::collections::HashSet::new();
        said.retain(|(_, versions)| hours.insert(versions.count.clone()));
        let forth = joined(&said);
        prop_assert_eq!(&joined(said.iter().rev()), &forth);
        prop_assert_eq!(&joined(said.iter().chain(&said)), &forth);
    }
}
