//! Messages between traders' systems: X12 846 and EDIFACT INVRPT.
//!
//! Both are segments of elements. A line item gathers its item, its places and
//! its quantities until the next one starts, and then makes rows of three
//! fields: store, item, count.

use super::Limits;
use super::layout::{Column, Confidence, Layout, Shape};
use super::number::Decimal;
use super::refusal::{Refusal, RefusalKind};
use super::rows::{Flaw, Position, RawRow};
use super::sample::Look;

/// What separates the parts of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Marks {
    segment: u8,
    element: u8,
    component: u8,
    release: Option<u8>,
}

/// What a message is, by its first bytes.
pub(super) fn shape(text: &[u8]) -> Option<Shape> {
    let text = text.trim_ascii_start();
    let marked = |mark: u8| !mark.is_ascii_alphanumeric();
    match text {
        [b'I', b'S', b'A', mark, ..] if marked(*mark) => Some(Shape::X12),
        [b'U', b'N', b'A', ..] if text.get(9..12) == Some(b"UNB") || text.len() < 12 => Some(Shape::Edifact),
        [b'U', b'N', b'B', b'+', ..] | [b'U', b'N', b'H', b'+', ..] => Some(Shape::Edifact),
        _ => None,
    }
}

fn marks(shape: Shape, text: &[u8]) -> Option<(Marks, Decimal, usize)> {
    let start = text.len() - text.trim_ascii_start().len();
    let text = text.get(start..)?;
    if shape == Shape::X12 {
        // The interchange header has a fixed length and declares its marks.
        let (element, component, segment) = (*text.get(3)?, *text.get(104)?, *text.get(105)?);
        return Some((Marks { segment, element, component, release: None }, Decimal::Point, start));
    }
    match text {
        [b'U', b'N', b'A', component, element, decimal, release, _, segment, ..] => {
            let release = (*release != b' ').then_some(*release);
            let decimal = if *decimal == b',' { Decimal::Comma } else { Decimal::Point };
            let marks = Marks { segment: *segment, element: *element, component: *component, release };
            Some((marks, decimal, start + 9))
        }
        _ => {
            let marks = Marks { segment: b'\'', element: b'+', component: b':', release: Some(b'?') };
            Some((marks, Decimal::Point, start))
        }
    }
}

/// Finds how a message is to be read.
pub(super) fn layout(look: Look<'_>, shape: Shape, has_scope: bool) -> Result<Layout, Refusal> {
    let broken = || Refusal::new(RefusalKind::Damaged("an interchange whose header ends too early"));
    let (_, decimal, _) = marks(shape, look.text).ok_or_else(broken)?;
    let mut message = Message::new(Limits::default(), look.byte, shape, look.text).ok_or_else(broken)?;
    let mut rest = look.text;
    let mut places = false;
    while let Some(row) = message.next(&mut rest)? {
        places |= row.field(0).is_some_and(|store| !store.is_empty());
    }
    places |= message.store.is_some() || message.item.places > 0;
    let (store, item, count) = match shape {
        Shape::X12 => ("N1*WH", "LIN", "QTY"),
        _ => ("NAD+WH or LOC", "LIN", "QTY+145"),
    };
    if !places && !has_scope {
        let header = format!("the segments: none is {store}");
        return Err(Refusal::missing(super::layout::Role::Store, header, Position::default()));
    }
    let mut layout = Layout {
        shape,
        store: places.then(|| Column::new(0, store)),
        item: Column::new(1, item),
        count: Column::new(2, count),
        decimal,
        columns: 3,
        confidence: Confidence::CERTAIN,
        ..Layout::default()
    };
    layout.because(
        "shape",
        "its first segment is that of an interchange, and declares what separates the others",
    );
    layout.because("count", format!("{count} is the stock at hand; other quantities of an item are not"));
    Ok(layout)
}

/// Splits a message into rows.
///
/// Keeps one segment and one line item in memory.
pub(super) struct Message {
    limits: Limits,
    shape: Shape,
    marks: Marks,
    /// What comes before the first segment.
    skip: usize,
    segment: Vec<u8>,
    position: Position,
    next: Position,
    store: Option<Vec<u8>>,
    /// How well its segment names the store; the less, the better.
    store_rank: usize,
    item: Item,
    ready: std::collections::VecDeque<Ready>,
    current: Ready,
    is_inventory: bool,
}

