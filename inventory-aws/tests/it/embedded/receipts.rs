use inventory_aws::{Outcome, Overview, stale_stores};
use inventory_core::reader::Limits;
use serde_json::{Value, json};

use crate::support::events::{Put, s3_event};
use crate::support::lines;
use crate::support::world::World;

/// A receipt's counts as they are stored.
fn counts(rejected: u64, duplicates: u64, written: u64, unchanged: u64, superseded: u64) -> Value {
    let levels = written + unchanged + superseded;
    let accepted = levels + duplicates;
    json!({
        "read": accepted + rejected, "accepted": accepted, "rejected": rejected, "skipped": 0,
        "duplicates": duplicates,
        "levels": levels, "written": written, "unchanged": unchanged, "superseded": superseded,
    })
}

/// What the first put of a day is stored as, without its outcome.
fn entry(store: &str, key: &str, more: Value) -> Value {
    let mut entry = json!({
        "Store": store, "Version": "2026-11-02T06:01:00.000Z/0065432100000001",
        "Bucket": "uploads", "Key": key, "ObjectVersion": null, "Uploaded": "2026-11-02T06:01:00Z",
    });
    let more: serde_json::Map<String, Value> = serde_json::from_value(more).unwrap();
    entry.as_object_mut().unwrap().extend(more);
    entry
}

#[tokio::test]
async fn each_store_of_a_file_gets_its_receipt() {
    let world = World::start().await;
    let file = "store,item,count\nOslo,tea,4\nOslo,milk,lots\nOslo,tea,5\nBergen,rum,1\n,rum,1\n";
    let loaded = world.upload("day.csv", file).await;
    let seen = lines(&loaded);
    assert_eq!(seen, ["Bergen: 1 written", "Oslo: 1 rejected, 1 duplicates, 1 written", "?: 1 rejected"]);

    let loaded = |store: &str, outcome: &str, receipt: Value, rejects: Value| {
        entry(store, "day.csv", json!({ "Outcome": outcome, "Receipt": receipt, "Rejects": rejects }))
    };
    let number = "count is not a number such as 12, -3 or 12.375";
    let oslo = json!([{ "Line": 3, "Column": 3, "Value": "lots", "Reason": number }]);
    let nobody = json!([{ "Line": 6, "Column": 1, "Value": "", "Reason": "store is blank" }]);
    let bergen = loaded("Bergen", "applied", counts(0, 0, 1, 0, 0), json!([]));
    let oslo = loaded("Oslo", "applied", counts(1, 1, 1, 0, 0), oslo);
    let nobody = loaded("(unknown)", "unchanged", counts(1, 0, 0, 0, 0), nobody);
    assert_eq!(world.receipts("Uploads").await, [nobody, bergen.clone(), oslo.clone()]);
    let shown = [bergen, oslo].map(|mut entry| {
        entry.as_object_mut().unwrap().remove("Rejects");
        entry
    });
    assert_eq!(world.receipts("Stores").await, shown, "nobody has no state");
}

#[tokio::test]
async fn a_refused_file_leaves_its_reason() {
    let world = World::start().await;
    for (key, store) in [("day.csv", "(unknown)"), ("stores/Oslo/day.csv", "Oslo")] {
        let put = world.put(key, "item,price\ntea,4\n").await;
        let loaded = world.deliver(&put).await;
        let Outcome::Refused(reason) = &loaded.outcome else { panic!("{loaded:?}") };
        let reason = reason.to_string();
        let receipts = world.receipts("Uploads").await;
        let mut expect = entry(
            store,
            key,
            json!({ "Outcome": "refused", "Reason": reason, "Receipt": counts(0, 0, 0, 0, 0), "Rejects": [] }),
        );
        expect["Version"] = json!(loaded.version.as_str());
        expect["Uploaded"] = json!(put.time.replace(".000", ""));
        assert_eq!(receipts.last(), Some(&expect));
    }
    assert_eq!(world.rows().await, [""; 0]);
    let stores: Vec<String> =
        world.receipts("Stores").await.iter().map(|row| row["Store"].to_string()).collect();
    assert_eq!(stores, ["\"Oslo\""], "of a scoped file the store is known");
}

