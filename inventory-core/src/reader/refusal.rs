use std::fmt;

use super::layout::{Column, Confidence, Role};
use super::rows::Position;

/// Why a file was refused whole: nothing of it counts.
///
/// One sentence that says what was seen, where, and what to do; it does not
/// name the file, which the reader never hears of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    kind: RefusalKind,
    position: Option<Position>,
}

/// The kinds of [`Refusal`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalKind {
    /// There is no row in it, not even a header.
    Empty,
    /// There is nothing under its header.
    NoRows,
    /// It is something else than a list, such as a picture.
    OtherKind(&'static str),
    /// It is packed in a way that is not read here.
    Compressed(&'static str),
    /// Its compressed bytes are damaged, or end too early.
    Damaged(&'static str),
    /// It is no text.
    NotText,
    /// It becomes too large when it is unpacked.
    Expands(u64),
    /// It is a message that holds no stock levels.
    WrongMessage(&'static str),
    /// It is packed in another way than the layout says.
    #[non_exhaustive]
    OtherCompression {
        /// What the layout says.
        said: &'static str,
        /// What its first bytes say.
        found: &'static str,
    },
    /// Several of its sheets could be read, and one file is one.
    SeveralSheets(Vec<String>),
    /// It has no sheet that is called as the layout says.
    #[non_exhaustive]
    NoSheet {
        /// What the layout says.
        said: String,
        /// The sheets that it has.
        sheets: Vec<String>,
    },
    /// How to read it was not sure enough.
    #[non_exhaustive]
    Unsure {
        /// How sure it was.
        confidence: Confidence,
        /// The weakest decision, and what it rests on.
        because: String,
    },
    /// The layout said for it does not say enough.
    IncompleteLayout(&'static str),
    /// The layout said for it names an encoding that nobody knows.
    UnknownEncoding(String),
    /// The header is not the one that the layout says.
    #[non_exhaustive]
    OtherHeader {
        /// The column that the layout says.
        wanted: Column,
        /// What the header has in its place.
        found: String,
    },
    /// The header names no column for something that every row needs.
    #[non_exhaustive]
    MissingColumn {
        /// The role that no column has: "store", "item" or "count".
        column: &'static str,
        /// The header's fields, shortened.
        header: String,
    },
    /// No row names the columns, and their values do not tell which one is
    /// something that every row needs.
    #[non_exhaustive]
    NoHeader {
        /// The role that no column has: "store", "item" or "count".
        column: &'static str,
        /// The first row's fields, shortened.
        row: String,
    },
    /// The header names two columns for one thing.
    #[non_exhaustive]
    AmbiguousColumn {
        /// The role that both columns have.
        column: &'static str,
        /// The two columns, from 1.
        found: [usize; 2],
    },
    /// Two columns could be one thing as well as each other, and say
    /// different things.
    #[non_exhaustive]
    RivalColumns {
        /// The role that both could have.
        column: &'static str,
        /// The two columns.
        found: [Column; 2],
    },
    /// So many rows name an item of a store again with another count that the
    /// last of them cannot be what the store holds.
    #[non_exhaustive]
    Repeats {
        /// How many of a hundred rows do.
        percent: usize,
        /// Two of them.
        example: String,
    },
    /// The header has too many columns or bytes.
    HeaderTooLong,
    /// A quote opens and the file ends before it closes.
    UnclosedQuote,
    /// It has more bytes than the limit.
    TooManyBytes(u64),
    /// It has more rows than the limit.
    TooManyRows(u64),
}

impl Refusal {
    pub(super) fn new(kind: RefusalKind) -> Refusal {
        Refusal { kind, position: None }
    }

    pub(super) fn at(kind: RefusalKind, position: Position) -> Refusal {
        Refusal { kind, position: Some(position) }
    }

    pub(super) fn missing(role: Role, header: String, position: Position) -> Refusal {
        Refusal::at(RefusalKind::MissingColumn { column: role.name(), header }, position)
    }

    /// What was wrong.
    pub fn kind(&self) -> &RefusalKind {
        &self.kind
    }

    /// The row at fault, if it is one row's.
    pub fn position(&self) -> Option<Position> {
        self.position
    }
}

const BESIDE: &str = ", or say the store beside the file (--store, or its key under stores/<store>/)";

/// The first of some names.
fn shown(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("{name:?}")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "line {}: ", position.line)?;
        }
        match &self.kind {
            RefusalKind::Empty => write!(f, "the file is empty; a header and a row for each item are needed"),
            RefusalKind::NoRows => {
                write!(
                    f,
                    "the file has no row under its header; if that is no mistake, there is nothing to upload"
                )
            }
            RefusalKind::OtherKind(what) => {
                write!(f, "the file is {what}; export the list as CSV or .xlsx and upload that")
            }
            RefusalKind::OtherCompression { said, found } => {
                write!(f, "the layout says that the file is {said}, and it is {found}; correct the layout")
            }
            RefusalKind::SeveralSheets(sheets) => write!(
                f,
                "the sheets {} could each be read, and one upload is one of them; say which in a layout \
                 (\"sheet\"), or upload each by itself",
                shown(sheets)
            ),
            RefusalKind::NoSheet { said, sheets } => {
                write!(f, "the layout says the sheet {said:?}, and there are {}; correct it", shown(sheets))
            }
            RefusalKind::Compressed(what) => write!(f, "the file is {what}; upload it as plain CSV text"),
            RefusalKind::Damaged(what) => write!(f, "the file is {what}; upload it again"),
            RefusalKind::NotText => write!(f, "the file is no text; upload it as CSV text"),
            RefusalKind::Expands(most) => {
                write!(f, "the file unpacks to more than {most} bytes; upload it as plain text, or split it")
            }
            RefusalKind::WrongMessage(what) => write!(f, "{what}"),
            RefusalKind::Unsure { confidence, because } => write!(
                f,
                "how to read the file is only {confidence} sure, and {} is needed: {because}; say it in a layout",
                Confidence::NEEDED
            ),
            RefusalKind::IncompleteLayout(what) => write!(f, "the layout does not say enough: {what}"),
            RefusalKind::UnknownEncoding(label) => {
                write!(f, "the layout's encoding {label:?} is not known; use a name such as \"utf-8\"")
            }
            RefusalKind::OtherHeader { wanted: Column { column: 0, header }, .. } => {
                write!(f, "the header has no column {header:?}, which the layout says; correct either")
            }
            RefusalKind::OtherHeader { wanted, found } => write!(
                f,
                "column {} is named {found:?} and not {:?}, as the layout says; correct either",
                wanted.column, wanted.header
            ),
            RefusalKind::MissingColumn { column, header } => {
                write!(f, "no column is named \"{column}\" among {header}; name it in the header")?;
                if *column == "store" {
                    write!(f, "{BESIDE}")?;
                }
                Ok(())
            }
            RefusalKind::NoHeader { column, row } => {
                write!(
                    f,
                    "no row names the columns, and the values ({row}, ...) do not tell which is the {column}; \
                     put a header above them, such as store,item,count, or number them in a layout"
                )?;
                if *column == "store" {
                    write!(f, "{BESIDE}")?;
                }
                Ok(())
            }
            RefusalKind::AmbiguousColumn { column, found: [first, second] } => {
                write!(f, "columns {first} and {second} are both named \"{column}\"; rename one")
            }
            RefusalKind::RivalColumns { column, found: [one, other] } => write!(
                f,
                "columns {} {:?} and {} {:?} could both be the {column}, and their values differ; \
                 say in a layout which it is: \"{column}\": {} or \"{column}\": {}",
                one.column, one.header, other.column, other.header, one.column, other.column
            ),
            RefusalKind::Repeats { percent, example } => write!(
                f,
                "{percent} % of the rows name an item of their store again with another count, such as {example}, \
                 as lots, places and days do; upload one row an item, or say in a layout which column has its code"
            ),
            RefusalKind::HeaderTooLong => {
                write!(f, "the header is longer than a row may be; is this CSV text?")
            }
            RefusalKind::UnclosedQuote => {
                write!(f, "a quote opens in this row and never closes; close it, or double it if it is text")
            }
            RefusalKind::TooManyBytes(most) => write!(f, "the file has more than {most} bytes; split it"),
            RefusalKind::TooManyRows(most) => write!(f, "the file has more than {most} rows; split it"),
        }
    }
}

impl std::error::Error for Refusal {}
