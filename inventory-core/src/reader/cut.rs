//! Where a file may be cut, 64 bytes at once, with a bit for each.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, u8x64};

use super::layout::Quoting;
use super::placed::{LANES, lanes, parity};
use super::rows::Dialect;

/// Finds the end of the first row that has so many bytes before it, in text
/// that starts with a row and comes in chunks.
pub(super) struct Cut {
    dialect: Dialect,
    least: u64,
    /// How long the text is up to there.
    pub(super) bytes: u64,
    /// How many line breaks it has.
    pub(super) lines: u64,
    /// All bits, if quotes surround the next byte.
    inside: u64,
    /// One, if a quote that comes next opens.
    opens: u64,
    /// One, if a CR was last.
    after_cr: u64,
}

impl Cut {
    pub(super) fn new(dialect: Dialect, least: u64) -> Cut {
        Cut { dialect, least, bytes: 0, lines: 0, inside: 0, opens: 1, after_cr: 0 }
    }

    /// Goes through the next chunk, and says whether the end is in it.
    pub(super) fn push(&mut self, text: &[u8]) -> bool {
        dispatch!(Level::new(), simd => self.push_with(simd, text))
    }

    #[inline(always)]
    fn push_with<S: Simd>(&mut self, simd: S, text: &[u8]) -> bool {
        let (whole, last) = lanes(text, 0);
        whole.iter().any(|lanes| self.is_in(simd, lanes, LANES))
            || last.is_some_and(|last| self.is_in(simd, &last, text.len() % LANES))
    }

    /// The same for some bytes of 64.
    #[inline(always)]
    fn is_in<S: Simd>(&mut self, simd: S, lanes: &[u8; LANES], count: usize) -> bool {
        let lanes: u8x64<S> = (*lanes).simd_into(simd);
        let is = |byte: u8| lanes.simd_eq(byte).to_bitmask();
        let (feeds, returns) = (is(b'\n'), is(b'\r'));
        let quotes = if self.dialect.quoting == Quoting::None { 0 } else { is(b'"') };
        let (inside, before) = self.quoted(quotes, feeds | returns | is(self.dialect.delimiter));
        let breaks = returns | feeds & !(returns << 1 | self.after_cr);
        let early = self.least.saturating_sub(self.bytes);
        let ends = if early < LANES as u64 { feeds & !inside & u64::MAX << early } else { 0 };
        if ends != 0 {
            let end = ends & ends.wrapping_neg();
            self.lines += u64::from((breaks & (end | (end - 1))).count_ones());
            self.bytes += u64::from(end.trailing_zeros()) + 1;
            return true;
        }
        self.lines += u64::from(breaks.count_ones());
        self.bytes += count as u64;
        self.inside = 0_u64.wrapping_sub(inside >> 63);
        self.opens = before >> (count - 1) & 1;
        self.after_cr = returns >> (count - 1) & 1;
        false
    }

    /// Which bytes are in quotes, from one that opens to before the one that
    /// closes, and after which of them a quote opens.
    #[inline(always)]
    fn quoted(&self, mut quotes: u64, marks: u64) -> (u64, u64) {
        while quotes != 0 {
            let inside = parity(quotes) ^ self.inside;
            let before = marks | quotes;
            let strays = quotes & inside & !(before << 1 | self.opens);
            if strays == 0 {
                return (inside, before);
            }
            // The first one is text, and what the others are hangs on it.
            quotes &= !(strays & strays.wrapping_neg());
        }
        (self.inside, marks)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::rows::line_breaks;
    use super::*;

    /// The same a byte at a time.
    fn end(text: &[u8], dialect: Dialect, least: usize) -> Option<usize> {
        let is_quote = |byte: u8| byte == b'"' && dialect.quoting != Quoting::None;
        let (mut inside, mut opens) = (false, true);
        for (place, &byte) in text.iter().enumerate() {
            (inside, opens) = if is_quote(byte) {
                (!inside && opens, inside)
            } else {
                (inside, byte == dialect.delimiter || matches!(byte, b'\n' | b'\r'))
            };
            if byte == b'\n' && !inside && place >= least {
                return Some(place + 1);
            }
        }
        None
    }

    proptest! {
        #[test]
        fn a_cut_is_where_it_is_a_byte_at_a_time(
            text in vec(select(&b"\"\"\"\n\r,;xx"[..]), 0..300),
            quoting in select(&[Quoting::None, Quoting::Double][..]),
            (least, size) in (0..200_usize, 1..150_usize),
        ) {
            let dialect = Dialect { delimiter: b',', quoting };
            let found = end(&text, dialect, least);
            let bytes = found.unwrap_or(text.len());
            for size in [1, size, 300] {
                let mut cut = Cut::new(dialect, least as u64);
                prop_assert_eq!(text.chunks(size).any(|chunk| cut.push(chunk)), found.is_some());
                prop_assert_eq!(cut.bytes, bytes as u64);
                prop_assert_eq!(cut.lines, line_breaks(&text[..bytes], false));
            }
        }
    }
}
