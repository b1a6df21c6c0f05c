//! A first load, end to end, in a process of its own beside the embedded
//! servers: how long it takes, and the most memory that it has at once.

use std::env;
use std::error::Error;
use std::process::Command;
use std::time::Instant;

use anstream::println;
use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_s3::Client as S3;
use clap::Parser;
use inventory_aws::embedded::{Embedded, Endpoints};
use inventory_aws::{Loader, Tables, Upload};
use jiff::Timestamp;

const BUCKET: &str = "uploads";
const KEY: &str = "day.csv";
/// What a load may take, in megabytes, however long its file.
const MOST_MB: u64 = 256;
/// The process that loads is told by these where the servers are.
const SERVERS: [&str; 2] = ["LOAD_FROM_DYNAMODB", "LOAD_FROM_S3"];

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Measures how long the first load of a file takes, and the most memory that
/// it has at once; fails if that is more than 256 MB.
#[derive(Parser)]
#[command(name = "memory")]
struct Args {
    /// How many rows the file has; a million takes some ten minutes.
    #[arg(default_value_t = 1_000_000)]
    rows: usize,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    match SERVERS.map(|name| env::var(name).ok()) {
        [Some(dynamodb), Some(s3)] => load(&Endpoints::new(dynamodb, s3)).await,
        _ => measure(Args::parse().rows).await,
    }
}

async fn measure(rows: usize) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let embedded = Embedded::start(folder.path()).await?;
    Tables::default().create(&DynamoDb::new(&embedded.sdk_config())).await?;
    put(&S3::new(&embedded.sdk_config()), rows).await?;
    let Endpoints { dynamodb, s3, .. } = embedded.endpoints();
    let mut child = Command::new(env::current_exe()?);
    let child = child.envs(SERVERS.into_iter().zip([dynamodb, s3]));
    let start = Instant::now();
    let mut child = child.spawn()?;
    let status = tokio::task::spawn_blocking(move || child.wait()).await??;
    let seconds = start.elapsed().as_secs_f64();
    if !status.success() {
        return Err("the load failed".into());
    }
    println!("{rows} rows in {seconds:.1} s");
    Ok(embedded.shutdown().await?)
}

async fn put(s3: &S3, rows: usize) -> Outcome<()> {
    let rows = (0..rows).map(|row| format!("Store {},70{row:011},{}\n", row % 4, row % 50));
    let file = rows.fold("store,item,count\n".to_owned(), |file, row| file + &row);
    s3.create_bucket().bucket(BUCKET).send().await?;
    s3.put_object().bucket(BUCKET).key(KEY).body(file.into_bytes().into()).send().await?;
    Ok(())
}

async fn load(servers: &Endpoints) -> Outcome<()> {
    let config = servers.sdk_config();
    let loader = Loader::new(S3::new(&config), DynamoDb::new(&config), Tables::default());
    let upload = Upload::new(BUCKET, KEY, Timestamp::now(), "0");
    let usage = loader.load(&upload).await?.usage;
    let peak = peak_mb()?;
    println!("{} requests, at most {peak} MB of memory", usage.requests);
    if peak > MOST_MB {
        return Err(format!("more than {MOST_MB} MB").into());
    }
    Ok(())
}

/// The most memory that this process had at once.
fn peak_mb() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: u64 =
        line.and_then(|line| line.trim().strip_suffix(" kB")).ok_or("no VmHWM")?.trim().parse()?;
    Ok(kilobytes / 1_024)
}
