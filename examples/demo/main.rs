//! The main job on the embedded default: files go up, stock levels and
//! notices come out.
//!
//! [`cloud`] is what AWS does around the functions, [`inbox`] a folder to drop
//! files in, [`outbox`] where notices go, [`dashboard`] the web page over it,
//! and [`screen`] and [`lines`] the two ways to show it all.

mod cloud;
mod dashboard;
mod inbox;
mod lines;
mod outbox;
mod screen;

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use inventory_aws::{Loaded, Overview};
use inventory_core::policy::Language;
use inventory_core::{Notice, Policy};
use tokio::runtime::Runtime;

use self::cloud::Cloud;
use self::dashboard::Dashboard;
use self::inbox::{Inbox, Listing};
use self::lines::Lines;
use self::outbox::ReceiptNotice;
use self::screen::Screen;

/// The two days of sample files, in the order in which they go up.
const SAMPLE: &str = "examples/data";
const INBOX: &str = "inbox";
const DASHBOARD: &str = "dashboard/dist";

/// Runs the main job without any service: uploads inventory files to an
/// embedded S3, loads them into an embedded DynamoDB, and shows each upload's
/// receipt and each store's notice. Then serves the dashboard, and watches a
/// folder for more.
#[derive(Parser)]
#[command(name = "demo")]
struct Args {
    /// Stop after the files instead of watching for more; exits with 2 if one
    /// could not be read or loaded, and with 130 if Ctrl-C came before the last.
    #[arg(long)]
    once: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
    /// Keep the tables and objects in this folder, and go on from what is
    /// there; without it they are gone at the end.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The language of the notices: en, de, fr, es or ja.
    #[arg(long, value_name = "CODE", default_value = "en")]
    language: Language,
    /// The folder to watch.
    #[arg(long, value_name = "FOLDER", default_value = INBOX)]
    inbox: PathBuf,
    /// The built dashboard, which is served while a folder is watched.
    #[arg(long, value_name = "FOLDER", default_value = DASHBOARD)]
    dashboard: PathBuf,
    /// The files to upload, in order; without any, two days of six stores.
    /// Files in a folder stores/<store>/ are that store's own. A name such as
    /// stock.snapshot.csv says in the object's metadata that it is the whole
    /// stock, .dry-run. that nothing is to be changed, and .confirm. that it is
    /// right that a store is emptied.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Something that happened, to be shown.
enum Event<'a> {
    /// A file is about to go up.
    Upload { file: &'a Path },
    /// A file was loaded or refused.
    Loaded { file: &'a Path, loaded: &'a Loaded },
    /// A file could not be read or loaded.
    Failed { file: &'a Path, reason: String },
    /// People were told of stock.
    Notice(&'a Notice),
    /// A store was told of its upload.
    Receipt(&'a ReceiptNotice),
    /// All files were dealt with, and this is what the tables hold.
    Done(Overview),
    /// The dashboard is served at an address, or is not built.
    Dashboard(Option<&'a str>),
    /// A folder is being watched.
    Watching(&'a Path),
}

/// A way to show what happens.
trait Show {
    fn print(&mut self, event: &Event<'_>) -> io::Result<()>;

    fn show(&mut self, event: &Event<'_>) -> io::Result<()> {
        let cannot = |error| format!("cannot write to standard output: {error}");
        self.print(event).map_err(|error| io::Error::new(error.kind(), cannot(error)))
    }
}

/// What a shell says of a program that wrote to a closed pipe.
const CLOSED_PIPE: u8 = 141;

fn main() -> ExitCode {
    let done = Runtime::new().map_err(Into::into).and_then(|runtime| {
        let done = runtime.block_on(run(Args::parse()));
        // It may wait for somebody to write to a pipe.
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(verdict) => ExitCode::from(verdict as u8),
        Err(error) if is_closed_pipe(&*error) => ExitCode::from(CLOSED_PIPE),
        Err(error) => {
            remark(format_args!("demo: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == ErrorKind::BrokenPipe)
}

/// Says what is wrong, or how it goes; nothing is lost if nobody can hear it.
fn remark(message: fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{}", plain(&message));
}

/// A text that a terminal shows and does not obey.
fn plain(text: &impl ToString) -> String {
    text.to_string().replace(char::is_control, " ")
}

/// What became of the files, and the exit status for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// Every one was dealt with.
    Taken = 0,
    /// Some could not be read or loaded.
    Left = 2,
    /// Ctrl-C came before the last; a shell says so by this number.
    Interrupted = 130,
}

async fn run(args: Args) -> Result<Verdict, Box<dyn Error>> {
    let screen = Screen::default();
    let progress = screen.progress();
    let mut show: Box<dyn Show> = if args.json { Box::new(Lines) } else { Box::new(screen) };
    let files = if args.files.is_empty() { sample()? } else { args.files.clone() };
    let inbox = (!args.once).then(|| Inbox::open(&args.inbox)).transpose()?;

    // Gone, with all that is in it, when this function ends.
    let temporary = tempfile::tempdir()?;
    let data = args.data.as_deref().unwrap_or(temporary.path());
    let mut policy = Policy::default();
    policy.default.language = Some(args.language);
    let mut cloud = Cloud::start(data, policy, progress).await?;
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let mut done = tokio::select! {
        done = upload_all(&mut cloud, &mut *show, &files) => done,
        _ = &mut interrupt => Ok(Verdict::Interrupted),
    };
    if let (Ok(Verdict::Taken | Verdict::Left), Some(inbox)) = (&done, inbox) {
        done = tokio::select! {
            done = watch(&mut cloud, &mut *show, inbox, &args.dashboard) => done,
            _ = interrupt => Ok(Verdict::Taken),
        };
    }
    cloud.stop().await?;
    done
}

async fn upload_all(
    cloud: &mut Cloud,
    show: &mut dyn Show,
    files: &[PathBuf],
) -> Result<Verdict, Box<dyn Error>> {
    let mut worst = Verdict::Taken;
    for file in files {
        worst = worst.max(upload(cloud, show, file, file).await?);
    }
    show.show(&Event::Done(cloud.overview().await?))?;
    Ok(worst)
}

/// Serves the dashboard, and uploads what arrives in a folder, for ever.
async fn watch(
    cloud: &mut Cloud,
    show: &mut dyn Show,
    mut inbox: Inbox,
    dashboard: &Path,
) -> Result<Verdict, Box<dyn Error>> {
    let dashboard = Dashboard::serve(dashboard, cloud.database(), cloud.tables()).await?;
    show.show(&Event::Dashboard(dashboard.as_ref().map(Dashboard::address)))?;
    show.show(&Event::Watching(inbox.folder()))?;
    loop {
        let arrived = inbox.arrived();
        for (folder, error) in arrived.unlisted {
            remark(format_args!("{}: cannot be listed: {error}", folder.display()));
        }
        for file in arrived.files {
            let key = file.strip_prefix(inbox.folder()).unwrap_or(&file);
            upload(cloud, show, &file, key).await?;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Uploads one file under a key, and shows what came of it.
async fn upload(
    cloud: &mut Cloud,
    show: &mut dyn Show,
    file: &Path,
    key: &Path,
) -> Result<Verdict, Box<dyn Error>> {
    show.show(&Event::Upload { file })?;
    let mut verdict = Verdict::Taken;
    match cloud.upload(file, key).await {
        Ok(uploads) => {
            for loaded in &uploads {
                show.show(&Event::Loaded { file, loaded })?;
            }
        }
        Err(reason) => {
            verdict = Verdict::Left;
            show.show(&Event::Failed { file, reason: reason.to_string() })?;
        }
    }
    for receipt in cloud.receipts() {
        show.show(&Event::Receipt(&receipt))?;
    }
    for notice in cloud.notices().await? {
        show.show(&Event::Notice(&notice))?;
    }
    Ok(verdict)
}

fn sample() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let Listing { mut files, unlisted } = Listing::of(Path::new(SAMPLE));
    if let Some((folder, error)) = unlisted.first() {
        return Err(format!("cannot read {}, run from the top folder: {error}", folder.display()).into());
    }
    files.retain(|file| file.extension().is_some_and(|kind| kind == "csv"));
    Ok(files)
}
