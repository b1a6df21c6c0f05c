use std::cell::OnceCell;
use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::names::{is_dash, is_untracked};
use super::number::is_number;
use super::sample::Sample;

/// The profiles of all columns, each made when it is asked for: those of columns
/// that are not read seldom are.
pub(super) struct Profiles<'a> {
    sample: &'a Sample,
    /// The row that the data starts with.
    data: usize,
    /// Whether it matters of each if it has places within a store.
    columns: Vec<(bool, OnceCell<Profile>)>,
}

impl<'a> Profiles<'a> {
    pub(super) fn new(sample: &'a Sample, data: usize, may_be_bins: impl Iterator<Item = bool>) -> Self {
        let columns = may_be_bins.map(|may_be| (may_be, OnceCell::new())).collect();
        Profiles { sample, data, columns }
    }

    pub(super) fn get(&self, column: usize) -> Option<&Profile> {
        let (may_be_bins, profile) = self.columns.get(column)?;
        Some(profile.get_or_init(|| Profile::of(self.sample, self.data, column, *may_be_bins)))
    }
}

/// What the values of a column look like.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Profile {
    pub(super) rows: usize,
    /// Cells that are not blank; the rest is counted among these.
    pub(super) filled: usize,
    /// Rows that end before the column.
    pub(super) missing: usize,
    pub(super) distinct: usize,
    pub(super) numbers: usize,
    /// Words such as "not stocked".
    pub(super) untracked: usize,
    /// Numbers with two digits after the mark, as prices have.
    pub(super) cents: usize,
    /// Eight digits or more, as codes have.
    pub(super) long_digits: usize,
    /// As long as GTINs.
    pub(super) sized: usize,
    pub(super) gtins: usize,
    /// Nothing but 0 or 1, as a yes or no.
    pub(super) flags: usize,
    /// Such as A-01-3; only where they matter.
    pub(super) bins: usize,
    pub(super) with_spaces: usize,
    pub(super) with_letters: usize,
    /// With letters and digits.
    pub(super) mixed: usize,
    pub(super) chars: usize,
    /// 1, 2, 3 and so on, down the rows.
    pub(super) is_sequence: bool,
    /// Such a sequence from 0 or 1 on, as the numbers of rows are.
    pub(super) is_row_number: bool,
}

impl Profile {
    /// Of a column in the rows from one on, the first of them alone.
    fn of(sample: &Sample, from: usize, column: usize, may_be_bins: bool) -> Profile {
        const LOOKED_AT: usize = 200;
        let mut profile = Profile { is_sequence: true, ..Profile::default() };
        let mut seen = HashSet::with_capacity_and_hasher(LOOKED_AT, RandomState::default());
        let (mut first, mut before) = (None, None);
        for row in (from..sample.len()).take(LOOKED_AT) {
            profile.rows += 1;
            let cell = sample.cell(row, column);
            if cell.is_empty() {
                profile.missing += usize::from(sample.row(row).len() <= column);
                continue;
            }
            profile.take(cell);
            profile.bins += usize::from(may_be_bins && is_bin(cell));
            seen.insert(cell);
            if profile.is_sequence {
                let number: Option<i64> = cell.parse().ok();
                profile.is_sequence =
                    number.is_some() && before.is_none_or(|b: i64| b.checked_add(1) == number);
                before = number;
                first = first.or(number);
            }
        }
        profile.distinct = seen.len();
        profile.is_sequence &= profile.filled > 3;
        profile.is_row_number = profile.is_sequence && first.is_some_and(|first| first <= 1);
        profile
    }

