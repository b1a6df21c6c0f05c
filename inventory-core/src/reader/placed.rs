//! Rows that can be read where they stand in the text: all but those whose
//! quotes are doubled, or stand where `csv-core` alone knows what they mean.
//!
//! A block of text is looked through first, 64 bytes at once, with a bit for
//! each byte: a quote turns what follows it into text until the next one, and
//! the delimiters and line breaks outside are the marks between fields. The
//! rows are then read from mark to mark.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, mask8x64, u8x64};

use super::Limits;
use super::layout::Quoting;
use super::record::{is_odd, trimmed};
use super::rows::{Dialect, Position, RawRow, is_blank};
use crate::quantity::Quantity;

/// How much text is looked through at once: it stays in the nearest cache
/// until its rows are read, and little of a short file's time goes to room
/// for its marks.
const BLOCK: usize = 8 << 10;
/// How much after a quote that only `csv-core` understands.
const LEAST: usize = 1 << 10;
/// How many bytes are compared at once.
pub(super) const LANES: usize = 64;
/// The mark before the first byte.
const BEFORE: u32 = u32::MAX;

/// The fields of a row, in the text that holds it.
#[derive(Clone, Copy, Default)]
pub(super) struct Placed<'a> {
    pub(super) text: &'a str,
    /// The mark before each field, and the one after the last.
    pub(super) marks: &'a [u32],
    /// Fields may be in quotes.
    pub(super) has_quotes: bool,
    /// A field may end before the first half of a CRLF.
    pub(super) has_returns: bool,
}

impl<'a> Placed<'a> {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.marks.len().saturating_sub(1)
    }

    #[inline(always)]
    fn place(&self, column: usize) -> Option<(usize, usize)> {
        Some((after(*self.marks.get(column)?), *self.marks.get(column + 1)? as usize))
    }

    /// A field without its quotes.
    #[inline]
    pub(super) fn field(&self, column: usize) -> Option<&'a str> {
        let (start, end) = self.place(column)?;
        let field = without_return(self.text.get(start..end)?);
        match field.as_bytes() {
            [b'"', .., b'"'] if self.has_quotes => field.get(1..field.len() - 1),
            _ => Some(field),
        }
    }

    /// The same without the space around it.
    #[inline(always)]
    pub(super) fn trimmed(&self, column: usize) -> Option<&'a str> {
        let (start, end) = self.place(column)?;
        if self.is_bare(start, end) {
            return self.text.get(start..end);
        }
        match self.within_quotes(start, end) {
            Some((start, end)) if self.is_bare(start, end) => self.text.get(start..end),
            _ => self.field(column).map(trimmed),
        }
    }

    /// A field that is a number of a few digits.
    #[inline(always)]
    pub(super) fn whole(&self, column: usize) -> Option<Quantity> {
        let (start, mut end) = self.place(column)?;
        end -= usize::from(self.has_returns && self.byte(end.wrapping_sub(1)) == Some(b'\r'));
        let text = self.text.as_bytes();
        Quantity::whole_in(text, start, end).or_else(|| {
            let (start, end) = self.within_quotes(start, end)?;
            Quantity::whole_in(text, start, end)
        })
    }

    #[inline(always)]
    fn byte(&self, place: usize) -> Option<u8> {
        self.text.as_bytes().get(place).copied()
    }

    /// Whether a field starts and ends with a byte that is no space, quote or
    /// `#`.
    #[inline(always)]
    fn is_bare(&self, start: usize, end: usize) -> bool {
        let is_bare = |place: usize| self.byte(place).is_some_and(|byte| matches!(byte, b'$'..=b'~'));
        is_bare(start) && is_bare(end.wrapping_sub(1))
    }

    #[inline(always)]
    fn within_quotes(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let is_quote = |place: usize| self.byte(place) == Some(b'"');
        let (inner_start, inner_end) = (start + 1, end.wrapping_sub(1));
        (self.has_quotes && is_quote(start) && is_quote(inner_end)).then_some((inner_start, inner_end))
    }

    /// Where it starts in the text.
    #[inline(always)]
    pub(super) fn start(&self) -> usize {
        self.marks.first().map_or(0, |mark| after(*mark))
    }

    pub(super) fn is_blank(&self) -> bool {
        (0..self.len()).all(|column| self.field(column).is_none_or(|field| is_blank(field.as_bytes())))
    }

    /// The row for whoever cares not how it was read, and where it ends.
    pub(super) fn row(self, position: Position) -> (RawRow<'a>, usize) {
        let line = self.marks.last().copied().unwrap_or(BEFORE);
        let raw = without_return(self.text.get(self.start()..line as usize).unwrap_or_default());
        (RawRow { placed: self, raw: raw.as_bytes(), position, ..RawRow::default() }, after(line))
    }
}

