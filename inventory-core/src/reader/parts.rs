use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::cut::Cut;
use super::layout::{Compression, Layout, Quoting, Shape};
use super::refusal::{Refusal, RefusalKind};
use super::rows::{Dialect, Position, Take, Tokenizer};
use super::text::Text;
use super::totals::{Step, Sums, Totals};
use super::unpack::Unpack;
use super::{LOOK, Options, Reader, Row, Taker};

/// About how many bytes a part has.
const PART: usize = 1 << 20;

/// Cuts a file that is all there into parts of whole rows, which threads can
/// read side by side; together they say exactly what [`Reader`] says, with the
/// same positions.
///
/// Where a part ends is found by its quotes and line breaks alone, which takes
/// a small part of the time of reading it; so threads may take turns at the
/// iterator. A file in ranges, as parts of an object are downloaded, has to be
/// put together first. Whether a row that is called as a total is one, the rows
/// before it tell; its part reads those of them that no other has read yet. A
/// file that cannot be cut, because it is compressed, in another encoding than
/// UTF-8 or of another shape than rows with a delimiter, is one part.
///
/// # Errors
///
/// If the file is refused for what its first part says, or its size. A part
/// may refuse the file too.
///
/// # Example
///
/// ```
/// use std::sync::Mutex;
/// use inventory_core::{Refusal, Row, reader::{Options, parts}};
///
/// let file = b"store,item,count\nOslo,tea,4\nOslo,milk,9\n";
/// let options = Options::default();
/// let parts = Mutex::new(parts(file, &options)?);
/// let read = || {
///     let mut rows = 0;
///     loop {
///         let Some(part) = parts.lock().ok().and_then(|mut parts| parts.next()) else { break };
///         part.read(|row| rows += u64::from(matches!(row, Row::Record(_))))?;
///     }
///     Ok::<u64, Refusal>(rows)
/// };
/// let rows = std::thread::scope(|scope| {
///     let threads = [scope.spawn(read), scope.spawn(read)];
///     threads.map(|thread| thread.join().unwrap())
/// });
/// assert_eq!(rows.into_iter().sum::<Result<u64, Refusal>>()?, 2);
/// # Ok::<(), Refusal>(())
/// ```
pub fn parts<'a>(file: &'a [u8], options: &'a Options) -> Result<Parts<'a>, Refusal> {
    parts_of(file, options, PART)
}

fn parts_of<'a>(file: &'a [u8], options: &'a Options, size: usize) -> Result<Parts<'a>, Refusal> {
    let most = options.limits.file_bytes;
    if file.len() as u64 > most {
        return Err(Refusal::new(RefusalKind::TooManyBytes(most)));
    }
    let cut = if file.len() > size { cuttable(file, options)? } else { None };
    let (layout, start) = match cut {
        Some((layout, start)) => (Some(Arc::new(layout)), start),
        None => (None, 0),
    };
    let rest = file.get(start..).unwrap_or_default();
    let next = Position { line: 1, byte: start as u64 };
    let shared = Arc::new(Shared { first: next, rows: AtomicU64::new(0), steps: Mutex::default() });
    Ok(Parts { options, size, layout, file, rest, next, shared, number: 0 })
}

/// The parts of a file, in its order; see [`parts`].
#[derive(Debug)]
pub struct Parts<'a> {
    options: &'a Options,
    /// About how many bytes a part has.
    size: usize,
    /// How the file is understood, if it can be cut.
    layout: Option<Arc<Layout>>,
    file: &'a [u8],
    rest: &'a [u8],
    next: Position,
    shared: Arc<Shared>,
    number: usize,
}

/// Some rows of a file; see [`parts`].
#[derive(Clone, Debug)]
pub struct Part<'a> {
    options: &'a Options,
    layout: Option<Arc<Layout>>,
    file: &'a [u8],
    text: &'a [u8],
    position: Position,
    /// Where the next part starts.
    end: Position,
    shared: Arc<Shared>,
    number: usize,
}

/// What the parts of a file know of each other.
#[derive(Debug)]
struct Shared {
    first: Position,
    rows: AtomicU64,
    /// What the rows from one place to another do to the sums.
    steps: Mutex<BTreeMap<Position, (Position, Step)>>,
}

impl Shared {
    fn learn(&self, start: Position, end: Position, step: Step) {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).insert(start, (end, step));
    }

    /// The first known step from a place on: its start, its end, and what it
    /// does.
    fn step(&self, place: Position) -> Option<(Position, Position, Step)> {
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        steps.range(place..).next().map(|(start, (end, step))| (*start, *end, *step))
    }
}

