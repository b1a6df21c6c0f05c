use inventory_core::reader::Options;

use crate::support::{check, read_whole};

#[test]
fn the_point_of_a_json_number_is_a_decimal_one() {
    check(
        "{\"store\":\"Oslo\",\"sku\":\"tea\",\"count\":1.125,\"price\":\"3,50\"}\n",
        &["1: Oslo/tea 1.125"],
    );
    check(
        "{\"store\":\"Oslo\",\"sku\":\"tea\",\"count\":\"3,50\"}\n\
         {\"store\":\"Oslo\",\"sku\":\"milk\",\"count\":1.125}\n\
         {\"store\":\"Oslo\",\"sku\":\"rice\",\"count\":\"1.125\"}\n",
        &["1: Oslo/tea 3.5", "2: Oslo/milk 1.125", "3: Oslo/rice 1125"],
    );
}

#[test]
fn a_nested_value_is_no_name_and_no_item() {
    const NESTED: &str = "a value that is read is an object or a list; write each as a text or a number";
    check(
        "{\"store\":\"Oslo\",\"sku\":\"tea\",\"count\":4,\"tags\":[\"hot\"]}\n\
         {\"store\":\"Oslo\",\"sku\":{\"id\":\"milk\"},\"count\":9}\n\
         {\"store\":\"Oslo\",\"sku\":\"oil\",\"count\":[3]}\n",
        &["1: Oslo/tea 4", &format!("line 2: {NESTED} [Oslo]"), &format!("line 3: {NESTED} [Oslo]")],
    );
}

#[test]
fn an_object_that_says_nothing_is_a_row_all_the_same() {
    const BLANK: &str = "the object has a value for none of the keys that are read";
    check(
        "{\"store\":\"Oslo\",\"sku\":\"tea\",\"count\":4}\n{}\n{\"sku\":null}\n",
        &["1: Oslo/tea 4", &format!("line 2: {BLANK} [?]"), &format!("line 3: {BLANK} [?]")],
    );
}

#[test]
fn a_key_that_comes_late_is_told() {
    let rows = |count: usize| "{\"store\":\"Oslo\",\"sku\":\"tea\",\"count\":4}\n".repeat(count);
    let late = "{\"store\":\"Oslo\",\"sku\":\"milk\",\"count\":9,\"reorder point\":3}\n";
    let doubts = |file: String| read_whole(file.as_bytes(), &Options::default()).end.unwrap().doubts;
    assert_eq!(
        doubts(rows(1000) + late),
        [
            "the key \"reorder point\" comes first in line 1001, after the part that was looked at, and is not read"
        ]
    );
    assert!(doubts(rows(900) + late).is_empty());
}

#[test]
fn an_object_over_several_lines_is_told_from_lines_of_objects() {
    check(
        "{\n  \"store\": \"Oslo\",\n  \"sku\": \"tea\",\n  \"count\": 4\n}\n",
        &[
            "refused: the file is JSON with an object over several lines; write each object on a line of its own",
        ],
    );
}
