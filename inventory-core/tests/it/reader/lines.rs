use crate::support::check;

const EMPTY: &str = "refused: the file is empty; a header and a row for each item are needed";

#[test]
fn any_line_break_ends_a_row() {
    for end in ["\n", "\r\n", "\r"] {
        let file = ["store,item,count", "Oslo,tea,4", "Oslo,milk,9", ""].join(end);
        check(&file, &["2: Oslo/tea 4", "3: Oslo/milk 9"]);
    }
    check(
        "store,item,count\rOslo,tea,4\r\nOslo,milk,9\nOslo,oil,1\r",
        &["2: Oslo/tea 4", "3: Oslo/milk 9", "4: Oslo/oil 1"],
    );
}

#[test]
fn the_last_row_needs_no_line_break() {
    check("store,item,count\nOslo,tea,4", &["2: Oslo/tea 4"]);
    check("store,item,count\nOslo,tea,\"4\"", &["2: Oslo/tea 4"]);
    check("store,item,count\nOslo,tea,", &["line 2, column 3: count is blank [Oslo]"]);
}

#[test]
fn line_breaks_inside_quotes_are_text() {
    check(
        "store,item,count,name\nOslo,tea,4,\"Green\ntea\"\nOslo,milk,9,Milk\n",
        &["2: Oslo/tea 4 \"Green\\ntea\"", "4: Oslo/milk 9 \"Milk\""],
    );
    check(
        "store,item,count,name\nOslo,tea,4,\"Green\r\ntea\"\nOslo,milk,9,\n",
        &["2: Oslo/tea 4 \"Green\\r\\ntea\"", "4: Oslo/milk 9"],
    );
    check(
        "store,item,count,name\nOslo,tea,4,\"Green\rtea\"\nOslo,milk,9,\n",
        &["2: Oslo/tea 4 \"Green\\rtea\"", "4: Oslo/milk 9"],
    );
}

#[test]
fn quotes_double_inside_quotes() {
    check(
        "store,item,count,name\nOslo,tea,4,\"10\"\" pan, \"\"red\"\"\"\n",
        &["2: Oslo/tea 4 \"10\\\" pan, \\\"red\\\"\""],
    );
}

#[test]
fn a_quote_within_a_field_is_text() {
    check("store,item,count,name\nOslo,tea,4,10\" pan\n", &["2: Oslo/tea 4 \"10\\\" pan\""]);
}

#[test]
fn blank_lines_are_no_rows_but_count_as_lines() {
    check(
        "\n\r\n \t\nstore,item,count\n\n\nOslo,tea,4\n  \nOslo,milk,9\n\n",
        &["7: Oslo/tea 4", "9: Oslo/milk 9"],
    );
}

#[test]
fn rows_of_commas_and_white_space_are_blank() {
    check(",,\n\"\",,\nstore,item,count\n,,\n , \t,\"\"\nOslo,tea,4\n,,,,,,\n", &["6: Oslo/tea 4"]);
}

#[test]
fn a_quote_that_never_closes_refuses_the_file_by_the_row_that_opens_it() {
    let refusal = |line: u64| {
        format!(
            "refused: line {line}: a quote opens in this row and never closes; close it, or double it \
             if it is text"
        )
    };
    check("store,item,count\nOslo,tea,4\nOslo,\"milk,9\nOslo,oil,1\n", &[&refusal(3)]);
    check("\"store,item,count\nOslo,tea,4\n", &[&refusal(1)]);
    check("store,item,count\n\"a\nb\",tea,4\n\n\nOslo,tea,\"", &[&refusal(6)]);
}

#[test]
fn nothing_at_all_is_refused() {
    for file in ["", "\n", "\r\n\r\n", "\n \n\t\n", ",,,\n", "\"\"\n"] {
        check(file, &[EMPTY]);
    }
}
