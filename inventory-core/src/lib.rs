#![doc = include_str!("../README.md")]
#![warn(clippy::print_stderr, clippy::print_stdout)]

// One module for each step of the way, in order; none uses a later one.
mod quantity;

mod key;

pub mod reader;

pub mod levels;

pub mod policy;

mod status;

mod version;

mod changes;

mod transitions;

pub mod diff;
mod digits;

pub mod notices;

pub mod receipt;

pub mod turnstile;

pub use self::changes::{Change, Latch, changes, net};
pub use self::key::{Item, KeyError, Store};
pub use self::levels::{Level, Levels};
pub use self::notices::{Notice, notices};
pub use self::policy::Policy;
pub use self::quantity::{Quantity, QuantityError};
pub use self::reader::{Reader, Record, Refusal, Reject, Row, read};
pub use self::receipt::Receipt;
pub use self::transitions::{Status, Transition, TransitionKind, transitions};
pub use self::version::Version;

/// The README's code, as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
