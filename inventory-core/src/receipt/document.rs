//! What programs are told.

use serde::Serialize;

use super::{File, Outcome, Preview, UploadReceipt};
use crate::key::Store;
use crate::notices::Severity;
use crate::reader::Reject;
use crate::receipt::Receipt;

/// How many bad rows a document lists at most.
const LISTED: usize = 20;
/// How many characters of a value it has at most.
const OF_VALUE: usize = 200;
/// How many characters of the reason of a row, and of that of a file.
const OF_REASON: [usize; 2] = [300, 1_000];

/// A receipt for programs, as `schemas/receipt-v1.schema.json` describes it.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    version: u8,
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'a str>,
    severity: Severity,
    outcome: Outcome,
    upload: Upload<'a>,
    counts: Receipt,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<Preview>,
    rejects: Vec<Rejected>,
    more: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<File<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dashboard: Option<&'a str>,
}

#[derive(Serialize)]
struct Upload<'a> {
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_at: Option<String>,
    #[serde(flatten)]
    file: File<'a>,
}

#[derive(Serialize)]
struct Rejected {
    line: u64,
    byte: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    value: String,
    reason: String,
}

impl<'a> Document<'a> {
    pub(super) fn of(receipt: &UploadReceipt<'a>) -> Document<'a> {
        let rejects: Vec<Rejected> = receipt.listed().iter().take(LISTED).map(Rejected::of).collect();
        Document {
            version: 1,
            kind: "receipt",
            id: receipt.id(),
            store: receipt.store.map(Store::as_str),
            severity: receipt.severity(),
            outcome: receipt.outcome,
            upload: Upload {
                version: receipt.version.as_str(),
                counted_at: receipt.counted_at().map(|time| time.to_string()),
                file: receipt.file,
            },
            counts: receipt.counts,
            reason: receipt.reason.map(|reason| start(reason, OF_REASON[1])),
            superseded_by: receipt.superseded_by.map(|version| version.as_str()),
            preview: receipt.preview,
            more: receipt.beyond(rejects.len()),
            rejects,
            table: receipt.table,
            dashboard: receipt.dashboard,
        }
    }
}

impl Rejected {
    fn of(reject: &Reject) -> Rejected {
        Rejected {
            line: reject.position.line,
            byte: reject.position.byte,
            column: reject.column,
            value: start(&reject.value, OF_VALUE),
            reason: start(&reject.reason.to_string(), OF_REASON[0]),
        }
    }
}

fn start(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}
