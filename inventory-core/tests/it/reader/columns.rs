//! Which column is which, by what their values look like.

use inventory_core::reader::{Layout, Options};

use crate::support::{for_store, read_whole};

/// A file of so many rows, each made of its number.
fn file(header: &str, rows: usize, row: impl Fn(usize) -> String) -> String {
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

#[track_caller]
fn layout(file: &str, options: &Options) -> Layout {
    let outcome = read_whole(file.as_bytes(), options);
    outcome.end.unwrap_or_else(|refusal| panic!("{refusal}"))
}

#[track_caller]
fn refusal(file: &str, options: &Options) -> String {
    read_whole(file.as_bytes(), options).end.unwrap_err().to_string()
}

#[test]
fn a_code_that_tells_variants_apart_is_the_item() {
    let variants = file("Product ID,Variant ID,Title,Quantity", 12, |row| {
        format!("77{},88{row},Shirt,{}", row / 4, row % 5)
    });
    let layout = layout(&variants, &for_store("Oslo"));
    assert_eq!(layout.item.header, "Variant ID");
    assert_eq!(read_whole(variants.as_bytes(), &for_store("Oslo")).levels().store("Oslo").unwrap().len(), 12);
    let other = layout.alternatives.iter().find(|other| other.role == "item").unwrap();
    assert_eq!(other.column.header, "Product ID");
    let said = layout.evidence.iter().any(|said| said.because.contains("names several rows of one store"));
    assert!(said, "{:?}", layout.evidence);
}

#[test]
fn the_number_of_a_row_is_no_item() {
    let lots = file("id,sku,count", 40, |row| format!("{},tea-{},{}", row + 1, row % 36, row % 7));
    assert_eq!(layout(&lots, &for_store("Oslo")).item.header, "sku");
}

#[test]
fn lots_are_no_counts_of_their_item() {
    let lots =
        |each: usize| file("store,sku,lot,count", 40, |row| format!("Oslo,tea-{},L{row},{row}", row % each));
    assert_eq!(
        refusal(&lots(20), &Options::default()),
        "line 22: 50 % of the rows name an item of their store again with another count, such as \"tea-0\" of \
         \"Oslo\" with \"0\" and then \"20\", as lots, places and days do; upload one row an item, or say in a layout \
         which column has its code"
    );
    assert_eq!(
        layout(&lots(35), &Options::default()).doubts,
        [
            "12 % of the rows looked at name an item of their store again with another count, of which the last is \
          taken, such as \"tea-0\" of \"Oslo\" with \"0\" and then \"35\""
        ]
    );
    assert!(layout(&lots(39), &Options::default()).doubts.is_empty());
}

#[test]
fn the_same_row_again_is_no_lot() {
    let twice = file("store,sku,count", 40, |row| format!("Oslo,tea-{},4", row % 20));
    assert!(layout(&twice, &Options::default()).doubts.is_empty());
}

#[test]
fn what_is_measured_beside_the_stock_is_no_count() {
    for header in [
        "Discontinued",
        "Taxable",
        "Facings",
        "Aisle",
        "Score",
        "Inventory turnover",
        "On hand weeks",
        "Inventory Cost",
        "Inventory Retail",
        "Days of supply",
    ] {
        let file = file(&format!("SKU,{header}"), 12, |row| format!("tea-{row},{}", row % 3));
        let refused = refusal(&file, &for_store("Oslo"));
        assert!(refused.contains("no column is named \"count\""), "{header}: {refused}");
        let refused = refusal(&file, &Options::default());
        assert!(refused.contains("no column is named"), "{header}: {refused}");
    }
    let wide = file("SKU,Name,Facings,Score,Discontinued", 12, |row| format!("tea-{row},Tea,{row},7,0"));
    assert!(refusal(&wide, &Options::default()).contains("no column is named"));
    let priced = file("SKU,Inventory Cost,Inventory Retail", 12, |row| format!("tea-{row},{row}.5,{row}.99"));
    assert!(refusal(&priced, &Options::default()).contains("no column is named"));
}

#[test]
fn a_yes_or_no_is_no_count_by_its_values() {
    let flags = file("SKU,zzyzx", 12, |row| format!("tea-{row},{}", row % 2));
    assert!(refusal(&flags, &for_store("Oslo")).contains("no column is named \"count\""));
    let counts = file("SKU,zzyzx", 12, |row| format!("tea-{row},{}", row % 4));
    let layout = layout(&counts, &for_store("Oslo"));
    assert_eq!(layout.count.header, "zzyzx");
    assert_eq!(layout.doubts, ["column 2 \"zzyzx\" is taken for the count by its values alone"]);
}

#[test]
fn an_outlet_may_be_called_as_a_price_is() {
    let outlets = file("sku,inventory_Retail,inventory_Outlet Park", 4, |row| format!("tea-{row},{row},7"));
    assert_eq!(layout(&outlets, &Options::default()).stores.len(), 2);
}

#[test]
fn a_place_within_a_store_is_no_store() {
    let bins = file("SKU,Location,Warehouse,Qty", 12, |row| {
        format!("tea-{row},A-0{}-{},{},{row}", row / 4, row % 4, ["Oslo", "Lyon"][row % 2])
    });
    let found = layout(&bins, &Options::default());
    assert_eq!(found.store.unwrap().header, "Warehouse");
    let other = found.alternatives.iter().find(|other| other.role == "store").unwrap();
    assert_eq!(other.column.header, "Location");
    let few = file("SKU,Location,Branch,Qty", 12, |row| format!("tea-{row},A-01-{},Oslo,{row}", row % 3));
    assert_eq!(layout(&few, &Options::default()).store.unwrap().header, "Branch");
    let alone = file("SKU,Location,Qty", 12, |row| format!("tea-{row},A-0{}-{},{row}", row / 4, row % 4));
    assert!(refusal(&alone, &Options::default()).contains("no column is named \"store\""));
    assert_eq!(layout(&alone, &for_store("Oslo")).store, None);
}

#[test]
fn a_store_may_have_a_code_as_a_bin_has() {
    let codes = file("SKU,Store,Qty", 12, |row| format!("tea-{row},US-01-{},{row}", row % 3));
    assert_eq!(layout(&codes, &Options::default()).store.unwrap().header, "Store");
}

#[test]
fn an_item_of_several_stores_does_not_come_again() {
    let row = |row: usize| format!("{},A-{},{}", ["Oslo", "Lyon"][row % 2], row / 2, row % 9);
    let named = file("store,sku,count", 40, row);
    let nameless = named.split_once('\n').unwrap().1;
    for text in [&named, nameless] {
        let found = layout(text, &Options::default());
        assert_eq!((found.store.unwrap().column, found.item.column, found.doubts), (1, 2, Vec::new()));
    }
}
