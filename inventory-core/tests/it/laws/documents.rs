//! What programs are told, by its schema.

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::notices::translated;

const NOTICE: &str = include_str!("../../../schemas/notice-v1.schema.json");

fn schema(text: &str) -> Validator {
    let schema: Value = serde_json::from_str(text).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn complaints(document: &Value) -> Vec<String> {
    complaints_by(NOTICE, document)
}

/// What a schema says against a document.
pub(super) fn complaints_by(text: &str, document: &Value) -> Vec<String> {
    schema(text).iter_errors(document).map(|error| format!("{error} at {}", error.instance_path())).collect()
}

#[test]
fn the_schema_tells_a_document_from_anything_else() {
    assert!(!complaints(&json!({})).is_empty());
    let item = json!({"kind": "sold_out", "item": "tea", "quantity": "0"});
    let mut document = json!({
        "version": 1, "type": "stock", "id": "0123456789abcdef0123456789abcdef", "store": "Oslo",
        "severity": "critical", "part": {"number": 1, "of": 1},
        "counts": {"sold_out": 1, "running_low": 0, "back_in_stock": 0},
        "uploads": [], "items": [item], "more": 0,
    });
    assert_eq!(complaints(&document), [""; 0]);
    for (pointer, wrong) in [
        ("/version", json!(2)),
        ("/id", json!("x")),
        ("/severity", json!("bad")),
        ("/items/0/quantity", json!(0)),
        ("/items/0/kind", json!("gone")),
        ("/uploads", json!([{"counted_at": "yesterday"}])),
    ] {
        let right = document.pointer(pointer).unwrap().clone();
        *document.pointer_mut(pointer).unwrap() = wrong;
        assert_eq!(complaints(&document).len(), 1, "{pointer}");
        *document.pointer_mut(pointer).unwrap() = right;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_document_is_as_the_schema_says(mut notice in translated(), dashboard: bool, hour in 0..24) {
        notice.dashboard = dashboard.then(|| "https://stock.example.com/".into());
        let time = format!("2026-11-02T{hour:02}:00:00Z").parse().unwrap();
        let version = inventory_core::Version::new(time, "01");
        if let Some(transition) = notice.sold_out.first_mut() {
            transition.change.version = Some(version.clone());
            notice.files.insert(version, "stores/Oslo/day.csv".into());
        }
        let document = serde_json::to_value(notice.document()).unwrap();
        prop_assert_eq!(complaints(&document), [""; 0]);
        let listed = document["items"].as_array().unwrap().len();
        prop_assert_eq!(listed as u64 + document["more"].as_u64().unwrap(), notice.transitions().count() as u64);
        prop_assert_eq!(&document["id"], &notice.id());
    }
}