/// Without the first half of a CRLF: no other stands at the end of a field.
fn without_return(field: &str) -> &str {
    field.strip_suffix('\r').unwrap_or(field)
}

/// Where the text goes on after a mark.
#[inline]
fn after(mark: u32) -> usize {
    mark.wrapping_add(1) as usize
}

/// What a block is looked through with, kept for the next one.
pub(super) struct Places {
    /// Where the delimiters and line breaks are that no quotes surround.
    marks: Vec<u32>,
    /// Which of them are line breaks.
    lines: Vec<u32>,
    /// Where quotes are doubled, and where line breaks are within quotes.
    specials: Vec<u32>,
    /// How many columns the last row had.
    width: usize,
    /// How large the next block is, and how large one may be.
    size: usize,
    most: usize,
}

impl Default for Places {
    fn default() -> Places {
        let (marks, lines, specials) = Default::default();
        Places { marks, lines, specials, width: 0, size: LEAST, most: BLOCK }
    }
}

impl Places {
    /// For few rows: all that it keeps is as large as its blocks.
    pub(super) fn few() -> Places {
        Places { most: 4 * LEAST, ..Places::default() }
    }
}

/// The first part of a text, looked through.
pub(super) struct Block<'a> {
    text: &'a str,
    is_tidy: bool,
    pub(super) has_quotes: bool,
    has_returns: bool,
    columns: usize,
    /// Those from the one before the next row on.
    marks: &'a [u32],
    /// Those that did not come yet.
    lines: &'a [u32],
    specials: &'a [u32],
    width: &'a mut usize,
}

/// What comes next in a block.
pub(super) enum Next<'a> {
    /// A row, and where it ends with its line break.
    Row(RawRow<'a>, usize),
    /// A line break or more.
    LineBreaks,
    /// A row that cannot be read where it stands, or is beyond the limits.
    Other,
    /// No row that is known to end in it.
    End,
}

