use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memchr2};
use serde::{Serialize, Serializer};

use super::Options;
use super::layout::{Blank, Column, Layout, Quoting, Role, Shape, StoreColumns};
use super::names::{is_dash, is_total, is_untracked};
use super::number::{self, Decimal, Vote};
use super::placed::{Block, Placed};
use super::profile::{has_gtin_length, is_gtin};
use super::rows::{Flaw, Position, RawRow, is_blank};
use crate::key::{Item, KeyError, Store};
use crate::levels::Columns;
use crate::quantity::{Quantity, QuantityError};

/// One row of a file, or of a wide file one row and store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row<'a> {
    /// It says what a store holds of an item.
    Record(Record<'a>),
    /// It does not, and says why.
    Reject(Reject),
    /// It says that the store does not count this item.
    Skipped(Skip<'a>),
}

impl Row<'_> {
    /// The same row, free of what it was read from.
    pub fn into_owned(self) -> Row<'static> {
        match self {
            Row::Record(record) => Row::Record(record.into_owned()),
            Row::Reject(reject) => Row::Reject(reject),
            Row::Skipped(skip) => Row::Skipped(skip.into_owned()),
        }
    }
}

/// A row that says nothing of the stock, and is no mistake: "not stocked", or
/// blank where the store tracks no stock of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skip<'a> {
    /// The store; fit to be a [`Store`].
    pub store: Cow<'a, str>,
    /// The item, if it can be read; fit to be an [`Item`].
    pub item: Option<Cow<'a, str>>,
    /// Where the row starts.
    pub position: Position,
    /// The column of the count, from 1.
    pub column: usize,
    /// What is there in its place.
    pub value: Cow<'a, str>,
}

impl Skip<'_> {
    /// The same, free of what it was read from.
    pub fn into_owned(self) -> Skip<'static> {
        let item = self.item.map(|item| Cow::Owned(item.into_owned()));
        let (store, value) = (self.store.into_owned(), self.value.into_owned());
        Skip { store: Cow::Owned(store), item, value: Cow::Owned(value), ..self }
    }
}

impl fmt::Display for Skip<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Skip { position, column, value, .. } = self;
        write!(f, "line {}, column {column}: the item is not counted: {:?}", position.line, shortened(value))
    }
}

/// Something about a good row that its people should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warning {
    /// Where the row starts.
    #[serde(flatten)]
    pub position: Position,
    /// The column, from 1.
    pub column: usize,
    /// The text in it.
    pub value: String,
    /// What is odd about it.
    pub reason: Oddity,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Warning { position, column, value, reason } = self;
        write!(f, "line {}, column {column}: {reason}: {:?}", position.line, shortened(value))
    }
}

/// What is odd about a value. Serde writes its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Oddity {
    /// A spreadsheet turned a long code into a rounded number.
    Rounded,
    /// The other codes are GTINs, and the last digit of this one does not
    /// check the others.
    CheckDigit,
    /// A spreadsheet's mark of a text, which is no part of the code, was taken
    /// off.
    TextMark,
    /// Bytes that are no text in the file's encoding were replaced.
    Replaced,
    /// A spreadsheet turned a code into a date.
    Date,
    /// The reorder point is no number, so the one before stays.
    ReorderPoint,
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Oddity::Rounded => "a spreadsheet rounded this item code; export it as text",
            Oddity::CheckDigit => "the check digit of this item code is wrong",
            Oddity::TextMark => "a spreadsheet's text mark was taken off this item code",
            Oddity::Replaced => "bytes that are no text were replaced with \u{fffd}",
            Oddity::Date => "a spreadsheet made this item code a date; write it as text",
            Oddity::ReorderPoint => "the reorder point is no number, so it stays as it was",
        })
    }
}

