//! The recovery margin, over levels of one item one after another.

use inventory_core::policy::Thresholds;
use inventory_core::{
    Change, Item, Latch, Level, Policy, Quantity, Status, Store, Transition, TransitionKind,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::level;

/// A level, with a reorder point of its own or without.
fn a_level() -> impl Strategy<Value = Level> {
    let quantity =
        prop_oneof![9 => (-3..14).prop_map(Quantity::from), 1 => select(&[Quantity::MIN, Quantity::MAX][..])];
    let point = option::of(prop_oneof![9 => (-1..6).prop_map(Quantity::from), 1 => Just(Quantity::MAX)]);
    (quantity, point).prop_map(|(quantity, point)| level(quantity, point))
}

fn thresholds() -> impl Strategy<Value = Thresholds> {
    let margin = prop_oneof![4 => (0..5).prop_map(Quantity::from), 1 => prop_oneof![Just(Quantity::MAX), Just((-2).into())]];
    (option::of((-1..6).prop_map(Quantity::from)), margin)
        .prop_map(|(reorder_point, recovery_margin)| Thresholds { reorder_point, recovery_margin })
}

fn policy_of(thresholds: Thresholds) -> Policy {
    let mut policy = Policy::default();
    policy.default.reorder_point = thresholds.reorder_point;
    policy.default.recovery_margin = Some(thresholds.recovery_margin);
    policy
}

fn status() -> impl Strategy<Value = Status> {
    select(&[Status::Out, Status::Low, Status::Ok][..])
}

/// How the rows of a table keep their statuses.
#[derive(Clone, Copy, Debug)]
enum Writer {
    /// As the loader does: the latch of the row before.
    Loader,
    /// Rows without any.
    Bare,
    /// Whatever there was, as an update of the count alone leaves it.
    Stale,
}

/// What the rows of an item say one after another: level and stored status.
fn rows(levels: Vec<Level>, writer: &[Writer], thresholds: Thresholds) -> Vec<(Level, Status)> {
    let mut stored = Status::Ok;
    let written = levels.into_iter().zip(writer.iter().cycle()).map(|(level, writer)| {
        stored = match writer {
            Writer::Loader => stored.next(&level, thresholds),
            Writer::Bare => Status::Ok,
            Writer::Stale => stored,
        };
        (level, stored)
    });
    written.collect()
}

/// What is told of these rows, each with the place of the row.
fn told(rows: &[(Level, Status)], policy: &Policy) -> Vec<(usize, TransitionKind)> {
    let (store, item) = (Store::new("Oslo").unwrap(), Item::new("tea").unwrap());
    let mut before: Option<(Level, Status)> = None;
    let mut told = Vec::new();
    for (at, (level, status)) in rows.iter().enumerate() {
        let (old, latched) = before.clone().unzip();
        let latch = Latch { before: latched.unwrap_or(Status::Ok), after: *status };
        if let Some(mut change) = Change::between(&store, &item, old, Some(level.clone())) {
            change.latch = Some(latch);
            told.extend(Transition::of(change, policy).map(|transition| (at, transition.kind)));
        }
        before = Some((level.clone(), *status));
    }
    told
}

/// Whether a level got over the threshold of an alert and the margin, or, where
/// there is no threshold, is not out.
fn recovered(kind: TransitionKind, level: &Level, thresholds: Thresholds) -> bool {
    let quantity = i128::from(level.quantity.scaled());
    let bound = match kind {
        TransitionKind::SoldOut => Some(Quantity::ZERO),
        _ => level.reorder_point.or(thresholds.reorder_point),
    };
    let margin = i128::from(thresholds.recovery_margin.scaled().max(0));
    quantity > 0 && bound.is_none_or(|bound| quantity > i128::from(bound.scaled()) + margin)
}

proptest! {
    #[test]
    fn no_alert_comes_twice_without_a_recovery_between(levels in vec(a_level(), 0..40), thresholds in thresholds()) {
        let rows = rows(levels, &[Writer::Loader], thresholds);
        let told = told(&rows, &policy_of(thresholds));
        for kind in [TransitionKind::SoldOut, TransitionKind::RunningLow] {
            let places: Vec<usize> = told.iter().filter(|(_, other)| *other == kind).map(|(at, _)| *at).collect();
            for pair in places.windows(2) {
                let between = &rows[pair[0]..pair[1]];
                prop_assert!(between.iter().any(|(level, _)| recovered(kind, level, thresholds)), "{:?}", between);
            }
        }
    }

    #[test]
    fn out_and_back_take_turns_whoever_writes(
        levels in vec(a_level(), 0..40),
        writers in vec(select(&[Writer::Loader, Writer::Bare, Writer::Stale][..]), 1..40),
        thresholds in thresholds(),
    ) {
        // Levels that are one after another the same are no change, and then
        // another status beside them is not told either.
        let mut levels = levels;
        levels.dedup();
        let told = told(&rows(levels, &writers, thresholds), &policy_of(thresholds));
        let turns = told.iter().filter(|(_, kind)| *kind != TransitionKind::RunningLow);
        let expect = [TransitionKind::SoldOut, TransitionKind::BackInStock].into_iter().cycle();
        prop_assert!(turns.zip(expect).all(|((_, kind), expect)| *kind == expect), "{:?}", told);
    }

    #[test]
    fn whoever_writes_what_is_out_was_told(
        levels in vec(a_level(), 1..40),
        writers in vec(select(&[Writer::Loader, Writer::Bare, Writer::Stale][..]), 1..40),
        thresholds in thresholds(),
    ) {
        let mut levels = levels;
        levels.dedup();
        let rows = rows(levels, &writers, thresholds);
        let told = told(&rows, &policy_of(thresholds));
        if rows.last().is_some_and(|(level, _)| level.quantity <= Quantity::ZERO) {
            let last = told.iter().rfind(|(_, kind)| *kind != TransitionKind::RunningLow);
            prop_assert_eq!(last.map(|(_, kind)| *kind), Some(TransitionKind::SoldOut));
        }
    }

    #[test]
    fn without_a_margin_the_writer_makes_no_difference(
        levels in vec(a_level(), 0..40),
        writers in vec(select(&[Writer::Loader, Writer::Bare][..]), 1..40),
        reorder_point in option::of((-1..6).prop_map(Quantity::from)),
    ) {
        let thresholds = Thresholds { reorder_point, ..Thresholds::default() };
        let policy = policy_of(thresholds);
        let loaded = told(&rows(levels.clone(), &[Writer::Loader], thresholds), &policy);
        prop_assert_eq!(told(&rows(levels, &writers, thresholds), &policy), loaded);
    }

    #[test]
    fn the_same_level_once_more_changes_no_latch(before in status(), level in a_level(), thresholds in thresholds()) {
        let once = before.next(&level, thresholds);
        prop_assert_eq!(once.next(&level, thresholds), once);
    }

    #[test]
    fn a_latch_is_never_better_than_its_level(before in status(), level in a_level(), thresholds in thresholds()) {
        let latch = before.next(&level, thresholds);
        prop_assert!(latch <= Status::Ok.next(&level, thresholds));
        prop_assert!(Status::Ok.next(&level, thresholds) == latch || latch >= before);
    }

    #[test]
    fn by_itself_a_level_stands_as_the_first_one(level in a_level()) {
        prop_assert_eq!(Status::of(&level), Status::Ok.next(&level, Thresholds::default()));
        let none = policy_of(Thresholds::default());
        let expect = match Status::of(&level) {
            Status::Out => Some(TransitionKind::SoldOut),
            Status::Low => Some(TransitionKind::RunningLow),
            Status::Ok => None,
        };
        prop_assert!(told(&[(level, Status::Ok)], &none).into_iter().map(|(_, kind)| kind).eq(expect));
    }
}
