//! What programs are told.

use serde::Serialize;

use super::{Notice, Part, Severity};
use crate::quantity::Quantity;
use crate::transitions::{Transition, TransitionKind};

/// How many items a document names at most.
const LISTED: usize = 500;
/// How many characters of a name or a key it has at most.
const CHARACTERS: usize = 200;
/// How many uploads it names at most.
const UPLOADS: usize = 10;

/// A notice for programs, as `schemas/notice-v1.schema.json` describes it.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    version: u8,
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    store: &'a str,
    severity: Severity,
    part: Part,
    counts: Counts,
    uploads: Vec<Upload>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dashboard: Option<&'a str>,
    items: Vec<Item<'a>>,
    more: usize,
}

#[derive(Serialize)]
struct Counts {
    sold_out: usize,
    running_low: usize,
    back_in_stock: usize,
}

#[derive(Serialize)]
struct Upload {
    counted_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

#[derive(Serialize)]
struct Item<'a> {
    kind: TransitionKind,
    item: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    quantity: Quantity,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reorder_point: Option<Quantity>,
}

impl<'a> Document<'a> {
    pub(super) fn of(notice: &'a Notice) -> Document<'a> {
        let uploads = notice
            .uploads()
            .into_iter()
            .take(UPLOADS)
            .map(|origin| Upload { counted_at: origin.counted_at.to_string(), key: origin.key.map(start) });
        Document {
            version: 1,
            kind: "stock",
            id: notice.id(),
            store: notice.store.as_str(),
            severity: notice.severity(),
            part: notice.part,
            counts: Counts {
                sold_out: notice.sold_out.len(),
                running_low: notice.running_low.len(),
                back_in_stock: notice.back_in_stock.len(),
            },
            uploads: uploads.collect(),
            dashboard: notice.dashboard.as_deref(),
            items: notice.transitions().take(LISTED).map(Item::of).collect(),
            more: notice.transitions().count().saturating_sub(LISTED),
        }
    }
}

impl<'a> Item<'a> {
    fn of(transition: &'a Transition) -> Item<'a> {
        Item {
            kind: transition.kind,
            item: transition.change.item.as_str(),
            name: transition.level.name.as_deref().map(start),
            quantity: transition.level.quantity,
            before: transition.change.before.as_ref().map(|level| level.quantity),
            reorder_point: transition.reorder_point,
        }
    }
}

fn start(text: &str) -> String {
    text.chars().take(CHARACTERS).collect()
}