impl Serialize for Oddity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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
    /// The optional columns that its layout has and this row says nothing of,
    /// because it ends before them or what is there cannot be read.
    pub unsaid: Columns,
    /// What is odd about it; it is taken all the same.
    pub warnings: Vec<Warning>,
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
    /// The item whose row it is, if that much could be read.
    pub item: Option<Item>,
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
    /// The count is a dash.
    Dash,
    /// A formula of a spreadsheet has no value; the role of its column.
    Formula(&'static str),
    /// A quote opens, and the next one is lines later in another field.
    #[non_exhaustive]
    StrayQuote {
        /// How many lines later.
        lines: usize,
    },
    /// The count or the reorder point is no [`Quantity`].
    #[non_exhaustive]
    Quantity {
        /// The role of that column.
        column: &'static str,
        /// What is wrong with it.
        error: QuantityError,
    },
    /// The count or the reorder point is one of two numbers, and nothing in
    /// the file says which.
    #[non_exhaustive]
    AmbiguousMark {
        /// The role of that column.
        column: &'static str,
        /// The number if its mark is a decimal one.
        fraction: Quantity,
        /// The number if its mark stands between thousands.
        thousands: Quantity,
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
    /// It adds up the rows above it.
    Total,
    /// It is not written as its shape demands.
    Broken(&'static str),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Missing { column, fields } => {
                write!(f, "the row ends before its {column}, after {fields} fields")
            }
            Reason::Key(error) => write!(f, "{error}"),
            Reason::BlankCount => write!(f, "count is blank"),
            Reason::Total => write!(f, "the row adds up those above it and is no item"),
            Reason::Dash => write!(
                f,
                "count is a dash, which is 0 in some spreadsheets and \"not counted\" in others; \
                 write a number, or \"not stocked\""
            ),
            Reason::Formula(column) => {
                write!(f, "{column} is a formula that failed in the spreadsheet; mend it there")
            }
            Reason::StrayQuote { lines } => write!(
                f,
                "a quote opens in this row and the next one is {lines} lines later within a text, so the rows \
                 between are lost; double each quote that is text"
            ),
            Reason::Quantity { column, error } => write!(f, "{column} {error}"),
            Reason::AmbiguousMark { column, fraction, thousands } => write!(
                f,
                "{column} may be {fraction} or {thousands}, and nothing tells which; \
                 say \"decimal\" in a layout"
            ),
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
            Reason::Broken(what) => write!(f, "{what}"),
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
    #[cold]
    fn of_row(reason: Reason) -> Box<Fault> {
        Box::new(Fault { column: None, value: String::new(), reason })
    }
}

/// Makes a row what its layout says it is; of a wide file, for each store.
pub(super) fn rows<'a>(
    raw: &'a RawRow<'a>,
    layout: &'a Layout,
    options: &'a Options,
    mut each: impl FnMut(Row<'a>),
) {
    let optional = layout.optional_columns();
    if layout.stores.is_empty() {
        return each(Cells { raw, layout, options, optional, of: None }.row());
    }
    for store in &layout.stores {
        each(Cells { raw, layout, options, optional, of: Some(store) }.row());
    }
}

/// Where a layout has what a plain row says.
struct Plan<'a> {
    store: Option<usize>,
    scope: Option<&'a str>,
    item: usize,
    count: usize,
    reorder_point: Option<usize>,
    name: Option<usize>,
    decimal: Decimal,
    gtin: bool,
    /// No byte of the text is odd in a code.
    is_tidy: bool,
}

