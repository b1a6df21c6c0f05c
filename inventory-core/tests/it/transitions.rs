//! Levels to changes to transitions, by example.

use inventory_core::{
    Change, Item, Level, Levels, Policy, Status, Store, Transition, TransitionKind, changes,
};

use crate::support::{level, levels};

/// A level's standing, or none where there is no level.
fn standing(status: Option<Status>, other: bool) -> Option<Level> {
    let of = |quantity: [i32; 2], point| level(quantity[usize::from(other)], point);
    Some(match status? {
        Status::Out => of([0, -1], Some(2.into())),
        Status::Low => of([2, 1], Some(2.into())),
        Status::Ok => of([3, 9], Some(2.into())),
    })
}

#[track_caller]
fn check(before: Option<Status>, after: Option<Status>, expect: Option<TransitionKind>) {
    let (store, item) = (Store::new("Oslo").unwrap(), Item::new("tea").unwrap());
    let change = Change::between(&store, &item, standing(before, false), standing(after, true)).unwrap();
    let found = Transition::of(change, &Policy::default()).map(|transition| transition.kind);
    assert_eq!(found, expect, "{before:?} to {after:?}");
}

#[test]
fn an_alert_fires_on_the_edge() {
    use Status::{Low, Ok, Out};

    check(None, Some(Out), Some(TransitionKind::SoldOut));
    check(None, Some(Low), Some(TransitionKind::RunningLow));
    check(None, Some(Ok), None);
    check(Some(Out), Some(Out), None);
    check(Some(Out), Some(Low), Some(TransitionKind::BackInStock));
    check(Some(Out), Some(Ok), Some(TransitionKind::BackInStock));
    check(Some(Low), Some(Out), Some(TransitionKind::SoldOut));
    check(Some(Low), Some(Low), None);
    check(Some(Low), Some(Ok), None);
    check(Some(Ok), Some(Out), Some(TransitionKind::SoldOut));
    check(Some(Ok), Some(Low), Some(TransitionKind::RunningLow));
    check(Some(Ok), Some(Ok), None);
    for before in [Out, Low, Ok] {
        check(Some(before), None, None);
    }
}

#[track_caller]
fn check_status(quantity: &str, point: Option<&str>, expect: Status) {
    let level = level(
        quantity.parse::<inventory_core::Quantity>().unwrap(),
        point.map(|point| point.parse().unwrap()),
    );
    assert_eq!(Status::of(&level), expect, "{quantity} with {point:?}");
}

#[test]
fn a_status_turns_exactly_at_its_bounds() {
    check_status("0", None, Status::Out);
    check_status("-0.00001", Some("-5"), Status::Out);
    check_status("0.00001", None, Status::Ok);
    check_status("0.00001", Some("0"), Status::Ok);
    check_status("2.5", Some("2.5"), Status::Low);
    check_status("2.50001", Some("2.5"), Status::Ok);
}

/// What a file changes of one item, as its quantity, reorder point and name.
#[track_caller]
fn check_change(before: &str, file: &str, expect: Option<(i32, Option<i32>, Option<&str>)>) {
    let change = changes(&levels(before), &levels(file)).next();
    let after = change.map(|change| change.after.unwrap());
    let expect = expect.map(|(quantity, point, name)| {
        let mut expect = level(quantity, point.map(Into::into));
        expect.name = name.map(Into::into);
        expect
    });
    assert_eq!(after, expect, "{file:?}");
}

#[test]
fn a_missing_column_keeps_what_was_and_a_blank_cell_clears_it() {
    let before = "store,item,count,reorder point,name\nOslo,tea,4,2,Green tea\n";
    check_change(before, "store,item,count\nOslo,tea,4\n", None);
    check_change(before, "store,item,count\nOslo,tea,1\n", Some((1, Some(2), Some("Green tea"))));
    check_change(before, "store,item,count,name\nOslo,tea,4,\n", Some((4, Some(2), None)));
    check_change(before, "store,item,count,name\nOslo,tea,4\n", None);
    check_change(before, "store,item,count,reorder point\nOslo,tea,4,\n", Some((4, None, Some("Green tea"))));
    check_change(before, "store,item,count,reorder point,name\nOslo,tea,4,2,Green tea\n", None);
}

#[test]
fn what_a_file_does_not_name_stays() {
    let before = levels("store,item,count\nOslo,tea,4\nLyon,tea,4\n");
    let file = levels("store,item,count\nOslo,milk,1\n");
    let changed: Vec<_> = changes(&before, &file).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].item.as_str(), &changed[0].before), ("milk", &None));
    assert_eq!(changes(&before, &Levels::default()).count(), 0);
}

#[test]
fn statuses_and_kinds_have_names_that_messages_keep() {
    let statuses = [Status::Out, Status::Low, Status::Ok];
    assert_eq!(serde_json::to_string(&statuses).unwrap(), r#"["out","low","ok"]"#);
    assert_eq!(statuses.map(Status::as_str), ["out", "low", "ok"]);
    assert_eq!(statuses.map(Status::alert), [Some(Status::Out), Some(Status::Low), None]);
    let kinds = [TransitionKind::SoldOut, TransitionKind::RunningLow, TransitionKind::BackInStock];
    assert_eq!(serde_json::to_string(&kinds).unwrap(), r#"["sold_out","running_low","back_in_stock"]"#);
}
