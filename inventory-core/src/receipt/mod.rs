//! What the uploader is told: counts that add up, and the rejected rows.

mod counts;
mod document;
mod message;
mod rejects;
mod table;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

pub use self::counts::Receipt;
use self::document::Document;
pub use self::rejects::Rejects;
use crate::key::Store;
use crate::notices::{Id, Severity, counted_at};
use crate::policy::Language;
use crate::reader::Reject;
use crate::version::Version;

/// What became of one upload in one store: what goes into the bucket of
/// receipts, and what the store is told if it has to know.
///
/// # Example
///
/// ```
/// use inventory_core::receipt::{File, Outcome, Rejects, UploadReceipt};
/// use inventory_core::{Receipt, Store, Version, read};
///
/// let file = read(b"store,item,count\nOslo,tea,4\nOslo,milk,=lots\n")?;
/// let mut rejects = Rejects::default();
/// file.rejects.into_iter().for_each(|reject| rejects.push(reject));
///
/// let oslo = Store::new("Oslo").unwrap();
/// let version = Version::new("2026-11-02T06:00:00Z".parse().unwrap(), "01");
/// let mut receipt = UploadReceipt::new(File { bucket: "uploads", key: "day.csv" }, &version, Outcome::Applied);
/// receipt.store = Some(&oslo);
/// receipt.counts = Receipt::of(file.levels.store("Oslo").unwrap());
/// receipt.counts.written = 1;
/// receipt.rejects = rejects.of(Some(&oslo));
///
/// assert!(receipt.is_news());
/// assert_eq!(receipt.subject(), "Oslo: 1 row rejected");
/// assert!(receipt.rejects_csv().contains("3,28,3,'=lots,"));
/// # Ok::<(), inventory_core::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadReceipt<'a> {
    /// The file.
    pub file: File<'a>,
    /// The upload's place among those of its stores.
    pub version: &'a Version,
    /// The store; none where nobody can tell: of rows without a readable
    /// store, and of a file that was refused before it named one. It is then
    /// told under the file's key.
    pub store: Option<&'a Store>,
    /// What was done with it.
    pub outcome: Outcome,
    /// Its counts.
    pub counts: Receipt,
    /// Why nothing of it counts.
    pub reason: Option<&'a str>,
    /// The newest of the uploads that said something else of some of its rows.
    pub superseded_by: Option<&'a Version>,
    /// Of a dry run, what would change.
    pub preview: Option<Preview>,
    /// Its first bad rows; the counts say how many there are.
    pub rejects: &'a [Reject],
    /// Where the table of its bad rows is kept.
    pub table: Option<File<'a>>,
    /// The language of its texts. Reasons are in English.
    pub language: Language,
    /// Where all of the stock can be seen.
    pub dashboard: Option<&'a str>,
}

/// Where a file is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct File<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// The key.
    pub key: &'a str,
}

/// The same as in messages.
impl fmt::Display for File<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// What would change, of a dry run or of a quarantined upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Preview {
    /// Levels that would differ.
    pub changes: u64,
    /// Items that would be out.
    pub sold_out: u64,
    /// Items that would be low.
    pub running_low: u64,
    /// Items that would be there again.
    pub back_in_stock: u64,
    /// Items of the store that there is any of now.
    pub stocked: u64,
    /// How many of those there would be none of.
    pub emptied: u64,
}

/// What was done with an upload in one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Something was written.
    Applied,
    /// All was as it says already.
    Unchanged,
    /// Newer uploads had said something else of every item.
    Superseded,
    /// It would empty so much of the store that somebody has to confirm it.
    Quarantined,
    /// It was not understood, and nothing of it counts.
    Refused,
    /// It was only asked what would change.
    DryRun,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 6] = [
        Outcome::Applied,
        Outcome::Unchanged,
        Outcome::Superseded,
        Outcome::Quarantined,
        Outcome::Refused,
        Outcome::DryRun,
    ];

    /// The outcome in a word, as tables and documents have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Applied => "applied",
            Outcome::Unchanged => "unchanged",
            Outcome::Superseded => "superseded",
            Outcome::Quarantined => "quarantined",
            Outcome::Refused => "refused",
            Outcome::DryRun => "dry-run",
        }
    }

    /// The outcome of a word.
    pub fn of_word(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What a receipt tells that its store has to know, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    Refused,
    Quarantined,
    Superseded,
    Rejected,
}

