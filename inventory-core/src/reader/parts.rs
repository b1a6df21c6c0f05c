use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::cut::Cut;
use super::layout::{Compression, Layout, Quoting, Shape};
use super::pieces::Pieces;
use super::refusal::{Refusal, RefusalKind};
use super::rows::{Dialect, Position, Take, Tokenizer};
use super::text::Text;
use super::totals::{Step, Sums, Totals};
use super::unpack::Unpack;
use super::{LOOK, Options, Reader, Row, Taker};

/// About how many bytes a part has.
const PART: u64 = 1 << 20;

/// Cuts a file that is all there into parts of whole rows, which threads can
/// read side by side; together they say exactly what [`Reader`] says, with the
/// same positions.
///
/// The file comes in consecutive pieces, such as the ranges that an object was
/// downloaded in, cut anywhere; nothing is copied but the rows that pieces
/// share. A file that is in one piece is `[file]`.
///
/// Where a part ends is found by its quotes and line breaks alone, which takes
/// a small part of the time of reading it; so threads may take turns at the
/// iterator. Whether a row that is called as a total is one, the rows before it
/// tell; its part reads those of them that no other has read yet. A file that
/// cannot be cut, because it is compressed, in another encoding than UTF-8 or
/// of another shape than rows with a delimiter, is one part.
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
/// let ranges = [b"store,item,count\nOslo,te".to_vec(), b"a,4\nOslo,milk,9\n".to_vec()];
/// let options = Options::default();
/// let parts = Mutex::new(parts(&ranges, &options)?);
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
pub fn parts<'a, P: AsRef<[u8]> + ?Sized + 'a>(
    pieces: impl IntoIterator<Item = &'a P>,
    options: &'a Options,
) -> Result<Parts<'a>, Refusal> {
    parts_of(Pieces::new(pieces), options, PART)
}

fn parts_of<'a>(file: Pieces<'a>, options: &'a Options, size: u64) -> Result<Parts<'a>, Refusal> {
    let most = options.limits.file_bytes;
    if file.len() > most {
        return Err(Refusal::new(RefusalKind::TooManyBytes(most)));
    }
    let cut = if file.len() > size { cuttable(&file, options)? } else { None };
    let (layout, first) = cut.map_or((None, 0), |(layout, first)| (Some(layout), first));
    let next = Position { line: 1, byte: first };
    let (rows, steps) = Default::default();
    let shared = Arc::new(Shared { options, file, layout, first: next, rows, steps });
    Ok(Parts { size, next, number: 0, shared })
}

/// The parts of a file, in its order; see [`parts`].
#[derive(Debug)]
pub struct Parts<'a> {
    /// About how many bytes a part has.
    size: u64,
    /// Where the next part starts.
    next: Position,
    number: usize,
    shared: Arc<Shared<'a>>,
}

/// Some rows of a file; see [`parts`].
#[derive(Clone, Debug)]
pub struct Part<'a> {
    start: Position,
    /// Where the next part starts.
    end: Position,
    number: usize,
    shared: Arc<Shared<'a>>,
}

/// What the parts of a file know of it and of each other.
#[derive(Debug)]
struct Shared<'a> {
    options: &'a Options,
    file: Pieces<'a>,
    /// How the file is understood, if it can be cut.
    layout: Option<Layout>,
    first: Position,
    rows: AtomicU64,
    /// What the rows from one place to another do to the sums.
    steps: Mutex<BTreeMap<Position, (Position, Step)>>,
}

