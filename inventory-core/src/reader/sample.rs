use super::Limits;
use super::placed::Block;
use super::record::trimmed;
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
    text: Vec<u8>,
    ends: Vec<usize>,
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
        block.take_alike(most, position, |row| self.sample.push(row));
    }

    fn row(&mut self, row: &RawRow<'_>) -> Result<(), Enough> {
        self.sample.push(*row);
        if self.left() > 0 { Ok(()) } else { Err(Enough) }
    }
}

struct Kept {
    text: usize,
    ends: usize,
    columns: usize,
    position: Position,
    flawed: bool,
}

impl Sample {
    /// Splits the rows of text with a delimiter.
    pub(super) fn delimited(look: Look<'_>, dialect: Dialect, limits: Limits, most: usize) -> Sample {
        let mut first = First { sample: Sample::default(), most };
        let mut tokenizer = Tokenizer::new(limits, look.byte, dialect);
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

    pub(super) fn push(&mut self, row: RawRow<'_>) {
        if row.is_blank() {
            return;
        }
        self.rows.push(Kept {
            text: self.text.len(),
            ends: self.ends.len(),
            columns: row.len(),
            position: row.position,
            flawed: row.flaw.is_some(),
        });
        let start = self.text.len();
        for field in row.fields() {
            self.text.extend_from_slice(field);
            self.ends.push(self.text.len() - start);
        }
        if !row.json_numbers.is_empty() {
            self.json_numbers.resize(self.ends.len() - row.len(), false);
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

    pub(super) fn row(&self, row: usize) -> RawRow<'_> {
        let Some(kept) = self.rows.get(row) else {
            return RawRow::default();
        };
        let text = self.text.get(kept.text..).unwrap_or_default();
        let fields = kept.ends..kept.ends + kept.columns;
        let ends = self.ends.get(fields.clone()).unwrap_or_default();
        let json_numbers = self.json_numbers.get(fields).unwrap_or_default();
        RawRow { text, ends, json_numbers, position: kept.position, ..RawRow::default() }
    }

    /// The text of a cell without the space around it; blank if it is no
    /// UTF-8 or not there.
    pub(super) fn cell(&self, row: usize, column: usize) -> &str {
        let field = self.row(row).field(column).unwrap_or_default();
        trimmed(std::str::from_utf8(field).unwrap_or_default())
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
