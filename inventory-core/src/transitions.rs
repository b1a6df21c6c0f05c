use serde::Serialize;

use crate::changes::Change;
use crate::levels::Level;
use crate::policy::{Policy, Thresholds};
use crate::quantity::Quantity;
pub use crate::status::Status;

/// What people want to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    /// It was there, or is new, and is out.
    SoldOut,
    /// It was fine, or is new, and is low.
    RunningLow,
    /// It was out and is no longer.
    BackInStock,
}

/// A change of a level's [`Status`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Transition {
    /// What happened.
    pub kind: TransitionKind,
    /// To what.
    pub change: Change,
    /// The level it came to.
    pub level: Level,
    /// The quantity at or below which it is low: the level's, or else the
    /// policy's.
    pub reorder_point: Option<Quantity>,
}

impl Transition {
    /// The transition that a change is, if it is one.
    ///
    /// A level that is new counts as fine before, so that it is told of once
    /// if it starts out or low. One that is gone is no transition. Where a
    /// recovery margin is set, an item is low or out until it got over the
    /// threshold and the margin; what it was then is its [latch](Change::latch).
    pub fn of(change: Change, policy: &Policy) -> Option<Transition> {
        let level = change.after.clone()?;
        let thresholds = policy.thresholds(&change.store);
        let before = before(&change, thresholds);
        let after = match &change.latch {
            Some(latch) => latch.after.next(&level, thresholds),
            None => before.next(&level, thresholds),
        };
        let kind = kind(before, after)?;
        let reorder_point = level.reorder_point.or(thresholds.reorder_point);
        Some(Transition { kind, change, level, reorder_point })
    }
}

fn before(change: &Change, thresholds: Thresholds) -> Status {
    let latched = change.latch.map_or(Status::Ok, |latch| latch.before);
    change.before.as_ref().map_or(Status::Ok, |level| latched.next(level, thresholds))
}

/// What comes of one level after another, where no latch is kept.
pub(crate) fn kind_between(
    before: Option<&Level>,
    after: &Level,
    thresholds: Thresholds,
) -> Option<TransitionKind> {
    let before = before.map_or(Status::Ok, |level| Status::Ok.next(level, thresholds));
    kind(before, before.next(after, thresholds))
}

fn kind(before: Status, after: Status) -> Option<TransitionKind> {
    match (before, after) {
        (Status::Low | Status::Ok, Status::Out) => Some(TransitionKind::SoldOut),
        (Status::Ok, Status::Low) => Some(TransitionKind::RunningLow),
        (Status::Out, Status::Low | Status::Ok) => Some(TransitionKind::BackInStock),
        (Status::Low, Status::Ok) | (Status::Out, Status::Out) => None,
        (Status::Low, Status::Low) | (Status::Ok, Status::Ok) => None,
    }
}

/// The transitions among changes, in their order.
pub fn transitions(
    changes: impl IntoIterator<Item = Change>,
    policy: &Policy,
) -> impl Iterator<Item = Transition> {
    changes.into_iter().filter_map(|change| Transition::of(change, policy))
}
