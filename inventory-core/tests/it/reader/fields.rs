use inventory_core::Row;
use inventory_core::levels::Columns;
use inventory_core::reader::{Decimal, Options};

use crate::support::{check, check_with, read_whole};

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

/// What is said of a count that may be either of two.
fn ambiguous(line: u64, count: &str) -> String {
    format!(
        "line {line}, column 3: count may be 1.2 or 1200, and nothing tells which; \
         say \"decimal\" in a layout: \"{count}\" [Oslo]"
    )
}

/// The only row of a file with this delimiter.
#[track_caller]
fn check_alone(delimiter: char, count: &str, expect: &str) {
    let [header, row] =
        ["store,item,count", "Oslo,tea,"].map(|line| line.replace(',', &delimiter.to_string()));
    check(format!("{header}\n{row}{count}\n"), &[expect]);
}

#[test]
fn without_evidence_a_count_that_may_be_either_of_two_is_rejected() {
    for delimiter in [';', '\t', '|'] {
        check_alone(delimiter, "1.200", &ambiguous(2, "1.200"));
        check_alone(delimiter, "1,200", &ambiguous(2, "1,200"));
        check_alone(delimiter, "1.5", "2: Oslo/tea 1.5");
    }
    check_alone(',', "1.200", "2: Oslo/tea 1.2");
    check_alone(',', "\"1,200\"", "2: Oslo/tea 1200");
}

#[test]
fn the_marks_of_prices_do_not_decide_those_of_counts() {
    check("store;item;count;price\nOslo;tea;1,200;3,50\n", &[&ambiguous(2, "1,200")]);
    check(
        "store|item|count|price\nOslo|tea|1.200|3,50\nOslo|rice|7|2,50\n",
        &[&ambiguous(2, "1.200"), "3: Oslo/rice 7"],
    );
    check("store;item;count;reorder point\nOslo;tea;1.200;0,5\n", &["2: Oslo/tea 1200 <= 0.5"]);
}

/// The last row of a file with these counts.
#[track_caller]
fn check_last(delimiter: char, counts: &[&str], decimal: Decimal, expect: &str) {
    let rows: String = (1..)
        .zip(counts)
        .map(|(item, count)| format!("Oslo{delimiter}tea-{item}{delimiter}\"{count}\"\n"))
        .collect();
    let file = format!("store{delimiter}item{delimiter}count\n{rows}");
    let outcome = read_whole(file.as_bytes(), &Options::default());
    assert_eq!(outcome.end.as_ref().unwrap().decimal, decimal, "{counts:?}");
    let last = outcome.lines().pop().unwrap();
    assert!(last.contains(expect), "{counts:?}: {last}");
}

#[test]
fn a_fixed_number_of_decimals_is_told_from_thousands() {
    use Decimal::{Comma, Point, Undecided};
    let fixed = ["200,000", "12,000", "1,500", "40,000", "3,250"];
    check_last(';', &fixed, Comma, "tea-5 3.25");
    check_last('\t', &fixed, Undecided, "3.25 or 3250");
    check_last(',', &fixed, Undecided, "3.25 or 3250");
    check_last(';', &["1.200,000", "40,000"], Comma, "tea-2 40");
    check_last('\t', &["0,000", "40,000"], Comma, "tea-2 40");
    let points = ["200.000", "12.000", "1.500", "40.000", "3.250"];
    check_last(',', &points, Point, "tea-5 3.25");
    check_last(',', &points[..2], Point, "tea-2 12");
    check_last(';', &points, Undecided, "3.25 or 3250");
}

#[test]
fn a_mark_that_only_thousands_have_stands_between_them() {
    use Decimal::{Comma, Point, Undecided};
    check_last(',', &["7", "12", "1,200"], Point, "tea-3 1200");
    check_last('\t', &["7", "12", "1,200"], Point, "tea-3 1200");
    check_last(';', &["7", "12", "1.200"], Comma, "tea-3 1200");
    check_last(';', &["7", "12", "1,200"], Undecided, "1.2 or 1200");
    check_last('\t', &["7", "1500", "1,200"], Undecided, "1.2 or 1200");
    check_last(',', &["7", "12", "1.200"], Point, "tea-3 1.2");
    let many = ["7", "1.200", "1.300", "2.500", "1.100", "4.200"];
    check_last(',', &many, Undecided, "4.2 or 4200");
}