/// Hands over what the next rows of a block say, at most so many, as long as
/// they are as nearly all are: as many columns as the row before, counts of a
/// few digits, and nothing to warn of or to add up. It is what [`rows`] would
/// say of them, only sooner; gives back how many they were, and the sum of
/// their counts in hundred-thousandths.
#[inline(always)]
pub(super) fn plain(
    block: &mut Block<'_>,
    position: &mut Position,
    layout: &Layout,
    options: &Options,
    most: u64,
    each: &mut impl FnMut(&Row<'_>),
) -> (u64, i64) {
    let is_usual = layout.shape == Shape::Delimited && layout.stores.is_empty();
    if !is_usual || (layout.columns > 0 && block.width() > layout.columns) {
        return (0, 0);
    }
    let column = |column: &Option<Column>| column.as_ref().map(Column::index);
    let plan = Plan {
        store: column(&layout.store),
        scope: options.store.as_ref().map(Store::as_str),
        item: layout.item.index(),
        count: layout.count.index(),
        reorder_point: column(&layout.reorder_point),
        name: column(&layout.name),
        decimal: layout.decimal,
        gtin: layout.gtin,
        is_tidy: block.is_tidy(),
    };
    // The same record for all, written over: nothing in it has to be freed.
    let mut row = Row::Record(Record {
        store: Cow::Borrowed(plan.scope.unwrap_or_default()),
        item: Cow::Borrowed(""),
        quantity: Quantity::ZERO,
        reorder_point: None,
        name: None,
        position: *position,
        unsaid: Columns::default(),
        warnings: Vec::new(),
    });
    let (start, mut line, mut sum) = (position.byte - block.place() as u64, position.line, 0);
    for placed in block.alike(most) {
        let Row::Record(record) = &mut row else { break };
        if plan.read(&placed, record).is_none() {
            break;
        }
        record.position = Position { line, byte: start + placed.start() as u64 };
        sum += record.quantity.scaled();
        line += 1;
        each(&row);
    }
    let read = line - position.line;
    block.pass(read);
    *position = Position { line, byte: start + block.place() as u64 };
    (read, sum)
}

impl<'a> Plan<'a> {
    #[inline(always)]
    fn read(&self, row: &Placed<'a>, record: &mut Record<'a>) -> Option<()> {
        record.quantity = match row.whole(self.count) {
            Some(quantity) => quantity,
            None => number::usual(row.trimmed(self.count)?, self.decimal)?,
        };
        if let Some(column) = self.store {
            let store = self.key(row, column, Role::Store, Store::MAX_BYTES)?;
            if self.scope.is_some_and(|scope| scope != store) {
                return None;
            }
            record.store = Cow::Borrowed(store);
        }
        let item = self.key(row, self.item, Role::Item, Item::MAX_BYTES)?;
        if is_total(item) || self.gtin && !is_gtin(item) {
            return None;
        }
        record.item = Cow::Borrowed(item);
        if let Some(column) = self.reorder_point {
            record.reorder_point = match row.trimmed(column)? {
                "" => None,
                point => Some(number::usual(point, self.decimal)?),
            };
        }
        if let Some(column) = self.name {
            let name = row.trimmed(column).filter(|name| self.is_tidy || !is_damaged(name))?;
            record.name = (!name.is_empty()).then_some(Cow::Borrowed(name));
        }
        Some(())
    }

    /// A text that can be a key, and has nothing odd about it.
    #[inline(always)]
    fn key(&self, row: &Placed<'a>, column: usize, role: Role, most: usize) -> Option<&'a str> {
        let key = row.trimmed(column)?;
        let fits = (1..=most).contains(&key.len()) && !key.starts_with('#');
        (fits && (self.is_tidy || is_usual(key, role, most))).then_some(key)
    }
}

/// Whether a key has nothing odd about it; a store's name may have letters of
/// any alphabet.
#[cold]
fn is_usual(key: &str, role: Role, most: usize) -> bool {
    let is_store = role == Role::Store;
    !key.bytes().any(is_odd) || is_store && KeyError::check(key, role.name(), most).is_ok()
}

/// Every odd code has one of these, and every text with a character that
/// nobody sees.
#[inline]
pub(super) fn is_odd(byte: u8) -> bool {
    matches!(byte, b'\'' | b'=' | b'+') || !matches!(byte, b' '..=b'~')
}

struct Cells<'a> {
    raw: &'a RawRow<'a>,
    layout: &'a Layout,
    options: &'a Options,
    optional: Columns,
    /// The store whose columns are read, if each has its own.
    of: Option<&'a StoreColumns>,
}

impl<'a> Cells<'a> {
    fn row(&self) -> Row<'a> {
        match self.read() {
            Ok(row) => row,
            Err(fault) => Row::Reject(self.reject(*fault)),
        }
    }

    fn read(&self) -> Result<Row<'a>, Box<Fault>> {
        self.check_shape()?;
        let store = self.store()?;
        let count = self.count_text();
        if count.as_ref().is_ok_and(|count| self.is_skipped(count)) {
            let item = self.item(&mut Vec::new()).ok();
            let (column, value) = (self.count_column().column, count.unwrap_or_default());
            return Ok(Row::Skipped(Skip { store, item, position: self.raw.position, column, value }));
        }
        let mut warnings = Vec::new();
        let item = self.item(&mut warnings)?;
        let quantity = self.count(&count?)?;
        let reorder_point = self.reorder_point(&mut warnings);
        let name = self.name(&mut warnings)?;
        Ok(Row::Record(Record {
            store,
            item,
            quantity,
            unsaid: self
                .optional
                .without(Columns { reorder_point: reorder_point.is_some(), name: name.is_some() }),
            reorder_point: reorder_point.flatten(),
            name: name.flatten(),
            position: self.raw.position,
            warnings,
        }))
    }

    fn check_shape(&self) -> Result<(), Box<Fault>> {
        let limits = &self.options.limits;
        match self.raw.flaw {
            Some(Flaw::RowTooLong) => return Err(Fault::of_row(Reason::RowTooLong(limits.row_bytes))),
            Some(Flaw::TooManyColumns) => return Err(Fault::of_row(Reason::TooManyColumns(limits.columns))),
            Some(Flaw::Broken(what)) => return Err(Fault::of_row(Reason::Broken(what))),
            None => {}
        }
        if self.raw.raw.len() > limits.field_bytes {
            self.check_field_lengths()?;
        }
        if memchr2(b'\n', b'\r', self.raw.raw).is_some() {
            self.check_quotes()?;
        }
        let columns = self.layout.columns;
        let extra = (columns..self.raw.len())
            .find(|&column| columns > 0 && self.raw.field(column).is_some_and(|field| !is_blank(field)));
        match extra {
            None => Ok(()),
            Some(column) => Err(self.fault(column, Reason::ExtraFields { fields: self.raw.len(), columns })),
        }
    }

    /// Refuses a row with a quote that opens on one line and closes on another
    /// where a text goes on: it was the opening one of another field.
    fn check_quotes(&self) -> Result<(), Box<Fault>> {
        let delimiter = self.layout.delimiter.and_then(|mark| u8::try_from(mark).ok()).unwrap_or(b',');
        let is_quoted = self.layout.shape == Shape::Delimited && self.layout.quoted != Quoting::None;
        match stray_quote(self.raw.raw, delimiter).filter(|_| is_quoted) {
            Some(lines) => Err(Fault::of_row(Reason::StrayQuote { lines })),
            None => Ok(()),
        }
    }

    fn check_field_lengths(&self) -> Result<(), Box<Fault>> {
        let most = self.options.limits.field_bytes;
        match self.raw.fields().position(|field| field.len() > most) {
            None => Ok(()),
            Some(column) => {
                let reason = Reason::FieldTooLong(most);
                Err(Box::new(Fault { column: Some(column + 1), value: String::new(), reason }))
            }
        }
    }

    fn store(&self) -> Result<Cow<'a, str>, Box<Fault>> {
        let (store, column) = match (self.of, &self.layout.store) {
            (Some(of), _) => (Cow::Borrowed(&*of.store), of.count.index()),
            (None, Some(column)) => (self.text(column, Role::Store)?, column.index()),
            (None, None) => return Ok(Cow::Borrowed(self.scope().map_or("", Store::as_str))),
        };
        let fault = |reason| self.fault(column, reason);
        if self.of.is_none() && is_failed_formula(&store) {
            return Err(fault(Reason::Formula(Role::Store.name())));
        }
        KeyError::check(&store, Role::Store.name(), Store::MAX_BYTES).map_err(|e| fault(Reason::Key(e)))?;
        match self.scope() {
            Some(scope) if *scope.as_str() != *store => Err(fault(Reason::ForeignStore(scope.clone()))),
            _ => Ok(store),
        }
    }

    fn item(&self, warnings: &mut Vec<Warning>) -> Result<Cow<'a, str>, Box<Fault>> {
        let column = &self.layout.item;
        let text = self.text(column, Role::Item)?;
        if is_failed_formula(&text) {
            return Err(self.fault(column.index(), Reason::Formula(Role::Item.name())));
        }
        let item = match text {
            Cow::Borrowed(text) => Cow::Borrowed(without_mark(text)),
            Cow::Owned(text) => Cow::Owned(without_mark(&text).to_owned()),
        };
        let oddity = self.oddity(&item, column);
        warnings.extend(oddity.map(|reason| self.warning(column, reason)));
        KeyError::check(&item, Role::Item.name(), Item::MAX_BYTES)
            .map_err(|error| self.fault(column.index(), Reason::Key(error)))?;
        Ok(item)
    }

    fn oddity(&self, item: &str, column: &Column) -> Option<Oddity> {
        let field = self.raw.field(column.index()).unwrap_or_default();
        let may_be = |byte: &u8| matches!(byte, b'E' | b'e' | b'\'' | b'=') || !byte.is_ascii();
        let may_be_date = field.get(4) == Some(&b'-');
        if !self.layout.gtin && !may_be_date && !field.iter().any(may_be) {
            return None;
        }
        if is_damaged(item) {
            return Some(Oddity::Replaced);
        }
        if self.layout.shape == Shape::Workbook && is_date(item) {
            return Some(Oddity::Date);
        }
        if is_rounded(item) {
            return Some(Oddity::Rounded);
        }
        if self.layout.gtin && has_gtin_length(item) && !is_gtin(item) {
            return Some(Oddity::CheckDigit);
        }
        let taken_off = field.iter().any(|byte| matches!(byte, b'\'' | b'=')) && lossy(field).trim() != item;
        taken_off.then_some(Oddity::TextMark)
    }

    fn warning(&self, column: &Column, reason: Oddity) -> Warning {
        let value = lossy(self.raw.field(column.index()).unwrap_or_default());
        Warning { position: self.raw.position, column: column.column, value, reason }
    }

    fn count_column(&self) -> &'a Column {
        self.of.map_or(&self.layout.count, |of| &of.count)
    }

    /// The count as it is written; blank where a row of a wide file ends
    /// early.
    fn count_text(&self) -> Result<Cow<'a, str>, Box<Fault>> {
        let column = self.count_column();
        if self.of.is_some() && column.index() >= self.raw.len() {
            return Ok(Cow::Borrowed(""));
        }
        self.text(column, Role::Count)
    }

    fn is_skipped(&self, count: &str) -> bool {
        match self.layout.blank {
            Blank::Skip if count.is_empty() => true,
            _ => count.starts_with(|c: char| !c.is_ascii_digit()) && is_untracked(count),
        }
    }

    fn count(&self, text: &str) -> Result<Quantity, Box<Fault>> {
        let column = self.count_column();
        if is_dash(text) {
            return Err(self.fault(column.index(), Reason::Dash));
        }
        if is_failed_formula(text) {
            return Err(self.fault(column.index(), Reason::Formula(Role::Count.name())));
        }
        let blank = || self.fault(column.index(), Reason::BlankCount);
        self.quantity(text, column, Role::Count)?.ok_or_else(blank)
    }

    /// The reorder point, if the row says anything of it. One that cannot be
    /// read is no reason to lose the count.
    fn reorder_point(&self, warnings: &mut Vec<Warning>) -> Option<Option<Quantity>> {
        let of_store = self.of.and_then(|of| of.reorder_point.as_ref());
        let column = of_store.or(self.layout.reorder_point.as_ref());
        let column = column.filter(|column| column.index() < self.raw.len())?;
        let text = self.text(column, Role::ReorderPoint).ok()?;
        match self.quantity(&text, column, Role::ReorderPoint) {
            Ok(point) => Some(point),
            Err(_) => {
                warnings.push(self.warning(column, Oddity::ReorderPoint));
                None
            }
        }
    }

    /// The name, if the row says anything of it.
    fn name(&self, warnings: &mut Vec<Warning>) -> Result<Option<Option<Cow<'a, str>>>, Box<Fault>> {
        match &self.layout.name {
            Some(column) if column.index() < self.raw.len() => {
                let name = self.text(column, Role::Name)?;
                if is_damaged(&name) {
                    warnings.push(self.warning(column, Oddity::Replaced));
                }
                Ok(Some((!name.is_empty()).then_some(name)))
            }
            _ => Ok(None),
        }
    }

    /// The quantity in a column, unless it is blank.
    fn quantity(&self, text: &str, column: &Column, role: Role) -> Result<Option<Quantity>, Box<Fault>> {
        if text.is_empty() {
            return Ok(None);
        }
        let is_marked = || text.bytes().any(|byte| matches!(byte, b'.' | b','));
        let decimal = match self.layout.decimal {
            Decimal::Undecided if is_marked() => self.decide(text, column, role)?,
            Decimal::Undecided => Decimal::Point,
            decided => decided,
        };
        match self.parse(text, column, decimal) {
            Ok(quantity) => Ok(Some(quantity)),
            Err(error) => {
                let reason = Reason::Quantity { column: role.name(), error };
                Err(self.fault(column.index(), reason))
            }
        }
    }

    /// What the mark of a number is by the number alone.
    fn decide(&self, text: &str, column: &Column, role: Role) -> Result<Decimal, Box<Fault>> {
        if self.raw.is_json_number(column.index()) {
            return Ok(Decimal::Point);
        }
        let (decimal, other) = match number::vote(text) {
            Vote::PointOrGroup => (Decimal::Point, Decimal::Comma),
            Vote::CommaOrGroup => (Decimal::Comma, Decimal::Point),
            Vote::Comma => return Ok(Decimal::Comma),
            Vote::Point | Vote::Whole | Vote::None => return Ok(Decimal::Point),
        };
        match (number::parse(text, decimal), number::parse(text, other)) {
            (Ok(fraction), Ok(thousands)) => {
                let reason = Reason::AmbiguousMark { column: role.name(), fraction, thousands };
                Err(self.fault(column.index(), reason))
            }
            _ => Ok(decimal),
        }
    }

    fn parse(&self, text: &str, column: &Column, decimal: Decimal) -> Result<Quantity, QuantityError> {
        match self.layout.shape {
            Shape::JsonLines if self.raw.is_json_number(column.index()) => {
                number::parse_ungrouped(text, false)
            }
            Shape::X12 => number::parse_ungrouped(text, false),
            Shape::Edifact => number::parse_ungrouped(text, true),
            _ => number::parse(text, decimal),
        }
    }

    fn text(&self, column: &Column, role: Role) -> Result<Cow<'a, str>, Box<Fault>> {
        match self.raw.text(column.index()) {
            Some(Ok(text)) => Ok(Cow::Borrowed(trimmed(text))),
            Some(Err(_)) => {
                let field = self.raw.field(column.index()).unwrap_or_default();
                Ok(Cow::Owned(lossy(field).trim().to_owned()))
            }
            None => {
                let reason = Reason::Missing { column: role.name(), fields: self.raw.len() };
                Err(self.fault(column.index(), reason))
            }
        }
    }

    #[cold]
    fn fault(&self, column: usize, reason: Reason) -> Box<Fault> {
        let value = lossy(self.raw.field(column).unwrap_or_default());
        Box::new(Fault { column: Some(column + 1), value, reason })
    }

    #[cold]
    fn reject(&self, fault: Fault) -> Reject {
        let store = match &fault.reason {
            // A row with a comma too many may have any text in the store's
            // column.
            Reason::ExtraFields { .. } if self.of.is_none() => self.scope().cloned(),
            _ => self.scope().cloned().or_else(|| Some(Store::checked(self.store().ok()?))),
        };
        let item = match &fault.reason {
            Reason::ExtraFields { .. } | Reason::Broken(_) => None,
            _ => self.item(&mut Vec::new()).ok().map(Item::checked),
        };
        Reject {
            position: self.raw.position,
            column: fault.column,
            value: fault.value,
            raw: lossy(self.raw.raw),
            reason: fault.reason,
            store,
            item,
        }
    }

    fn scope(&self) -> Option<&'a Store> {
        self.options.store.as_ref()
    }
}

