use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use inventory_aws::STATUS_INDEX;

use crate::support::world::World;
use crate::support::{Row, lines, n, s};

const MIXED: &str = "store,item,count,reorder point,name\n\
    Oslo,tea,0,2,Green tea\n\
    Oslo,milk,9,,\n\
    Oslo,yeast,12.25,12.25,\n\
    Bergen,tea,-3,,\n";

fn sorted(row: Row) -> BTreeMap<String, AttributeValue> {
    row.into_iter().collect()
}

#[tokio::test]
async fn an_upload_becomes_rows_attribute_by_attribute() {
    let world = World::start().await;
    let loaded = world.upload("day.csv", MIXED).await;
    assert_eq!(lines(&loaded), ["Bergen: 1 written", "Oslo: 3 written"]);
    let mut rows = world.scan("Inventory").await;
    rows.sort_by_key(|row| format!("{:?}{:?}", row["Store"], row["Item"]));

    let version = || s("2026-11-02T06:01:00.000Z/0065432100000001");
    let expect = [
        vec![
            ("Store", s("Bergen")),
            ("Item", s("tea")),
            ("Count", n("-3")),
            ("Status", s("out")),
            ("AlertShard", s("2")),
            ("ReorderPointVersion", s("=")),
            ("NameVersion", s("=")),
        ],
        vec![
            ("Store", s("Oslo")),
            ("Item", s("milk")),
            ("Count", n("9")),
            ("ReorderPointVersion", s("=")),
            ("NameVersion", s("=")),
        ],
        vec![
            ("Store", s("Oslo")),
            ("Item", s("tea")),
            ("Count", n("0")),
            ("ReorderPoint", n("2")),
            ("Name", s("Green tea")),
            ("Status", s("out")),
            ("AlertShard", s("1")),
        ],
        vec![
            ("Store", s("Oslo")),
            ("Item", s("yeast")),
            ("Count", n("12.25")),
            ("ReorderPoint", n("12.25")),
            ("Status", s("low")),
            ("AlertShard", s("0")),
            ("NameVersion", s("=")),
        ],
    ];
    for (row, expect) in rows.into_iter().zip(expect) {
        let expect = expect.into_iter().chain([("Version", version())]);
        assert_eq!(sorted(row), expect.map(|(name, value)| (name.to_owned(), value)).collect());
    }
    assert_eq!(world.scan("Inventory").await.len(), 4);
}

#[tokio::test]
async fn what_did_not_change_costs_no_write() {
    let world = World::start().await;
    world.upload("day.csv", MIXED).await;
    let (rows, notices) = (world.rows().await, world.stream().await);
    world.wire.forget();
    let loaded = world.upload("day.csv", MIXED).await;
    assert_eq!(lines(&loaded), ["Bergen: 1 unchanged", "Oslo: 3 unchanged"]);
    assert_eq!(world.rows().await, rows, "not even their versions");
    assert_eq!(world.stream().await, notices, "no stream record");
    assert_eq!(world.wire.count("BatchExecuteStatement"), 0);
    assert_eq!((world.wire.count("Query"), world.wire.count("BatchGetItem")), (2, 0));
}

#[tokio::test]
async fn only_what_changed_is_written() {
    let world = World::start().await;
    world.upload("day.csv", MIXED).await;
    let before = world.stream().await.len();
    let loaded = world.upload("day.csv", MIXED.replace("Oslo,tea,0", "Oslo,tea,5")).await;
    assert_eq!(lines(&loaded), ["Bergen: 1 unchanged", "Oslo: 1 written, 2 unchanged"]);
    assert_eq!(
        world.rows().await,
        [
            "Bergen/tea: Count=-3 NameVersion== ReorderPointVersion== Status=out Version=06:01",
            "Oslo/milk: Count=9 NameVersion== ReorderPointVersion== Version=06:01",
            "Oslo/tea: Count=5 Name=Green tea ReorderPoint=2 Version=06:02",
            "Oslo/yeast: Count=12.25 NameVersion== ReorderPoint=12.25 Status=low Version=06:01",
        ]
    );
    assert_eq!(world.stream().await.len(), before + 1);
}

#[tokio::test]
async fn what_it_costs_is_told() {
    let world = World::start().await;
    let file = "store,item,count\nOslo,tea,1\nOslo,milk,2\nOslo,rum,3\n";
    for (requests, read_units, write_units) in [(6, 2.0, 6.0), (4, 1.0, 3.0)] {
        world.wire.forget();
        let usage = world.upload("day.csv", file).await.usage;
        assert_eq!(
            (usage.requests, usage.read_units, usage.write_units),
            (requests, read_units, write_units)
        );
        assert_eq!(world.wire.all() as u64, usage.requests);
    }
}

