use crate::support::lines;
use crate::support::world::World;

#[tokio::test]
async fn a_scoped_upload_may_not_name_other_stores() {
    let world = World::start().await;
    let file = "store,item,count\nOslo,tea,4\nBergen,tea,5\n Oslo ,milk,1\noslo,rum,1\n";
    let loaded = world.upload("stores/Oslo/day.csv", file).await;
    assert_eq!(lines(&loaded), ["Oslo: 2 rejected, 2 written"]);
    assert_eq!(world.rows().await, ["Oslo/milk: Count=1 Version=06:01", "Oslo/tea: Count=4 Version=06:01"]);
    let receipts = world.receipts("Uploads").await;
    let rejects = receipts[0]["Rejects"].as_array().unwrap();
    let reason = "the row is not of the store \"Oslo\", whose files these are";
    let seen: Vec<String> = rejects
        .iter()
        .map(|reject| format!("{} {} {}", reject["Line"], reject["Value"], reject["Reason"]))
        .collect();
    assert_eq!(seen, [format!("3 \"Bergen\" {reason:?}"), format!("5 \"oslo\" {reason:?}")]);
}

#[tokio::test]
async fn a_scoped_upload_needs_no_store_column() {
    let world = World::start().await;
    let loaded = world.upload("stores/São Paulo/2026/day 1.csv", "item,count\ntea,4\n").await;
    assert_eq!(lines(&loaded), ["São Paulo: 1 written"]);
    assert_eq!(world.rows().await, ["São Paulo/tea: Count=4 Version=06:01"]);
}

#[tokio::test]
async fn without_a_scope_the_store_column_is_needed() {
    let world = World::start().await;
    let loaded = world.upload("day.csv", "item,count\ntea,4\n").await;
    let reason = "refused: line 1: no column is named \"store\" among \"item\", \"count\"; \
                  name it in the header, or say the store beside the file (--store, or its key under stores/<store>/)";
    assert_eq!(lines(&loaded), [reason]);
}

#[tokio::test]
async fn under_stores_a_key_has_to_name_one() {
    let world = World::start().await;
    let reason = "refused: the key starts with stores/ and names no store; use stores/<store>/<file>";
    for key in ["stores/day.csv", "stores/ /day.csv"] {
        assert_eq!(lines(&world.upload(key, "store,item,count\nOslo,tea,4\n").await), [reason], "{key}");
    }
    assert_eq!(world.rows().await, [""; 0]);
    let stores: Vec<String> =
        world.receipts("Uploads").await.iter().map(|row| row["Store"].to_string()).collect();
    assert_eq!(stores, ["\"(unknown)\"", "\"(unknown)\""]);
}
