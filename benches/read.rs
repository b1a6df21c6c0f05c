//! Bytes to records, beside the csv crate reading the same fields.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use inputs::Till;
use inventory_core::reader::{Layout, Options};
use inventory_core::{Quantity, Reader, Refusal, Row};

/// How many rows a file has, and the sum of its counts in hundred-thousandths.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Answer {
    rows: u64,
    sum: i64,
}

/// Every field checked, every row with its position, as a service reads it.
fn inventory(file: &[u8], layout: Option<&Layout>) -> Result<(Answer, Layout), Refusal> {
    let mut answer = Answer { rows: 0, sum: 0 };
    let mut each = |row: &Row<'_>| {
        if let Row::Record(record) = black_box(row) {
            answer.rows += 1;
            answer.sum += record.quantity.scaled();
        }
    };
    let mut options = Options::default();
    options.layout = layout.cloned();
    let mut reader = Reader::new(options);
    reader.push(file, &mut each)?;
    let layout = reader.finish(&mut each)?;
    Ok((answer, layout))
}

/// The rows split, and the counts parsed.
fn peer(file: &[u8], count: usize) -> Option<Answer> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let mut record = csv::ByteRecord::new();
    let mut answer = Answer { rows: 0, sum: 0 };
    while reader.read_byte_record(&mut record).ok()? {
        answer.rows += 1;
        answer.sum += Quantity::parse(black_box(&record).get(count)?).ok()?.scaled();
    }
    Some(answer)
}

/// What a file of so many rows comes to.
fn answer(rows: u64) -> Answer {
    Answer { rows, sum: i64::try_from(inputs::sum(rows)).unwrap_or(0) * 100_000 }
}

fn read(criterion: &mut Criterion, rows: u64) {
    let mut group = criterion.benchmark_group(format!("read {rows} rows"));
    if rows > 100_000 {
        group.sample_size(10);
    }
    let answer = answer(rows);
    for till in Till::ALL {
        let file = till.file(rows);
        group.throughput(Throughput::Bytes(file.len() as u64));
        group.bench_function(BenchmarkId::new("inventory-core", till.name()), |bencher| {
            bencher.iter(|| assert_eq!(inventory(&file, None).map(|read| read.0), Ok(answer)));
        });
        group.bench_function(BenchmarkId::new("csv", till.name()), |bencher| {
            bencher.iter(|| assert_eq!(peer(&file, till.count()), Some(answer)));
        });
    }
    group.finish();
}

/// What it costs to find the layout: the same file with it found, and said.
fn detect(criterion: &mut Criterion, rows: u64) {
    let (file, answer) = (Till::Tidy.file(rows), answer(rows));
    let said = inventory(&file, None).map(|(_, layout)| layout).ok();
    assert!(said.is_some(), "the file is understood");
    let mut group = criterion.benchmark_group(format!("detect in {rows} rows"));
    group.throughput(Throughput::Bytes(file.len() as u64));
    for (name, layout) in [("found", None), ("said", said.as_ref())] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(inventory(&file, layout).map(|read| read.0), Ok(answer)));
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    read(&mut criterion, 10_000);
    read(&mut criterion, 1_000_000);
    detect(&mut criterion, 500_000);
    criterion.final_summary();
}