#[tokio::test]
async fn equal_numbers_written_otherwise_are_unchanged() {
    let world = World::start().await;
    world.upload("day.csv", "store,item,count,reorder point\nOslo,tea,1.50,2\n").await;
    let loaded = world.upload("day.csv", "store,item,count,reorder point\nOslo,tea,+01.5,2.0\n").await;
    assert_eq!(lines(&loaded), ["Oslo: 1 unchanged"]);
}

#[tokio::test]
async fn items_that_a_file_does_not_name_stay() {
    let world = World::start().await;
    world.upload("day.csv", "store,item,count\nOslo,b,2\nOslo,d,4\n").await;
    let loaded = world.upload("day.csv", "store,item,count\nOslo,a,1\nOslo,c,3\nOslo,d,5\nOslo,e,5\n").await;
    assert_eq!(lines(&loaded), ["Oslo: 4 written"]);
    assert_eq!(
        world.rows().await,
        [
            "Oslo/a: Count=1 Version=06:02",
            "Oslo/b: Count=2 Version=06:01",
            "Oslo/c: Count=3 Version=06:02",
            "Oslo/d: Count=5 Version=06:02",
            "Oslo/e: Count=5 Version=06:02",
        ]
    );
}

/// Codes whose order by bytes is not the one that people would choose.
#[tokio::test]
async fn items_of_any_alphabet_are_found_again() {
    let world = World::start().await;
    let items = [
        "00118", "118", "A", "Z", "a", "é", "e\u{301}", "ß", "Ω", "京", "\u{fffd}", "😀", "a'b", "a\"\"b",
        "a?b",
    ];
    let file =
        items.iter().fold("store,item,count\n".to_owned(), |file, item| format!("{file}Oslo,\"{item}\",1\n"));
    let written = lines(&world.upload("day.csv", &file).await);
    assert_eq!(written, [format!("Oslo: {} written", items.len())]);
    world.wire.forget();
    let again = lines(&world.upload("day.csv", &file).await);
    assert_eq!(again, [format!("Oslo: {} unchanged", items.len())]);
    assert_eq!(world.wire.count("BatchExecuteStatement"), 0);
}

#[tokio::test]
async fn the_last_of_equal_rows_of_a_file_wins() {
    let world = World::start().await;
    let loaded = world.upload("day.csv", "store,item,count\nOslo,tea,1\nOslo,tea,2\nOslo,tea,7\n").await;
    assert_eq!(lines(&loaded), ["Oslo: 2 duplicates, 1 written"]);
    assert_eq!(world.rows().await, ["Oslo/tea: Count=7 Version=06:01"]);
}

#[tokio::test]
async fn rows_of_somebody_else_are_compared_and_updated() {
    let world = World::start().await;
    for (item, count) in [("same", "5"), ("other", "5"), ("out", "0"), ("unnamed", "1")] {
        world.write(&[("Store", s("Oslo")), ("Item", s(item)), ("Count", n(count))]).await;
    }
    let loaded = world.upload("day.csv", "store,item,count\nOslo,same,5\nOslo,other,6\nOslo,out,0\n").await;
    assert_eq!(lines(&loaded), ["Oslo: 2 written, 1 unchanged"], "what is out goes into the index");
    assert_eq!(
        world.rows().await,
        [
            "Oslo/other: Count=6 Version=06:01",
            "Oslo/out: Count=0 Status=out Version=06:01",
            "Oslo/same: Count=5",
            "Oslo/unnamed: Count=1",
        ]
    );
}

#[tokio::test]
async fn a_row_that_is_no_level_is_mended() {
    let world = World::start().await;
    world.write(&[("Store", s("Oslo")), ("Item", s("tea")), ("Count", s("plenty"))]).await;
    world.write(&[("Store", s("Oslo")), ("Item", s("milk"))]).await;
    let loaded = world.upload("day.csv", "store,item,count\nOslo,tea,5\nOslo,milk,1\n").await;
    assert_eq!(lines(&loaded), ["Oslo: 2 written"]);
    assert_eq!(world.rows().await, ["Oslo/milk: Count=1 Version=06:01", "Oslo/tea: Count=5 Version=06:01"]);
}

#[tokio::test]
async fn a_status_that_is_wrong_is_mended() {
    let world = World::start().await;
    let row = [
        ("Store", s("Oslo")),
        ("Item", s("tea")),
        ("Count", n("5")),
        ("Status", s("out")),
        ("AlertShard", s("1")),
    ];
    world.write(&row).await;
    assert_eq!(lines(&world.upload("day.csv", "store,item,count\nOslo,tea,5\n").await), ["Oslo: 1 written"]);
    assert_eq!(world.rows().await, ["Oslo/tea: Count=5 Version=06:01"]);
    assert_eq!(indexed(&world).await, [""; 0]);
}

