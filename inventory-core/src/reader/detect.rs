//! What the first part of a file says of the whole of it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::json::JsonLines;
use super::layout::{Alternative, Blank, Column, Confidence, Layout, Orientation, Quoting, Role, Shape};
use super::message;
use super::names::{self, EXACT, EXACT_AT_LEAST, WORDS};
use super::number::{self, Decimal, Vote};
use super::profile::{Profile, Profiles};
use super::refusal::{Refusal, RefusalKind};
use super::rows::{Dialect, Position, RawRow};
use super::sample::{Look, Sample};
use super::wide;
use super::{Limits, Options};

/// How many rows are looked at.
pub(super) const ROWS: usize = 1000;
/// How many rows tell which delimiter it is.
const ROWS_FOR_DIALECT: usize = 50;
/// Among how many rows a header is looked for.
const ROWS_FOR_HEADER: usize = 25;
/// How many rows tell whether items come again.
const ROWS_FOR_REPEATS: usize = 200;
/// The name of a store that no values belie has at least this.
const SURE_AT_LEAST: i32 = EXACT - 1;

/// Finds the layout of a file of lines with a delimiter.
pub(super) fn delimited(look: Look<'_>, options: &Options) -> Result<Layout, Refusal> {
    let (dialect, because) = dialect(look, options.limits);
    let sample = Sample::delimited(look, dialect, options.limits, ROWS);
    if sample.len() == 0 && !look.complete && !look.text.trim_ascii().is_empty() {
        return Err(Refusal::at(RefusalKind::HeaderTooLong, Position::first(look.byte)));
    }
    let said = (said_delimiter(look.text).is_some() && sample.len() > 0).then_some(0);
    let mut layout = Layout {
        delimiter: Some(char::from(dialect.delimiter)),
        quoted: dialect.quoting,
        shape: Shape::Delimited,
        ..Layout::default()
    };
    layout.because("delimiter", because);
    let layout = columns(&sample, said.map_or(0, |row| row + 1), layout, options)?;
    let last = sample.len().checked_sub(1).and_then(|row| sample.position(row));
    if look.complete && layout.header_line.is_some() && layout.header_line == last.map(|last| last.line) {
        return Err(Refusal::new(RefusalKind::NoRows));
    }
    Ok(layout)
}

/// Finds the layout of whatever text it is.
pub(super) fn any(look: Look<'_>, options: &Options) -> Result<Layout, Refusal> {
    if let Some(shape) = message::shape(look.text) {
        return message::layout(look, shape, options.store.is_some());
    }
    match look.text.trim_ascii_start() {
        [b'{', rest @ ..] if is_cut_object(rest) => Err(Refusal::new(RefusalKind::WrongMessage(
            "the file is JSON with an object over several lines; write each object on a line of its own",
        ))),
        [b'{', ..] => json_lines(look, options),
        [b'[', b'{' | b'\n' | b'\r' | b' ', ..] => Err(Refusal::new(RefusalKind::WrongMessage(
            "the file is a JSON array; write each object on a line of its own, without brackets and commas around",
        ))),
        _ => delimited(look, options),
    }
}

/// Whether an object goes on after its first line.
fn is_cut_object(rest: &[u8]) -> bool {
    let (line, below) = rest.split_at(memchr::memchr(b'\n', rest).unwrap_or(rest.len()));
    let line = line.trim_ascii_end();
    !below.trim_ascii().is_empty()
        && (line.is_empty() || line.ends_with(b",") || line.ends_with(b"[") || line.ends_with(b"{"))
}

/// Finds the layout of lines of JSON objects, whose keys are a header.
fn json_lines(look: Look<'_>, options: &Options) -> Result<Layout, Refusal> {
    let mut lines = JsonLines::learning(options.limits, look.byte);
    let mut rest = look.text;
    let mut rows = 0;
    while rows < ROWS && lines.next(&mut rest).is_some() {
        rows += 1;
    }
    if look.complete && rows < ROWS {
        lines.finish();
    }
    let keys = lines.keys().to_vec();
    let mut sample = Sample::default();
    let (text, mut ends) = (keys.concat(), Vec::new());
    keys.iter().for_each(|key| ends.push(ends.last().copied().unwrap_or(0) + key.len()));
    sample.push(RawRow {
        text: text.as_bytes(),
        ends: &ends,
        position: Position::first(look.byte),
        ..RawRow::default()
    });
    let mut lines = JsonLines::new(options.limits, look.byte, keys);
    let mut rest = look.text;
    while let Some(row) = lines.next(&mut rest).filter(|_| sample.len() <= ROWS) {
        sample.push(row);
    }
    if look.complete
        && let Some(row) = lines.finish()
    {
        sample.push(row);
    }
    let mut layout = Layout { shape: Shape::JsonLines, ..Layout::default() };
    layout.because("shape", "its lines are JSON objects, whose keys name the columns");
    let mut layout = understood(Finder::new(&sample, Some(0), 0, options, layout))?;
    layout.header_line = None;
    Ok(layout)
}

/// Finds what the columns of some rows are for.
fn columns(sample: &Sample, from: usize, layout: Layout, options: &Options) -> Result<Layout, Refusal> {
    if let Some(start) = sample.unclosed.filter(|_| sample.len() <= from) {
        return Err(Refusal::at(RefusalKind::UnclosedQuote, start));
    }
    let Some(first) = sample.position(from) else {
        return Err(Refusal::new(RefusalKind::Empty));
    };
    if sample.is_flawed(from) {
        return Err(Refusal::at(RefusalKind::HeaderTooLong, first));
    }
    let header = find_header(sample, from);
    understood(Finder::new(sample, header, from, options, layout))
}

