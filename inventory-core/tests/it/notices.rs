//! What people are told, letter by letter.

use inventory_core::{Levels, Notice, changes, notices, transitions};

use crate::support::levels;

/// The notice of what a file changes.
fn notice(before: &Levels, file: &str) -> Notice {
    notices(transitions(changes(before, &levels(file)))).pop().unwrap()
}

/// The notice of a store whose items are all new; each row is an item, its
/// count and its name.
fn of_new(store: &str, rows: &str) -> Notice {
    let rows: String = rows.split(' ').map(|row| format!("\"{store}\",{row}\n")).collect();
    notice(&Levels::default(), &format!("store,item,count,name\n{rows}"))
}

#[test]
fn a_text_is_a_table_worst_first() {
    let before = levels(
        "store,item,count,reorder point,name\n\
         京都,0805,12.5,2,緑茶\n\
         京都,4711,9,3,Milk\n\
         京都,7,0,,\n\
         京都,8,5,,\n",
    );
    let file = "store,item,count,reorder point,name\n\
         京都,0805,-0.25,2,緑茶\n\
         京都,4711,3,3,Milk\n\
         京都,7,1,,\n\
         京都,8,0,,\n\
         京都,9,0,1,\"a\nb\"\n";
    assert_eq!(
        notice(&before, file).text(),
        "京都: 3 sold out, 1 running low, 1 back in stock\n\
         \n\
         SOLD OUT\n\
         \x20 0805  緑茶  -0.25  was 12.5, reorder at 2\n\
         \x20 8               0  was 5\n\
         \x20 9     a b       0  new, reorder at 1\n\
         \n\
         RUNNING LOW\n\
         \x20 4711  Milk      3  was 9, reorder at 3\n\
         \n\
         BACK IN STOCK\n\
         \x20 7               1  was 0\n",
    );
}

#[test]
fn a_text_without_names_has_no_column_for_them() {
    let text = of_new("Oslo", "tea,0, milk,-3,").text();
    assert_eq!(text, "Oslo: 2 sold out\n\nSOLD OUT\n  milk  -3  new\n  tea    0  new\n");
}

#[test]
fn a_text_names_at_most_50_items() {
    let rows: Vec<String> = (100..163).map(|item| format!("{item},0,")).collect();
    let text = of_new("Oslo", &rows.join(" ")).text();
    assert!(text.starts_with("Oslo: 63 sold out\n\nSOLD OUT\n  100  0  new\n"), "{text}");
    assert!(text.ends_with("\n  149  0  new\n\nand 13 more\n"), "{text}");
}

#[test]
fn a_long_name_is_shortened_to_40_columns() {
    let shown = |name: &str| {
        let text = of_new("Oslo", &format!("tea,0,{name}")).text();
        let line = text.lines().last().unwrap().to_owned();
        line.strip_prefix("  tea  ").and_then(|line| line.strip_suffix("  0  new")).unwrap().to_owned()
    };
    assert_eq!(shown(&"x".repeat(40)), "x".repeat(40));
    assert_eq!(shown(&"x".repeat(41)), "x".repeat(39) + "…");
    assert_eq!(shown(&"茶".repeat(20)), "茶".repeat(20));
    assert_eq!(shown(&"茶".repeat(21)), "茶".repeat(19) + "…");
}

#[track_caller]
fn check_sms(store: &str, rows: &str, expect: &str) {
    assert_eq!(of_new(store, rows).sms(), expect);
}

#[test]
fn a_text_message_names_the_worst() {
    check_sms("Oslo", "1,0,tea 2,0,milk", "Oslo: 2 sold out (tea, milk)");
    check_sms("Oslo", "1,0, 2,0,milk", "Oslo: 2 sold out (1, milk)");
    check_sms("Sao\nPaulo", "1,0,tea\u{a0}leaves", "Sao Paulo: 1 sold out (tea leaves)");
}

