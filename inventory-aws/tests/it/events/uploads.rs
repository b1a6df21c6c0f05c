use aws_lambda_events::event::s3::S3Event;
use inventory_aws::{ErrorKind, Upload};
use inventory_core::Store;
use serde_json::{Value, json};

use crate::support::events::{fixture, s3_record};

fn upload(change: impl FnOnce(&mut Value)) -> Upload {
    Upload::from_event(&s3_record(change)).expect("the record is whole").expect("it tells of a new object")
}

fn uploads(event: &S3Event) -> Vec<Upload> {
    event
        .records
        .iter()
        .filter_map(|record| Upload::from_event(record).expect("the record is whole"))
        .collect()
}

#[test]
fn a_put_is_read_as_aws_delivers_it() {
    let uploads = uploads(&fixture("s3-put.json"));
    let [upload] = &uploads[..] else { panic!("{uploads:?}") };
    assert_eq!(upload.bucket, "uploads");
    assert_eq!(upload.key, "stores/São Paulo Pinheiros/2026-11-02 count+recount 100%.csv");
    assert_eq!(upload.object_version, None);
    assert_eq!(upload.time.to_string(), "2026-11-02T06:00:00.417Z");
    assert_eq!(upload.sequencer, "0065432100F1A2B3C4");
    assert_eq!(upload.scope(), Some(Store::new("São Paulo Pinheiros").unwrap()));
}

#[test]
fn of_many_records_those_of_new_objects_count() {
    let uploads = uploads(&fixture("s3-many.json"));
    let seen: Vec<(&str, Option<&str>, &str)> =
        uploads.iter().map(|u| (&*u.key, u.object_version.as_deref(), &*u.sequencer)).collect();
    let kyoto = "stores/京都四条/棚卸 (1).csv";
    assert_eq!(
        seen,
        [
            (kyoto, Some("3HL4kqCxf3vjVBH40Nrjfkd"), "0055AED6DCD90281E5"),
            ("day.csv", None, "0055aed6dcd90281e7"),
        ]
    );
}

#[test]
fn only_events_of_new_objects_are_uploads() {
    let is_upload = |name: &str| {
        let record = s3_record(|record| record["eventName"] = json!(name));
        Upload::from_event(&record).unwrap().is_some()
    };
    for created in ["Put", "Post", "Copy", "CompleteMultipartUpload"] {
        assert!(is_upload(&format!("ObjectCreated:{created}")), "{created}");
        assert!(is_upload(&format!("s3:ObjectCreated:{created}")), "s3: {created}");
    }
    for other in [
        "ObjectRemoved:Delete",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRestore:Completed",
        "ObjectTagging:Put",
        "LifecycleExpiration:Delete",
        "TestEvent",
        "",
    ] {
        assert!(!is_upload(other), "{other}");
    }
}

#[test]
fn a_key_is_decoded_as_of_a_form() {
    let key = |encoded: &str| upload(|record| record["s3"]["object"]["key"] = json!(encoded)).key;
    for (encoded, decoded) in [
        ("day.csv", "day.csv"),
        ("a+b%20c.csv", "a b c.csv"),
        ("a%2Bb%252B.csv", "a+b%2B.csv"),
        ("%E4%BA%AC%E9%83%BD.csv", "京都.csv"),
        ("a%2Fb/c%3D1%26d.csv", "a/b/c=1&d.csv"),
        ("100%.csv", "100%.csv"),
    ] {
        assert_eq!(key(encoded), decoded, "{encoded}");
    }
}

#[test]
fn the_folder_under_stores_is_the_scope() {
    let scope = |key: &str| {
        let upload = upload(|record| record["s3"]["object"]["key"] = json!(key));
        upload.scope().map(|store| store.as_str().to_owned())
    };
    for (key, expect) in [
        ("stores/Oslo/day.csv", Some("Oslo")),
        ("stores/Oslo/2026/11/day.csv", Some("Oslo")),
        ("stores/Oslo+East/day.csv", Some("Oslo East")),
        ("stores/Oslo/", None),
        ("stores//day.csv", None),
        ("stores/+/day.csv", None),
        ("stores/day.csv", None),
        ("Stores/Oslo/day.csv", None),
        ("old/stores/Oslo/day.csv", None),
        ("day.csv", None),
    ] {
        assert_eq!(scope(key).as_deref(), expect, "{key}");
    }
}

#[test]
fn a_record_that_lacks_what_is_needed_is_an_error() {
    for (pointer, what) in [
        ("/s3/object/key", "a key"),
        ("/s3/object/sequencer", "a sequencer"),
        ("/s3/bucket/name", "a bucket"),
    ] {
        for missing in [Value::Null, json!("")] {
            let record = s3_record(|record| *record.pointer_mut(pointer).unwrap() = missing);
            let error = Upload::from_event(&record).unwrap_err();
            assert_eq!(error.to_string(), format!("failed to read an S3 event without {what}: invalid"));
            assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Invalid, false));
        }
    }
}