/// What was found, if it is sure enough.
fn understood(finder: Finder<'_>) -> Result<Layout, Refusal> {
    let layout = finder.find()?;
    if layout.confidence < Confidence::NEEDED {
        let because = layout.evidence.iter().rev().find(|evidence| evidence.because.contains("values"));
        let because = because.map_or_else(String::new, |found| found.because.clone());
        return Err(Refusal::new(RefusalKind::Unsure { confidence: layout.confidence, because }));
    }
    Ok(layout)
}

/// The delimiter of a first line such as `sep=;`.
fn said_delimiter(text: &[u8]) -> Option<u8> {
    let line = text.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', mark] if mark.is_ascii() && *mark != b'"' => {
            Some(*mark)
        }
        _ => None,
    }
}

fn dialect(look: Look<'_>, limits: Limits) -> (Dialect, String) {
    const MARKS: [(u8, &str); 4] =
        [(b',', "a comma"), (b';', "a semicolon"), (b'\t', "a tab"), (b'|', "a vertical bar")];
    if let Some(delimiter) = said_delimiter(look.text) {
        let quoting = quoting(look.text, delimiter);
        return (Dialect { delimiter, quoting }, "the first line says which it is".to_owned());
    }
    let is_present = |(delimiter, _): &&(u8, &str)| memchr::memchr(*delimiter, look.text).is_some();
    let present: Vec<_> = MARKS.iter().filter(is_present).collect();
    let is_only = present.len() == 1;
    let scored = present.into_iter().map(|&(delimiter, name)| {
        let dialect = Dialect { delimiter, quoting: quoting(look.text, delimiter) };
        (fitness(look, dialect, limits, is_only), dialect, name)
    });
    // The first of equals: the comma.
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    match best {
        Some(((_, _, width), dialect, name)) if width > 1 => {
            (dialect, format!("{name} makes rows of {width} fields, and no other mark does so more evenly"))
        }
        _ => {
            let dialect = Dialect { delimiter: b',', quoting: quoting(look.text, b',') };
            (dialect, "no mark makes rows of several fields, so a comma is taken".to_owned())
        }
    }
}

/// How well a delimiter fits: how many names of columns it uncovers, unless it
/// is the only one, and how even the rows are that it makes.
fn fitness(look: Look<'_>, dialect: Dialect, limits: Limits, is_only: bool) -> (usize, usize, usize) {
    let sample = Sample::delimited(look, dialect, limits, ROWS_FOR_DIALECT);
    let width = sample.usual_width(ROWS_FOR_DIALECT);
    let rows = if is_only { 0 } else { sample.len().min(ROWS_FOR_HEADER) };
    let named = (0..rows).map(|row| hits(&sample, row)).max().unwrap_or(0);
    if width < 2 {
        return (if named > 2 { named } else { 0 }, 0, width.min(1));
    }
    let even = sample.of_width(width, ROWS_FOR_DIALECT) * 100 / sample.len().max(1);
    (named, even * width.min(4), width)
}

/// What quotes do where this is the delimiter.
fn quoting(text: &[u8], delimiter: u8) -> Quoting {
    let after_space = [delimiter, b' ', b'"'];
    let closes = [b'"', delimiter];
    let has = |needle: &[u8]| memchr::memmem::find(text, needle).is_some();
    if delimiter == b'\t' {
        // Tools that separate by tabs often know no quotes: then one opens
        // that none closes.
        let opens = memchr::memmem::find_iter(text, b"\t\"").count();
        let closed = memchr::memmem::find_iter(text, b"\"\t").count()
            + memchr::memmem::find_iter(text, b"\"\r").count()
            + memchr::memmem::find_iter(text, b"\"\n").count();
        if opens > closed {
            return Quoting::None;
        }
    }
    if has(&after_space) && (has(&closes) || has(b"\"\n") || has(b"\"\r")) {
        return Quoting::DoubleAfterSpaces;
    }
    Quoting::Double
}

/// How many things a row's cells name, as a header does; nothing if some of
/// them are numbers.
fn hits(sample: &Sample, row: usize) -> usize {
    let columns = sample.row(row).len().min(256);
    let filled = (0..columns).map(|column| sample.cell(row, column)).filter(|cell| !cell.is_empty());
    let (numbers, texts): (Vec<&str>, Vec<&str>) = filled.partition(|cell| number::is_number(cell));
    let (numbers, filled) = (numbers.len(), numbers.len() + texts.len());
    if numbers > 0 && numbers * 2 >= filled {
        return 0;
    }
    let mut found = Vec::new();
    let mut others = 0;
    for cell in texts.into_iter().filter(|cell| cell.len() <= 80) {
        for (role, score) in names::roles(cell) {
            others += usize::from(role == Role::Other && score >= EXACT_AT_LEAST);
            if role != Role::Other && !found.contains(&(role, score >= EXACT_AT_LEAST)) {
                found.push((role, score >= EXACT_AT_LEAST));
            }
        }
        others += usize::from(names::of_store(cell).is_some());
    }
    let exact = found.iter().filter(|(_, exact)| *exact).count();
    let enough = if numbers > 0 { exact >= 2 } else { filled >= 2 || columns < 2 };
    if enough { exact * 2 + (found.len() - exact) + others.min(3) } else { 0 }
}

