use std::str::Utf8Error;

use memchr::memchr2_iter;
use serde::Serialize;

use super::Limits;
use super::layout::Quoting;
use super::placed::{Block, Next, Placed, Places};

/// Where a row starts in its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Position {
    /// The line, from 1, as an editor numbers them: LF, CRLF or a lone CR ends
    /// one, inside quotes too. Of a workbook, the row of its sheet.
    pub line: u64,
    /// The byte offset, from 0, in the text: of a file that is compressed or
    /// in another encoding than UTF-8, after that was undone.
    pub byte: u64,
}

impl Position {
    /// The first line of a text that starts at this byte.
    pub(super) fn first(byte: u64) -> Position {
        Position { line: 1, byte }
    }
}

/// What makes a row unusable before its fields are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    RowTooLong,
    TooManyColumns,
    Broken(&'static str),
}

/// What separates fields, and what quotes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quoting: Quoting,
}

/// One row: its fields without their quotes, and the bytes it was read from.
#[derive(Clone, Copy, Default)]
pub(super) struct RawRow<'a> {
    pub(super) text: &'a [u8],
    /// Where each field ends in the text.
    pub(super) ends: &'a [usize],
    /// Which fields are numbers by the rules of JSON; none without an answer.
    pub(super) json_numbers: &'a [bool],
    /// Of a row that was read where it stands, its fields; then `text` and
    /// `ends` are empty.
    pub(super) placed: Placed<'a>,
    pub(super) raw: &'a [u8],
    pub(super) position: Position,
    pub(super) flaw: Option<Flaw>,
}

impl<'a> RawRow<'a> {
    pub(super) fn len(&self) -> usize {
        self.ends.len() + self.placed.len()
    }

    /// The field of a column, from 0, unless the row ends before it.
    pub(super) fn field(&self, column: usize) -> Option<&'a [u8]> {
        if self.placed.len() > 0 {
            return self.placed.field(column).map(str::as_bytes);
        }
        let end = *self.ends.get(column)?;
        let start = match column.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..end)
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.len()).map_while(|column| self.field(column))
    }

    /// Whether a field is a number of JSON, whose point is a decimal one.
    pub(super) fn is_json_number(&self, column: usize) -> bool {
        self.json_numbers.get(column).is_some_and(|is| *is)
    }

    /// The same as text, unless it is no UTF-8.
    pub(super) fn text(&self, column: usize) -> Option<Result<&'a str, Utf8Error>> {
        if self.placed.len() > 0 {
            return self.placed.field(column).map(Ok);
        }
        self.field(column).map(std::str::from_utf8)
    }

    /// Whether it has no more to say than an empty line.
    pub(super) fn is_blank(&self) -> bool {
        self.flaw.is_none() && is_blank(self.text) && self.placed.is_blank()
    }
}

/// Whether it is nothing but white space, of whichever alphabet.
pub(super) fn is_blank(text: &[u8]) -> bool {
    match text.first() {
        None => true,
        Some(first) if first.is_ascii_graphic() => false,
        Some(_) => std::str::from_utf8(text).is_ok_and(|text| text.trim().is_empty()),
    }
}

/// Takes rows, until it has enough.
pub(super) trait Take {
    /// Why no more rows are to come.
    type Stop;

