use serde::Serialize;

use crate::levels::Level;
use crate::policy::Thresholds;
use crate::quantity::Quantity;

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
    /// The status of a level by itself.
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
        Status::Ok.next(level, Thresholds::default())
    }

    /// The status after this one, of which people were told, when the level
    /// comes: the latch of the alerts. It is worse at once, but better only
    /// when the quantity got over the threshold *and* the recovery margin.
    ///
    /// An item that nothing is known of was [`Status::Ok`]. The same level once
    /// more changes nothing: `a.next(l, t).next(l, t) == a.next(l, t)`.
    ///
    /// # Example
    ///
    /// ```
    /// use inventory_core::{Level, Status, policy::Thresholds};
    ///
    /// let five = Thresholds { reorder_point: Some(5.into()), recovery_margin: 2.into() };
    /// let next = |status: Status, quantity: i32| status.next(&Level::of(quantity.into()), five);
    /// assert_eq!(next(Status::Ok, 5), Status::Low);
    /// assert_eq!(next(Status::Low, 7), Status::Low);
    /// assert_eq!(next(Status::Low, 8), Status::Ok);
    /// assert_eq!(next(Status::Out, 2), Status::Out);
    /// ```
    #[must_use]
    pub fn next(self, level: &Level, thresholds: Thresholds) -> Status {
        let margin = thresholds.recovery_margin.max(Quantity::ZERO);
        let is_at_most = |bound: Quantity, latched: bool| {
            let margin = if latched { margin.scaled() } else { 0 };
            level.quantity.scaled() <= bound.scaled().saturating_add(margin)
        };
        if is_at_most(Quantity::ZERO, self == Status::Out) {
            return Status::Out;
        }
        match level.reorder_point.or(thresholds.reorder_point) {
            Some(point) if is_at_most(point, self != Status::Ok) => Status::Low,
            _ => Status::Ok,
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