/// The row that names the columns.
fn find_header(sample: &Sample, from: usize) -> Option<usize> {
    let rows = from..sample.len().min(from + ROWS_FOR_HEADER);
    let best = rows
        .map(|row| (hits(sample, row), row))
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    if let Some((hits, row)) = best
        && hits >= 2
    {
        return Some(row);
    }
    let width = sample.usual_width(ROWS);
    let first = (from..sample.len()).find(|row| sample.row(*row).len() >= width.max(1))?;
    let is_number = |row: usize, column: usize| number::is_number(sample.cell(row, column));
    let named = (0..width).all(|column| !is_number(first, column));
    let below = first + 1..sample.len();
    let counted = (0..width).any(|column| {
        !below.is_empty()
            && below.clone().all(|row| {
                is_number(row, column)
                    || sample.cell(row, column).is_empty()
                    || names::is_untracked(sample.cell(row, column))
                    || names::is_dash(sample.cell(row, column))
            })
            && below.clone().any(|row| is_number(row, column))
    });
    let distinct = (0..width.min(256)).all(|column| {
        let cell = sample.cell(first, column);
        cell.is_empty() || (0..column).all(|other| sample.cell(first, other) != cell)
    });
    (named && counted && distinct).then_some(first)
}

/// A column that was given a part, and how.
#[derive(Clone, Copy, Debug)]
struct Found {
    column: usize,
    score: i32,
}

/// Gives each column its part.
struct Finder<'a> {
    sample: &'a Sample,
    options: &'a Options,
    header: Option<usize>,
    /// The row that the data starts with.
    data: usize,
    names: Vec<&'a str>,
    roles: Vec<Vec<(Role, i32)>>,
    profiles: Profiles<'a>,
    layout: Layout,
    sure: Confidence,
}

impl<'a> Finder<'a> {
    fn new(
        sample: &'a Sample,
        header: Option<usize>,
        from: usize,
        options: &'a Options,
        layout: Layout,
    ) -> Self {
        let data = header.map_or(from, |row| row + 1);
        let width = header.map_or_else(|| sample.usual_width(ROWS), |row| sample.row(row).len());
        let names: Vec<&str> =
            (0..width).map(|column| header.map_or("", |row| sample.cell(row, column))).collect();
        let roles: Vec<Vec<(Role, i32)>> = names.iter().map(|name| names::roles(name)).collect();
        let may_be_bins = |(role, score): &(Role, i32)| {
            *role == Role::Store && (*score < SURE_AT_LEAST || options.store.is_some())
        };
        let may_be_bins = roles.iter().map(|roles: &Vec<(Role, i32)>| roles.iter().any(may_be_bins));
        let profiles = Profiles::new(sample, data, may_be_bins);
        Finder { sample, options, header, data, names, roles, profiles, layout, sure: Confidence::CERTAIN }
    }

    fn find(mut self) -> Result<Layout, Refusal> {
        self.tell_header();
        self.layout.columns = self.names.len();
        let mut taken = Vec::new();
        let store = self.best(Role::Store, &taken)?.filter(|found| !self.is_of_own_bins(found.column));
        let count =
            self.best(Role::Count, &taken)?.filter(|found| Some(found.column) != store.map(|s| s.column));
        let long = count.is_some_and(|found| found.score >= EXACT_AT_LEAST)
            && (store.is_some() || self.options.store.is_some());
        let own = store.is_none() && self.has_column_of_scope();
        if (own || !long) && self.find_wide(store.is_some(), count) {
            let all = self.layout.stores.iter();
            taken.extend(
                all.flat_map(|s| [Some(s.count.index()), s.reorder_point.as_ref().map(Column::index)])
                    .flatten(),
            );
        }
        let wide = self.layout.orientation == Orientation::Wide;
        taken.extend(store.filter(|_| !wide).map(|found| found.column));
        if let Some(count) = count.filter(|_| !wide) {
            self.check_rivals(count, &taken)?;
            taken.push(count.column);
        }
        let item = match self.best(Role::Item, &taken)? {
            Some(found) => Some(found),
            None => self.item_by_values(&taken),
        };
        let Some(item) = item else { return Err(self.missing(Role::Item)) };
        taken.push(item.column);
        let count = if wide { count } else { count.or_else(|| self.count_by_values(&taken)) };
        if !wide {
            let Some(found) = count else {
                // Without a header, nothing says that the codes are items.
                let guessed = self.header.is_none() && item.score == 0;
                return Err(self.missing(if guessed { Role::Item } else { Role::Count }));
            };
            taken.push(found.column);
            self.layout.count = self.column(found.column);
            self.tell(Role::Count, found);
        }
        let item = match self.code_beside(item, store.map(|found| found.column), &taken) {
            Some(code) => {
                taken.retain(|column| *column != item.column);
                taken.push(code.column);
                code
            }
            None => item,
        };
        self.layout.item = self.column(item.column);
        self.tell(Role::Item, item);
        if !wide {
            self.find_store(store, &mut taken)?;
        }
        self.check_repeats(item, &mut taken)?;
        self.find_optional(&mut taken)?;
        self.find_values();
        self.layout.confidence = self.sure;
        Ok(self.layout)
    }

    fn tell_header(&mut self) {
        let line = self.header.and_then(|row| self.sample.position(row)).map(|position| position.line);
        self.layout.header_line = line;
        let named = self.roles.iter().filter(|roles| !roles.is_empty()).count();
        let because = match line {
            None => {
                self.sure = self.sure.and(90);
                "no row names the columns, so what they are follows from their values".to_owned()
            }
            Some(line) if named > 0 => {
                format!("the names in line {line} are known for {named} of the columns")
            }
            Some(line) => {
                self.sure = self.sure.and(85);
                format!(
                    "line {line} has no numbers above columns of them, so by the values below it names them"
                )
            }
        };
        self.layout.because("header", because);
    }

    fn column(&self, index: usize) -> Column {
        Column::new(index, self.names.get(index).copied().unwrap_or_default())
    }

