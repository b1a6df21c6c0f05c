//! Reads inventory files without storing anything, and says what it
//! understood.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use inventory_aws::{Comparison, StoreReceipt};
use inventory_core::reader::{Column, Layout, Options, Skip, Warning};
use inventory_core::{Levels, Quantity, Reader, Reject, Row, Status, Store};
use serde::Serialize;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

/// Reads inventory files without storing anything, and says what it
/// understood.
///
/// Exits with 0 if every row was accepted, 1 if some were rejected, and 2 if a
/// file was refused whole.
#[derive(Parser)]
#[command(name = "check")]
struct Args {
    /// Print one JSON object a file.
    #[arg(long)]
    json: bool,
    /// The only store whose rows are taken; files then need no store column.
    #[arg(long, value_name = "NAME", value_parser = |name: &str| Store::new(name))]
    store: Option<Store>,
    /// How the files are to be read, in TOML or JSON; nothing is guessed then.
    #[arg(long, value_name = "FILE", value_parser = read_layout)]
    layout: Option<Layout>,
    /// Say what each decision about the layout rests on.
    #[arg(long)]
    explain: bool,
    /// Print the layout that was found, in TOML, to edit and give to --layout;
    /// or write it to a file with --write-layout=FILE.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    write_layout: Option<Option<PathBuf>>,
    /// Say what uploading the files would change in this DynamoDB table, with
    /// the credentials and the region of the AWS command line.
    #[arg(long, value_name = "TABLE")]
    against: Option<String>,
    /// Take each file for the whole stock of the stores that it names.
    #[arg(long, requires = "against")]
    snapshot: bool,
    /// The files; - is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    /// What a shell says of a program that wrote to a closed pipe.
    const CLOSED_PIPE: u8 = 141;

    match run(&Args::parse(), &mut anstream::stdout().lock()) {
        Ok(worst) => ExitCode::from(worst as u8),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(CLOSED_PIPE),
        Err(error) => {
            complain(format_args!("check: cannot write to standard output: {error}"));
            ExitCode::from(Verdict::Refused as u8)
        }
    }
}

fn run(args: &Args, to: &mut impl Write) -> io::Result<Verdict> {
    let mut worst = Verdict::Accepted;
    for file in &args.files {
        let mut report = Report::of(file, args);
        if let Some(table) = &args.against
            && report.understood.is_ok()
        {
            match changes(table, &report.levels, args.snapshot) {
                Ok(changes) => report.changes = Some(changes),
                Err(error) => {
                    complain(format_args!("{}: it cannot be compared with {table}: {error}", report.file));
                    worst = Verdict::Refused;
                }
            }
        }
        worst = worst.max(report.verdict());
        if let Some(Some(path)) = &args.write_layout
            && report.understood.is_ok()
            && let Err(error) = File::create(path).and_then(|mut file| report.write_layout(&mut file))
        {
            let (file, path) = (&report.file, path.display());
            complain(format_args!("{file}: its layout cannot be written to {path}: {error}"));
            worst = Verdict::Refused;
        }
        match &args.write_layout {
            Some(None) => report.write_layout(to)?,
            _ if args.json => writeln!(to, "{}", report.json())?,
            _ => report.print(to, args.explain)?,
        }
        if let Err(reason) = &report.understood {
            complain(format_args!("{}: {reason}", report.file));
        }
    }
    Ok(worst)
}

/// Says what is wrong; if nobody can hear that, the exit status has to do.
fn complain(message: fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{message}");
}

/// How a file was taken, and the exit status for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Accepted = 0,
    Rejected = 1,
    Refused = 2,
}

/// What is said of one file.
struct Report {
    file: String,
    levels: Levels,
    rejects: Vec<Reject>,
    warnings: Vec<Warning>,
    skips: Vec<Skip<'static>>,
    /// The layout, or why the file was refused.
    understood: Result<Layout, String>,
    /// What it would change in a table, if that was asked.
    changes: Option<Vec<StoreReceipt>>,
}

