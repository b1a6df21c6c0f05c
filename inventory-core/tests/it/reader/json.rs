use crate::support::check;

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