impl<'a> Block<'a> {
    /// Looks through the first part of the input, which starts with a row.
    pub(super) fn new(
        places: &'a mut Places,
        input: &'a [u8],
        dialect: Dialect,
        limits: Limits,
    ) -> Block<'a> {
        // No longer than a row may be, so that none is.
        let size = places.size.min(limits.row_bytes).min(limits.field_bytes);
        let bytes = input.get(..size).unwrap_or(input);
        let text = simdutf8::compat::from_utf8(bytes).unwrap_or_else(|error| {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            simdutf8::compat::from_utf8(valid).unwrap_or_default()
        });
        let next = input.get(text.len()).copied();
        let found = places.look_through(text.as_bytes(), next, dialect);
        places.size = if found.is_cut { LEAST } else { (2 * places.size).min(places.most) };
        Block {
            text,
            is_tidy: found.is_tidy,
            has_quotes: found.has_quotes,
            has_returns: found.has_returns,
            columns: limits.columns,
            marks: places.marks.get(..=found.marks).unwrap_or_default(),
            lines: places.lines.get(..found.lines).unwrap_or_default(),
            specials: &places.specials,
            width: &mut places.width,
        }
    }

    /// Whether no byte is odd in a code but those that no field has.
    pub(super) fn is_tidy(&self) -> bool {
        self.is_tidy
    }

    /// How many columns the last row had.
    pub(super) fn width(&self) -> usize {
        *self.width
    }

    /// Where the next row starts.
    pub(super) fn place(&self) -> usize {
        self.marks.first().map_or(0, |mark| after(*mark))
    }

    /// The next rows, at most so many, that have as many columns as the last
    /// one and a line each; they stay the next until [`Block::pass`].
    #[inline(always)]
    pub(super) fn alike(&self, most: u64) -> impl Iterator<Item = Placed<'a>> + use<'a> {
        let Block { text, has_quotes, has_returns, .. } = *self;
        let width = *self.width;
        let special = self.specials.first().copied().unwrap_or(u32::MAX);
        let most = if width > 1 { usize::try_from(most).unwrap_or(usize::MAX) } else { 0 };
        let (mut marks, lines) = (self.marks, self.lines.get(..most).unwrap_or(self.lines));
        lines.iter().map_while(move |line| {
            let row = marks.get(..=width)?;
            marks = marks.get(width..)?;
            let is_alike = row.last() == Some(line) && *line < special;
            is_alike.then_some(Placed { text, marks: row, has_quotes, has_returns })
        })
    }

    /// Goes past so many rows of them, and gives back their text and its marks.
    pub(super) fn take(&mut self, rows: u64) -> (&'a str, &'a [u32]) {
        let (start, marks) = (self.place(), self.marks);
        self.pass(rows);
        let marks = marks.get(..=marks.len() - self.marks.len()).unwrap_or_default();
        let end = marks.last().map_or(start, |mark| *mark as usize);
        (self.text.get(start..end).unwrap_or_default(), marks)
    }

    /// Goes past so many rows of them.
    pub(super) fn pass(&mut self, rows: u64) {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        self.marks = self.marks.get(rows * *self.width..).unwrap_or_default();
        self.lines = self.lines.get(rows..).unwrap_or_default();
    }

    /// What comes next otherwise.
    pub(super) fn any(&mut self, position: Position) -> Next<'a> {
        if matches!(self.text.as_bytes().get(self.place()), Some(b'\n' | b'\r')) {
            return Next::LineBreaks;
        }
        let Some(&line) = self.lines.first() else { return Next::End };
        let width = self.marks.iter().skip(1).position(|mark| *mark == line).map_or(0, |place| place + 1);
        let is_special = self.specials.first().is_some_and(|special| *special < line);
        if is_special || width > self.columns {
            return Next::Other;
        }
        let marks = self.marks.get(..=width).unwrap_or_default();
        let Block { text, has_quotes, has_returns, .. } = *self;
        let (row, end) = Placed { text, marks, has_quotes, has_returns }.row(position);
        *self.width = width;
        self.pass(1);
        Next::Row(row, end)
    }

    /// Goes on where a row starts, if the block knows of one there.
    pub(super) fn skip_to(&mut self, place: usize) -> bool {
        let past = self.marks.iter().take_while(|mark| after(**mark) < place).count();
        self.marks = self.marks.get(past..).unwrap_or_default();
        let before = |mark: &&u32| (**mark as usize) < place;
        self.lines = self.lines.get(self.lines.iter().take_while(before).count()..).unwrap_or_default();
        let past = self.specials.iter().take_while(before).count();
        self.specials = self.specials.get(past..).unwrap_or_default();
        self.marks.first().is_some_and(|mark| after(*mark) == place)
    }
}

/// What a text was found to have.
#[derive(Default)]
struct Found {
    /// How many marks, not counting the one before the text.
    marks: usize,
    lines: usize,
    is_tidy: bool,
    has_quotes: bool,
    has_returns: bool,
    /// A quote ended the search that only `csv-core` understands.
    is_cut: bool,
}