    /// The best column for a role by its name, where its values do not belie
    /// it.
    fn best(&mut self, role: Role, taken: &[usize]) -> Result<Option<Found>, Refusal> {
        let mut fits = self.fits(role, taken);
        fits.sort_by_key(|found| (-found.score, self.doubts(role, found.column), found.column));
        let Some(best) = fits.first().copied() else { return Ok(None) };
        let name = |found: &Found| names::compact(self.names.get(found.column).copied().unwrap_or_default());
        let twin = fits.get(1).filter(|second| name(second) == name(&best) && best.score - second.score < 50);
        if let Some(second) = twin
            && matches!(role, Role::Store | Role::Item | Role::Count)
            && self.differ(best.column, second.column)
        {
            let kind = RefusalKind::AmbiguousColumn {
                column: role.name(),
                found: [best.column + 1, second.column + 1],
            };
            let position = self.header.and_then(|row| self.sample.position(row)).unwrap_or_default();
            return Err(Refusal::at(kind, position));
        }
        if matches!(role, Role::Count | Role::Item | Role::Store) {
            let others: Vec<usize> = match role {
                Role::Store => self.other_stores(best.column),
                _ => fits.iter().skip(1).filter(|found| found.score >= WORDS).map(|f| f.column).collect(),
            };
            let alternative =
                |column| Alternative { role: role.name().to_owned(), column: self.column(column) };
            let others: Vec<Alternative> = others.into_iter().take(4).map(alternative).collect();
            self.layout.alternatives.retain(|known| known.role != role.name());
            self.layout.alternatives.extend(others);
        }
        Ok(Some(best))
    }

    /// Columns that are named as a store is, and are not its code beside its
    /// name.
    fn other_stores(&self, best: usize) -> Vec<usize> {
        let distinct = |column: usize| self.profiles.get(column).map_or(0, |profile| profile.distinct);
        let is_named = |column: &usize| {
            self.roles.get(*column).is_some_and(|roles| {
                roles.iter().any(|(role, score)| *role == Role::Store && *score >= EXACT_AT_LEAST)
            })
        };
        let all = 0..self.names.len();
        let others = all.filter(|column| *column != best).filter(is_named);
        others.filter(|column| ![0, distinct(best)].contains(&distinct(*column))).collect()
    }

    /// What makes one of two names with the same score the worse one: that it
    /// is longer than a known one, or could name something else.
    fn doubts(&self, role: Role, column: usize) -> (bool, bool) {
        let name = self.names.get(column).copied().unwrap_or_default();
        let roles = self.roles.get(column).map(Vec::as_slice).unwrap_or_default();
        (role == Role::Count && roles.len() > 1, role == Role::Count && !names::is_known(name))
    }

    fn is_name(&self, column: usize) -> bool {
        self.roles.get(column).is_some_and(|roles| roles.iter().any(|(role, _)| *role == Role::Name))
    }

    /// A column of codes beside the one of what items are called.
    fn code_beside(&self, item: Found, store: Option<usize>, taken: &[usize]) -> Option<Found> {
        let is_of_codes = |column| self.profiles.get(column).is_some_and(Profile::is_of_codes);
        if !self.is_name(item.column) || is_of_codes(item.column) {
            return None;
        }
        let score = |column: usize| {
            let (name, roles) = (self.names.get(column)?, self.roles.get(column)?);
            let of_item = roles.iter().find(|(role, _)| *role == Role::Item).map(|(_, score)| *score);
            let is_other = |(role, _): &(Role, i32)| matches!(role, Role::Store | Role::ReorderPoint);
            let by_name = names::is_of_codes(name) && !roles.iter().any(is_other);
            // A place or a lot stands behind what it is of.
            let is_before = column < item.column;
            let by_values = roles.is_empty() && is_before && !name.is_empty() && is_of_codes(column);
            if names::is_of_part(name) {
                return None;
            }
            of_item.or_else(|| by_name.then_some(100)).or_else(|| by_values.then_some(0))
        };
        let tells_apart = |column: usize| {
            self.profiles.get(column).is_some_and(|profile| {
                profile.filled == profile.rows
                    && profile.with_spaces * 10 < profile.filled
                    && !profile.is_row_number
            }) && self.repeats(store, column).again == 0
        };
        let free = (0..self.names.len()).filter(|column| !taken.contains(column) && !self.is_name(*column));
        let fits = free.filter_map(|column| Some(Found { column, score: score(column)? }));
        let fits = fits.filter(|found| tells_apart(found.column));
        fits.max_by_key(|found| (found.score, std::cmp::Reverse(found.column)))
    }

    /// Whether a column has places within the store whose file it is.
    fn is_of_own_bins(&self, column: usize) -> bool {
        self.options.store.is_some() && self.profiles.get(column).is_some_and(Profile::is_of_bins)
    }

    /// A column that tells rows apart that the item's does not, as a variant's
    /// code does those of one product.
    fn finer(&self, store: Option<usize>, taken: &[usize]) -> Option<Found> {
        // The number of a row tells all rows apart, and says nothing of items.
        let counts_rows = |column: usize| {
            let name = names::compact(self.names.get(column).copied().unwrap_or_default());
            name == "id" || self.profiles.get(column).is_some_and(|profile| profile.is_sequence)
        };
        let mut finer: Vec<Found> = self.fits(Role::Item, taken);
        finer.retain(|found| {
            let full = self.profiles.get(found.column).is_some_and(|p| p.filled * 10 >= p.rows * 9);
            full && !counts_rows(found.column)
                && !self.is_name(found.column)
                && self.repeats(store, found.column).again == 0
        });
        finer.into_iter().max_by_key(|found| found.score)
    }

