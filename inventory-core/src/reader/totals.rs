use super::names;
use super::record::{Reason, Record, Reject, Row};
use super::rows::Position;
use crate::key::{Item, Store};

/// Finds the rows that add up those above them: named as a total is, and the
/// last of the file, or with the sum of what came before.
#[derive(Default)]
pub(super) struct Totals {
    rows: u64,
    all: i128,
    /// What came since the last total.
    since: i128,
    /// Rows of one line that are totals if no line comes after them.
    held: Vec<(Record<'static>, String)>,
}

impl Totals {
    pub(super) fn push(&mut self, row: Row<'_>, raw: &[u8], each: &mut dyn FnMut(Row<'_>)) {
        let Row::Record(record) = row else {
            self.release(None, each);
            return each(row);
        };
        self.release(Some(record.position), each);
        let quantity = i128::from(record.quantity.scaled());
        if self.rows > 0 && names::is_total(&record.item) {
            let raw = String::from_utf8_lossy(raw).into_owned();
            if [self.all, self.since].contains(&quantity) {
                self.since = 0;
                return each(Row::Reject(reject(&record, raw)));
            }
            return self.held.push((record.into_owned(), raw));
        }
        self.rows += 1;
        self.all += quantity;
        self.since += quantity;
        each(Row::Record(record));
    }

    /// Ends the file: what was held is a total.
    pub(super) fn finish(&mut self, each: &mut dyn FnMut(Row<'_>)) {
        for (record, raw) in self.held.drain(..) {
            each(Row::Reject(reject(&record, raw)));
        }
    }

    /// Lets go of what no later line makes a total.
    fn release(&mut self, next: Option<Position>, each: &mut dyn FnMut(Row<'_>)) {
        if self.held.first().is_none_or(|(record, _)| Some(record.position) == next) {
            return;
        }
        for (record, _) in self.held.drain(..) {
            each(Row::Record(record));
        }
    }
}

fn reject(record: &Record<'_>, raw: String) -> Reject {
    Reject {
        position: record.position,
        column: None,
        value: record.item.clone().into_owned(),
        raw,
        reason: Reason::Total,
        store: Some(Store::checked(&record.store)),
        item: Some(Item::checked(&record.item)),
    }
}
