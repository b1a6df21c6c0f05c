//! What the tests of one boundary share with those of another.

pub(crate) mod answers;
pub(crate) mod events;
#[cfg(feature = "embedded")]
pub(crate) mod faults;
#[cfg(feature = "embedded")]
pub(crate) mod fuse;
pub(crate) mod notices;
pub(crate) mod outbox;
#[cfg(feature = "embedded")]
pub(crate) mod wire;
#[cfg(feature = "embedded")]
pub(crate) mod world;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use inventory_aws::{Loaded, Outcome};
use inventory_core::{Receipt, Store};

/// A row as the service has it.
pub(crate) type Row = HashMap<String, AttributeValue>;

/// An attribute that is a text.
pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// An attribute that is a number.
pub(crate) fn n(digits: &str) -> AttributeValue {
    AttributeValue::N(digits.to_owned())
}

/// What became of an upload: a line a store, or the refusal alone.
pub(crate) fn lines(loaded: &Loaded) -> Vec<String> {
    match &loaded.outcome {
        Outcome::Applied { receipts, .. } => {
            receipts.iter().map(|of| line(of.store.as_ref(), &of.receipt)).collect()
        }
        Outcome::Refused(reason) => vec![format!("refused: {reason}")],
        other => vec![format!("{other:?}")],
    }
}

/// The counts of a receipt that are not zero.
fn line(store: Option<&Store>, receipt: &Receipt) -> String {
    let counts = [
        ("rejected", receipt.rejected),
        ("duplicates", receipt.duplicates),
        ("written", receipt.written),
        ("unchanged", receipt.unchanged),
        ("superseded", receipt.superseded),
    ];
    let counts = counts.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{count} {what}"));
    format!("{}: {}", store.map_or("?", Store::as_str), counts.collect::<Vec<_>>().join(", "))
}
