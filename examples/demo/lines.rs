use std::io::{self, Write};

use inventory_aws::{Loaded, Outcome, StoreReceipt};
use inventory_core::reader::{Reject, Warning};
use inventory_core::{Notice, Receipt, Store, Transition, Version};
use serde::Serialize;
use serde_json::{Value, json};

use crate::outbox::ReceiptNotice;
use crate::{Event, Show, remark};

/// Shows what happens as one JSON object a line.
pub(crate) struct Lines;

impl Show for Lines {
    fn print(&mut self, event: &Event<'_>) -> io::Result<()> {
        let mut to = io::stdout().lock();
        match event {
            Event::Upload { .. } => {}
            Event::Loaded { file, loaded } => {
                for line in loaded_lines(&file.to_string_lossy(), loaded) {
                    writeln!(to, "{line}")?;
                }
            }
            Event::Failed { file, reason } => {
                remark(format_args!("{}: {reason}", file.display()));
                let file = file.to_string_lossy();
                writeln!(to, "{}", json!({ "event": "failed", "file": file, "reason": reason }))?;
            }
            Event::Receipt(notice) => writeln!(to, "{}", receipt_notice_line(notice))?,
            Event::Notice(notice) => writeln!(to, "{}", notice_line(notice))?,
            Event::Done(overview) => writeln!(
                to,
                "{}",
                json!({
                    "event": "done", "uploads": overview.uploads, "stores": overview.stores,
                    "items": overview.items, "out": overview.out, "low": overview.low,
                })
            )?,
            Event::Dashboard(Some(address)) => remark(format_args!("dashboard at {address}")),
            Event::Dashboard(None) => remark(format_args!("no dashboard: it is not built")),
            Event::Watching(folder) => remark(format_args!("watching {}", folder.display())),
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct ReceiptLine<'a> {
    event: &'static str,
    file: &'a str,
    store: Option<&'a Store>,
    #[serde(flatten)]
    receipt: &'a Receipt,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<&'a Version>,
}

fn loaded_lines(file: &str, loaded: &Loaded) -> Vec<Value> {
    match &loaded.outcome {
        Outcome::Applied { receipts, rejects, warnings, .. } => {
            let lines = receipts.iter().map(|of| {
                let StoreReceipt { store, receipt, .. } = of;
                if let Some(preview) = of.preview {
                    let (event, is_held) = (of.outcome(), receipt.held > 0);
                    return json!({ "event": event, "file": file, "store": store, "held": is_held, "preview": preview });
                }
                let (outcome, superseded_by) = (of.outcome(), of.superseded_by.as_ref());
                json!(ReceiptLine { event: "receipt", file, store: store.as_ref(), receipt, outcome, superseded_by })
            });
            lines.chain(rows_line(file, rejects, warnings)).collect()
        }
        Outcome::Refused(reason) => {
            let store = loaded.upload.scope();
            remark(format_args!("{file}: refused: {reason}"));
            vec![json!({ "event": "refused", "file": file, "store": store, "reason": reason.to_string() })]
        }
        _ => Vec::new(),
    }
}

/// The first bad rows of each store and the first odd ones, if there are any.
fn rows_line(file: &str, rejects: &[Reject], warnings: &[Warning]) -> Option<Value> {
    let rejects: Vec<Value> = rejects
        .iter()
        .map(|reject| {
            json!({
                "store": reject.store, "line": reject.position.line, "column": reject.column,
                "value": reject.value, "reason": reject.reason,
            })
        })
        .collect();
    let warnings: Vec<Value> = warnings
        .iter()
        .map(|warning| {
            json!({
                "line": warning.position.line, "column": warning.column, "value": warning.value,
                "reason": warning.reason,
            })
        })
        .collect();
    let is_there = !rejects.is_empty() || !warnings.is_empty();
    is_there.then(|| json!({ "event": "rows", "file": file, "rejects": rejects, "warnings": warnings }))
}

fn receipt_notice_line(notice: &ReceiptNotice) -> Value {
    let mut line = notice.forms.clone();
    if let Some(line) = line.as_object_mut() {
        line.insert("event".to_owned(), json!("receipt-notice"));
    }
    line
}

fn notice_line(notice: &Notice) -> Value {
    let items = |transitions: &[Transition]| {
        let mut items: Vec<_> = transitions.iter().map(|transition| transition.change.item.clone()).collect();
        items.sort();
        items
    };
    json!({
        "event": "notice", "store": notice.store, "sold_out": items(&notice.sold_out),
        "running_low": items(&notice.running_low), "back_in_stock": items(&notice.back_in_stock),
        "subject": notice.subject(), "text": notice.text(), "sms": notice.sms(),
        "id": notice.id(), "severity": notice.severity(), "document": notice.document(),
    })
}
