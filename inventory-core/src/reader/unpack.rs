use std::io::Write;

use flate2::write::MultiGzDecoder;
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::FrameDecoderError;

use super::Limits;
use super::layout::Compression;
use super::refusal::{Refusal, RefusalKind};

/// Undoes a file's compression, which its first bytes tell, however they
/// arrive. Keeps at most one block and its window, 8 MiB.
pub(super) struct Unpack {
    said: Option<Compression>,
    limits: Limits,
    state: State,
    unpacked: u64,
}

enum State {
    Head(Vec<u8>),
    Plain,
    Gzip(Box<Gzip>),
    Zstd(Box<Zstd>),
    /// A workbook is read from its end.
    Workbook(Vec<u8>),
}

pub(super) type Sink<'a> = dyn FnMut(&[u8]) -> Result<(), Refusal> + 'a;

const ZIP: &[u8] = b"PK\x03\x04";
/// So many bytes of gzip make at most about a thousand times as many.
const PIECE: usize = 1024;

impl Unpack {
    pub(super) fn new(said: Option<Compression>, limits: Limits) -> Unpack {
        Unpack { said, limits, state: State::Head(Vec::new()), unpacked: 0 }
    }

    pub(super) fn compression(&self) -> Compression {
        match self.state {
            State::Gzip(_) => Compression::Gzip,
            State::Zstd(_) => Compression::Zstd,
            _ => Compression::None,
        }
    }

    /// Whether the bytes are known to pass as they are.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.state, State::Plain)
    }

    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let State::Head(head) = &mut self.state else {
            return self.unpack(bytes, sink);
        };
        let wanted = ZIP.len() - head.len();
        let (taken, rest) = bytes.split_at_checked(wanted).unwrap_or((bytes, &[]));
        head.extend_from_slice(taken);
        if head.len() < ZIP.len() {
            return Ok(());
        }
        self.open(sink)?;
        self.unpack(rest, sink)
    }

    /// Ends the file. A workbook, if it is one, is given back.
    pub(super) fn finish(&mut self, sink: &mut Sink<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        if matches!(self.state, State::Head(_)) {
            self.open(sink)?;
        }
        match &mut self.state {
            State::Gzip(gzip) => {
                let (unpacked, limits) = (&mut self.unpacked, self.limits);
                gzip.finish(&mut |text| within(unpacked, limits, text, sink))?;
            }
            State::Zstd(zstd) if !zstd.is_finished() => {
                return Err(damaged("compressed with zstd, and ends too early"));
            }
            State::Workbook(bytes) => return Ok(Some(std::mem::take(bytes))),
            _ => {}
        }
        Ok(None)
    }

    fn open(&mut self, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let State::Head(head) = std::mem::replace(&mut self.state, State::Plain) else { return Ok(()) };
        let zstd = |head: &[u8]| matches!(head, [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18]);
        let found = match &head[..] {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            head if zstd(head) => Compression::Zstd,
            _ => Compression::None,
        };
        if let Some(said) = self.said.filter(|said| *said != found && !head.is_empty()) {
            let (said, found) = (said.described(), found.described());
            return Err(Refusal::new(RefusalKind::OtherCompression { said, found }));
        }
        self.state = match found {
            Compression::Gzip => State::Gzip(Box::new(Gzip::new())),
            Compression::Zstd => State::Zstd(Box::default()),
            Compression::None if head == ZIP => State::Workbook(Vec::new()),
            Compression::None => State::Plain,
        };
        self.unpack(&head, sink)
    }

    fn unpack(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Refusal> {
        match &mut self.state {
            State::Head(_) => Ok(()),
            State::Plain => {
                if bytes.is_empty() {
                    Ok(())
                } else {
                    sink(bytes)
                }
            }
            State::Gzip(gzip) => {
                let (unpacked, limits) = (&mut self.unpacked, self.limits);
                gzip.push(bytes, &mut |text| within(unpacked, limits, text, sink))
            }
            State::Zstd(zstd) => {
                let (unpacked, limits) = (&mut self.unpacked, self.limits);
                zstd.push(bytes, &mut |text| within(unpacked, limits, text, sink))
            }
            State::Workbook(kept) => {
                let most = self.limits.workbook_bytes;
                if kept.len() + bytes.len() > most {
                    return Err(Refusal::new(RefusalKind::TooManyBytes(most as u64)));
                }
                kept.extend_from_slice(bytes);
                Ok(())
            }
        }
    }
}

