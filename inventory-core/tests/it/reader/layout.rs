use inventory_core::reader::{Column, Decimal, Layout, Options};

use crate::support::{check_with, for_store, read_chunks, read_whole};

fn layout(file: &str, options: &Options) -> Layout {
    read_whole(file.as_bytes(), options).end.unwrap()
}

fn known(column: &Column) -> (usize, &str) {
    (column.column, &column.header)
}

#[test]
fn a_layout_says_which_column_is_what() {
    let layout =
        layout("\n\" Item \",Price,STORE,Count,reorder-point\ntea,2,Oslo,4,3\n", &Options::default());
    assert_eq!((layout.header_line, layout.delimiter, layout.columns), (Some(2), Some(','), 5));
    assert_eq!(known(&layout.item), (1, "Item"));
    assert_eq!(layout.store.as_ref().map(known), Some((3, "STORE")));
    assert_eq!(known(&layout.count), (4, "Count"));
    assert_eq!(layout.reorder_point.as_ref().map(known), Some((5, "reorder-point")));
    assert_eq!(layout.name, None);
}

#[test]
fn a_layout_says_which_optional_columns_there_are() {
    for (file, expect) in [
        ("store,item,count\nOslo,tea,4\n", (false, false)),
        ("store,item,count,name\nOslo,tea,4,Tea\n", (false, true)),
        ("store,item,count,reorder point\nOslo,tea,4,2\n", (true, false)),
        ("store,item,count,reorder point,name\nOslo,tea,4,2,Tea\n", (true, true)),
    ] {
        let columns = layout(file, &Options::default()).optional_columns();
        assert_eq!((columns.reorder_point, columns.name), expect, "{file:?}");
    }
}

#[test]
fn a_layout_is_written_as_json() {
    let layout = layout("item,count\ntea,4\n", &for_store("Oslo"));
    assert_eq!(
        serde_json::to_value(&layout).unwrap(),
        serde_json::json!({
            "compression": "none",
            "encoding": "utf-8",
            "shape": "delimited",
            "sheet": null,
            "delimiter": ",",
            "quoted": "double",
            "header_line": 1,
            "orientation": "long",
            "store": null,
            "item": { "column": 1, "header": "item" },
            "name": null,
            "count": { "column": 2, "header": "count" },
            "reorder_point": null,
            "decimal": "undecided",
            "doubts": [],
            "blank": "reject",
            "gtin": false,
            "columns": 2,
            "confidence": 1.0,
            "evidence": [
                { "decision": "delimiter", "because":
                    "a comma makes rows of 2 fields, and no other mark does so more evenly" },
                { "decision": "header", "because": "the names in line 1 are known for 2 of the columns" },
                { "decision": "count", "because":
                    "column 2 \"count\", because its name is one for counts, and 1 of 1 values are numbers" },
                { "decision": "item", "because":
                    "column 1 \"item\", because its name is one for this, and it fills 1 of 1 values looked at" },
                { "decision": "store", "because":
                    "no column names it, so it is the one said beside the file" },
            ],
            "alternatives": [],
        }),
    );
}

/// What a file says under a layout in TOML.
#[track_caller]
fn check_said(layout: &str, file: &str, expect: &[&str]) {
    let mut options = Options::default();
    options.layout = Some(toml::from_str(layout).unwrap());
    check_with(&options, file, expect);
}

#[test]
fn a_layout_may_be_said_and_then_nothing_is_guessed() {
    let said =
        "delimiter = '|'\nheader_line = 2\nstore = 'Where'\nitem = 3\ncount = { column = 1, header = 'n' }";
    check_said(
        said,
        "stock\nn|Where|qty\n7|Oslo|tea\n1,2|Oslo|oil\n",
        &[
            "3: Oslo/tea 7",
            "line 4, column 1: count is not a number such as 12, -3 or 12.375: \"1,2\" [Oslo]",
        ],
    );
    check_said(
        "store = 1\nitem = 2\ncount = 3\ndecimal = 'comma'",
        "qty,item,\"1,5\"\n",
        &["1: qty/item 1.5"],
    );
    check_said(
        "item = 1\nheader_line = 1\nstores = [{ store = 'Oslo', count = 'A' }, { store = 'Lyon', count = 3 }]",
        "code,A,B\ntea,4,9\n",
        &["2: Oslo/tea 4", "2: Lyon/tea 9"],
    );
}

#[test]
fn a_header_that_is_not_the_said_one_refuses_the_file() {
    let said = "header_line = 1\nstore = 'Shop'\nitem = { column = 2, header = 'SKU' }\ncount = 3";
    check_said(said, "Shop,SKU,n\nOslo,tea,4\n", &["2: Oslo/tea 4"]);
    check_said(
        said,
        "Shop,n,SKU\nOslo,4,tea\n",
        &["refused: line 1: column 2 is named \"n\" and not \"SKU\", as the layout says; correct either"],
    );
    check_said(
        said,
        "Branch,SKU,n\n",
        &["refused: line 1: the header has no column \"Shop\", which the layout says; correct either"],
    );
}

#[test]
fn a_layout_that_does_not_say_enough_is_refused() {
    let refused = |what: &str| format!("refused: the layout does not say enough: {what}");
    check_said("count = 1", "x", &[&refused("it names no column \"item\"")]);
    check_said("item = 1", "x", &[&refused("it names no column \"count\" and no \"stores\"")]);
    check_said(
        "item = 'a'\ncount = 1",
        "x",
        &[&refused("a column without a number needs a \"header_line\"")],
    );
    check_said(
        "item = 1\ncount = 2\nencoding = 'klingon'",
        "x",
        &["refused: the layout's encoding \"klingon\" is not known; use a name such as \"utf-8\""],
    );
    assert!(toml::from_str::<Layout>("item = 1\ncuont = 2").is_err());
    assert!(toml::from_str::<Layout>("item = 0\ncount = 2").is_err());
}

#[test]
fn a_found_layout_reads_the_file_that_it_was_found_in() {
    for file in ["Item;Berlin;Köln\ntea;1,5;2\nmilk;3;4\n", "Shop|SKU|Qty\nOslo|tea|\"1,200\"\n"] {
        let found = read_whole(file.as_bytes(), &Options::default());
        let written = toml::to_string(found.end.as_ref().unwrap()).unwrap();
        let mut options = Options::default();
        options.layout = Some(toml::from_str(&written).unwrap());
        assert_eq!(read_whole(file.as_bytes(), &options), found, "{written}");
    }
}

/// A file whose 700th row tells what the comma in its counts is.
fn decided_late(after_each: &str) -> String {
    let count = |row| if row == 700 { "12,5" } else { "1,250" };
    let rows = (0..1_000).map(|row| format!("{row}\t{}{after_each}\n", count(row)));
    format!("item\tcount\tnote\n{}", rows.collect::<String>())
}

#[test]
fn long_rows_are_looked_at_further() {
    let file = decided_late(&format!("\t{}", "x".repeat(100)));
    assert!(file.find("12,5") > Some(64 << 10));
    assert_eq!(layout(&file, &for_store("Oslo")).decimal, Decimal::Comma);
}

#[test]
fn as_much_is_looked_at_however_a_file_is_cut() {
    let file = decided_late(&"\n".repeat(100));
    assert!(file.find("12,5") > Some(64 << 10));
    let whole = read_whole(file.as_bytes(), &for_store("Oslo"));
    assert_eq!(whole.end.as_ref().unwrap().decimal, Decimal::Undecided);
    for size in [1_000, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 100_000] {
        assert_eq!(read_chunks(file.as_bytes().chunks(size), &for_store("Oslo")), whole, "{size}");
    }
}
