use super::names;
use super::record::{Reason, Record, Reject, Row};
use super::rows::Position;
use crate::key::{Item, Store};

/// Finds the rows that add up those above them: named as a total is, and the
/// last of the file, or with the sum of what came before.
#[derive(Default)]
pub(super) struct Totals<'b> {
    sums: Sums,
    /// What tells the sums of that before a part, until they are asked for.
    before: Option<&'b (dyn Fn() -> Sums + Sync)>,
    /// Rows of one line that are totals if no line comes after them.
    held: Vec<(Record<'static>, String)>,
}

/// What rows add up to that are no totals themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    rows: u64,
    all: i128,
    /// What came since the last total.
    since: i128,
}

impl Sums {
    fn add(&mut self, rows: u64, quantity: i128) {
        self.rows += rows;
        self.all += quantity;
        self.since += quantity;
    }
}

/// What some rows do to the sums of those before them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// They add to them, and none is called as totals are.
    Add(Sums),
    /// They make them these.
    Set(Sums),
}

impl Step {
    pub(super) fn from(self, before: Sums) -> Sums {
        match self {
            Step::Add(sums) => Sums {
                rows: before.rows + sums.rows,
                all: before.all + sums.all,
                since: before.since + sums.since,
            },
            Step::Set(sums) => sums,
        }
    }
}

impl<'b> Totals<'b> {
    /// Goes on after so much.
    pub(super) fn after(sums: Sums) -> Totals<'b> {
        Totals { sums, ..Totals::default() }
    }

    /// Goes on after what is told if it matters.
    pub(super) fn after_untold(before: &'b (dyn Fn() -> Sums + Sync)) -> Totals<'b> {
        Totals { before: Some(before), ..Totals::default() }
    }

    /// What the rows until now do to the sums of those before.
    pub(super) fn step(&self) -> Step {
        if self.before.is_some() { Step::Add(self.sums) } else { Step::Set(self.sums) }
    }

    /// Whether the next row decides what others are.
    #[inline]
    pub(super) fn holds_rows(&self) -> bool {
        !self.held.is_empty()
    }

    /// Adds rows that are handed over and not called as totals are; none may
    /// be held then.
    pub(super) fn add(&mut self, rows: u64, quantity: i64) {
        self.sums.add(rows, quantity.into());
    }

    pub(super) fn push(&mut self, row: Row<'_>, raw: &[u8], each: &mut dyn FnMut(&Row<'_>)) {
        let Row::Record(record) = row else {
            self.release(None, each);
            return each(&row);
        };
        self.release(Some(record.position), each);
        let quantity = i128::from(record.quantity.scaled());
        if names::is_total(&record.item) && self.look_back().rows > 0 {
            let raw = String::from_utf8_lossy(raw).into_owned();
            if [self.sums.all, self.sums.since].contains(&quantity) {
                self.sums.since = 0;
                return each(&Row::Reject(reject(&record, raw)));
            }
            return self.held.push((record.into_owned(), raw));
        }
        self.sums.add(1, quantity);
        each(&Row::Record(record));
    }

    fn look_back(&mut self) -> Sums {
        if let Some(before) = self.before.take() {
            self.sums = Step::Add(self.sums).from(before());
        }
        self.sums
    }

    /// Ends a part that others come after: what was held is no total.
    pub(super) fn go_on(&mut self, each: &mut dyn FnMut(&Row<'_>)) {
        self.release(None, each);
    }

    /// Ends the file: what was held is a total.
    pub(super) fn finish(&mut self, each: &mut dyn FnMut(&Row<'_>)) {
        for (record, raw) in self.held.drain(..) {
            each(&Row::Reject(reject(&record, raw)));
        }
    }

    /// Lets go of what no later line makes a total.
    fn release(&mut self, next: Option<Position>, each: &mut dyn FnMut(&Row<'_>)) {
        if self.held.first().is_none_or(|(record, _)| Some(record.position) == next) {
            return;
        }
        for (record, _) in self.held.drain(..) {
            each(&Row::Record(record));
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
        store: Some(Store::checked(&*record.store)),
        item: Some(Item::checked(&*record.item)),
    }
}