#[tokio::test]
async fn what_a_short_row_does_not_say_stays() {
    let world = World::start().await;
    world
        .upload("a.csv", "store,item,count,reorder point,name\nOslo,tea,3,2,Tea\nOslo,milk,9,3,Milk\n")
        .await;
    let loaded =
        world.upload("b.csv", "store,item,count,reorder point,name\nOslo,tea,4\nOslo,milk,8,few,\n").await;
    assert_eq!(lines(&loaded), ["Oslo: 2 written"]);
    let rows = world.scan("Inventory").await;
    let row = |item: &str| rows.iter().find(|row| row["Item"] == s(item)).unwrap();
    let held = |item: &str, name: &str| row(item).get(name).cloned();
    assert_eq!([held("tea", "Count"), held("tea", "ReorderPoint")], [Some(n("4")), Some(n("2"))]);
    assert_eq!(held("tea", "Name"), Some(s("Tea")));
    assert_eq!([held("milk", "Count"), held("milk", "ReorderPoint")], [Some(n("8")), Some(n("3"))]);
    assert_eq!(held("milk", "Name"), None);
}

#[tokio::test]
async fn what_a_file_has_no_column_for_stays() {
    let world = World::start().await;
    let by_hand = [("Count", n("5")), ("ReorderPoint", n("4")), ("Name", s("By hand"))];
    let key = [("Store", s("Oslo")), ("Item", s("tea"))];
    world.write(&[&key[..], &by_hand[..]].concat()).await;

    world.upload("a.csv", "store,item,count\nOslo,tea,3\n").await;
    let kept = "Oslo/tea: Count=3 Name=By hand ReorderPoint=4 Status=low Version=06:01";
    assert_eq!(world.rows().await, [kept]);
    world.upload("b.csv", "store,item,count,name\nOslo,tea,3,Green tea\n").await;
    let named =
        "Oslo/tea: Count=3 Name=Green tea ReorderPoint=4 ReorderPointVersion=06:01 Status=low Version=06:02";
    assert_eq!(world.rows().await, [named]);
    world.upload("c.csv", "store,item,count,reorder point\nOslo,tea,3,2.5\n").await;
    let pointed = "Oslo/tea: Count=3 Name=Green tea NameVersion=06:02 ReorderPoint=2.5 Version=06:03";
    assert_eq!(world.rows().await, [pointed], "a name stays its own upload's");
    world.upload("d.csv", "store,item,count,reorder point,name\nOslo,tea,3,,\n").await;
    assert_eq!(
        world.rows().await,
        ["Oslo/tea: Count=3 NameVersion== ReorderPointVersion== Version=06:04"],
        "a blank cell takes it away"
    );
}

/// What all shards of the index hold: status, store and item.
async fn indexed(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for shard in 0..8 {
        let query = world.dynamodb.query().table_name("Inventory").index_name(STATUS_INDEX);
        let query = query.key_condition_expression("AlertShard = :shard");
        let query = query.expression_attribute_values(":shard", s(&shard.to_string()));
        let rows = query.send().await.unwrap().items.unwrap_or_default();
        found.extend(
            rows.iter().map(|row| {
                ["Status", "Store", "Item"].map(|name| row[name].as_s().unwrap().as_str()).join(" ")
            }),
        );
    }
    found.sort();
    found
}

#[tokio::test]
async fn the_index_holds_what_is_out_or_low_and_nothing_else() {
    let world = World::start().await;
    let items = (0..40).map(|item| format!("Oslo,i{item:02},{},5\n", item % 10));
    let file = items.fold("store,item,count,reorder point\n".to_owned(), |file, row| file + &row);
    world.upload("day.csv", &file).await;
    let expect = |count_of: fn(i32) -> i32| {
        let status = |item: i32| match count_of(item) {
            0 => Some(format!("out Oslo i{item:02}")),
            1..=5 => Some(format!("low Oslo i{item:02}")),
            _ => None,
        };
        let mut expect: Vec<String> = (0..40).filter_map(status).collect();
        expect.sort();
        expect
    };
    assert_eq!(indexed(&world).await, expect(|item| item % 10));

    let items = (0..40).map(|item| format!("Oslo,i{item:02},{}\n", (item + 3) % 10));
    world.upload("day.csv", items.fold("store,item,count\n".to_owned(), |file, row| file + &row)).await;
    assert_eq!(indexed(&world).await, expect(|item| (item + 3) % 10));
}
