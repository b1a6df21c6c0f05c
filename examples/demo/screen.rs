use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use inventory_aws::{Loaded, Outcome, Progress, StoreReceipt};
use inventory_core::reader::Reject;
use inventory_core::{Receipt, Store};
use unicode_width::UnicodeWidthStr;

use crate::{Event, Show, plain};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const GREEN: Style = AnsiColor::Green.on_default();

/// Shows what happens to people.
#[derive(Default)]
pub(crate) struct Screen {
    bar: Bar,
}

impl Screen {
    /// What moves the bar of the file that is under way.
    pub(crate) fn progress(&self) -> impl Fn(Progress) + Send + Sync + use<> {
        let bar = self.bar.0.clone();
        move |progress| {
            let (done, of, what, long) = match progress {
                Progress::Read { bytes, of } => (bytes, of, "bytes read", 1 << 20),
                Progress::Written { levels, of } => (levels, of, "levels written", 1_000),
            };
            if of < long {
                return;
            }
            if bar.is_hidden() {
                bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            }
            // One text, so that whenever it is drawn its numbers belong together.
            bar.set_message(format!("{} of {} {what}", HumanCount(done), HumanCount(of)));
            bar.update(|state| {
                state.set_len(of);
                state.set_pos(done);
            });
        }
    }
}

impl Show for Screen {
    fn print(&mut self, event: &Event<'_>) -> io::Result<()> {
        let to = &mut anstream::stdout().lock();
        match event {
            Event::Upload { file } => self.bar.start(file),
            Event::Loaded { file, loaded } => {
                self.bar.clear();
                print_loaded(to, file, loaded)?;
            }
            Event::Failed { file, reason } => {
                self.bar.clear();
                let (file, reason) = (plain(&file.display()), plain(&reason));
                writeln!(to, "{BOLD}{file}{BOLD:#}\n  {RED}failed{RED:#}    {reason}")?;
            }
            Event::Receipt(notice) => print_notice(to, &notice.text, &notice.sms)?,
            Event::Notice(notice) => print_notice(to, &notice.text(), &notice.sms())?,
            Event::Done(overview) => {
                let (uploads, stores, items) = (overview.uploads, overview.stores, overview.items);
                let (out, low) = (overview.out, overview.low);
                writeln!(
                    to,
                    "\n{BOLD}In the table{BOLD:#}  {uploads} uploads, {stores} stores, {items} items: \
                     {RED}{out} out{RED:#}, {YELLOW}{low} low{YELLOW:#}"
                )?;
            }
            Event::Dashboard(address) => {
                const MISSING: &str = "not built: it needs Node 20.19 or newer, then `make dashboard`";
                writeln!(to, "{BOLD}Dashboard{BOLD:#}     {GREEN}{}{GREEN:#}", address.unwrap_or(MISSING))?;
            }
            Event::Watching(folder) => {
                writeln!(
                    to,
                    "\nDrop a file into {BOLD}{}/{BOLD:#} and see. Ctrl-C stops.\n",
                    folder.display()
                )?;
            }
        }
        Ok(())
    }
}

/// How far the file under way is; shown on a terminal, and only while there is
/// so much to do that it can be read.
struct Bar(ProgressBar);

impl Default for Bar {
    fn default() -> Bar {
        let bar = ProgressBar::hidden();
        if let Ok(style) = ProgressStyle::with_template("  {prefix} {bar:30} {msg}") {
            bar.set_style(style);
        }
        Bar(bar)
    }
}

impl Bar {
    fn start(&self, file: &Path) {
        self.0.reset();
        self.0.set_prefix(plain(&file.display()));
    }

    fn clear(&self) {
        self.0.finish_and_clear();
        self.0.set_draw_target(ProgressDrawTarget::hidden());
    }
}