/// The text without the space around it, of which there is mostly none.
#[inline]
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// A code without the marks `'0805` and `="0805"`, which tell a spreadsheet
/// that it is text.
fn without_mark(code: &str) -> &str {
    let is_code = |code: &str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    let marked = match code.as_bytes() {
        [b'\'', ..] => code.strip_prefix('\''),
        [b'=', b'"', ..] => code.strip_prefix("=\"").and_then(|code| code.strip_suffix('"')),
        _ => None,
    };
    marked.filter(|code| is_code(code)).unwrap_or(code)
}

/// A number such as 6.93217E+12.
fn is_rounded(code: &str) -> bool {
    let Some((digits, exponent)) = code.split_once(['E', 'e']) else { return false };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = match digits.split_once(['.', ',']) {
        Some((whole, fraction)) => whole.len() == 1 && all_digits(whole) && all_digits(fraction),
        None => digits.len() == 1 && all_digits(digits),
    };
    mantissa && exponent.strip_prefix('+').is_some_and(all_digits)
}

/// A day such as 2026-11-03.
fn is_date(code: &str) -> bool {
    let mark = |at: usize, byte: u8| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    code.len() == 10 && code.bytes().enumerate().all(|(at, byte)| mark(at, byte))
}

/// What a spreadsheet shows where a formula has no value.
fn is_failed_formula(text: &str) -> bool {
    const ERRORS: [&str; 9] =
        ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"];
    text.starts_with('#') && ERRORS.contains(&text)
}

