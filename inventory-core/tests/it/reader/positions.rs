use inventory_core::Row;
use inventory_core::reader::Options;

use crate::support::read_whole;

/// A file, and for each row its line, its byte and its item, or its raw text
/// if it is a reject.
#[track_caller]
fn check(file: &str, expect: &[(u64, u64, &str)]) {
    let outcome = read_whole(file.as_bytes(), &Options::default());
    assert!(outcome.end.is_ok(), "{:?}", outcome.end);
    let rows = outcome.rows.iter().map(|row| match row {
        Row::Record(record) => (record.position.line, record.position.byte, &*record.item),
        Row::Reject(reject) => (reject.position.line, reject.position.byte, &*reject.raw),
        Row::Skipped(skip) => (skip.position.line, skip.position.byte, "skipped"),
    });
    assert_eq!(rows.collect::<Vec<_>>(), expect, "{file:?}");
}

#[test]
fn rows_are_where_an_editor_shows_them() {
    check("store,item,count\nOslo,tea,4\nOslo,milk,x\n", &[(2, 17, "tea"), (3, 28, "Oslo,milk,x")]);
    check("store,item,count\r\nOslo,tea,4\r\nOslo,milk,x\r\n", &[(2, 18, "tea"), (3, 30, "Oslo,milk,x")]);
    check("store,item,count\rOslo,tea,4\rOslo,milk,x", &[(2, 17, "tea"), (3, 28, "Oslo,milk,x")]);
}

#[test]
fn a_byte_order_mark_counts_as_bytes() {
    check("\u{feff}store,item,count\nOslo,tea,4\n", &[(2, 20, "tea")]);
}

#[test]
fn line_breaks_inside_quotes_count_as_lines() {
    let file = "store,item,count,name\nOslo,tea,4,\"a\nb\r\nc\rd\"\nOslo,milk,9,\n";
    check(file, &[(2, 22, "tea"), (6, 44, "milk")]);
}

#[test]
fn blank_lines_count_too() {
    check("\n\nstore,item,count\n\r\n\r\n,,\nOslo,tea,4\n", &[(7, 26, "tea")]);
    check("store,item,count\n\r\n\rOslo,tea,4\n", &[(4, 20, "tea")]);
}

#[test]
fn a_reject_has_its_row_as_it_was_written() {
    let raw = "Oslo, \"\"tea\"\" ,\"1,20,0\",\"Green\r\ntea\", ";
    let file = format!("store,item,count,name\r\n{raw}\r\nOslo,milk,9,\r\n");
    check(&file, &[(2, 23, raw), (4, 63, "milk")]);
}

#[test]
fn a_reject_says_what_was_at_fault() {
    let file = b"store,item,count\nOslo,tea,4\nOslo,milk, Reel 500 \n";
    let outcome = read_whole(file, &Options::default());
    let reject = outcome.rejects().next().unwrap();
    assert_eq!(
        serde_json::to_value(reject).unwrap(),
        serde_json::json!({
            "line": 3,
            "byte": 28,
            "column": 3,
            "value": " Reel 500 ",
            "raw": "Oslo,milk, Reel 500 ",
            "reason": "count is not a number such as 12, -3 or 12.375",
            "store": "Oslo",
            "item": "milk",
        }),
    );
}

#[test]
fn a_long_value_is_shortened_where_it_is_shown() {
    let long = "é".repeat(61);
    let file = format!("store,item,count\nOslo,tea,{long}\n");
    let outcome = read_whole(file.as_bytes(), &Options::default());
    let reject = outcome.rejects().next().unwrap();
    let shown =
        format!("line 2, column 3: count is not a number such as 12, -3 or 12.375: \"{}…\"", "é".repeat(60));
    assert_eq!(reject.to_string(), shown);
    assert_eq!(reject.value, long);
}
