use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::names::{is_dash, is_untracked};
use super::number::{self, Vote};
use super::sample::Sample;

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
    pub(super) gtins: usize,
    /// Nothing but 0 or 1, as a yes or no.
    pub(super) flags: usize,
    /// Such as A-01-3; only where it may be a store's.
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
    pub(super) fn of(sample: &Sample, from: usize, column: usize, may_be_store: bool) -> Profile {
        const LOOKED_AT: usize = 200;
        let mut profile = Profile { is_sequence: true, ..Profile::default() };
        let mut seen = HashSet::with_capacity_and_hasher(LOOKED_AT, RandomState::default());
        let mut before = None;
        let mut first = None;
        for row in (from..sample.len()).take(LOOKED_AT) {
            profile.rows += 1;
            let cell = sample.cell(row, column);
            if cell.is_empty() {
                profile.missing += usize::from(sample.row(row).len() <= column);
                continue;
            }
            profile.take(cell);
            profile.bins += usize::from(may_be_store && is_bin(cell));
            seen.insert(cell);
            let number: Option<i64> = cell.parse().ok();
            profile.is_sequence &= number.is_some() && before.is_none_or(|b: i64| b.checked_add(1) == number);
            before = number;
            first = first.or(number);
        }
        profile.distinct = seen.len();
        profile.is_sequence &= profile.filled > 3;
        profile.is_row_number = profile.is_sequence && first.is_some_and(|first| first <= 1);
        profile
    }

    fn take(&mut self, cell: &str) {
        self.filled += 1;
        self.chars += cell.chars().count();
        let digits = cell.bytes().all(|byte| byte.is_ascii_digit());
        self.long_digits += usize::from(digits && cell.len() >= 8);
        self.gtins += usize::from(digits && is_gtin(cell));
        self.flags += usize::from(matches!(cell, "0" | "1"));
        self.with_spaces += usize::from(cell.contains(' '));
        let with_letters = cell.chars().any(char::is_alphabetic);
        self.with_letters += usize::from(with_letters);
        self.mixed += usize::from(with_letters && cell.bytes().any(|byte| byte.is_ascii_digit()));
        if is_untracked(cell) {
            self.untracked += 1;
        } else if number::vote(cell) != Vote::None || is_dash(cell) {
            self.numbers += 1;
            let fraction = cell.rfind(['.', ',']).map(|at| cell.len() - at - 1);
            self.cents += usize::from(fraction == Some(2));
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
    let is_shelf = |word: &str| SHELVES.contains(&word.to_lowercase().as_str());
    if text.bytes().any(|byte| byte.is_ascii_digit()) && text.split(' ').next().is_some_and(is_shelf) {
        return true;
    }
    if text.len() > 16 || !text.is_ascii() {
        return false;
    }
    let groups = text.split(['-', '.', '/', ' ']).filter(|group| !group.is_empty());
    let (mut numbers, mut short) = (0, true);
    for group in groups {
        let runs = group.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
        for run in runs {
            numbers += usize::from(run.first().is_some_and(u8::is_ascii_digit));
            short &= run.len() <= if run.first().is_some_and(u8::is_ascii_digit) { 3 } else { 2 };
        }
    }
    let marked = text.contains(|c: char| !c.is_ascii_digit() && c != '.');
    numbers >= 2 && short && marked
}

/// Whether the last of 8, 12, 13 or 14 digits checks the others.
pub(super) fn is_gtin(digits: &str) -> bool {
    has_gtin_length(digits) && {
        let weights = [1, 3].into_iter().cycle();
        let digits = digits.bytes().rev().map(|digit| u32::from(digit - b'0'));
        digits.zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 10 == 0
    }
}

/// Whether it is as long as a GTIN, and nothing but digits.
pub(super) fn has_gtin_length(text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14) && text.bytes().all(|byte| byte.is_ascii_digit())
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
}
