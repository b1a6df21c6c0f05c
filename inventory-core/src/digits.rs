//! Digits to numbers, eight at once.

/// The number of up to sixteen digits; nothing of any other text.
#[inline]
pub(crate) fn number(text: &[u8]) -> Option<u64> {
    match text.len() {
        0 => None,
        1..8 => text
            .iter()
            .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0'))),
        length @ 8..=16 => {
            let (high, low) = (first(*text.first_chunk()?, length - 8)?, last(*text.last_chunk()?, 8)?);
            Some(high * 100_000_000 + low)
        }
        _ => None,
    }
}

/// The number of the first of eight bytes.
#[inline]
fn first(text: [u8; 8], length: usize) -> Option<u64> {
    let unused = 64 - 8 * u32::try_from(length).ok()?;
    eight((u64::from_le_bytes(text) ^ ZEROS).checked_shl(unused).unwrap_or(0))
}

/// The number of the last of eight bytes, one at least.
#[inline(always)]
pub(crate) fn last(text: [u8; 8], length: usize) -> Option<u64> {
    let unused = 64 - 8 * length;
    eight((u64::from_le_bytes(text) ^ ZEROS) >> unused << unused)
}

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Puts eight digits together, the first of them in the lowest byte: pairs of
/// them, then pairs of pairs, then both fours.
#[inline(always)]
fn eight(digits: u64) -> Option<u64> {
    let above_nine = digits | digits.wrapping_add(0x7676_7676_7676_7676);
    if above_nine & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_number_is_what_a_parser_says(text in "[0-9]{0,18}|[ -~é]{0,17}") {
            let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let expect = text.parse().ok().filter(|_| is_digits && text.len() <= 16);
            prop_assert_eq!(number(text.as_bytes()), expect);
        }

        #[test]
        fn the_last_bytes_are_what_a_parser_says(text in "[ -~]{4}[0-9]{4}|[ -~]{8}", length in 1..=8_usize) {
            let (_, last_bytes) = text.split_at(8 - length);
            let is_digits = last_bytes.bytes().all(|byte| byte.is_ascii_digit());
            let expect = last_bytes.parse().ok().filter(|_| is_digits);
            prop_assert_eq!(last(*text.as_bytes().first_chunk().unwrap(), length), expect);
        }
    }
}
