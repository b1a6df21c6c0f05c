//! What holds of every receipt that is kept or told.

use inventory_core::notices::Severity;
use inventory_core::policy::Language;
use inventory_core::receipt::{File, Outcome, UploadReceipt};
use inventory_core::{Receipt, Reject, Store, Version, read};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::documents::complaints_by;
use super::generate::matching;
use super::notices::{fit, gsm, store, text};

const SCHEMA: &str = include_str!("../../../schemas/receipt-v1.schema.json");

/// What a receipt is made of.
#[derive(Clone, Debug)]
struct Parts {
    store: Option<Store>,
    key: String,
    counts: Receipt,
    reason: String,
    rejects: Vec<Reject>,
    version: Version,
}

impl Parts {
    fn receipt(&self, outcome: Outcome, language: Language) -> UploadReceipt<'_> {
        let file = File { bucket: "uploads", key: &self.key };
        let mut receipt = UploadReceipt::new(file, &self.version, outcome);
        receipt.store = self.store.as_ref();
        receipt.counts = self.counts;
        receipt.reason = matches!(outcome, Outcome::Refused).then_some(&*self.reason);
        receipt.superseded_by = matches!(outcome, Outcome::Superseded).then_some(&self.version);
        receipt.rejects = &self.rejects;
        receipt.table = Some(File { bucket: "receipts", key: &self.key });
        receipt.language = language;
        receipt
    }
}

/// Text that is mostly what a spreadsheet looks out for.
fn cell() -> impl Strategy<Value = String> {
    const MARKS: [&str; 20] = [
        "=", "+", "-", "@", "\t", "\r", "\n", "\"", "'", ",", ";", " ", "\u{feff}", "\u{a0}", "＝", "1",
        "tea", "é", "\u{0}", "|",
    ];
    let soup = vec(select(&MARKS[..]), 0..12).prop_map(|marks| marks.concat());
    prop_oneof![3 => soup, 1 => text()]
}

fn reject() -> impl Strategy<Value = Reject> {
    let bad = read(b"store,item,count\nOslo,milk,x\nOslo,,1\nOslo\n").unwrap().rejects;
    (select(bad), cell(), cell(), 1..9_999_999_u64).prop_map(|(mut reject, value, raw, line)| {
        (reject.value, reject.raw, reject.position.line) = (value, raw, line);
        reject
    })
}

fn counts() -> impl Strategy<Value = Receipt> {
    vec(0..3_000_000_u64, 6).prop_map(|counts| {
        let mut receipt = Receipt::rejected_only(counts[0] / 100_000);
        (receipt.skipped, receipt.duplicates) = (counts[1], counts[2]);
        (receipt.written, receipt.unchanged, receipt.superseded) = (counts[3], counts[4], counts[5]);
        receipt
    })
}

fn parts() -> impl Strategy<Value = Parts> {
    let key = prop_oneof![matching("[a-z/]{1,30}\\.csv"), text()];
    (option::of(store()), key, counts(), text(), vec(reject(), 0..40)).prop_map(
        |(store, key, counts, reason, rejects)| {
            let version = Version::new("2026-11-02T07:00:00Z".parse().unwrap(), "01");
            Parts { store, key: fit(&key, 1024), counts, reason, rejects, version }
        },
    )
}

/// The cells of a table, by another reader than ours.
fn cells(csv: &str) -> Vec<[String; 6]> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    let rows = reader.records().map(|row| {
        let row: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
        row.try_into().unwrap()
    });
    rows.collect()
}

fn without_apostrophes(text: &str) -> String {
    text.replace('\'', "")
}

fn is_formula(cell: &str) -> bool {
    let start = cell.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\u{feff}'));
    start.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// The sums of a text: each a total and its parts.
fn sums(text: &str) -> Vec<(u64, u64)> {
    let mut sums: Vec<(u64, u64)> = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let number = |word: Option<&str>| word.and_then(|word| word.parse::<u64>().ok());
        match words.next() {
            Some("=" | "+") => {
                if let (Some(sum), Some(part)) = (sums.last_mut(), number(words.next())) {
                    sum.1 += part;
                }
            }
            first if line.starts_with("    ") => sums.extend(number(first).map(|total| (total, 0))),
            _ => {}
        }
    }
    sums
}

