//! Reads inventory files without storing anything, and says what it
//! understood.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use inventory_core::reader::{Column, Layout, Options};
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
    /// The files; - is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut worst = Verdict::Accepted;
    for file in &args.files {
        let report = Report::of(file, &args);
        worst = worst.max(report.verdict());
        if args.json {
            println!("{}", report.json());
        } else {
            report.print();
        }
        if let Err(reason) = &report.understood {
            eprintln!("{}: {reason}", report.file);
        }
    }
    ExitCode::from(worst as u8)
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
    /// The layout, or why the file was refused.
    understood: Result<Layout, String>,
}

impl Report {
    fn of(path: &Path, args: &Args) -> Report {
        let mut options = Options::default();
        options.store = args.store.clone();
        let mut report = Report {
            file: path.display().to_string(),
            levels: Levels::default(),
            rejects: Vec::new(),
            understood: Err(String::new()),
        };
        report.understood = report.read(path, options);
        if report.understood.is_err() {
            // Nothing of a refused file counts.
            report.levels = Levels::default();
            report.rejects.clear();
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
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(cannot(error)),
            };
            let read = chunk.get(..length).unwrap_or_default();
            reader.push(read, |row| self.push(row)).map_err(|refusal| refusal.to_string())?;
        }
        let layout = reader.finish(|row| self.push(row)).map_err(|refusal| refusal.to_string())?;
        self.levels.set_columns(layout.optional_columns());
        Ok(layout)
    }

    fn push(&mut self, row: Row<'_>) {
        self.levels.push(&row);
        if let Row::Reject(reject) = row {
            self.rejects.push(reject);
        }
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
            counts.duplicates += store.duplicates();
            counts.levels += store.len();
        }
        counts.read = counts.accepted + counts.rejected;
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
        let Counts { read, accepted, rejected, duplicates, levels } = self.counts();
        let rejects = self.rejects.iter().map(|reject| {
            let Reject { position, column, value, reason, raw, .. } = reject;
            json!({
                "line": position.line, "byte": position.byte, "column": column,
                "value": value, "reason": reason, "raw": raw,
            })
        });
        json!({
            "file": self.file, "layout": self.understood.as_ref().ok(), "refused": self.understood.as_ref().err(),
            "read": read, "accepted": accepted, "rejected": rejected, "duplicates": duplicates,
            "levels": levels, "stores": self.stores(), "rejects": rejects.collect::<Vec<_>>(),
        })
    }

    fn print(&self) {
        println!("{BOLD}{}{BOLD:#}", self.file);
        match &self.understood {
            Err(reason) => println!("  {RED}refused{RED:#}   {reason}"),
            Ok(layout) => {
                println!("  columns   {}", columns(layout));
                self.print_counts();
                self.print_stores();
                self.print_rejects();
            }
        }
        println!();
    }

    fn print_counts(&self) {
        let Counts { read, accepted, rejected, duplicates, levels } = self.counts();
        println!("  rows      {read} read = {accepted} accepted + {rejected} rejected");
        println!("  items     {accepted} accepted = {levels} levels + {duplicates} duplicates");
    }

    fn print_stores(&self) {
        let stores = self.stores();
        let width = stores.keys().map(|name| name.width()).max().unwrap_or(0);
        for (name, stock) in stores {
            let gap = " ".repeat(width - name.width());
            let Stock { items, out, low, negative } = stock;
            println!("  store     {name}{gap}  {items} items, {out} out, {low} low, {negative} negative");
        }
    }

    fn print_rejects(&self) {
        for reject in &self.rejects {
            println!("  {YELLOW}rejected{YELLOW:#}  {reject}");
        }
    }
}

#[derive(Default)]
struct Counts {
    read: u64,
    accepted: u64,
    rejected: u64,
    duplicates: u64,
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

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

fn columns(layout: &Layout) -> String {
    let named = [
        ("store", layout.store.as_ref()),
        ("item", Some(&layout.item)),
        ("count", Some(&layout.count)),
        ("reorder point", layout.reorder_point.as_ref()),
        ("name", layout.name.as_ref()),
    ];
    let named = named.into_iter().filter_map(|(role, column)| {
        let Column { column, header, .. } = column?;
        Some(format!("{role} {column} {header:?}"))
    });
    named.collect::<Vec<_>>().join(", ")
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
