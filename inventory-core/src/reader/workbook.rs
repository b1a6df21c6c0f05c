use std::io::{Cursor, Read, sink};

use calamine::{DataRef, Reader, SheetVisible, Style, Xlsx};

use super::Limits;
use super::refusal::{Refusal, RefusalKind};

/// An `.xlsx` workbook in memory, whose sheets are written as CSV text a row
/// at a time, each on the line of its number.
///
/// Before anything is parsed, every part of it was unpacked once to see that
/// it stays within the bound.
pub(super) struct Workbook {
    parts: Xlsx<Cursor<Vec<u8>>>,
    limits: Limits,
}

/// How many times its own limit a workbook may unpack to.
const EXPANSION: u64 = 4;
const PARTS: usize = 10_000;

/// Takes text; says whether there may be more.
pub(super) type Sink<'a> = dyn FnMut(&[u8]) -> Result<bool, Refusal> + 'a;

impl Workbook {
    pub(super) fn open(bytes: Vec<u8>, limits: Limits) -> Result<Workbook, Refusal> {
        let mut bytes = Cursor::new(bytes);
        check_size(&mut bytes, limits)?;
        let no_workbook =
            |_| Refusal::new(RefusalKind::Compressed("a zip archive and no .xlsx workbook that can be read"));
        let parts = Xlsx::new(bytes).map_err(no_workbook)?;
        Ok(Workbook { parts, limits })
    }

    /// The names of the sheets that people see, in their order.
    pub(super) fn sheets(&self) -> Vec<String> {
        let sheets = self.parts.sheets_metadata().iter();
        sheets
            .filter(|sheet| sheet.visible == SheetVisible::Visible)
            .map(|sheet| sheet.name.clone())
            .collect()
    }

    /// The first part of a sheet, and whether it is all of it.
    pub(super) fn look(&mut self, sheet: &str, enough: usize) -> Result<(Vec<u8>, bool), Refusal> {
        let (mut look, mut complete) = (Vec::new(), true);
        self.write(sheet, &mut |text| {
            look.extend_from_slice(text);
            complete = look.len() < enough;
            Ok(complete)
        })?;
        Ok((look, complete))
    }

    /// Writes a sheet, until there is no more or enough.
    pub(super) fn write(&mut self, sheet: &str, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let damaged = |_| Refusal::new(RefusalKind::Damaged("a workbook that is damaged"));
        let limits = self.limits;
        let mut cells = self.parts.worksheet_cells_reader(sheet).map_err(damaged)?;
        let mut text = Vec::new();
        let (mut row, mut column) = (0, 0);
        let widths: Vec<usize> = cells.styles().iter().map(shown_width).collect();
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(damaged)? {
            let (at_row, at_column) = cell.get_position();
            if at_row < row || (at_row == row && at_column < column) || at_row > 1 << 20 {
                return Err(Refusal::new(RefusalKind::Damaged("a workbook whose cells are out of order")));
            }
            if usize::try_from(at_column).is_ok_and(|column| column >= limits.columns) {
                return Err(Refusal::new(RefusalKind::HeaderTooLong));
            }
            while row < at_row {
                text.push(b'\n');
                (row, column) = (row + 1, 0);
                if text.len() > 1 << 16 && !sink(&std::mem::take(&mut text))? {
                    return Ok(());
                }
            }
            text.extend(std::iter::repeat_n(b',', usize::try_from(at_column - column).unwrap_or(0)));
            column = at_column;
            write_field(&mut text, cell.get_value(), widths.get(style).copied().unwrap_or(0));
        }
        text.push(b'\n');
        sink(&text).map(|_| ())
    }
}

/// Unpacks every part, to see how large they are whatever they say.
fn check_size(bytes: &mut Cursor<Vec<u8>>, limits: Limits) -> Result<(), Refusal> {
    let damaged = |_| Refusal::new(RefusalKind::Damaged("a zip archive that is damaged"));
    let most = (limits.workbook_bytes as u64).saturating_mul(EXPANSION);
    let mut archive = zip::ZipArchive::new(bytes).map_err(damaged)?;
    if archive.len() > PARTS {
        return Err(Refusal::new(RefusalKind::Expands(most)));
    }
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(damaged)?;
        let room = most - unpacked + 1;
        unpacked += std::io::copy(&mut part.take(room), &mut sink())
            .map_err(|_| Refusal::new(RefusalKind::Damaged("a zip archive that is damaged")))?;
        if unpacked > most {
            return Err(Refusal::new(RefusalKind::Expands(most)));
        }
    }
    Ok(())
}

/// How many digits a number is shown with, zeros before it included: 5 for the
/// format `00000`.
fn shown_width(style: &Style) -> usize {
    let code = style.number_format.as_ref().map_or("", |format| &format.format_code);
    if code.bytes().all(|byte| byte == b'0') { code.len().min(32) } else { 0 }
}

/// A line break in a cell becomes a space, so that lines are rows.
fn write_field(text: &mut Vec<u8>, value: &DataRef<'_>, width: usize) {
    let mut quoted = |value: &str| {
        text.push(b'"');
        for byte in value.bytes() {
            match byte {
                b'"' => text.extend_from_slice(b"\"\""),
                b'\r' | b'\n' => text.push(b' '),
                byte => text.push(byte),
            }
        }
        text.push(b'"');
    };
    match value {
        DataRef::Empty => {}
        DataRef::Error(error) => quoted(&error.to_string()),
        DataRef::Int(number) => text.extend_from_slice(format!("{number:0width$}").as_bytes()),
        DataRef::Float(number) => text.extend_from_slice(format!("{:0>width$}", plain(*number)).as_bytes()),
        DataRef::Bool(truth) => quoted(if *truth { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(time) if time.is_duration() => quoted(&format!("{} days", plain(time.as_f64()))),
        DataRef::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            quoted(&format!("{year:04}-{month:02}-{day:02}"));
        }
        DataRef::String(value) | DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => quoted(value),
        DataRef::SharedString(value) => quoted(value),
    }
}

/// A number as a spreadsheet shows it, with at most 15 digits: what a binary
/// fraction has beyond them was never typed.
fn plain(number: f64) -> String {
    let shown: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    shown.to_string()
}