proptest! {
    #[test]
    fn a_table_is_read_back(parts in parts()) {
        let receipt = parts.receipt(Outcome::Applied, Language::English);
        let csv = receipt.rejects_csv();
        let marked = csv.starts_with("\u{feff}line,byte,column,value,reason,row\r\n");
        prop_assert!(marked && csv.ends_with("\r\n"), "{:?}", csv);
        let rows = cells(&csv);
        let listed = parts.rejects.len().min(usize::try_from(parts.counts.rejected).unwrap());
        let more = parts.counts.rejected - listed as u64;
        prop_assert_eq!(rows.len(), 1 + listed + usize::from(more > 0));
        for (row, reject) in rows[1..].iter().zip(&parts.rejects[..listed]) {
            prop_assert_eq!(&row[0], &reject.position.line.to_string());
            prop_assert_eq!(&row[1], &reject.position.byte.to_string());
            prop_assert_eq!(&row[2], &reject.column.map_or(String::new(), |column| column.to_string()));
            for (cell, text) in [(&row[3], &reject.value), (&row[5], &reject.raw)] {
                prop_assert_eq!(without_apostrophes(cell), without_apostrophes(text));
            }
            prop_assert_eq!(&row[4], &reject.reason.to_string());
        }
        if more > 0 {
            let last = format!("{more} more rejected rows are not listed here");
            prop_assert_eq!(&rows.last().unwrap()[4], &last);
        }
    }

    #[test]
    fn no_cell_of_a_table_is_a_formula(parts in parts()) {
        let csv = parts.receipt(Outcome::Applied, Language::English).rejects_csv();
        for cell in cells(&csv).concat() {
            prop_assert!(!is_formula(&cell) && !cell.starts_with(['\t', '\r', '\n']), "{cell:?}");
        }
        // As it is read where the list separator is a semicolon, or a tab.
        for cell in csv.split([';', '\t', '\r', '\n']) {
            prop_assert!(!is_formula(cell), "{cell:?} of {csv:?}");
        }
    }

    #[test]
    fn sums_add_up_in_every_form(parts in parts(), outcome in select(&Outcome::ALL[..]), language in select(&Language::ALL[..])) {
        let receipt = parts.receipt(outcome, language);
        let document = serde_json::to_value(receipt.document()).unwrap();
        let count = |name: &str| document["counts"][name].as_u64().unwrap();
        prop_assert_eq!(count("read"), count("accepted") + count("rejected") + count("skipped"));
        prop_assert_eq!(count("accepted"), count("levels") + count("duplicates"));
        prop_assert_eq!(count("levels"), count("written") + count("unchanged") + count("superseded"));
        let listed = document["rejects"].as_array().unwrap().len() as u64;
        prop_assert_eq!(listed + document["more"].as_u64().unwrap(), count("rejected"));
        let head: String = receipt.text().split("\n\n").skip(1).take(2).map(|part| format!("{part}\n")).collect();
        let sums = sums(&head);
        prop_assert_eq!(sums.iter().map(|(total, _)| *total).collect::<Vec<_>>(), {
            let mut totals = vec![count("read"), count("accepted")];
            totals.retain(|total| *total > 0);
            totals
        });
        prop_assert!(sums.iter().all(|(total, parts)| total == parts), "{sums:?} in {head}");
    }

    #[test]
    fn a_document_is_as_its_schema_says_and_bounded(parts in parts(), outcome in select(&Outcome::ALL[..])) {
        let document = serde_json::to_value(parts.receipt(outcome, Language::English).document()).unwrap();
        prop_assert_eq!(complaints_by(SCHEMA, &document), [""; 0]);
        prop_assert!(document.to_string().len() < 100_000);
    }

    #[test]
    fn in_every_language_forms_keep_their_bounds(parts in parts(), outcome in select(&Outcome::ALL[..]), language in select(&Language::ALL[..])) {
        let receipt = parts.receipt(outcome, language);
        let (subject, sms, text) = (receipt.subject(), receipt.sms(), receipt.text());
        prop_assert!(subject.len() <= 100 && subject.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{:?}", subject);
        prop_assert!(gsm(&sms).map_or(sms.encode_utf16().count() <= 70, |septets| septets <= 160), "{:?}", sms);
        prop_assert!(!sms.contains(char::is_control), "{:?}", sms);
        prop_assert!(!text.replace('\n', "").contains(char::is_control), "{:?}", text);
        prop_assert!(text.len() < 32_768, "{}", text.len());
        if receipt.is_news() && receipt.severity() == Severity::Warning {
            let rejected = parts.counts.rejected.to_string();
            prop_assert!(subject.contains(&rejected) && sms.contains(&rejected), "{:?} {:?}", subject, sms);
        }
    }
}

#[test]
fn the_schema_tells_a_receipt_from_anything_else() {
    let version = Version::new("2026-11-02T07:00:00Z".parse().unwrap(), "01");
    let file = File { bucket: "uploads", key: "day.csv" };
    let receipt = UploadReceipt::new(file, &version, Outcome::Refused);
    let mut document = serde_json::to_value(receipt.document()).unwrap();
    assert_eq!(complaints_by(SCHEMA, &document), [""; 0]);
    for (pointer, wrong) in [
        ("/version", serde_json::json!(2)),
        ("/type", "stock".into()),
        ("/id", "x".into()),
        ("/outcome", "failed".into()),
        ("/counts/read", (-1).into()),
        ("/upload/counted_at", "yesterday".into()),
        ("/more", "1".into()),
    ] {
        let right = std::mem::replace(document.pointer_mut(pointer).unwrap(), wrong);
        assert_eq!(complaints_by(SCHEMA, &document).len(), 1, "{pointer}");
        *document.pointer_mut(pointer).unwrap() = right;
    }
}
