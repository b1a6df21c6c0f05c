//! One job, done once by this library or a Rust peer.

use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use inventory_core::diff::{Snapshot, diff_in_threads};
use inventory_core::reader::{Layout, Options, parts};
use inventory_core::{Policy, Reader, Refusal, Row, TransitionKind};
use serde_json::json;

use crate::{Failed, median};

type Answer = (u64, u64);

const CHUNK: usize = 64 << 10;

/// Does it, and says what it took as JSON.
pub(crate) fn run(peer: &str, job: &str, threads: usize, files: &[PathBuf]) -> Result<String, Failed> {
    let ranges = match (job, files) {
        ("parse bytes", [file]) => load(file, 1)?,
        _ => Vec::new(),
    };
    let said = match (job, files) {
        ("parse again", [file]) => Some(parse(file, None)?.1),
        _ => None,
    };
    if let ("ours", "layout", [file]) = (peer, job, files) {
        let (answer, seconds) = finding(file)?;
        return as_json(answer, seconds);
    }
    let start = Instant::now();
    let answer = match (peer, job, files) {
        ("ours", "parse", [file]) if threads == 1 => parse(file, None)?.0,
        ("ours", "parse again", [file]) => parse(file, said)?.0,
        ("ours", "parse", [file]) => parse_in_parts(&load(file, threads)?, threads)?,
        ("ours", "parse bytes", _) => parse_in_parts(&ranges, threads)?,
        ("ours", "transitions", [before, after]) => transitions(before, after, threads)?,
        ("csv", "parse", [file]) => csv(file)?,
        ("simd-csv", "parse", [file]) => simd_csv(file)?,
        _ => return Err(format!("no such job: {job} by {peer}").into()),
    };
    as_json(answer, start.elapsed().as_secs_f64())
}

fn as_json((rows, sum): Answer, seconds: f64) -> Result<String, Failed> {
    Ok(json!({"seconds": seconds, "mb": peak_mb()?, "answer": format!("{rows} {sum}")}).to_string())
}

/// As many rows as there are.
fn options() -> Options {
    let mut options = Options::default();
    options.limits.rows = u64::MAX;
    options.limits.file_bytes = u64::MAX;
    options
}

fn add(answer: &mut Answer, row: &Row<'_>) {
    if let Row::Record(record) = black_box(row) {
        answer.0 += 1;
        answer.1 += record.quantity.scaled().unsigned_abs();
    }
}

/// What was added up, of which the counts are hundred-thousandths.
fn in_units((rows, scaled): Answer) -> Answer {
    (rows, scaled / 100_000)
}

/// Every field checked, every row with its position.
fn parse(path: &Path, layout: Option<Layout>) -> Result<(Answer, Layout), Failed> {
    let mut answer = (0, 0);
    let mut options = options();
    options.layout = layout;
    let mut reader = Reader::new(options);
    chunks(path, |chunk| reader.push(chunk, |row| add(&mut answer, row)))?;
    let layout = reader.finish(|row| add(&mut answer, row))?;
    Ok((in_units(answer), layout))
}

/// How much longer it takes to read a file whose layout has to be found than
/// one whose layout is said: the median of many times in turn.
fn finding(path: &Path) -> Result<(Answer, f64), Failed> {
    const TIMES: usize = 101;
    let (answer, layout) = parse(path, None)?;
    let timed = |said| {
        let start = Instant::now();
        parse(path, said).map(|_| start.elapsed().as_secs_f64())
    };
    let longer = |_| Ok::<f64, Failed>(timed(None)? - timed(Some(layout.clone()))?);
    let longer = (0..TIMES).map(longer).collect::<Result<Vec<_>, _>>()?;
    Ok((answer, median(longer.into_iter())))
}

fn chunks(path: &Path, mut each: impl FnMut(&[u8]) -> Result<(), Refusal>) -> Result<(), Failed> {
    let mut file = File::open(path)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(()),
            length => each(chunk.get(..length).unwrap_or_default())?,
        }
    }
}

