use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::number::Decimal;
use super::refusal::{Refusal, RefusalKind};
use super::rows::RawRow;
use crate::levels::Columns;

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Store,
    Item,
    Count,
    ReorderPoint,
    Name,
    /// Known, and nothing that is read.
    Other,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Store => "store",
            Role::Item => "item",
            Role::Count => "count",
            Role::ReorderPoint => "reorder point",
            Role::Name => "name",
            Role::Other => "other",
        }
    }
}

/// How a file is read: how its bytes make rows, and what its columns are for.
///
/// It is found in the first part of a file, with the evidence for each
/// decision, or said explicitly ([`Options::layout`](super::Options::layout))
/// and then nothing is guessed. Said explicitly, only `item` and `count` are
/// needed (or `item` and `stores`), and a column may be its number from 1 or
/// its header alone.
///
/// # Example
///
/// ```
/// use inventory_core::{Row, reader::{Layout, Options, rows}};
///
/// let layout = r#"{"delimiter": ";", "header_line": 1, "store": "Where", "item": 1, "count": 3}"#;
/// let mut options = Options::default();
/// options.layout = Some(serde_json::from_str::<Layout>(layout)?);
/// let file = "What;Where;Left\ntea;Oslo;4\n";
/// let Some(Ok(Row::Record(record))) = rows([file], options).next() else { panic!() };
/// assert_eq!((&*record.store, &*record.item, record.quantity), ("Oslo", "tea", 4.into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Layout {
    /// How the file is packed; what its first bytes say unless said here.
    pub compression: Option<Compression>,
    /// The [label](https://encoding.spec.whatwg.org/#names-and-labels) of its
    /// encoding; what its bytes say unless said here.
    pub encoding: Option<String>,
    /// How its text makes rows.
    pub shape: Shape,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// What separates the fields of a row; a comma unless said otherwise.
    pub delimiter: Option<char>,
    /// Whether a double quote at the start of a field opens a quoted one.
    pub quoted: Quoting,
    /// The line of the header, from 1; rows before it are titles. A file
    /// without one has none.
    pub header_line: Option<u64>,
    /// Whether a row is of one store, or has a column for each.
    pub orientation: Orientation,
    /// The column of the store's name; without one, the store is said beside
    /// the file.
    pub store: Option<Column>,
    /// The column of the item's code.
    pub item: Column,
    /// The column of the item's name.
    pub name: Option<Column>,
    /// The column of the quantity; of a wide file, that of its first store.
    pub count: Column,
    /// The column of the reorder point.
    pub reorder_point: Option<Column>,
    /// The columns of each store, if the file is wide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<StoreColumns>,
    /// How the counts, and the reorder points, are written.
    pub decimal: Decimal,
    /// What a blank count means.
    pub blank: Blank,
    /// Whether the item codes are GTINs, whose last digit checks the others.
    pub gtin: bool,
    /// How many columns the header has; 0 if a row may have any number.
    pub columns: usize,
    /// What people should look at before they trust it, each in one sentence.
    pub doubts: Vec<String>,
    /// How sure the detection is.
    pub confidence: Confidence,
    /// What each decision rests on.
    pub evidence: Vec<Evidence>,
    /// What else could have been meant.
    pub alternatives: Vec<Alternative>,
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, of one or more members.
    Gzip,
    /// Zstandard, of one or more frames.
    Zstd,
}

impl Compression {
    pub(super) fn described(self) -> &'static str {
        match self {
            Compression::None => "not compressed",
            Compression::Gzip => "compressed with gzip",
            Compression::Zstd => "compressed with zstd",
        }
    }
}

/// How a file's text makes rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Shape {
    /// Lines of fields with a delimiter between them.
    #[default]
    Delimited,
    /// A JSON object on each line.
    JsonLines,
    /// An X12 inventory advice (846).
    X12,
    /// An EDIFACT inventory report (INVRPT).
    Edifact,
    /// A sheet of an `.xlsx` workbook.
    Workbook,
}

/// Whether quotes mean anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Quoting {
    /// A field may be in double quotes.
    #[default]
    Double,
    /// The same, after spaces too.
    DoubleAfterSpaces,
    /// A quote is text.
    None,
}