#[test]
fn a_text_message_names_the_sold_out_alone_and_counts_the_rest() {
    let before = levels("store,item,count,reorder point\nOslo,tea,4,2\nOslo,milk,9,3\nOslo,oil,0,\n");
    let file = "store,item,count,reorder point\nOslo,tea,0,2\nOslo,milk,3,3\nOslo,oil,7,\n";
    assert_eq!(notice(&before, file).sms(), "Oslo: 1 sold out (tea), 1 running low, 1 back in stock");
}

#[test]
fn a_text_message_names_as_many_as_fit() {
    let rows = |name: &str| (1..=9).map(|item| format!("{item},0,{name}")).collect::<Vec<_>>().join(" ");
    let long = "x".repeat(30);
    check_sms("Oslo", &rows(&long), &format!("Oslo: 9 sold out ({long}, {long}, {long}, {long} +5)"));
    let long = "茶".repeat(20);
    check_sms("Oslo", &rows(&long), &format!("Oslo: 9 sold out ({long}, {long} +7)"));
    check_sms("Oslo", &rows(&"茶".repeat(60)), "Oslo: 9 sold out");
}

#[test]
fn characters_of_the_extended_gsm_alphabet_take_two_places() {
    let rest = "Oslo: 1 sold out ()".len();
    let fits = "€".repeat((160 - rest) / 2);
    check_sms("Oslo", &format!("1,0,{fits}"), &format!("Oslo: 1 sold out ({fits})"));
    check_sms("Oslo", &format!("1,0,{fits}xx"), "Oslo: 1 sold out");
}

#[test]
fn a_text_message_shortens_a_long_store() {
    check_sms(&"s".repeat(200), "1,0,tea", &format!("{}...: 1 sold out", "s".repeat(145)));
    check_sms(&"店".repeat(100), "1,0,tea", &format!("{}...: 1 sold out", "店".repeat(55)));
}

#[track_caller]
fn check_subject(store: &str, expect: &str) {
    assert_eq!(of_new(store, "1,0,tea").subject(), expect);
}

#[test]
fn a_subject_is_written_in_ascii() {
    check_subject("Oslo", "Oslo: 1 sold out");
    check_subject("Oslo Grünerløkka", "Oslo Grunerlokka: 1 sold out");
    check_subject("São Paulo Pinheiros", "Sao Paulo Pinheiros: 1 sold out");
    check_subject("Москва", "Moskva: 1 sold out");
    check_subject("京都四条", "Stock: 1 sold out");
    check_subject("京都 Shijo", "Shijo: 1 sold out");
    check_subject("Oslo\twest", "Oslo west: 1 sold out");
    check_subject("Oslo\nwest", "Oslo west: 1 sold out");
    check_subject(&"s".repeat(200), &format!("{}: 1 sold out", "s".repeat(88)));
}

#[test]
fn an_item_whose_name_cannot_be_shown_is_named_by_its_code() {
    let mut notice = of_new("Oslo", "4711,0,tea");
    notice.sold_out[0].level.name = Some(" \u{1} ".into());
    assert_eq!(notice.sms(), "Oslo: 1 sold out (4711)");
}

#[test]
fn an_id_stays_the_same_from_release_to_release() {
    let mut notice = of_new("Oslo", "1,0,tea 2,-1,milk");
    assert_eq!(notice.id(), "8a6dffaf6f6ff566dc6c8d9a3fc8b8f5");
    notice.sold_out[0].change.cause = Some("100".into());
    assert_eq!(notice.id(), "324ff3285860c9a5ed2df11c642cc7d7");
}

#[test]
fn an_id_tells_where_one_text_ends_and_the_next_begins() {
    let of = |item: &str, cause: &str| {
        let mut notice = of_new("Oslo", &format!("{item},0,"));
        notice.sold_out[0].change.cause = Some(cause.into());
        notice.id()
    };
    assert_ne!(of("1sold out", "sold out2"), of("1", "sold outsold out2"));
}
