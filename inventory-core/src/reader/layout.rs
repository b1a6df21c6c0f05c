use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::refusal::{Refusal, RefusalKind};
use super::rows::RawRow;
use crate::levels::Columns;

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Store,
    Item,
    Count,
    ReorderPoint,
    Name,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Store => "store",
            Role::Item => "item",
            Role::Count => "count",
            Role::ReorderPoint => "reorder point",
            Role::Name => "name",
        }
    }
}

/// How a file was understood: where its header is and what its columns are
/// for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Layout {
    /// The line of the header, from 1.
    pub header_line: u64,
    /// What separates the fields of a row.
    pub delimiter: char,
    /// The column of the store's name; without one, the store is said beside
    /// the file.
    pub store: Option<Column>,
    /// The column of the item's code.
    pub item: Column,
    /// The column of the quantity.
    pub count: Column,
    /// The column of the reorder point.
    pub reorder_point: Option<Column>,
    /// The column of the item's name.
    pub name: Option<Column>,
    /// How many columns the header has.
    pub columns: usize,
}

/// One column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Column {
    /// Its number, from 1.
    pub column: usize,
    /// What the header calls it.
    pub header: String,
}

impl Column {
    pub(super) fn index(&self) -> usize {
        self.column - 1
    }
}

impl Layout {
    /// Reads the header. The store's column may be missing where the store is
    /// known already.
    pub(super) fn from_header(header: RawRow<'_>, store_is_known: bool) -> Result<Layout, Refusal> {
        if header.flaw.is_some() {
            return Err(Refusal::at(RefusalKind::HeaderTooLong, header.position));
        }
        let find = |role| find(header, role);
        let required = |role| find(role)?.ok_or_else(|| missing(header, role));
        Ok(Layout {
            header_line: header.position.line,
            delimiter: ',',
            item: required(Role::Item)?,
            count: required(Role::Count)?,
            store: if store_is_known { find(Role::Store)? } else { Some(required(Role::Store)?) },
            reorder_point: find(Role::ReorderPoint)?,
            name: find(Role::Name)?,
            columns: header.len(),
        })
    }

    /// Which of the optional columns the file has.
    pub fn optional_columns(&self) -> Columns {
        Columns { reorder_point: self.reorder_point.is_some(), name: self.name.is_some() }
    }
}

fn find(header: RawRow<'_>, role: Role) -> Result<Option<Column>, Refusal> {
    let wanted = normalize(role.name());
    let mut named = (1..)
        .zip(header.fields().map(String::from_utf8_lossy))
        .filter(|(_, field)| normalize(field) == wanted);
    let Some((column, field)) = named.next() else {
        return Ok(None);
    };
    if let Some((second, _)) = named.next() {
        let kind = RefusalKind::AmbiguousColumn { column: role.name(), found: [column, second] };
        return Err(Refusal::at(kind, header.position));
    }
    Ok(Some(Column { column, header: field.trim().to_owned() }))
}

/// A header's field without case, accents, and what stands between words.
fn normalize(field: &str) -> String {
    let letters =
        field.nfkd().filter(|&c| !is_combining_mark(c) && !c.is_whitespace() && c != '_' && c != '-');
    letters.flat_map(char::to_lowercase).collect()
}

fn missing(header: RawRow<'_>, role: Role) -> Refusal {
    const SHOWN: usize = 12;
    let mut fields: Vec<String> = header.fields().take(SHOWN).map(quote).collect();
    if header.len() > SHOWN {
        fields.push(format!("{} more", header.len() - SHOWN));
    }
    Refusal::missing(role, fields.join(", "), header.position)
}

fn quote(field: &[u8]) -> String {
    let field = String::from_utf8_lossy(field);
    format!("{:?}", field.trim().chars().take(40).collect::<String>())
}
