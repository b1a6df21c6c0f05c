use super::refusal::{Refusal, RefusalKind};

const HEAD: usize = 4;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Looks at the first bytes of a file, however they arrive, before the rest
/// may pass: takes off a byte order mark, and refuses what is no UTF-8 text.
#[derive(Default)]
pub(super) struct Front {
    head: Vec<u8>,
    open: bool,
}

/// The first bytes of a file, looked at.
pub(super) struct Head {
    bytes: Vec<u8>,
    /// Where its text starts.
    pub(super) byte: u64,
}

impl Head {
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.bytes)
    }
}

impl Front {
    /// Takes what it needs off the chunk, and gives it back as soon as that is
    /// enough; from then on chunks pass untouched.
    pub(super) fn pass(&mut self, chunk: &mut &[u8]) -> Result<Option<Head>, Refusal> {
        if self.open {
            return Ok(None);
        }
        let wanted = HEAD - self.head.len();
        let (taken, rest) = chunk.split_at_checked(wanted).unwrap_or((chunk, &[]));
        self.head.extend_from_slice(taken);
        *chunk = rest;
        if self.head.len() < HEAD {
            return Ok(None);
        }
        self.end()
    }

    /// Gives back what it holds when there is no more.
    pub(super) fn end(&mut self) -> Result<Option<Head>, Refusal> {
        if self.open {
            return Ok(None);
        }
        self.open = true;
        let bytes = std::mem::take(&mut self.head);
        check(&bytes)?;
        let byte = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() as u64 } else { 0 };
        Ok(Some(Head { bytes, byte }))
    }
}

fn check(head: &[u8]) -> Result<(), Refusal> {
    let kind = match head {
        [0x1f, 0x8b, ..] => RefusalKind::Compressed("compressed with gzip"),
        [0x28, 0xb5, 0x2f, 0xfd] => RefusalKind::Compressed("compressed with zstd"),
        [b'P', b'K', 3, 4] => RefusalKind::Compressed("a zip archive or a workbook"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => RefusalKind::Encoding("UTF-16"),
        [b, 0, _, 0] | [0, b, 0, _] if *b != 0 => RefusalKind::Encoding("UTF-16"),
        _ => return Ok(()),
    };
    Err(Refusal::new(kind))
}
