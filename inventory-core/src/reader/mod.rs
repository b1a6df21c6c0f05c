//! Bytes to records.
//!
//! A file goes through these rooms, in order: `front` looks at its first
//! bytes, `rows` splits it into rows of fields, `layout` reads the header,
//! and `record` makes each row a record or a reject. Another encoding or
//! compression is a room between the first two; another way to split rows or
//! to find the columns replaces one.

mod front;
mod layout;
mod record;
mod refusal;
mod rows;

use serde::{Deserialize, Serialize};

use self::front::Front;
pub use self::layout::{Column, Layout};
pub use self::record::{Reason, Record, Reject, Row};
pub use self::refusal::{Refusal, RefusalKind};
pub use self::rows::Position;
use self::rows::Tokenizer;
use crate::key::Store;
use crate::levels::Levels;

/// What a reader must know beside the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The only store whose rows are taken, and the store of a file that has
    /// no column for it. Without it, every row must name its store.
    pub store: Option<Store>,
    /// How large a file may be.
    pub limits: Limits,
}

impl Options {
    /// Takes the rows of one store alone.
    pub fn for_store(store: Store) -> Options {
        Options { store: Some(store), ..Options::default() }
    }
}

/// How large a file may be. A field or a row beyond the limits is rejected by
/// itself; a file beyond them is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes of a file: 1 GiB unless said otherwise.
    pub file_bytes: u64,
    /// The most rows of a file, not counting blank ones: 10 million unless
    /// said otherwise.
    pub rows: u64,
    /// The most bytes of a row without its quotes: 1 MiB unless said
    /// otherwise. The reader keeps one row in memory.
    pub row_bytes: usize,
    /// The most bytes of a field: 64 KiB unless said otherwise.
    pub field_bytes: usize,
    /// The most columns: 16,384 unless said otherwise, which is what a
    /// spreadsheet has.
    pub columns: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file_bytes: 1 << 30,
            rows: 10_000_000,
            row_bytes: 1 << 20,
            field_bytes: 64 << 10,
            columns: 16_384,
        }
    }
}

/// Reads a file that is pushed in chunks, as a download delivers it; any way
/// of cutting the same bytes gives the same rows.
///
/// It keeps one row in memory. For a file that is all there, [`read`] is one
/// call; [`rows`] is an iterator.
///
/// A bad row is a [`Row::Reject`] and never stops a good one. A file that is
/// not understood is a [`Refusal`], and what was read of it until then must
/// not be used.
///
/// # Example
///
/// ```
/// use inventory_core::{Reader, Row, reader::Options};
///
/// let mut reader = Reader::new(Options::default());
/// let mut seen = Vec::new();
/// let mut each = |row: Row<'_>| match row {
///     Row::Record(record) => seen.push(format!("{} {}", record.item, record.quantity)),
///     Row::Reject(reject) => seen.push(reject.to_string()),
/// };
/// for chunk in ["store,item,count\nOslo,te", "a,4\nOslo,milk,Reel 500\n"] {
///     reader.push(chunk.as_bytes(), &mut each)?;
/// }
/// let layout = reader.finish(&mut each)?;
/// assert_eq!(layout.count.column, 3);
/// assert_eq!(seen, [
///     "tea 4",
///     "line 3, column 3: count is not a number such as 12, -3 or 12.375: \"Reel 500\"",
/// ]);
/// # Ok::<(), inventory_core::Refusal>(())
/// ```
pub struct Reader {
    options: Options,
    front: Front,
    tokenizer: Tokenizer,
    layout: Option<Layout>,
    rows: u64,
}

impl Reader {
    /// A reader at the start of a file.
    pub fn new(options: Options) -> Reader {
        let tokenizer = Tokenizer::new(options.limits, 0);
        Reader { options, front: Front::default(), tokenizer, layout: None, rows: 0 }
    }