    fn tell_finer(&mut self, item: Found, coarse: Found) {
        let column = self.column(coarse.column);
        let header = names::quoted(&column.header);
        self.layout.evidence.retain(|said| said.decision != Role::Item.name());
        self.layout.item = self.column(item.column);
        self.tell(Role::Item, item);
        self.layout.because(
            "item",
            format!(
                "column {} {header} names several rows of one store, so it is not the item",
                column.column
            ),
        );
        let (role, item) = (Role::Item.name(), self.layout.item.column);
        self.layout.alternatives.retain(|other| other.role != role || other.column.column != item);
        self.layout.alternatives.insert(0, Alternative { role: role.to_owned(), column });
    }

    /// How often rows name an item of a store that one before named, and with
    /// another count.
    fn repeats(&self, store: Option<usize>, item: usize) -> Repeats {
        let mut seen = HashMap::with_capacity_and_hasher(ROWS_FOR_REPEATS, RandomState::default());
        let count = self.layout.count.index();
        let mut repeats = Repeats::default();
        for row in (self.data..self.sample.len()).take(ROWS_FOR_REPEATS) {
            let cell = |column: Option<usize>| column.map_or("", |column| self.sample.cell(row, column));
            let named = cell(Some(item));
            if named.is_empty() {
                continue;
            }
            repeats.rows += 1;
            let count = cell(Some(count));
            let Some(before) = seen.insert((cell(store), named), count) else { continue };
            repeats.again += 1;
            if before != count {
                repeats.differing += 1;
                repeats.example.get_or_insert_with(|| {
                    let of = if store.is_some() { format!(" of {:?}", cell(store)) } else { String::new() };
                    (row, format!("{named:?}{of} with {before:?} and then {count:?}"))
                });
            }
        }
        repeats
    }

    /// Takes a finer column for an item that comes again; without one, its lots
    /// and bins are no counts of it by themselves.
    fn check_repeats(&mut self, item: Found, taken: &mut Vec<usize>) -> Result<(), Refusal> {
        const FEW: usize = 20;
        let store = self.layout.store.as_ref().map(Column::index);
        let repeats = self.repeats(store, item.column);
        if repeats.again >= 3
            && repeats.again * 10 >= repeats.rows
            && let Some(finer) = self.finer(store, taken)
        {
            self.tell_finer(finer, item);
            taken.push(finer.column);
            return Ok(());
        }
        let Some((row, example)) = repeats.example else { return Ok(()) };
        let Repeats { rows, again, differing, .. } = repeats;
        let percent = differing * 100 / rows.max(1);
        if rows >= FEW && again * 2 >= rows && percent >= 30 {
            let position = self.sample.position(row).unwrap_or_default();
            return Err(Refusal::at(RefusalKind::Repeats { percent, example }, position));
        }
        if differing >= 3 && percent >= 10 {
            self.layout.doubts.push(format!(
                "{percent} % of the rows looked at name an item of their store again with another count, \
                 of which the last is taken, such as {example}"
            ));
        }
        Ok(())
    }

    /// Refuses a count that another column could be as well, with other
    /// values.
    fn check_rivals(&self, count: Found, taken: &[usize]) -> Result<(), Refusal> {
        let name_score = |column: usize| {
            let roles = self.roles.get(column)?;
            roles.iter().find(|(role, _)| *role == Role::Count).map(|(_, score)| *score)
        };
        let standing = |column| (name_score(column), self.doubts(Role::Count, column));
        let counts = |column: usize| {
            self.profiles.get(column).is_some_and(|p| p.numbers > 0 && p.numbers * 2 >= p.filled)
        };
        let rival = self.fits(Role::Count, taken).into_iter().find(|found| {
            found.column != count.column
                && standing(found.column) == standing(count.column)
                && counts(found.column)
                && self.differ(count.column, found.column)
        });
        let Some(rival) = rival.filter(|_| name_score(count.column).is_some()) else { return Ok(()) };
        let (first, second) = (count.column.min(rival.column), count.column.max(rival.column));
        let found = [self.column(first), self.column(second)];
        let position = self.header.and_then(|row| self.sample.position(row)).unwrap_or_default();
        Err(Refusal::at(RefusalKind::RivalColumns { column: Role::Count.name(), found }, position))
    }

    fn differ(&self, one: usize, other: usize) -> bool {
        self.data >= self.sample.len()
            || (self.data..self.sample.len())
                .any(|row| self.sample.cell(row, one) != self.sample.cell(row, other))
    }

    fn fits(&self, role: Role, taken: &[usize]) -> Vec<Found> {
        let fits = self.roles.iter().enumerate().filter_map(|(column, roles)| {
            let (_, score) = roles.iter().find(|(known, _)| *known == role)?;
            let profile = self.profiles.get(column)?;
            // What is a name first of all is an item only if nothing else is.
            let is_name = role == Role::Item
                && roles.iter().any(|(known, score)| *known == Role::Name && *score > EXACT - 20);
            let score = score + belied(role, *score, profile) - if is_name { 150 } else { 0 };
            (score >= 250 && !taken.contains(&column)).then_some(Found { column, score })
        });
        fits.collect()
    }

    /// The one column whose values look like counts, if it is one.
    fn count_by_values(&self, taken: &[usize]) -> Option<Found> {
        let mut fits = self.unknown(taken).filter(|column| {
            self.profiles.get(*column).is_some_and(|profile| {
                profile.looks_like_counts()
                    && !profile.is_flag()
                    && profile.filled * 2 >= profile.rows
                    && profile.rows > 1
            })
        });
        let found = fits.next()?;
        fits.next().is_none().then_some(Found { column: found, score: 0 })
    }

