use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::digits;
use crate::quantity::{Quantity, QuantityError};

/// What stands between the whole and the fraction of a column's numbers.
///
/// The other one of the two may stand between groups of three digits, as may
/// a space or an apostrophe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// `1,200.5`
    #[default]
    Point,
    /// `1.200,5`
    Comma,
    /// Nothing says which. What can only be read one way is; `1.200` is
    /// rejected with both readings.
    Undecided,
}

impl Decimal {
    fn mark(self) -> u8 {
        match self {
            Decimal::Point | Decimal::Undecided => b'.',
            Decimal::Comma => b',',
        }
    }

    fn other(self) -> u8 {
        match self {
            Decimal::Point | Decimal::Undecided => b',',
            Decimal::Comma => b'.',
        }
    }
}

/// Parses a number as a column writes it: a plain decimal, or one whose whole
/// part is in groups of three digits.
pub(super) fn parse(text: &str, decimal: Decimal) -> Result<Quantity, QuantityError> {
    let plain = text.as_bytes();
    if decimal == Decimal::Point || !plain.iter().any(|byte| matches!(byte, b'.' | b',')) {
        match Quantity::parse(plain) {
            Err(QuantityError::NotANumber) => {}
            Err(QuantityError::TooPrecise) => return Quantity::parse(without_zeros(plain)),
            parsed => return parsed,
        }
    }
    let text = ascii(text);
    let (sign, digits) = split_sign(text.as_bytes());
    let mark = digits.iter().position(|byte| *byte == decimal.mark()).unwrap_or(digits.len());
    let (whole, fraction) = digits.split_at(mark);
    let mut number = Vec::with_capacity(text.len());
    number.extend(sign);
    number.extend(ungrouped(whole, decimal).ok_or(QuantityError::NotANumber)?);
    if let [_, fraction @ ..] = fraction {
        number.push(b'.');
        number.extend(fraction);
    }
    Quantity::parse(without_zeros(&number))
}

/// Parses a number of a message or of JSON, which has no marks between groups;
/// only EDIFACT may write its decimal mark as a comma.
pub(super) fn parse_ungrouped(text: &str, comma: bool) -> Result<Quantity, QuantityError> {
    let text = if comma { Cow::Owned(text.replace(',', ".")) } else { Cow::Borrowed(text) };
    Quantity::parse(without_zeros(text.as_bytes()))
}

/// Parses a number of at most nine characters that has no mark but a decimal
/// point, as nearly every count is; others are left to [`parse`].
#[inline(always)]
pub(super) fn usual(text: &str, decimal: Decimal) -> Option<Quantity> {
    let bytes = text.as_bytes();
    Quantity::whole(bytes).or_else(|| marked(bytes, decimal))
}

#[inline(never)]
fn marked(text: &[u8], decimal: Decimal) -> Option<Quantity> {
    let is_sure = decimal == Decimal::Point || !text.contains(&b'.');
    Quantity::parse(text).ok().filter(|_| is_sure && text.len() <= 9)
}

/// Zeros beyond the fifth digit after the point lose nothing.
fn without_zeros(number: &[u8]) -> &[u8] {
    let mut number = number;
    let point = number.iter().position(|&byte| byte == b'.').unwrap_or(number.len());
    while let [rest @ .., b'0'] = number {
        if rest.len() <= point + 5 {
            break;
        }
        number = rest;
    }
    number
}

fn split_sign(text: &[u8]) -> (Option<u8>, &[u8]) {
    match text {
        [sign @ (b'-' | b'+'), rest @ ..] => (Some(*sign), rest),
        rest => (None, rest),
    }
}

/// The digits of a whole part, if what stands between them makes groups of
/// three and is the same everywhere.
fn ungrouped(whole: &[u8], decimal: Decimal) -> Option<Vec<u8>> {
    let is_mark = |byte: &u8| [decimal.other(), b' ', b'\''].contains(byte);
    let Some(&mark) = whole.iter().find(|byte| is_mark(byte)) else {
        return Some(whole.to_vec());
    };
    let mut groups = whole.split(|byte| *byte == mark);
    let first = groups.next()?;
    // Nobody writes 0,375 for 375.
    let leads = (1..=3).contains(&first.len()) && !first.starts_with(b"0");
    let fits = leads && groups.all(|group| group.len() == 3);
    fits.then(|| whole.iter().copied().filter(|byte| *byte != mark).collect())
}

