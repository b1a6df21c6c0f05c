use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::digits;

/// How much of an item there is: an exact decimal with up to five fraction
/// digits, the most that a surveyed point-of-sale interface emits.
///
/// Between [`Quantity::MIN`] and [`Quantity::MAX`], about ±92 trillion. It may
/// be negative: a till that sells what it does not know it has goes below zero.
///
/// Text with more digits than fit is an error; nothing is ever rounded. Serde
/// writes it as a string, so that no reader turns it into a binary fraction,
/// and reads strings and numbers.
///
/// # Example
///
/// ```
/// use inventory_core::Quantity;
///
/// let kilos: Quantity = "12.375".parse()?;
/// assert!(kilos > Quantity::ZERO);
/// assert_eq!(kilos.to_string(), "12.375");
/// assert_eq!("1.0".parse(), Ok(Quantity::from(1)));
/// assert!("0.123456".parse::<Quantity>().is_err());
/// # Ok::<(), inventory_core::QuantityError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

const FRACTION_DIGITS: usize = 5;
const ONE: i64 = 100_000;

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity(0);
    /// The smallest quantity, -92233720368547.75808.
    pub const MIN: Quantity = Quantity(i64::MIN);
    /// The largest quantity, 92233720368547.75807.
    pub const MAX: Quantity = Quantity(i64::MAX);

    /// Parses a plain decimal: an optional sign, digits, and at most five
    /// digits after a point. No spaces, no thousands separators, no exponent.
    ///
    /// # Errors
    ///
    /// A [`QuantityError`] that says which of these was broken.
    pub fn parse(text: &[u8]) -> Result<Quantity, QuantityError> {
        match Quantity::whole(text) {
            Some(quantity) => Ok(quantity),
            None => Quantity::decimal(text),
        }
    }

    fn decimal(text: &[u8]) -> Result<Quantity, QuantityError> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let point = digits.iter().position(|&byte| byte == b'.');
        let (whole, fraction) = match point {
            Some(at) => digits.split_at(at),
            None => (digits, &b""[..]),
        };
        let fraction = fraction.strip_prefix(b".").unwrap_or(fraction);
        if whole.is_empty() && fraction.is_empty() {
            return Err(QuantityError::NotANumber);
        }
        if !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
            return Err(QuantityError::NotANumber);
        }
        if fraction.len() > FRACTION_DIGITS {
            return Err(QuantityError::TooPrecise);
        }
        scaled(negative, whole, fraction).ok_or(QuantityError::OutOfRange)
    }

    /// Parses up to nine digits and nothing else, as nearly every count is.
    #[inline]
    pub(crate) fn whole(text: &[u8]) -> Option<Quantity> {
        let whole = digits::number(text).filter(|_| text.len() <= 9)?;
        Some(Quantity(whole.cast_signed() * ONE))
    }

    /// The same of up to eight bytes of a text that has eight before their
    /// end, all at once.
    #[inline(always)]
    pub(crate) fn whole_in(text: &[u8], start: usize, end: usize) -> Option<Quantity> {
        let length = end.wrapping_sub(start);
        let eight = text.get(..end)?.last_chunk()?;
        if length.wrapping_sub(1) >= 8 {
            return None;
        }
        Some(Quantity(digits::last(*eight, length)?.cast_signed() * ONE))
    }

    /// The quantity in hundred-thousandths.
    pub const fn scaled(self) -> i64 {
        self.0
    }

    /// The quantity of so many hundred-thousandths.
    pub const fn from_scaled(scaled: i64) -> Quantity {
        Quantity(scaled)
    }
}

/// Counts downwards, because there is one more negative number than positive.
fn scaled(negative: bool, whole: &[u8], fraction: &[u8]) -> Option<Quantity> {
    let padding = std::iter::repeat_n(&b'0', FRACTION_DIGITS - fraction.len());
    let mut below_zero: i64 = 0;
    for digit in whole.iter().chain(fraction).chain(padding) {
        let digit = i64::from(digit - b'0');
        below_zero = below_zero.checked_mul(10)?.checked_sub(digit)?;
    }
    let value = if negative { below_zero } else { below_zero.checked_neg()? };
    Some(Quantity(value))
}

