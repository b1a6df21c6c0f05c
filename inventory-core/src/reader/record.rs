use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use super::Options;
use super::layout::{Column, Layout, Role};
use super::rows::{Flaw, Position, RawRow, is_blank};
use crate::key::{Item, KeyError, Store};
use crate::quantity::{Quantity, QuantityError};

/// One row of a file: good or bad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row<'a> {
    /// It says what a store holds of an item.
    Record(Record<'a>),
    /// It does not, and says why.
    Reject(Reject),
}

impl Row<'_> {
    /// The same row, free of what it was read from.
    pub fn into_owned(self) -> Row<'static> {
        match self {
            Row::Record(record) => Row::Record(record.into_owned()),
            Row::Reject(reject) => Row::Reject(reject),
        }
    }
}

/// What one row says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record<'a> {
    /// The store; fit to be a [`Store`].
    pub store: Cow<'a, str>,
    /// The item's code; fit to be an [`Item`].
    pub item: Cow<'a, str>,
    /// How much of it the store holds.
    pub quantity: Quantity,
    /// The quantity at or below which it should be ordered again.
    pub reorder_point: Option<Quantity>,
    /// What people call the item.
    pub name: Option<Cow<'a, str>>,
    /// Where the row starts.
    pub position: Position,
}

impl Record<'_> {
    /// The same record, free of what it was read from.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            store: Cow::Owned(self.store.into_owned()),
            item: Cow::Owned(self.item.into_owned()),
            name: self.name.map(|name| Cow::Owned(name.into_owned())),
            ..self
        }
    }
}

/// A row that could not be a [`Record`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reject {
    /// Where the row starts.
    #[serde(flatten)]
    pub position: Position,
    /// The column at fault, from 1, unless it is the whole row.
    pub column: Option<usize>,
    /// The text at fault: that column's, or else what the row has too much.
    pub value: String,
    /// The row as it is in the file, without its line break; of a row beyond
    /// the limits, its beginning. Bytes that are no UTF-8 are replaced.
    pub raw: String,
    /// Why.
    pub reason: Reason,
    /// The store whose row it is, if that much could be read.
    pub store: Option<Store>,
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.position.line)?;
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.reason)?;
        if !self.value.is_empty() {
            write!(f, ": {:?}", shortened(&self.value))?;
        }
        Ok(())
    }
}

fn shortened(value: &str) -> Cow<'_, str> {
    const SHOWN: usize = 60;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", value.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(value),
    }
}

