//! What people are told, letter by letter.

use inventory_core::notices::Severity;
use inventory_core::policy::Language;
use inventory_core::{Levels, Notice, Policy, Version, changes, notices, transitions};
use serde_json::json;

use crate::support::levels;

/// The notice of what a file changes.
fn notice(before: &Levels, file: &str) -> Notice {
    let policy = Policy::default();
    notices(transitions(changes(before, &levels(file)), &policy), &policy).pop().unwrap()
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
         \x20 -0.25  緑茶\n\
         \x20        0805, was 12.5, reorder at 2\n\
         \x20     0  8\n\
         \x20        was 5\n\
         \x20     0  a b\n\
         \x20        9, new, reorder at 1\n\
         \n\
         RUNNING LOW\n\
         \x20     3  Milk\n\
         \x20        4711, was 9, reorder at 3\n\
         \n\
         BACK IN STOCK\n\
         \x20     1  7\n\
         \x20        was 0\n",
    );
}

#[test]
fn the_lowest_is_the_worst() {
    let notice = of_new("Oslo", "tea,0, milk,-3, beer,0, salt,-12.5,");
    let items: Vec<_> = notice.transitions().map(|transition| transition.change.item.as_str()).collect();
    assert_eq!(items, ["salt", "milk", "beer", "tea"]);
}

#[test]
fn a_text_says_what_it_comes_from_and_where_to_see_all() {
    let mut notice = of_new("Oslo", "tea,0, milk,0,");
    let version = |hour: &str| Version::new(format!("2026-11-02T{hour}:00:00Z").parse().unwrap(), "01");
    notice.sold_out[0].change.version = Some(version("06"));
    notice.sold_out[1].change.version = Some(version("07"));
    notice.files.insert(version("07"), "stores/Oslo/day.csv".into());
    notice.dashboard = Some("https://stock.example.com/".into());
    assert_eq!(
        notice.text(),
        "Oslo: 2 sold out\n\
         From stores/Oslo/day.csv, counted 2026-11-02 07:00 UTC\n\
         Counted 2026-11-02 06:00 UTC\n\
         \n\
         SOLD OUT\n\
         \x20 0  milk\n\
         \x20    new\n\
         \x20 0  tea\n\
         \x20    new\n\
         \n\
         All stock: https://stock.example.com/\n",
    );
}

#[test]
fn of_many_uploads_three_are_named() {
    let mut notice = of_new("Oslo", "1,0, 2,0, 3,0, 4,0, 5,0,");
    for (hour, transition) in notice.sold_out.iter_mut().enumerate() {
        let time = format!("2026-11-02T0{hour}:00:00Z").parse().unwrap();
        transition.change.version = Some(Version::new(time, "01"));
    }
    let text = notice.text();
    let lines: Vec<_> = text.lines().skip(1).take(4).collect();
    let counted = |hour: u8| format!("Counted 2026-11-02 0{hour}:00 UTC");
    assert_eq!(lines, [&*counted(4), &counted(3), &counted(2), "and 2 more uploads"]);
}

#[test]
fn a_text_names_at_most_50_items() {
    let rows: Vec<String> = (100..163).map(|item| format!("{item},0,")).collect();
    let text = of_new("Oslo", &rows.join(" ")).text();
    assert!(text.starts_with("Oslo: 63 sold out\n\nSOLD OUT\n  0  100\n     new\n"), "{text}");
    assert!(text.ends_with("\n  0  149\n     new\n\nand 13 more\n"), "{text}");
}

#[test]
fn a_long_name_is_shortened_to_32_columns() {
    let shown = |name: &str| {
        let text = of_new("Oslo", &format!("tea,0,{name}")).text();
        text.lines().find_map(|line| line.strip_prefix("  0  ")).unwrap().to_owned()
    };
    assert_eq!(shown(&"x".repeat(32)), "x".repeat(32));
    assert_eq!(shown(&"x".repeat(33)), "x".repeat(31) + "…");
    assert_eq!(shown(&"茶".repeat(16)), "茶".repeat(16));
    assert_eq!(shown(&"茶".repeat(17)), "茶".repeat(15) + "…");
    assert!(shown(&format!("e{}", "\u{301}".repeat(3000))).chars().count() <= 96, "marks count too");
}

#[test]
fn what_is_written_from_right_to_left_does_not_turn_the_rest_around() {
    let mut notice = of_new("متجر", "4711,0,شاي");
    assert_eq!(notice.sms(), "\u{2068}متجر\u{2069}: 1 sold out (\u{2068}شاي\u{2069})");
    assert!(notice.text().contains("  0  \u{2068}شاي\u{2069}\n     4711, new\n"));
    notice.sold_out[0].level.name = Some("tea \u{202e}gnp.exe".into());
    assert!(notice.text().contains("  0  tea gnp.exe\n"), "{}", notice.text());
}