impl<'a> Shared<'a> {
    /// The text from one place to another.
    fn text(&self, start: Position, end: Position) -> impl Iterator<Item = &'a [u8]> {
        self.file.range(start.byte..end.byte)
    }

    /// Hands over the rows from one place to another, and says how many they
    /// are.
    fn read(
        &self,
        start: Position,
        end: Position,
        layout: &mut Layout,
        totals: &mut Totals<'_>,
        each: &mut impl FnMut(&Row<'_>),
    ) -> Result<u64, Refusal> {
        let options = self.options;
        let mut tokenizer = Tokenizer::new(options.limits, 0, dialect(layout)).starting_at(start);
        let (mut is_resolved, mut read) = (true, 0);
        let mut taker =
            Taker { options, layout, is_resolved: &mut is_resolved, read: &mut read, totals, each };
        self.text(start, end).try_for_each(|text| tokenizer.read(text, &mut taker))?;
        match tokenizer.finish() {
            Ok(row) => row.iter().try_for_each(|row| taker.row(row))?,
            Err(start) => return Err(Refusal::at(RefusalKind::UnclosedQuote, start)),
        }
        Ok(read)
    }

    /// Whether a row comes there or later that is not blank.
    fn has_rows_from(&self, place: Position, layout: &Layout) -> bool {
        let mut tokenizer = Tokenizer::new(self.options.limits, 0, dialect(layout));
        for mut text in self.file.range(place.byte..self.file.len()) {
            while let Some(row) = tokenizer.next(&mut text) {
                if !row.is_blank() {
                    return true;
                }
            }
        }
        tokenizer.finish().is_ok_and(|row| row.is_some_and(|row| !row.is_blank()))
    }

    /// What the rows from one place to another do to the sums before.
    fn step_between(&self, start: Position, end: Position, sums: Sums) -> Step {
        let mut totals = Totals::after(sums);
        if let Some(layout) = &self.layout {
            // What refuses the file does so where its rows are handed over.
            let _ = self.read(start, end, &mut layout.clone(), &mut totals, &mut |_| {});
        }
        self.learn(start, end, totals.step());
        totals.step()
    }

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
        self.shared.layout.as_ref()
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let (start, number, shared) = (self.next, self.number, Arc::clone(&self.shared));
        let length = shared.file.len();
        if start.byte == length && number > 0 {
            return None;
        }
        self.next = match &shared.layout {
            Some(layout) => {
                let mut cut = Cut::new(dialect(layout), self.size);
                shared.file.range(start.byte..length).any(|text| cut.push(text));
                Position { line: start.line + cut.lines, byte: start.byte + cut.bytes }
            }
            None => Position { byte: length, ..start },
        };
        self.number += 1;
        Some(Part { start, end: self.next, number, shared })
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
        let Part { start, end, ref shared, .. } = *self;
        let Some(layout) = &shared.layout else {
            let mut reader = Reader::new(shared.options.clone());
            shared.text(start, end).try_for_each(|text| reader.push(text, &mut each))?;
            return reader.finish(each);
        };
        let mut layout = layout.clone();
        let before = || self.sums_before();
        let mut totals = Totals::after_untold(&before);
        let read = shared.read(start, end, &mut layout, &mut totals, &mut each)?;
        let most = shared.options.limits.rows;
        if shared.rows.fetch_add(read, Ordering::Relaxed) + read > most {
            return Err(Refusal::new(RefusalKind::TooManyRows(most)));
        }
        shared.learn(start, end, totals.step());
        if totals.holds_rows() && shared.has_rows_from(end, &layout) {
            totals.go_on(&mut each);
        }
        totals.finish(&mut each);
        Ok(layout)
    }

    /// What the rows of the parts before it add up to: those that were not
    /// read yet are read for it.
    fn sums_before(&self) -> Sums {
        let Part { start: here, ref shared, .. } = *self;
        let (mut place, mut sums) = (shared.first, Sums::default());
        while place < here {
            let (end, step) = match shared.step(place) {
                Some((start, end, step)) if start == place && end <= here => (end, step),
                next => {
                    let next = next.map(|(start, ..)| start).filter(|start| *start > place);
                    let end = next.map_or(here, |start| start.min(here));
                    (end, shared.step_between(place, end, sums))
                }
            };
            sums = step.from(sums);
            place = end;
        }
        sums
    }
}