    /// The column with the most different codes.
    fn item_by_values(&self, taken: &[usize]) -> Option<Found> {
        let fits = self.unknown(taken).filter_map(|column| {
            let profile = self.profiles.get(column)?;
            let nameless = self.names.get(column).is_some_and(|name| name.is_empty());
            let unique = profile.distinct * 10 >= profile.filled * 9;
            let shared = self.options.store.is_none() && profile.distinct * 3 >= profile.filled;
            let fits = profile.rows > 1 && profile.looks_like_codes() && (unique || shared);
            let codes = profile.with_spaces * 4 < profile.filled;
            fits.then_some(((nameless && self.header.is_some(), codes, profile.distinct), column))
        });
        // The last of equals: a store stands before its items.
        fits.max_by_key(|(fit, _)| *fit).map(|(_, column)| Found { column, score: 0 })
    }

    /// The columns whose names say nothing.
    fn unknown(&self, taken: &[usize]) -> impl Iterator<Item = usize> {
        let unknown = self
            .roles
            .iter()
            .enumerate()
            .filter(|(column, roles)| roles.is_empty() && !taken.contains(column));
        unknown.map(|(column, _)| column)
    }

    fn find_store(&mut self, named: Option<Found>, taken: &mut Vec<usize>) -> Result<(), Refusal> {
        let known = self.options.store.is_some();
        let found = match named {
            Some(found) => Some(found),
            None if known => None,
            None => self.store_by_values(taken),
        };
        match found {
            Some(found) => {
                taken.push(found.column);
                self.layout.store = Some(self.column(found.column));
                self.tell(Role::Store, found);
                Ok(())
            }
            None if known => {
                self.layout.because("store", "no column names it, so it is the one said beside the file");
                if let Some(other) = self.store_by_values(taken) {
                    self.layout.doubts.push(format!(
                        "column {} may name stores, and every row is taken for the one said beside the file",
                        other.column + 1
                    ));
                }
                Ok(())
            }
            None => Err(self.missing(Role::Store)),
        }
    }

    /// Without a header, the column with few different texts.
    fn store_by_values(&self, taken: &[usize]) -> Option<Found> {
        if self.header.is_some() {
            return None;
        }
        let mut fits = self.unknown(taken).filter(|column| {
            self.profiles.get(*column).is_some_and(|profile| {
                profile.filled == profile.rows
                    && profile.rows > 3
                    && profile.distinct * 2 <= profile.filled
                    && profile.is_mostly(profile.with_letters)
            })
        });
        let found = fits.next()?;
        fits.next().is_none().then_some(Found { column: found, score: 0 })
    }

    fn find_optional(&mut self, taken: &mut Vec<usize>) -> Result<(), Refusal> {
        if let Some(found) = self.best(Role::ReorderPoint, taken)? {
            taken.push(found.column);
            self.layout.reorder_point = Some(self.column(found.column));
            self.tell(Role::ReorderPoint, found);
        }
        if let Some(found) = self.best(Role::Name, taken)? {
            taken.push(found.column);
            self.layout.name = Some(self.column(found.column));
            self.tell(Role::Name, found);
        }
        Ok(())
    }

    /// Whether a column is named as the count of the only store that may
    /// write.
    fn has_column_of_scope(&self) -> bool {
        let Some(scope) = &self.options.store else { return false };
        self.names.iter().any(|name| wide::is_count_of(name, scope.as_str()))
    }

    fn find_wide(&mut self, has_store: bool, count: Option<Found>) -> bool {
        let columns = wide::Columns {
            names: &self.names,
            roles: &self.roles,
            profiles: &self.profiles,
            scope: self.options.store.as_ref().map(crate::key::Store::as_str),
            has_header: self.header.is_some(),
            has_store,
            has_count: count.is_some(),
            is_exact: count.is_some_and(|found| found.score >= EXACT_AT_LEAST),
        };
        let Some(found) = wide::find(&columns) else { return false };
        let Some(first) = found.stores.first() else { return false };
        self.layout.orientation = Orientation::Wide;
        self.layout.blank = Blank::Skip;
        self.layout.count = first.count.clone();
        if found.sure < 85 {
            let names: Vec<String> = found.stores.iter().take(4).map(|of| names::quoted(&of.store)).collect();
            self.layout.doubts.push(format!(
                "{} are taken for stores, by the values under them and their place alone",
                names.join(", ")
            ));
        }
        self.layout.stores = found.stores;
        self.sure = self.sure.and(found.sure);
        self.layout.because("orientation", found.because);
        true
    }

    /// Says why a column was given its part.
    fn tell(&mut self, role: Role, found: Found) {
        let column = self.column(found.column);
        let profile = self.profiles.get(found.column).copied().unwrap_or_default();
        let shown = if column.header.is_empty() {
            format!("column {}", column.column)
        } else {
            format!("column {} {}", column.column, names::quoted(&column.header))
        };
        let values = format!("{} of {} values looked at", profile.filled, profile.rows);
        let why = match (found.score, role) {
            (EXACT_AT_LEAST.., Role::Count) => {
                format!(
                    "its name is one for counts, and {} of {} values are numbers",
                    profile.numbers, profile.filled
                )
            }
            (EXACT_AT_LEAST.., _) => format!("its name is one for this, and it fills {values}"),
            (1.., _) => {
                self.sure =
                    self.sure.and(if matches!(role, Role::ReorderPoint | Role::Name) { 100 } else { 85 });
                format!("words of its name are, and its values do not belie it ({values})")
            }
            (_, Role::Count) => {
                self.sure = self.sure.and(if self.header.is_some() { 70 } else { 85 });
                if self.header.is_some() {
                    self.layout.doubts.push(format!("{shown} is taken for the count by its values alone"));
                }
                "it is the only one whose values look like counts".to_owned()
            }
            (_, Role::Item) => {
                self.sure = self.sure.and(85);
                format!(
                    "its values are the most different codes ({} of {})",
                    profile.distinct, profile.filled
                )
            }
            (_, _) => {
                self.sure = self.sure.and(85);
                format!("its values are few different texts ({} of {})", profile.distinct, profile.filled)
            }
        };
        let others = self.layout.alternatives.iter().filter(|other| other.role == role.name());
        let others: Vec<String> = others
            .map(|other| format!("column {} {}", other.column.column, names::quoted(&other.column.header)))
            .collect();
        let others = match others.len() {
            0 => String::new(),
            _ => format!("; {} could also be one", others.join(", ")),
        };
        self.layout.because(role.name(), format!("{shown}, because {why}{others}"));
    }

