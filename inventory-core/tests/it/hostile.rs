//! Files that are made to hurt: each is refused or read within its bounds.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use inventory_core::Refusal;
use inventory_core::reader::Options;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::support::{check_with, limited, push_all, read_whole};

fn gzip(text: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    text.for_each(|piece| packed.write_all(&piece).unwrap());
    packed.finish().unwrap()
}

/// What a file is refused with, pushed in chunks of 64 KiB.
#[track_caller]
fn refusal(file: &[u8], options: &Options) -> String {
    let refused: Result<_, Refusal> = push_all(file.chunks(1 << 16), options, |_| {});
    refused.unwrap_err().to_string()
}

fn over(bytes: u64) -> String {
    format!("the file unpacks to more than {bytes} bytes; upload it as plain text, or split it")
}

#[test]
fn a_gzip_bomb_of_zeros_is_no_text() {
    let bomb = gzip(std::iter::repeat_n(vec![0; 1 << 20], 8));
    assert!(bomb.len() < 1 << 17);
    assert_eq!(refusal(&bomb, &Options::default()), "the file is no text; upload it as CSV text");
}

#[test]
fn a_gzip_bomb_of_rows_stops_at_the_limit() {
    let header = std::iter::once(b"store,item,count\n".to_vec());
    let bomb = gzip(header.chain(std::iter::repeat_n(b"Oslo,tea,4\n".repeat(1 << 15), 4)));
    let options = limited(|limits| limits.unpacked_bytes = 1 << 20);
    assert_eq!(refusal(&bomb, &options), over(1 << 20));
    check_with(
        &options,
        gzip(std::iter::once(b"store,item,count\nOslo,tea,4\n".to_vec())),
        &["2: Oslo/tea 4"],
    );
}

#[test]
fn a_zstd_bomb_stops_at_the_limit() {
    // One frame: a header, and then blocks that each repeat a line break
    // 128 KiB times.
    let header = b"store,item,count\n";
    let mut bomb = b"\x28\xb5\x2f\xfd\x00\x58".to_vec();
    bomb.extend([&(17_u32 << 3).to_le_bytes()[..3], header].concat());
    let block = (128_u32 << 10) << 3 | 1 << 1;
    (0..1000).for_each(|_| bomb.extend([&block.to_le_bytes()[..3], b"\n"].concat()));
    let options = limited(|limits| limits.unpacked_bytes = 1 << 20);
    assert_eq!(refusal(&bomb, &options), over(1 << 20));
}

#[test]
fn a_zstd_window_may_not_be_huge() {
    let window = b"\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00";
    assert_eq!(
        refusal(window, &Options::default()),
        "the file is compressed with zstd and a window of more than 8 MiB; upload it as plain CSV text"
    );
}

#[test]
fn a_line_that_never_ends_is_refused_once_enough_of_it_was_seen() {
    let text = vec![b'x'; 300 << 10];
    let long = "line 1: the header is longer than a row may be; is this CSV text?";
    assert_eq!(refusal(&text, &Options::default()), long);
    let mut quoted = vec![b'x'; 300 << 10];
    quoted[0] = b'"';
    assert_eq!(refusal(&quoted, &Options::default()), long);
}

#[test]
fn a_million_columns_are_refused() {
    let header = "column,".repeat(1_000_000);
    assert_eq!(
        refusal(header.as_bytes(), &Options::default()),
        "line 1: the header is longer than a row may be; is this CSV text?"
    );
}

#[test]
fn a_header_with_ten_thousand_duplicates_is_refused() {
    let header = format!("store,{}count\nOslo{},4\n", "sku,".repeat(10_000), ",tea,milk".repeat(5_000));
    assert_eq!(
        refusal(header.as_bytes(), &Options::default()),
        "line 1: columns 2 and 3 are both named \"item\"; rename one"
    );
    let wide: String = (0..10_000).map(|_| "inventory_Oslo,").collect();
    let file = format!("sku,{wide}\ntea{}\n", ",4".repeat(10_000));
    let outcome = read_whole(file.as_bytes(), &Options::default());
    assert_eq!(outcome.lines(), ["2: Oslo/tea 4"]);
}

#[test]
fn a_few_zeros_are_text() {
    check_with(
        &Options::default(),
        b"store,item,count\nOslo,t\0a,4\nOslo,milk,\x009\n",
        &[
            "line 2, column 2: item has the character U+0000, which nobody sees; take it out: \"t\\0a\" [Oslo]",
            "line 3, column 3: count is not a number such as 12, -3 or 12.375: \"\\09\" [Oslo]",
        ],
    );
}

/// A workbook of one sheet.
fn workbook(sheet: &str) -> Vec<u8> {
    workbook_of(&[("Stock", sheet)])
}