#[test]
fn a_mark_that_the_first_rows_do_not_have_is_not_guessed() {
    let last = |first: &str, count: &str| {
        let rows = "Oslo\ttea\t4\n".repeat(1200);
        let file = format!("store\titem\tcount\nOslo\trice\t{first}\n{rows}Oslo\tmilk\t{count}\n");
        read_whole(file.as_bytes(), &Options::default()).lines().pop().unwrap()
    };
    assert_eq!(last("7", "1.200"), ambiguous(1203, "1.200"));
    assert_eq!(last("7", "1,200"), ambiguous(1203, "1,200"));
    assert_eq!(last("1,300", "1,200"), "1203: Oslo/milk 1200");
    assert_eq!(last("2,5", "1.200"), "1203: Oslo/milk 1200");
    assert_eq!(last("2.5", "1.200"), "1203: Oslo/milk 1.2");
    assert_eq!(last("7", "1.5"), "1203: Oslo/milk 1.5");
    assert_eq!(last("7", "1,5"), "1203: Oslo/milk 1.5");
}

#[test]
fn a_layout_keeps_what_nothing_decided_undecided() {
    let file = b"store,item,count\nOslo,tea,7\n";
    let layout = read_whole(file, &Options::default()).end.unwrap();
    let mut said = Options::default();
    said.layout = Some(toml::from_str(&toml::to_string(&layout).unwrap()).unwrap());
    check_with(&said, "store,item,count\nOslo,tea,1.200\n", &[&ambiguous(2, "1.200")]);
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
fn a_reorder_point_may_be_blank() {
    check_point("2.5", "2: Oslo/tea 4 <= 2.5");
    check_point("", "2: Oslo/tea 4");
    check_point("  ", "2: Oslo/tea 4");
    check_point("-1", "2: Oslo/tea 4 <= -1");
}

#[test]
fn a_reorder_point_that_is_no_number_costs_no_count() {
    for point in ["few", "0.000001", "1.200"] {
        check_point(point, "2: Oslo/tea 4");
        let file = format!("store,item,count,reorder point\nOslo,tea,4,{point}\n");
        let outcome = read_whole(file.as_bytes(), &Options::default());
        let warnings = &outcome.records().next().unwrap().warnings;
        assert_eq!(
            warnings[0].to_string(),
            format!("line 2, column 4: the reorder point is no number, so it stays as it was: \"{point}\"")
        );
        assert!(!outcome.levels().store("Oslo").unwrap().columns("tea", Columns::ALL).reorder_point);
    }
}

#[test]
fn a_dash_may_be_zero_or_nothing() {
    for dash in ["-", " - ", "\u{2013}"] {
        let file = format!("store,item,count\nOslo,tea,{dash}\nOslo,milk,3\n");
        let lines = read_whole(file.as_bytes(), &Options::default()).lines();
        assert!(lines[0].contains("count is a dash, which is 0 in some spreadsheets"), "{lines:?}");
        assert_eq!(lines[1], "3: Oslo/milk 3");
    }
}

#[test]
fn a_formula_that_failed_is_neither_a_count_nor_a_key() {
    check_count(
        "#N/A",
        "line 2, column 3: count is a formula that failed in the spreadsheet; mend it there: \"#N/A\" [Oslo]",
    );
    check_keys(
        "Oslo",
        "#REF!",
        "line 2, column 2: item is a formula that failed in the spreadsheet; mend it there: \"#REF!\" [Oslo]",
    );
    check_keys(
        "#N/A",
        "tea",
        "line 2, column 1: store is a formula that failed in the spreadsheet; mend it there: \"#N/A\" [?]",
    );
}

#[test]
fn what_nobody_sees_is_no_part_of_a_key() {
    check_keys(
        "Oslo",
        "te\u{1b}[31ma",
        "line 2, column 2: item has the character U+001B, which nobody sees; take it out: \"te\\u{1b}[31ma\" [Oslo]",
    );
    check_keys(
        "Os\u{200b}lo",
        "tea",
        "line 2, column 1: store has the character U+200B, which nobody sees; take it out: \"Os\\u{200b}lo\" [?]",
    );
}

#[test]
fn what_a_skipped_row_has_in_place_of_a_count_is_told() {
    let file = b"store,item,count\nOslo,tea,not stocked\n";
    let outcome = read_whole(file, &Options::default());
    let Row::Skipped(skip) = &outcome.rows[0] else { panic!() };
    assert_eq!(skip.to_string(), "line 2, column 3: the item is not counted: \"not stocked\"");
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
