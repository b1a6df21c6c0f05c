//! A file that is the whole stock of its stores.

use inventory_aws::{Loaded, Outcome, StoreReceipt};

use crate::support::world::World;

const SNAPSHOT: &[(&str, &str)] = &[("mode", "snapshot")];

async fn upload(world: &World, key: &str, file: &str, metadata: &[(&str, &str)]) -> Loaded {
    let put = world.put_with(key, file, metadata).await;
    world.deliver(&put).await
}

#[track_caller]
fn receipts(loaded: &Loaded) -> &[StoreReceipt] {
    let Outcome::Applied { receipts, .. } = &loaded.outcome else { panic!("{loaded:?}") };
    receipts
}

#[track_caller]
fn reason(loaded: &Loaded) -> String {
    let Outcome::Refused(reason) = &loaded.outcome else { panic!("{loaded:?}") };
    reason.to_string()
}

/// The counts of all rows, by their keys.
async fn counts(world: &World) -> Vec<String> {
    let rows = world.rows().await;
    rows.iter().map(|row| row.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
}

#[tokio::test]
async fn of_what_it_does_not_name_there_is_nothing_in_the_stores_that_it_names() {
    let world = World::start().await;
    world.upload("day.csv", "store,item,count\nOslo,tea,4\nOslo,rum,9\nOslo,jam,0\nRome,rum,9\n").await;
    let loaded = upload(&world, "next.csv", "store,item,count\nOslo,tea,4\nOslo,oil,1\n", SNAPSHOT).await;
    let [oslo] = receipts(&loaded) else { panic!("{loaded:?}") };
    assert_eq!((oslo.receipt.written, oslo.receipt.unchanged, oslo.receipt.absent), (1, 1, 1));
    assert_eq!(
        counts(&world).await,
        [
            "Oslo/jam: Count=0",
            "Oslo/oil: Count=1",
            "Oslo/rum: Count=0",
            "Oslo/tea: Count=4",
            "Rome/rum: Count=9"
        ]
    );
    let again = upload(&world, "next.csv", "store,item,count\nOslo,tea,4\nOslo,oil,1\n", SNAPSHOT).await;
    assert_eq!(receipts(&again)[0].outcome(), "unchanged");
    assert_eq!(receipts(&again)[0].receipt.absent, 0);
}

#[tokio::test]
async fn an_older_upload_after_it_brings_back_only_what_the_snapshot_names() {
    let world = World::start().await;
    let older = world.put("day.csv", "store,item,count,name\nOslo,tea,4,Tea\nOslo,rum,9,Rum\n").await;
    let snapshot = world.put_with("next.csv", "store,item,count\nOslo,tea,5\n", SNAPSHOT).await;
    world.deliver(&snapshot).await;
    world.deliver(&older).await;
    assert_eq!(counts(&world).await, ["Oslo/rum: Count=0", "Oslo/tea: Count=5"]);
    let names: Vec<_> = world.scan("Inventory").await.iter().map(|row| row.contains_key("Name")).collect();
    assert_eq!(names, [true, true]);
}

#[tokio::test]
async fn a_row_that_is_named_without_a_count_is_left_as_it_is() {
    let world = World::start().await;
    world.upload("day.csv", "store,item,count\nOslo,tea,4\nOslo,rum,9\nOslo,jam,5\n").await;
    let file = "store,item,count\nOslo,tea,4\nOslo,rum,Reel 500\nOslo,jam,not stocked\n";
    let loaded = upload(&world, "next.csv", file, SNAPSHOT).await;
    assert_eq!(receipts(&loaded)[0].outcome(), "unchanged");
    assert_eq!(counts(&world).await, ["Oslo/jam: Count=5", "Oslo/rum: Count=9", "Oslo/tea: Count=4"]);
}

#[tokio::test]
async fn one_with_a_row_of_nobody_knows_what_is_refused() {
    let world = World::start().await;
    let file = "store,item,count\nOslo,tea,4\nOslo,,9\n,rum,3\n";
    let loaded = upload(&world, "next.csv", file, SNAPSHOT).await;
    assert_eq!(
        reason(&loaded),
        "the file is said to be a snapshot, and of 2 bad rows nobody can tell the item, first in line 3; \
         mend them, or leave out the metadata \"mode\""
    );
    assert_eq!(world.rows().await, [""; 0]);
}

#[tokio::test]
async fn a_dry_run_of_one_counts_what_it_would_empty() {
    let world = World::start().await;
    world.upload("day.csv", "store,item,count\nOslo,tea,4\nOslo,rum,9\n").await;
    let rows = world.rows().await;
    let mode = [("mode", "dry-run, snapshot")];
    let loaded = upload(&world, "next.csv", "store,item,count\nOslo,tea,4\n", &mode).await;
    let [oslo] = receipts(&loaded) else { panic!("{loaded:?}") };
    let preview = oslo.preview.unwrap();
    assert_eq!((preview.changes, preview.sold_out, preview.stocked, preview.emptied), (1, 1, 2, 1));
    assert_eq!((oslo.outcome(), oslo.receipt.absent), ("dry-run", 1));
    assert_eq!(world.rows().await, rows);
}

#[tokio::test]
async fn a_dry_run_minds_newer_uploads() {
    let world = World::start().await;
    let older = world.put_with("day.csv", "store,item,count\nOslo,tea,4\n", &[("mode", "dry-run")]).await;
    world.upload("next.csv", "store,item,count\nOslo,tea,5\n").await;
    let loaded = world.deliver(&older).await;
    assert_eq!(receipts(&loaded)[0].receipt.superseded, 1);
}

#[tokio::test]
async fn quantities_are_not_added() {
    let world = World::start().await;
    let loaded = upload(&world, "day.csv", "store,item,count\nOslo,tea,4\n", &[("mode", "adjust")]).await;
    assert_eq!(
        reason(&loaded),
        "the metadata \"mode\" is adjust, and quantities cannot be added exactly once; \
         upload how much there is of each item instead"
    );
}
