use anstream::{eprintln, println};
use inventory_aws::{Loaded, Outcome, StoreReceipt};
use inventory_core::{Notice, Transition};
use serde_json::{Value, json};
use std::path::Path;

use crate::{Event, Show};

/// Shows what happens as one JSON object a line.
pub(crate) struct Lines;

impl Show for Lines {
    fn show(&mut self, event: &Event<'_>) {
        match event {
            Event::Upload { .. } => {}
            Event::Loaded { file, loaded } => {
                loaded_lines(file, loaded).iter().for_each(|line| println!("{line}"));
            }
            Event::Failed { file, reason } => {
                eprintln!("{}: {reason}", file.display());
                println!("{}", json!({ "event": "failed", "file": file, "reason": reason }));
            }
            Event::Notice(notice) => println!("{}", notice_line(notice)),
            Event::Done(overview) => println!(
                "{}",
                json!({
                    "event": "done", "uploads": overview.uploads, "stores": overview.stores,
                    "items": overview.items, "out": overview.out, "low": overview.low,
                })
            ),
            Event::Dashboard(Some(address)) => eprintln!("dashboard at {address}"),
            Event::Dashboard(None) => eprintln!("no dashboard: it is not built"),
            Event::Watching(folder) => eprintln!("watching {}", folder.display()),
        }
    }
}

fn loaded_lines(file: &Path, loaded: &Loaded) -> Vec<Value> {
    match &loaded.outcome {
        Outcome::Applied { receipts, .. } => {
            let lines = receipts.iter().map(|StoreReceipt { store, receipt, .. }| {
                json!({
                    "event": "receipt", "file": file, "store": store,
                    "read": receipt.read(), "accepted": receipt.accepted(), "rejected": receipt.rejected,
                    "skipped": receipt.skipped,
                    "duplicates": receipt.duplicates, "levels": receipt.levels(), "written": receipt.written,
                    "unchanged": receipt.unchanged, "superseded": receipt.superseded,
                })
            });
            lines.collect()
        }
        Outcome::Refused(reason) => {
            let store = loaded.upload.scope();
            eprintln!("{}: refused: {reason}", file.display());
            vec![json!({ "event": "refused", "file": file, "store": store, "reason": reason.to_string() })]
        }
        _ => Vec::new(),
    }
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
