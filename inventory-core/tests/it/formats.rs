//! One small file for each shape that stores' tills and spreadsheets export,
//! and beside it the levels that it must come to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inventory_core::reader::{Compression, Options, Orientation, Shape};
use inventory_core::{Levels, Quantity};

use crate::support::{Outcome, for_store, read_chunks, read_whole};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/formats")
}

/// The sample files, and the options that their place gives them.
pub(crate) fn samples() -> Vec<(PathBuf, Options)> {
    let folders = [(folder(), Options::default()), (folder().join("stores/Oslo"), for_store("Oslo"))];
    let mut samples = Vec::new();
    for (folder, options) in folders {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && path.extension().is_some_and(|kind| kind != "levels" && kind != "md") {
                samples.push((path, options.clone()));
            }
        }
    }
    samples.sort_by(|a, b| a.0.cmp(&b.0));
    samples
}

type Expected = BTreeMap<(String, String), (Quantity, Option<Quantity>)>;

fn expected(sample: &Path) -> Expected {
    let name = sample.file_name().unwrap().to_str().unwrap();
    let stem = name.split('.').next().unwrap();
    let file = sample.with_file_name(format!("{stem}.levels"));
    let mut rows = csv::Reader::from_path(&file).unwrap();
    let level = |row: csv::StringRecord| {
        let point = (!row[3].is_empty()).then(|| row[3].parse().unwrap());
        ((row[0].to_owned(), row[1].to_owned()), (row[2].parse().unwrap(), point))
    };
    rows.records().map(|row| level(row.unwrap())).collect()
}

fn found(levels: &Levels) -> Expected {
    let of_store = levels.stores().flat_map(|(store, levels)| levels.iter().map(move |level| (store, level)));
    of_store
        .map(|(store, (item, level))| {
            ((store.to_string(), item.to_string()), (level.quantity, level.reorder_point))
        })
        .collect()
}

/// One sample by its name, read.
fn sample(name: &str) -> Outcome {
    let (path, options) = samples().into_iter().find(|(path, _)| path.ends_with(name)).unwrap();
    read_whole(&std::fs::read(path).unwrap(), &options)
}

fn warnings(outcome: &Outcome) -> Vec<String> {
    outcome.records().flat_map(|record| &record.warnings).map(ToString::to_string).collect()
}

#[test]
fn every_shape_is_read_right_without_being_told_which_it_is() {
    let samples = samples();
    assert!(samples.len() > 35, "{}", samples.len());
    for (path, options) in samples {
        let bytes = std::fs::read(&path).unwrap();
        let outcome = read_whole(&bytes, &options);
        assert!(outcome.end.is_ok(), "{}: {:?}", path.display(), outcome.lines());
        assert_eq!(found(&outcome.levels()), expected(&path), "{}", path.display());
        assert_eq!(outcome.rejects().count(), 0, "{}: {:?}", path.display(), outcome.lines());
        for size in [1, 7, 64] {
            assert!(read_chunks(bytes.chunks(size), &options) == outcome, "{} by {size}", path.display());
        }
    }
}