/// How a file is understood and where its text starts, if it can be cut.
fn cuttable(file: &Pieces<'_>, options: &Options) -> Result<Option<(Layout, u64)>, Refusal> {
    let said = options.layout.as_ref();
    let mut unpack = Unpack::new(said.and_then(|layout| layout.compression), options.limits);
    file.range(0..4).try_for_each(|bytes| unpack.push(bytes, &mut |_| Ok(())))?;
    if !unpack.is_plain() {
        return Ok(None);
    }
    let mut text = Text::new(said.and_then(|layout| layout.encoding.as_deref()))?;
    let mut start = 0;
    for chunk in file.range(0..file.len()).flat_map(|piece| piece.chunks(LOOK)) {
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
    Ok(is_cut.then_some((layout, start)))
}

/// How the first part of a file is understood, if that is enough to tell and
/// it has a row.
fn layout_of(file: &Pieces<'_>, options: &Options) -> Result<Option<Layout>, Refusal> {
    // Twice what is looked at, so that the header is among it.
    let head = 2 * LOOK as u64;
    let mut reader = Reader::new(options.clone());
    file.range(0..head).try_for_each(|text| reader.push(text, |_| {}))?;
    if file.len() < head {
        return reader.finish(|_| {}).map(Some);
    }
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
    use proptest::sample::{Index, select};

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
    fn in_parts(file: Pieces<'_>, options: &Options, size: u64, backwards: bool) -> Said {
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

    /// What the parts of a file are, if it can be cut.
    fn texts(file: Pieces<'_>, size: u64) -> Option<Vec<Vec<u8>>> {
        let options = Options::default();
        let parts = parts_of(file, &options, size).ok().filter(|parts| parts.layout().is_some())?;
        let text = |part: Part<'_>| part.shared.text(part.start, part.end).collect::<Vec<_>>().concat();
        Some(parts.map(text).collect())
    }

    fn file() -> impl Strategy<Value = Vec<u8>> {
        const ROWS: [&str; 18] = [
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
        (start, vec(select(&ROWS[..]), 0..40), any::<bool>()).prop_map(|(start, rows, is_damaged)| {
            let mut file = [start, "store,item,count\n", &rows.concat()].concat().into_bytes();
            if is_damaged {
                file.push(0xff);
            }
            file
        })
    }

    /// The pieces between some places, which may be the same.
    fn cut<'a>(file: &'a [u8], places: &[Index]) -> Vec<&'a [u8]> {
        let mut places: Vec<usize> = places.iter().map(|place| place.index(file.len() + 1)).collect();
        places.sort_unstable();
        places.push(file.len());
        let starts = std::iter::once(&0).chain(&places);
        starts.zip(&places).map(|(&start, &end)| &file[start..end]).collect()
    }

    proptest! {
        #[test]
        fn parts_say_what_the_whole_says(
            file in file(),
            size in 1..64_u64,
            backwards in any::<bool>(),
            places in vec(any::<Index>(), 0..8),
        ) {
            let options = Options::default();
            let (rows, end) = whole(&file, &options);
            for pieces in [Pieces::new([&file]), Pieces::new(cut(&file, &places)), Pieces::new(file.chunks(1))] {
                let (found, found_end) = in_parts(pieces, &options, size, backwards);
                prop_assert_eq!(&found_end, &end);
                if end.is_ok() {
                    prop_assert_eq!(&found, &rows);
                }
            }
        }

        #[test]
        fn parts_end_with_a_row(file in file(), size in 1..64_usize) {
            let whole = texts(Pieces::new([&file]), size as u64);
            prop_assert_eq!(&texts(Pieces::new(file.chunks(1)), size as u64), &whole);
            if let Some(texts) = whole {
                prop_assert!(file.ends_with(&texts.concat()));
                prop_assert!(texts.iter().rev().skip(1).all(|text| text.ends_with(b"\n") && text.len() >= size));
            }
        }
    }

    #[test]
    fn a_file_without_pieces_is_empty() {
        let options = Options::default();
        for pieces in [Pieces::new::<[u8]>([]), Pieces::new([b"", b""])] {
            let (rows, end) = in_parts(pieces, &options, PART, false);
            assert_eq!((rows.len(), end), (0, Err(Refusal::new(RefusalKind::Empty))));
        }
    }
}