/// The line item under way.
#[derive(Default)]
struct Item {
    open: bool,
    position: Position,
    code: Vec<u8>,
    rank: usize,
    place: Option<Vec<u8>>,
    place_rank: usize,
    /// Whether a quantity came after the place.
    place_is_used: bool,
    places: usize,
    quantities: Vec<(Option<Vec<u8>>, Vec<u8>, usize)>,
    raw: Vec<u8>,
}

/// A row that is complete.
#[derive(Default)]
struct Ready {
    text: Vec<u8>,
    ends: Vec<usize>,
    raw: Vec<u8>,
    position: Position,
    flaw: Option<Flaw>,
}

const MOVEMENTS: &str = "the message tells movements of stock (BGM+78), which change levels by amounts; \
                         send the stock itself (BGM+35)";
const OTHER_X12: &str = "the interchange holds no inventory advice (846); send that";
const OTHER_EDIFACT: &str = "the interchange holds no inventory report (INVRPT); send that";

impl Message {
    pub(super) fn new(limits: Limits, byte: u64, shape: Shape, text: &[u8]) -> Option<Message> {
        let (marks, _, skip) = marks(shape, text)?;
        let start = Position { line: 1, byte };
        Some(Message {
            limits,
            shape,
            marks,
            skip,
            segment: Vec::new(),
            position: start,
            next: start,
            store: None,
            store_rank: usize::MAX,
            item: Item::default(),
            ready: std::collections::VecDeque::new(),
            current: Ready::default(),
            is_inventory: false,
        })
    }

