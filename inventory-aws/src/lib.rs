#![doc = include_str!("../README.md")]
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod error;
mod tables;

mod upload;

mod row;

mod progress;

mod deadline;

mod files;

mod metadata;

mod write;

mod inventory;

mod receipts;

mod topic;

mod ledger;

mod stores;

mod rebase;

mod load;

mod compare;

mod reports;

mod check;

mod overview;

mod freshness;

#[cfg(feature = "embedded")]
pub mod embedded;

pub use self::check::{Checked, Checker, Failed};
pub use self::compare::Comparison;
pub use self::error::{Error, ErrorKind};
pub use self::freshness::stale_stores;
pub use self::load::{Loaded, Loader, Outcome, Reason, StoreReceipt};
pub use self::overview::Overview;
pub use self::progress::{Progress, Usage};
pub use self::tables::{STATUS_INDEX, Tables};
pub use self::topic::{Publish, PublishReceipt, Topic};
pub use self::upload::Upload;
pub use inventory_core::receipt::Preview;
