use jiff::{SignedDuration, Timestamp};

use crate::error::{Error, ErrorKind};

/// How long before its deadline a load stops writing: time to leave and to
/// keep receipts.
const TO_LEAVE: SignedDuration = SignedDuration::from_secs(10);
/// How long after its deadline a request of a load may still take effect, and
/// how far two clocks may be apart.
const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// Until when a load may work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    stop: Timestamp,
    dead: Timestamp,
}

impl Deadline {
    /// What may be done from now on until a time, at which whoever runs the
    /// load ends it.
    pub(crate) fn new(now: Timestamp, end: Timestamp) -> Deadline {
        let to_leave = TO_LEAVE.min(end.duration_since(now) / 4);
        Deadline {
            stop: end.saturating_sub(to_leave).unwrap_or(end),
            dead: end.saturating_add(GRACE).unwrap_or(end),
        }
    }

    /// The time from which on others need not mind the load any more.
    pub(crate) fn dead(&self) -> Timestamp {
        self.dead
    }

    /// Whether there is time for another request.
    ///
    /// # Errors
    ///
    /// If there is not; it names what there was no time for.
    pub(crate) fn check(&self, doing: impl FnOnce() -> String) -> Result<(), Error> {
        if Timestamp::now() < self.stop {
            return Ok(());
        }
        Err(Error::new(ErrorKind::OutOfTime, doing()))
    }
}