    /// Takes the next row off the front of the input; without one, the input
    /// was used up.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Result<Option<RawRow<'_>>, Refusal> {
        while self.ready.is_empty() {
            let Some((byte, rest)) = input.split_first() else { return Ok(None) };
            *input = rest;
            self.take(*byte)?;
        }
        Ok(self.hand_over())
    }

    pub(super) fn finish(&mut self) -> Result<Option<RawRow<'_>>, Refusal> {
        if !self.segment.trim_ascii().is_empty() {
            self.end_segment()?;
        }
        if !self.is_inventory {
            let what = if self.shape == Shape::X12 { OTHER_X12 } else { OTHER_EDIFACT };
            return Err(Refusal::new(RefusalKind::WrongMessage(what)));
        }
        self.end_item();
        Ok(self.hand_over())
    }

    fn hand_over(&mut self) -> Option<RawRow<'_>> {
        self.current = self.ready.pop_front()?;
        let Ready { text, ends, raw, position, flaw } = &self.current;
        Some(RawRow { text, ends, raw, position: *position, flaw: *flaw, ..RawRow::default() })
    }

    fn take(&mut self, byte: u8) -> Result<(), Refusal> {
        if self.segment.is_empty() {
            self.position = self.next;
        }
        self.next.byte += 1;
        self.next.line += u64::from(byte == b'\n');
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(());
        }
        let released = self.marks.release.is_some_and(|release| ends_released(&self.segment, release));
        if byte == self.marks.segment && !released {
            return self.end_segment();
        }
        let between = self.segment.is_empty() && byte.is_ascii_whitespace();
        if !between && (!matches!(byte, b'\r' | b'\n') || self.marks.segment == byte) {
            if self.segment.len() == self.limits.row_bytes.min(1 << 16) {
                return Err(Refusal::at(RefusalKind::HeaderTooLong, self.position));
            }
            self.segment.push(byte);
        }
        Ok(())
    }

    fn end_segment(&mut self) -> Result<(), Refusal> {
        let segment = std::mem::take(&mut self.segment);
        let elements = split(&segment, self.marks.element, self.marks.release);
        let at = |index: usize| elements.get(index).copied().unwrap_or_default();
        if self.shape == Shape::X12 { self.x12(at(0), &at) } else { self.edifact(at(0), &at) }?;
        if self.item.open && self.item.raw.len() < 4096 {
            self.item.raw.extend_from_slice(&segment);
            self.item.raw.push(self.marks.segment);
        }
        self.segment = segment;
        self.segment.clear();
        Ok(())
    }

    fn x12<'s>(&mut self, tag: &[u8], at: &dyn Fn(usize) -> &'s [u8]) -> Result<(), Refusal> {
        match tag {
            b"ST" if at(1) == b"846" => self.begin_message(),
            b"ST" => return Err(Refusal::at(RefusalKind::WrongMessage(OTHER_X12), self.position)),
            b"LIN" => {
                self.begin_item();
                // Best first: the store's own code, then the codes of trade.
                const QUALIFIERS: [&[u8]; 8] = [b"SK", b"UP", b"EN", b"UK", b"UI", b"VN", b"VP", b"BP"];
                for pair in (2..40).step_by(2) {
                    if let Some(rank) = QUALIFIERS.iter().position(|known| *known == at(pair)) {
                        self.name_item(rank, at(pair + 1).to_vec());
                    }
                }
            }
            b"N1" => {
                // Best first: a warehouse, and then who is shipped to.
                const PLACES: [&[u8]; 4] = [b"WH", b"ST", b"SL", b"SF"];
                let name = [at(2), at(4)].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
                if let Some(rank) = PLACES.iter().position(|known| *known == at(1)) {
                    self.place(rank, name.to_vec());
                }
            }
            b"QTY" => {
                const AT_HAND: [&[u8]; 3] = [b"33", b"17", b"QA"];
                if let Some(rank) = AT_HAND.iter().position(|known| *known == at(1)) {
                    self.quantity(rank, at(2).to_vec());
                }
            }
            b"CTT" | b"SE" => self.end_item(),
            _ => {}
        }
        Ok(())
    }

    fn edifact<'s>(&mut self, tag: &[u8], at: &dyn Fn(usize) -> &'s [u8]) -> Result<(), Refusal> {
        let (component, release) = (self.marks.component, self.marks.release);
        let part = |element: usize, index: usize| -> Vec<u8> {
            let parts = split(at(element), component, release);
            unreleased(parts.get(index).copied().unwrap_or_default(), release)
        };
        match tag {
            b"UNH" if part(2, 0) == b"INVRPT" => self.begin_message(),
            b"UNH" => return Err(Refusal::at(RefusalKind::WrongMessage(OTHER_EDIFACT), self.position)),
            b"BGM" if part(1, 0) == b"78" => {
                return Err(Refusal::at(RefusalKind::WrongMessage(MOVEMENTS), self.position));
            }
            b"LIN" => {
                self.begin_item();
                self.name_item(1, part(3, 0));
            }
            b"PIA" if part(2, 1) == b"SA" => self.name_item(0, part(2, 0)),
            b"NAD" => {
                const PLACES: [&[u8]; 4] = [b"WH", b"LP", b"GY", b"ST"];
                let named = [part(4, 0), part(3, 0), part(2, 0)].into_iter().find(|text| !text.is_empty());
                if let Some(rank) = PLACES.iter().position(|known| *known == &part(1, 0)[..]) {
                    // A location, where there is one, is between these.
                    self.place(rank * 2, named.unwrap_or_default());
                }
            }
            b"LOC" if matches!(&part(1, 0)[..], b"18" | b"14" | b"7" | b"19") => {
                let named = [part(2, 3), part(2, 0)].into_iter().find(|text| !text.is_empty());
                self.place(1, named.unwrap_or_default());
            }
            b"QTY" if matches!(&part(1, 0)[..], b"145" | b"17") => self.quantity(0, part(1, 1)),
            b"UNS" | b"CNT" | b"UNT" => self.end_item(),
            _ => {}
        }
        Ok(())
    }

    /// What one message says of its store says nothing of the next one's.
    fn begin_message(&mut self) {
        self.end_item();
        self.is_inventory = true;
        (self.store, self.store_rank) = (None, usize::MAX);
    }

    fn begin_item(&mut self) {
        self.end_item();
        let (rank, place_rank) = (usize::MAX, usize::MAX);
        self.item = Item { open: true, position: self.position, rank, place_rank, ..Item::default() };
    }

    fn name_item(&mut self, rank: usize, code: Vec<u8>) {
        if self.item.open && rank < self.item.rank && !code.is_empty() {
            (self.item.rank, self.item.code) = (rank, code);
        }
    }

    /// A place is of the item under way, or before all items of all of them.
    /// Of several, the one that names the store best counts; after a quantity
    /// comes the place of the next.
    fn place(&mut self, rank: usize, name: Vec<u8>) {
        if !self.item.open {
            if rank <= self.store_rank {
                (self.store, self.store_rank) = (Some(name), rank);
            }
            return;
        }
        if rank > self.item.place_rank && !self.item.place_is_used {
            return;
        }
        (self.item.place_rank, self.item.place_is_used) = (rank, false);
        self.item.places += 1;
        if self.item.place.is_none() {
            // Quantities may come before their place.
            for (place, _, _) in &mut self.item.quantities {
                place.get_or_insert_with(|| name.clone());
            }
        }
        self.item.place = Some(name);
    }

    fn quantity(&mut self, rank: usize, quantity: Vec<u8>) {
        if self.item.open && self.item.quantities.len() < 10_000 {
            self.item.place_is_used = true;
            self.item.quantities.push((self.item.place.clone(), quantity, rank));
        }
    }

    fn end_item(&mut self) {
        let item = std::mem::take(&mut self.item);
        if !item.open {
            return;
        }
        let best = item.quantities.iter().map(|(_, _, rank)| *rank).min();
        let at_hand: Vec<_> = item.quantities.iter().filter(|(_, _, rank)| Some(*rank) == best).collect();
        let mut done: Vec<Option<&[u8]>> = Vec::new();
        for (place, _, _) in &at_hand {
            let place = place.as_deref();
            if done.contains(&place) {
                continue;
            }
            done.push(place);
            let of_place: Vec<&[u8]> = at_hand
                .iter()
                .filter(|(other, _, _)| other.as_deref() == place)
                .map(|(_, q, _)| &q[..])
                .collect();
            let store = place.or(self.store.as_deref()).unwrap_or_default().to_vec();
            let row = match total(&of_place, self.shape == Shape::Edifact) {
                Some(count) => ready(&item, &store, count, None),
                None => ready(&item, &store, b"", Some(SEVERAL)),
            };
            self.ready.push_back(row);
        }
        if at_hand.is_empty() {
            let store = item.place.as_deref().or(self.store.as_deref()).unwrap_or_default();
            self.ready.push_back(ready(&item, store, b"", None));
        }
    }
}

