use aws_lambda_events::event::dynamodb::Event;
use inventory_aws::{Checked, Checker, Error, Publish};
use inventory_core::{Notice, Policy};
use serde_json::{Value, json};

use crate::support::events::{change, fixture, stream_event};
use crate::support::outbox::Outbox;

/// What a checker makes of these records: what it published, and the failure.
async fn check(outbox: &Outbox, records: impl IntoIterator<Item = Value>) -> Checked {
    Checker::new(outbox.clone()).check(&stream_event(records)).await
}

fn failed_at(checked: &Checked) -> Option<&str> {
    checked.failed.as_ref().map(|failed| &*failed.sequence_number)
}

fn subjects(checked: &Checked) -> Vec<String> {
    checked.published.iter().map(Notice::subject).collect()
}

#[tokio::test]
async fn a_batch_as_aws_delivers_it_gives_a_notice_a_store() {
    let outbox = Outbox::default();
    let event: Event = fixture("stream.json");
    let checked = Checker::new(outbox.clone()).check(&event).await;
    let expect = [
        "Oslo Grünerløkka: 1 sold out, 1 running low",
        "Lyon Bellecour: 2 sold out",
        "京都四条: 1 back in stock",
    ];
    let first_lines: Vec<String> =
        checked.published.iter().map(|notice| notice.text().lines().next().unwrap().to_owned()).collect();
    assert_eq!(first_lines, expect);
    assert_eq!(outbox.subjects(), subjects(&checked));
    assert_eq!(serde_json::to_value(checked.response()).unwrap(), json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn decimals_come_through_exactly() {
    let checked = Checker::new(Outbox::default()).check(&fixture("stream.json")).await;
    let text: String = checked.published.iter().map(Notice::text).collect();
    assert!(text.contains("  0  00101\n     was 0.00001, reorder at 0.00001\n"), "{text}");
    assert!(text.contains("  12.375  2101100001244\n          was 0\n"), "{text}");
    assert!(text.contains("  -2  10415-1\n      was 1, reorder at 3\n"), "{text}");
}

#[tokio::test]
async fn only_the_edge_gives_a_notice() {
    for (old, new, expect) in [
        ("", "0", Some("Oslo: 1 sold out")),
        ("", "2 <= 2", Some("Oslo: 1 running low")),
        ("", "3 <= 2", None),
        ("5", "0", Some("Oslo: 1 sold out")),
        ("5", "-0.5", Some("Oslo: 1 sold out")),
        ("3 <= 2", "2 <= 2", Some("Oslo: 1 running low")),
        ("3", "3 <= 5", Some("Oslo: 1 running low")),
        ("2 <= 2", "0 <= 2", Some("Oslo: 1 sold out")),
        ("0 <= 2", "1 <= 2", Some("Oslo: 1 back in stock")),
        ("0", "92233720368547.75807", Some("Oslo: 1 back in stock")),
        ("0", "-1", None),
        ("2 <= 2", "1 <= 2", None),
        ("2 <= 2", "9 <= 2", None),
        ("5", "4", None),
        ("5", "5", None),
        ("0", "", None),
    ] {
        let checked = check(&Outbox::default(), [change(1, "Oslo/tea", old, new)]).await;
        assert_eq!(subjects(&checked).first().map(String::as_str), expect, "{old} to {new}");
        assert_eq!(failed_at(&checked), None, "{old} to {new}");
    }
}

/// A record whose rows keep a status, where it is not empty.
fn latched(row: &str, old: (&str, &str), new: (&str, &str)) -> Value {
    let mut record = change(1, row, old.0, new.0);
    for (image, (_, status)) in [("OldImage", old), ("NewImage", new)] {
        if !status.is_empty() {
            record["dynamodb"][image]["Status"] = json!({ "S": status });
        }
    }
    record
}

#[tokio::test]
async fn until_it_has_recovered_an_item_is_told_of_once() {
    let policy: Policy = serde_json::from_str(
        r#"{"default": {"recovery_margin": 2}, "stores": {"Bergen": {"reorder_point": 5, "recovery_margin": 0}}}"#,
    )
    .unwrap();
    for (row, old, new, expect) in [
        ("Oslo/tea", ("9 <= 5", ""), ("5 <= 5", "low"), Some("Oslo: 1 running low")),
        ("Oslo/tea", ("5 <= 5", "low"), ("7 <= 5", "low"), None),
        ("Oslo/tea", ("7 <= 5", "low"), ("5 <= 5", "low"), None),
        ("Oslo/tea", ("5 <= 5", "low"), ("8 <= 5", ""), None),
        ("Oslo/tea", ("7 <= 5", "low"), ("0 <= 5", "out"), Some("Oslo: 1 sold out")),
        ("Oslo/tea", ("0", "out"), ("2", "out"), None),
        ("Oslo/tea", ("2", "out"), ("-1", "out"), None),
        ("Oslo/tea", ("2", "out"), ("3", ""), Some("Oslo: 1 back in stock")),
        ("Bergen/tea", ("6", ""), ("5", "low"), Some("Bergen: 1 running low")),
        ("Bergen/tea", ("0", "out"), ("1", "low"), Some("Bergen: 1 back in stock")),
        // What somebody else wrote keeps no status, or an old one.
        ("Oslo/tea", ("5", ""), ("0", ""), Some("Oslo: 1 sold out")),
        ("Oslo/tea", ("0", ""), ("1", ""), Some("Oslo: 1 back in stock")),
        ("Oslo/tea", ("5 <= 5", "low"), ("0 <= 5", "low"), Some("Oslo: 1 sold out")),
        ("Oslo/tea", ("0 <= 5", "low"), ("20 <= 5", "low"), Some("Oslo: 1 back in stock")),
    ] {
        let checker = Checker::new(Outbox::default()).with_policy(policy.clone());
        let checked = checker.check(&stream_event([latched(row, old, new)])).await;
        assert_eq!(subjects(&checked).first().map(String::as_str), expect, "{row}: {old:?} to {new:?}");
    }
}

#[tokio::test]
async fn a_notice_says_when_its_stock_was_counted_and_where_to_see_all() {
    let mut record = change(1, "Oslo/tea", "5", "0");
    record["dynamodb"]["NewImage"]["Version"] = json!({ "S": "2026-11-02T06:30:00.000Z/0065" });
    let checker = Checker::new(Outbox::default()).with_dashboard("https://stock.example.com/");
    let text = checker.check(&stream_event([record])).await.published[0].text();
    assert!(text.starts_with("Oslo: 1 sold out\nCounted 2026-11-02 06:30 UTC\n"), "{text}");
    assert!(text.ends_with("\nAll stock: https://stock.example.com/\n"), "{text}");
}

#[tokio::test]
async fn five_thousand_items_of_one_upload_are_a_notice_a_batch() {
    let records: Vec<Value> =
        (0..5_000).map(|at| change(at + 1, &format!("Oslo/{:04}", (at * 7) % 5_000), "5", "0")).collect();
    let outbox = Outbox::default();
    for batch in records.chunks(2_500) {
        assert!(check(&outbox, batch.to_vec()).await.failed.is_none());
    }
    assert_eq!(outbox.subjects(), ["Oslo: 2500 sold out"; 2]);
}

#[tokio::test]
async fn a_change_of_another_attribute_gives_no_notice() {
    let mut record = change(1, "Oslo/tea", "0 <= 2", "0 <= 2");
    record["dynamodb"]["NewImage"]["Version"] = json!({ "S": "2026/02" });
    record["dynamodb"]["NewImage"]["Status"] = json!({ "S": "out" });
    record["dynamodb"]["NewImage"]["Shelf"] = json!({ "L": [{ "N": "4" }] });
    let outbox = Outbox::default();
    let checked = check(&outbox, [record]).await;
    assert_eq!((checked.published.len(), failed_at(&checked)), (0, None));
    assert_eq!(outbox.asked().concat(), [""; 0]);
}

#[tokio::test]
async fn changes_of_one_batch_are_told_by_what_they_come_to() {
    let records = [
        change(1, "Oslo/tea", "5", "0"),
        change(2, "Oslo/milk", "5 <= 3", "2 <= 3"),
        change(3, "Oslo/tea", "0", "4"),
        change(4, "Oslo/milk", "2 <= 3", "0 <= 3"),
    ];
    let checked = check(&Outbox::default(), records).await;
    assert_eq!(subjects(&checked), ["Oslo: 1 sold out"]);
    let text = checked.published[0].text();
    assert!(text.contains("  0  milk\n     was 5"), "{text}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_stops_there() {
    let new = "/dynamodb/NewImage";
    let number = ": is not a number such as 12, -3 or 12.375";
    for (path, value, what, reason) in [
        (format!("{new}/Count"), json!({ "S": "5" }), "Count", number),
        (format!("{new}/Count"), json!({ "N": "1e40" }), "Count", number),
        (
            format!("{new}/Count"),
            json!({ "N": "0.123456" }),
            "Count",
            ": has more than 5 digits after the point",
        ),
        (format!("{new}/ReorderPoint"), json!({ "NULL": true }), "ReorderPoint", number),
        ("/dynamodb/Keys/Item".to_owned(), json!({ "N": "5" }), "Item", ""),
        ("/dynamodb/Keys/Store".to_owned(), json!({ "S": " " }), "Store", ": store is blank"),
    ] {
        let mut unreadable = change(8, "Oslo/milk", "5 <= 2", "4 <= 2");
        *unreadable.pointer_mut(&path).unwrap() = value;
        let records = [
            change(7, "Oslo/tea", "5", "0"),
            unreadable,
            change(9, "Oslo/rooibos", "5", "0"),
            change(10, "Bergen/tea", "5", "0"),
        ];
        let checked = check(&Outbox::default(), records).await;
        assert_eq!(failed_at(&checked), Some("8"), "{path}");
        let error = checked.failed.as_ref().unwrap().error.to_string();
        assert_eq!(error, format!("failed to read the {what} of an inventory row: invalid{reason}"));
        assert_eq!(subjects(&checked), ["Oslo: 1 sold out"], "what is before it is done, and no more");
    }
}

#[tokio::test]
async fn a_row_that_nobody_could_read_begins_when_it_is_mended() {
    for (new, expect) in
        [("0", Some("Oslo: 1 sold out")), ("2 <= 2", Some("Oslo: 1 running low")), ("5", None)]
    {
        let checked = check(&Outbox::default(), [change(1, "Oslo/tea", "many", new)]).await;
        assert_eq!(failed_at(&checked), None, "{new}");
        assert_eq!(subjects(&checked).first().map(String::as_str), expect, "{new}");
    }
}

#[tokio::test]
async fn a_row_without_a_count_stops_there() {
    let mut record = change(8, "Oslo/milk", "", "5");
    record["dynamodb"]["NewImage"].as_object_mut().unwrap().remove("Count");
    let checked = check(&Outbox::default(), [record]).await;
    assert_eq!(failed_at(&checked), Some("8"));
}

/// Sold out in three stores by turns.
fn three_stores() -> [Value; 6] {
    [
        change(1, "Bergen/tea", "5", "0"),
        change(2, "Oslo/shelf", "5", "4"),
        change(3, "Turku/tea", "5", "0"),
        change(4, "Oslo/tea", "5", "0"),
        change(5, "Bergen/milk", "5", "0"),
        change(6, "Turku/milk", "5", "0"),
    ]
}

#[tokio::test]
async fn a_notice_that_is_refused_stops_at_the_first_record_of_its_store() {
    let outbox = Outbox::refusing("Oslo");
    let checked = check(&outbox, three_stores()).await;
    assert_eq!(failed_at(&checked), Some("2"));
    assert_eq!(
        checked.failed.as_ref().unwrap().error.to_string(),
        "failed to reach the outbox: no good answer"
    );
    assert_eq!(subjects(&checked), ["Bergen: 2 sold out", "Turku: 2 sold out"], "they were in one request");
    assert_eq!(
        serde_json::to_string(&checked.response()).unwrap(),
        r#"{"batchItemFailures":[{"itemIdentifier":"2"}]}"#
    );
}

#[tokio::test]
async fn of_two_refused_notices_the_earlier_counts() {
    for (stores, expect) in [
        (["Oslo", "Turku"], "2"),
        (["Turku", "Oslo"], "2"),
        (["Turku", "Bergen"], "1"),
        (["Turku", "Turku"], "3"),
    ] {
        let checked = check(&Outbox::refusing_all(&stores), three_stores()).await;
        assert_eq!(failed_at(&checked), Some(expect), "{stores:?}");
    }
}

#[tokio::test]
async fn a_refused_notice_before_an_unreadable_row_counts() {
    let unreadable = change(7, "Turku/tea", "0", "many");
    let records = || three_stores().into_iter().chain([unreadable.clone()]);
    assert_eq!(failed_at(&check(&Outbox::refusing("Oslo"), records()).await), Some("2"));
    assert_eq!(failed_at(&check(&Outbox::refusing("Kyoto"), records()).await), Some("7"));
}

#[tokio::test]
async fn what_waits_is_told_of_when_it_is_delivered_again() {
    let outbox = Outbox::refusing("Oslo");
    let records = three_stores();
    check(&outbox, records.clone()).await;
    outbox.relent();
    let checked = check(&outbox, records[1..].to_vec()).await;
    assert_eq!(failed_at(&checked), None);
    assert_eq!(subjects(&checked), ["Oslo: 1 sold out", "Turku: 2 sold out", "Bergen: 1 sold out"]);
    let asked = outbox.asked();
    assert_eq!(asked[0][1..], asked[1][..2], "Oslo's and Turku's notices are the same as before");
}

#[tokio::test]
async fn equal_events_give_equal_ids() {
    let ids = async |records: Vec<Value>| -> Vec<String> {
        check(&Outbox::default(), records).await.published.iter().map(Notice::id).collect()
    };
    let first = ids(three_stores().to_vec()).await;
    assert_eq!(first.len(), 3);
    assert_eq!(ids(three_stores().to_vec()).await, first);

    let mut later = three_stores().to_vec();
    later[3]["dynamodb"]["SequenceNumber"] = json!("14");
    let later = ids(later).await;
    assert_eq!([&later[0], &later[2]], [&first[0], &first[2]]);
    assert_ne!(later[1], first[1], "the same change at another time is another notice");
}

/// A publisher that does not answer.
struct Silent;

impl Publish for Silent {
    async fn publish(&self, _: &[Notice]) -> Vec<Result<(), Error>> {
        Vec::new()
    }
}

#[tokio::test]
async fn a_notice_without_an_answer_is_not_published() {
    let checked = Checker::new(Silent).check(&stream_event(three_stores())).await;
    assert_eq!((failed_at(&checked), checked.published.len()), (Some("1"), 0));
    assert_eq!(checked.failed.unwrap().error.to_string(), "failed to publish a notice: no good answer");
}
