//! Bytes to records.
//!
//! A file goes through these rooms, in order: `unpack` undoes its compression,
//! `text` makes its bytes UTF-8, `detect` looks at the first part of it and
//! finds its `layout`, `rows` (or a room for another shape) splits it into
//! rows of fields, and `record` makes each row a record, a reject or a skip.
//! All are pushed bytes, and how these are cut makes no difference. Most rows
//! of delimited text never leave it: they are `placed`.

mod cut;
mod detect;
mod json;
mod layout;
mod message;
mod names;
mod number;
mod parts;
mod pieces;
mod placed;
mod profile;
mod record;
mod refusal;
mod rows;
mod sample;
mod text;
mod totals;
mod unpack;
mod wide;
#[cfg(feature = "xlsx")]
mod workbook;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use self::json::JsonLines;
pub use self::layout::{
    Alternative, Blank, Column, Compression, Confidence, Evidence, Layout, Orientation, Quoting, Shape,
    StoreColumns,
};
use self::message::Message;
pub use self::number::Decimal;
pub use self::parts::{Part, Parts, parts};
use self::placed::Block;
pub use self::record::{Oddity, Reason, Record, Reject, Row, Skip, Warning};
pub use self::refusal::{Refusal, RefusalKind};
pub use self::rows::Position;
use self::rows::{Dialect, RawRow, Take, Tokenizer};
use self::sample::Look;
use self::text::Text;
use self::totals::Totals;
use self::unpack::Unpack;
use crate::key::Store;
use crate::levels::Levels;

/// What a reader must know beside the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The only store whose rows are taken, and the store of a file that has
    /// no column for it. Without it, every row must name its store.
    pub store: Option<Store>,
    /// How the file is to be read. Without it, that is found in its first
    /// part, or the file is refused.
    pub layout: Option<Layout>,
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
    /// The most rows of a file, not counting blank ones, each once for every
    /// store that has a column: 10 million unless said otherwise.
    pub rows: u64,
    /// The most bytes of a row without its quotes: 1 MiB unless said
    /// otherwise. The reader keeps one row in memory.
    pub row_bytes: usize,
    /// The most bytes of a field: 64 KiB unless said otherwise.
    pub field_bytes: usize,
    /// The most columns: 16,384 unless said otherwise, which is what a
    /// spreadsheet has.
    pub columns: usize,
    /// The most bytes that a compressed file may unpack to: 1 GiB unless said
    /// otherwise. It is unpacked a block at a time, in at most 9 MiB.
    pub unpacked_bytes: u64,
    /// The most bytes of a workbook, which has to be in memory whole: 32 MiB
    /// unless said otherwise. Its parts may unpack to four times as much.
    pub workbook_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file_bytes: 1 << 30,
            rows: 10_000_000,
            row_bytes: 1 << 20,
            field_bytes: 64 << 10,
            columns: 16_384,
            unpacked_bytes: 1 << 30,
            workbook_bytes: 32 << 20,
        }
    }
}

/// Reads a file that is pushed in chunks, as a download delivers it; any way
/// of cutting the same bytes gives the same rows.
///
/// It keeps one row in memory, and until it knows how the file is written at
/// most the first 256 KiB of its text. For a file that is all there, [`read`]
/// is one call; [`rows`] is an iterator; [`parts()`] are for threads.
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
/// let mut each = |row: &Row<'_>| match row {
///     Row::Record(record) => seen.push(format!("{} {}", record.item, record.quantity)),
///     Row::Reject(reject) => seen.push(reject.to_string()),
///     Row::Skipped(_) => {}
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
    bytes: u64,
    rooms: Result<Rooms, Refusal>,
}

/// What the bytes go through.
struct Rooms {
    unpack: Unpack,
    text: Text,
    body: Body,
}

impl Reader {
    /// A reader at the start of a file.
    pub fn new(options: Options) -> Reader {
        let rooms = Rooms::new(&options);
        Reader { options, bytes: 0, rooms }
    }