#[tokio::test]
async fn a_file_that_is_refused_at_its_end_writes_nothing() {
    let world = World::start().await;
    let rows = (0..500).map(|item| format!("Oslo,i{item},1\n"));
    let file = rows.fold("store,item,count\n".to_owned(), |file, row| file + &row) + "Oslo,\"open,1\n";
    let loaded = world.upload("day.csv", file).await;
    assert_eq!(
        lines(&loaded),
        [
            "refused: line 502: a quote opens in this row and never closes; close it, or double it if it is text"
        ]
    );
    assert_eq!(world.rows().await, [""; 0]);
}

#[tokio::test]
async fn a_file_beyond_the_limits_is_refused() {
    let world = World::start().await;
    let mut limits = Limits::default();
    limits.rows = 2;
    let loader = world.loader.clone().with_limits(limits);
    let put = world.put("day.csv", "store,item,count\nOslo,a,1\nOslo,b,1\nOslo,c,1\n").await;
    let loaded = loader.handle(&s3_event(&[put])).await.unwrap();
    assert_eq!(lines(&loaded[0]), ["refused: the file has more than 2 rows; split it"]);
    assert_eq!(world.rows().await, [""; 0]);
}

#[tokio::test]
async fn the_state_of_a_store_is_its_newest_upload() {
    let world = World::start().await;
    let older = world.put("old.csv", "store,item,count\nOslo,tea,4\n").await;
    let state = async || -> Vec<String> {
        let stores = world.receipts("Stores").await;
        stores
            .iter()
            .map(|row| format!("{} {} {}", row["Store"], row["Key"], row["Receipt"]["superseded"]))
            .collect()
    };
    world.upload("new.csv", "store,item,count\nOslo,tea,5\n").await;
    world.deliver(&older).await;
    assert_eq!(state().await, ["\"Oslo\" \"new.csv\" 0"]);
    world.upload("newest.csv", "store,item,count\nOslo,tea,5\n").await;
    assert_eq!(state().await, ["\"Oslo\" \"newest.csv\" 0"]);
    assert_eq!(world.receipts("Uploads").await.len(), 3);
}

#[tokio::test]
async fn only_the_first_bad_rows_are_kept_and_shortened() {
    let world = World::start().await;
    let rows = (0..70).map(|item| format!("Oslo,i{item},{}\n", "é".repeat(300)));
    let file = rows.fold("store,item,count\n".to_owned(), |file, row| file + &row);
    let loaded = world.upload("day.csv", file).await;
    assert_eq!(lines(&loaded), ["Oslo: 70 rejected"]);
    let receipts = world.receipts("Uploads").await;
    let rejects = receipts[0]["Rejects"].as_array().unwrap();
    assert_eq!(rejects.len(), 50);
    assert_eq!(rejects[49]["Line"], 51);
    assert_eq!(rejects[49]["Value"], "é".repeat(200));
}

#[tokio::test]
async fn the_first_bad_rows_are_kept_of_each_store() {
    let world = World::start().await;
    let rows = (0..120).map(|item| format!("{},i{item},x\n", if item < 60 { "Oslo" } else { "Lyon" }));
    let file = rows.fold("store,item,count\n".to_owned(), |file, row| file + &row);
    let loaded = world.upload("day.csv", file).await;
    let kept = world.receipts("Uploads").await;
    assert_eq!([0, 1].map(|at: usize| kept[at]["Rejects"].as_array().unwrap().len()), [50; 2]);
    let Outcome::Applied { rejects, .. } = &loaded.outcome else { panic!("{loaded:?}") };
    assert_eq!((rejects.len(), rejects[50].position.line), (100, 62), "in the order of the file");
}

