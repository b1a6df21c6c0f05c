//! The same answers as the reader's, found slowly and obviously, on the csv
//! crate.

use std::collections::HashMap;

/// A quantity in hundred-thousandths.
pub(crate) type Scaled = i128;

/// What a file says of an item of a store, with the cells of the columns that
/// it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) store: String,
    pub(crate) item: String,
    pub(crate) quantity: Scaled,
    pub(crate) reorder_point: Option<Scaled>,
    pub(crate) name: Option<String>,
}

/// What a whole file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) records: Vec<Said>,
    pub(crate) rejects: usize,
    pub(crate) levels: HashMap<(String, String), Said>,
}

/// Reads a file that has a header with the columns it needs.
pub(crate) fn read(file: &[u8]) -> Answer {
    let mut rows = rows(file).into_iter();
    let header: Vec<String> = rows.next().unwrap().iter().map(|field| role(field)).collect();
    let mut answer = Answer::default();
    for row in rows {
        match said(&row, &header) {
            Some(said) => {
                let key = (said.store.clone(), said.item.clone());
                let mut level = said.clone();
                if let Some(before) = answer.levels.remove(&key) {
                    let keeps = |role| is_unsaid(&row, &header, role);
                    level.name = if keeps("name") { before.name } else { level.name };
                    let point =
                        if keeps("reorderpoint") { before.reorder_point } else { level.reorder_point };
                    level.reorder_point = point;
                }
                answer.levels.insert(key, level);
                answer.records.push(said);
            }
            None => answer.rejects += 1,
        }
    }
    answer
}

/// The rows that are not blank.
fn rows(file: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let rows = reader.byte_records().map(|row| row.unwrap().iter().map(<[u8]>::to_vec).collect());
    rows.filter(|row: &Vec<Vec<u8>>| row.iter().any(|field| !is_blank(field))).collect()
}

fn is_blank(field: &[u8]) -> bool {
    std::str::from_utf8(field).is_ok_and(|text| text.trim().is_empty())
}

fn role(field: &[u8]) -> String {
    let letters = String::from_utf8_lossy(field).to_lowercase().replace('ä', "a");
    letters.chars().filter(|c| !" _-".contains(*c)).collect()
}

fn said(row: &[Vec<u8>], header: &[String]) -> Option<Said> {
    if row.iter().skip(header.len()).any(|field| !is_blank(field)) {
        return None;
    }
    let cell = |role: &str| -> Option<Option<String>> {
        let column = header.iter().position(|name| name == role);
        match column.and_then(|column| row.get(column)) {
            Some(field) => Some(Some(String::from_utf8(field.clone()).ok()?.trim().to_owned())),
            None => Some(None),
        }
    };
    let filled = |role: &str| cell(role)?.filter(|text| !text.is_empty());
    Some(Said {
        store: filled("store").filter(|store| store.len() <= 2048 && is_visible(store))?,
        item: filled("item").filter(|item| item.len() <= 1024 && is_visible(item)).map(without_mark)?,
        quantity: decimal(&filled("count")?)?,
        reorder_point: match cell("reorderpoint")? {
            Some(text) => decimal(&text),
            None => None,
        },
        name: cell("name")?.filter(|name| !name.is_empty()),
    })
}

fn is_visible(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || c == '\u{feff}')
}

/// Whether a row ends before a column, or has no number where one belongs.
fn is_unsaid(row: &[Vec<u8>], header: &[String], role: &str) -> bool {
    let Some(column) = header.iter().position(|name| name == role) else { return true };
    let Some(field) = row.get(column) else { return true };
    let text = String::from_utf8_lossy(field);
    role == "reorderpoint" && !is_blank(field) && decimal(text.trim()).is_none()
}

/// A code without a spreadsheet's mark of a text.
fn without_mark(item: String) -> String {
    match item.strip_prefix('\'') {
        Some(code) if !code.is_empty() && code.chars().all(|digit| digit.is_ascii_digit()) => code.to_owned(),
        _ => item,
    }
}

/// A plain decimal with at most five digits after the point, if it fits.
pub(crate) fn decimal(text: &str) -> Option<Scaled> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = !(whole.is_empty() && fraction.is_empty())
        && whole.chars().chain(fraction.chars()).all(|digit| digit.is_ascii_digit())
        && fraction.len() <= 5;
    let magnitude: Scaled = plain.then(|| format!("0{whole}{fraction:0<5}").parse().ok())??;
    let scaled = if text.starts_with('-') { -magnitude } else { magnitude };
    (i64::MIN.into()..=i64::MAX.into()).contains(&scaled).then_some(scaled)
}