impl From<i32> for Quantity {
    fn from(whole: i32) -> Quantity {
        Quantity(i64::from(whole) * ONE)
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Quantity, QuantityError> {
        Quantity::parse(text.as_bytes())
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let (whole, fraction) = (magnitude / ONE.unsigned_abs(), magnitude % ONE.unsigned_abs());
        if fraction == 0 {
            return f.pad_integral(self.0 >= 0, "", &whole.to_string());
        }
        let digits = format!("{whole}.{fraction:05}");
        f.pad_integral(self.0 >= 0, "", digits.trim_end_matches('0'))
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Quantity, D::Error> {
        deserializer.deserialize_any(QuantityVisitor)
    }
}

struct QuantityVisitor;

impl de::Visitor<'_> for QuantityVisitor {
    type Value = Quantity;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal with up to five fraction digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Quantity, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, whole: i64) -> Result<Quantity, E> {
        self.visit_str(&whole.to_string())
    }

    fn visit_u64<E: de::Error>(self, whole: u64) -> Result<Quantity, E> {
        self.visit_str(&whole.to_string())
    }

    /// A binary fraction stands for one decimal only up to 15 digits.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Quantity, E> {
        const EXACT: f64 = 1e10;
        if number.abs() < EXACT {
            self.visit_str(&number.to_string())
        } else {
            Err(E::custom(format_args!("{number} may have been rounded; write it as a string")))
        }
    }
}

/// Why a text is no [`Quantity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QuantityError {
    /// It is not a plain decimal number.
    NotANumber,
    /// It has more than five digits after the point.
    TooPrecise,
    /// It is below [`Quantity::MIN`] or above [`Quantity::MAX`].
    OutOfRange,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            QuantityError::NotANumber => "is not a number such as 12, -3 or 12.375",
            QuantityError::TooPrecise => "has more than 5 digits after the point",
            QuantityError::OutOfRange => "is out of range (about ±92 trillion)",
        })
    }
}

impl std::error::Error for QuantityError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<&str, QuantityError>) {
        let found = text.parse::<Quantity>().map(|quantity| quantity.to_string());
        assert_eq!(found, expect.map(str::to_owned), "{text:?}");
    }

    #[test]
    fn plain_decimals_are_read_exactly() {
        check("7", Ok("7"));
        check("+7", Ok("7"));
        check("-3", Ok("-3"));
        check("-0", Ok("0"));
        check("007", Ok("7"));
        check("1.0", Ok("1"));
        check("12.375", Ok("12.375"));
        check("-0.00001", Ok("-0.00001"));
        check(".5", Ok("0.5"));
        check("5.", Ok("5"));
        check("92233720368547.75807", Ok("92233720368547.75807"));
        check("-92233720368547.75808", Ok("-92233720368547.75808"));
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for text in ["", "-", ".", "+.", "1,200", "1e3", "1 200", "Reel 500", "٣", "--1", "1.2.3", "NaN"] {
            check(text, Err(QuantityError::NotANumber));
        }
        check("1.000000", Err(QuantityError::TooPrecise));
        check("92233720368547.75808", Err(QuantityError::OutOfRange));
        check("-92233720368547.75809", Err(QuantityError::OutOfRange));
        check(&"9".repeat(400), Err(QuantityError::OutOfRange));
    }

    #[test]
    fn it_pads_like_a_number() {
        assert_eq!(format!("[{:>8}]", Quantity::from(-12)), "[     -12]");
        assert_eq!(format!("[{:>8}]", Quantity::from_scaled(1_237_500)), "[  12.375]");
    }

    #[test]
    fn serde_reads_numbers_and_writes_strings() {
        for json in ["\"12.375\"", "12.375"] {
            let quantity: Quantity = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&quantity).unwrap(), "\"12.375\"");
        }
        assert_eq!(serde_json::from_str::<Quantity>("-4").unwrap(), Quantity::from(-4));
        assert!(serde_json::from_str::<Quantity>("0.123456").is_err());
    }
}
