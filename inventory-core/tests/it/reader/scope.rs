use crate::support::{check_with, for_store, read_whole};

#[track_caller]
fn check(file: &str, expect: &[&str]) {
    check_with(&for_store("Oslo"), file, expect);
}

#[test]
fn a_file_without_a_store_column_is_of_the_store_beside_it() {
    check("item,count\ntea,4\nmilk,9\n", &["2: Oslo/tea 4", "3: Oslo/milk 9"]);
}

#[test]
fn rows_of_the_same_store_are_taken() {
    check("store,item,count\nOslo,tea,4\n Oslo ,milk,9\n", &["2: Oslo/tea 4", "3: Oslo/milk 9"]);
}

#[test]
fn rows_of_another_store_are_rejected() {
    check(
        "store,item,count\nLyon,tea,4\nOslo,milk,9\noslo,oil,1\n",
        &[
            "line 2, column 1: the row is not of the store \"Oslo\", whose files these are: \"Lyon\" [Oslo]",
            "3: Oslo/milk 9",
            "line 4, column 1: the row is not of the store \"Oslo\", whose files these are: \"oslo\" [Oslo]",
        ],
    );
}

#[test]
fn every_reject_is_of_the_store_beside_the_file() {
    check(
        "store,item,count\n,tea,4\nOslo,milk\nOslo,tea,4,x\n",
        &[
            "line 2, column 1: store is blank [Oslo]",
            "line 3, column 3: the row ends before its count, after 2 fields [Oslo]",
            "line 4, column 4: the row has 4 fields under 3 columns; quote a value that has a comma: \
         \"x\" [Oslo]",
        ],
    );
}

#[test]
fn rejects_count_for_their_store_if_it_is_known() {
    let file = b"item,store,count\ntea,Oslo,x\ntea,,4\ntea,Oslo,4,x\ntea,Oslo,4\n";
    let levels = read_whole(file, &Default::default()).levels();
    let oslo = levels.store("Oslo").unwrap();
    assert_eq!((oslo.rejected(), oslo.accepted(), levels.unattributed()), (1, 1, 2));
    let levels = read_whole(file, &for_store("Oslo")).levels();
    let oslo = levels.store("Oslo").unwrap();
    assert_eq!((oslo.rejected(), oslo.accepted(), levels.unattributed()), (3, 1, 0));
}

#[test]
fn of_columns_for_several_stores_the_own_one_is_taken() {
    let foreign = |line: u32, column: u32, count: u32| {
        format!(
            "line {line}, column {column}: the row is not of the store \"Oslo\", whose files these are: \
             \"{count}\" [Oslo]"
        )
    };
    for header in ["Bestand Bergen,Bestand Oslo", "Qty Bergen,Qty Oslo", "Stock (Bergen),Stock (Oslo)"] {
        let file = format!("Artikelnummer,{header}\ntea,4,7\nmilk,1,2\n");
        check(&file, &[&foreign(2, 2, 4), "2: Oslo/tea 7", &foreign(3, 2, 1), "3: Oslo/milk 2"]);
    }
}

#[test]
fn the_own_column_is_taken_before_one_of_all_stores() {
    check("sku,Bestand,Bestand Oslo\ntea,11,7\nmilk,3,2\n", &["2: Oslo/tea 7", "3: Oslo/milk 2"]);
}

#[test]
fn columns_of_other_stores_alone_are_refused() {
    check(
        "Artikelnummer;Bestand Berlin;Bestand Hamburg\ntea;4;7\n",
        &[
            "refused: line 1: columns 2 \"Bestand Berlin\" and 3 \"Bestand Hamburg\" could both be the count, \
         and their values differ; say in a layout which it is: \"count\": 2 or \"count\": 3",
        ],
    );
}