fn print_loaded(to: &mut impl Write, file: &Path, loaded: &Loaded) -> io::Result<()> {
    writeln!(to, "{BOLD}{}{BOLD:#}", plain(&file.display()))?;
    match &loaded.outcome {
        Outcome::Applied { receipts, rejects, .. } => {
            for of in receipts {
                print_receipt(to, of.store.as_ref(), &of.receipt)?;
                print_preview(to, of)?;
            }
            print_rejects(to, rejects, receipts.iter().map(|of| of.receipt.rejected).sum())?;
        }
        Outcome::Refused(reason) => writeln!(to, "  {RED}refused{RED:#}   {reason}")?,
        _ => {}
    }
    Ok(())
}

/// How wide the column of names is.
const COLUMNS: usize = 24;

fn print_receipt(to: &mut impl Write, store: Option<&Store>, receipt: &Receipt) -> io::Result<()> {
    let name = store.map_or("(store unknown)", Store::as_str);
    // A longer name has a line of its own.
    let gap = match COLUMNS.checked_sub(name.width()) {
        Some(left) => " ".repeat(left),
        None => format!("\n{:width$}", "", width = 12 + COLUMNS),
    };
    let rejected = if receipt.rejected > 0 { YELLOW } else { DIM };
    let skipped =
        if receipt.skipped > 0 { format!(" + {:>4} skipped", receipt.skipped) } else { String::new() };
    writeln!(
        to,
        "  {GREEN}receipt{GREEN:#}   {name}{gap}{:>7} read = {:>7} accepted + {rejected}{:>4} rejected{rejected:#}{skipped}",
        receipt.read(),
        receipt.accepted(),
        receipt.rejected,
    )?;
    let rare = [(receipt.held, " + ", "held"), (receipt.absent, "; ", "absent, so at zero")];
    let rare = rare.into_iter().filter(|(count, ..)| *count > 0);
    let rare: String = rare.map(|(count, sign, word)| format!("{sign}{count} {word}")).collect();
    writeln!(
        to,
        "            {DIM}{:COLUMNS$}{:>7} levels = {:>5} written + {:>5} unchanged + {:>3} superseded{rare}, {} duplicates{DIM:#}",
        "",
        receipt.levels(),
        receipt.written,
        receipt.unchanged,
        receipt.superseded,
        receipt.duplicates,
    )?;
    Ok(())
}

/// What a dry run or a quarantined upload would change.
fn print_preview(to: &mut impl Write, of: &StoreReceipt) -> io::Result<()> {
    let Some(preview) = of.preview else { return Ok(()) };
    let (changes, out) = (preview.changes, preview.sold_out);
    let (low, back) = (preview.running_low, preview.back_in_stock);
    writeln!(
        to,
        "  {YELLOW}{:8}{YELLOW:#}  would: {changes} change, {out} go out, {low} run low, {back} come back",
        if of.receipt.held > 0 { "held" } else { "dry run" }
    )?;
    if of.receipt.held > 0 {
        let (emptied, stocked) = (preview.emptied, preview.stocked);
        writeln!(
            to,
            "            {emptied} of {stocked} stocked items would be at zero: upload it with confirm=yes if that is right"
        )?;
    }
    Ok(())
}

fn print_rejects(to: &mut impl Write, rejects: &[Reject], all: u64) -> io::Result<()> {
    const SHOWN: usize = 10;
    for reject in rejects.iter().take(SHOWN) {
        writeln!(to, "  {YELLOW}rejected{YELLOW:#}  {reject}")?;
    }
    let more = all.saturating_sub(SHOWN as u64);
    if more > 0 {
        writeln!(to, "  {YELLOW}rejected{YELLOW:#}  and {more} more")?;
    }
    Ok(())
}

fn print_notice(to: &mut impl Write, text: &str, sms: &str) -> io::Result<()> {
    let mut lines = text.lines();
    writeln!(to, "  {RED}notice{RED:#}    {BOLD}{}{BOLD:#}", lines.next().unwrap_or_default())?;
    for line in lines.filter(|line| !line.is_empty()) {
        writeln!(to, "            {line}")?;
    }
    writeln!(to, "  {DIM}as SMS    {sms}{DIM:#}")
}
