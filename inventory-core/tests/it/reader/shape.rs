use crate::support::check;

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