/// Whether a row is of one store or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Orientation {
    /// A row for each store and item.
    #[default]
    Long,
    /// A row for each item, with a column for each store.
    Wide,
}

/// What a blank count means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Blank {
    /// Somebody forgot it: the row is rejected.
    #[default]
    Reject,
    /// The store does not count this item: the row is skipped.
    Skip,
}

/// One column of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Column {
    /// Its number, from 1.
    pub column: usize,
    /// What the header calls it; empty in a file without one.
    pub header: String,
}

impl Column {
    pub(super) fn new(index: usize, header: &str) -> Column {
        Column { column: index + 1, header: header.trim().to_owned() }
    }

    pub(super) fn index(&self) -> usize {
        self.column.wrapping_sub(1)
    }

    fn is_unset(&self) -> bool {
        self.column == 0 && self.header.is_empty()
    }

    /// The same column, where the header has it.
    fn found_in(&self, header: &[String], position: super::Position) -> Result<Column, Refusal> {
        let named = |name: &String| super::names::compact(name) == super::names::compact(&self.header);
        let refused = |found| {
            let wanted = self.clone();
            Err(Refusal::at(RefusalKind::OtherHeader { wanted, found }, position))
        };
        if self.column == 0 {
            return match header.iter().position(named) {
                Some(index) => Ok(Column::new(index, &self.header)),
                None => refused(String::new()),
            };
        }
        match header.get(self.index()) {
            Some(name) if self.header.is_empty() || named(name) => Ok(Column::new(self.index(), name)),
            found => refused(found.cloned().unwrap_or_default()),
        }
    }
}

/// The columns of one store in a wide file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StoreColumns {
    /// The store, as the headers name it.
    pub store: String,
    /// The column of its quantities.
    pub count: Column,
    /// The column of its reorder points.
    #[serde(default)]
    pub reorder_point: Option<Column>,
}

/// How sure a detection is, in hundredths; serde writes a fraction of 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Confidence(u8);

impl Confidence {
    /// What a file needs to be read without being told how.
    pub const NEEDED: Confidence = Confidence(50);
    /// What was said explicitly is certain.
    pub const CERTAIN: Confidence = Confidence(100);

    /// Both at once, if neither follows from the other.
    pub(super) fn and(self, other: u8) -> Confidence {
        let both = u16::from(self.0) * u16::from(other.min(100)) / 100;
        Confidence(u8::try_from(both).unwrap_or(100))
    }

    /// Between 0 and 100.
    pub const fn percent(self) -> u8 {
        self.0
    }
}

impl Default for Confidence {
    fn default() -> Confidence {
        Confidence::CERTAIN
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}

impl Serialize for Confidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

impl<'de> Deserialize<'de> for Confidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Confidence, D::Error> {
        let fraction = f64::deserialize(deserializer)?;
        let found = (0..=100).find(|hundredths| (f64::from(*hundredths) / 100.0 - fraction).abs() < 0.005);
        found.map(Confidence).ok_or_else(|| de::Error::custom("a confidence is between 0 and 1"))
    }
}

/// What a decision rests on, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// What was decided: "count", "delimiter", and so on.
    pub decision: String,
    /// Why.
    pub because: String,
}

/// A column that could have been another one's part too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alternative {
    /// The role: "count", "item", and so on.
    pub role: String,
    /// The column.
    #[serde(flatten)]
    pub column: Column,
}

impl Layout {
    /// Which of the optional columns the file has.
    pub fn optional_columns(&self) -> Columns {
        let of_a_store = self.stores.iter().any(|store| store.reorder_point.is_some());
        Columns { reorder_point: self.reorder_point.is_some() || of_a_store, name: self.name.is_some() }
    }

    /// Whether its rows say, each by itself or in their columns, whose they
    /// are.
    pub(super) fn names_stores(&self) -> bool {
        self.store.is_some() || !self.stores.is_empty()
    }

    pub(super) fn because(&mut self, decision: &str, because: impl Into<String>) {
        self.evidence.push(Evidence { decision: decision.to_owned(), because: because.into() });
    }

    /// The same of a decision that people should look at.
    pub(super) fn doubt(&mut self, decision: &str, because: String) {
        self.doubts.push(because.clone());
        self.because(decision, because);
    }

