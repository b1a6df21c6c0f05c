//! The sample files, against the numbers that their README gives.

use std::path::PathBuf;

use inventory_core::levels::Columns;
use inventory_core::reader::{Options, Reading};
use inventory_core::{Level, Levels, Policy, Status, TransitionKind, changes, read, transitions};

use crate::support::read_chunks;

const MONDAY: &str = "2026-11-02";
const TUESDAY: &str = "2026-11-03";

fn file(day: &str, name: &str) -> Vec<u8> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/data");
    std::fs::read(data.join(day).join(name).with_extension("csv")).unwrap()
}

fn reading(day: &str, name: &str) -> Reading {
    read(&file(day, name)).unwrap()
}

/// What one file comes to.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    rows: u64,
    rejected: u64,
    items: usize,
    out: usize,
    low: usize,
}

const fn counts(rows: u64, rejected: u64, items: usize, out: usize, low: usize) -> Counts {
    Counts { rows, rejected, items, out, low }
}

/// What one store sends on two days, and what happens between them.
struct Sample {
    file: &'static str,
    store: &'static str,
    columns: &'static [&'static str],
    optional: (bool, bool),
    monday: Counts,
    tuesday: Counts,
    sold_out: &'static [&'static str],
    running_low: &'static [&'static str],
    back_in_stock: &'static [&'static str],
}

const SAMPLES: [Sample; 6] = [
    Sample {
        file: "oslo",
        store: "Oslo Grünerløkka",
        columns: &["store", "item", "count", "reorder_point", "name"],
        optional: (true, true),
        monday: counts(65, 0, 65, 4, 4),
        tuesday: counts(67, 0, 67, 5, 7),
        sold_out: &["10415-1", "10602-205", "10612-43"],
        running_low: &["10121-1", "10205-L", "10405-230", "10503-L", "10714-1"],
        back_in_stock: &["10218-0", "10707-0"],
    },
    Sample {
        file: "lyon",
        store: "Lyon Bellecour",
        columns: &["Store", "Item", "Count", "Reorder Point", "Name"],
        optional: (true, true),
        monday: counts(63, 0, 61, 3, 4),
        tuesday: counts(63, 0, 63, 4, 6),
        sold_out: &["00127", "00409"],
        running_low: &["00104", "00152", "00208"],
        back_in_stock: &["00164"],
    },
    Sample {
        file: "kyoto",
        store: "京都四条",
        columns: &["STORE", "ITEM", "COUNT", "reorder-point", "Name"],
        optional: (true, true),
        monday: counts(64, 0, 64, 4, 3),
        tuesday: counts(66, 0, 66, 4, 7),
        sold_out: &["2101200001106", "2102100001296"],
        running_low: &["2101100004528", "2101100007420", "2101200007078", "2102100002118"],
        back_in_stock: &["2101100008106", "2102100001432"],
    },
    Sample {
        file: "sao-paulo",
        store: "São Paulo Pinheiros",
        columns: &["store", "item", "count", "reorder point", "name"],
        optional: (true, true),
        monday: counts(56, 0, 56, 4, 3),
        tuesday: counts(58, 0, 58, 5, 6),
        sold_out: &["CAF-0061", "CAS-0234", "PRE-0111"],
        running_low: &["CAF-0052", "CAF-0074", "PRE-0116"],
        back_in_stock: &["CAF-0055", "CAS-0249"],
    },
    Sample {
        file: "nairobi",
        store: "Nairobi Westlands",
        columns: &["Store", "Item", "Count", "Reorder Point", "Name"],
        optional: (true, true),
        monday: counts(60, 0, 60, 4, 4),
        tuesday: counts(62, 7, 55, 4, 8),
        sold_out: &["EL124", "KT304"],
        running_low: &["EL102", "EL121", "HH415", "KT312", "PW205"],
        back_in_stock: &["EL125", "KT320"],
    },
    Sample {
        file: "chicago",
        store: "Chicago Wicker Park",
        columns: &["store", "item", "count"],
        optional: (false, false),
        monday: counts(59, 0, 59, 6, 0),
        tuesday: counts(61, 0, 61, 7, 0),
        sold_out: &["BK-CRONON-NATMETRO", "LP-DIRTY3-OCEANSONGS", "LP-SMASHPUMP-SIAMESE"],
        running_low: &[],
        back_in_stock: &["BK-TERKEL-WORKING", "LP-CHANCE-ACIDRAP"],
    },
];

