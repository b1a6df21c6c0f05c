//! What people are told of a receipt.

use unicode_width::UnicodeWidthStr;

use super::{News, UploadReceipt};
use crate::key::Store;
use crate::notices::plain::{self, ascii, isolated, one_line, shorten};
use crate::notices::sms;
use crate::notices::words::{Words, fill};
use crate::reader::Reject;

/// How many bad rows people are told at most.
const NAMED: usize = 10;
/// The most columns of a value, and of a reason.
const COLUMNS: [usize; 2] = [32, 160];

pub(super) fn subject(receipt: &UploadReceipt<'_>) -> String {
    let words = Words::of_subject(receipt.language);
    plain::subject(name(receipt), words.stock, &ascii(&headline(receipt, words)))
}

/// Names the file too if that fits.
pub(super) fn sms(receipt: &UploadReceipt<'_>) -> String {
    let words = Words::of(receipt.language);
    let headline = headline(receipt, words);
    let shown = |text: &str| isolated(one_line(text));
    let file = receipt.file.key.rsplit('/').next().unwrap_or_default();
    let (name, file) = match receipt.store {
        Some(store) => (store.as_str(), Some(file)),
        None => (file, None),
    };
    let short = format!("{}: {headline}", shown(name));
    let long = file.map(|file| format!("{short} ({})", shown(file)));
    let fitting = long.into_iter().chain([short]).find(|sms| sms::fits(sms));
    fitting.unwrap_or_else(|| sms::shortened(name, &headline))
}

/// The headline, the file, the counts as sums, and the first bad rows.
pub(super) fn text(receipt: &UploadReceipt<'_>) -> String {
    let words = Words::of(receipt.language);
    let name = isolated(one_line(name(receipt)));
    let mut text = format!("{name}: {}\n{}\n", headline(receipt, words), origin(receipt, words));
    for line in explanation(receipt, words) {
        text += &format!("{line}\n");
    }
    for sum in sums(receipt, words) {
        text += &format!("\n{sum}");
    }
    text += &rejects(receipt, words);
    if let Some(address) = receipt.dashboard {
        text += &format!("\n{}\n", fill(words.dashboard, &[&one_line(address)]));
    }
    text
}

/// Whom it is about: the store, or else the file.
fn name<'a>(receipt: &UploadReceipt<'a>) -> &'a str {
    receipt.store.map_or(receipt.file.key, Store::as_str)
}

/// What happened, in a few words.
fn headline(receipt: &UploadReceipt<'_>, words: &Words) -> String {
    let (comma, words) = (words.comma, &words.receipt);
    let rejected = receipt.counts.rejected;
    let rows = (rejected > 0).then(|| words.rows_rejected.of(rejected));
    let file = match receipt.news() {
        Some(News::Refused) => Some(words.refused),
        Some(News::Quarantined) => Some(words.quarantined),
        Some(News::Superseded) => Some(words.superseded),
        Some(News::Rejected) => None,
        None => Some(receipt.outcome.as_str()),
    };
    let parts: Vec<String> = file.map(str::to_owned).into_iter().chain(rows).collect();
    parts.join(comma)
}

fn origin(receipt: &UploadReceipt<'_>, words: &Words) -> String {
    let key = isolated(one_line(receipt.file.key));
    let time = receipt.counted_at().map(|time| time.strftime("%Y-%m-%d %H:%M UTC").to_string());
    fill(words.from, &[&key, time.as_deref().unwrap_or("?")])
}

/// Why nothing of the file counts, and what to do.
fn explanation(receipt: &UploadReceipt<'_>, words: &Words) -> Vec<String> {
    let words = &words.receipt;
    let reason = || shorten(&one_line(receipt.reason.unwrap_or("?")), 10 * COLUMNS[1]);
    match receipt.news() {
        Some(News::Refused) => vec![fill(words.refused_because, &[&reason()]), words.mend.to_owned()],
        Some(News::Quarantined) => {
            vec![fill(words.quarantined_because, &[&reason()]), words.confirm.to_owned()]
        }
        Some(News::Superseded) => vec![words.newer.to_owned()],
        Some(News::Rejected) | None => Vec::new(),
    }
}

/// Two sums, each a number a line; parts that are zero are left out.
fn sums(receipt: &UploadReceipt<'_>, words: &Words) -> Vec<String> {
    let (counts, words) = (&receipt.counts, &words.receipt);
    let (read, accepted) = ((counts.read(), words.read), (counts.accepted(), words.accepted));
    let rows = [accepted, (counts.rejected, words.rejected), (counts.skipped, words.skipped)];
    let levels = [
        (counts.written, words.written),
        (counts.unchanged, words.unchanged),
        (counts.superseded, words.superseded_items),
        (counts.held, words.held),
        (counts.duplicates, words.duplicates),
    ];
    let width = counts.read().to_string().len();
    let sums = [sum(read, &rows, width), sum(accepted, &levels, width)];
    sums.into_iter().filter(|sum| !sum.is_empty()).collect()
}

fn sum((total, name): (u64, &str), parts: &[(u64, &str)], width: usize) -> String {
    if total == 0 {
        return String::new();
    }
    let signs = std::iter::once('=').chain(std::iter::repeat('+'));
    let parts = parts.iter().filter(|(count, _)| *count > 0).zip(signs);
    let first = format!("    {total:>width$}  {name}\n");
    parts.fold(first, |sum, ((count, name), sign)| sum + &format!("  {sign} {count:>width$}  {name}\n"))
}

fn rejects(receipt: &UploadReceipt<'_>, words: &Words) -> String {
    let words = &words.receipt;
    let named = receipt.listed().iter().take(NAMED);
    let more = receipt.beyond(named.len());
    if receipt.counts.rejected == 0 {
        return String::new();
    }
    let mut text = format!("\n{}\n", words.heading);
    for reject in named {
        text += &reject_lines(reject, words.line, words.line_and_column);
    }
    if more > 0 {
        text += &format!("  {}\n", words.more_rows.of(more));
    }
    if let Some(table) = receipt.table {
        text += &format!("\n{}\n", fill(words.all_rejects, &[&one_line(&table.to_string())]));
    }
    text
}

/// Where and what, and below why.
fn reject_lines(reject: &Reject, line: &str, line_and_column: &str) -> String {
    let number = reject.position.line.to_string();
    let place = match reject.column {
        Some(column) => fill(line_and_column, &[&number, &column.to_string()]),
        None => fill(line, &[&number]),
    };
    let value = shorten(&one_line(&reject.value), COLUMNS[0]);
    let value = if value.width() > 0 { format!(": {}", isolated(value)) } else { String::new() };
    let reason = shorten(&one_line(&reject.reason.to_string()), COLUMNS[1]);
    format!("  {place}{value}\n    {reason}\n")
}