    /// Reads the next bytes of the file and hands over each row that they
    /// complete, in the file's order.
    ///
    /// # Errors
    ///
    /// If the file is refused; nothing more may be pushed then.
    pub fn push(&mut self, chunk: &[u8], mut each: impl FnMut(Row<'_>)) -> Result<(), Refusal> {
        let mut rest = chunk;
        if let Some(head) = self.front.pass(&mut rest)? {
            self.start(head.byte);
            self.read(head.text(), &mut each)?;
        }
        self.read(rest, &mut each)
    }

    /// Ends the file, hands over its last row if no line break ended it, and
    /// says how the file was understood.
    ///
    /// # Errors
    ///
    /// If the file is refused.
    pub fn finish(mut self, mut each: impl FnMut(Row<'_>)) -> Result<Layout, Refusal> {
        if let Some(head) = self.front.end()? {
            self.start(head.byte);
            self.read(head.text(), &mut each)?;
        }
        match self.tokenizer.finish() {
            Ok(None) => {}
            Ok(Some(row)) => take(row, &self.options, &mut self.layout, &mut self.rows, &mut each)?,
            Err(start) => return Err(Refusal::at(RefusalKind::UnclosedQuote, start)),
        }
        self.layout.ok_or_else(|| Refusal::new(RefusalKind::Empty))
    }

    /// How the file was understood, once its header was read.
    pub fn layout(&self) -> Option<&Layout> {
        self.layout.as_ref()
    }

    fn start(&mut self, byte: u64) {
        self.tokenizer = Tokenizer::new(self.options.limits, byte);
    }

    /// Reads up to the limit of a file, so that what is handed over before a
    /// file is refused does not hang on how it is cut.
    fn read(&mut self, bytes: &[u8], each: &mut impl FnMut(Row<'_>)) -> Result<(), Refusal> {
        let most = self.options.limits.file_bytes;
        let room = usize::try_from(most.saturating_sub(self.tokenizer.byte())).unwrap_or(usize::MAX);
        let allowed = bytes.get(..room);
        let mut left = allowed.unwrap_or(bytes);
        while let Some(row) = self.tokenizer.next(&mut left) {
            take(row, &self.options, &mut self.layout, &mut self.rows, each)?;
        }
        match allowed {
            Some(allowed) if allowed.len() < bytes.len() => {
                Err(Refusal::new(RefusalKind::TooManyBytes(most)))
            }
            _ => Ok(()),
        }
    }
}

/// The first row that is not blank is the header; each later one is handed
/// over.
fn take(
    raw: rows::RawRow<'_>,
    options: &Options,
    layout: &mut Option<Layout>,
    rows: &mut u64,
    each: &mut impl FnMut(Row<'_>),
) -> Result<(), Refusal> {
    if raw.is_blank() {
        return Ok(());
    }
    let Some(layout) = layout else {
        *layout = Some(Layout::from_header(raw, options.store.is_some())?);
        return Ok(());
    };
    *rows += 1;
    if *rows > options.limits.rows {
        return Err(Refusal::new(RefusalKind::TooManyRows(options.limits.rows)));
    }
    each(record::row(raw, layout, options));
    Ok(())
}

/// A whole file, read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// How it was understood.
    pub layout: Layout,
    /// What its good rows say, and how many rows there were.
    pub levels: Levels,
    /// Its bad rows, in the file's order.
    pub rejects: Vec<Reject>,
}

/// Reads a whole file that names its stores.
///
/// For a file in chunks, one store's file, or other limits, see [`Reader`].
///
/// # Errors
///
/// If the file is refused whole. Bad rows are no error: they are in
/// [`Reading::rejects`].
///
/// # Example
///
/// ```
/// let file = b"Store,Item,Count\nOslo,tea,4\nOslo,tea,3\nOslo,milk,\n";
/// let reading = inventory_core::read(file)?;
/// let oslo = reading.levels.store("Oslo").unwrap();
/// assert_eq!(oslo.get("tea").unwrap().quantity, 3.into());
/// assert_eq!((oslo.read(), oslo.accepted(), oslo.rejected(), oslo.duplicates()), (3, 2, 1, 1));
/// assert_eq!(reading.rejects[0].to_string(), "line 4, column 3: count is blank");
/// # Ok::<(), inventory_core::Refusal>(())
/// ```
pub fn read(file: &[u8]) -> Result<Reading, Refusal> {
    let mut reader = Reader::new(Options::default());
    let mut levels = Levels::default();
    let mut rejects = Vec::new();
    let mut each = |row: Row<'_>| {
        levels.push(&row);
        if let Row::Reject(reject) = row {
            rejects.push(reject);
        }
    };
    reader.push(file, &mut each)?;
    let layout = reader.finish(&mut each)?;
    levels.set_columns(layout.optional_columns());
    Ok(Reading { layout, levels, rejects })
}

/// Iterates over the rows of a file in chunks, each row with memory of its
/// own.
///
/// The tier above is [`read`]; the one below, which copies nothing, is
/// [`Reader`].
///
/// # Errors
///
/// The last item is an error if the file is refused.
///
/// # Example
///
/// ```
/// use inventory_core::{Row, reader::{Options, rows}};
///
/// let chunks = ["store,item,count\nOslo,", "tea,4\nOslo,milk,9"];
/// let items: Result<Vec<_>, _> = rows(chunks, Options::default())
///     .map(|row| row.map(|row| match row {
///         Row::Record(record) => record.item.into_owned(),
///         Row::Reject(reject) => reject.to_string(),
///     }))
///     .collect();
/// assert_eq!(items?, ["tea", "milk"]);
/// # Ok::<(), inventory_core::Refusal>(())
/// ```
pub fn rows<C: AsRef<[u8]>>(
    chunks: impl IntoIterator<Item = C>,
    options: Options,
) -> impl Iterator<Item = Result<Row<'static>, Refusal>> {
    let mut chunks = chunks.into_iter();
    let mut reader = Some(Reader::new(options));
    let mut ready = std::collections::VecDeque::new();
    std::iter::from_fn(move || {
        while ready.is_empty() {
            let mut pushing = reader.take()?;
            let each = |row: Row<'_>| ready.push_back(Ok(row.into_owned()));
            let result = match chunks.next() {
                Some(chunk) => pushing.push(chunk.as_ref(), each).map(|()| reader = Some(pushing)),
                None => pushing.finish(each).map(|_| ()),
            };
            if let Err(refusal) = result {
                ready.push_back(Err(refusal));
            }
        }
        ready.pop_front()
    })
}
