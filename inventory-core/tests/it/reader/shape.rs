use inventory_core::levels::Columns;
use inventory_core::reader::Options;
use inventory_core::{Level, changes};

use crate::support::{check, check_with, for_store, read_whole};

const NAMED: &str = "store,item,count,reorder point,name\n";

/// One row under five columns.
#[track_caller]
fn check_row(row: &str, expect: &str) {
    check(format!("{NAMED}{row}\nOslo,milk,9,3,Milk\n"), &[expect, "3: Oslo/milk 9 <= 3 \"Milk\""]);
}

#[test]
fn a_row_may_end_before_its_optional_columns() {
    check_row("Oslo,tea,4,2", "2: Oslo/tea 4 <= 2");
    check_row("Oslo,tea,4", "2: Oslo/tea 4");
}

#[test]
fn a_row_that_ends_before_a_needed_column_is_rejected() {
    check_row("Oslo,tea", "line 2, column 3: the row ends before its count, after 2 fields [Oslo]");
    check_row("Oslo", "line 2, column 2: the row ends before its item, after 1 fields [Oslo]");
    check(
        "item,count,store\ntea,4\n",
        &["line 2, column 3: the row ends before its store, after 2 fields [?]"],
    );
}

#[test]
fn blank_fields_beyond_the_header_are_nothing() {
    check_row("Oslo,tea,4,2,Tea,", "2: Oslo/tea 4 <= 2 \"Tea\"");
    check_row("Oslo,tea,4,2,Tea,, \t,\"\"", "2: Oslo/tea 4 <= 2 \"Tea\"");
}

#[test]
fn text_beyond_the_header_rejects_the_row_and_says_nothing_of_its_store() {
    check_row(
        "Oslo,tea,4,2,Green tea, loose,,",
        "line 2, column 6: the row has 8 fields under 5 columns; quote a value that has a comma: \
         \" loose\" [?]",
    );
    check(
        "item,name,store,count\n1,HDMI cable, 2m, black,Oslo,4\n",
        &["line 2, column 5: the row has 6 fields under 4 columns; quote a value that has a comma: \
         \"Oslo\" [?]"],
    );
    check(
        "store,item,count\nOslo,tea,4,,,x\n",
        &[
            "line 2, column 6: the row has 6 fields under 3 columns; quote a value that has a comma: \"x\" [?]",
        ],
    );
}

#[test]
fn white_space_beyond_the_header_is_nothing_in_any_alphabet() {
    check_row("Oslo,tea,4,2,Tea,\u{a0}", "2: Oslo/tea 4 <= 2 \"Tea\"");
    check_row("Oslo,tea,4,2,Tea,\u{3000}", "2: Oslo/tea 4 <= 2 \"Tea\"");
}

#[test]
fn a_row_of_other_white_space_is_blank_too() {
    check("store,item,count\n\u{a0},\u{3000},\u{b}\nOslo,tea,4\n", &["3: Oslo/tea 4"]);
}

#[test]
fn what_a_short_row_does_not_say_stays_as_it_was() {
    let read = |file: &str| read_whole(file.as_bytes(), &Options::default()).levels();
    let before = read(&format!("{NAMED}Oslo,tea,4,2,Tea\nOslo,milk,9,3,Milk\n"));
    let file = read(&format!("{NAMED}Oslo,tea,1\nOslo,milk,1,,\n"));
    let after: Vec<_> = changes(&before, &file).map(|change| change.after.unwrap()).collect();
    let said = |level: &Level| (level.reorder_point, level.name.is_some());
    // By item: milk, tea.
    assert_eq!(said(&after[0]), (None, false));
    assert_eq!(said(&after[1]), (Some(2.into()), true));
    let twice = read(&format!("{NAMED}Oslo,tea,4,2,Tea\nOslo,tea,1\n"));
    let level = twice.store("Oslo").unwrap().get("tea").unwrap();
    assert_eq!((level.quantity, said(level)), (1.into(), (Some(2.into()), true)));
    assert_eq!(twice.store("Oslo").unwrap().columns("tea", Columns::ALL), Columns::ALL);
}

#[test]
fn a_store_without_a_column_of_reorder_points_says_nothing_of_them() {
    let file = "sku,inventory_Oslo,reorder_point_Oslo,inventory_Lyon\ntea,4,2,7\n";
    let levels = read_whole(file.as_bytes(), &Options::default()).levels();
    let of = |store: &str| levels.store(store).unwrap().columns("tea", levels.columns()).reorder_point;
    assert_eq!((of("Oslo"), of("Lyon")), (true, false));
}

