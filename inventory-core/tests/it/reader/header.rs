use inventory_core::reader::Options;

use crate::support::{check, check_with, for_store};

/// A header whose columns are store, item and count, in this order.
#[track_caller]
fn check_header(header: &str) {
    check(format!("{header}\nOslo,tea,4\n"), &["2: Oslo/tea 4"]);
}

#[test]
fn case_and_what_stands_between_words_make_no_difference() {
    for header in [
        "store,item,count",
        "Store,ITEM,cOUNT",
        "Store,Item,Count",
        " store , item\t,  count ",
        "\"store\",\"item\",\"count\"",
        "_store_,i-t-e-m,co unt",
        "stóre,ïtem,cöunt",
        "sto\u{301}re,item,count",
        "ＳＴＯＲＥ,ｉｔｅｍ,ｃｏｕｎｔ",
        "store\u{a0},item,count",
    ] {
        check_header(header);
    }
}

#[test]
fn columns_may_stand_in_any_order() {
    check(
        "count,price,name,store,reorder_point,item\n4,1.99,Green tea,Oslo,2,tea\n",
        &["2: Oslo/tea 4 <= 2 \"Green tea\""],
    );
}

#[test]
fn a_reorder_point_is_named_in_many_ways() {
    for name in ["reorder point", "Reorder Point", "reorder_point", "REORDER-POINT", "reorderpoint"] {
        check(format!("store,item,count,{name}\nOslo,tea,4,2\n"), &["2: Oslo/tea 4 <= 2"]);
    }
}

#[test]
fn spaces_after_the_delimiter_are_taken_off() {
    check("store, item, count, name\nOslo, tea, 4, Green tea\n", &["2: Oslo/tea 4 \"Green tea\""]);
}

#[test]
fn a_missing_column_is_named_among_those_that_are_there() {
    check(
        "store,zzyzx,count\nOslo,tea,4\n",
        &["refused: line 1: no column is named \"item\" among \"store\", \
         \"zzyzx\", \"count\"; name it in the header"],
    );
    check(
        "\n\nstore,item,zzyzx\n",
        &["refused: line 3: no column is named \"count\" among \"store\", \
         \"item\", \"zzyzx\"; name it in the header"],
    );
    check(
        "zzyzx,item,count\n",
        &["refused: line 1: no column is named \"store\" among \"zzyzx\", \"item\", \
         \"count\"; name it in the header, or say the store beside the file (--store, or its key under stores/<store>/)"],
    );
    check(
        "Oslo;tea;4\n",
        &[
            "refused: line 1: no row names the columns, and the values (\"Oslo\", \"tea\", \"4\", ...) do not tell \
             which is the item; put a header above them, such as store,item,count, or number them in a layout",
        ],
    );
}

#[test]
fn a_long_header_is_shortened_in_its_refusal() {
    let header: Vec<String> = (1..=15).map(|column| format!("c{column}")).collect();
    let long = format!("{},{}\n", "x".repeat(41), header.join(","));
    check(
        long,
        &[&format!(
            "refused: line 1: no row names the columns, and the values (\"{}\", \"c1\", \"c2\", \"c3\", \"c4\", \
             \"c5\", \"c6\", \"c7\", \"c8\", \"c9\", \"c10\", \"c11\", 4 more, ...) do not tell which is the item; put \
             a header above them, such as store,item,count, or number them in a layout",
            "x".repeat(40)
        )],
    );
}

#[test]
fn two_columns_for_one_thing_are_refused() {
    check(
        "store,item,Item,count\nOslo,tea,milk,4\n",
        &["refused: line 1: columns 2 and 3 are both named \"item\"; rename one"],
    );
    check_with(
        &for_store("Oslo"),
        "store,item,count,store\n",
        &["refused: line 1: columns 1 and 4 are both named \"store\"; rename one"],
    );
}

#[test]
fn two_columns_for_what_may_be_left_out_are_one_too_many() {
    check("store,item,count,name,NAME\nOslo,tea,4,Tea,Green\n", &["2: Oslo/tea 4 \"Tea\""]);
}

#[test]
fn other_columns_are_ignored_however_often_they_come() {
    check("price,store,price,item,,count,\n1,Oslo,2,tea,x,4,y\n", &["2: Oslo/tea 4"]);
}

/// Two columns that could be the count as well as each other.
#[track_caller]
fn check_rivals(first: &str, second: &str) {
    let refused = format!(
        "refused: line 1: columns 3 {first:?} and 4 {second:?} could both be the count, and their values \
         differ; say in a layout which it is: \"count\": 3 or \"count\": 4"
    );
    check(format!("Store,SKU,{first},{second}\nOslo,tea,4,7\nOslo,milk,9,9\n"), &[&refused]);
    check(
        format!("Store,SKU,{first},{second}\nOslo,tea,4,4\nOslo,milk,9,9\n"),
        &["2: Oslo/tea 4", "3: Oslo/milk 9"],
    );
}

#[test]
fn which_of_two_equal_columns_is_the_count_is_not_guessed() {
    for (first, second) in [
        ("Beginning Stock", "Ending Stock"),
        ("Stock inicial", "Stock final"),
        ("Bestand alt", "Bestand neu"),
        ("Qty (cases)", "Qty (units)"),
        ("Stock (Mon)", "Stock (Tue)"),
        ("Expected Qty", "Counted Qty"),
    ] {
        check_rivals(first, second);
    }
}

/// Of two columns that hold 4 and 7, the one that is the count.
#[track_caller]
fn check_better(first: &str, second: &str, expect: &str) {
    check(format!("Store,SKU,{first},{second}\nOslo,tea,4,7\n"), &[&format!("2: Oslo/tea {expect}")]);
}

#[test]
fn a_better_name_of_the_count_is_taken() {
    check_better("Available", "On hand", "7");
    check_better("Expected Qty", "Quantity", "7");
    check_better("Count (Mon)", "Count", "7");
    check_better("Qty", "Qty (cases)", "4");
    check_better("On hand (new)", "On hand (current)", "7");
    check_better("Item Stock Code", "Shelf Stock", "7");
}

#[test]
fn a_layout_says_which_of_two_equal_columns_is_the_count() {
    let mut options = Options::default();
    let said = r#"{"header_line": 1, "store": "Store", "item": "SKU", "count": 4}"#;
    options.layout = Some(serde_json::from_str(said).unwrap());
    check_with(&options, "Store,SKU,Bestand alt,Bestand neu\nOslo,tea,4,7\n", &["2: Oslo/tea 7"]);
}