/// Why a row was rejected. Serde writes its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The row ends before a column that it needs.
    #[non_exhaustive]
    Missing {
        /// The role of that column.
        column: &'static str,
        /// How many fields the row has.
        fields: usize,
    },
    /// The store or the item is blank or too long for a table's key.
    Key(KeyError),
    /// The count is blank.
    BlankCount,
    /// The count or the reorder point is no [`Quantity`].
    #[non_exhaustive]
    Quantity {
        /// The role of that column.
        column: &'static str,
        /// What is wrong with it.
        error: QuantityError,
    },
    /// The field is not UTF-8.
    #[non_exhaustive]
    NotText {
        /// The role of that column.
        column: &'static str,
    },
    /// The row names another store than the one that may write here.
    ForeignStore(Store),
    /// The row has text beyond the header's last column, as an unquoted comma
    /// makes.
    #[non_exhaustive]
    ExtraFields {
        /// How many fields the row has.
        fields: usize,
        /// How many columns the header has.
        columns: usize,
    },
    /// A field has more bytes than the limit.
    FieldTooLong(usize),
    /// The row has more bytes than the limit.
    RowTooLong(usize),
    /// The row has more fields than the limit.
    TooManyColumns(usize),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Missing { column, fields } => {
                write!(f, "the row ends before its {column}, after {fields} fields")
            }
            Reason::Key(error) => write!(f, "{error}"),
            Reason::BlankCount => write!(f, "count is blank"),
            Reason::Quantity { column, error } => write!(f, "{column} {error}"),
            Reason::NotText { column } => write!(f, "{column} is not UTF-8 text"),
            Reason::ForeignStore(store) => {
                write!(f, "the row is not of the store \"{store}\", whose files these are")
            }
            Reason::ExtraFields { fields, columns } => {
                write!(
                    f,
                    "the row has {fields} fields under {columns} columns; quote a value that has a comma"
                )
            }
            Reason::FieldTooLong(most) => write!(f, "a field has more than {most} bytes"),
            Reason::RowTooLong(most) => write!(f, "the row has more than {most} bytes"),
            Reason::TooManyColumns(most) => write!(f, "the row has more than {most} fields"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is wrong with a row, before it is known whose row it is.
struct Fault {
    column: Option<usize>,
    value: String,
    reason: Reason,
}

impl Fault {
    fn of_row(reason: Reason) -> Fault {
        Fault { column: None, value: String::new(), reason }
    }
}

/// Makes a row what its layout says it is.
pub(super) fn row<'a>(raw: RawRow<'a>, layout: &Layout, options: &'a Options) -> Row<'a> {
    let cells = Cells { raw, layout, options };
    match cells.record() {
        Ok(record) => Row::Record(record),
        Err(fault) => Row::Reject(cells.reject(fault)),
    }
}

struct Cells<'a, 'l> {
    raw: RawRow<'a>,
    layout: &'l Layout,
    options: &'a Options,
}

impl<'a> Cells<'a, '_> {
    fn record(&self) -> Result<Record<'a>, Fault> {
        self.check_shape()?;
        Ok(Record {
            store: self.store()?,
            item: self.item()?,
            quantity: self.count()?,
            reorder_point: self.reorder_point()?,
            name: self.name()?,
            position: self.raw.position,
        })
    }

    fn check_shape(&self) -> Result<(), Fault> {
        let limits = &self.options.limits;
        match self.raw.flaw {
            Some(Flaw::RowTooLong) => return Err(Fault::of_row(Reason::RowTooLong(limits.row_bytes))),
            Some(Flaw::TooManyColumns) => return Err(Fault::of_row(Reason::TooManyColumns(limits.columns))),
            None => {}
        }
        if self.raw.raw.len() > limits.field_bytes {
            self.check_field_lengths()?;
        }
        let columns = self.layout.columns;
        let extra = (columns..self.raw.len())
            .find(|&column| self.raw.field(column).is_some_and(|field| !is_blank(field)));
        match extra {
            None => Ok(()),
            Some(column) => Err(self.fault(column, Reason::ExtraFields { fields: self.raw.len(), columns })),
        }
    }

    fn check_field_lengths(&self) -> Result<(), Fault> {
        let most = self.options.limits.field_bytes;
        match self.raw.fields().position(|field| field.len() > most) {
            None => Ok(()),
            Some(column) => {
                let reason = Reason::FieldTooLong(most);
                Err(Fault { column: Some(column + 1), value: String::new(), reason })
            }
        }
    }

    fn store(&self) -> Result<Cow<'a, str>, Fault> {
        let Some(column) = &self.layout.store else {
            return Ok(Cow::Borrowed(self.scope().map_or("", Store::as_str)));
        };
        let store = self.text(column, Role::Store)?;
        let fault = |reason| self.fault(column.index(), reason);
        KeyError::check(store, Role::Store.name(), Store::MAX_BYTES).map_err(|e| fault(Reason::Key(e)))?;
        match self.scope() {
            Some(scope) if scope.as_str() != store => Err(fault(Reason::ForeignStore(scope.clone()))),
            _ => Ok(Cow::Borrowed(store)),
        }
    }

    fn item(&self) -> Result<Cow<'a, str>, Fault> {
        let column = &self.layout.item;
        let item = self.text(column, Role::Item)?;
        KeyError::check(item, Role::Item.name(), Item::MAX_BYTES)
            .map_err(|error| self.fault(column.index(), Reason::Key(error)))?;
        Ok(Cow::Borrowed(item))
    }

    fn count(&self) -> Result<Quantity, Fault> {
        let column = &self.layout.count;
        let blank = || self.fault(column.index(), Reason::BlankCount);
        self.quantity(column, Role::Count)?.ok_or_else(blank)
    }

    fn reorder_point(&self) -> Result<Option<Quantity>, Fault> {
        match &self.layout.reorder_point {
            Some(column) if column.index() < self.raw.len() => self.quantity(column, Role::ReorderPoint),
            _ => Ok(None),
        }
    }

    fn name(&self) -> Result<Option<Cow<'a, str>>, Fault> {
        match &self.layout.name {
            Some(column) if column.index() < self.raw.len() => {
                let name = self.text(column, Role::Name)?;
                Ok((!name.is_empty()).then_some(Cow::Borrowed(name)))
            }
            _ => Ok(None),
        }
    }

    /// The quantity in a column, unless it is blank.
    fn quantity(&self, column: &Column, role: Role) -> Result<Option<Quantity>, Fault> {
        let text = self.text(column, role)?;
        if text.is_empty() {
            return Ok(None);
        }
        match Quantity::parse(text.as_bytes()) {
            Ok(quantity) => Ok(Some(quantity)),
            Err(error) => {
                let reason = Reason::Quantity { column: role.name(), error };
                Err(self.fault(column.index(), reason))
            }
        }
    }

    fn text(&self, column: &Column, role: Role) -> Result<&'a str, Fault> {
        let Some(field) = self.raw.field(column.index()) else {
            let reason = Reason::Missing { column: role.name(), fields: self.raw.len() };
            return Err(self.fault(column.index(), reason));
        };
        match std::str::from_utf8(field) {
            Ok(text) => Ok(text.trim()),
            Err(_) => Err(self.fault(column.index(), Reason::NotText { column: role.name() })),
        }
    }

    fn fault(&self, column: usize, reason: Reason) -> Fault {
        let value = lossy(self.raw.field(column).unwrap_or_default());
        Fault { column: Some(column + 1), value, reason }
    }

    fn reject(&self, fault: Fault) -> Reject {
        let store = match &fault.reason {
            // A row with a comma too many may have any text in the store's
            // column.
            Reason::ExtraFields { .. } => self.scope().cloned(),
            _ => self.scope().cloned().or_else(|| Some(Store::checked(&self.store().ok()?))),
        };
        Reject {
            position: self.raw.position,
            column: fault.column,
            value: fault.value,
            raw: lossy(self.raw.raw),
            reason: fault.reason,
            store,
        }
    }

    fn scope(&self) -> Option<&'a Store> {
        self.options.store.as_ref()
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