#[test]
fn a_tab_after_a_quote_ends_the_field() {
    let tabs = "sku\tname\tcount\np1\t\"pipe\nof steel\"\t5\n";
    check_with(&for_store("Oslo"), tabs, &["2: Oslo/p1 5 \"pipe\\nof steel\""]);
}

#[test]
fn rows_between_two_stray_quotes_are_not_lost_silently() {
    let stray = "sku,name,count\np1,\"3/4 pipe,5\np2,elbow,6\np3,\"1/2 pipe,7\np4,bend,8\n";
    check_with(
        &for_store("Oslo"),
        stray,
        &[
            "line 2: a quote opens in this row and the next one is 2 lines later within a text, so the rows between are lost; \
         double each quote that is text [Oslo]",
            "5: Oslo/p4 8 \"bend\"",
        ],
    );
    let text = "sku,name,count\np1,\"a \"\"pipe\"\", 3,\n4, 5\",6\np2,\"b\nc\" ,7\n";
    check_with(
        &for_store("Oslo"),
        text,
        &["2: Oslo/p1 6 \"a \\\"pipe\\\", 3,\\n4, 5\"", "4: Oslo/p2 7 \"b\\nc\""],
    );
}

const TOTAL: &str = "the row adds up those above it and is no item";

#[test]
fn a_row_that_adds_up_the_others_is_no_item() {
    for word in ["Total", "GRAND TOTAL", "Summe", "合計", "Grand-total:"] {
        let file = format!("item,count\ntea,4\nmilk,9\n{word},13\n");
        let total = format!("line 4: {TOTAL}: {word:?} [Oslo]");
        check_with(&for_store("Oslo"), file, &["2: Oslo/tea 4", "3: Oslo/milk 9", &total]);
    }
    let parts = "item,count\ntea,4\nSubtotal,4\nmilk,9\nrice,1\nSubtotal,10\nTotal,14\n";
    let total = |line: u32, word: &str| format!("line {line}: {TOTAL}: {word:?} [Oslo]");
    check_with(
        &for_store("Oslo"),
        parts,
        &[
            "2: Oslo/tea 4",
            &total(3, "Subtotal"),
            "4: Oslo/milk 9",
            "5: Oslo/rice 1",
            &total(6, "Subtotal"),
            &total(7, "Total"),
        ],
    );
    let wide = "sku,inventory_Oslo,inventory_Lyon\ntea,4,7\nmilk,9,1\nTotal,13,8\n";
    let lyon = format!("line 4: {TOTAL}: \"Total\" [Lyon]");
    check(
        wide,
        &["2: Oslo/tea 4", "2: Lyon/tea 7", "3: Oslo/milk 9", "3: Lyon/milk 1", &total(4, "Total"), &lyon],
    );
}

#[test]
fn an_item_may_be_called_as_a_total_is() {
    check_with(
        &for_store("Oslo"),
        "item,count\ntea,4\nTotal,9\nmilk,2\nTotal 0%,6\n",
        &["2: Oslo/tea 4", "3: Oslo/Total 9", "4: Oslo/milk 2", "5: Oslo/Total 0% 6"],
    );
}

#[test]
fn a_header_without_rows_is_refused() {
    const NONE: &str =
        "refused: the file has no row under its header; if that is no mistake, there is nothing to upload";
    check("store,item,count", &[NONE]);
    check("store,item,count\r\n\r\n", &[NONE]);
    check_with(&for_store("Oslo"), "Stock of today\n\nitem;count\n\n", &[NONE]);
    let mut said = Options::default();
    said.layout =
        Some(serde_json::from_str(r#"{"header_line": 1, "store": 1, "item": 2, "count": 3}"#).unwrap());
    check_with(&said, "store,item,count\n", &[NONE]);
}

#[test]
fn what_is_no_list_is_called_by_its_name() {
    for (file, kind) in [
        (&b"%PDF-1.7\n1 0 obj\n"[..], "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
        (b"<html><table><tr><td>sku</td></tr></table></html>", "a web page, whatever it is called"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0", "an old Excel workbook (.xls) or Word document"),
    ] {
        let refused = format!("refused: the file is {kind}; export the list as CSV or .xlsx and upload that");
        check(file, &[&refused]);
    }
}

#[test]
fn a_layout_of_another_compression_is_told_so() {
    let mut said = Options::default();
    let layout = r#"{"compression": "gzip", "header_line": 1, "store": 1, "item": 2, "count": 3}"#;
    said.layout = Some(serde_json::from_str(layout).unwrap());
    check_with(
        &said,
        "store,item,count\nOslo,tea,4\n",
        &[
            "refused: the layout says that the file is compressed with gzip, and it is not compressed; correct the layout",
        ],
    );
}