/// How many line breaks a quoted field of a row has, if a quote closes it that
/// no delimiter follows.
fn stray_quote(row: &[u8], delimiter: u8) -> Option<usize> {
    let mut rest = row;
    loop {
        let field = without_space(rest, delimiter);
        if let Some(quoted) = field.strip_prefix(b"\"") {
            let (inside, after) = split_quoted(quoted)?;
            let breaks = inside.iter().filter(|byte| **byte == b'\n').count();
            let goes_on = without_space(after, delimiter).first().is_some_and(|next| *next != delimiter);
            if goes_on && breaks > 0 {
                return Some(breaks);
            }
            rest = after;
        }
        rest = rest.get(memchr(delimiter, rest)? + 1..)?;
    }
}

/// A text without the white space that it starts with, of which a delimiter is
/// none.
fn without_space(text: &[u8], delimiter: u8) -> &[u8] {
    let is_space = |byte: &u8| byte.is_ascii_whitespace() && *byte != delimiter;
    let start = text.iter().position(|byte| !is_space(byte));
    start.and_then(|start| text.get(start..)).unwrap_or_default()
}

/// What comes before the quote that closes a field, and after it.
fn split_quoted(quoted: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    loop {
        at += memchr(b'"', quoted.get(at..)?)?;
        let after = quoted.get(at + 1..)?;
        if after.first() != Some(&b'"') {
            return Some((quoted.get(..at)?, after));
        }
        at += 2;
    }
}

fn is_damaged(text: &str) -> bool {
    !text.is_ascii() && text.contains('\u{fffd}')
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
