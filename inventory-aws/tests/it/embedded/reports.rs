//! The files and notices of receipts.

use std::sync::Arc;

use aws_sdk_s3::Client as S3;
use inventory_aws::{ErrorKind, Loader};
use serde_json::Value;

use crate::support::events::{Put, s3_event};
use crate::support::fuse::{Fuse, Fused};
use crate::support::outbox::Outbox;
use crate::support::world::World;

const BAD: &str = "store,item,count\nOslo,tea,4\nOslo,milk,=lots\n";

/// A world with a bucket of receipts.
async fn start() -> (World, Outbox) {
    let world = World::start().await;
    world.s3.create_bucket().bucket("receipts").send().await.expect("the bucket can be made");
    (world, Outbox::default())
}

fn loader(world: &World, outbox: &Outbox) -> Loader {
    world.loader.clone().with_receipts("receipts").with_notices(outbox.clone())
}

async fn deliver(world: &World, outbox: &Outbox, put: &Put) {
    loader(world, outbox).handle(&s3_event(std::slice::from_ref(put))).await.expect("no service fails");
}

async fn upload(world: &World, outbox: &Outbox, key: &str, file: &str) -> Put {
    let put = world.put(key, file).await;
    deliver(world, outbox, &put).await;
    put
}

/// The keys in the bucket of receipts.
async fn files(s3: &S3) -> Vec<String> {
    let listed = s3.list_objects_v2().bucket("receipts").send().await.expect("it can be listed");
    listed.contents().iter().filter_map(|object| object.key().map(str::to_owned)).collect()
}

async fn text(s3: &S3, key: &str) -> String {
    let got = s3.get_object().bucket("receipts").key(key).send().await.expect("the file is there");
    let bytes = got.body.collect().await.expect("it can be read").into_bytes();
    String::from_utf8(bytes.to_vec()).expect("it is text")
}

async fn document(s3: &S3, key: &str) -> Value {
    serde_json::from_str(&text(s3, key).await).expect("it is JSON")
}

#[tokio::test]
async fn an_upload_with_bad_rows_leaves_files_and_is_told() {
    let (world, outbox) = start().await;
    upload(&world, &outbox, "day.csv", BAD).await;
    let folder = "receipts/Oslo/2026-11-02T06:01:00.000Z/0065432100000001";
    let [table, receipt] = ["rejects.csv", "receipt.json"].map(|name| format!("{folder}/{name}"));
    assert_eq!(files(&world.s3).await, [&*receipt, &*table]);
    assert_eq!(
        text(&world.s3, &table).await,
        "\u{feff}line,byte,column,value,reason,row\r\n\
         3,28,3,'=lots,\"count is not a number such as 12, -3 or 12.375\",\"Oslo,milk,=lots\"\r\n"
    );
    let document = document(&world.s3, &receipt).await;
    assert_eq!([&document["outcome"], &document["table"]["key"]], ["applied", &*table]);
    assert_eq!([&document["counts"]["written"], &document["counts"]["rejected"]], [1, 1]);
    let entry = &world.receipts("Uploads").await[0];
    assert_eq!([&entry["ReceiptFile"], &entry["RejectsFile"]], [&*receipt, &*table]);
    assert_eq!(world.receipts("Stores").await[0].get("ReceiptFile"), None);
    assert_eq!(outbox.receipts(), ["Oslo: 1 row rejected"]);
}

#[tokio::test]
async fn an_upload_without_bad_rows_leaves_a_document_and_is_not_told() {
    let (world, outbox) = start().await;
    upload(&world, &outbox, "day.csv", "store,item,count\nOslo,tea,4\n").await;
    assert_eq!(
        files(&world.s3).await,
        ["receipts/Oslo/2026-11-02T06:01:00.000Z/0065432100000001/receipt.json"]
    );
    assert_eq!(world.receipts("Uploads").await[0].get("RejectsFile"), None);
    assert_eq!(outbox.receipts(), [""; 0]);
}

