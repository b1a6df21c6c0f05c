//! What the uploader is told, letter by letter.

use inventory_core::notices::Severity;
use inventory_core::policy::Language;
use inventory_core::receipt::{File, Outcome, Rejects, UploadReceipt};
use inventory_core::{Receipt, Reject, Store, Version, read};
use serde_json::json;

const FILE: &str =
    "store,item,count\nOslo,tea,4\nOslo,milk,lots\nOslo,tea,5\nOslo,rum,n/a\nOslo,oil\nOslo,,1\n";
const DAY: File<'_> = File { bucket: "uploads", key: "stores/Oslo/day.csv" };
const TABLE: File<'_> = File { bucket: "receipts", key: "receipts/Oslo/1/rejects.csv" };

struct Read {
    store: Store,
    version: Version,
    counts: Receipt,
    rejects: Rejects,
}

/// What a file says of Oslo.
fn of(file: &str) -> Read {
    let reading = read(file.as_bytes()).unwrap();
    let mut rejects = Rejects::default();
    reading.rejects.into_iter().for_each(|reject| rejects.push(reject));
    let counts = reading.levels.store("Oslo").map_or_else(Receipt::default, Receipt::of);
    let version = Version::new("2026-11-02T07:00:00Z".parse().unwrap(), "01");
    Read { store: Store::new("Oslo").unwrap(), version, counts, rejects }
}

impl Read {
    fn receipt(&self, outcome: Outcome) -> UploadReceipt<'_> {
        let mut receipt = UploadReceipt::new(DAY, &self.version, outcome);
        receipt.store = Some(&self.store);
        receipt.counts = self.counts;
        receipt.rejects = self.rejects.of(Some(&self.store));
        receipt
    }
}

#[test]
fn rejected_rows_are_told_with_sums_places_and_where_all_are() {
    let read = of(FILE);
    let mut receipt = read.receipt(Outcome::Applied);
    receipt.counts.written = 1;
    receipt.table = Some(TABLE);
    receipt.dashboard = Some("https://stock.example.com/");
    assert_eq!(receipt.subject(), "Oslo: 3 rows rejected");
    assert_eq!(receipt.sms(), "Oslo: 3 rows rejected (day.csv)");
    assert_eq!(
        receipt.text(),
        "Oslo: 3 rows rejected\n\
         From stores/Oslo/day.csv, counted 2026-11-02 07:00 UTC\n\
         \n\
         \x20   6  rows read\n\
         \x20 = 2  accepted\n\
         \x20 + 3  rejected\n\
         \x20 + 1  skipped, not tracked\n\
         \n\
         \x20   2  accepted\n\
         \x20 = 1  items written\n\
         \x20 + 1  replaced by a later row of the file\n\
         \n\
         REJECTED\n\
         \x20 line 3, column 3: lots\n\
         \x20   count is not a number such as 12, -3 or 12.375\n\
         \x20 line 6, column 3\n\
         \x20   the row ends before its count, after 2 fields\n\
         \x20 line 7, column 2\n\
         \x20   item is blank\n\
         \n\
         All rejected rows: s3://receipts/receipts/Oslo/1/rejects.csv\n\
         \n\
         All stock: https://stock.example.com/\n",
    );
    assert_eq!((receipt.severity(), receipt.kinds()), (Severity::Warning, vec!["receipt", "rejected"]));
}

#[test]
fn a_refused_file_says_why_and_what_to_do() {
    let read = of("store,item,count\nOslo,tea,4\n");
    let mut receipt = UploadReceipt::new(DAY, &read.version, Outcome::Refused);
    receipt.reason = Some("no column is named \"count\"");
    let told = "From stores/Oslo/day.csv, counted 2026-11-02 07:00 UTC\n\
                Nothing of this file counts: no column is named \"count\"\n\
                Mend it and upload it again.\n";
    assert_eq!(
        receipt.text(),
        format!("stores/Oslo/day.csv: file refused\n{told}"),
        "nobody knows the store"
    );
    assert_eq!(receipt.subject(), "stores/Oslo/day.csv: file refused");
    assert_eq!(receipt.sms(), "day.csv: file refused");
    receipt.store = Some(&read.store);
    assert_eq!(receipt.text(), format!("Oslo: file refused\n{told}"));
    assert_eq!((receipt.severity(), receipt.kinds()), (Severity::Critical, vec!["receipt", "refused"]));
}

#[test]
fn a_quarantined_file_says_how_it_is_released() {
    let read = of(FILE);
    let mut receipt = read.receipt(Outcome::Quarantined);
    receipt.reason = Some("it takes 40 of 50 items to zero");
    let text = receipt.text();
    let start = "Oslo: file held back, 3 rows rejected\n\
                 From stores/Oslo/day.csv, counted 2026-11-02 07:00 UTC\n\
                 Nothing of this file counts yet: it takes 40 of 50 items to zero\n\
                 If it is right, upload it again with the metadata confirm=yes.\n";
    assert!(text.starts_with(start), "{text}");
    assert_eq!((receipt.severity(), receipt.kinds()), (Severity::Critical, vec!["receipt", "quarantined"]));
}