impl News {
    /// What an id says of it; it stays as it is, whatever receipts say.
    fn word(self) -> &'static str {
        match self {
            News::Refused => "refused",
            News::Quarantined => "quarantined",
            News::Superseded => "superseded",
            News::Rejected => "rejected",
        }
    }
}

impl<'a> UploadReceipt<'a> {
    /// The receipt of a file that has nothing else to say.
    pub fn new(file: File<'a>, version: &'a Version, outcome: Outcome) -> UploadReceipt<'a> {
        UploadReceipt {
            file,
            version,
            store: None,
            outcome,
            counts: Receipt::default(),
            reason: None,
            superseded_by: None,
            preview: None,
            rejects: &[],
            table: None,
            language: Language::default(),
            dashboard: None,
        }
    }

    /// Whether the store has to hear of it: the file was refused, quarantined
    /// or superseded, or some of its rows were rejected. Of a dry run, whoever
    /// asked reads the receipt.
    pub fn is_news(&self) -> bool {
        self.news().is_some()
    }

    fn news(&self) -> Option<News> {
        match self.outcome {
            Outcome::Refused => Some(News::Refused),
            Outcome::Quarantined => Some(News::Quarantined),
            Outcome::Superseded => Some(News::Superseded),
            Outcome::Applied | Outcome::Unchanged => (self.counts.rejected > 0).then_some(News::Rejected),
            Outcome::DryRun => None,
        }
    }

    /// What a subscription may filter by: "receipt", and what is told of it:
    /// "refused", "quarantined", "superseded" or "rejected".
    pub fn kinds(&self) -> Vec<&'static str> {
        std::iter::once("receipt").chain(self.news().map(News::word)).collect()
    }

    /// An id that is the same for the same upload, store and news, however
    /// often it is delivered: 32 hexadecimal digits.
    pub fn id(&self) -> String {
        let mut id = Id::default();
        id.add("receipt");
        id.add(self.store.map_or("", Store::as_str));
        id.add(self.file.bucket);
        id.add(self.file.key);
        id.add(self.version.as_str());
        id.add(self.news().map_or(self.outcome.as_str(), News::word));
        id.text()
    }

    /// How bad it is: critical if nothing of the file counts, a warning if
    /// some rows do not.
    pub fn severity(&self) -> Severity {
        match self.news() {
            Some(News::Refused | News::Quarantined) => Severity::Critical,
            Some(News::Rejected) => Severity::Warning,
            Some(News::Superseded) if self.counts.rejected > 0 => Severity::Warning,
            Some(News::Superseded) | None => Severity::Info,
        }
    }

    /// One line of at most 100 printable ASCII characters, as SNS allows an
    /// e-mail's subject. Japanese ones are in English.
    pub fn subject(&self) -> String {
        message::subject(self)
    }

    /// The text of an e-mail: plain, and narrow enough for a telephone. Has the
    /// counts as sums, and the first ten bad rows.
    pub fn text(&self) -> String {
        message::text(self)
    }

    /// One part of a text message: at most 160 characters of the GSM alphabet,
    /// or 70 if it needs any other.
    pub fn sms(&self) -> String {
        message::sms(self)
    }

    /// What programs are told, and what is kept: to be written as JSON, a
    /// document of the `schemas/receipt-v1.schema.json` of this crate. Lists
    /// the first 20 bad rows, and has 100 KB at most.
    pub fn document(&self) -> impl Serialize + '_ {
        Document::of(self)
    }

    /// The table of the bad rows, as CSV by RFC 4180 in UTF-8 with a byte order
    /// mark: of each its line, byte, column, value, reason, and the row as it is
    /// in the file. If some are left out, its last line says how many.
    ///
    /// It is safe to open in a spreadsheet: an apostrophe stands before
    /// whatever a spreadsheet would take for a formula, at the start of a cell
    /// and behind a semicolon, a tab or a line break, which may start a cell
    /// where numbers have a decimal comma.
    pub fn rejects_csv(&self) -> String {
        table::csv(self)
    }

    /// Its bad rows that are listed, never more than are counted.
    fn listed(&self) -> &'a [Reject] {
        let most = usize::try_from(self.counts.rejected).unwrap_or(usize::MAX);
        self.rejects.get(..most).unwrap_or(self.rejects)
    }

    /// How many bad rows there are beyond the first so many.
    fn beyond(&self, listed: usize) -> u64 {
        self.counts.rejected.saturating_sub(listed as u64)
    }

    fn counted_at(&self) -> Option<Timestamp> {
        counted_at(self.version)
    }
}
