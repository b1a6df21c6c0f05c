use inventory_core::Version;

use crate::support::lines;
use crate::support::world::World;

fn tea(count: u32) -> String {
    format!("store,item,count\nOslo,tea,{count}\n")
}

#[tokio::test]
async fn an_event_that_comes_twice_gives_the_same_receipt() {
    let world = World::start().await;
    world.upload("day.csv", "store,item,count\nOslo,tea,4\nOslo,milk,1\nOslo,milk,9\nOslo,,1\n").await;
    let put = world.put("day.csv", "store,item,count\nOslo,tea,5\nOslo,milk,1\nOslo,milk,9\nOslo,,1\n").await;
    let first = world.deliver(&put).await;
    let (rows, receipts, stream) =
        (world.rows().await, world.receipts("Uploads").await, world.stream().await);
    assert_eq!(lines(&first), ["Oslo: 1 rejected, 1 duplicates, 1 written, 1 unchanged"]);

    world.wire.forget();
    let again = world.deliver(&put).await;
    assert_eq!((&again.outcome, &again.version), (&first.outcome, &first.version));
    assert_eq!(world.rows().await, rows);
    assert_eq!(world.receipts("Uploads").await, receipts);
    assert_eq!(world.stream().await, stream);
    assert_eq!(world.wire.count("BatchExecuteStatement"), 0);
}

#[tokio::test]
async fn an_older_upload_that_comes_later_is_superseded() {
    let world = World::start().await;
    let older = world.put("a.csv", "store,item,count\nOslo,tea,4\nOslo,milk,9\n").await;
    world.upload("b.csv", tea(5)).await;
    let loaded = world.deliver(&older).await;
    assert_eq!(lines(&loaded), ["Oslo: 1 written, 1 superseded"]);
    assert_eq!(world.rows().await, ["Oslo/milk: Count=9 Version=06:01", "Oslo/tea: Count=5 Version=06:02"]);
}

#[tokio::test]
async fn of_two_uploads_of_one_time_the_sequencer_decides() {
    for (first, second, winner) in [("0A", "0b", 2), ("0b", "0A", 1), ("0a01", "0A", 1), ("0A", "0a01", 2)] {
        let world = World::start().await;
        let counts = [1, 2];
        let mut puts = Vec::new();
        for (sequencer, count) in [first, second].into_iter().zip(counts) {
            let mut put = world.put(&format!("{count}.csv"), tea(count)).await;
            put.time = "2026-11-02T06:00:00.500Z".to_owned();
            put.sequencer = sequencer.to_owned();
            puts.push(put);
        }
        for put in &puts {
            world.deliver(put).await;
        }
        let rows = world.rows().await;
        assert_eq!(rows, [format!("Oslo/tea: Count={winner} Version=06:00")], "{first} then {second}");
    }
}

#[tokio::test]
async fn the_stated_time_decides_and_not_the_event() {
    let world = World::start().await;
    world.upload("a.csv", tea(4)).await;
    let late = world.put_as_of("b.csv", tea(5), Some("2026-11-02T05:59:59Z")).await;
    let loaded = world.deliver(&late).await;
    assert_eq!(lines(&loaded), ["Oslo: 1 superseded"], "it counted before the other");
    assert_eq!(loaded.version, Version::new("2026-11-02T05:59:59Z".parse().unwrap(), &late.sequencer));

    let zoned = world.put_as_of("c.csv", tea(6), Some(" 2026-11-02T08:01:30+02:00 ")).await;
    assert_eq!(lines(&world.deliver(&zoned).await), ["Oslo: 1 written"]);
    let before = world.put_as_of("d.csv", tea(7), Some("2026-11-02T06:01:29.999Z")).await;
    assert_eq!(lines(&world.deliver(&before).await), ["Oslo: 1 superseded"]);
    assert_eq!(world.rows().await, ["Oslo/tea: Count=6 Version=06:01"]);
}

#[tokio::test]
async fn a_stated_time_that_is_none_or_in_the_future_is_refused() {
    let world = World::start().await;
    for stated in ["yesterday", "", "2026-11-02", "2026-11-02T06:00:00", "2099-01-01T00:00:00Z"] {
        let put = world.put_as_of("day.csv", tea(5), Some(stated)).await;
        let loaded = world.deliver(&put).await;
        let expect = format!(
            "refused: the metadata \"as-of\" is {stated:?}, which is no time before the upload \
             such as 2026-11-02T06:00:00Z"
        );
        assert_eq!(lines(&loaded), [expect]);
    }
    assert_eq!(world.rows().await, [""; 0]);

    let put = world.put_as_of("day.csv", tea(5), Some("2026-11-02T06:06:00Z")).await;
    assert_eq!(put.time, "2026-11-02T06:06:00.000Z", "the time of the upload itself is not the future");
    assert_eq!(lines(&world.deliver(&put).await), ["Oslo: 1 written"]);
}

/// A newer upload said the same as the row, so it wrote nothing; an upload from
/// between the two that comes late must not win over what it said.
#[tokio::test]
async fn a_late_upload_does_not_undo_a_newer_one_that_changed_nothing() {
    let world = World::start().await;
    world.upload("a.csv", tea(5)).await;
    let between = world.put("b.csv", tea(9)).await;
    assert_eq!(lines(&world.upload("c.csv", tea(5)).await), ["Oslo: 1 unchanged"]);
    let loaded = world.deliver(&between).await;
    assert_eq!(lines(&loaded), ["Oslo: 1 superseded"]);
    assert_eq!(world.rows().await, ["Oslo/tea: Count=5 Version=06:01"]);
}

#[tokio::test]
async fn an_answer_that_got_lost_costs_nothing() {
    let world = World::start().await;
    world.upload("a.csv", tea(4)).await;
    let put = world.put("b.csv", "store,item,count\nOslo,tea,5\nOslo,milk,1\n").await;
    world.wire.forget();
    world.wire.lose("BatchExecuteStatement", 1);
    let loaded = world.deliver(&put).await;
    assert_eq!(lines(&loaded), ["Oslo: 2 written"], "its conditions failed because of itself");
    assert_eq!(world.rows().await, ["Oslo/milk: Count=1 Version=06:02", "Oslo/tea: Count=5 Version=06:02"]);
    assert_eq!(world.stream().await.len(), 3);
    assert_eq!((world.wire.count("BatchExecuteStatement"), world.wire.count("BatchGetItem")), (2, 1));
}

#[tokio::test]
async fn an_upload_that_failed_half_way_goes_on_when_it_comes_again() {
    let world = World::start().await;
    let put = world.put("b.csv", "store,item,count\nOslo,tea,5\nOslo,milk,1\nBergen,tea,2\n").await;
    world.wire.lose("BatchExecuteStatement", 100);
    let error = world.handle(std::slice::from_ref(&put)).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    let outcomes = async || -> Vec<String> {
        let receipts = world.receipts("Uploads").await;
        receipts.iter().map(|row| format!("{} {} {}", row["Store"], row["Outcome"], row["Retry"])).collect()
    };
    let failed = ["\"Bergen\" \"failed\" true", "\"Oslo\" \"failed\" true"];
    assert_eq!(outcomes().await, failed, "no counts of what is not done");
    world.wire.lose("BatchExecuteStatement", 0);
    assert_eq!(lines(&world.deliver(&put).await), ["Bergen: 1 written", "Oslo: 2 written"]);
    assert_eq!(outcomes().await, ["\"Bergen\" \"applied\" null", "\"Oslo\" \"applied\" null"]);
    assert_eq!(world.stream().await.len(), 3, "each row was written once");
}
