//! Rows that can be read where they stand in the text: all but those whose
//! quotes are doubled, or stand where `csv-core` alone knows what they mean.

use memchr::memchr3;

use super::layout::Quoting;
use super::rows::{Dialect, Position, RawRow, is_blank, trim_line_break};

/// How much text is looked through at once: it stays in the nearest cache
/// until its rows are read.
const BLOCK: usize = 32 << 10;
/// How many bytes are compared at once.
const LANES: usize = 64;
/// How many columns a row may have that is read where it stands.
const COLUMNS: usize = 256;

/// The fields of a row, in the text that holds it.
#[derive(Clone, Copy, Default)]
pub(super) struct Placed<'a> {
    text: &'a str,
    /// Where each field starts and ends.
    spans: &'a [(usize, usize)],
    has_breaks: bool,
    is_tidy: bool,
}

impl<'a> Placed<'a> {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    #[inline]
    pub(super) fn field(&self, column: usize) -> Option<&'a str> {
        let (start, end) = *self.spans.get(column)?;
        self.text.get(start..end)
    }

    pub(super) fn is_blank(&self) -> bool {
        (0..self.len()).all(|column| self.field(column).is_none_or(|field| is_blank(field.as_bytes())))
    }

    /// Whether the text around it is ASCII without `'`, `=` and `+`.
    #[inline]
    pub(super) fn is_tidy(&self) -> bool {
        self.is_tidy
    }

    /// Whether there are line breaks within its quotes.
    pub(super) fn has_breaks(&self) -> bool {
        self.has_breaks
    }
}

/// A row that stands in the text.
pub(super) struct PlacedRow<'a> {
    pub(super) fields: Placed<'a>,
    /// With its line break.
    pub(super) raw: &'a [u8],
    pub(super) position: Position,
}

impl<'a> PlacedRow<'a> {
    /// The same for whoever cares not how it was read.
    pub(super) fn row(&self) -> RawRow<'a> {
        let raw = trim_line_break(self.raw);
        RawRow { placed: self.fields, raw, position: self.position, ..RawRow::default() }
    }
}

/// What a block is looked through with, kept for the next one.
#[derive(Default)]
pub(super) struct Places {
    /// Where delimiters, quotes and line breaks are.
    marks: Vec<u32>,
    spans: Vec<(usize, usize)>,
}

/// The first part of a text, looked through.
pub(super) struct Block<'a> {
    text: &'a str,
    is_tidy: bool,
    dialect: Dialect,
    /// Those that did not come yet.
    marks: &'a [u32],
    spans: &'a mut [(usize, usize)],
}

/// What comes next in a block.
pub(super) enum Next<'a> {
    /// A row, and how many bytes it has with its line break.
    Row(Placed<'a>, usize),
    /// A row that cannot be read where it stands.
    Other,
    /// No row that ends in it.
    End,
}

