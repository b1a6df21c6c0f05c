//! `load` end to end on the embedded tables, beside boto3's `batch_writer` on
//! the same endpoint: an event each, in turn, and the tables must come out
//! equal. Writes LOAD.md.

mod distance;
mod peer;
#[path = "../peers/python.rs"]
mod python;
mod report;
mod served;
mod split;

use std::path::Path;
use std::time::Duration;

use aws_lambda_events::event::s3::S3Event;
use inventory_aws::embedded::Endpoints;
use inventory_aws::{Loader, Progress, Tables};
use serde_json::json;
use tokio::runtime::Builder;

use self::peer::Python;
use self::report::Case;
use self::served::{BUCKET, Served};
use self::split::{Split, Watch};

type Failed = Box<dyn std::error::Error + Send + Sync>;

const STORE: &str = "Oslo";
/// One item in so many is out, and one in so many changes.
const FEW: u64 = 50;
/// How long a round trip to the servers takes: on this machine, and about as
/// from a function to DynamoDB.
const NEAR: Duration = Duration::ZERO;
const FAR: Duration = Duration::from_millis(5);

/// What is measured.
struct Settings {
    /// How many rows a file has, and how long a round trip to the servers takes.
    places: Vec<(u64, Duration)>,
    rounds: usize,
    /// Whether the peer in Python runs too, and results are written.
    is_full: bool,
}

/// One upload of a store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Upload {
    First,
    Again,
    Changed,
}

impl Upload {
    const ALL: [Upload; 3] = [Upload::First, Upload::Again, Upload::Changed];

    fn name(self) -> &'static str {
        match self {
            Upload::First => "first",
            Upload::Again => "the same again",
            Upload::Changed => "2 % changed",
        }
    }

    fn key(self) -> String {
        format!("stores/{STORE}/{}.csv", self as u8)
    }

    /// Its rows, in the order of their items.
    fn rows(self, rows: u64) -> impl Iterator<Item = (String, u64)> {
        (0..rows).map(move |row| {
            let is_changed = self == Upload::Changed && row % FEW == 1;
            (format!("70{row:011}"), row * 7 % FEW + u64::from(is_changed) * 1_000)
        })
    }

    fn file(self, rows: u64) -> Vec<u8> {
        let rows = self.rows(rows).map(|(item, count)| format!("{STORE},{item},{count}\n"));
        format!("store,item,count\n{}", rows.collect::<String>()).into_bytes()
    }
}

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mark, folder, trip, ..] = &arguments[..]
        && mark == "--serve"
    {
        return served::serve(Path::new(folder), Duration::from_millis(trip.parse()?));
    }
    // One thread, as the function has.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&settings(&arguments)?))
}

async fn run(settings: &Settings) -> Result<(), Failed> {
    let python = if settings.is_full { Some(Python::installed()?) } else { None };
    let mut cases = Vec::new();
    for (rows, trip) in &settings.places {
        cases.extend(compare(*rows, *trip, settings.rounds, python.as_ref()).await?);
    }
    if settings.is_full {
        report::write(&cases, python.as_ref())?;
    }
    Ok(())
}

fn settings(arguments: &[String]) -> Result<Settings, Failed> {
    let said = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)
    };
    // Cargo says this of benches, and not of tests.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(Settings { places: vec![(300, NEAR), (300, FAR)], rounds: 1, is_full: false });
    }
    let numbers = |text: &String| text.split(',').map(str::parse).collect::<Result<Vec<u64>, _>>();
    let sizes = said("--rows").map(numbers).transpose()?.unwrap_or(vec![10_000, 100_000]);
    let far = sizes.iter().take(1).map(|rows| (*rows, FAR));
    Ok(Settings {
        places: sizes.iter().map(|rows| (*rows, NEAR)).chain(far).collect(),
        rounds: said("--rounds").map(|rounds| rounds.parse()).transpose()?.unwrap_or(3),
        is_full: true,
    })
}

/// Ours and the peer in turn, each on tables of its own in each round.
async fn compare(
    rows: u64,
    trip: Duration,
    rounds: usize,
    python: Option<&Python>,
) -> Result<Vec<Case>, Failed> {
    let served = Served::start(trip)?;
    let mut cases =
        Upload::ALL.map(|upload| Case { rows, trip, upload: upload.name(), ours: vec![], peer: vec![] });
    for upload in Upload::ALL {
        served.put(&upload.key(), upload.file(rows)).await?;
    }
    for round in 0..rounds {
        let (ours, peers) = (served.tables("Ours", round).await?, served.tables("Peer", round).await?);
        for (upload, case) in Upload::ALL.into_iter().zip(&mut cases) {
            eprintln!("{rows} rows, {trip:?} away, {}, round {}", upload.name(), round + 1);
            let expected: Vec<(String, u64)> = upload.rows(rows).collect();
            case.ours.push(load(&served, &ours, upload, rows).await?);
            equal("ours", &served.contents(&ours.inventory).await?, &expected)?;
            if let Some(python) = python {
                case.peer.push(python.load(&served, &peers.inventory, &upload.key())?);
                equal("boto3's", &served.contents(&peers.inventory).await?, &expected)?;
            }
        }
    }
    Ok(cases.into())
}

fn equal(whose: &str, found: &[(String, u64)], expected: &[(String, u64)]) -> Result<(), Failed> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{whose} table differs from the file: {} rows for {}", found.len(), expected.len()).into())
}

/// What production does with an event, and where its time goes.
async fn load(served: &Served, tables: &Tables, upload: Upload, rows: u64) -> Result<Split, Failed> {
    let watch = Watch::default();
    let (s3, dynamodb) = clients(&served.endpoints, &watch);
    let parsed = watch.clone();
    let loader = Loader::new(s3, dynamodb, tables.clone()).with_progress(move |progress| {
        if let Progress::Read { .. } = progress {
            parsed.read_on();
        }
    });
    let event: S3Event = serde_json::from_value(json!({"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1",
        "eventTime": "2026-11-02T06:00:00.000Z", "eventName": "ObjectCreated:Put",
        "userIdentity": {}, "requestParameters": {}, "responseElements": {},
        "s3": {
            "bucket": {"name": BUCKET, "ownerIdentity": {}},
            "object": {"key": upload.key(), "size": upload.file(rows).len(), "sequencer": format!("{:02}", upload as u8)},
        },
    }]}))?;
    let start = served.now()?;
    loader.handle(&event).await?;
    Ok(watch.split(start, served.now()?))
}

fn clients(endpoints: &Endpoints, watch: &Watch) -> (aws_sdk_s3::Client, aws_sdk_dynamodb::Client) {
    let config = endpoints.sdk_config();
    let s3 = aws_sdk_s3::config::Builder::from(&config).interceptor(watch.clone()).build();
    let dynamodb = aws_sdk_dynamodb::config::Builder::from(&config).interceptor(watch.clone()).build();
    (aws_sdk_s3::Client::from_conf(s3), aws_sdk_dynamodb::Client::from_conf(dynamodb))
}
