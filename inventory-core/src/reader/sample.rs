use super::Limits;
use super::placed::{Block, Placed};
use super::rows::{Dialect, Position, RawRow, Take, Tokenizer};

/// The first part of a file's text, and whether there is no more.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) text: &'a [u8],
    pub(super) complete: bool,
    /// Where it starts in the file.
    pub(super) byte: u64,
}

/// The first rows of a file that are not blank, all at hand.
#[derive(Default)]
pub(super) struct Sample {
    text: String,
    /// The mark before each field of a row, and the one after its last.
    marks: Vec<u32>,
    /// For each mark, whether the field after it is a number of JSON.
    json_numbers: Vec<bool>,
    rows: Vec<Kept>,
    /// The row whose quote the end of the file leaves open.
    pub(super) unclosed: Option<Position>,
}

/// Takes the first rows, at most so many.
struct First {
    sample: Sample,
    most: usize,
}

/// All were taken.
struct Enough;

impl First {
    fn left(&self) -> usize {
        self.most - self.sample.len()
    }
}

impl Take for First {
    type Stop = Enough;

    fn plain(&mut self, block: &mut Block<'_>, position: &mut Position) {
        // The last is left to the other way, which stops.
        let most = self.left().saturating_sub(1) as u64;
        self.sample.take_alike(block, most, position);
    }

    fn row(&mut self, row: &RawRow<'_>) -> Result<(), Enough> {
        self.sample.push(*row);
        if self.left() > 0 { Ok(()) } else { Err(Enough) }
    }
}

struct Kept {
    /// Where its marks start.
    marks: usize,
    columns: usize,
    position: Position,
    flawed: bool,
    has_quotes: bool,
}

impl Sample {
    /// Splits the rows of text with a delimiter.
    pub(super) fn delimited(look: Look<'_>, dialect: Dialect, limits: Limits, most: usize) -> Sample {
        let mut first =
            First { sample: Sample { rows: Vec::with_capacity(most), ..Sample::default() }, most };
        let mut tokenizer = Tokenizer::new(limits, look.byte, dialect).for_few();
        if let Err(Enough) = tokenizer.read(look.text, &mut first) {
            return first.sample;
        }
        if look.complete {
            match tokenizer.finish() {
                Ok(row) => row.iter().for_each(|row| first.sample.push(*row)),
                Err(start) => first.sample.unclosed = Some(start),
            }
        }
        first.sample
    }

    /// Takes rows as they stand in a block, all at once.
    fn take_alike(&mut self, block: &mut Block<'_>, most: u64, position: &mut Position) {
        let (start, columns, has_quotes) =
            (position.byte - block.place() as u64, block.width(), block.has_quotes);
        let (mut marks, mut line) = (self.marks.len(), position.line);
        for placed in block.alike(most) {
            // The first letter of nearly all says that it is not.
            let has_text =
                placed.field(0).is_some_and(|field| field.starts_with(|c: char| !c.is_whitespace()));
            if has_text || !placed.is_blank() {
                let position = Position { line, byte: start + placed.start() as u64 };
                self.rows.push(Kept { marks, columns, position, flawed: false, has_quotes });
            }
            marks += columns;
            line += 1;
        }
        let before = place(block.place());
        let (text, marks) = block.take(line - position.line);
        let moved = place(self.text.len()).wrapping_sub(before);
        self.text.push_str(text);
        self.marks.extend(marks.iter().map(|mark| mark.wrapping_add(moved)));
        *position = Position { line, byte: start + block.place() as u64 };
    }

    pub(super) fn push(&mut self, row: RawRow<'_>) {
        if row.is_blank() {
            return;
        }
        let (marks, columns, flawed) = (self.marks.len(), row.len(), row.flaw.is_some());
        self.rows.push(Kept { marks, columns, position: row.position, flawed, has_quotes: false });
        self.marks.push(place(self.text.len()).wrapping_sub(1));
        for field in row.fields() {
            self.text.push_str(std::str::from_utf8(field).unwrap_or_default());
            self.marks.push(place(self.text.len()));
            self.text.push('\n');
        }
        if !row.json_numbers.is_empty() {
            self.json_numbers.resize(marks, false);
            self.json_numbers.extend_from_slice(row.json_numbers);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn position(&self, row: usize) -> Option<Position> {
        self.rows.get(row).map(|kept| kept.position)
    }

    pub(super) fn is_flawed(&self, row: usize) -> bool {
        self.rows.get(row).is_some_and(|kept| kept.flawed)
    }

    pub(super) fn row(&self, row: usize) -> Placed<'_> {
        let Some(kept) = self.rows.get(row) else {
            return Placed::default();
        };
        let marks = self.marks.get(kept.marks..=kept.marks + kept.columns).unwrap_or_default();
        Placed { text: &self.text, marks, has_quotes: kept.has_quotes, has_returns: true }
    }

    /// The text of a cell without the space around it; blank if it is no
    /// UTF-8 or not there.
    pub(super) fn cell(&self, row: usize, column: usize) -> &str {
        self.row(row).trimmed(column).unwrap_or_default()
    }

    /// Whether a cell is a number of JSON, whose point is a decimal one.
    pub(super) fn is_json_number(&self, row: usize, column: usize) -> bool {
        let kept = self.rows.get(row).filter(|kept| column < kept.columns);
        kept.and_then(|kept| self.json_numbers.get(kept.marks + column)).is_some_and(|is| *is)
    }

    /// How many columns most of some rows have.
    pub(super) fn usual_width(&self, most: usize) -> usize {
        let mut widths: Vec<usize> = self.rows.iter().take(most).map(|row| row.columns).collect();
        widths.sort_unstable();
        let runs = widths.chunk_by(|a, b| a == b);
        runs.max_by_key(|run| (run.len(), run.first().copied())).and_then(|run| run.first()).map_or(0, |w| *w)
    }

    /// How many of the first rows have so many columns.
    pub(super) fn of_width(&self, width: usize, most: usize) -> usize {
        self.rows.iter().take(most).filter(|row| row.columns == width).count()
    }
}

fn place(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::reader::Quoting;

    fn cells(sample: &Sample) -> Vec<(Option<Position>, Vec<&str>)> {
        let cells = |row| (0..sample.row(row).len()).map(|column| sample.cell(row, column)).collect();
        (0..sample.len()).map(|row| (sample.position(row), cells(row))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn it_has_the_cells_of_csv_core(
            pieces in vec(select(&["a", " b,", ",", "\"", "\"x,y\"", "\"\"", "\n", ",,\n", "\r", "\r\n", "é", "c,\"d\"\n"][..]), 0..200),
            quoting in select(&[Quoting::Double, Quoting::DoubleAfterSpaces, Quoting::None][..]),
        ) {
            let (text, limits) = (pieces.concat(), Limits::default());
            let dialect = Dialect { delimiter: b',', quoting };
            let look = Look { text: text.as_bytes(), complete: true, byte: 7 };
            let mut rows = Tokenizer::new(limits, look.byte, dialect);
            let (mut expect, mut rest) = (Sample::default(), look.text);
            while let Some(row) = rows.next(&mut rest) {
                expect.push(row);
            }
            expect.unclosed = match rows.finish() {
                Ok(row) => { row.iter().for_each(|row| expect.push(*row)); None }
                Err(start) => Some(start),
            };
            let sample = Sample::delimited(look, dialect, limits, 1000);
            prop_assert_eq!(cells(&sample), cells(&expect));
            prop_assert_eq!(sample.unclosed, expect.unclosed);
        }
    }
}
