//! Records to levels, and two files to what happened between them.

use criterion::{Criterion, Throughput};
use inputs::Till;
use inventory_core::reader::{Options, rows};
use inventory_core::{Levels, Policy, Refusal, Row, changes, read, transitions};

fn levels(rows: &[Row<'_>]) -> Levels {
    let mut levels = Levels::default();
    rows.iter().for_each(|row| levels.push(row));
    levels
}

/// How many levels there are, and the sum of their quantities in
/// hundred-thousandths.
fn answer(levels: &Levels) -> (u64, i64) {
    let quantities = levels.stores().flat_map(|(_, levels)| levels.iter().map(|(_, level)| level.quantity));
    quantities.fold((0, 0), |(count, sum), quantity| (count + 1, sum + quantity.scaled()))
}

fn happened(before: &[u8], after: &[u8]) -> Result<usize, Refusal> {
    let (before, after) = (read(before)?, read(after)?);
    Ok(transitions(changes(&before.levels, &after.levels), &Policy::default()).count())
}

fn records_to_levels(criterion: &mut Criterion, count: u64) -> Result<(), Refusal> {
    let file = Till::Tidy.file(count);
    let rows: Vec<Row<'static>> = rows([&file], Options::default()).collect::<Result<_, _>>()?;
    let expect = (count, i64::try_from(inputs::sum(count)).unwrap_or(0) * 100_000);
    assert_eq!(answer(&levels(&rows)), expect);
    let mut group = criterion.benchmark_group("records to levels");
    group.sample_size(10).throughput(Throughput::Elements(count));
    group.bench_function(count.to_string(), |bencher| {
        bencher.iter_with_large_drop(|| levels(&rows));
    });
    group.finish();
    Ok(())
}

fn files_to_transitions(criterion: &mut Criterion, count: u64) {
    let (before, after) = (Till::Tidy.file(count), inputs::a_day_later(count));
    let expect = usize::try_from(count / 50).unwrap_or(0);
    let mut group = criterion.benchmark_group("two files to transitions");
    group.sample_size(10).throughput(Throughput::Bytes((before.len() + after.len()) as u64));
    group.bench_function(count.to_string(), |bencher| {
        bencher.iter(|| assert_eq!(happened(&before, &after), Ok(expect)));
    });
    group.finish();
}

fn main() -> Result<(), Refusal> {
    let mut criterion = Criterion::default().configure_from_args();
    for rows in [10_000, 1_000_000] {
        records_to_levels(&mut criterion, rows)?;
        files_to_transitions(&mut criterion, rows);
    }
    criterion.final_summary();
    Ok(())
}