const SEVERAL: Flaw =
    Flaw::Broken("the item has several quantities at one place, and the first is not their total");

/// A quantity that is alone, or is the total of those that come after it.
fn total<'q>(quantities: &[&'q [u8]], comma: bool) -> Option<&'q [u8]> {
    let scaled = |text: &&[u8]| {
        let text = std::str::from_utf8(text).ok()?;
        Some(i128::from(super::number::parse_ungrouped(text, comma).ok()?.scaled()))
    };
    match quantities {
        [only] => Some(only),
        [first, parts @ ..] => {
            let sum: Option<i128> = parts.iter().map(scaled).sum();
            (sum.is_some() && scaled(first) == sum).then_some(*first)
        }
        [] => None,
    }
}

fn ready(item: &Item, store: &[u8], count: &[u8], flaw: Option<Flaw>) -> Ready {
    let mut row = Ready { raw: item.raw.clone(), position: item.position, flaw, ..Ready::default() };
    if flaw.is_none() {
        for field in [store, &item.code, count] {
            row.text.extend_from_slice(field);
            row.ends.push(row.text.len());
        }
    }
    row
}

/// Whether the last byte is a release mark that is not released itself.
fn ends_released(bytes: &[u8], release: u8) -> bool {
    bytes.iter().rev().take_while(|byte| **byte == release).count() % 2 == 1
}

fn split(bytes: &[u8], mark: u8, release: Option<u8>) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let before = bytes.get(start..at).unwrap_or_default();
        if *byte == mark && !release.is_some_and(|release| ends_released(before, release)) {
            parts.push(before);
            start = at + 1;
        }
    }
    parts.push(bytes.get(start..).unwrap_or_default());
    parts
}

fn unreleased(bytes: &[u8], release: Option<u8>) -> Vec<u8> {
    let Some(release) = release else { return bytes.to_vec() };
    let mut plain = Vec::with_capacity(bytes.len());
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        plain.extend(if *byte == release { bytes.next() } else { Some(byte) });
    }
    plain
}
