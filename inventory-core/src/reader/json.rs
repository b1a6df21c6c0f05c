use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::Limits;
use super::rows::{Flaw, Position, RawRow};

const BROKEN: Flaw =
    Flaw::Broken("the line is not one JSON object; write each row as one, on a line of its own");

/// Splits lines of JSON objects into rows, whose columns are the objects'
/// keys in the order that they first come in.
///
/// Keeps one line in memory.
pub(super) struct JsonLines {
    limits: Limits,
    keys: Vec<String>,
    /// Whether keys that were not seen yet become columns.
    learning: bool,
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
        for key in &self.keys {
            let value = object.get(key).map_or("null", |value| value.get());
            push_value(&mut self.text, value);
            self.ends.push(self.text.len());
            self.numbers.push(value.starts_with(|first: char| first == '-' || first.is_ascii_digit()));
        }
        None
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
