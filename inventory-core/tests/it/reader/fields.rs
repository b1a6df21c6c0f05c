use inventory_core::reader::Options;

use crate::support::{check, read_whole};

/// One cell of the count.
#[track_caller]
fn check_count(count: &str, expect: &str) {
    check(format!("store,item,count\nOslo,tea,{count}\n"), &[expect]);
}

/// One cell of the reorder point.
#[track_caller]
fn check_point(point: &str, expect: &str) {
    check(format!("store,item,count,reorder point\nOslo,tea,4,{point}\n"), &[expect]);
}

/// A store and an item.
#[track_caller]
fn check_keys(store: &str, item: &str, expect: &str) {
    check(format!("store,item,count\n{store},{item},4\n"), &[expect]);
}

#[test]
fn a_count_is_a_plain_decimal() {
    check_count("7", "2: Oslo/tea 7");
    check_count(" 7 ", "2: Oslo/tea 7");
    check_count("\"\t7\r\n\"", "2: Oslo/tea 7");
    check_count("-3", "2: Oslo/tea -3");
    check_count("1.0", "2: Oslo/tea 1");
    check_count("12.37500", "2: Oslo/tea 12.375");
    check_count("92233720368547.75807", "2: Oslo/tea 92233720368547.75807");
}

#[test]
fn a_count_is_never_guessed() {
    check_count("", "line 2, column 3: count is blank [Oslo]");
    check_count("  ", "line 2, column 3: count is blank: \"  \" [Oslo]");
    for (text, shown) in [
        ("Reel 500", "Reel 500"),
        ("\"1,20,0\"", "1,20,0"),
        ("1 20", "1 20"),
        ("1e3", "1e3"),
        ("٣", "٣"),
        ("\"\"\"4\"\"\"", "\\\"4\\\""),
    ] {
        let expect =
            format!("line 2, column 3: count is not a number such as 12, -3 or 12.375: \"{shown}\" [Oslo]");
        check_count(text, &expect);
    }
}

#[test]
fn thousands_may_stand_apart() {
    check_count("\"1,200\"", "2: Oslo/tea 1200");
    check_count("\"1.200,5\"", "2: Oslo/tea 1200.5");
    check_count("1 200", "2: Oslo/tea 1200");
}

#[test]
fn a_fraction_is_never_thousands() {
    let expect = "line 3, column 3: count is not a number such as 12, -3 or 12.375: \"0,375\" [Oslo]";
    check(
        "store,item,count\nOslo,tea,2.5\nOslo,milk,\"0,375\"\nOslo,rice,1.5\n",
        &["2: Oslo/tea 2.5", expect, "4: Oslo/rice 1.5"],
    );
}

#[test]
fn the_marks_of_prices_do_not_decide_those_of_counts() {
    let ambiguous = |count: &str| {
        format!(
            "line 2, column 3: count may be 1.2 or 1200, and the first rows do not tell which; \
             say \"decimal\" in a layout: \"{count}\" [Oslo]"
        )
    };
    check("store;item;count;price\nOslo;tea;1,200;3,50\n", &[&ambiguous("1,200")]);
    check("store;item;count;price\nOslo;tea;1.200;3,50\n", &[&ambiguous("1.200")]);
    check("store;item;count;price\nOslo;tea;1,200;3.50\n", &["2: Oslo/tea 1200"]);
    check("store;item;count;reorder point\nOslo;tea;1.200;0,5\n", &["2: Oslo/tea 1200 <= 0.5"]);
}

