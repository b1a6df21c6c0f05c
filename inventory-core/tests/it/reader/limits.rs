use inventory_core::reader::{Limits, Options};

use crate::support::{check, check_with, limited, read_chunks, read_whole};

const HEADER: &str = "store,item,count,name\n";

/// A row whose name has this many bytes, between two others.
fn named(bytes: usize) -> String {
    format!("{HEADER}Oslo,tea,4,\nOslo,milk,9,{}\nOslo,oil,1,\n", "x".repeat(bytes))
}

/// The lines of a file without what stands in quotes, pushed as downloads do.
fn outline(file: &str, options: &Options) -> Vec<String> {
    let outcome = read_whole(file.as_bytes(), options);
    assert!(read_chunks(file.as_bytes().chunks(4093), options) == outcome, "cut, it says something else");
    outcome.lines().iter().map(|line| line.split(" \"").next().unwrap().to_owned()).collect()
}

#[test]
fn a_field_has_at_most_64_kib() {
    let usual = Options::default();
    assert_eq!(outline(&named(65_536), &usual)[1], "3: Oslo/milk 9");
    assert_eq!(
        outline(&named(65_537), &usual),
        ["2: Oslo/tea 4", "line 3, column 4: a field has more than 65536 bytes [Oslo]", "4: Oslo/oil 1",]
    );
    let quoted = format!("{HEADER}Oslo,milk,9,\"{}\"\n", "x".repeat(65_536));
    assert_eq!(outline(&quoted, &usual), ["2: Oslo/milk 9"]);
}

#[test]
fn a_row_has_at_most_1_mib() {
    let file = named(1 << 21);
    assert_eq!(
        outline(&file, &Options::default()),
        ["2: Oslo/tea 4", "line 3: the row has more than 1048576 bytes [?]", "4: Oslo/oil 1",]
    );
    let outcome = read_whole(file.as_bytes(), &Options::default());
    assert_eq!(outcome.rejects().next().unwrap().raw.len(), 1 << 20);
}

#[test]
fn a_row_at_its_limit_is_no_row_over_it() {
    let options = limited(|limits| limits.row_bytes = 5_000);
    let text = "Oslo".len() + "milk".len() + "9".len();
    assert_eq!(outline(&named(5_000 - text), &options)[1], "3: Oslo/milk 9");
    assert_eq!(outline(&named(5_001 - text), &options)[1], "line 3: the row has more than 5000 bytes [?]");
}

#[test]
fn a_small_limit_of_a_row_holds_too() {
    let options = limited(|limits| limits.row_bytes = 20);
    let text = "Oslo".len() + "milk".len() + "9".len();
    assert_eq!(outline(&named(20 - text), &options)[1], "3: Oslo/milk 9");
    assert_eq!(outline(&named(21 - text), &options)[1], "line 3: the row has more than 20 bytes [?]");
}

#[test]
fn a_small_limit_of_a_field_holds_too() {
    let options = limited(|limits| limits.field_bytes = 5);
    check_with(
        &options,
        "store,item,count,other\nOslo,12345,4,\nOslo,123456,4,\nOslo,1,4,\" 1234\"\nOslo,1,4,123456",
        &[
            "2: Oslo/12345 4",
            "line 3, column 2: a field has more than 5 bytes [Oslo]",
            "4: Oslo/1 4",
            "line 5, column 4: a field has more than 5 bytes [Oslo]",
        ],
    );
}

#[test]
fn a_limit_may_be_none_at_all() {
    let options = limited(|limits| {
        limits.file_bytes = u64::MAX;
        limits.rows = u64::MAX;
        limits.row_bytes = usize::MAX;
        limits.field_bytes = usize::MAX;
        limits.columns = usize::MAX;
    });
    let file = format!("{HEADER}Oslo,tea,4,{}{}\n", "x".repeat(3_000), ",".repeat(3_000));
    assert_eq!(outline(&file, &options), ["2: Oslo/tea 4"]);
}

#[test]
fn a_row_has_at_most_as_many_columns_as_a_spreadsheet() {
    let row = |commas: usize| format!("store,item,count\nOslo,tea,4{}\nOslo,milk,9\n", ",".repeat(commas));
    check(row(16_381), &["2: Oslo/tea 4", "3: Oslo/milk 9"]);
    check(row(16_382), &["line 2: the row has more than 16384 fields [?]", "3: Oslo/milk 9"]);
}

#[test]
fn a_small_limit_of_columns_holds_too() {
    let options = limited(|limits| limits.columns = 3);
    check_with(
        &options,
        "store,item,count\nOslo,tea,4\nOslo,milk,9,\n,,,\n",
        &[
            "2: Oslo/tea 4",
            "line 3: the row has more than 3 fields [?]",
            "line 4: the row has more than 3 fields [?]",
        ],
    );
}

#[test]
fn a_header_beyond_the_limits_refuses_the_file() {
    let refused = ["refused: line 1: the header is longer than a row may be; is this CSV text?"];
    check_with(&limited(|limits| limits.columns = 2), "store,item,count\n", &refused);
    let long = format!("{HEADER},{}\n", "x".repeat(3_000)).replace('\n', "");
    check_with(&limited(|limits| limits.row_bytes = 2_000), long, &refused);
}

#[test]
fn a_file_has_at_most_so_many_rows() {
    let options = limited(|limits| limits.rows = 2);
    check_with(
        &options,
        "store,item,count\n\nOslo,tea,4\n,,\nOslo,milk,x\n\n",
        &["3: Oslo/tea 4", "line 5, column 3: count is not a number such as 12, -3 or 12.375: \"x\" [Oslo]"],
    );
    check_with(
        &options,
        "store,item,count\nOslo,tea,4\nOslo,milk,9\nOslo,oil,1\n",
        &["refused: the file has more than 2 rows; split it"],
    );
}

#[test]
fn a_file_has_at_most_so_many_bytes() {
    let file = "store,item,count\nOslo,tea,4\n";
    check_with(&limited(|limits| limits.file_bytes = 28), file, &["2: Oslo/tea 4"]);
    check_with(
        &limited(|limits| limits.file_bytes = 27),
        file,
        &["refused: the file has more than 27 bytes; split it"],
    );
    check_with(
        &limited(|limits| limits.file_bytes = 30),
        format!("\u{feff}{file}"),
        &["refused: the file has more than 30 bytes; split it"],
    );
}

#[test]
fn limits_are_read_from_settings() {
    let limits: Limits = serde_json::from_str("{\"rows\": 7}").unwrap();
    assert_eq!(limits.rows, 7);
    assert_eq!(limits, limited(|limits| limits.rows = 7).limits);
    let json = serde_json::to_string(&limits).unwrap();
    assert_eq!(serde_json::from_str::<Limits>(&json).unwrap(), limits);
}
