use crate::support::{check, read_whole};

/// One item of an EDIFACT message, with what comes before and its quantities.
fn edifact(before: &str, quantities: &[&str]) -> String {
    let quantities: String = quantities.iter().map(|quantity| format!("QTY+145:{quantity}:KGM'")).collect();
    format!(
        "{before}UNB+UNOA:2+A+B+261103:1200+1'UNH+1+INVRPT:D:96A:UN'BGM+35+1+9'NAD+WH+Oslo::92'LIN+1++4006381333931:EN'{quantities}\
         UNT+5+1'"
    )
}

/// The quantity of one item of an X12 message.
fn x12(quantity: &str) -> String {
    format!(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261103*1200*U*00401*000000001\
         *0*P*>~GS*IB*S*R*20261103*1200*1*X*004010~ST*846*0001~BIA*00*SI*1*20261103~N1*WH*Oslo~\
         LIN**SK*tea~QTY*33*{quantity}*KG~SE*6*0001~GE*1*1~IEA*1*000000001~"
    )
}

#[track_caller]
fn check_edifact(quantity: &str, expect: &str) {
    let expect = format!("1: Oslo/4006381333931 {expect}");
    for before in ["", "UNA:+.? '", "UNA:+,? '"] {
        check(edifact(before, &[quantity]), &[&expect]);
    }
}

#[test]
fn either_mark_of_an_edifact_number_is_its_decimal_mark() {
    check_edifact("1,250", "1.25");
    check_edifact("1.250", "1.25");
    check_edifact("0,375", "0.375");
    check_edifact("1,5", "1.5");
    check_edifact("-12", "-12");
    let twice = read_whole(edifact("", &["1.250,5"]).as_bytes(), &Default::default()).lines();
    assert!(twice[0].contains("count is not a number"), "{twice:?}");
}

#[test]
fn an_edifact_total_is_that_of_parts_with_either_mark() {
    check(edifact("", &["1,500", "1,250", "0.25"]), &["1: Oslo/4006381333931 1.5"]);
}

#[test]
fn an_x12_number_has_a_point_and_no_groups() {
    check(x12("1.250"), &["1: Oslo/tea 1.25"]);
    check(
        x12("1,250"),
        &["line 1, column 3: count is not a number such as 12, -3 or 12.375: \"1,250\" [Oslo]"],
    );
}

/// An X12 interchange of these messages.
fn interchange(messages: &[&str]) -> String {
    let messages: String =
        messages.iter().map(|message| format!("ST*846*0001~{message}SE*6*0001~")).collect();
    format!(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261103*1200*U*00401*000000001\
         *0*P*>~GS*IB*S*R*20261103*1200*1*X*004010~{messages}GE*1*1~IEA*1*000000001~"
    )
}

#[test]
fn a_warehouse_names_the_store_better_than_who_is_shipped_to() {
    for places in ["N1*WH*Oslo~N1*ST*Customer~", "N1*ST*Customer~N1*WH*Oslo~"] {
        check(interchange(&[&format!("{places}LIN**SK*tea~QTY*33*4*EA~")]), &["1: Oslo/tea 4"]);
        check(interchange(&[&format!("LIN**SK*tea~{places}QTY*33*4*EA~")]), &["1: Oslo/tea 4"]);
    }
    check(
        interchange(&["LIN**SK*tea~N1*WH*Oslo~QTY*33*4*EA~N1*ST*Lyon~QTY*33*7*EA~"]),
        &["1: Oslo/tea 4", "1: Lyon/tea 7"],
    );
    let parties = "UNB+UNOA:2+A+B+261103:1200+1'UNH+1+INVRPT:D:96A:UN'BGM+35+1+9'NAD+WH+Oslo::92'NAD+ST+Customer::92'\
                   LIN+1++tea:EN'QTY+145:4:PCE'UNT+5+1'";
    check(parties, &["1: Oslo/tea 4"]);
}

#[test]
fn a_message_does_not_inherit_the_store_of_the_one_before() {
    let blank = "line 1, column 1: store is blank: \"\" [?]".replace(": \"\"", "");
    check(
        interchange(&["N1*WH*Oslo~LIN**SK*tea~QTY*33*4*EA~", "LIN**SK*milk~QTY*33*7*EA~"]),
        &["1: Oslo/tea 4", &blank],
    );
    let first = edifact("", &["4"]);
    let second = "UNH+2+INVRPT:D:96A:UN'BGM+35+2+9'LIN+1++96385074:EN'QTY+145:7:PCE'UNT+5+2'";
    check(first + second, &["1: Oslo/4006381333931 4", &blank]);
}