#[track_caller]
fn check_sms(store: &str, rows: &str, expect: &str) {
    assert_eq!(of_new(store, rows).sms(), expect);
}

#[test]
fn a_text_message_names_the_worst() {
    check_sms("Oslo", "1,0,tea 2,0,milk", "Oslo: 2 sold out (tea, milk)");
    check_sms("Oslo", "1,0, 2,0,milk", "Oslo: 2 sold out (1, milk)");
    check_sms("Sao\u{2003}Paulo", "1,0,tea\u{a0}leaves", "Sao Paulo: 1 sold out (tea leaves)");
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

/// Two are out, one is low and one is back.
fn in_language(language: Language) -> Notice {
    let before = levels("store,item,count,reorder point\nLyon,1,4,2\nLyon,2,4,2\nLyon,3,4,2\nLyon,4,0,2\n");
    let file =
        "store,item,count,reorder point,name\nLyon,1,0,2,thé\nLyon,2,0,2,café\nLyon,3,2,2,\nLyon,4,7,2,\n";
    let mut notice = notice(&before, file);
    notice.language = language;
    notice.dashboard = Some("https://stock.example.com/".into());
    let version = Version::new("2026-11-02T07:00:00Z".parse().unwrap(), "01");
    notice.files.insert(version.clone(), "lyon.csv".into());
    notice.sold_out[0].change.version = Some(version);
    notice
}

#[track_caller]
fn check_language(language: Language, subject: &str, sms: &str, text: &str) {
    let notice = in_language(language);
    assert_eq!((&*notice.subject(), &*notice.sms()), (subject, sms));
    assert_eq!(notice.text(), text);
}

#[test]
fn a_notice_is_in_the_language_of_its_store() {
    check_language(
        Language::German,
        "Lyon: 2 ausverkauft, 1 bald ausverkauft, 1 wieder auf Lager",
        "Lyon: 2 ausverkauft (thé, café), 1 bald ausverkauft, 1 wieder auf Lager",
        "Lyon: 2 ausverkauft, 1 bald ausverkauft, 1 wieder auf Lager\n\
         Aus lyon.csv, gezählt 2026-11-02 07:00 UTC\n\n\
         AUSVERKAUFT\n\
         \x20 0  thé\n\
         \x20    1, vorher 4, nachbestellen ab 2\n\
         \x20 0  café\n\
         \x20    2, vorher 4, nachbestellen ab 2\n\n\
         BALD AUSVERKAUFT\n\
         \x20 2  3\n\
         \x20    vorher 4, nachbestellen ab 2\n\n\
         WIEDER AUF LAGER\n\
         \x20 7  4\n\
         \x20    vorher 0, nachbestellen ab 2\n\n\
         Alle Bestände: https://stock.example.com/\n",
    );
    check_language(
        Language::French,
        "Lyon: 2 epuises, 1 presque epuise, 1 de nouveau en stock",
        "Lyon: 2 épuisés (thé, café), 1 presque épuisé, 1 de nouveau en stock",
        "Lyon: 2 épuisés, 1 presque épuisé, 1 de nouveau en stock\n\
         D'après lyon.csv, compté le 2026-11-02 07:00 UTC\n\n\
         ÉPUISÉ\n\
         \x20 0  thé\n\
         \x20    1, avant 4, à commander à 2\n\
         \x20 0  café\n\
         \x20    2, avant 4, à commander à 2\n\n\
         PRESQUE ÉPUISÉ\n\
         \x20 2  3\n\
         \x20    avant 4, à commander à 2\n\n\
         DE NOUVEAU EN STOCK\n\
         \x20 7  4\n\
         \x20    avant 0, à commander à 2\n\n\
         Tout le stock : https://stock.example.com/\n",
    );
    check_language(
        Language::Spanish,
        "Lyon: 2 agotados, 1 casi agotado, 1 de nuevo en stock",
        "Lyon: 2 agotados (thé, café), 1 casi agotado, 1 de nuevo en stock",
        "Lyon: 2 agotados, 1 casi agotado, 1 de nuevo en stock\n\
         De lyon.csv, contado el 2026-11-02 07:00 UTC\n\n\
         AGOTADO\n\
         \x20 0  thé\n\
         \x20    1, antes 4, pedir con 2\n\
         \x20 0  café\n\
         \x20    2, antes 4, pedir con 2\n\n\
         CASI AGOTADO\n\
         \x20 2  3\n\
         \x20    antes 4, pedir con 2\n\n\
         DE NUEVO EN STOCK\n\
         \x20 7  4\n\
         \x20    antes 0, pedir con 2\n\n\
         Todo el stock: https://stock.example.com/\n",
    );
    check_language(
        Language::Japanese,
        "Lyon: 2 sold out, 1 running low, 1 back in stock",
        "Lyon: 品切れ2件 (thé、café)、残りわずか1件、再入荷1件",
        "Lyon: 品切れ2件、残りわずか1件、再入荷1件\n\
         ファイル lyon.csv、集計 2026-11-02 07:00 UTC\n\n\
         品切れ\n\
         \x20 0  thé\n\
         \x20    1、前回4、発注点2\n\
         \x20 0  café\n\
         \x20    2、前回4、発注点2\n\n\
         残りわずか\n\
         \x20 2  3\n\
         \x20    前回4、発注点2\n\n\
         再入荷\n\
         \x20 7  4\n\
         \x20    前回0、発注点2\n\n\
         全在庫: https://stock.example.com/\n",
    );
}

#[test]
fn a_policy_chooses_the_language_and_the_reorder_point() {
    let policy: Policy =
        serde_json::from_str(r#"{"stores": {"Lyon": {"language": "fr", "reorder_point": 3}}}"#).unwrap();
    let file = levels("store,item,count\nLyon,1,3\nOslo,1,3\n");
    let told = notices(transitions(changes(&Levels::default(), &file), &policy), &policy);
    let [told] = &told[..] else { panic!("{told:?}") };
    assert_eq!(told.subject(), "Lyon: 1 presque epuise");
    assert!(told.text().contains("nouveau, à commander à 3"), "{}", told.text());
}

#[test]
fn the_latin_languages_fit_more_into_a_text_message() {
    for language in [Language::English, Language::German, Language::French, Language::Spanish] {
        let mut notice =
            of_new("Lyon", &(10..60).map(|item| format!("{item},0,")).collect::<Vec<_>>().join(" "));
        notice.language = language;
        assert!(notice.sms().len() > 100, "{language:?} needs no other alphabet: {}", notice.sms());
    }
}

#[test]
fn a_part_says_which() {
    let parts = of_new("Oslo", "1,0, 2,0, 3,0,").split(|part| part.transitions().count() < 2);
    let subjects: Vec<_> = parts.iter().map(Notice::subject).collect();
    assert_eq!(subjects, [1, 2, 3].map(|number| format!("Oslo: 1 sold out (part {number} of 3)")));
    assert!(parts[0].text().starts_with("Oslo: 1 sold out (part 1 of 3)\n"));
    assert_eq!(of_new("Oslo", "1,0, 2,0,").split(|_| true)[0].subject(), "Oslo: 2 sold out");
}

#[test]
fn a_notice_is_as_severe_as_its_worst() {
    let mut notice = in_language(Language::English);
    assert_eq!(notice.severity(), Severity::Critical);
    notice.sold_out.clear();
    assert_eq!(notice.severity(), Severity::Warning);
    notice.running_low.clear();
    assert_eq!((notice.severity(), notice.severity().as_str()), (Severity::Info, "info"));
}

#[test]
fn a_document_says_it_all() {
    let document = serde_json::to_value(in_language(Language::French).document()).unwrap();
    let items = document["items"].as_array().unwrap();
    assert_eq!(
        items[0],
        json!({
            "kind": "sold_out", "item": "1", "name": "thé", "quantity": "0", "before": "4", "reorder_point": "2",
        })
    );
    assert_eq!(items.iter().map(|item| &item["item"]).collect::<Vec<_>>(), ["1", "2", "3", "4"]);
    assert_eq!(document["counts"], json!({"sold_out": 2, "running_low": 1, "back_in_stock": 1}));
    assert_eq!(document["uploads"], json!([{"counted_at": "2026-11-02T07:00:00Z", "key": "lyon.csv"}]));
    assert_eq!((&document["more"], &document["type"]), (&json!(0), &json!("stock")));
}

#[test]
fn a_subject_is_written_in_ascii() {
    check_subject("Oslo", "Oslo: 1 sold out");
    check_subject("Oslo Grünerløkka", "Oslo Grunerlokka: 1 sold out");
    check_subject("São Paulo Pinheiros", "Sao Paulo Pinheiros: 1 sold out");
    check_subject("Москва", "Moskva: 1 sold out");
    check_subject("京都四条", "Stock: 1 sold out");
    check_subject("京都 Shijo", "Shijo: 1 sold out");
    check_subject("Oslo\u{a0}west", "Oslo west: 1 sold out");
    check_subject("Oslo\u{2003}west", "Oslo west: 1 sold out");
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
    notice.sold_out[1].change.cause = Some("100".into());
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