    /// Takes the next rows of a block that are as nearly all are, the first of
    /// them at a position, and moves on both.
    fn plain(&mut self, block: &mut Block<'_>, position: &mut Position);

    /// Takes any row.
    fn row(&mut self, row: &RawRow<'_>) -> Result<(), Self::Stop>;
}

/// Splits bytes into rows, however they are cut into chunks.
///
/// Keeps one row in memory, and of a row beyond the limits only its beginning.
pub(super) struct Tokenizer {
    /// What knows what a field is; building its tables takes as long as reading
    /// a thousand rows, and often none needs it.
    csv: Option<csv_core::Reader>,
    dialect: Dialect,
    places: Places,
    limits: Limits,
    at_field_start: bool,
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    columns: usize,
    /// What earlier chunks held of the row under way.
    raw: Vec<u8>,
    /// Where the row under way started.
    start: Option<Position>,
    flaw: Option<Flaw>,
    next: Position,
    after_cr: bool,
}

impl Tokenizer {
    /// Starts at a byte offset of the file.
    pub(super) fn new(limits: Limits, byte: u64, dialect: Dialect) -> Tokenizer {
        Tokenizer {
            csv: None,
            dialect,
            places: Places::default(),
            limits,
            at_field_start: true,
            text: vec![0; limits.row_bytes.saturating_add(1).min(1024)],
            text_len: 0,
            ends: vec![0; limits.columns.saturating_add(1).min(64)],
            columns: 0,
            raw: Vec::new(),
            start: None,
            flaw: None,
            next: Position { line: 1, byte },
            after_cr: false,
        }
    }

    /// The same for few rows.
    pub(super) fn for_few(self) -> Tokenizer {
        Tokenizer { places: Places::few(), ..self }
    }

    /// The same within a file.
    pub(super) fn starting_at(self, position: Position) -> Tokenizer {
        Tokenizer { next: position, ..self }
    }

    /// Hands over each row that the input completes: the usual ones as they
    /// stand there, the others by way of [`Tokenizer::next`].
    pub(super) fn read<T: Take>(&mut self, mut input: &[u8], taker: &mut T) -> Result<(), T::Stop> {
        while !input.is_empty() {
            if self.start.is_none() && self.dialect.quoting != Quoting::DoubleAfterSpaces {
                let rest = self.read_block(input, taker)?;
                if rest.len() < input.len() {
                    input = rest;
                    continue;
                }
            }
            match self.next(&mut input) {
                Some(row) => taker.row(&row)?,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Hands over the rows of the first part of the input, and gives back the
    /// rest of it.
    fn read_block<'i, T: Take>(&mut self, input: &'i [u8], taker: &mut T) -> Result<&'i [u8], T::Stop> {
        let mut places = std::mem::take(&mut self.places);
        let mut block = Block::new(&mut places, input, self.dialect, self.limits);
        let mut at;
        loop {
            let line = self.next.line;
            taker.plain(&mut block, &mut self.next);
            self.after_cr &= self.next.line == line;
            at = block.place();
            let mut rest = input.get(at..).unwrap_or_default();
            match block.any(self.next) {
                Next::Row(row, end) => {
                    self.next.line += 1;
                    self.next.byte += (end - at) as u64;
                    self.after_cr = false;
                    taker.row(&row)?;
                    continue;
                }
                Next::End => break,
                Next::LineBreaks => self.skip_line_breaks(&mut rest),
                Next::Other => match self.next(&mut rest) {
                    Some(row) => taker.row(&row)?,
                    None => {
                        at = input.len();
                        break;
                    }
                },
            }
            at = input.len() - rest.len();
            if !block.skip_to(at) {
                break;
            }
        }
        self.places = places;
        Ok(input.get(at..).unwrap_or_default())
    }

    /// Takes the next row off the front of the input; without one, the input
    /// was used up.
    pub(super) fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Option<RawRow<'a>> {
        if self.start.is_none() {
            self.skip_line_breaks(input);
            if input.is_empty() {
                return None;
            }
            self.begin();
        }
        let bytes = *input;
        let complete = self.tokenize(input);
        let (read, _) = bytes.split_at(bytes.len() - input.len());
        self.advance(read);
        if complete {
            return Some(self.row(read));
        }
        self.keep(read);
        None
    }

    /// The row that the end of the file ends, or else where the row started
    /// whose quote it leaves open.
    pub(super) fn finish(&mut self) -> Result<Option<RawRow<'_>>, Position> {
        let Some(start) = self.start else {
            return Ok(None);
        };
        // A line break ends every row but one with an open quote.
        if self.tokenize(&mut &b"\n"[..]) {
            return Ok(Some(self.row(b"")));
        }
        Err(start)
    }

    fn begin(&mut self) {
        self.start = Some(self.next);
        self.text_len = 0;
        self.columns = 0;
        self.raw.clear();
        self.flaw = None;
        self.at_field_start = true;
    }

    /// Reads on to the end of the row, and says whether it is there.
    fn tokenize(&mut self, input: &mut &[u8]) -> bool {
        // Then spaces before a field are no part of it.
        if self.dialect.quoting == Quoting::DoubleAfterSpaces {
            self.tokenize_fields(input)
        } else {
            self.tokenize_row(input)
        }
    }

    /// The same field by field, without the spaces before each.
    fn tokenize_fields(&mut self, input: &mut &[u8]) -> bool {
        use csv_core::ReadFieldResult::{End, Field, InputEmpty, OutputFull};

        loop {
            if self.at_field_start {
                *input = without_spaces(input);
            }
            if input.is_empty() {
                return false;
            }
            self.at_field_start = false;
            let text = self.text.get_mut(self.text_len..).unwrap_or_default();
            let csv = self.csv.get_or_insert_with(|| reader(self.dialect));
            let (result, read, wrote) = csv.read_field(input, text);
            *input = input.get(read..).unwrap_or_default();
            self.text_len += wrote;
            match result {
                InputEmpty | End => return false,
                OutputFull => self.make_room_for_text(),
                Field { record_end } => {
                    self.end_field();
                    self.at_field_start = true;
                    if record_end {
                        return true;
                    }
                }
            }
        }
    }

    fn end_field(&mut self) {
        if self.columns == self.ends.len() {
            self.make_room_for_ends();
        }
        if let Some(end) = self.ends.get_mut(self.columns) {
            *end = self.text_len;
            self.columns += 1;
        }
    }

    /// The same a row at a time, as far as the input goes.
    fn tokenize_row(&mut self, input: &mut &[u8]) -> bool {
        use csv_core::ReadRecordResult::{End, InputEmpty, OutputEndsFull, OutputFull, Record};

        while !input.is_empty() {
            let text = self.text.get_mut(self.text_len..).unwrap_or_default();
            let ends = self.ends.get_mut(self.columns..).unwrap_or_default();
            let csv = self.csv.get_or_insert_with(|| reader(self.dialect));
            let (result, read, wrote, ended) = csv.read_record(input, text, ends);
            *input = input.get(read..).unwrap_or_default();
            self.text_len += wrote;
            self.columns += ended;
            match result {
                Record => return true,
                InputEmpty | End => return false,
                OutputFull => self.make_room_for_text(),
                OutputEndsFull => self.make_room_for_ends(),
            }
        }
        false
    }

    fn make_room_for_text(&mut self) {
        let most = self.limits.row_bytes.saturating_add(1);
        if self.text.len() < most {
            self.text.resize((self.text.len() * 2).min(most), 0);
        } else {
            self.flaw = self.flaw.or(Some(Flaw::RowTooLong));
            self.text_len = 0;
        }
    }

    fn make_room_for_ends(&mut self) {
        let most = self.limits.columns.saturating_add(1);
        if self.ends.len() < most {
            self.ends.resize((self.ends.len() * 2).min(most), 0);
        } else {
            self.flaw = self.flaw.or(Some(Flaw::TooManyColumns));
            self.columns = 0;
        }
    }

    /// The row that ends with these bytes.
    fn row<'a>(&'a mut self, read: &'a [u8]) -> RawRow<'a> {
        let position = self.start.take().unwrap_or(self.next);
        if self.columns > self.limits.columns {
            self.flaw = self.flaw.or(Some(Flaw::TooManyColumns));
        }
        let raw = if self.raw.is_empty() {
            read
        } else {
            self.keep(read);
            &self.raw
        };
        let raw = raw.get(..self.limits.row_bytes).unwrap_or(raw);
        let (text, ends) = match self.flaw {
            None => (self.text.get(..self.text_len), self.ends.get(..self.columns)),
            Some(_) => (None, None),
        };
        RawRow {
            text: text.unwrap_or_default(),
            ends: ends.unwrap_or_default(),
            raw: trim_line_break(raw),
            position,
            flaw: self.flaw,
            ..RawRow::default()
        }
    }

    /// Keeps what this chunk holds of the row for the rows's raw text.
    fn keep(&mut self, read: &[u8]) {
        let room = self.limits.row_bytes - self.raw.len();
        self.raw.extend_from_slice(read.get(..room).unwrap_or(read));
    }

    fn skip_line_breaks(&mut self, input: &mut &[u8]) {
        let breaks = input.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        let (skipped, rest) = input.split_at(breaks);
        self.advance(skipped);
        *input = rest;
    }

    fn advance(&mut self, bytes: &[u8]) {
        self.next.line += line_breaks(bytes, self.after_cr);
        if let Some(last) = bytes.last() {
            self.after_cr = *last == b'\r';
        }
        self.next.byte += bytes.len() as u64;
    }
}

/// How many line breaks there are: LF, CRLF or a lone CR is one, and an LF
/// after the CR of bytes before is none.
pub(super) fn line_breaks(bytes: &[u8], after_cr: bool) -> u64 {
    let mut lines = 0;
    let mut cr = after_cr.then_some(0);
    for at in memchr2_iter(b'\n', b'\r', bytes) {
        let is_cr = bytes.get(at) == Some(&b'\r');
        lines += u64::from(is_cr || cr != Some(at));
        cr = is_cr.then_some(at + 1);
    }
    lines
}

fn reader(dialect: Dialect) -> csv_core::Reader {
    let quoting = dialect.quoting != Quoting::None;
    let mut csv = csv_core::ReaderBuilder::new().delimiter(dialect.delimiter).quoting(quoting).build();
    // It takes a byte order mark off its first input, if that is long enough to
    // hold one; after an empty line it never looks for one, so that how the
    // bytes are cut makes no difference.
    csv.read_record(b"\n", &mut [0], &mut [0]);
    csv
}

fn without_spaces(mut input: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = input {
        input = rest;
    }
    input
}

pub(super) fn trim_line_break(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
    raw.strip_suffix(b"\r").unwrap_or(raw)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// The fields of a row, its bytes and its place.
    type Seen = (Vec<Vec<u8>>, Vec<u8>, Position, Option<Flaw>);

    #[derive(Debug, Default, PartialEq)]
    struct Rows(Vec<Seen>);

    impl Take for Rows {
        type Stop = Infallible;

        fn plain(&mut self, block: &mut Block<'_>, position: &mut Position) {
            let (start, first) = (position.byte - block.place() as u64, position.line);
            for placed in block.alike(u64::MAX) {
                let (row, end) = placed.row(*position);
                assert!(self.row(&row).is_ok());
                *position = Position { line: position.line + 1, byte: start + end as u64 };
            }
            block.pass(position.line - first);
        }

        fn row(&mut self, row: &RawRow<'_>) -> Result<(), Infallible> {
            let fields = row.fields().map(<[u8]>::to_vec).collect();
            self.0.push((fields, row.raw.to_vec(), row.position, row.flaw));
            Ok(())
        }
    }

    fn read(chunks: std::slice::Chunks<'_, u8>, dialect: Dialect) -> Rows {
        let mut rows = Rows::default();
        let mut tokenizer = Tokenizer::new(Limits::default(), 0, dialect);
        for chunk in chunks {
            assert!(tokenizer.read(chunk, &mut rows).is_ok());
        }
        if let Ok(Some(row)) = tokenizer.finish() {
            assert!(rows.row(&row).is_ok());
        }
        rows
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn blocks_have_the_rows_of_csv_core(
            pieces in vec(select(&["a", "ab,", ",", ";", "\"", "\"x,y\"", "\"\"", "\n", "\r", "\r\n", "é", "c,d\n"][..]), 0..200),
            size in 1..300_usize,
            quoting in select(&[Quoting::Double, Quoting::None][..]),
        ) {
            let text = pieces.concat().into_bytes();
            let dialect = Dialect { delimiter: b',', quoting };
            let by_bytes = read(text.chunks(1), dialect);
            prop_assert_eq!(&read(text.chunks(text.len().max(1)), dialect), &by_bytes);
            prop_assert_eq!(&read(text.chunks(size), dialect), &by_bytes);
        }
    }
}
