use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::Limits;
use super::detect::ROWS;
use super::rows::{Flaw, Position, RawRow};

const BROKEN: Flaw =
    Flaw::Broken("the line is not one JSON object; write each row as one, on a line of its own");

const NESTED: Flaw =
    Flaw::Broken("a value that is read is an object or a list; write each as a text or a number");
const BLANK: Flaw = Flaw::Broken("the object has a value for none of the keys that are read");

/// Splits lines of JSON objects into rows, whose columns are the objects'
/// keys in the order that they first come in.
///
/// Keeps one line in memory.
pub(super) struct JsonLines {
    limits: Limits,
    keys: Vec<String>,
    /// Whether keys that were not seen yet become columns.
    learning: bool,
    /// Whether what cannot be read is told, and not left blank.
    reading: bool,
    /// Up to which byte, and row, the keys are known to have been looked at.
    looked_at: u64,
    rows: usize,
    seen: BTreeSet<String>,
    /// Keys that come later, and the line of each.
    late: Vec<(String, u64)>,
    line: Vec<u8>,
    too_long: bool,
    next: Position,
    text: Vec<u8>,
    ends: Vec<usize>,
    numbers: Vec<bool>,
}

impl JsonLines {
    /// Reads lines whose keys are known.
    pub(super) fn new(limits: Limits, byte: u64, keys: Vec<String>) -> JsonLines {
        JsonLines {
            limits,
            keys,
            learning: false,
            reading: false,
            looked_at: byte,
            rows: 0,
            seen: BTreeSet::new(),
            late: Vec::new(),
            line: Vec::new(),
            too_long: false,
            next: Position { line: 1, byte },
            text: Vec::new(),
            ends: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// Reads lines to find the keys.
    pub(super) fn learning(limits: Limits, byte: u64) -> JsonLines {
        JsonLines { learning: true, ..JsonLines::new(limits, byte, Vec::new()) }
    }

    /// The same, for the rows themselves and not for a look at the first of
    /// them, which had so many bytes.
    pub(super) fn reading(mut self, looked_at: usize) -> JsonLines {
        self.reading = true;
        self.looked_at += looked_at as u64;
        self
    }

    /// What there is to say of keys that came after the first part.
    pub(super) fn late_keys(&self) -> impl Iterator<Item = String> {
        self.late.iter().map(|(key, line)| {
            format!("the key {key:?} comes first in line {line}, after the part that was looked at, and is not read")
        })
    }

    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Takes the next row off the front of the input; without one, the input
    /// was used up.
    pub(super) fn next<'a>(&'a mut self, input: &mut &[u8]) -> Option<RawRow<'a>> {
        loop {
            let Some(end) = memchr::memchr(b'\n', input) else {
                self.keep(input);
                *input = &[];
                return None;
            };
            let (line, rest) = input.split_at(end + 1);
            *input = rest;
            self.keep(line);
            if !self.line.trim_ascii().is_empty() {
                return Some(self.row());
            }
            self.advance();
            self.line.clear();
        }
    }

    pub(super) fn finish(&mut self) -> Option<RawRow<'_>> {
        (!self.line.trim_ascii().is_empty()).then(|| self.row())
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = self.limits.row_bytes.saturating_sub(self.line.len());
        self.too_long |= bytes.len() > room;
        self.line.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.next.byte += bytes.len() as u64;
    }

    fn advance(&mut self) {
        self.next.line += 1;
    }

    fn row(&mut self) -> RawRow<'_> {
        let line = std::mem::take(&mut self.line);
        let position = Position { line: self.next.line, byte: self.next.byte - line.len() as u64 };
        self.advance();
        self.text.clear();
        self.ends.clear();
        self.numbers.clear();
        let flaw = if std::mem::take(&mut self.too_long) { Some(Flaw::RowTooLong) } else { self.fill(&line) };
        // Kept as the row's raw text, and to be used again.
        self.text.extend_from_slice(line.trim_ascii());
        let fields = self.ends.last().copied().unwrap_or(0);
        let (text, raw) = self.text.split_at(fields);
        RawRow {
            text,
            ends: &self.ends,
            json_numbers: &self.numbers,
            raw,
            position,
            flaw,
            ..RawRow::default()
        }
    }

    /// Makes an object's values fields.
    fn fill(&mut self, line: &[u8]) -> Option<Flaw> {
        let text = String::from_utf8_lossy(line);
        let Ok(object) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text.trim()) else {
            return Some(BROKEN);
        };
        if self.learning {
            self.learn(&text);
        }
        if self.reading {
            self.note_late(object.keys());
        }
        for key in &self.keys {
            let mut value = object.get(key).map_or("null", |value| value.get());
            if value.starts_with(['{', '[']) {
                if self.reading {
                    return Some(NESTED);
                }
                value = "null";
            }
            push_value(&mut self.text, value);
            self.ends.push(self.text.len());
            self.numbers.push(value.starts_with(|first: char| first == '-' || first.is_ascii_digit()));
        }
        (self.reading && self.text.is_empty()).then_some(BLANK)
    }

    /// Notes the keys that no row had among those that were looked at.
    fn note_late<'k>(&mut self, keys: impl Iterator<Item = &'k String>) {
        const LATE: usize = 4;
        self.rows += 1;
        let is_late = self.rows > ROWS || self.next.byte > self.looked_at;
        for key in keys {
            if self.seen.len() == self.limits.columns || self.seen.contains(key) {
                continue;
            }
            self.seen.insert(key.clone());
            if is_late && self.late.len() < LATE {
                self.late.push((key.clone(), self.next.line - 1));
            }
        }
    }

    /// Adds the keys that are new, in the order of the object.
    fn learn(&mut self, text: &str) {
        for key in serde_json::from_str::<Keys>(text.trim()).unwrap_or_default().0 {
            if self.keys.len() < self.limits.columns && !self.keys.contains(&key) {
                self.keys.push(key);
            }
        }
    }
}

/// A string's text, and of everything else what is written.
fn push_value(text: &mut Vec<u8>, value: &str) {
    match serde_json::from_str::<String>(value) {
        Ok(string) => text.extend_from_slice(string.as_bytes()),
        Err(_) if value == "null" => {}
        Err(_) => text.extend_from_slice(value.as_bytes()),
    }
}

/// The keys of an object in its order.
#[derive(Default)]
struct Keys(Vec<String>);

impl<'de> serde::Deserialize<'de> for Keys {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Keys, D::Error> {
        deserializer.deserialize_map(Keys::default())
    }
}

impl<'de> serde::de::Visitor<'de> for Keys {
    type Value = Keys;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(mut self, mut map: A) -> Result<Keys, A::Error> {
        while let Some(key) = map.next_key()? {
            map.next_value::<serde::de::IgnoredAny>()?;
            self.0.push(key);
        }
        Ok(self)
    }
}
