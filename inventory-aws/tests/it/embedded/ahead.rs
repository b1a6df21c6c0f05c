//! A store whose rows are read while its file is.

use inventory_aws::Loader;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::support::events::s3_event;
use crate::support::lines;
use crate::support::world::World;

const ITEMS: usize = 1_000;

/// A large file of one store: its items' names are long, and its counts are all
/// the same.
fn file(items: usize, count: u32) -> String {
    let rows = (0..items).map(|item| format!("{item:0200},{count}\n"));
    format!("item,count\n{}", rows.collect::<String>())
}

#[tokio::test]
async fn a_store_that_is_read_anyway_is_read_before_the_claim() {
    let world = World::start().await;
    world.upload("stores/Oslo/1.csv", file(ITEMS, 5)).await;
    world.wire.forget();
    let loaded = world.upload("stores/Oslo/2.csv", file(ITEMS, 5)).await;
    assert_eq!(lines(&loaded), ["Oslo: 1000 unchanged"]);
    let operations = world.wire.operations();
    assert_eq!(operations[..3], ["GetItem", "Query", "UpdateItem"]);
    assert_eq!(world.wire.count("Query"), 1, "{operations:?}");
    assert_eq!(loaded.usage.requests, operations.len() as u64);
}

#[tokio::test]
async fn a_small_file_looks_its_rows_up_by_itself() {
    let world = World::start().await;
    world.upload("stores/Oslo/1.csv", file(ITEMS, 5)).await;
    world.wire.forget();
    let loaded = world.upload("stores/Oslo/2.csv", file(5, 7)).await;
    assert_eq!(lines(&loaded), ["Oslo: 5 written"]);
    assert_eq!(world.wire.operations()[..2], ["UpdateItem", "BatchGetItem"]);
}

#[tokio::test]
async fn a_store_of_which_more_is_there_than_is_read_ahead_is_read_on() {
    let world = World::start().await;
    let items = 9_000;
    world.upload("stores/Oslo/1.csv", file(items, 5)).await;
    world.wire.forget();
    let mut changed = file(items, 5);
    changed.truncate(changed.len() - 2);
    let loaded = world.upload("stores/Oslo/2.csv", changed + "7\n").await;
    assert_eq!(lines(&loaded), ["Oslo: 1 written, 8999 unchanged"]);
    let operations = world.wire.operations();
    let claim = operations.iter().position(|operation| operation == "UpdateItem").expect("it claims");
    assert_eq!(operations[..claim], ["GetItem", "Query", "Query"]);
    assert_eq!(operations[claim + 1], "Query");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_before_another_came_and_left_does_not_count() {
    let world = World::start().await;
    world.upload("stores/Oslo/1.csv", file(ITEMS, 5)).await;
    let late = world.put("stores/Oslo/2.csv", file(ITEMS, 9)).await;
    let newest = world.put("stores/Oslo/3.csv", file(ITEMS, 5)).await;
    let other = Loader::new(world.s3.clone(), world.dynamodb.clone(), world.tables.clone());
    world.wire.before("UpdateItem", move || {
        let event = s3_event(&[late]);
        block_in_place(|| Handle::current().block_on(other.handle(&event))).expect("no service fails");
    });
    world.wire.forget();
    let loaded = world.deliver(&newest).await;
    assert_eq!(world.wire.operations()[..4], ["GetItem", "Query", "UpdateItem", "Query"]);
    assert_eq!(lines(&loaded), ["Oslo: 1000 written"]);
}

#[tokio::test]
async fn beside_one_who_is_inside_nothing_is_read_ahead() {
    let world = World::start().await;
    world.upload("stores/Oslo/1.csv", file(ITEMS, 5)).await;
    let late = world.put("stores/Oslo/2.csv", file(ITEMS, 9)).await;
    // Without an answer it stays inside: what it sent may still take effect.
    world.wire.lose("BatchExecuteStatement", 1_000);
    world.handle(&[late]).await.expect_err("no answer comes");
    world.wire.lose("BatchExecuteStatement", 0);
    world.wire.forget();
    world.upload("stores/Oslo/3.csv", file(ITEMS, 5)).await;
    assert_eq!(world.wire.operations()[..3], ["GetItem", "UpdateItem", "Query"]);
}
