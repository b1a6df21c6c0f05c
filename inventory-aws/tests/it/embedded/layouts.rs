use inventory_aws::Outcome;
use serde_json::json;

use crate::support::lines;
use crate::support::world::World;

const TWO_COUNTS: &str = "store,sku,on hand,available\nOslo,tea,5,4\n";
const AVAILABLE: &str = r#"{"header_line": 1, "store": "store", "item": "sku", "count": "available"}"#;
const WITHOUT_HEADER: &str = r#"{"delimiter": ";", "store": 1, "item": 3, "count": 2}"#;

#[tokio::test]
async fn a_layout_beside_the_file_says_how_it_is_read() {
    let world = World::start().await;
    world.upload("day.csv", TWO_COUNTS).await;
    assert_eq!(world.rows().await, ["Oslo/tea: Count=5 Version=06:01"], "found by itself");
    let put = world.put_with("day.csv", TWO_COUNTS, &[("layout", AVAILABLE)]).await;
    world.deliver(&put).await;
    assert_eq!(world.rows().await, ["Oslo/tea: Count=4 Version=06:02"], "as it was said");
}

#[tokio::test]
async fn a_newer_upload_is_read_again_by_its_own_layout() {
    let world = World::start().await;
    let late = world.put("late.csv", "store,item,count\nOslo,tea,1\nOslo,12,1\n").await;
    let newer = world.put_with("newer.csv", "Oslo;7;12\n", &[("layout", WITHOUT_HEADER)]).await;
    assert_eq!(lines(&world.deliver(&newer).await), ["Oslo: 1 written"]);
    assert_eq!(lines(&world.deliver(&late).await), ["Oslo: 1 written, 1 superseded"]);
    assert_eq!(world.rows().await, ["Oslo/12: Count=7 Version=06:02", "Oslo/tea: Count=1 Version=06:01"]);
}

#[tokio::test]
async fn a_layout_that_does_not_fit_refuses_the_upload_with_its_reason() {
    let world = World::start().await;
    let no_json = r#"the metadata "layout" is no layout in JSON such as {"item": 1, "count": 2}: "#;
    for (layout, reason) in [
        ("item: 2", format!("{no_json}expected value at line 1 column 1")),
        (r#"{"item": 2, "amount": 3}"#, format!("{no_json}unknown field `amount`, expected one of ")),
        (
            r#"{"item": 2}"#,
            r#"the layout does not say enough: it names no column "count" and no "stores""#.to_owned(),
        ),
        (
            r#"{"header_line": 1, "item": "sku", "count": "left"}"#,
            r#"line 1: the header has no column "left", which the layout says; correct either"#.to_owned(),
        ),
    ] {
        let put = world.put_with("stores/Oslo/day.csv", TWO_COUNTS, &[("layout", layout)]).await;
        let loaded = world.deliver(&put).await;
        let Outcome::Refused(refused) = &loaded.outcome else { panic!("{loaded:?}") };
        assert!(refused.to_string().starts_with(&reason), "{layout}: {refused}");
        let receipts = world.receipts("Uploads").await;
        let last = receipts.last().unwrap();
        assert_eq!((&last["Outcome"], &last["Reason"]), (&json!("refused"), &json!(refused.to_string())));
    }
    assert_eq!(world.rows().await, [""; 0]);
}

#[tokio::test]
async fn what_looks_odd_is_kept_with_its_place_and_changes_nothing() {
    let world = World::start().await;
    let file = "store,sku,count\nOslo,0805,7\nOslo,6.93217E+12,4\nBergen,0805,1\n";
    world.upload("day.csv", file).await;
    let rows = world.rows().await;
    assert_eq!(rows[1..], ["Oslo/0805: Count=7 Version=06:01", "Oslo/6.93217E+12: Count=4 Version=06:01"]);
    let reason = "a spreadsheet rounded this item code; export it as text";
    let odd = json!([{ "Line": 3, "Column": 2, "Value": "6.93217E+12", "Reason": reason }]);
    let kept = world.receipts("Uploads").await;
    assert_eq!(
        kept.iter().map(|entry| &entry["Warnings"]).collect::<Vec<_>>(),
        [&odd, &odd],
        "with each store"
    );
    let shown = world.receipts("Stores").await;
    assert!(shown.iter().all(|state| state.get("Warnings").is_none()), "{shown:?}");

    world.upload("tidy.csv", "store,sku,count\nOslo,0805,7\n").await;
    assert_eq!(world.receipts("Uploads").await.last().unwrap().get("Warnings"), None);
}