/// The signs, spaces and digits of other keyboards as the plain ones.
fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let plain = |c: char| match c {
        '\u{2212}' | '\u{2013}' | '\u{ff0d}' => '-',
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '\u{2019}' => '\'',
        '\u{ff0c}' => ',',
        '\u{ff0e}' => '.',
        '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(c) - 0xff10 + 0x30).unwrap_or(c),
        c => c,
    };
    Cow::Owned(text.chars().map(plain).collect())
}

/// What a number says of the marks in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vote {
    /// It is no number whichever mark is which.
    None,
    /// It has no mark, or only spaces.
    Whole,
    /// Only a decimal point makes sense of it.
    Point,
    /// Only a decimal comma does.
    Comma,
    /// `1.200`: a fraction, or one thousand and two hundred.
    PointOrGroup,
    /// `1,200`
    CommaOrGroup,
}

/// Whether it is a number, whichever mark is which.
pub(super) fn is_number(text: &str) -> bool {
    let is_read = |decimal| parse(text, decimal).is_ok();
    plain(text).map_or_else(|| is_read(Decimal::Point) || is_read(Decimal::Comma), |vote| vote != Vote::None)
}

/// The vote of most: of text, and of nothing but digits, of which a quantity may
/// have so many.
fn plain(text: &str) -> Option<Vote> {
    if text.starts_with(char::is_alphabetic) {
        return Some(Vote::None);
    }
    let is_whole = text.len() <= 13 && digits::number(text.as_bytes()).is_some();
    is_whole.then_some(Vote::Whole)
}

/// How one number may be read.
pub(super) fn vote(text: &str) -> Vote {
    if let Some(vote) = plain(text) {
        return vote;
    }
    let (point, comma) = (parse(text, Decimal::Point).is_ok(), parse(text, Decimal::Comma).is_ok());
    let marked = |mark| text.contains(mark);
    match (point, comma) {
        (false, false) => Vote::None,
        (true, false) => Vote::Point,
        (false, true) => Vote::Comma,
        (true, true) if marked('.') => Vote::PointOrGroup,
        (true, true) if marked(',') => Vote::CommaOrGroup,
        (true, true) => Vote::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, point: Option<&str>, comma: Option<&str>) {
        let read = |decimal| parse(text, decimal).ok().map(|quantity| quantity.to_string());
        assert_eq!(
            (read(Decimal::Point).as_deref(), read(Decimal::Comma).as_deref()),
            (point, comma),
            "{text}"
        );
        assert_eq!(is_number(text), point.or(comma).is_some(), "{text}");
    }

    #[test]
    fn the_other_mark_stands_between_groups_of_three() {
        check("7", Some("7"), Some("7"));
        check("1.0", Some("1"), None);
        check("1,5", None, Some("1.5"));
        check("1,200", Some("1200"), Some("1.2"));
        check("1.200", Some("1.2"), Some("1200"));
        check("1.200,5", None, Some("1200.5"));
        check("-1,234,567.25", Some("-1234567.25"), None);
        check("1,2345", None, Some("1.2345"));
        check("12,34,567", None, None);
        check("1,200,50", None, None);
        check(",200", None, Some("0.2"));
    }

    #[test]
    fn no_group_of_thousands_starts_with_a_zero() {
        check("0,375", None, Some("0.375"));
        check("-0.375", Some("-0.375"), None);
        check("00,375", None, Some("0.375"));
        check("010,375", None, Some("10.375"));
        check("0 375", None, None);
        check("100,375", Some("100375"), Some("100.375"));
    }

    #[test]
    fn spaces_and_apostrophes_stand_between_groups_too() {
        check("1 200", Some("1200"), Some("1200"));
        check("1\u{202f}200,5", None, Some("1200.5"));
        check("1\u{2019}200.5", Some("1200.5"), None);
        check("12 5", None, None);
        check("1 200'300", None, None);
    }

    #[test]
    fn other_keyboards_digits_and_signs_are_plain() {
        check("\u{2212}3", Some("-3"), Some("-3"));
        check("\u{ff11}\u{ff12}", Some("12"), Some("12"));
    }

    #[test]
    fn zeros_beyond_the_fifth_digit_lose_nothing() {
        check("100.000000", Some("100"), None);
        check("1,500000000", None, Some("1.5"));
        check("0.000001", None, None);
        check("Reel 500", None, None);
        check("", None, None);
    }
}