fn parse_in_parts(ranges: &[Vec<u8>], threads: usize) -> Result<Answer, Failed> {
    let options = options();
    let parts = Mutex::new(parts(ranges, &options)?);
    let read = || {
        let mut answer = (0, 0);
        loop {
            let part = parts.lock().map_err(|_| "a thread panicked")?.next();
            match part {
                Some(part) => part.read(|row| add(&mut answer, row))?,
                None => return Ok::<Answer, Failed>(answer),
            };
        }
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(read)).collect();
        let mut sum = (0, 0);
        for thread in running {
            let (rows, counts) = thread.join().map_err(|_| "a thread panicked")??;
            sum = (sum.0 + rows, sum.1 + counts);
        }
        Ok(in_units(sum))
    })
}

/// A whole file in ranges, of which each thread reads one.
fn load(path: &Path, threads: usize) -> io::Result<Vec<Vec<u8>>> {
    let file = &File::open(path)?;
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let share = length.div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let read = |start: usize| {
            scope.spawn(move || {
                let mut range = vec![0; share.min(length - start)];
                file.read_exact_at(&mut range, start as u64).map(|()| range)
            })
        };
        let running: Vec<_> = (0..length).step_by(share).map(read).collect();
        let joined = running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked"))));
        joined.collect()
    })
}

fn transitions(before: &Path, after: &Path, threads: usize) -> Result<Answer, Failed> {
    let threads = NonZeroUsize::new(threads).ok_or("no threads")?;
    let (before, after) = if threads.get() == 1 {
        (snapshot(before)?, snapshot(after)?)
    } else {
        std::thread::scope(|scope| {
            let after = scope.spawn(|| snapshot(after));
            let before = snapshot(before)?;
            Ok::<_, Failed>((before, after.join().map_err(|_| "a thread panicked")??))
        })?
    };
    let policy = Policy::default();
    let found = diff_in_threads(&before, &after, &policy, threads);
    let out = found.filter(|found| found.kind == TransitionKind::SoldOut);
    let items = out.map(|found| found.change.item.as_str().len() as u64);
    Ok(items.fold((0, 0), |(count, sum), length| (count + 1, sum + length)))
}

fn snapshot(path: &Path) -> Result<Snapshot, Failed> {
    let mut snapshot = Snapshot::default();
    let mut reader = Reader::new(options());
    chunks(path, |chunk| reader.push(chunk, |row| snapshot.push(row)))?;
    let layout = reader.finish(|row| snapshot.push(row))?;
    snapshot.set_columns(layout.optional_columns());
    Ok(snapshot)
}

/// The rows split and the counts parsed, and nothing checked.
fn csv(path: &Path) -> Result<Answer, Failed> {
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(CHUNK).from_path(path)?;
    let column = reader.headers()?.iter().position(|name| name == "count").ok_or("no count")?;
    let mut record = csv::ByteRecord::new();
    let mut answer = (0, 0);
    while reader.read_byte_record(&mut record)? {
        answer.0 += 1;
        answer.1 += integer(black_box(&record).get(column).unwrap_or_default());
    }
    Ok(answer)
}

fn simd_csv(path: &Path) -> Result<Answer, Failed> {
    let mut reader = simd_csv::ReaderBuilder::new().buffer_capacity(CHUNK).from_reader(File::open(path)?);
    let headers = reader.byte_headers()?.clone();
    let column = headers.iter().position(|name| name == b"count").ok_or("no count")?;
    let mut record = simd_csv::ByteRecord::new();
    let mut answer = (0, 0);
    while reader.read_byte_record(&mut record)? {
        answer.0 += 1;
        answer.1 += integer(black_box(&record).get(column).unwrap_or_default());
    }
    Ok(answer)
}

fn integer(text: &[u8]) -> u64 {
    text.iter().fold(0, |number, digit| number * 10 + u64::from(digit.wrapping_sub(b'0')))
}

/// The most memory that this process ever had, in MB.
fn peak_mb() -> Result<f64, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}