#[test]
fn a_mark_that_the_first_rows_do_not_have_is_not_guessed() {
    let last = |first: &str, count: &str| {
        let rows = "Oslo;tea;4\n".repeat(1200);
        let file = format!("store;item;count\nOslo;rice;{first}\n{rows}Oslo;milk;{count}\n");
        read_whole(file.as_bytes(), &Options::default()).lines().pop().unwrap()
    };
    let ambiguous = |count: &str| {
        format!(
            "line 1203, column 3: count may be 1.2 or 1200, and the first rows do not tell which; \
             say \"decimal\" in a layout: \"{count}\" [Oslo]"
        )
    };
    assert_eq!(last("7", "1.200"), ambiguous("1.200"));
    assert_eq!(last("7", "1,200"), ambiguous("1,200"));
    assert_eq!(last("1,300", "1.200"), ambiguous("1.200"));
    assert_eq!(last("1,300", "1,200"), "1203: Oslo/milk 1200");
    assert_eq!(last("2,5", "1.200"), "1203: Oslo/milk 1200");
    assert_eq!(last("2.5", "1.200"), "1203: Oslo/milk 1.2");
    assert_eq!(last("7", "1.5"), "1203: Oslo/milk 1.5");
}

#[test]
fn what_is_not_counted_is_skipped() {
    check_count("not stocked", "2: Oslo skipped");
    check_count("Not tracked", "2: Oslo skipped");
}

#[test]
fn a_count_is_never_rounded() {
    check_count(
        "12.3456789",
        "line 2, column 3: count has more than 5 digits after the point: \"12.3456789\" [Oslo]",
    );
    check_count(
        "92233720368547.75808",
        "line 2, column 3: count is out of range (about ±92 trillion): \"92233720368547.75808\" [Oslo]",
    );
}

#[test]
fn a_reorder_point_may_be_blank_but_not_text() {
    check_point("2.5", "2: Oslo/tea 4 <= 2.5");
    check_point("", "2: Oslo/tea 4");
    check_point("  ", "2: Oslo/tea 4");
    check_point("-1", "2: Oslo/tea 4 <= -1");
    check_point(
        "few",
        "line 2, column 4: reorder point is not a number such as 12, -3 or 12.375: \"few\" [Oslo]",
    );
    check_point(
        "0.000001",
        "line 2, column 4: reorder point has more than 5 digits after the point: \"0.000001\" [Oslo]",
    );
}

#[test]
fn keys_stay_as_they_were_written_but_for_the_space_around_them() {
    check_keys(" Oslo  sentrum ", "\t007 ", "2: Oslo  sentrum/007 4");
    check_keys("oslo", "6.93217E+12", "2: oslo/6.93217E+12 4");
    check_keys("京都四条", "'0805", "2: 京都四条/0805 4");
    check_keys("Oslo", "'tis", "2: Oslo/'tis 4");
    check_keys("\"Oslo, west\"", "\"a\"\"b\"", "2: Oslo, west/a\"b 4");
}

#[test]
fn keys_may_not_be_blank() {
    check_keys("", "tea", "line 2, column 1: store is blank [?]");
    check_keys("\u{a0}", "tea", "line 2, column 1: store is blank: \"\\u{a0}\" [?]");
    check_keys("Oslo", " ", "line 2, column 2: item is blank: \" \" [Oslo]");
}

#[test]
fn keys_may_be_as_long_as_a_tables_keys() {
    let (store, item) = ("s".repeat(2048), "é".repeat(512));
    check_keys(&store, &item, &format!("2: {store}/{item} 4"));
    check_keys(
        &format!("{store}s"),
        &item,
        &format!(
            "line 2, column 1: store is 2049 bytes long, more than the 2048 of a table's key: \"{}…\" [?]",
            "s".repeat(60),
        ),
    );
    check_keys(
        "Oslo",
        &format!("{item}i"),
        &format!(
            "line 2, column 2: item is 1025 bytes long, more than the 1024 of a table's key: \"{}…\" [Oslo]",
            "é".repeat(60),
        ),
    );
}

#[test]
fn a_name_is_optional_text() {
    let row = |name: &str| format!("store,item,count,name\nOslo,tea,4,{name}\n");
    check(row(" Green tea "), &["2: Oslo/tea 4 \"Green tea\""]);
    check(row("   "), &["2: Oslo/tea 4"]);
    check(row("\"\""), &["2: Oslo/tea 4"]);
}
