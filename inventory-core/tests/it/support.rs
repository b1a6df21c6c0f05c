//! A file read in one piece or in many, and what came of it as text.

use inventory_core::reader::{Layout, Limits, Options, parts};
use inventory_core::{Level, Levels, Quantity, Reader, Record, Refusal, Reject, Row, Store, read};

/// What became of a file: its rows, even if it was refused in the end, and its
/// layout or its refusal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) rows: Vec<Row<'static>>,
    pub(crate) end: Result<Layout, Refusal>,
}

impl Outcome {
    pub(crate) fn records(&self) -> impl Iterator<Item = &Record<'static>> {
        self.rows.iter().filter_map(|row| match row {
            Row::Record(record) => Some(record),
            Row::Reject(_) | Row::Skipped(_) => None,
        })
    }

    pub(crate) fn rejects(&self) -> impl Iterator<Item = &Reject> {
        self.rows.iter().filter_map(|row| match row {
            Row::Record(_) | Row::Skipped(_) => None,
            Row::Reject(reject) => Some(reject),
        })
    }

    pub(crate) fn skips(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row, Row::Skipped(_))).count()
    }

    /// One line a row, or the refusal alone.
    pub(crate) fn lines(&self) -> Vec<String> {
        match &self.end {
            Ok(_) => self.rows.iter().map(line).collect(),
            Err(refusal) => vec![format!("refused: {refusal}")],
        }
    }

    pub(crate) fn levels(&self) -> Levels {
        let mut levels = Levels::default();
        self.rows.iter().for_each(|row| levels.push(row));
        if let Ok(layout) = &self.end {
            levels.set_columns(layout.optional_columns());
        }
        levels
    }
}

fn line(row: &Row<'_>) -> String {
    match row {
        Row::Record(record) => {
            let Record { store, item, quantity, .. } = record;
            let point = record.reorder_point.map_or(String::new(), |point| format!(" <= {point}"));
            let name = record.name.as_ref().map_or(String::new(), |name| format!(" {name:?}"));
            format!("{}: {store}/{item} {quantity}{point}{name}", record.position.line)
        }
        Row::Reject(reject) => {
            let store = reject.store.as_ref().map_or("?", Store::as_str);
            format!("{reject} [{store}]")
        }
        Row::Skipped(skip) => format!("{}: {} skipped", skip.position.line, skip.store),
    }
}

/// Pushes a file chunk by chunk.
pub(crate) fn read_chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, options: &Options) -> Outcome {
    let mut rows = Vec::new();
    let end = push_all(chunks, options, |row| rows.push(row.clone().into_owned()));
    Outcome { rows, end }
}

pub(crate) fn push_all<'a>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
    options: &Options,
    mut each: impl FnMut(&Row<'_>),
) -> Result<Layout, Refusal> {
    let mut reader = Reader::new(options.clone());
    for chunk in chunks {
        reader.push(chunk, &mut each)?;
    }
    reader.finish(each)
}

/// A file in one piece.
pub(crate) fn read_whole(file: &[u8], options: &Options) -> Outcome {
    read_chunks([file], options)
}

/// The same of a file in pieces, a part at a time.
pub(crate) fn read_parts<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, options: &'a Options) -> Outcome {
    let mut rows = Vec::new();
    let end = parts(pieces, options).and_then(|parts| {
        let read = parts.map(|part| part.read(|row| rows.push(row.clone().into_owned())));
        let layouts: Vec<Layout> = read.collect::<Result<_, Refusal>>()?;
        Ok(layouts.into_iter().next_back().unwrap())
    });
    Outcome { rows, end }
}

/// The boundary of the reader: a file and what its rows say, or its refusal.
/// Cut into single bytes it must say the same.
#[track_caller]
pub(crate) fn check_with(options: &Options, file: impl AsRef<[u8]>, expect: &[&str]) {
    let file = file.as_ref();
    let whole = read_whole(file, options);
    assert_eq!(whole.lines(), expect, "{:?}", String::from_utf8_lossy(file.get(..200).unwrap_or(file)));
    assert!(read_chunks(file.chunks(1), options) == whole, "cut into single bytes it says something else");
}

/// The same for a file that names its stores.
#[track_caller]
pub(crate) fn check(file: impl AsRef<[u8]>, expect: &[&str]) {
    check_with(&Options::default(), file, expect);
}

/// The options of one store's files.
pub(crate) fn for_store(store: &str) -> Options {
    Options::for_store(Store::new(store).unwrap())
}

/// Options with other limits than the usual.
pub(crate) fn limited(set: impl FnOnce(&mut Limits)) -> Options {
    let mut options = Options::default();
    set(&mut options.limits);
    options
}

/// The levels of a file that must be understood.
pub(crate) fn levels(file: &str) -> Levels {
    read(file.as_bytes()).unwrap().levels
}

/// A level with a reorder point.
pub(crate) fn level(quantity: impl Into<Quantity>, reorder_point: Option<Quantity>) -> Level {
    let mut level = Level::of(quantity.into());
    level.reorder_point = reorder_point;
    level
}
