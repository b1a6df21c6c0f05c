//! Rows that can be read where they stand in the text: all but those whose
//! quotes are doubled, or stand where `csv-core` alone knows what they mean.

use super::Limits;
use super::layout::Quoting;
use super::record::is_odd;
use super::rows::{Dialect, Position, RawRow, is_blank, trim_line_break};

/// How much text is looked through at once: it stays in the nearest cache
/// until its rows are read.
const BLOCK: usize = 32 << 10;
/// How many bytes are compared at once.
const LANES: usize = 64;

/// The fields of a row, in the text that holds it.
#[derive(Clone, Copy, Default)]
pub(super) struct Placed<'a> {
    text: &'a str,
    start: usize,
    /// Where each field ends in the text.
    ends: &'a [u32],
    /// Some fields are in quotes.
    is_quoted: bool,
    /// It has more than one line break, or one that is not usual.
    has_breaks: bool,
    is_tidy: bool,
}

impl<'a> Placed<'a> {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    pub(super) fn field(&self, column: usize) -> Option<&'a str> {
        let end = *self.ends.get(column)? as usize;
        let start = match column.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize + 1,
            None => self.start,
        };
        let field = self.text.get(start..end)?;
        if self.is_quoted { Some(without_quotes(field)) } else { Some(field) }
    }

    pub(super) fn is_blank(&self) -> bool {
        (0..self.len()).all(|column| self.field(column).is_none_or(|field| is_blank(field.as_bytes())))
    }

    /// Whether no field has a byte that is odd in a code.
    #[inline]
    pub(super) fn is_tidy(&self) -> bool {
        self.is_tidy && !self.is_quoted
    }

    /// Whether its lines have to be counted.
    #[inline]
    pub(super) fn has_breaks(&self) -> bool {
        self.has_breaks
    }
}

fn without_quotes(field: &str) -> &str {
    field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field)
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
    /// Those of them that end the fields of one row.
    ends: Vec<u32>,
    /// How many columns the last row had.
    columns: usize,
}

/// The first part of a text, looked through.
pub(super) struct Block<'a> {
    text: &'a str,
    is_tidy: bool,
    dialect: Dialect,
    limits: Limits,
    /// Those that did not come yet.
    marks: &'a [u32],
    ends: &'a mut Vec<u32>,
    columns: &'a mut usize,
}

/// What comes next in a block.
pub(super) enum Next<'a> {
    /// A row, and where it ends with its line break.
    Row(Placed<'a>, usize),
    /// A line break or more.
    LineBreaks,
    /// A row that cannot be read where it stands, or is beyond the limits.
    Other,
    /// No row that ends in it.
    End,
}

impl<'a> Block<'a> {
    /// Looks through the first part of the input.
    pub(super) fn new(
        places: &'a mut Places,
        input: &'a [u8],
        dialect: Dialect,
        limits: Limits,
    ) -> Block<'a> {
        let bytes = input.get(..BLOCK).unwrap_or(input);
        let text = std::str::from_utf8(bytes).unwrap_or_else(|error| {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        });
        let found = find_marks(text.as_bytes(), dialect.delimiter, &mut places.marks);
        let marks = places.marks.get(..found).unwrap_or_default();
        let is_tidy = is_tidy(text.as_bytes(), dialect.delimiter);
        Block { text, is_tidy, dialect, limits, marks, ends: &mut places.ends, columns: &mut places.columns }
    }

    /// The row that starts at a place, no earlier than the last time, if it
    /// has as many columns as the last one, all without quotes; and where it
    /// ends.
    #[inline]
    pub(super) fn like_the_last(&mut self, at: usize) -> Option<(Placed<'a>, usize)> {
        while self.marks.first().is_some_and(|mark| (*mark as usize) < at) {
            self.next_mark();
        }
        let bytes = self.text.as_bytes();
        let (ends, rest) = self.marks.split_at_checked(*self.columns)?;
        let (last, inner) = ends.split_last()?;
        let is_delimiter = |mark: &u32| bytes.get(*mark as usize) == Some(&self.dialect.delimiter);
        let end = *last as usize;
        let is_line = !inner.is_empty() && bytes.get(end) == Some(&b'\n') && end - at < self.limits.row_bytes;
        if !is_line || !inner.iter().all(is_delimiter) {
            return None;
        }
        self.marks = rest;
        let Block { text, is_tidy, .. } = *self;
        Some((Placed { text, start: at, ends, is_quoted: false, has_breaks: false, is_tidy }, end + 1))
    }

    /// What comes at the same place otherwise.
    pub(super) fn any(&mut self, at: usize) -> Next<'_> {
        let bytes = self.text.as_bytes();
        if matches!(bytes.get(at), Some(b'\n' | b'\r')) {
            return Next::LineBreaks;
        }
        self.ends.clear();
        let (mut start, mut is_quoted, mut has_breaks) = (at, false, false);
        loop {
            let Some(mut mark) = self.next_mark() else { return Next::End };
            if bytes.get(mark) == Some(&b'"') {
                let opens = self.dialect.quoting != Quoting::None && mark == start;
                let end = if opens { self.close() } else { self.end_of_field() };
                let Some((end, breaks)) = end else { return Next::End };
                mark = end;
                if opens {
                    match bytes.get(end + 1) {
                        None => return Next::End,
                        Some(after) if self.ends_field(*after) => {}
                        Some(_) => return Next::Other,
                    }
                    self.next_mark();
                    mark = end + 1;
                    is_quoted = true;
                    has_breaks |= breaks;
                }
            }
            let Ok(end) = u32::try_from(mark) else { return Next::Other };
            self.ends.push(end);
            start = mark + 1;
            match bytes.get(mark) {
                Some(b'\n') => break,
                Some(b'\r') => {
                    let is_usual = bytes.get(start) == Some(&b'\n');
                    start += usize::from(is_usual);
                    has_breaks |= !is_usual;
                    break;
                }
                _ => {}
            }
        }
        if self.ends.len() > self.limits.columns || start - at > self.limits.row_bytes {
            return Next::Other;
        }
        *self.columns = self.ends.len();
        let Block { text, is_tidy, .. } = *self;
        Next::Row(Placed { text, start: at, ends: self.ends, is_quoted, has_breaks, is_tidy }, start)
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

/// Whether no byte is odd in a code but those that no field without quotes has.
fn is_tidy(text: &[u8], delimiter: u8) -> bool {
    let is_odd = |byte: u8| is_odd(byte) & (byte != delimiter) & (byte != b'\n') & (byte != b'\r');
    // All of it, because a loop that may end early compares one byte at a time.
    !text.iter().fold(false, |odd, byte| odd | is_odd(*byte))
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
        let Some(room) = marks.get_mut(found..).and_then(|room| room.first_chunk_mut::<LANES>()) else {
            break;
        };
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
