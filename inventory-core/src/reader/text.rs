use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, Decoder, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};
use fearless_simd::{Level, dispatch};

use super::names::{self, EXACT_AT_LEAST};
use super::refusal::{Refusal, RefusalKind};

/// How many bytes tell UTF-16 and binary files.
const HEAD: usize = 1024;
/// How many bytes, from the first that is not ASCII, tell the encoding.
const WINDOW: usize = 64 << 10;

/// Makes bytes UTF-8 text. Text that is UTF-8 already passes as it is, and
/// what is wrong in it is found in the field it is in.
///
/// A file is ASCII until its first other byte, wherever that comes; from there
/// a bounded window of bytes tells its encoding.
pub(super) struct Text {
    said: Option<&'static Encoding>,
    state: State,
    held: Vec<u8>,
    encoding: &'static Encoding,
    start: u64,
}

enum State {
    Head,
    Ascii,
    Window,
    Passing,
    Decoding(Box<Decoder>),
}

/// Takes text, and where in the file the first of it started.
pub(super) type Sink<'a> = dyn FnMut(&[u8], u64) -> Result<(), Refusal> + 'a;

impl Text {
    pub(super) fn new(label: Option<&str>) -> Result<Text, Refusal> {
        let unknown = |label: &str| Refusal::new(RefusalKind::UnknownEncoding(label.to_owned()));
        let said = label.map(|label| Encoding::for_label(label.as_bytes()).ok_or_else(|| unknown(label)));
        let said = said.transpose()?;
        Ok(Text { said, state: State::Head, held: Vec::new(), encoding: said.unwrap_or(UTF_8), start: 0 })
    }

    /// The encoding's name, in lower case.
    pub(super) fn encoding(&self) -> String {
        self.encoding.name().to_ascii_lowercase()
    }

    /// Whether what was pushed so far is UTF-8, and of what comes, too, if it
    /// is known.
    pub(super) fn is_utf_8(&self) -> bool {
        self.encoding == UTF_8
    }

    /// Whether the encoding is known, whatever comes.
    pub(super) fn is_decided(&self) -> bool {
        matches!(self.state, State::Passing | State::Decoding(_))
    }

    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Refusal> {
        match &mut self.state {
            State::Head => self.hold(bytes, HEAD, sink),
            State::Window => self.hold(bytes, WINDOW, sink),
            State::Ascii => {
                let (ascii, rest) = split_ascii(bytes);
                if !ascii.is_empty() {
                    sink(ascii, self.start)?;
                }
                if rest.is_empty() {
                    return Ok(());
                }
                self.state = State::Window;
                self.push(rest, sink)
            }
            State::Passing => sink(bytes, self.start),
            State::Decoding(decoder) => decode(decoder, bytes, false, sink),
        }
    }

    pub(super) fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        while matches!(self.state, State::Head | State::Window) {
            let held = std::mem::take(&mut self.held);
            self.release(&held, held.len(), true, sink)?;
        }
        match &mut self.state {
            State::Decoding(decoder) => decode(decoder, b"", true, sink),
            _ => Ok(()),
        }
    }

    /// Holds bytes back until there are enough to decide on.
    fn hold(&mut self, bytes: &[u8], enough: usize, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        if self.held.is_empty() && bytes.len() >= enough {
            return self.release(bytes, enough, false, sink);
        }
        let wanted = enough - self.held.len();
        let (taken, rest) = bytes.split_at_checked(wanted).unwrap_or((bytes, &[]));
        self.held.extend_from_slice(taken);
        if self.held.len() < enough {
            return Ok(());
        }
        let held = std::mem::take(&mut self.held);
        self.release(&held, enough, false, sink)?;
        if rest.is_empty() { Ok(()) } else { self.push(rest, sink) }
    }

    /// Decides by the first of what was held, and lets go of it.
    fn release(
        &mut self,
        held: &[u8],
        enough: usize,
        last: bool,
        sink: &mut Sink<'_>,
    ) -> Result<(), Refusal> {
        let head = held.get(..enough).unwrap_or(held);
        if matches!(self.state, State::Window) {
            self.decode_as(guess(head, last));
            return self.push(held, sink);
        }
        if let Some(kind) = other_kind(head) {
            return Err(Refusal::new(RefusalKind::OtherKind(kind)));
        }
        let (mark, text) = byte_order_mark(held);
        let encoding = mark.or(self.said).or_else(|| utf_16(head));
        if encoding.is_none_or(|encoding| encoding != UTF_16LE && encoding != UTF_16BE) && is_binary(head) {
            return Err(Refusal::new(RefusalKind::NotText));
        }
        match encoding {
            Some(encoding) => {
                self.start = if encoding == UTF_8 { (held.len() - text.len()) as u64 } else { 0 };
                self.decode_as(encoding);
            }
            None => self.state = State::Ascii,
        }
        self.push(text, sink)
    }

    fn decode_as(&mut self, encoding: &'static Encoding) {
        self.encoding = encoding;
        self.state = if encoding == UTF_8 {
            State::Passing
        } else {
            State::Decoding(Box::new(encoding.new_decoder_without_bom_handling()))
        };
    }
}