#[tokio::test]
async fn each_store_hears_of_its_own_rows_and_the_rest_is_told_under_the_files_name() {
    let (world, outbox) = start().await;
    let file = "store,item,count\nOslo,tea,x\nOslo,oil,y\nLyon,tea,x\nKyoto,tea,1\n,tea,1\nTotal,,9\n";
    upload(&world, &outbox, "day.csv", file).await;
    let mut told = outbox.receipts();
    told.sort();
    let expect =
        ["Lyon: 1 row rejected", "Oslo: 2 rows rejected", "Total: 1 row rejected", "day.csv: 1 row rejected"];
    assert_eq!(told, expect);
    let folders = files(&world.s3).await;
    let tables: Vec<&str> = folders.iter().filter_map(|key| key.split('/').nth(1)).collect();
    let expect = ["(unknown)", "(unknown)", "Kyoto", "Lyon", "Lyon", "Oslo", "Oslo", "Total", "Total"];
    assert_eq!(tables, expect);
}

#[tokio::test]
async fn a_refused_file_is_told_whether_its_store_is_known_or_not() {
    let (world, outbox) = start().await;
    upload(&world, &outbox, "day.csv", "item,price\ntea,4\n").await;
    upload(&world, &outbox, "stores/Oslo/day.csv", "item,price\ntea,4\n").await;
    assert_eq!(outbox.receipts(), ["day.csv: file refused", "Oslo: file refused"]);
    let stores: Vec<Value> =
        world.receipts("Uploads").await.iter().map(|entry| entry["ReceiptFile"].clone()).collect();
    assert_eq!(document(&world.s3, stores[0].as_str().unwrap()).await["outcome"], "refused");
}

#[tokio::test]
async fn a_dry_run_leaves_a_document_and_is_never_told() {
    let (world, outbox) = start().await;
    let dry = ("mode", "dry-run");
    let asked: [(&str, &[_]); 3] =
        [(BAD, &[dry]), ("item,price\ntea,4\n", &[dry]), (BAD, &[dry, ("as-of", "tomorrow")])];
    for (file, metadata) in asked {
        let put = world.put_with("day.csv", file, metadata).await;
        deliver(&world, &outbox, &put).await;
    }
    let key = world.receipts("Uploads").await[0]["ReceiptFile"].as_str().unwrap().to_owned();
    let document = document(&world.s3, &key).await;
    assert_eq!([&document["outcome"], &document["preview"]["changes"]], [&Value::from("dry-run"), &1.into()]);
    assert_eq!(outbox.receipts(), [""; 0]);
}

#[tokio::test]
async fn what_is_delivered_again_is_not_told_again_however_late() {
    let (world, outbox) = start().await;
    let late = world.put("late.csv", "store,item,count\nOslo,tea,1\n").await;
    let bad = upload(&world, &outbox, "bad.csv", BAD).await;
    deliver(&world, &outbox, &bad).await;
    upload(&world, &outbox, "next.csv", "store,item,count\nOslo,tea,5\n").await;
    for put in [&late, &late, &bad] {
        deliver(&world, &outbox, put).await;
    }
    let told = ["Oslo: 1 row rejected", "Oslo: file superseded"];
    assert_eq!(outbox.receipts(), told);

    let before = world.receipts("Uploads").await;
    for count in 0..32 {
        let file = format!("store,item,count\nOslo,tea,{count}\n");
        upload(&world, &outbox, &format!("{count}.csv"), &file).await;
    }
    deliver(&world, &outbox, &bad).await;
    assert_eq!(outbox.receipts(), told, "older than all that are remembered, it was applied all the same");
    assert_eq!(world.receipts("Uploads").await[..3], before);
}

#[tokio::test]
async fn a_topic_out_of_reach_fails_the_load_and_keeps_nobody_inside() {
    let (world, outbox) = start().await;
    let refusing = Outbox::refusing("Oslo");
    let put = world.put("day.csv", BAD).await;
    let event = s3_event(std::slice::from_ref(&put));
    let error = loader(&world, &refusing).handle(&event).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(world.receipts("Uploads").await[0]["Outcome"], "applied");
    assert_eq!(world.scan("Stores").await[0].get("Active"), None);
    deliver(&world, &outbox, &put).await;
    deliver(&world, &outbox, &put).await;
    assert_eq!(outbox.receipts(), ["Oslo: 1 row rejected"]);
}

#[tokio::test]
async fn a_bucket_that_takes_nothing_fails_the_load_and_keeps_nobody_inside() {
    let (world, outbox) = start().await;
    let put = world.put("day.csv", BAD).await;
    let wrong = loader(&world, &outbox).with_receipts("No.Bucket");
    let error = wrong.handle(&s3_event(std::slice::from_ref(&put))).await.unwrap_err();
    assert!(error.to_string().starts_with("failed to write s3://No.Bucket/receipts/Oslo/"), "{error}");
    let entry = &world.receipts("Uploads").await[0];
    assert_eq!((&entry["Outcome"], entry.get("ReceiptFile")), (&Value::from("failed"), None));
    assert_eq!(world.scan("Stores").await[0].get("Active"), None);
    assert_eq!(outbox.receipts(), [""; 0], "nobody is sent to a file that is not there");
    deliver(&world, &outbox, &put).await;
    assert_eq!(world.receipts("Uploads").await[0]["Outcome"], "applied");
    assert_eq!(outbox.receipts(), ["Oslo: 1 row rejected"]);
}