fn counted(reading: &Reading, store: &str) -> Counts {
    let levels = reading.levels.store(store).unwrap();
    let with = |status| levels.iter().filter(|(_, level)| Status::of(level) == status).count();
    Counts {
        rows: levels.read() + reading.levels.unattributed(),
        rejected: levels.rejected() + reading.levels.unattributed(),
        items: levels.len(),
        out: with(Status::Out),
        low: with(Status::Low),
    }
}

fn sample(file: &str) -> &'static Sample {
    SAMPLES.iter().find(|sample| sample.file == file).unwrap()
}

#[test]
fn every_file_has_the_rows_and_statuses_of_the_table() {
    for sample in &SAMPLES {
        for (day, expect) in [(MONDAY, &sample.monday), (TUESDAY, &sample.tuesday)] {
            let reading = reading(day, sample.file);
            assert_eq!(&counted(&reading, sample.store), expect, "{day} {}", sample.file);
            assert_eq!(reading.rejects.len() as u64, expect.rejected, "{day} {}", sample.file);
            assert_eq!(reading.levels.stores().count(), 1, "{day} {}", sample.file);
        }
    }
}

#[test]
fn the_files_of_a_day_add_up_to_its_totals() {
    for (day, expect) in [(MONDAY, counts(367, 0, 365, 25, 18)), (TUESDAY, counts(377, 7, 370, 29, 34))] {
        let mut total = counts(0, 0, 0, 0, 0);
        for sample in &SAMPLES {
            let of_file = counted(&reading(day, sample.file), sample.store);
            total.rows += of_file.rows;
            total.rejected += of_file.rejected;
            total.items += of_file.items;
            total.out += of_file.out;
            total.low += of_file.low;
        }
        assert_eq!(total, expect, "{day}");
    }
}

#[test]
fn every_header_is_understood() {
    for sample in &SAMPLES {
        let layout = reading(TUESDAY, sample.file).layout;
        let columns =
            [&layout.store, &Some(layout.item), &Some(layout.count), &layout.reorder_point, &layout.name];
        let headers: Vec<&str> =
            columns.iter().filter_map(|column| column.as_ref()).map(|column| &*column.header).collect();
        assert_eq!(headers, sample.columns, "{}", sample.file);
    }
}