    /// Reads the next bytes of the file and hands over each row that they
    /// complete, in the file's order.
    ///
    /// # Errors
    ///
    /// If the file is refused; nothing more may be pushed then.
    pub fn push(&mut self, chunk: &[u8], mut each: impl FnMut(&Row<'_>)) -> Result<(), Refusal> {
        let rooms = self.rooms.as_mut().map_err(|refusal| refusal.clone())?;
        // Up to the limit of a file, so that what is handed over before a file
        // is refused does not hang on how it is cut.
        let most = self.options.limits.file_bytes;
        let room = usize::try_from(most.saturating_sub(self.bytes)).unwrap_or(usize::MAX);
        let allowed = chunk.get(..room).unwrap_or(chunk);
        self.bytes += allowed.len() as u64;
        rooms.push(allowed, &self.options, &mut each)?;
        if allowed.len() < chunk.len() {
            return Err(Refusal::new(RefusalKind::TooManyBytes(most)));
        }
        Ok(())
    }

    /// Ends the file, hands over its last row if no line break ended it, and
    /// says how the file was understood.
    ///
    /// # Errors
    ///
    /// If the file is refused.
    pub fn finish(self, mut each: impl FnMut(&Row<'_>)) -> Result<Layout, Refusal> {
        self.rooms?.finish(&self.options, &mut each)
    }

    /// How the file was understood, once its first part was looked at. The
    /// encoding may still be decided by what comes.
    pub fn layout(&self) -> Option<&Layout> {
        self.rooms.as_ref().ok()?.body.layout.as_ref()
    }
}

impl Rooms {
    fn new(options: &Options) -> Result<Rooms, Refusal> {
        let said = options.layout.as_ref();
        said.map_or(Ok(()), Layout::check)?;
        Ok(Rooms {
            unpack: Unpack::new(said.and_then(|layout| layout.compression), options.limits),
            text: Text::new(said.and_then(|layout| layout.encoding.as_deref()))?,
            body: Body::default(),
        })
    }

    fn push(
        &mut self,
        bytes: &[u8],
        options: &Options,
        each: &mut impl FnMut(&Row<'_>),
    ) -> Result<(), Refusal> {
        let Rooms { unpack, text, body } = self;
        unpack.push(bytes, &mut |bytes| {
            text.push(bytes, &mut |text, start| body.push(text, start, options, each))
        })
    }

    fn finish(mut self, options: &Options, each: &mut impl FnMut(&Row<'_>)) -> Result<Layout, Refusal> {
        let Rooms { unpack, text, body } = &mut self;
        let workbook = unpack.finish(&mut |bytes| {
            text.push(bytes, &mut |text, start| body.push(text, start, options, each))
        })?;
        match workbook {
            Some(bytes) => body.read_workbook(bytes, options, each)?,
            None => text.finish(&mut |text, start| body.push(text, start, options, each))?,
        }
        let mut layout = self.body.finish(options, each)?;
        layout.compression = Some(self.unpack.compression());
        layout.encoding = Some(self.text.encoding());
        Ok(layout)
    }
}

/// How many bytes of text are looked at before the first row is read.
const LOOK: usize = 256 << 10;
/// How many are if they have twice as many lines as rows are looked at.
const SHORT_LOOK: usize = 64 << 10;

/// Whether this much of a text tells how it is to be read.
fn is_enough(look: &[u8]) -> bool {
    let has_lines = || memchr::memchr_iter(b'\n', look).count() >= 2 * detect::ROWS;
    look.len() == LOOK || look.len() == SHORT_LOOK && has_lines()
}

/// The text of a file: looked at first, then read.
#[derive(Default)]
struct Body {
    look: Vec<u8>,
    start: u64,
    layout: Option<Layout>,
    /// Splits the text, once it is known how.
    rows: Option<Rows>,
    /// Whether the columns are known by their numbers.
    is_resolved: bool,
    read: u64,
    totals: Totals<'static>,
}

/// What splits text into rows, by its shape.
enum Rows {
    Delimited(Box<Tokenizer>),
    JsonLines(Box<JsonLines>),
    Message(Box<Message>),
}

impl Rows {
    fn new(look: Look<'_>, layout: &mut Layout, limits: Limits) -> Result<Rows, Refusal> {
        match layout.shape {
            Shape::JsonLines => {
                let lines = JsonLines::new(limits, look.byte, layout.keys());
                Ok(Rows::JsonLines(Box::new(lines.reading(look.text.len()))))
            }
            Shape::X12 | Shape::Edifact => match Message::new(limits, look.byte, layout.shape, look.text) {
                Some(message) => Ok(Rows::Message(Box::new(message))),
                None => Err(Refusal::new(RefusalKind::Empty)),
            },
            Shape::Delimited | Shape::Workbook => {
                let delimiter = layout.delimiter.and_then(|mark| u8::try_from(mark).ok()).unwrap_or(b',');
                let dialect = Dialect { delimiter, quoting: layout.quoted };
                Ok(Rows::Delimited(Box::new(Tokenizer::new(limits, look.byte, dialect))))
            }
        }
    }
}

impl Body {
    fn push(
        &mut self,
        text: &[u8],
        start: u64,
        options: &Options,
        each: &mut impl FnMut(&Row<'_>),
    ) -> Result<(), Refusal> {
        if self.rows.is_some() {
            return self.read(text, options, each);
        }
        self.start = start;
        // What separates fields is all that has to be known.
        if let Some(said) = options.layout.as_ref().filter(|said| said.shape == Shape::Delimited) {
            self.begin(Look { text: &[], complete: false, byte: start }, said.clone(), options)?;
            return self.read(text, options, each);
        }
        let mut held = std::mem::take(&mut self.look);
        let most = if held.len() < SHORT_LOOK { SHORT_LOOK } else { LOOK };
        let (taken, rest) = text.split_at_checked(most - held.len()).unwrap_or((text, &[]));
        // What is all in one chunk is not copied.
        let look = if held.is_empty() {
            Cow::Borrowed(taken)
        } else {
            held.extend_from_slice(taken);
            Cow::Owned(held)
        };
        if is_enough(&look) {
            self.open(&look, false, options, each)?;
            return self.read(rest, options, each);
        }
        self.look = look.into_owned();
        if rest.is_empty() { Ok(()) } else { self.push(rest, start, options, each) }
    }

    /// Finds out how the text is to be read, and reads what was looked at.
    fn open(
        &mut self,
        text: &[u8],
        complete: bool,
        options: &Options,
        each: &mut impl FnMut(&Row<'_>),
    ) -> Result<(), Refusal> {
        let look = Look { text, complete, byte: self.start };
        let layout = match &options.layout {
            Some(said) if matches!(said.shape, Shape::X12 | Shape::Edifact) => {
                message::layout(look, said.shape, options.store.is_some())?
            }
            Some(said) => said.clone(),
            None => detect::any(look, options)?,
        };
        self.begin(look, layout, options)?;
        self.read(text, options, each)
    }

    fn begin(&mut self, look: Look<'_>, mut layout: Layout, options: &Options) -> Result<(), Refusal> {
        if !layout.names_stores() && options.store.is_none() {
            let header = "the columns of the layout".to_owned();
            return Err(Refusal::missing(layout::Role::Store, header, Position::first(look.byte)));
        }
        self.rows = Some(Rows::new(look, &mut layout, options.limits)?);
        self.is_resolved = options.layout.is_none() || layout.header_line.is_none();
        self.layout = Some(layout);
        Ok(())
    }

    fn read(
        &mut self,
        text: &[u8],
        options: &Options,
        each: &mut impl FnMut(&Row<'_>),
    ) -> Result<(), Refusal> {
        let Body { rows: Some(rows), layout: Some(layout), is_resolved, read, totals, .. } = self else {
            return Ok(());
        };
        let mut taker = Taker { options, layout, is_resolved, read, totals, each };
        let mut left = text;
        match rows {
            Rows::Delimited(rows) => rows.read(left, &mut taker)?,
            Rows::JsonLines(rows) => {
                while let Some(row) = rows.next(&mut left) {
                    taker.row(&row)?;
                }
            }
            Rows::Message(rows) => {
                while let Some(row) = rows.next(&mut left)? {
                    taker.row(&row)?;
                }
            }
        }
        Ok(())
    }

    fn finish(mut self, options: &Options, each: &mut impl FnMut(&Row<'_>)) -> Result<Layout, Refusal> {
        if self.rows.is_none() {
            let look = std::mem::take(&mut self.look);
            self.open(&look, true, options, each)?;
        }
        let Body {
            rows: Some(rows), layout: Some(mut layout), mut is_resolved, mut read, mut totals, ..
        } = self
        else {
            return Err(Refusal::new(RefusalKind::Empty));
        };
        let mut taker = Taker {
            options,
            layout: &mut layout,
            is_resolved: &mut is_resolved,
            read: &mut read,
            totals: &mut totals,
            each: &mut *each,
        };
        match rows {
            Rows::Delimited(mut rows) => match rows.finish() {
                Ok(row) => row.iter().try_for_each(|row| taker.row(row))?,
                Err(start) => return Err(Refusal::at(RefusalKind::UnclosedQuote, start)),
            },
            Rows::JsonLines(mut rows) => {
                rows.finish().iter().try_for_each(|row| taker.row(row))?;
                if options.layout.is_none() {
                    taker.layout.doubts.extend(rows.late_keys());
                }
            }
            Rows::Message(mut rows) => {
                let mut row = rows.finish()?;
                while let Some(last) = row {
                    taker.row(&last)?;
                    row = rows.next(&mut &[][..])?;
                }
            }
        }
        totals.finish(each);
        match (is_resolved, read) {
            (true, 0) => Err(Refusal::new(RefusalKind::NoRows)),
            (true, _) => Ok(layout),
            (false, _) => Err(Refusal::new(RefusalKind::Empty)),
        }
    }

    /// Reads the sheet that the layout says, or else the only one that is
    /// understood.
    #[cfg(feature = "xlsx")]
    fn read_workbook(
        &mut self,
        bytes: Vec<u8>,
        options: &Options,
        each: &mut impl FnMut(&Row<'_>),
    ) -> Result<(), Refusal> {
        let mut workbook = workbook::Workbook::open(bytes, options.limits)?;
        let mut sheets = workbook.sheets();
        if let Some(said) = options.layout.as_ref().and_then(|layout| layout.sheet.clone()) {
            if !sheets.contains(&said) {
                return Err(Refusal::new(RefusalKind::NoSheet { said, sheets }));
            }
            sheets = vec![said];
        }
        let mut understood: Option<(Layout, Vec<u8>, bool)> = None;
        let mut names = Vec::new();
        let mut refused = None;
        for sheet in sheets {
            let (look, complete) = workbook.look(&sheet, LOOK)?;
            if look.trim_ascii().is_empty() {
                continue;
            }
            match Self::layout_of_sheet(Look { text: &look, complete, byte: 0 }, &sheet, options) {
                Ok(layout) => {
                    understood.get_or_insert((layout, look, complete));
                    names.push(sheet);
                }
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        let Some((layout, look, complete)) = understood else {
            return Err(refused.unwrap_or_else(|| Refusal::new(RefusalKind::Empty)));
        };
        if names.len() > 1 {
            return Err(Refusal::new(RefusalKind::SeveralSheets(names)));
        }
        self.begin(Look { text: &look, complete, byte: 0 }, layout, options)?;
        names.iter().try_for_each(|sheet| {
            workbook.write(sheet, &mut |text| self.read(text, options, each).map(|()| true))
        })
    }

    #[cfg(feature = "xlsx")]
    fn layout_of_sheet(look: Look<'_>, sheet: &str, options: &Options) -> Result<Layout, Refusal> {
        let mut layout = match &options.layout {
            Some(said) => said.clone(),
            None => {
                let mut layout = detect::delimited(look, options)?;
                // Its cells are written here, with a point in every number.
                layout.decimal = Decimal::Point;
                let of_marks = |said: &Evidence| matches!(&*said.decision, "delimiter" | "decimal");
                let evidence = layout.evidence.extract_if(.., |said| of_marks(said));
                let of_marks: Vec<String> = evidence.map(|said| said.because).collect();
                layout.doubts.retain(|doubt| !of_marks.contains(doubt));
                layout.because("sheet", format!("{sheet:?} is the only sheet that is understood"));
                layout
            }
        };
        layout.shape = Shape::Workbook;
        layout.sheet = Some(sheet.to_owned());
        layout.delimiter = None;
        layout.quoted = Quoting::Double;
        Ok(layout)
    }

    #[cfg(not(feature = "xlsx"))]
    fn read_workbook(
        &mut self,
        _: Vec<u8>,
        _: &Options,
        _: &mut impl FnMut(&Row<'_>),
    ) -> Result<(), Refusal> {
        Err(Refusal::new(RefusalKind::Compressed("a zip archive or a workbook")))
    }
}

/// Titles and the header are no rows; each later one is handed over.
struct Taker<'a, 't, F> {
    options: &'a Options,
    layout: &'a mut Layout,
    is_resolved: &'a mut bool,
    read: &'a mut u64,
    totals: &'a mut Totals<'t>,
    each: &'a mut F,
}

impl<F: FnMut(&Row<'_>)> Take for Taker<'_, '_, F> {
    type Stop = Refusal;

    /// Hands over rows in which nothing is unusual; any other is left to
    /// [`Taker::row`].
    #[inline(always)]
    fn plain(&mut self, block: &mut Block<'_>, position: &mut Position) {
        let is_header = self.layout.header_line.is_some_and(|header| position.line <= header);
        if is_header || !*self.is_resolved || self.totals.holds_rows() {
            return;
        }
        let most = self.options.limits.rows.saturating_sub(*self.read);
        let (read, sum) = record::plain(block, position, self.layout, self.options, most, self.each);
        *self.read += read;
        self.totals.add(read, sum);
    }

    fn row(&mut self, raw: &RawRow<'_>) -> Result<(), Refusal> {
        if raw.is_blank() {
            return Ok(());
        }
        if let Some(header) = self.layout.header_line {
            if !*self.is_resolved && raw.position.line >= header {
                self.layout.resolve(*raw)?;
                self.layout.header_line = Some(raw.position.line);
                *self.is_resolved = true;
                return Ok(());
            }
            if raw.position.line <= header {
                return Ok(());
            }
        }
        *self.read += self.layout.stores.len().max(1) as u64;
        if *self.read > self.options.limits.rows {
            return Err(Refusal::new(RefusalKind::TooManyRows(self.options.limits.rows)));
        }
        // By a pointer, so that what is done with plain rows can be inlined.
        let each: &mut dyn FnMut(&Row<'_>) = self.each;
        record::rows(raw, self.layout, self.options, |row| self.totals.push(row, raw.raw, each));
        Ok(())
    }
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
    /// What is odd about its good rows.
    pub warnings: Vec<Warning>,
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
    let mut warnings = Vec::new();
    let mut each = |row: &Row<'_>| {
        levels.push(row);
        match row {
            Row::Record(record) => warnings.extend_from_slice(&record.warnings),
            Row::Reject(reject) => rejects.push(reject.clone()),
            Row::Skipped(_) => {}
        }
    };
    reader.push(file, &mut each)?;
    let layout = reader.finish(&mut each)?;
    levels.set_columns(layout.optional_columns());
    Ok(Reading { layout, levels, rejects, warnings })
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
///         Row::Skipped(_) => "skipped".to_owned(),
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
            let each = |row: &Row<'_>| ready.push_back(Ok(row.clone().into_owned()));
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