impl Report {
    fn of(path: &Path, args: &Args) -> Report {
        let mut options = Options::default();
        options.store = args.store.clone();
        options.layout = args.layout.clone();
        let mut report = Report {
            file: plain(&path.display().to_string()),
            levels: Levels::default(),
            rejects: Vec::new(),
            warnings: Vec::new(),
            skips: Vec::new(),
            understood: Err(String::new()),
            changes: None,
        };
        report.understood = report.read(path, options);
        if report.understood.is_err() {
            // Nothing of a refused file counts.
            report.levels = Levels::default();
            report.rejects.clear();
            report.warnings.clear();
            report.skips.clear();
        }
        report
    }

    fn read(&mut self, path: &Path, options: Options) -> Result<Layout, String> {
        let cannot = |error: io::Error| format!("cannot be read: {error}");
        let mut input = open(path).map_err(cannot)?;
        let mut reader = Reader::new(options);
        let mut chunk = vec![0; 1 << 18];
        loop {
            let length = match input.read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(cannot(error)),
            };
            let read = chunk.get(..length).unwrap_or_default();
            reader.push(read, |row| self.push(row)).map_err(|refusal| refusal.to_string())?;
        }
        let layout = reader.finish(|row| self.push(row)).map_err(|refusal| refusal.to_string())?;
        self.levels.set_columns(layout.optional_columns());
        Ok(layout)
    }

    fn push(&mut self, row: &Row<'_>) {
        self.levels.push(row);
        match row {
            Row::Record(record) => self.warnings.extend_from_slice(&record.warnings),
            Row::Reject(reject) => self.rejects.push(reject.clone()),
            Row::Skipped(skip) => self.skips.push(skip.clone().into_owned()),
        }
    }

    /// Writes the layout in TOML, if the file was understood.
    fn write_layout(&self, to: &mut impl Write) -> io::Result<()> {
        let Ok(layout) = &self.understood else { return Ok(()) };
        write!(to, "{}", toml::to_string(layout).map_err(io::Error::other)?)
    }

    fn verdict(&self) -> Verdict {
        match &self.understood {
            Err(_) => Verdict::Refused,
            Ok(_) if self.rejects.is_empty() => Verdict::Accepted,
            Ok(_) => Verdict::Rejected,
        }
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts { rejected: self.levels.unattributed(), ..Counts::default() };
        for (_, store) in self.levels.stores() {
            counts.accepted += store.accepted();
            counts.rejected += store.rejected();
            counts.skipped += store.skipped();
            counts.duplicates += store.duplicates();
            counts.contradicted += store.contradicted();
            counts.levels += store.len();
        }
        counts.read = counts.accepted + counts.rejected + counts.skipped;
        counts
    }

    /// The stores that some row gave a level.
    fn stores(&self) -> BTreeMap<&str, Stock> {
        let stores = self.levels.stores().filter(|(_, levels)| !levels.is_empty());
        let stock = stores.map(|(store, levels)| {
            let mut stock = Stock { items: levels.len(), ..Stock::default() };
            for (_, level) in levels.iter() {
                stock.out += usize::from(Status::of(level) == Status::Out);
                stock.low += usize::from(Status::of(level) == Status::Low);
                stock.negative += usize::from(level.quantity < Quantity::ZERO);
            }
            (store.as_str(), stock)
        });
        stock.collect()
    }

    fn json(&self) -> Value {
        let Counts { read, accepted, rejected, skipped, duplicates, contradicted, levels } = self.counts();
        let rejects = self.rejects.iter().map(|reject| {
            let Reject { position, column, value, reason, raw, .. } = reject;
            json!({
                "line": position.line, "byte": position.byte, "column": column,
                "value": value, "reason": reason, "raw": raw,
            })
        });
        let skips = self.skips.iter().map(|skip| {
            let Skip { store, position, column, value, .. } = skip;
            json!({ "store": store, "line": position.line, "column": column, "value": value })
        });
        let mut said = json!({
            "file": self.file, "layout": self.understood.as_ref().ok(), "refused": self.understood.as_ref().err(),
            "read": read, "accepted": accepted, "rejected": rejected, "skipped": skipped,
            "duplicates": duplicates, "contradicted": contradicted, "levels": levels, "stores": self.stores(),
            "rejects": rejects.collect::<Vec<_>>(), "warnings": self.warnings,
            "skips": skips.collect::<Vec<_>>(),
        });
        if let Some(changes) = &self.changes {
            let changes =
                changes.iter().map(|of| (name(of), json!({"preview": of.preview, "receipt": of.receipt})));
            said.as_object_mut()
                .map(|said| said.insert("changes".to_owned(), Value::Object(changes.collect())));
        }
        said
    }

    fn print(&self, to: &mut impl Write, explain: bool) -> io::Result<()> {
        writeln!(to, "{BOLD}{}{BOLD:#}", self.file)?;
        match &self.understood {
            Err(reason) => writeln!(to, "  {RED}refused{RED:#}   {reason}")?,
            Ok(layout) => {
                writeln!(to, "  columns   {}", columns(layout))?;
                writeln!(to, "  layout    {}", outline(layout))?;
                print_doubts(to, layout)?;
                if explain {
                    print_evidence(to, layout)?;
                }
                self.print_counts(to)?;
                self.print_stores(to)?;
                self.print_changes(to)?;
                self.print_rejects(to)?;
                if explain {
                    self.print_skips(to)?;
                }
            }
        }
        writeln!(to)
    }

    fn print_counts(&self, to: &mut impl Write) -> io::Result<()> {
        let Counts { read, accepted, rejected, skipped, duplicates, contradicted, levels } = self.counts();
        writeln!(
            to,
            "  rows      {read} read = {accepted} accepted + {rejected} rejected + {skipped} skipped"
        )?;
        writeln!(to, "  items     {accepted} accepted = {levels} levels + {duplicates} duplicates")?;
        if contradicted > 2 && contradicted * 10 >= accepted {
            writeln!(
                to,
                "  {YELLOW}doubt{YELLOW:#}     {contradicted} of the duplicates have another count than the row that \
                 replaced them, as lots and places of an item do"
            )?;
        }
        Ok(())
    }

    fn print_stores(&self, to: &mut impl Write) -> io::Result<()> {
        let stores = self.stores();
        let width = stores.keys().map(|name| name.width()).max().unwrap_or(0);
        for (name, stock) in stores {
            let gap = " ".repeat(width - name.width());
            let Stock { items, out, low, negative } = stock;
            writeln!(
                to,
                "  store     {name}{gap}  {items} items, {out} out, {low} low, {negative} negative"
            )?;
        }
        Ok(())
    }

    fn print_changes(&self, to: &mut impl Write) -> io::Result<()> {
        for of in self.changes.iter().flatten() {
            let Some(preview) = of.preview else { continue };
            let (changes, out, back) = (preview.changes, preview.sold_out, preview.back_in_stock);
            let low = preview.running_low;
            writeln!(
                to,
                "  would     {}: {changes} change, {out} go out, {low} run low, {back} come back",
                name(of)
            )?;
            if of.receipt.held > 0 {
                let (emptied, stocked) = (preview.emptied, preview.stocked);
                writeln!(
                    to,
                    "  {RED}held{RED:#}      {}: {emptied} of {stocked} stocked items would be at zero; \
                     it would wait for the metadata confirm=yes",
                    name(of)
                )?;
            }
        }
        Ok(())
    }

    fn print_skips(&self, to: &mut impl Write) -> io::Result<()> {
        for skip in &self.skips {
            writeln!(to, "  skipped   {skip}")?;
        }
        Ok(())
    }

    fn print_rejects(&self, to: &mut impl Write) -> io::Result<()> {
        for reject in &self.rejects {
            writeln!(to, "  {YELLOW}rejected{YELLOW:#}  {reject}")?;
        }
        for warning in &self.warnings {
            writeln!(to, "  {YELLOW}warning{YELLOW:#}   {warning}")?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Counts {
    read: u64,
    accepted: u64,
    rejected: u64,
    skipped: u64,
    duplicates: u64,
    contradicted: u64,
    levels: usize,
}

/// How the stock of one store stands in a file.
#[derive(Default, Serialize)]
struct Stock {
    items: usize,
    out: usize,
    low: usize,
    negative: usize,
}

fn name(of: &StoreReceipt) -> String {
    of.store.as_ref().map_or_else(String::new, ToString::to_string)
}

/// What uploading levels would change in a table.
#[tokio::main(flavor = "current_thread")]
async fn changes(table: &str, levels: &Levels, is_snapshot: bool) -> Result<Vec<StoreReceipt>, String> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let comparison = Comparison::new(&client, table);
    let comparison = if is_snapshot { comparison.of_snapshot() } else { comparison };
    comparison.preview(levels).await.map_err(|error| error.to_string())
}

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

fn columns(layout: &Layout) -> String {
    let of_stores = layout.stores.iter().map(|of| {
        let Column { column, header, .. } = &of.count;
        format!("count of {} {column} \"{}\"", plain(&of.store), plain(header))
    });
    let count = layout.stores.is_empty().then_some(&layout.count);
    let named = [
        ("store", layout.store.as_ref()),
        ("item", Some(&layout.item)),
        ("count", count),
        ("reorder point", layout.reorder_point.as_ref()),
        ("name", layout.name.as_ref()),
    ];
    let named = named.into_iter().filter_map(|(role, column)| {
        let Column { column, header, .. } = column?;
        Some(format!("{role} {column} \"{}\"", plain(header)))
    });
    named.chain(of_stores).collect::<Vec<_>>().join(", ")
}

/// How the file is written, in one line.
fn outline(layout: &Layout) -> String {
    let encoding = layout.encoding.as_deref().unwrap_or_default();
    let header = layout.header_line.map_or("no header".to_owned(), |line| format!("header in line {line}"));
    let delimiter = layout.delimiter.map_or(String::new(), |mark| format!(", delimiter {mark:?}"));
    format!("{encoding}{delimiter}, {header}, {} sure", layout.confidence)
}

/// What else the columns could be, and what else to look at.
fn print_doubts(to: &mut impl Write, layout: &Layout) -> io::Result<()> {
    let is_free = |column: &Column| layout.name.as_ref() != Some(column);
    let also = layout.alternatives.iter().filter(|other| is_free(&other.column)).map(|other| {
        let Column { column, header, .. } = &other.column;
        format!("{} {column} \"{}\"", other.role, plain(header))
    });
    let also: Vec<String> = also.collect();
    if !also.is_empty() {
        writeln!(to, "  or        {}", also.join(", "))?;
    }
    for doubt in &layout.doubts {
        writeln!(to, "  {YELLOW}doubt{YELLOW:#}     {doubt}")?;
    }
    Ok(())
}

/// A text that a terminal shows and does not obey.
fn plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn print_evidence(to: &mut impl Write, layout: &Layout) -> io::Result<()> {
    for evidence in &layout.evidence {
        writeln!(to, "            {}: {}", evidence.decision, evidence.because)?;
    }
    Ok(())
}

/// Reads a layout in JSON, if that is what it looks like, or else in TOML.
fn read_layout(path: &str) -> Result<Layout, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(&text).map_err(|error| error.to_string());
    }
    toml::from_str(&text).map_err(|error| error.to_string())
}

/// Opens a file; a long one shows on a terminal how far it is read.
fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    const LONG: u64 = 16 << 20;

    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length < LONG || !io::stderr().is_terminal() {
        return Ok(Box::new(file));
    }
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("  reading {bar:30} {bytes} of {total_bytes}") {
        bar.set_style(style);
    }
    Ok(Box::new(bar.wrap_read(file)))
}