/// Hands on what was unpacked, up to the limit.
fn within(unpacked: &mut u64, limits: Limits, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Refusal> {
    let most = limits.unpacked_bytes;
    let room = usize::try_from(most - *unpacked).unwrap_or(usize::MAX);
    let allowed = bytes.get(..room).unwrap_or(bytes);
    *unpacked += allowed.len() as u64;
    if !allowed.is_empty() {
        sink(allowed)?;
    }
    if allowed.len() < bytes.len() { Err(Refusal::new(RefusalKind::Expands(most))) } else { Ok(()) }
}

fn damaged(what: &'static str) -> Refusal {
    Refusal::new(RefusalKind::Damaged(what))
}

/// Decodes members in pieces of the same length, however the bytes are cut,
/// so that damage is found at the same place.
struct Gzip {
    decoder: MultiGzDecoder<Vec<u8>>,
    held: Vec<u8>,
}

impl Gzip {
    fn new() -> Gzip {
        Gzip { decoder: MultiGzDecoder::new(Vec::new()), held: Vec::with_capacity(PIECE) }
    }

    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let mut bytes = bytes;
        while self.held.len() + bytes.len() >= PIECE {
            let (taken, rest) = bytes.split_at(PIECE - self.held.len());
            self.held.extend_from_slice(taken);
            bytes = rest;
            self.decode(sink)?;
        }
        self.held.extend_from_slice(bytes);
        Ok(())
    }

    fn decode(&mut self, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let written = self.decoder.write_all(&self.held);
        self.held.clear();
        sink(&std::mem::take(self.decoder.get_mut()))?;
        written.map_err(|_| damaged("compressed with gzip, and damaged"))
    }

    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        self.decode(sink)?;
        let ended = self.decoder.try_finish();
        sink(&std::mem::take(self.decoder.get_mut()))?;
        ended.map_err(|_| damaged("compressed with gzip, and ends too early or is damaged"))
    }
}

/// Decodes frames block by block.
#[derive(Default)]
struct Zstd {
    decoder: FrameDecoder,
    held: Vec<u8>,
    frame: Option<Frame>,
    skip: u64,
    frames: u64,
}

#[derive(Clone, Copy)]
struct Frame {
    has_checksum: bool,
}

const WINDOW: u64 = 8 << 20;
const DAMAGED: &str = "compressed with zstd, and damaged";

impl Zstd {
    fn is_finished(&self) -> bool {
        self.frame.is_none() && self.held.is_empty() && self.skip == 0 && self.frames > 0
    }

    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Refusal> {
        // What is held stays below a block, however much comes at once.
        for piece in bytes.chunks(64 << 10) {
            self.held.extend_from_slice(piece);
            while let Some(used) = self.step(sink)? {
                self.held.drain(..used);
            }
        }
        Ok(())
    }

    /// Takes one block, or the header of a frame, if all of it is there.
    fn step(&mut self, sink: &mut Sink<'_>) -> Result<Option<usize>, Refusal> {
        if self.skip > 0 {
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(self.held.len());
            self.skip -= skipped as u64;
            return Ok((skipped > 0).then_some(skipped));
        }
        let Some(frame) = self.frame else { return self.begin() };
        let Some((length, last)) = block(&self.held) else { return Ok(None) };
        let length = length + if last && frame.has_checksum { 4 } else { 0 };
        let Some(mut block) = self.held.get(..length) else { return Ok(None) };
        let mut text = vec![0; 128 << 10];
        let bad = |_| damaged(DAMAGED);
        loop {
            let (read, written) = self.decoder.decode_from_to(block, &mut text).map_err(bad)?;
            block = block.get(read..).unwrap_or_default();
            sink(text.get(..written).unwrap_or_default())?;
            if written < text.len() {
                break;
            }
        }
        if last {
            let (said, found) =
                (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum());
            if said.is_some() && said != found {
                return Err(damaged(DAMAGED));
            }
            self.frame = None;
        }
        Ok(Some(length))
    }

    fn begin(&mut self) -> Result<Option<usize>, Refusal> {
        if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, ..] = &self.held[..] {
            self.skip = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
            self.frames += 1;
            return Ok(Some(8));
        }
        let Some(length) = frame_header(&self.held) else { return Ok(None) };
        let Some(mut header) = self.held.get(..length) else { return Ok(None) };
        self.decoder.set_max_window_size(WINDOW);
        self.decoder.reset(&mut header).map_err(|error| match error {
            FrameDecoderError::WindowSizeTooBig { .. } => {
                Refusal::new(RefusalKind::Compressed("compressed with zstd and a window of more than 8 MiB"))
            }
            _ => damaged(DAMAGED),
        })?;
        self.frames += 1;
        let has_checksum = self.held.get(4).is_some_and(|descriptor| descriptor & 4 != 0);
        self.frame = Some(Frame { has_checksum });
        Ok(Some(length))
    }
}

/// How many bytes the header of a frame has.
fn frame_header(frame: &[u8]) -> Option<usize> {
    let descriptor = *frame.get(4)?;
    let single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3))?;
    let size = match descriptor >> 6 {
        0 => usize::from(single),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    Some(5 + usize::from(!single) + dictionary + size)
}

/// How many bytes the block has with its header, and whether it is the last.
fn block(held: &[u8]) -> Option<(usize, bool)> {
    let [a, b, c, ..] = held else { return None };
    let header = u32::from_le_bytes([*a, *b, *c, 0]);
    let size = usize::try_from(header >> 3).ok()?;
    let content = if (header >> 1) & 3 == 1 { 1 } else { size };
    Some((3 + content, header & 1 == 1))
}
