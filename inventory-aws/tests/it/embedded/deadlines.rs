use std::time::Duration;

use inventory_aws::ErrorKind;
use jiff::Timestamp;

use crate::support::events::s3_event;
use crate::support::lines;
use crate::support::world::World;

const ROWS: usize = 6_000;

fn file() -> String {
    (0..ROWS).fold("store,item,count\n".to_owned(), |file, item| format!("{file}Oslo,i{item},1\n"))
}

/// What the store's turnstile holds.
async fn inside(world: &World) -> usize {
    let stores = world.scan("Stores").await;
    stores.iter().filter(|row| row.contains_key("Active")).count()
}

#[tokio::test]
async fn a_load_without_time_leaves_and_goes_on_the_next_time() {
    let world = World::start().await;
    let put = world.put("day.csv", file()).await;
    let soon = Timestamp::now() + Duration::from_millis(800);
    let loader = world.loader.clone().with_deadline(soon);
    let error = loader.handle(&s3_event(std::slice::from_ref(&put))).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::OutOfTime, true));
    let written = world.scan("Inventory").await.len();
    assert!((1..ROWS).contains(&written), "{written}");
    let text =
        format!("failed to write all levels of store \"Oslo\", {written} of 6000 are done: out of time");
    assert_eq!(error.to_string(), text);
    assert_eq!(inside(&world).await, 0);
    let receipts = world.receipts("Uploads").await;
    assert_eq!((&receipts[0]["Outcome"], &receipts[0]["Reason"]), (&"failed".into(), &text.into()));

    assert_eq!(lines(&world.deliver(&put).await), ["Oslo: 6000 written"]);
    assert_eq!(world.stream().await.len(), ROWS, "nothing was written again");
}

#[tokio::test]
async fn a_load_that_begins_too_late_does_nothing() {
    let world = World::start().await;
    let put = world.put("day.csv", "store,item,count\nOslo,tea,4\n").await;
    let loader = world.loader.clone().with_deadline(Timestamp::now());
    let error = loader.handle(&s3_event(&[put])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutOfTime);
    assert_eq!(world.scan("Stores").await.len(), 0);
}