/// What comes before the first byte that is not ASCII, and the rest.
fn split_ascii(bytes: &[u8]) -> (&[u8], &[u8]) {
    // Nearly always true, and several times faster than looking for a place.
    if is_ascii(bytes) { (bytes, &[]) } else { bytes.split_at(Encoding::ascii_valid_up_to(bytes)) }
}

/// The same as that of the standard library, by as many bytes at once as the
/// processor has.
fn is_ascii(bytes: &[u8]) -> bool {
    #[inline(always)]
    fn all(bytes: &[u8]) -> u8 {
        bytes.iter().fold(0, |all, byte| all | byte)
    }
    dispatch!(Level::new(), _simd => all(bytes)).is_ascii()
}

fn decode(decoder: &mut Decoder, bytes: &[u8], last: bool, sink: &mut Sink<'_>) -> Result<(), Refusal> {
    let mut rest = bytes;
    let mut text = vec![0; (bytes.len() * 3 + 16).min(32 << 10)];
    loop {
        let (result, read, written, _) = decoder.decode_to_utf8(rest, &mut text, last);
        if written > 0 {
            sink(text.get(..written).unwrap_or_default(), 0)?;
        }
        rest = rest.get(read..).unwrap_or_default();
        if result == encoding_rs::CoderResult::InputEmpty {
            return Ok(());
        }
    }
}

fn byte_order_mark(head: &[u8]) -> (Option<&'static Encoding>, &[u8]) {
    match Encoding::for_bom(head) {
        Some((encoding, length)) => (Some(encoding), head.get(length..).unwrap_or_default()),
        None => (None, head),
    }
}

/// UTF-16 without its mark: digits and separators have a zero on one side.
fn utf_16(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let clear = |some: usize, other: usize| some > 1 && some * 16 >= head.len() && other * 16 < some;
    if clear(odd, even) {
        return Some(UTF_16LE);
    }
    clear(even, odd).then_some(UTF_16BE)
}

/// What is no list at all, by the first bytes that its kind always has.
fn other_kind(head: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 14] = [
        (b"%PDF-", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or Word document"),
        (b"{\\rtf", "a text document (.rtf)"),
        (b"<!doctype html", "a web page, whatever it is called"),
        (b"<html", "a web page, whatever it is called"),
        (b"<table", "a web page, whatever it is called"),
        (b"<?xml", "XML"),
        (b"BZh", "compressed with bzip2"),
        (b"\xfd7zXZ", "compressed with xz"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"Rar!\x1a", "a RAR archive"),
    ];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let starts = |mark: &[u8]| head.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    KINDS.iter().find(|(mark, _)| starts(mark)).map(|(_, kind)| *kind)
}

/// Text has no zeros; a few are taken for damage.
fn is_binary(head: &[u8]) -> bool {
    let odd = head.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31)).count();
    head.len() >= 8 && odd * 10 > head.len()
}

fn guess(window: &[u8], last: bool) -> &'static Encoding {
    if is_utf_8(window, last) {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(window, last);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let others = [SHIFT_JIS, EUC_KR, GBK, EUC_JP, BIG5, WINDOWS_1252];
    let clean = |encoding: &&&'static Encoding| !decoded(encoding, window).contains('\u{fffd}');
    let mut best = (names(guess, window), guess);
    for other in others.iter().filter(clean) {
        let names = names(other, window);
        if names > best.0 {
            best = (names, other);
        }
    }
    if best.1 == GBK { GB18030 } else { best.1 }
}

/// Whether it is UTF-8, but for the end of the window and some damage.
fn is_utf_8(window: &[u8], last: bool) -> bool {
    let (mut valid, mut damaged) = (0, 0);
    let mut chunks = window.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        let cut = !last && chunks.peek().is_none() && chunk.invalid().len() < 4;
        damaged += usize::from(!chunk.invalid().is_empty() && !cut);
    }
    damaged == 0 || valid >= damaged * 4
}

fn decoded(encoding: &'static Encoding, window: &[u8]) -> String {
    const SHOWN: usize = 2048;
    // A character cut at the end is no damage.
    let shown = window.get(..SHOWN).unwrap_or(window);
    let shown = if shown.len() < window.len() {
        let line = shown.iter().rposition(|byte| *byte == b'\n').unwrap_or(shown.len());
        shown.get(..line).unwrap_or(shown)
    } else {
        shown
    };
    encoding.decode_without_bom_handling(shown).0.into_owned()
}

/// How many known names of columns the text has in an encoding.
fn names(encoding: &'static Encoding, window: &[u8]) -> usize {
    let text = decoded(encoding, window);
    let cells = text.split([',', ';', '\t', '|', '\n', '\r', '"']).take(200);
    let known =
        cells.filter(|cell| !cell.is_ascii() && names::roles(cell).iter().any(|(_, s)| *s >= EXACT_AT_LEAST));
    known.count()
}
