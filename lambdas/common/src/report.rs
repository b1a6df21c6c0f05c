use std::fmt::Debug;

use inventory_aws::{Checked, Error, Loaded, Outcome, Reason};
use inventory_core::{Receipt, Store, Version};
use jiff::Timestamp;
use tracing::{error, info, warn};

use crate::metrics::{Metric, Unit, emit};

/// Logs what became of an upload, and counts it; never what is in the file.
pub fn loaded(loaded: &Loaded) {
    let upload = &loaded.upload;
    let none = Vec::new();
    let receipts = match &loaded.outcome {
        Outcome::Applied { receipts, .. } => receipts,
        Outcome::Refused(reason) => {
            warn!(
                key = upload.key, version = %loaded.version,
                kind = kind_of(reason), line = line_of(reason),
                "upload refused"
            );
            &none
        }
        _ => &none,
    };
    for of in receipts {
        let (receipt, superseded_by) = (&of.receipt, of.superseded_by.as_ref().map(Version::as_str));
        info!(
            key = upload.key, version = %loaded.version, store = of.store.as_ref().map(Store::as_str),
            outcome = of.outcome(), superseded_by,
            read = receipt.read(), accepted = receipt.accepted(), rejected = receipt.rejected, skipped = receipt.skipped,
            duplicates = receipt.duplicates, levels = receipt.levels(), written = receipt.written,
            unchanged = receipt.unchanged, superseded = receipt.superseded,
            "upload loaded"
        );
    }
    let sum = |count: fn(&Receipt) -> u64| receipts.iter().map(|of| count(&of.receipt)).sum::<u64>();
    emit(&[
        count("Rows", sum(Receipt::read)),
        count("Rejects", sum(|receipt| receipt.rejected)),
        count("Skipped", sum(|receipt| receipt.skipped)),
        count("Written", sum(|receipt| receipt.written)),
        count("Unchanged", sum(|receipt| receipt.unchanged)),
        count("Superseded", sum(|receipt| receipt.superseded)),
        count("Refused", u64::from(matches!(loaded.outcome, Outcome::Refused(_)))),
        count("Requests", loaded.usage.requests),
        ("ReadUnits", Unit::Count, loaded.usage.read_units),
        ("WriteUnits", Unit::Count, loaded.usage.write_units),
        ("AgeOfData", Unit::Seconds, age(upload.time)),
    ]);
}

/// Logs what became of a batch of stream records, and counts it.
pub fn checked(checked: &Checked, records: usize) {
    for notice in &checked.published {
        info!(
            store = notice.store.as_str(),
            id = notice.id(),
            sold_out = notice.sold_out.len(),
            running_low = notice.running_low.len(),
            back_in_stock = notice.back_in_stock.len(),
            part = notice.part.number,
            of = notice.part.of,
            "notice published"
        );
    }
    for error in &checked.warnings {
        warn!(%error, kind = ?error.kind(), "notice sent without a look-up");
    }
    if let Some(failure) = &checked.failed {
        error!(sequence_number = failure.sequence_number, error = %failure.error, "stream record failed");
    }
    emit(&[
        count("Records", records as u64),
        count("Notices", checked.published.len() as u64),
        count("ToldBefore", checked.told_before as u64),
        count("LookUpsFailed", checked.warnings.len() as u64),
        count("Failed", u64::from(checked.failed.is_some())),
    ]);
}

/// Logs which stores stopped uploading, and counts them.
pub fn stale(stores: &[String]) {
    for store in stores {
        warn!(store, "no upload for too long");
    }
    emit(&[count("StaleStores", stores.len() as u64)]);
}

/// Logs an error that a retry may mend, or else must go to the failure queue;
/// either way Lambda has to hear of it.
pub fn failed(error: &Error) {
    error!(%error, kind = ?error.kind(), retryable = error.is_retryable(), "upload failed");
}

/// Why an upload was refused, in a word. The sentence of it quotes the file,
/// and stands in the receipt alone.
fn kind_of(reason: &Reason) -> String {
    match reason {
        Reason::File(refusal) => variant(refusal.kind()),
        other => variant(other),
    }
}

/// The line at fault, if it is one.
fn line_of(reason: &Reason) -> Option<u64> {
    match reason {
        Reason::File(refusal) => refusal.position().map(|position| position.line),
        _ => None,
    }
}

/// The name of an enum's variant, without what is in it.
fn variant(value: &impl Debug) -> String {
    format!("{value:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
}

fn count(name: &'static str, count: u64) -> Metric {
    #[expect(clippy::cast_precision_loss, reason = "a metric is a double, exact up to 9 quadrillion")]
    (name, Unit::Count, count as f64)
}

fn age(time: Timestamp) -> f64 {
    Timestamp::now().duration_since(time).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_word_and_a_line_and_quotes_no_file() {
        let refusal = inventory_core::read(b"item,price\nsecret,4\n").unwrap_err();
        assert!(refusal.to_string().contains("price"), "the sentence quotes the file");
        let reason = Reason::File(refusal);
        assert_eq!((kind_of(&reason).as_str(), line_of(&reason)), ("MissingColumn", Some(1)));
        assert_eq!(kind_of(&Reason::Mode("secret".to_owned())), "Mode");
        assert_eq!(kind_of(&Reason::Adjust), "Adjust");
    }
}
