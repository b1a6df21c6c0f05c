//! An upload that would empty a store is held until somebody says that it is
//! right.

use inventory_aws::{Loaded, Outcome, StoreReceipt};

use crate::support::world::World;

/// A file of an Oslo with so many items, some of them out, and a Rome.
fn file(items: usize, out: usize) -> String {
    let row = |item: usize| format!("Oslo,item {item:03},{}\n", u8::from(item >= out));
    let rows: String = (0..items).map(row).collect();
    format!("store,item,count\n{rows}Rome,tea,{out}\n")
}

#[track_caller]
fn receipts(loaded: &Loaded) -> &[StoreReceipt] {
    let Outcome::Applied { receipts, .. } = &loaded.outcome else { panic!("{loaded:?}") };
    receipts
}

#[track_caller]
fn outcomes(loaded: &Loaded) -> Vec<&'static str> {
    receipts(loaded).iter().map(StoreReceipt::outcome).collect()
}

#[tokio::test]
async fn one_that_takes_more_than_half_of_a_store_to_zero_is_held() {
    let world = World::start().await;
    world.upload("day.csv", file(60, 0)).await;
    let before = world.rows().await;
    let loaded = world.upload("next.csv", file(60, 31)).await;
    assert_eq!(outcomes(&loaded), ["quarantined", "applied"]);
    let [oslo, _] = receipts(&loaded) else { panic!("{loaded:?}") };
    assert_eq!((oslo.receipt.held, oslo.receipt.levels(), oslo.receipt.written), (60, 60, 0));
    let preview = oslo.preview.unwrap();
    assert_eq!((preview.emptied, preview.stocked, preview.sold_out), (31, 60, 31));
    assert_eq!(world.rows().await[..60], before[..60]);

    let of_oslo = |row: &&serde_json::Value| row["Store"] == "Oslo" && row["Key"] == "next.csv";
    let kept = world.receipts("Uploads").await;
    let kept = kept.iter().find(of_oslo).unwrap();
    assert_eq!(kept["Outcome"], "quarantined");
    assert_eq!(kept["Reason"], "it would take 31 of the 60 items that there are any of to zero");
    let shown = world.receipts("Stores").await;
    assert_eq!(shown.iter().find(of_oslo).unwrap()["Outcome"], "quarantined");
}

#[tokio::test]
async fn half_of_a_store_or_a_few_items_may_go() {
    let world = World::start().await;
    world.upload("day.csv", file(60, 0)).await;
    assert_eq!(outcomes(&world.upload("next.csv", file(60, 30)).await), ["applied", "applied"]);
    world.upload("small.csv", "store,item,count\nBonn,a,1\nBonn,b,1\n").await;
    let sold_out = world.upload("small.csv", "store,item,count\nBonn,a,0\nBonn,b,0\n").await;
    assert_eq!(outcomes(&sold_out), ["applied"]);
}

#[tokio::test]
async fn with_a_confirmation_it_is_applied() {
    let world = World::start().await;
    world.upload("day.csv", file(60, 0)).await;
    let put = world.put_with("next.csv", file(60, 60), &[("confirm", "yes")]).await;
    assert_eq!(outcomes(&world.deliver(&put).await), ["applied", "applied"]);
    let put = world.put_with("next.csv", file(60, 0), &[("confirm", "y")]).await;
    let Outcome::Refused(reason) = world.deliver(&put).await.outcome else { panic!("it is neither") };
    assert_eq!(reason.to_string(), "the metadata \"confirm\" is \"y\"; leave it out, or say yes");
}

#[tokio::test]
async fn a_snapshot_that_lost_its_rows_is_held() {
    let world = World::start().await;
    world.upload("day.csv", file(60, 0)).await;
    let put = world.put_with("next.csv", file(20, 0), &[("mode", "snapshot")]).await;
    assert_eq!(outcomes(&world.deliver(&put).await), ["quarantined", "unchanged"]);
    let put = world.put_with("next.csv", file(40, 0), &[("mode", "snapshot")]).await;
    assert_eq!(outcomes(&world.deliver(&put).await), ["applied", "unchanged"]);
}

#[tokio::test]
async fn others_do_not_mind_one_that_is_held() {
    let world = World::start().await;
    let older = world.put("day.csv", file(60, 0)).await;
    world.upload("first.csv", file(60, 0)).await;
    assert_eq!(outcomes(&world.upload("next.csv", file(60, 60)).await)[0], "quarantined");
    world.delete("Oslo", "item 007").await;
    let late = world.deliver(&older).await;
    assert_eq!(receipts(&late)[0].receipt.superseded, 60, "by the first one: {late:?}");
    assert_eq!(world.rows().await.len(), 60);
}

#[tokio::test]
async fn a_dry_run_says_that_it_would_be_held() {
    let world = World::start().await;
    world.upload("day.csv", file(60, 0)).await;
    let put = world.put_with("next.csv", file(60, 60), &[("mode", "dry-run")]).await;
    let loaded = world.deliver(&put).await;
    assert_eq!(outcomes(&loaded), ["dry-run", "dry-run"]);
    assert_eq!(receipts(&loaded)[0].receipt.held, 60);
}