    /// What the values of the chosen columns say: marks, blanks, check digits.
    fn find_values(&mut self) {
        let counts = self.count_columns();
        let decimal = self.decimal(&counts);
        self.layout.decimal = decimal;
        self.find_blank(&counts);
        let item = self.profiles.get(self.layout.item.index()).copied().unwrap_or_default();
        let is_sized = item.sized > 3 && item.sized * 10 >= item.filled * 8;
        self.layout.gtin = is_sized && item.gtins * 10 >= item.sized * 8;
    }

    fn count_columns(&self) -> Vec<usize> {
        match self.layout.orientation {
            Orientation::Long => vec![self.layout.count.index()],
            Orientation::Wide => self.layout.stores.iter().map(|store| store.count.index()).collect(),
        }
    }

    fn find_blank(&mut self, counts: &[usize]) {
        const TRACKED: [&str; 10] = [
            "instock",
            "isinstock",
            "managestock",
            "manageinventory",
            "inventorytracked",
            "trackinventory",
            "variantinventorytracker",
            "trackquantity",
            "tracked",
            "hscode",
        ];
        if self.layout.blank == Blank::Skip {
            return;
        }
        let flagged = self.names.iter().any(|name| TRACKED.contains(&&*names::compact(name)));
        let profiles = counts.iter().filter_map(|column| self.profiles.get(*column));
        let (blank, untracked, rows) =
            profiles.fold((0, 0, 0), |(b, u, r), p| (b + p.blank(), u + p.untracked, r + p.rows));
        if flagged || untracked > 0 || (rows > 9 && blank > 2 && blank * 10 >= rows) {
            self.layout.blank = Blank::Skip;
            let why = match untracked {
                0 if flagged => {
                    "a column says which items are counted, so those of the others are blank".to_owned()
                }
                0 => format!("{blank} of {rows} are blank, so a blank one is an item that is not counted"),
                some => format!("{some} of {rows} say that the item is not counted, and so does a blank one"),
            };
            self.layout.because("blank counts", why);
        }
    }

    /// What all numbers of the counts say of their marks, and where they say
    /// nothing, what the reorder points say. Prices are written by others.
    fn decimal(&mut self, counts: &[usize]) -> Decimal {
        let mut votes = self.votes(counts);
        let mut what = "counts";
        if votes.say_nothing() {
            let points = self.votes(&self.reorder_points());
            if !points.say_nothing() {
                (votes, what) = (points, "reorder points");
            } else {
                votes.point_or_group = votes.point_or_group.or(points.point_or_group);
                votes.comma_or_group = votes.comma_or_group.or(points.comma_or_group);
            }
        }
        let (decimal, because) = match (votes.point, votes.comma) {
            (0, 0) => return self.decimal_by_pattern(&votes),
            (point, 0) => {
                (Decimal::Point, format!("{point} {what} have a decimal point, such as {}", votes.shown))
            }
            (0, comma) => {
                (Decimal::Comma, format!("{comma} {what} have a decimal comma, such as {}", votes.shown))
            }
            (point, comma) => {
                self.sure = self.sure.and(80);
                let because =
                    format!("by their values {point} {what} have a decimal point and {comma} a comma");
                (if comma > point { Decimal::Comma } else { Decimal::Point }, because)
            }
        };
        self.layout.because("decimal", because);
        decimal
    }

    fn votes(&self, columns: &[usize]) -> Votes {
        let mut votes = Votes::default();
        for row in self.data..self.sample.len() {
            let said = columns.iter().filter(|column| !self.sample.is_json_number(row, **column));
            said.for_each(|column| votes.take(self.sample.cell(row, *column)));
        }
        votes
    }

    fn reorder_points(&self) -> Vec<usize> {
        let of_stores = self.layout.stores.iter().filter_map(|store| store.reorder_point.as_ref());
        self.layout.reorder_point.iter().chain(of_stores).map(Column::index).collect()
    }