#[test]
fn the_second_day_brings_the_transitions_of_the_table() {
    for sample in &SAMPLES {
        let (monday, tuesday) = (reading(MONDAY, sample.file), reading(TUESDAY, sample.file));
        let columns = tuesday.levels.columns();
        assert_eq!((columns.reorder_point, columns.name), sample.optional, "{}", sample.file);
        let all: Vec<_> = transitions(changes(&monday.levels, &tuesday.levels), &Policy::default()).collect();
        let of = |kind| {
            let of_kind = all.iter().filter(move |transition| transition.kind == kind);
            of_kind.map(|transition| transition.change.item.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(TransitionKind::SoldOut), sample.sold_out, "{}", sample.file);
        assert_eq!(of(TransitionKind::RunningLow), sample.running_low, "{}", sample.file);
        assert_eq!(of(TransitionKind::BackInStock), sample.back_in_stock, "{}", sample.file);
    }
}

#[test]
fn two_items_of_each_store_are_new_and_in_stock() {
    for sample in &SAMPLES {
        let (monday, tuesday) = (reading(MONDAY, sample.file), reading(TUESDAY, sample.file));
        let changes: Vec<_> = changes(&monday.levels, &tuesday.levels).collect();
        let new: Vec<_> = changes.iter().filter(|change| change.before.is_none()).collect();
        assert_eq!(new.len(), 2, "{}", sample.file);
        assert!(new.iter().all(|change| change.after.as_ref().is_some_and(|l| Status::of(l) == Status::Ok)));
    }
}

#[test]
fn six_files_in_one_come_to_the_sum_of_them() {
    let mut all = Levels::default();
    all.set_columns(Columns::ALL);
    for sample in &SAMPLES {
        let reading = reading(TUESDAY, sample.file);
        for (store, levels) in reading.levels.stores() {
            levels.iter().for_each(|(item, level)| all.insert(store, item.clone(), level.clone()));
        }
    }
    assert_eq!(all.stores().map(|(_, levels)| levels.len()).sum::<usize>(), 370);
    let nothing = Levels::default();
    let new = changes(&nothing, &all);
    assert_eq!(transitions(new, &Policy::default()).count(), 29 + 34);
}

#[test]
fn lyon_counts_two_items_again_at_the_end() {
    let levels = reading(MONDAY, "lyon").levels;
    let lyon = levels.store(sample("lyon").store).unwrap();
    assert_eq!(lyon.duplicates(), 2);
    assert_ne!(Status::of(lyon.get("00118").unwrap()), Status::Out);
    assert_eq!(Status::of(lyon.get("00404").unwrap()), Status::Low);
}

#[test]
fn quantities_and_names_are_read_as_they_are_written() {
    let name = |level: &Level| level.name.as_deref().map(str::to_owned);
    let lyon = reading(TUESDAY, "lyon").levels;
    let cantal = lyon.store(sample("lyon").store).unwrap().get("00115").unwrap();
    assert_eq!(cantal.quantity, "12.375".parse().unwrap());
    assert_eq!(cantal.reorder_point, Some("2.5".parse().unwrap()));

    let sao_paulo = reading(TUESDAY, "sao-paulo").levels;
    let sao_paulo = sao_paulo.store(sample("sao-paulo").store).unwrap();
    let coffee = sao_paulo.get("CAF-0061").unwrap();
    assert_eq!(coffee.quantity, (-1).into());
    assert_eq!(name(coffee).unwrap(), "Café \"Bourbon Amarelo\" microlote 250 g");
    assert_eq!(
        name(sao_paulo.get("CAF-0042").unwrap()).unwrap(),
        "Café torrado em grãos\nSul de Minas 500 g"
    );
}

#[test]
fn nairobis_bad_rows_are_told_one_by_one() {
    let reading = reading(TUESDAY, "nairobi");
    let rejects: Vec<String> = reading.rejects.iter().map(ToString::to_string).collect();
    assert_eq!(
        rejects,
        [
            "line 10, column 8: the row has 9 fields under 7 columns; quote a value that has a comma: \
         \"650.00\"",
            "line 22, column 4: count is not a number such as 12, -3 or 12.375: \"Reel 500\"",
            "line 25, column 4: count has more than 5 digits after the point: \"12.3456789\"",
            "line 36, column 1: item is blank",
            "line 46, column 3: store is blank",
            "line 53, column 4: the row ends before its count, after 3 fields",
            "line 60, column 4: count is blank",
        ]
    );
    assert_eq!(reading.levels.unattributed(), 2, "lines 10 and 46");
    assert_eq!(
        reading.rejects[0].raw,
        "EL118,HDMI Cable, 2m, black,Nairobi Westlands,34,10,650.00,Biashara Imports",
    );
}

#[test]
fn a_file_in_pieces_is_the_same_file() {
    for sample in &SAMPLES {
        let bytes = file(TUESDAY, sample.file);
        let reading = read(&bytes).unwrap();
        for size in [1, 7, 64, 1000] {
            let outcome = read_chunks(bytes.chunks(size), &Options::default());
            assert_eq!(outcome.levels(), reading.levels, "{} by {size}", sample.file);
            assert!(outcome.rejects().eq(&reading.rejects), "{} by {size}", sample.file);
            assert_eq!(outcome.end.as_ref(), Ok(&reading.layout), "{} by {size}", sample.file);
        }
    }
}