impl Parts<'_> {
    /// How the file is understood, if it can be cut; else each part says so
    /// itself.
    pub fn layout(&self) -> Option<&Layout> {
        self.layout.as_deref()
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        if self.rest.is_empty() && self.number > 0 {
            return None;
        }
        let (lines, bytes) = match &self.layout {
            Some(layout) => {
                let mut cut = Cut::new(dialect(layout), self.size as u64);
                cut.push(self.rest);
                (cut.lines, cut.bytes)
            }
            None => (0, self.rest.len() as u64),
        };
        let end = usize::try_from(bytes).unwrap_or(usize::MAX);
        let (text, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
        let (layout, shared) = (self.layout.clone(), Arc::clone(&self.shared));
        let Parts { options, file, next: position, number, .. } = *self;
        let end = Position { line: position.line + lines, byte: position.byte + bytes };
        self.next = end;
        self.rest = rest;
        self.number += 1;
        Some(Part { options, layout, file, text, position, end, shared, number })
    }
}

impl Part<'_> {
    /// Which of the parts it is, from 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Hands over its rows, in the file's order, and says how the file was
    /// understood.
    ///
    /// # Errors
    ///
    /// If the file is refused; what any part said must not be used then.
    pub fn read(&self, mut each: impl FnMut(&Row<'_>)) -> Result<Layout, Refusal> {
        let options = self.options;
        let Some(layout) = &self.layout else {
            let mut reader = Reader::new(options.clone());
            reader.push(self.text, &mut each)?;
            return reader.finish(each);
        };
        let mut layout = Layout::clone(layout);
        let before = || self.sums_before();
        let mut totals = Totals::after_untold(&before);
        let read = self.read_text(self.text, self.position, &mut layout, &mut totals, &mut each)?;
        if self.shared.rows.fetch_add(read, Ordering::Relaxed) + read > options.limits.rows {
            return Err(Refusal::new(RefusalKind::TooManyRows(options.limits.rows)));
        }
        self.shared.learn(self.position, self.end, totals.step());
        if totals.holds_rows() && self.has_rows_after(&layout) {
            totals.go_on(&mut each);
        }
        totals.finish(&mut each);
        Ok(layout)
    }

    /// Reads some text of the file, and says how many rows it has.
    fn read_text(
        &self,
        text: &[u8],
        position: Position,
        layout: &mut Layout,
        totals: &mut Totals<'_>,
        each: &mut impl FnMut(&Row<'_>),
    ) -> Result<u64, Refusal> {
        let options = self.options;
        let mut tokenizer = Tokenizer::new(options.limits, 0, dialect(layout)).starting_at(position);
        let (mut is_resolved, mut read) = (true, 0);
        let mut taker =
            Taker { options, layout, is_resolved: &mut is_resolved, read: &mut read, totals, each };
        tokenizer.read(text, &mut taker)?;
        match tokenizer.finish() {
            Ok(row) => row.iter().try_for_each(|row| taker.row(row))?,
            Err(start) => return Err(Refusal::at(RefusalKind::UnclosedQuote, start)),
        }
        Ok(read)
    }

    /// What the rows of the parts before it add up to: those that were not
    /// read yet are read for it.
    fn sums_before(&self) -> Sums {
        let (mut place, mut sums) = (self.shared.first, Sums::default());
        while place < self.position {
            let (end, step) = match self.shared.step(place) {
                Some((start, end, step)) if start == place && end <= self.position => (end, step),
                next => {
                    let next = next.map(|(start, ..)| start).filter(|start| *start > place);
                    let end = next.map_or(self.position, |start| start.min(self.position));
                    (end, self.step_between(place, end, sums))
                }
            };
            sums = step.from(sums);
            place = end;
        }
        sums
    }

    fn step_between(&self, start: Position, end: Position, sums: Sums) -> Step {
        let place = |position: Position| usize::try_from(position.byte).unwrap_or(usize::MAX);
        let text = self.file.get(place(start)..place(end)).unwrap_or_default();
        let mut totals = Totals::after(sums);
        if let Some(layout) = &self.layout {
            // What refuses the file does so where its rows are handed over.
            let _ = self.read_text(text, start, &mut Layout::clone(layout), &mut totals, &mut |_| {});
        }
        self.shared.learn(start, end, totals.step());
        totals.step()
    }

    /// Whether there is a row after it that is not blank.
    fn has_rows_after(&self, layout: &Layout) -> bool {
        let end = usize::try_from(self.end.byte).unwrap_or(usize::MAX);
        let mut rest = self.file.get(end..).unwrap_or_default();
        let mut tokenizer = Tokenizer::new(self.options.limits, 0, dialect(layout));
        while let Some(row) = tokenizer.next(&mut rest) {
            if !row.is_blank() {
                return true;
            }
        }
        tokenizer.finish().is_ok_and(|row| row.is_some_and(|row| !row.is_blank()))
    }
}

/// How a file is understood and where its text starts, if it can be cut.
fn cuttable(file: &[u8], options: &Options) -> Result<Option<(Layout, usize)>, Refusal> {
    let said = options.layout.as_ref();
    let mut unpack = Unpack::new(said.and_then(|layout| layout.compression), options.limits);
    unpack.push(file.get(..4).unwrap_or_default(), &mut |_| Ok(()))?;
    if !unpack.is_plain() {
        return Ok(None);
    }
    let mut text = Text::new(said.and_then(|layout| layout.encoding.as_deref()))?;
    let mut start = 0;
    for chunk in file.chunks(LOOK) {
        text.push(chunk, &mut |_, first| {
            start = first;
            Ok(())
        })?;
        if text.is_decided() {
            break;
        }
    }
    text.finish(&mut |_, _| Ok(()))?;
    if !text.is_utf_8() {
        return Ok(None);
    }
    let encoding = text.encoding();
    let Some(mut layout) = layout_of(file, options)? else { return Ok(None) };
    layout.compression = Some(Compression::None);
    layout.encoding = Some(encoding);
    let is_cut = layout.shape == Shape::Delimited && layout.quoted != Quoting::DoubleAfterSpaces;
    Ok(is_cut.then_some((layout, usize::try_from(start).unwrap_or(0))))
}

/// How the first part of a file is understood, if that is enough to tell and
/// it has a row.
fn layout_of(file: &[u8], options: &Options) -> Result<Option<Layout>, Refusal> {
    let mut reader = Reader::new(options.clone());
    // Twice what is looked at, so that the header is among it.
    let Some(head) = file.get(..2 * LOOK) else {
        reader.push(file, |_| {})?;
        return reader.finish(|_| {}).map(Some);
    };
    reader.push(head, |_| {})?;
    let has_rows = reader.rooms.as_ref().is_ok_and(|rooms| rooms.body.is_resolved && rooms.body.read > 0);
    Ok(reader.layout().cloned().filter(|_| has_rows))
}

fn dialect(layout: &Layout) -> Dialect {
    let delimiter = layout.delimiter.and_then(|mark| u8::try_from(mark).ok()).unwrap_or(b',');
    Dialect { delimiter, quoting: layout.quoted }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    type Said = (Vec<Row<'static>>, Result<Layout, Refusal>);

    fn whole(file: &[u8], options: &Options) -> Said {
        let mut rows = Vec::new();
        let mut reader = Reader::new(options.clone());
        let pushed = reader.push(file, |row| rows.push(row.clone().into_owned()));
        let end = pushed.and_then(|()| reader.finish(|row| rows.push(row.clone().into_owned())));
        (rows, end)
    }

    /// Parts are read in any order.
    fn in_parts(file: &[u8], options: &Options, size: usize, backwards: bool) -> Said {
        let mut parts: Vec<Part<'_>> = match parts_of(file, options, size) {
            Ok(parts) => parts.collect(),
            Err(refusal) => return (Vec::new(), Err(refusal)),
        };
        if backwards {
            parts.reverse();
        }
        let mut rows = BTreeMap::new();
        let mut last = Err(Refusal::new(RefusalKind::Empty));
        for part in parts {
            let of_part: &mut Vec<Row<'static>> = rows.entry(part.number()).or_default();
            last = part.read(|row| of_part.push(row.clone().into_owned()));
            if last.is_err() {
                break;
            }
        }
        (rows.into_values().flatten().collect(), last)
    }

    fn file() -> impl Strategy<Value = Vec<u8>> {
        const PIECES: [&str; 18] = [
            "Oslo,tea,4\n",
            "Oslo,milk,Reel 500\n",
            "Oslo,total,4\n",
            "Lyon,Total,8\r\n",
            ",,\n",
            "Lyon,\"a\"\"b\",2\r\n",
            "Lyon,\"a\nb\",2\n",
            "Graz,10\" pan,1\n",
            "\"",
            "\"\"",
            "\n",
            "\r",
            "\r\n",
            ",",
            "\",\"",
            "\u{e9}",
            "Oslo,\"x\"y\"z,3\n",
            "\"Oslo\",\"tea\",\"5\"\n",
        ];
        let start = select(&["", "\u{feff}", "\r\n"][..]);
        (start, vec(select(&PIECES[..]), 0..40), any::<bool>()).prop_map(|(start, pieces, is_damaged)| {
            let mut file = [start, "store,item,count\n", &pieces.concat()].concat().into_bytes();
            if is_damaged {
                file.push(0xff);
            }
            file
        })
    }

    proptest! {
        #[test]
        fn parts_say_what_the_whole_says(file in file(), size in 1..64_usize, backwards in any::<bool>()) {
            let options = Options::default();
            let (rows, end) = whole(&file, &options);
            let (found, found_end) = in_parts(&file, &options, size, backwards);
            prop_assert_eq!(&found_end, &end);
            if end.is_ok() {
                prop_assert_eq!(found, rows);
            }
        }

        #[test]
        fn parts_end_with_a_row(file in file(), size in 1..64_usize) {
            let options = Options::default();
            if let Ok(parts) = parts_of(&file, &options, size) && parts.layout().is_some() {
                let texts: Vec<&[u8]> = parts.map(|part| part.text).collect();
                prop_assert!(file.ends_with(&texts.concat()));
                prop_assert!(texts.iter().rev().skip(1).all(|text| text.ends_with(b"\n") && text.len() >= size));
            }
        }
    }
}
