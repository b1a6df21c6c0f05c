use inventory_aws::Outcome;

use crate::support::world::World;

/// Of each upload its outcome, what superseded it, and its reason.
async fn outcomes(world: &World) -> Vec<String> {
    let receipts = world.receipts("Uploads").await;
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let line = |row| {
        let by = text(row, "SupersededBy");
        let parts = [text(row, "Key"), text(row, "Outcome"), by.get(11..16).unwrap_or_default().to_owned()];
        parts.join(" ").trim_end().to_owned()
    };
    receipts.iter().map(line).collect()
}

#[tokio::test]
async fn each_upload_says_what_became_of_it() {
    let world = World::start().await;
    let late = world.put("late.csv", "store,item,count\nOslo,tea,1\n").await;
    world.upload("first.csv", "store,item,count\nOslo,tea,4\nOslo,milk,1\n").await;
    world.upload("again.csv", "store,item,count\nOslo,tea,4\n").await;
    world.upload("partly.csv", "store,item,count\nOslo,tea,5\nOslo,milk,1\n").await;
    world.upload("broken.csv", "store,item\nOslo,tea\n").await;
    world.deliver(&late).await;
    let expect =
        ["late.csv superseded 06:04", "first.csv applied", "again.csv unchanged", "partly.csv applied"];
    let mut found = outcomes(&world).await;
    found.retain(|line| !line.starts_with("broken"));
    assert_eq!(found, expect);
}

#[tokio::test]
async fn an_upload_that_comes_again_after_newer_ones_keeps_its_receipt_and_reads_no_file() {
    let world = World::start().await;
    let put = world.put("a.csv", "store,item,count\nOslo,tea,4\n").await;
    world.deliver(&put).await;
    world.upload("b.csv", "store,item,count\nOslo,tea,5\n").await;
    let before = world.receipts("Uploads").await;
    world.wire.forget();
    world.deliver(&put).await;
    assert_eq!(world.receipts("Uploads").await, before);
    assert_eq!(world.wire.count("Query") + world.wire.count("BatchExecuteStatement"), 0);
}

#[tokio::test]
async fn older_than_all_that_are_remembered_an_upload_is_superseded_whole() {
    let world = World::start().await;
    let late = world.put("late.csv", "store,item,count\nOslo,honey,1\n").await;
    for upload in 0..32 {
        world.upload(&format!("{upload}.csv"), format!("store,item,count\nOslo,tea,{upload}\n")).await;
    }
    let loaded = world.deliver(&late).await;
    let Outcome::Applied { receipts, .. } = &loaded.outcome else { panic!("{loaded:?}") };
    assert_eq!((receipts[0].receipt.superseded, receipts[0].outcome()), (1, "superseded"));
    assert_eq!(world.scan("Inventory").await.len(), 1);
    let stores = world.scan("Stores").await;
    assert_eq!(stores[0]["Recent"].as_ss().unwrap().len(), 32);
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let world = World::start().await;
    let header = "store,item,count,reorder point\n";
    world.upload("day.csv", format!("{header}Oslo,tea,4,2\nOslo,milk,0,\nOslo,rum,9,\nOslo,oil,1,\n")).await;
    let (rows, stores) = (world.rows().await, world.scan("Stores").await);
    let next = format!("{header}Oslo,tea,2,2\nOslo,milk,3,\nOslo,rum,0,\nOslo,oil,1,\nOslo,jam,7,\n");
    let put = world.put_with("next.csv", &next, &[("mode", "dry-run")]).await;
    let loaded = world.deliver(&put).await;
    let Outcome::Applied { receipts, .. } = &loaded.outcome else { panic!("{loaded:?}") };
    let preview = receipts[0].preview.unwrap();
    assert_eq!((preview.changes, preview.sold_out, preview.running_low, preview.back_in_stock), (4, 1, 1, 1));
    assert_eq!((receipts[0].receipt.written, receipts[0].receipt.unchanged), (4, 1));
    assert_eq!(receipts[0].outcome(), "dry-run");
    assert_eq!((world.rows().await, world.scan("Stores").await), (rows, stores));
    assert_eq!(outcomes(&world).await, ["day.csv applied", "next.csv dry-run"]);
}

#[tokio::test]
async fn a_dry_run_that_is_refused_is_not_shown_as_the_stores_newest() {
    let world = World::start().await;
    world.upload("stores/Oslo/day.csv", "item,count\ntea,4\n").await;
    let stores = world.scan("Stores").await;
    let put = world.put_with("stores/Oslo/next.csv", "item,price\ntea,4\n", &[("mode", "dry-run")]).await;
    let loaded = world.deliver(&put).await;
    assert!(matches!(loaded.outcome, Outcome::Refused(_)), "{loaded:?}");
    assert_eq!(outcomes(&world).await, ["stores/Oslo/day.csv applied", "stores/Oslo/next.csv refused"]);
    assert_eq!(world.scan("Stores").await, stores);
}

#[tokio::test]
async fn a_mode_that_nobody_knows_is_refused() {
    let world = World::start().await;
    let put = world.put_with("day.csv", "store,item,count\nOslo,tea,4\n", &[("mode", "dryrun")]).await;
    let loaded = world.deliver(&put).await;
    let Outcome::Refused(reason) = &loaded.outcome else { panic!("{loaded:?}") };
    assert_eq!(
        reason.to_string(),
        "the metadata \"mode\" is \"dryrun\"; leave it out, or say snapshot, dry-run or both"
    );
}