#[test]
fn a_superseded_file_says_that_it_came_too_late() {
    let read = of("store,item,count\nOslo,tea,4\n");
    let mut receipt = read.receipt(Outcome::Superseded);
    receipt.counts.superseded = 1;
    assert_eq!(
        receipt.text(),
        "Oslo: file superseded\n\
         From stores/Oslo/day.csv, counted 2026-11-02 07:00 UTC\n\
         Newer uploads say something else of every item in it.\n\
         \n\
         \x20   1  rows read\n\
         \x20 = 1  accepted\n\
         \n\
         \x20   1  accepted\n\
         \x20 = 1  superseded by newer uploads\n",
    );
    assert_eq!((receipt.severity(), receipt.kinds()), (Severity::Info, vec!["receipt", "superseded"]));
}

#[test]
fn only_what_a_store_has_to_know_is_news() {
    let (clean, bad) = (of("store,item,count\nOslo,tea,4\n"), of(FILE));
    for (outcome, of_clean, of_bad) in [
        (Outcome::Applied, false, true),
        (Outcome::Unchanged, false, true),
        (Outcome::Superseded, true, true),
        (Outcome::Quarantined, true, true),
        (Outcome::Refused, true, true),
        (Outcome::DryRun, false, false),
    ] {
        let news = [&clean, &bad].map(|read| read.receipt(outcome).is_news());
        assert_eq!(news, [of_clean, of_bad], "{outcome:?}");
        assert_eq!(Outcome::of_word(outcome.as_str()), Some(outcome));
    }
}

#[test]
fn of_many_rejected_rows_ten_are_told() {
    let rows: String = (0..13).map(|row| format!("Oslo,i{row},x\n")).collect();
    let read = of(&format!("store,item,count\n{rows}"));
    let text = read.receipt(Outcome::Unchanged).text();
    assert_eq!(text.lines().filter(|line| line.starts_with("  line ")).count(), 10);
    assert!(text.ends_with("\n  and 3 more rows\n"), "{text}");
}

#[test]
fn a_receipt_is_in_the_language_of_its_store() {
    let read = of(FILE);
    let of = |language, outcome| {
        let mut receipt = read.receipt(outcome);
        receipt.language = language;
        (receipt.subject(), receipt.sms())
    };
    let expect = |subject: &str, sms: &str| (subject.to_owned(), sms.to_owned());
    let found = of(Language::German, Outcome::Applied);
    assert_eq!(found, expect("Oslo: 3 Zeilen abgelehnt", "Oslo: 3 Zeilen abgelehnt (day.csv)"));
    let found = of(Language::French, Outcome::Refused);
    assert_eq!(
        found,
        expect(
            "Oslo: fichier refuse, 3 lignes rejetees",
            "Oslo: fichier refusé, 3 lignes rejetées (day.csv)"
        )
    );
    let found = of(Language::Spanish, Outcome::Quarantined);
    assert_eq!(
        found,
        expect(
            "Oslo: archivo retenido, 3 filas rechazadas",
            "Oslo: archivo retenido, 3 filas rechazadas (day.csv)"
        )
    );
    let found = of(Language::Japanese, Outcome::Applied);
    assert_eq!(found, expect("Oslo: 3 rows rejected", "Oslo: 3行を不受理 (day.csv)"));
}

#[test]
fn a_document_says_it_all() {
    let read = of(FILE);
    let mut receipt = read.receipt(Outcome::Applied);
    receipt.counts.written = 1;
    receipt.table = Some(TABLE);
    let document = serde_json::to_value(receipt.document()).unwrap();
    assert_eq!(
        document,
        json!({
            "version": 1, "type": "receipt", "id": receipt.id(), "store": "Oslo", "severity": "warning",
            "outcome": "applied",
            "upload": {
                "version": "2026-11-02T07:00:00.000Z/01", "counted_at": "2026-11-02T07:00:00Z",
                "bucket": "uploads", "key": "stores/Oslo/day.csv",
            },
            "counts": {
                "read": 6, "accepted": 2, "rejected": 3, "skipped": 1, "duplicates": 1, "levels": 1,
                "written": 1, "unchanged": 0, "superseded": 0,
            },
            "rejects": [
                {"line": 3, "byte": 28, "column": 3, "value": "lots", "reason": "count is not a number such as 12, -3 or 12.375"},
                {"line": 6, "byte": 67, "column": 3, "value": "", "reason": "the row ends before its count, after 2 fields"},
                {"line": 7, "byte": 76, "column": 2, "value": "", "reason": "item is blank"},
            ],
            "more": 0,
            "table": {"bucket": "receipts", "key": "receipts/Oslo/1/rejects.csv"},
        })
    );
}