impl<'a> Block<'a> {
    /// Looks through the first part of the input for rows of so many columns
    /// at most.
    pub(super) fn new(places: &'a mut Places, input: &'a [u8], dialect: Dialect, columns: usize) -> Block<'a> {
        let bytes = input.get(..BLOCK).unwrap_or(input);
        let valid = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        let text = std::str::from_utf8(bytes.get(..valid).unwrap_or_default()).unwrap_or_default();
        let found = find_marks(text.as_bytes(), dialect.delimiter, &mut places.marks);
        let marks = places.marks.get(..found).unwrap_or_default();
        let is_tidy = text.is_ascii() && memchr3(b'\'', b'=', b'+', text.as_bytes()).is_none();
        places.spans.resize(columns.min(COLUMNS), (0, 0));
        Block { text, is_tidy, dialect, marks, spans: &mut places.spans }
    }

    /// What starts at a place that is no earlier than the last time.
    #[inline]
    pub(super) fn next(&mut self, at: usize) -> Next<'_> {
        while self.marks.first().is_some_and(|mark| (*mark as usize) < at) {
            self.next_mark();
        }
        let bytes = self.text.as_bytes();
        let (mut start, mut columns, mut has_breaks) = (at, 0, false);
        loop {
            let Some(mut mark) = self.next_mark() else { return Next::End };
            let mut field = (start, mark);
            if bytes.get(mark) == Some(&b'"') {
                let opens = self.dialect.quoting != Quoting::None && mark == start;
                let end = if opens { self.close() } else { self.end_of_field() };
                let Some((end, breaks)) = end else { return Next::End };
                mark = end;
                field = (start, end);
                if opens {
                    match bytes.get(end + 1) {
                        None => return Next::End,
                        Some(after) if self.ends_field(*after) => {}
                        Some(_) => return Next::Other,
                    }
                    self.next_mark();
                    mark = end + 1;
                    field = (start + 1, end);
                    has_breaks |= breaks;
                }
            }
            let Some(place) = self.spans.get_mut(columns) else { return Next::Other };
            *place = field;
            columns += 1;
            start = mark + 1;
            match bytes.get(mark) {
                Some(b'\n') => break,
                Some(b'\r') => {
                    start += usize::from(bytes.get(start) == Some(&b'\n'));
                    break;
                }
                _ => {}
            }
        }
        let spans = self.spans.get(..columns).unwrap_or_default();
        Next::Row(Placed { text: self.text, spans, has_breaks, is_tidy: self.is_tidy }, start - at)
    }

    #[inline]
    fn next_mark(&mut self) -> Option<usize> {
        let (mark, rest) = self.marks.split_first()?;
        self.marks = rest;
        Some(*mark as usize)
    }

    /// The next mark that is no quote.
    fn end_of_field(&mut self) -> Option<(usize, bool)> {
        loop {
            let mark = self.next_mark()?;
            if self.text.as_bytes().get(mark) != Some(&b'"') {
                return Some((mark, false));
            }
        }
    }

    /// The next quote, and whether there is a line break before it.
    fn close(&mut self) -> Option<(usize, bool)> {
        let mut has_breaks = false;
        loop {
            let mark = self.next_mark()?;
            match self.text.as_bytes().get(mark) {
                Some(b'"') => return Some((mark, has_breaks)),
                byte => has_breaks |= matches!(byte, Some(b'\n' | b'\r')),
            }
        }
    }

    fn ends_field(&self, byte: u8) -> bool {
        byte == self.dialect.delimiter || matches!(byte, b'\n' | b'\r')
    }
}

/// Finds the delimiters, quotes and line breaks of a text, and says how many
/// there are.
fn find_marks(text: &[u8], delimiter: u8, marks: &mut Vec<u32>) -> usize {
    marks.resize(BLOCK + LANES, 0);
    let (whole, rest) = text.as_chunks::<LANES>();
    let mut last = [b' '; LANES];
    if let Some(last) = last.get_mut(..rest.len()) {
        last.copy_from_slice(rest);
    }
    let of_rest = |bits: u64| bits & (1_u64 << rest.len()).wrapping_sub(1);
    let bits = whole.iter().map(|lanes| marked(lanes, delimiter));
    let bits = bits.chain(std::iter::once_with(|| of_rest(marked(&last, delimiter))));
    let (mut found, mut base) = (0, 0);
    for mut bits in bits {
        let count = bits.count_ones() as usize;
        let Some(room) = marks.get_mut(found..).and_then(|room| room.first_chunk_mut::<LANES>()) else { break };
        // Always eight, because most have no more, and counting them costs
        // more than writing some that are written over.
        for place in room.iter_mut().take(count.max(8)) {
            *place = base + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
        found += count;
        base += 64;
    }
    found
}

/// A bit for each byte that is a delimiter, a quote or part of a line break.
/// Written so that the compiler compares many bytes at once.
#[inline]
fn marked(lanes: &[u8; LANES], delimiter: u8) -> u64 {
    // Puts the lowest bits of eight bytes beside each other.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let is_mark = |byte: u8| byte == delimiter || matches!(byte, b'\n' | b'\r' | b'"');
    let hits = lanes.map(|byte| u8::from(is_mark(byte)));
    let (eights, _) = hits.as_chunks::<8>();
    let bytes = eights.iter().map(|eight| u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56);
    bytes.enumerate().fold(0, |bits, (place, byte)| bits | byte << (8 * place))
}