#[tokio::test]
async fn a_row_of_the_ledger_outlasts_the_queue_of_failures() {
    let (world, outbox) = start().await;
    upload(&world, &outbox, "day.csv", BAD).await;
    let rows = world.scan("Notices").await;
    let [row] = &rows[..] else { panic!("{rows:?}") };
    let sent: jiff::Timestamp = row["Sent"].as_s().unwrap().parse().unwrap();
    let expires: i64 = row["Expires"].as_n().unwrap().parse().unwrap();
    assert_eq!(expires - sent.as_second(), 15 * 24 * 3600);
}

/// A loader that ends after so many steps.
fn fused(world: &World, steps: usize) -> (Loader, Fused) {
    let outbox = Fused { fuse: Fuse::of(steps), told: Arc::default() };
    let s3 = world.s3.config().to_builder().interceptor(outbox.fuse.clone());
    let s3 = S3::from_conf(s3.build());
    let dynamodb = world.dynamodb.config().to_builder().interceptor(outbox.fuse.clone());
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(dynamodb.build());
    let loader = Loader::new(s3, dynamodb, world.tables.clone());
    (loader.with_receipts("receipts").with_notices(outbox.clone()), outbox)
}

/// The entry of a store's only upload.
async fn entry(world: &World, store: &str) -> Option<Value> {
    world.receipts("Uploads").await.into_iter().find(|entry| entry["Store"] == store)
}

async fn is_in_the_ledger(world: &World, store: &str) -> bool {
    world.scan("Notices").await.iter().any(|row| row["Store"].as_s().is_ok_and(|text| text == store))
}

/// What a store's entry names is there.
async fn check_files(world: &World, entry: &Value) {
    for name in ["ReceiptFile", "RejectsFile"] {
        text(&world.s3, entry[name].as_str().expect("it names its files")).await;
    }
}

/// Ends a loader after so many steps and delivers the event again; `false` if
/// it came to its end before.
async fn end_after(world: &World, steps: usize, file: &str) -> bool {
    let store = format!("{steps} {}", file.len());
    let put = world.put(&format!("stores/{store}/day.csv"), file).await;
    let event = s3_event(&[put]);
    let (loader, ended) = fused(world, steps);
    let first = event.clone();
    let has_ended = tokio::spawn(async move { loader.handle(&first).await }).await.is_err();
    if let Some(entry) = entry(world, &store).await
        && entry["Receipt"]["rejected"] == 1
    {
        check_files(world, &entry).await;
    }
    let in_danger = !ended.told().is_empty() && !is_in_the_ledger(world, &store).await;

    let (loader, again) = fused(world, usize::MAX);
    for _ in 0..2 {
        loader.handle(&event).await.expect("no service fails");
    }
    let told = [ended.told(), again.told()].concat();
    assert_eq!(told.len(), if in_danger { 2 } else { 1 }, "step {steps}: {told:?}");
    assert!(told.iter().all(|one| *one == told[0] && one.0 == store), "it is known by its id");
    assert!(is_in_the_ledger(world, &store).await);
    let entry = entry(world, &store).await.expect("there is a receipt");
    if entry["Outcome"] != "refused" {
        check_files(world, &entry).await;
    }
    has_ended
}

#[tokio::test]
async fn wherever_it_ends_nothing_is_lost_and_little_is_told_twice() {
    let (world, _) = start().await;
    // Calls of two steps each. Of a good file: get, claim, query, write, look back, two
    // files, entry, leave, look up, publish, keep. Of a refused one: get, one
    // file, entry, show, look up, publish, keep.
    for (file, calls) in [("item,count\ntea,4\nmilk,=lots\n", 12), ("item,price\ntea,4\n", 7)] {
        for step in 0..2 * calls {
            assert!(end_after(&world, step, file).await, "step {step} of {calls} calls");
        }
        assert!(!end_after(&world, 2 * calls, file).await, "there are no more steps");
    }
}