/// A workbook of sheets, whose second style shows five digits and the third a
/// day.
fn workbook_of(sheets: &[(&str, &str)]) -> Vec<u8> {
    let listed = |each: &dyn Fn(usize, &str) -> String| -> String {
        sheets.iter().enumerate().map(|(at, (name, _))| each(at + 1, name)).collect()
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#.to_owned(),
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned(),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{}</sheets></workbook>"#,
                listed(&|id, name| format!(r#"<sheet name="{name}" sheetId="{id}" r:id="r{id}"/>"#))
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}<Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
                listed(&|id, _| format!(
                    r#"<Relationship Id="r{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{id}.xml"/>"#
                ))
            ),
        ),
        (
            "xl/styles.xml",
            r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>"#.to_owned(),
        ),
    ];
    let sheets = sheets.iter().enumerate().map(|(at, (_, sheet))| {
        let text = format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{sheet}</sheetData></worksheet>"#
        );
        (format!("xl/worksheets/sheet{}.xml", at + 1), text)
    });
    for (name, text) in parts.map(|(name, text)| (name.to_owned(), text)).into_iter().chain(sheets) {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn row(number: u32, cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let column = ["A", "B", "C"][at];
            format!(r#"<c r="{column}{number}" t="inlineStr"><is><t>{text}</t></is></c>"#)
        })
        .collect();
    format!(r#"<row r="{number}">{cells}</row>"#)
}

#[test]
fn a_workbook_with_a_cell_in_its_last_corner_takes_no_more_memory() {
    let rows = row(1, &["store", "item", "count"]) + &row(3, &["Oslo", "tea", "4"]);
    check_with(&Options::default(), workbook(&rows), &["3: Oslo/tea 4"]);
    let corner = rows + r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let outcome = read_whole(&workbook(&corner), &Options::default());
    assert_eq!(outcome.records().count(), 1);
    assert_eq!(outcome.rejects().next().unwrap().position.line, 1_048_576);
}

#[test]
fn a_workbook_bomb_stops_at_the_limit() {
    let bomb = workbook(&" ".repeat(5 << 20));
    assert!(bomb.len() < 1 << 16);
    let options = limited(|limits| limits.workbook_bytes = 1 << 20);
    assert_eq!(refusal(&bomb, &options), over(4 << 20));
    let options = limited(|limits| limits.workbook_bytes = 1 << 10);
    assert_eq!(refusal(&bomb, &options), "the file has more than 1024 bytes; split it");
}

#[test]
fn an_archive_that_is_no_workbook_is_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("stock.csv", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"store,item,count\n").unwrap();
    assert_eq!(
        refusal(&zip.finish().unwrap().into_inner(), &Options::default()),
        "the file is a zip archive and no .xlsx workbook that can be read; upload it as plain CSV text"
    );
    let cut = &workbook("")[..300];
    assert_eq!(
        refusal(cut, &Options::default()),
        "the file is a zip archive that is damaged; upload it again"
    );
}

#[test]
fn a_cut_gzip_file_is_refused() {
    let whole = gzip(std::iter::once(b"store,item,count\nOslo,tea,4\n".repeat(100)));
    let early = "the file is compressed with gzip, and ends too early or is damaged; upload it again";
    assert_eq!(refusal(&whole[..whole.len() - 9], &Options::default()), early);
}

#[test]
fn of_several_sheets_that_could_be_read_none_is_taken_silently() {
    let stock = |store: &str| row(1, &["store", "item", "count"]) + &row(2, &[store, "tea", "4"]);
    let (oslo, lyon) = (stock("Oslo"), stock("Lyon"));
    let notes = row(1, &["Counted by Kari"]);
    let header = row(1, &["store", "item", "count"]);
    let one = workbook_of(&[("Notes", &notes), ("Oslo", &oslo), ("Empty", ""), ("Template", &header)]);
    check_with(&Options::default(), one, &["2: Oslo/tea 4"]);
    let two = workbook_of(&[("Oslo", &oslo), ("Notes", &notes), ("Lyon", &lyon)]);
    assert_eq!(
        refusal(&two, &Options::default()),
        "the sheets \"Oslo\", \"Lyon\" could each be read, and one upload is one of them; say which in a layout \
         (\"sheet\"), or upload each by itself"
    );
    let mut options = Options::default();
    let said = |sheet: &str| {
        let layout = format!(
            r#"{{"shape": "workbook", "sheet": "{sheet}", "header_line": 1, "store": 1, "item": 2, "count": 3}}"#
        );
        Some(serde_json::from_str(&layout).unwrap())
    };
    options.layout = said("Lyon");
    check_with(&options, &two, &["2: Lyon/tea 4"]);
    options.layout = said("Graz");
    assert_eq!(
        refusal(&two, &options),
        "the layout says the sheet \"Graz\", and there are \"Oslo\", \"Notes\", \"Lyon\"; correct it"
    );
}

#[test]
fn a_cell_is_read_as_the_spreadsheet_shows_it() {
    let cells = |number: u32, item: &str, count: &str| {
        format!(
            r#"<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>Oslo</t></is></c>{item}{count}</row>"#
        )
    };
    let sheet = row(1, &["store", "item", "count"])
        + &cells(2, r#"<c r="B2" s="1"><v>42</v></c>"#, r#"<c r="C2"><v>4</v></c>"#)
        + &cells(3, r#"<c r="B3" s="1"><v>123456</v></c>"#, r#"<c r="C3" t="e"><v>#N/A</v></c>"#)
        + &cells(4, r#"<c r="B4" s="2"><v>46329</v></c>"#, r#"<c r="C4"><v>1.5</v></c>"#)
        + &cells(5, r#"<c r="B5"><v>7</v></c>"#, r#"<c r="C5" s="2"><v>46329</v></c>"#);
    let outcome = read_whole(&workbook(&sheet), &Options::default());
    assert_eq!(
        outcome.lines(),
        [
            "2: Oslo/00042 4",
            "line 3, column 3: count is a formula that failed in the spreadsheet; mend it there: \"#N/A\" [Oslo]",
            "4: Oslo/2026-11-03 1.5",
            "line 5, column 3: count is not a number such as 12, -3 or 12.375: \"2026-11-03\" [Oslo]",
        ]
    );
    let warning = &outcome.records().nth(1).unwrap().warnings[0];
    assert_eq!(
        warning.to_string(),
        "line 4, column 2: a spreadsheet made this item code a date; write it as text: \"2026-11-03\""
    );
    let layout = outcome.end.unwrap();
    assert_eq!(layout.delimiter, None);
    assert!(layout.evidence.iter().all(|said| said.decision != "delimiter"), "{:?}", layout.evidence);
}
