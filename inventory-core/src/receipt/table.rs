//! The bad rows as CSV that a spreadsheet opens without harm.

use super::UploadReceipt;
use crate::reader::Reject;

/// What spreadsheets drop from the start of a cell, or start another with.
const BREAKS: [char; 3] = ['\t', '\r', '\n'];
/// What tells a spreadsheet that the text is UTF-8.
const MARK: char = '\u{feff}';
const HEADER: [&str; 6] = ["line", "byte", "column", "value", "reason", "row"];

pub(super) fn csv(receipt: &UploadReceipt<'_>) -> String {
    let listed = receipt.listed();
    let mut csv = String::from(MARK);
    push_line(&mut csv, HEADER);
    for reject in listed {
        push_reject(&mut csv, reject);
    }
    let more = receipt.beyond(listed.len());
    if more > 0 {
        push_line(&mut csv, ["", "", "", "", &format!("{more} more rejected rows are not listed here"), ""]);
    }
    csv
}

fn push_reject(csv: &mut String, reject: &Reject) {
    let Reject { position, column, value, raw, reason, .. } = reject;
    let (line, byte) = (position.line.to_string(), position.byte.to_string());
    let column = column.map(|column| column.to_string()).unwrap_or_default();
    push_line(csv, [&line, &byte, &column, value, &reason.to_string(), raw]);
}

fn push_line(csv: &mut String, cells: [&str; 6]) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            csv.push(',');
        }
        push_cell(csv, &harmless(cell));
    }
    csv.push_str("\r\n");
}

fn push_cell(csv: &mut String, cell: &str) {
    if cell.contains([',', '"', '\r', '\n', ';', '\t']) {
        csv.push('"');
        csv.push_str(&cell.replace('"', "\"\""));
        csv.push('"');
    } else {
        csv.push_str(cell);
    }
}

/// The text with an apostrophe before each part that would be a formula.
fn harmless(cell: &str) -> String {
    let mut harmless = String::with_capacity(cell.len());
    if cell.starts_with(BREAKS) && !is_formula(cell) {
        harmless.push('\'');
    }
    let mut rest = cell;
    loop {
        if is_formula(rest) {
            harmless.push('\'');
        }
        // Each of them is one byte.
        let end = rest.find(|c| c == ';' || BREAKS.contains(&c)).map_or(rest.len(), |end| end + 1);
        let (part, left) = rest.split_at(end);
        harmless.push_str(part);
        if left.is_empty() {
            return harmless;
        }
        rest = left;
    }
}

/// Whether a spreadsheet may take a text for a formula: one that starts as such
/// once quotes and white space are gone.
fn is_formula(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | MARK));
    start.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}