    /// Whether enough was said to read a file.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let incomplete = |what| Err(Refusal::new(RefusalKind::IncompleteLayout(what)));
        if self.delimiter.is_some_and(|mark| !mark.is_ascii() || "\"\r\n".contains(mark)) {
            return incomplete("its delimiter is no single plain character");
        }
        if matches!(self.shape, Shape::X12 | Shape::Edifact) {
            return Ok(());
        }
        if self.item.is_unset() {
            return incomplete("it names no column \"item\"");
        }
        if self.stores.is_empty() && self.count.is_unset() {
            return incomplete("it names no column \"count\" and no \"stores\"");
        }
        if !self.stores.is_empty() && self.store.is_some() {
            return incomplete("it names a column \"store\" and \"stores\" too");
        }
        let columns = self.all_columns();
        if self.header_line.is_none()
            && self.shape != Shape::JsonLines
            && columns.iter().any(|column| column.column == 0)
        {
            return incomplete("a column without a number needs a \"header_line\"");
        }
        Ok(())
    }

    fn all_columns(&self) -> Vec<&Column> {
        let of_stores =
            self.stores.iter().flat_map(|store| [Some(&store.count), store.reorder_point.as_ref()]);
        let optional = [self.store.as_ref(), self.name.as_ref(), self.reorder_point.as_ref()];
        let count = (!self.count.is_unset()).then_some(&self.count);
        [Some(&self.item), count].into_iter().chain(optional).chain(of_stores).flatten().collect()
    }

    /// The keys of JSON objects that are read, each in the place of its column.
    pub(super) fn keys(&mut self) -> Vec<String> {
        let mut next = self.all_columns().iter().map(|column| column.column).max().unwrap_or(0);
        let mut keys = Vec::new();
        let mut place = |column: &mut Column| {
            if column.is_unset() {
                return;
            }
            if column.column == 0 {
                next += 1;
                column.column = next;
            }
            if keys.len() < column.column {
                keys.resize(column.column, String::new());
            }
            if let Some(key) = keys.get_mut(column.index()) {
                key.clone_from(&column.header);
            }
        };
        place(&mut self.item);
        place(&mut self.count);
        [&mut self.store, &mut self.name, &mut self.reorder_point].into_iter().flatten().for_each(&mut place);
        for store in &mut self.stores {
            place(&mut store.count);
            store.reorder_point.iter_mut().for_each(&mut place);
        }
        self.columns = keys.len();
        keys
    }

    /// Finds what was said explicitly in the header of the file.
    pub(super) fn resolve(&mut self, header: RawRow<'_>) -> Result<(), Refusal> {
        let at = header.position;
        let names: Vec<String> =
            header.fields().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect();
        let set = |column: &mut Column| {
            *column = column.found_in(&names, at)?;
            Ok(())
        };
        set(&mut self.item)?;
        [&mut self.store, &mut self.name, &mut self.reorder_point].into_iter().flatten().try_for_each(set)?;
        for store in &mut self.stores {
            set(&mut store.count)?;
            store.reorder_point.iter_mut().try_for_each(set)?;
        }
        if !self.count.is_unset() {
            set(&mut self.count)?;
        }
        self.columns = names.len();
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Column, D::Error> {
        deserializer.deserialize_any(ColumnVisitor)
    }
}

struct ColumnVisitor;

impl<'de> Visitor<'de> for ColumnVisitor {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column: its number from 1, its header, or both")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Column, E> {
        match usize::try_from(number) {
            Ok(column) if column > 0 => Ok(Column { column, header: String::new() }),
            _ => Err(E::custom("columns are numbered from 1")),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Column, E> {
        self.visit_u64(u64::try_from(number).unwrap_or(0))
    }

    fn visit_str<E: de::Error>(self, header: &str) -> Result<Column, E> {
        match header.trim() {
            "" => Err(E::custom("a column's header is blank; give its number")),
            header => Ok(Column { column: 0, header: header.to_owned() }),
        }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Column, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Both {
            #[serde(default)]
            column: usize,
            #[serde(default)]
            header: String,
        }

        let Both { column, header } = Both::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(Column { column, header })
    }
}
