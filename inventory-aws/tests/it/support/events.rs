//! Events as AWS delivers them.

use std::path::Path;

use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::event::s3::{S3Event, S3EventRecord};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What an event leaves as it is in a key.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// A file of `tests/data`.
pub(crate) fn fixture<T: DeserializeOwned>(name: &str) -> T {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let text = std::fs::read_to_string(&file).expect("the file is there");
    serde_json::from_str(&text).expect("the file is such an event")
}

/// One object that was put into the bucket.
#[derive(Clone, Debug)]
pub(crate) struct Put {
    pub(crate) key: String,
    pub(crate) time: String,
    pub(crate) sequencer: String,
    pub(crate) size: usize,
}

impl Put {
    /// The n-th put of a day, n minutes after six.
    pub(crate) fn nth(n: u64, key: &str) -> Put {
        let time = format!("2026-11-02T{:02}:{:02}:00.000Z", 6 + n / 60, n % 60);
        let sequencer = format!("{:016X}", 0x0065_4321_0000_0000_u64 + n);
        Put { key: key.to_owned(), time, sequencer, size: 0 }
    }

    fn record(&self) -> Value {
        let key = utf8_percent_encode(&self.key, PLAIN).to_string();
        put_record(|record| {
            record["eventTime"] = json!(self.time);
            record["s3"]["object"]["size"] = json!(self.size);
            record["s3"]["object"]["key"] = json!(key.replace("%20", "+"));
            record["s3"]["object"]["sequencer"] = json!(self.sequencer);
        })
    }
}

fn put_record(change: impl FnOnce(&mut Value)) -> Value {
    let mut event: Value = fixture("s3-put.json");
    let mut record = event["Records"][0].take();
    change(&mut record);
    record
}

/// The record of a put, with something changed in it.
pub(crate) fn s3_record(change: impl FnOnce(&mut Value)) -> S3EventRecord {
    serde_json::from_value(put_record(change)).expect("it is such a record")
}

/// The event of these puts.
pub(crate) fn s3_event(puts: &[Put]) -> S3Event {
    let records: Vec<Value> = puts.iter().map(Put::record).collect();
    serde_json::from_value(json!({ "Records": records })).expect("they are such records")
}

/// The event of these stream records.
pub(crate) fn stream_event(records: impl IntoIterator<Item = Value>) -> Event {
    let records: Vec<Value> = records.into_iter().collect();
    serde_json::from_value(json!({ "Records": records })).expect("they are such records")
}

/// A stream record with a sequence number: a row `store/item` went from a level
/// to another, each "count" or "count <= reorder point", or "" without a row.
pub(crate) fn change(sequence: u64, row: &str, old: &str, new: &str) -> Value {
    let (store, item) = row.split_once('/').expect("it is store/item");
    let keys = json!({ "Store": { "S": store }, "Item": { "S": item } });
    let name = match (old, new) {
        ("", _) => "INSERT",
        (_, "") => "REMOVE",
        _ => "MODIFY",
    };
    json!({
        "eventID": format!("{sequence:032x}"), "eventName": name, "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "eu-north-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_793_944_800, "Keys": keys,
            "OldImage": image(&keys, old), "NewImage": image(&keys, new),
            "SequenceNumber": sequence.to_string(), "SizeBytes": 59, "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}

fn image(keys: &Value, level: &str) -> Value {
    if level.is_empty() {
        return Value::Null;
    }
    let (count, point) =
        level.split_once(" <= ").map_or((level, None), |(count, point)| (count, Some(point)));
    let mut image = keys.clone();
    image["Count"] = json!({ "N": count });
    if let Some(point) = point {
        image["ReorderPoint"] = json!({ "N": point });
    }
    image
}
