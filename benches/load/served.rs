//! The embedded servers, in a process of their own.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use inventory_aws::Tables;
use inventory_aws::embedded::{Embedded, Endpoints};
use serde_json::{Map, Value};

use crate::Failed;
use crate::distance::away;

/// Where uploads and receipts go.
pub(crate) const BUCKET: &str = "uploads";
const RECEIPTS: &str = "receipts";

/// Serves a folder until standard input ends; says as a line of JSON in which
/// environment any SDK finds it, a round trip away.
pub(crate) fn serve(folder: &Path, trip: Duration) -> Result<(), Failed> {
    for bucket in [BUCKET, RECEIPTS] {
        std::fs::create_dir_all(folder.join("s3").join(bucket))?;
    }
    tokio::runtime::Runtime::new()?.block_on(async {
        let embedded = Embedded::start(folder).await?;
        Tables::default().create(&aws_sdk_dynamodb::Client::new(&embedded.sdk_config())).await?;
        let environment = embedded.endpoints().environment();
        let mut said = Map::new();
        for (name, mut value) in environment {
            if name.contains("ENDPOINT") && !trip.is_zero() {
                // S3's first byte takes some times as long.
                value = away(value, if name.ends_with("S3") { 6 * trip } else { trip }).await?;
            }
            said.insert(name.to_owned(), value.into());
        }
        println!("{}", Value::from(said));
        std::io::stdout().flush()?;
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
        Ok(embedded.shutdown().await?)
    })
}

/// The other process, which ends with this value.
pub(crate) struct Served {
    pub(crate) endpoints: Endpoints,
    pub(crate) environment: HashMap<String, String>,
    process: Child,
    // It ends when this is closed, which comes before the folder is removed.
    stdin: Option<ChildStdin>,
    _folder: tempfile::TempDir,
}

/// A moment, and how long each process had been on a processor until then.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) time: Instant,
    pub(crate) ours: Duration,
    pub(crate) servers: Duration,
}

impl Served {
    pub(crate) fn start(trip: Duration) -> Result<Served, Failed> {
        let folder = tempfile::Builder::new().prefix("inventory-load-").tempdir()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--serve").arg(folder.path()).arg(trip.as_millis().to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let stdin = process.stdin.take();
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let environment: HashMap<String, String> = serde_json::from_str(&line)?;
        let endpoint = |service| environment.get(service).ok_or("no endpoint");
        let endpoints =
            Endpoints::new(endpoint("AWS_ENDPOINT_URL_DYNAMODB")?, endpoint("AWS_ENDPOINT_URL_S3")?);
        Ok(Served { endpoints, environment, process, stdin, _folder: folder })
    }

    /// Puts a file where events say that it is.
    pub(crate) async fn put(&self, key: &str, file: Vec<u8>) -> Result<(), Failed> {
        let client = aws_sdk_s3::Client::new(&self.endpoints.sdk_config());
        client.put_object().bucket(BUCKET).key(key).body(file.into()).send().await?;
        Ok(())
    }

    /// Empty tables.
    pub(crate) async fn tables(&self, whose: &str, round: usize) -> Result<Tables, Failed> {
        let name = |table: &str| format!("{table}-{whose}-{round}");
        let tables = Tables {
            inventory: name("Inventory"),
            stores: name("Stores"),
            uploads: name("Uploads"),
            notices: name("Notices"),
        };
        tables.create(&self.dynamodb()).await?;
        Ok(tables)
    }

    /// What a table holds, in the order of its items.
    pub(crate) async fn contents(&self, table: &str) -> Result<Vec<(String, u64)>, Failed> {
        let mut rows = Vec::new();
        let mut pages = self.dynamodb().scan().table_name(table).into_paginator().items().send();
        while let Some(row) = pages.next().await {
            let row = row?;
            let item = row.get("Item").and_then(|item| item.as_s().ok()).ok_or("a row without an item")?;
            let count = row.get("Count").map(AttributeValue::as_n).ok_or("a row without a count")?;
            rows.push((item.clone(), count.map_err(|_| "a count that is no number")?.parse()?));
        }
        rows.sort_unstable();
        Ok(rows)
    }

    pub(crate) fn now(&self) -> Result<Moment, Failed> {
        let servers = on_processor(&self.process.id().to_string())?;
        Ok(Moment { time: Instant::now(), ours: on_processor("self")?, servers })
    }

    fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.endpoints.sdk_config())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.process.wait();
    }
}

/// User and system time of a process, in its ticks of ten milliseconds.
fn on_processor(process: &str) -> Result<Duration, Failed> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name may have spaces, and the fields after it are counted from 3.
    let (_, fields) = stat.rsplit_once(')').ok_or("no name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(Duration::from_millis(10 * ticks.sum::<Result<u64, _>>()?))
}