    fn take(&mut self, cell: &str) {
        self.filled += 1;
        if cell.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.take_digits(cell);
        }
        let has = |is: fn(u8) -> bool| cell.bytes().any(is);
        let with_letters = cell.chars().any(char::is_alphabetic);
        self.chars += cell.chars().count();
        self.with_spaces += usize::from(has(|byte| byte == b' '));
        self.with_letters += usize::from(with_letters);
        self.mixed += usize::from(with_letters && has(|byte| byte.is_ascii_digit()));
        if is_untracked(cell) {
            self.untracked += 1;
        } else if is_number(cell) || is_dash(cell) {
            self.numbers += 1;
            let mark = cell.bytes().rposition(|byte| matches!(byte, b'.' | b','));
            self.cents += usize::from(mark.is_some_and(|mark| mark + 3 == cell.len()));
        }
    }

    fn take_digits(&mut self, digits: &str) {
        self.chars += digits.len();
        self.numbers += usize::from(is_number(digits));
        self.flags += usize::from(matches!(digits, "0" | "1"));
        self.long_digits += usize::from(digits.len() >= 8);
        if is_gtin_length(digits.len()) {
            self.sized += 1;
            self.gtins += usize::from(is_checked(digits));
        }
    }

    pub(super) fn blank(&self) -> usize {
        self.rows - self.filled - self.missing
    }

    pub(super) fn is_mostly(&self, some: usize) -> bool {
        some * 10 >= self.filled * 9 && some > 0
    }

    /// Whether it could be a count by its values alone.
    pub(super) fn looks_like_counts(&self) -> bool {
        self.is_mostly(self.numbers + self.untracked)
            && self.numbers > 0
            && self.long_digits * 2 < self.filled
            && self.cents * 2 < self.filled
            && !self.is_sequence
    }

    /// Whether it says yes or no, and nothing else.
    pub(super) fn is_flag(&self) -> bool {
        self.rows >= 8 && self.flags == self.filled && self.distinct == 2
    }

    /// Whether its values are codes and nothing else: letters with digits, or
    /// long numbers.
    pub(super) fn is_of_codes(&self) -> bool {
        let short = self.with_spaces * 10 < self.filled;
        self.rows >= 5 && short && self.is_mostly(self.mixed + self.long_digits)
    }

    /// Whether its values are places within a store.
    pub(super) fn is_of_bins(&self) -> bool {
        self.bins * 10 >= self.filled * 8 && self.bins > 0
    }

    /// Whether it could be the code of an item by its values alone.
    pub(super) fn looks_like_codes(&self) -> bool {
        let short = self.chars <= self.filled * 60;
        let codes = self.with_letters + self.long_digits + (self.filled - self.numbers.min(self.filled));
        self.filled * 10 >= self.rows * 9 && self.filled > 0 && short && codes * 2 >= self.filled
    }
}

/// Whether it is a few short groups, of which two or more are numbers.
fn is_bin(text: &str) -> bool {
    const SHELVES: [&str; 9] = ["aisle", "shelf", "bin", "rack", "bay", "regal", "fach", "allée", "rayon"];
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    if text.split(' ').next().is_some_and(|word| SHELVES.contains(&&*word.to_lowercase())) {
        return true;
    }
    let is_number = |run: &&[u8]| run.first().is_some_and(u8::is_ascii_digit);
    let is_between = |run: &&[u8]| matches!(run, [b'-' | b'.' | b'/' | b' ', ..]);
    let kind = |byte: &[u8]| (is_number(&byte), is_between(&byte));
    let runs = text.as_bytes().chunk_by(|a, b| kind(&[*a]) == kind(&[*b]));
    let groups = runs.filter(|run| !is_between(run));
    let is_short = |run: &[u8]| run.len() <= if is_number(&run) { 3 } else { 2 };
    let marked = text.contains(|c: char| !c.is_ascii_digit() && c != '.');
    let short = text.len() <= 16 && text.is_ascii() && groups.clone().all(is_short);
    short && marked && groups.filter(is_number).count() >= 2
}

/// Whether the last of 8, 12, 13 or 14 digits checks the others.
pub(super) fn is_gtin(text: &str) -> bool {
    has_gtin_length(text) && is_checked(text)
}

/// Whether it is as long as a GTIN, and nothing but digits.
pub(super) fn has_gtin_length(text: &str) -> bool {
    is_gtin_length(text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_gtin_length(length: usize) -> bool {
    matches!(length, 8 | 12 | 13 | 14)
}

/// Whether the last digit checks the others.
fn is_checked(digits: &str) -> bool {
    // The sums of every other digit.
    let sums = |(last, other), digit| (other + u32::from(digit - b'0'), last);
    let (last, other) = digits.bytes().fold((0, 0), sums);
    (last + 3 * other) % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_of_a_gtin_checks_the_others() {
        for good in ["4006381333931", "96385074", "036000291452", "10012345678902"] {
            assert!(is_gtin(good), "{good}");
        }
        for bad in ["4006381333932", "4006381333", "400638133393X", ""] {
            assert!(!is_gtin(bad), "{bad}");
        }
    }

    #[test]
    fn a_place_within_a_store_is_of_short_groups_or_said_to_be_one() {
        for bin in ["A-01-3", "12-4", "B12.3", "Aisle 4", "ALLÉE 4"] {
            assert!(is_bin(bin), "{bin}");
        }
        for other in ["Store 3", "A-01", "12.3", "1234-1", "ABC-1-2", "Aisle", "A-01-3-02-4-05-67"] {
            assert!(!is_bin(other), "{other}");
        }
    }
}
