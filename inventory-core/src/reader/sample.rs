use super::Limits;
use super::rows::{Dialect, Position, RawRow, Tokenizer};

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
        let mut sample = Sample::default();
        let mut tokenizer = Tokenizer::new(limits, look.byte, dialect);
        let mut rest = look.text;
        while let Some(row) = tokenizer.next(&mut rest) {
            sample.push(row);
            if sample.len() == most {
                return sample;
            }
        }
        if look.complete {
            match tokenizer.finish() {
                Ok(row) => row.into_iter().for_each(|row| sample.push(row)),
                Err(start) => sample.unclosed = Some(start),
            }
        }
        sample
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
        self.text.extend_from_slice(row.text);
        self.ends.extend_from_slice(row.ends);
        self.json_numbers.extend((0..row.len()).map(|column| row.is_json_number(column)));
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
        std::str::from_utf8(field).unwrap_or_default().trim()
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