#[test]
fn a_table_has_each_bad_row_as_it_was() {
    let read = of(FILE);
    assert_eq!(
        read.receipt(Outcome::Applied).rejects_csv(),
        "\u{feff}line,byte,column,value,reason,row\r\n\
         3,28,3,lots,\"count is not a number such as 12, -3 or 12.375\",\"Oslo,milk,lots\"\r\n\
         6,67,3,,\"the row ends before its count, after 2 fields\",\"Oslo,oil\"\r\n\
         7,76,2,,item is blank,\"Oslo,,1\"\r\n"
    );
}

/// The table's last cell for a row as it is in the file.
fn row_cell(raw: &str) -> String {
    let mut reject: Reject = read(b"store,item,count\nOslo,milk,x\n").unwrap().rejects.pop().unwrap();
    reject.raw = raw.to_owned();
    let read = of("store,item,count\nOslo,milk,x\n");
    let rejects = [reject];
    let mut receipt = read.receipt(Outcome::Applied);
    receipt.rejects = &rejects;
    let csv = receipt.rejects_csv();
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    rows.records().next().unwrap().unwrap()[5].to_owned()
}

#[test]
fn no_cell_is_a_formula_wherever_a_spreadsheet_starts_one() {
    for harmless in ["tea", "a-b", "1+1", "a=1", "1;2", "a\tb", "say \"x\"", "a\r\nb", "'=1", "x;'-3"] {
        assert_eq!(row_cell(harmless), harmless);
    }
    assert_eq!(row_cell("=1+1"), "'=1+1");
    assert_eq!(row_cell("-3"), "'-3");
    assert_eq!(row_cell("@SUM(A1)"), "'@SUM(A1)");
    assert_eq!(row_cell("\t=1"), "'\t'=1");
    assert_eq!(row_cell("\tx"), "'\tx");
    assert_eq!(row_cell("\rx"), "'\rx");
    assert_eq!(row_cell(" \"=1"), "' \"=1");
    assert_eq!(row_cell("\u{feff}+1"), "'\u{feff}+1");
    assert_eq!(row_cell("Oslo;tea;-3"), "Oslo;tea;'-3");
    assert_eq!(row_cell("x;\"=cmd|' /C calc'!A0\";y"), "x;'\"=cmd|' /C calc'!A0\";y");
    assert_eq!(row_cell("x\n=1"), "x\n'=1");
    assert_eq!(row_cell("＝1"), "'＝1");
}

#[test]
fn a_table_says_how_many_rows_it_leaves_out() {
    let read = of(FILE);
    let mut receipt = read.receipt(Outcome::Applied);
    receipt.counts.rejected = 1_000;
    let csv = receipt.rejects_csv();
    assert!(csv.ends_with("\r\n,,,,997 more rejected rows are not listed here,\r\n"), "{csv}");
}

#[test]
fn rejects_are_kept_within_bounds() {
    let mut reject = read(b"store,item,count\nOslo,milk,x\n").unwrap().rejects.pop().unwrap();
    let oslo = reject.store.clone();
    let mut rejects = Rejects::default();
    (0..10_005).for_each(|_| rejects.push(reject.clone()));
    assert_eq!(rejects.of(oslo.as_ref()).len(), 10_000);

    reject.store = None;
    (reject.raw, reject.value) = ("é".repeat(9_999), "é".repeat(9_999));
    (0..10_000).for_each(|_| rejects.push(reject.clone()));
    let kept = rejects.of(None);
    assert!((1_300..2_000).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept[0].raw, "é".repeat(4_096) + "…");
    assert_eq!(kept[0].value, "é".repeat(1_024) + "…");

    let lyon = Store::new("Lyon").unwrap();
    reject.store = Some(lyon.clone());
    (0..100).for_each(|_| rejects.push(reject.clone()));
    assert_eq!(rejects.of(Some(&lyon)).len(), 50, "others leave room for the first");
    assert_eq!(rejects.first(3).len(), 9);
}

#[test]
fn an_id_is_of_the_upload_the_store_and_the_news() {
    let read = of(FILE);
    let id = |change: fn(&mut UploadReceipt<'_>)| {
        let mut receipt = read.receipt(Outcome::Applied);
        change(&mut receipt);
        receipt.id()
    };
    let usual = id(|_| ());
    assert_eq!(usual, "8ab4891121af230a4a4c1205ccd5c070", "it stays the same from release to release");
    assert_eq!(id(|receipt| receipt.outcome = Outcome::Unchanged), usual, "the same rows are told");
    assert_eq!(id(|receipt| receipt.counts.written = 7), usual);
    assert_ne!(id(|receipt| receipt.outcome = Outcome::Refused), usual);
    assert_ne!(id(|receipt| receipt.store = None), usual);
    assert_ne!(id(|receipt| receipt.file.key = "other.csv"), usual);
}