/// What the 64 bytes before tell of the next ones, in a bit or in all of them.
#[derive(Default)]
struct Carry {
    /// All, if quotes surround the next byte.
    inside: u64,
    /// One, if a mark was last.
    mark: u64,
    /// One, if a closing quote was last.
    closing: u64,
}

/// A bit for each of 64 bytes.
struct Bits {
    marks: u64,
    lines: u64,
    specials: u64,
    /// Quotes that only `csv-core` understands, or the bytes after them.
    strays: u64,
}

/// Bits whose places are not written yet.
#[derive(Default)]
struct Unwritten {
    marks: u64,
    lines: u64,
    base: usize,
}

impl Unwritten {
    #[inline(always)]
    fn write(&self, found: &mut Found, marks: &mut [u32], lines: &mut [u32]) {
        // Always some, because most have no more, and counting them costs
        // more than writing some that are written over.
        found.marks += write::<8>(self.marks, self.base, marks.get_mut(found.marks..));
        found.lines += write::<4>(self.lines, self.base, lines.get_mut(found.lines..));
    }
}

impl Places {
    /// Finds the marks of a text that starts with a row; `next` is the byte
    /// after it, if there is one.
    fn look_through(&mut self, text: &[u8], next: Option<u8>, dialect: Dialect) -> Found {
        dispatch!(Level::new(), simd => self.look_through_with(simd, text, next, dialect))
    }

    #[inline(always)]
    fn look_through_with<S: Simd>(
        &mut self,
        simd: S,
        text: &[u8],
        next: Option<u8>,
        dialect: Dialect,
    ) -> Found {
        let most = text.len() + LANES;
        self.marks.resize(self.marks.len().max(1 + most), BEFORE);
        self.lines.resize(self.lines.len().max(most), 0);
        self.specials.clear();
        let marks = self.marks.get_mut(1..).unwrap_or_default();
        let mut found = Found::default();
        let mut carry = Carry { mark: 1, ..Carry::default() };
        let quoting = if dialect.quoting == Quoting::None { 0 } else { u64::MAX };
        let (mut odd, mut any_quotes) = (mask8x64::splat(simd, false), 0);
        // No byte after the text is anything.
        let (whole, last) = lanes(text, if dialect.delimiter == b'.' { b'0' } else { b'.' });
        let (mut base, mut unwritten) = (0, Unwritten::default());
        for chunk in whole.iter().chain(&last) {
            let end = base + LANES;
            let lanes: u8x64<S> = (*chunk).simd_into(simd);
            let is = |byte: u8| lanes.simd_eq(byte);
            let (delimiters, feeds, returns) = (is(dialect.delimiter), is(b'\n'), is(b'\r'));
            odd |= odd_lanes(lanes) & !(delimiters | feeds | returns);
            let (delimiters, feeds) = (delimiters.to_bitmask(), feeds.to_bitmask());
            let (returns, quotes) = (returns.to_bitmask(), is(b'"').to_bitmask() & quoting);
            any_quotes |= quotes;
            let mut lines = feeds;
            if returns != 0 {
                found.has_returns = true;
                // A lone return is a line break, and one before a feed belongs
                // to it; of the last byte of all, nobody knows.
                let after = text.get(end).copied().or(next);
                let is_not_lone = matches!(after, None | Some(b'\n'));
                let last = (text.len() - base).min(LANES) - 1;
                lines |= returns & !(feeds >> 1 | u64::from(is_not_lone) << last);
            }
            let bits = carry.over(delimiters, lines, feeds | returns, quotes);
            // All bits, unless there is a stray one.
            let known = (bits.strays & bits.strays.wrapping_neg()).wrapping_sub(1);
            // Those before are written only now, while these are being found.
            unwritten.write(&mut found, marks, &mut self.lines);
            unwritten = Unwritten { marks: bits.marks & known, lines: bits.lines & known, base };
            if bits.specials & known != 0 {
                let mut places = [0; LANES];
                let count = write::<0>(bits.specials & known, base, Some(&mut places));
                self.specials.extend_from_slice(places.get(..count).unwrap_or_default());
            }
            if bits.strays != 0 {
                found.is_cut = base + (bits.strays.trailing_zeros() as usize) < text.len();
                break;
            }
            base = end;
        }
        unwritten.write(&mut found, marks, &mut self.lines);
        found.has_quotes = any_quotes != 0;
        // A delimiter within quotes is one of the code.
        found.is_tidy = !(odd.any_true() || found.has_quotes && is_odd(dialect.delimiter));
        found
    }
}