    /// What the pattern of marks says that could each be either: where no count
    /// goes without one, they have a fixed number of decimals; where only
    /// thousands have one, it stands between these.
    fn decimal_by_pattern(&mut self, votes: &Votes) -> Decimal {
        const MANY: usize = 5;
        let Votes { marked, plain, plain_thousands, .. } = *votes;
        let mark = self.layout.delimiter.unwrap_or(' ');
        let (fixed, grouped) = (plain == 0, plain > 0 && plain_thousands == 0);
        if votes.marked == 0 {
            return Decimal::Undecided;
        }
        let all: Vec<usize> = (0..self.names.len()).collect();
        let file = self.votes(&all);
        let comma_elsewhere = file.comma > file.point;
        let only_thousands = "only thousands have it, so it stands between these";
        let three_decimals = "no count goes without it, so all have three decimals";
        let (example, decided) = match (&votes.point_or_group, &votes.comma_or_group) {
            (None, None) => return Decimal::Undecided,
            (Some(point), None) if mark == ';' || comma_elsewhere => {
                let why = format!(
                    "{only_thousands}, as in other files with {}",
                    if mark == ';' { "semicolons" } else { "commas" }
                );
                (point, (mark == ';' && grouped).then_some((Decimal::Comma, why)))
            }
            (Some(point), None) if fixed && marked >= MANY => {
                (point, Some((Decimal::Point, three_decimals.to_owned())))
            }
            (Some(point), None) => {
                let is_free = mark == ',' && marked < MANY;
                let why = "the file has commas between its values, and so none in its numbers";
                (point, is_free.then(|| (Decimal::Point, why.to_owned())))
            }
            (None, Some(comma)) if mark == ';' => {
                let why = format!("{three_decimals}, as in other files with semicolons");
                (comma, (fixed && marked >= MANY).then_some((Decimal::Comma, why)))
            }
            (None, Some(comma)) if comma_elsewhere => (comma, None),
            (None, Some(comma)) if grouped => (comma, Some((Decimal::Point, only_thousands.to_owned()))),
            (None, Some(comma)) => {
                let few = mark == ',' && fixed && marked < MANY;
                (comma, few.then(|| (Decimal::Point, "counts are seldom fractions".to_owned())))
            }
            (Some(point), Some(_)) => (point, None),
        };
        let read =
            |decimal| number::parse(example, decimal).map_or_else(|_| String::new(), |read| read.to_string());
        let Some((decimal, why)) = decided else {
            let because = format!(
                "{example:?} may be {} or {}, so such counts are rejected",
                read(Decimal::Point),
                read(Decimal::Comma)
            );
            self.layout.doubt("decimal", because);
            return Decimal::Undecided;
        };
        self.sure = self.sure.and(85);
        self.layout.doubt("decimal", format!("{example:?} is read as {}, because {why}", read(decimal)));
        decimal
    }

    fn missing(&self, role: Role) -> Refusal {
        const SHOWN: usize = 12;
        let row = self.header.unwrap_or(self.data);
        let cells = self.sample.row(row).len();
        let shown =
            |column| format!("{:?}", self.sample.cell(row, column).chars().take(40).collect::<String>());
        let mut header: Vec<String> = (0..cells.min(SHOWN)).map(shown).collect();
        if cells > SHOWN {
            header.push(format!("{} more", cells - SHOWN));
        }
        let (header, position) = (header.join(", "), self.sample.position(row).unwrap_or_default());
        if self.header.is_some() {
            return Refusal::missing(role, header, position);
        }
        Refusal::at(RefusalKind::NoHeader { column: role.name(), row: header }, position)
    }
}

/// How much the values of a column speak against its name, or for it.
fn belied(role: Role, name: i32, profile: &Profile) -> i32 {
    let Profile { rows, filled, distinct, numbers, untracked, .. } = *profile;
    let exact = name >= SURE_AT_LEAST;
    let few = rows < 5;
    // Rows that end before the column say nothing of it.
    let present = rows - profile.missing;
    match role {
        Role::Count if rows == 0 => 0,
        Role::Count if filled == 0 => {
            if few {
                -100
            } else {
                -350
            }
        }
        Role::Count if profile.long_digits * 2 > filled => -700,
        Role::Count if (numbers + untracked) * 2 < filled => {
            if few {
                -50
            } else {
                -600
            }
        }
        Role::Count if name < EXACT_AT_LEAST && profile.is_flag() => -200,
        Role::Count if profile.cents * 10 > filled * 9 && !few => -60,
        Role::Count => 0,
        Role::Store if exact => 0,
        Role::Store if filled == 0 && rows > 0 => -1000,
        Role::Store if filled * 2 < present && !few => -700,
        Role::Store if profile.is_of_bins() && distinct * 2 > filled && rows >= 10 => -1000,
        Role::Store if profile.is_of_bins() => -700,
        // A shelf or an address; stores come again.
        Role::Store if distinct * 2 > filled && rows >= 10 => -400,
        Role::Store if name < EXACT_AT_LEAST && profile.is_mostly(numbers) => -400,
        Role::Store if distinct * 4 > filled && rows >= 8 => -100,
        Role::Item if filled == 0 && rows > 0 => {
            if few {
                -100
            } else {
                -900
            }
        }
        // Another code is better then, but not a name.
        Role::Item if filled * 2 < present && !few => -100,
        Role::Item if distinct * 5 < filled && rows >= 15 => -200,
        Role::ReorderPoint if filled > 0 && numbers * 2 < filled && !few => -700,
        _ => 0,
    }
}

/// How often rows name what others named.
#[derive(Default)]
struct Repeats {
    rows: usize,
    again: usize,
    differing: usize,
    /// One that differs, and its row.
    example: Option<(usize, String)>,
}

#[derive(Default)]
struct Votes {
    point: usize,
    comma: usize,
    /// Numbers with a mark that could be either.
    marked: usize,
    /// Numbers without one.
    plain: usize,
    /// Of these, thousands.
    plain_thousands: usize,
    shown: String,
    point_or_group: Option<String>,
    comma_or_group: Option<String>,
}

impl Votes {
    fn say_nothing(&self) -> bool {
        self.point == 0 && self.comma == 0
    }

    fn take(&mut self, cell: &str) {
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        if digits == cell.len() || !cell.bytes().any(|byte| matches!(byte, b'.' | b',')) {
            self.plain += usize::from(digits > 0);
            self.plain_thousands += usize::from(digits > 3);
            return;
        }
        let decides = match number::vote(cell) {
            Vote::Point => &mut self.point,
            Vote::Comma => &mut self.comma,
            Vote::PointOrGroup => {
                self.marked += 1;
                self.point_or_group.get_or_insert_with(|| cell.to_owned());
                return;
            }
            Vote::CommaOrGroup => {
                self.marked += 1;
                self.comma_or_group.get_or_insert_with(|| cell.to_owned());
                return;
            }
            Vote::None | Vote::Whole => return,
        };
        *decides += 1;
        if self.shown.is_empty() {
            self.shown = cell.to_owned();
        }
    }
}