#[test]
fn every_shape_gives_evidence_for_its_decisions() {
    for (path, options) in samples() {
        let layout = read_whole(&std::fs::read(&path).unwrap(), &options).end.unwrap();
        let decisions: Vec<&str> = layout.evidence.iter().map(|evidence| &*evidence.decision).collect();
        assert!(decisions.len() >= 2, "{}: {decisions:?}", path.display());
        let tabular = matches!(layout.shape, Shape::Delimited | Shape::JsonLines | Shape::Workbook);
        assert!(!tabular || decisions.contains(&"item"), "{}: {decisions:?}", path.display());
        assert!(
            layout.evidence.iter().all(|evidence| !evidence.because.contains('\n')),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_layout_that_was_found_can_be_said_and_reads_the_same() {
    for (path, options) in samples() {
        let bytes = std::fs::read(&path).unwrap();
        let outcome = read_whole(&bytes, &options);
        let written = toml::to_string(outcome.end.as_ref().unwrap()).unwrap();
        let mut said = options.clone();
        said.layout = Some(toml::from_str(&written).unwrap());
        assert_eq!(read_whole(&bytes, &said).lines(), outcome.lines(), "{}\n{written}", path.display());
    }
}

#[test]
fn wide_files_are_told_from_long_ones() {
    for (name, stores) in [
        ("square.csv", &["Main Street", "Harbour"][..]),
        ("lightspeed.csv", &["North Outlet", "South Outlet"]),
        ("ospos.csv", &["stock", "back room"]),
        ("shopify-wide.csv", &["Bergen", "Tromsø havn"]),
        ("store-as-header.csv", &["Downtown"]),
    ] {
        let layout = sample(name).end.unwrap();
        assert_eq!(layout.orientation, Orientation::Wide, "{name}");
        let found: Vec<&str> = layout.stores.iter().map(|store| &*store.store).collect();
        assert_eq!(found, stores, "{name}");
    }
    assert_eq!(sample("shelves.csv").end.unwrap().orientation, Orientation::Long);
}

#[test]
fn a_lone_column_named_like_a_store_beside_a_count_is_none() {
    let file = b"sku,quantity,inventory_turnover\ntea,4,2\nmilk,9,3\n";
    let refused = read_whole(file, &Options::default()).lines();
    assert!(refused[0].contains("no column is named \"store\""), "{refused:?}");
    assert_eq!(read_whole(file, &for_store("Oslo")).lines(), ["2: Oslo/tea 4", "3: Oslo/milk 9"]);
}

#[test]
fn the_total_of_the_stores_is_no_store() {
    let file = b"SKU,Name,Berlin,Hamburg,Total\nA-1,Cup,3,4,7\nA-2,Bowl,0,2,2\n";
    assert_eq!(
        read_whole(file, &Options::default()).lines(),
        [
            "2: Berlin/A-1 3 \"Cup\"",
            "2: Hamburg/A-1 4 \"Cup\"",
            "3: Berlin/A-2 0 \"Bowl\"",
            "3: Hamburg/A-2 2 \"Bowl\"",
        ]
    );
}

#[test]
fn each_row_and_store_of_a_wide_file_is_one() {
    let outcome = sample("shopify-wide.csv");
    assert_eq!((outcome.records().count(), outcome.skips(), outcome.rows.len()), (5, 3, 8));
    let levels = outcome.levels();
    let bergen = levels.store("Bergen").unwrap();
    assert_eq!((bergen.read(), bergen.accepted(), bergen.skipped()), (4, 3, 1));
}

#[test]
fn what_is_not_stocked_or_not_tracked_is_skipped() {
    assert_eq!(sample("shopify-2024.csv").skips(), 1);
    assert_eq!(sample("woocommerce.csv").skips(), 2);
}

#[test]
fn two_columns_that_could_both_be_the_count_are_both_named() {
    let layout = sample("shopify-2024.csv").end.unwrap();
    assert_eq!((layout.count.column, &*layout.count.header), (18, "On hand (current)"));
    let other = layout.alternatives.iter().find(|other| other.role == "count").unwrap();
    assert_eq!((other.column.column, &*other.column.header), (17, "Available (not editable)"));
    let evidence = layout.evidence.iter().find(|evidence| evidence.decision == "count").unwrap();
    assert_eq!(
        evidence.because,
        "column 18 \"On hand (current)\", because its name is one for counts, and 5 of 6 values are numbers; \
         column 17 \"Available (not editable)\" could also be one"
    );
}

#[test]
fn encodings_and_compressions_are_named() {
    for (name, encoding) in [
        ("lab.csv", "utf-8"),
        ("ospos.csv", "utf-8"),
        ("utf-16.txt", "utf-16le"),
        ("utf-16-unmarked.txt", "utf-16be"),
        ("windows-1252.csv", "windows-1252"),
        ("shift-jis.csv", "shift_jis"),
        ("euc-kr.csv", "euc-kr"),
        ("gb18030.csv", "gb18030"),
    ] {
        assert_eq!(sample(name).end.unwrap().encoding.as_deref(), Some(encoding), "{name}");
    }
    for (name, compression) in [
        ("lab.csv", Compression::None),
        ("gzipped.csv.gz", Compression::Gzip),
        ("zstd.csv.zst", Compression::Zstd),
    ] {
        assert_eq!(sample(name).end.unwrap().compression, Some(compression), "{name}");
    }
}

#[test]
fn odd_codes_are_told_and_not_changed() {
    assert_eq!(
        warnings(&sample("spreadsheet-codes.csv")),
        [
            "line 2, column 2: a spreadsheet rounded this item code; export it as text: \"6.93217E+12\"",
            "line 4, column 2: a spreadsheet's text mark was taken off this item code: \"=\\\"0042\\\"\"",
        ]
    );
    assert_eq!(
        warnings(&sample("gtins.csv")),
        ["line 8, column 2: the check digit of this item code is wrong: \"4006381333980\""]
    );
    assert_eq!(warnings(&sample("lab.csv")), [""; 0]);
}

#[test]
fn titles_and_a_separator_line_stand_above_the_header() {
    let layout = sample("titled.csv").end.unwrap();
    assert_eq!((layout.header_line, layout.delimiter), (Some(5), Some(';')));
    assert_eq!(sample("headerless.csv").end.unwrap().header_line, None);
}
