use serde::Serialize;

use crate::changes::Change;
use crate::levels::Level;

/// How a level stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing is left, or less: the quantity is zero or negative.
    Out,
    /// The quantity is at or below the reorder point.
    Low,
    /// Neither.
    Ok,
}

impl Status {
    /// The status of a level.
    ///
    /// # Example
    ///
    /// ```
    /// use inventory_core::{Level, Status};
    ///
    /// let mut level = Level::of(3.into());
    /// assert_eq!(Status::of(&level), Status::Ok);
    /// level.reorder_point = Some(3.into());
    /// assert_eq!(Status::of(&level), Status::Low);
    /// level.quantity = (-1).into();
    /// assert_eq!(Status::of(&level), Status::Out);
    /// ```
    pub fn of(level: &Level) -> Status {
        if level.quantity <= crate::Quantity::ZERO {
            Status::Out
        } else if level.reorder_point.is_some_and(|point| level.quantity <= point) {
            Status::Low
        } else {
            Status::Ok
        }
    }

    /// The status if it is one that people look for: out or low.
    pub fn alert(self) -> Option<Status> {
        (self != Status::Ok).then_some(self)
    }

    /// "out", "low" or "ok".
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Out => "out",
            Status::Low => "low",
            Status::Ok => "ok",
        }
    }
}

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
}

impl Transition {
    /// The transition that a change is, if it is one.
    ///
    /// A level that is new counts as fine before, so that it is told of once
    /// if it starts out or low. One that is gone is no transition.
    pub fn of(change: Change) -> Option<Transition> {
        let level = change.after.clone()?;
        let before = change.before.as_ref().map_or(Status::Ok, Status::of);
        let kind = match (before, Status::of(&level)) {
            (Status::Low | Status::Ok, Status::Out) => TransitionKind::SoldOut,
            (Status::Ok, Status::Low) => TransitionKind::RunningLow,
            (Status::Out, Status::Low | Status::Ok) => TransitionKind::BackInStock,
            (Status::Low, Status::Ok) | (Status::Out, Status::Out) => return None,
            (Status::Low, Status::Low) | (Status::Ok, Status::Ok) => return None,
        };
        Some(Transition { kind, change, level })
    }
}

/// The transitions among changes, in their order.
pub fn transitions(changes: impl IntoIterator<Item = Change>) -> impl Iterator<Item = Transition> {
    changes.into_iter().filter_map(Transition::of)
}