#[tokio::test]
async fn a_total_at_the_end_of_a_file_is_no_store() {
    let world = World::start().await;
    let loaded = world.upload("day.csv", "store,item,count\nOslo,tea,4\nTotal,,4\n").await;
    assert_eq!(lines(&loaded), ["Oslo: 1 written", "Total: 1 rejected"]);
    let stores = async |table: &str| -> Vec<String> {
        world.receipts(table).await.iter().map(|row| row["Store"].to_string()).collect()
    };
    assert_eq!(stores("Stores").await, ["\"Oslo\""]);
    assert_eq!(stores("Uploads").await, ["\"Oslo\"", "\"Total\""]);
}

#[tokio::test]
async fn a_file_of_a_header_alone_leaves_a_receipt_too() {
    let world = World::start().await;
    world.upload("day.csv", "store,item,count\n").await;
    world.upload("stores/Oslo/day.csv", "item,count\n").await;
    let stores: Vec<String> =
        world.receipts("Uploads").await.iter().map(|row| row["Store"].to_string()).collect();
    assert_eq!(stores, ["\"(unknown)\"", "\"Oslo\""]);
}

#[tokio::test]
async fn an_event_of_several_uploads_loads_each() {
    let world = World::start().await;
    let a = world.put("a.csv", "store,item,count\nOslo,tea,4\n").await;
    let b = world.put("b.csv", "store,item,count\nBergen,tea,4\n").await;
    let gone = Put::nth(99, "gone.csv");
    let error = world.handle(&[a.clone(), gone, b.clone()]).await.unwrap_err();
    assert!(
        error.to_string().starts_with("failed to read s3://uploads/gone.csv: not found: NoSuchKey"),
        "{error}"
    );
    assert!(!error.is_retryable());
    assert_eq!(world.rows().await.len(), 2);
    let loaded = world.handle(&[a, b]).await.unwrap();
    assert_eq!(loaded.iter().flat_map(lines).collect::<Vec<_>>(), ["Oslo: 1 written", "Bergen: 1 written"]);
}

#[tokio::test]
async fn the_overview_counts_what_a_scan_finds() {
    let world = World::start().await;
    let read = async || Overview::read(&world.dynamodb, &world.tables).await.unwrap();
    assert_eq!(read().await, Overview::default());
    world
        .upload("a.csv", "store,item,count,reorder point\nOslo,a,0,\nOslo,b,2,2\nOslo,c,3,2\nBergen,a,-1,5\n")
        .await;
    world.upload("b.csv", "store,item,count\nBergen,b,9\n").await;
    world.upload("c.csv", "no header that is known\n").await;

    let rows = world.rows().await;
    let having = |text: &str| rows.iter().filter(|row| row.contains(text)).count();
    let overview = read().await;
    assert_eq!((overview.items, overview.items), (rows.len(), 5));
    assert_eq!((overview.out, overview.low), (having("Status=out"), having("Status=low")));
    assert_eq!((overview.out, overview.low, overview.stores, overview.uploads), (2, 1, 2, 3));
}

#[tokio::test]
async fn a_store_is_stale_when_its_newest_upload_is_old() {
    let world = World::start().await;
    for store in ["Oslo", "Bergen", "Turku"] {
        world.upload("day.csv", format!("store,item,count\n{store},tea,4\n")).await;
    }
    let stale = async |before: &str| {
        stale_stores(&world.dynamodb, &world.tables, before.parse().unwrap()).await.unwrap()
    };
    assert_eq!(stale("2026-11-02T06:01:00Z").await, [""; 0], "at the very time it is not");
    assert_eq!(stale("2026-11-02T06:02:00.001Z").await, ["Bergen", "Oslo"]);
    world.upload("day.csv", "store,item,count\nOslo,tea,4\n").await;
    assert_eq!(stale("2026-11-02T06:02:00.001Z").await, ["Bergen"], "one that changes nothing counts");
}