impl Carry {
    /// The marks among 64 bytes, of which these are the delimiters, the line
    /// breaks, all that is part of one, and the quotes.
    #[inline(always)]
    fn over(&mut self, delimiters: u64, lines: u64, breaks: u64, quotes: u64) -> Bits {
        if quotes | self.inside | self.closing == 0 {
            let marks = delimiters | lines;
            self.mark = marks >> 63;
            return Bits { marks, lines, specials: 0, strays: 0 };
        }
        // All bytes from a quote that opens to before the one that closes.
        let inside = parity(quotes) ^ self.inside;
        let (opening, closing) = (quotes & inside, quotes & !inside);
        let (lines, within) = (lines & !inside, breaks & inside);
        let marks = delimiters & !inside | lines;
        let (after_mark, after_closing) = (marks << 1 | self.mark, closing << 1 | self.closing);
        let doubled = opening & after_closing;
        let ends = marks | doubled | breaks & !inside;
        let strays = opening & !after_mark & !doubled | after_closing & !ends;
        self.inside = 0_u64.wrapping_sub(inside >> 63);
        (self.mark, self.closing) = (marks >> 63, closing >> 63);
        Bits { marks, lines, specials: doubled | within, strays }
    }
}

/// The bytes of a text that are compared at once, and the last of them, with
/// another byte after its end.
#[inline(always)]
pub(super) fn lanes(text: &[u8], beyond: u8) -> (&[[u8; LANES]], Option<[u8; LANES]>) {
    let (whole, rest) = text.as_chunks();
    let mut last = [beyond; LANES];
    if let Some(last) = last.get_mut(..rest.len()) {
        last.copy_from_slice(rest);
    }
    (whole, (!rest.is_empty()).then_some(last))
}

/// Of each bit, whether an odd number of those up to it is set.
#[inline(always)]
pub(super) fn parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// Writes the places of bits, at first some in any case, and says how many
/// there are.
#[inline(always)]
fn write<const SOME: usize>(mut bits: u64, base: usize, room: Option<&mut [u32]>) -> usize {
    let Some(room) = room.and_then(|room| room.first_chunk_mut::<LANES>()) else { return 0 };
    let base = u32::try_from(base).unwrap_or(BEFORE);
    let count = bits.count_ones() as usize;
    let mut next = || {
        let place = base + bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        place
    };
    let Some((some, others)) = room.split_first_chunk_mut::<SOME>() else { return 0 };
    some.iter_mut().for_each(|place| *place = next());
    if count > SOME {
        others.iter_mut().take(count - SOME).for_each(|place| *place = next());
    }
    count
}

/// The bytes that [`is_odd`] says are.
#[inline(always)]
fn odd_lanes<S: Simd>(lanes: u8x64<S>) -> mask8x64<S> {
    let is = |byte: u8| lanes.simd_eq(byte);
    lanes.simd_lt(b' ') | lanes.simd_gt(b'~') | is(b'\'') | is(b'=') | is(b'+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_are_odd_one_at_a_time() {
        for byte in 0..=u8::MAX {
            let found = dispatch!(Level::new(), simd => odd_lanes(u8x64::splat(simd, byte)).any_true());
            assert_eq!(found, is_odd(byte), "{byte:#x}");
        }
    }
}
