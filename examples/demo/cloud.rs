use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path};

use aws_lambda_events::event::s3::S3Event;
use aws_sdk_s3::primitives::ByteStream;
use inventory_aws::embedded::{Embedded, Follower};
use inventory_aws::{Checker, Loaded, Loader, Overview, Progress, Tables};
use inventory_core::reader::Limits;
use inventory_core::{Notice, Policy};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::outbox::{Outbox, ReceiptNotice};

const BUCKET: &str = "uploads";
/// Never the bucket that uploads come from.
const RECEIPTS: &str = "receipts";
/// The embedded S3 makes one file name of a key of [`BUCKET`], and this is the
/// most that fits.
const KEY_BYTES: usize = 161;

/// What AWS does around the two functions, on the embedded default: keeps the
/// files and tables, tells of each new file, and delivers the stream.
pub(crate) struct Cloud {
    embedded: Embedded,
    s3: aws_sdk_s3::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    tables: Tables,
    loader: Loader,
    checker: Checker<Outbox>,
    outbox: Outbox,
    follower: Follower,
    uploads: u64,
}

impl Cloud {
    /// Starts in a folder, with a bucket and tables if there are none.
    pub(crate) async fn start(
        folder: &Path,
        policy: Policy,
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<Cloud, Box<dyn Error>> {
        let embedded = Embedded::start(folder).await?;
        let config = embedded.sdk_config();
        let s3 = aws_sdk_s3::Client::new(&config);
        let dynamodb = aws_sdk_dynamodb::Client::new(&config);
        let tables = Tables::default();
        tables.create(&dynamodb).await?;
        for bucket in [BUCKET, RECEIPTS] {
            if s3.head_bucket().bucket(bucket).send().await.is_err() {
                s3.create_bucket().bucket(bucket).send().await?;
            }
        }
        let streams = aws_sdk_dynamodbstreams::Client::new(&config);
        let follower = Follower::of_table(streams, &tables.inventory).await?;
        let outbox = Outbox::open(&folder.join("outbox.jsonl"))?;
        let checker = Checker::new(outbox.clone())
            .with_policy(policy.clone())
            .with_ledger(dynamodb.clone(), &tables.notices)
            .with_uploads(dynamodb.clone(), &tables.uploads);
        let loader = Loader::new(s3.clone(), dynamodb.clone(), tables.clone())
            .with_policy(policy)
            .with_progress(progress)
            .with_receipts(RECEIPTS)
            .with_notices(outbox.clone());
        let mut cloud =
            Cloud { embedded, s3, dynamodb, tables, loader, checker, outbox, follower, uploads: 0 };
        // What a kept folder's stream tells of was told when it happened.
        cloud.notices().await?;
        Ok(cloud)
    }

    /// Puts a file into the bucket, and does what the bucket's event would do.
    pub(crate) async fn upload(&mut self, file: &Path, key: &Path) -> Result<Vec<Loaded>, Box<dyn Error>> {
        let key = object_key(key);
        let body = body(file).await?;
        if key.len() > KEY_BYTES {
            return Err(format!(
                "its key has {} bytes, and at most {KEY_BYTES} fit: shorten its name, {key}",
                key.len()
            )
            .into());
        }
        let put = self.s3.put_object().bucket(BUCKET).key(&key).body(body);
        put.set_metadata(Some(metadata(file))).send().await?;
        self.uploads += 1;
        Ok(self.loader.handle(&self.event(&key)?).await?)
    }

    /// Delivers what is new in the stream, and says what was published.
    pub(crate) async fn notices(&mut self) -> Result<Vec<Notice>, Box<dyn Error>> {
        let mut notices = Vec::new();
        for checked in self.follower.drain(&self.checker).await? {
            notices.extend(checked.published);
            if let Some(failed) = checked.failed {
                return Err(failed.error.into());
            }
        }
        Ok(notices)
    }

    /// What stores were told of their receipts since this was last asked.
    pub(crate) fn receipts(&self) -> Vec<ReceiptNotice> {
        self.outbox.receipts()
    }

    pub(crate) async fn overview(&self) -> Result<Overview, Box<dyn Error>> {
        Ok(Overview::read(&self.dynamodb, &self.tables).await?)
    }

    /// Where the tables are served.
    pub(crate) fn database(&self) -> &str {
        &self.embedded.endpoints().dynamodb
    }

    pub(crate) fn tables(&self) -> &Tables {
        &self.tables
    }

    pub(crate) async fn stop(self) -> Result<(), Box<dyn Error>> {
        Ok(self.embedded.shutdown().await?)
    }

    /// The event that S3 sends of a new object.
    fn event(&self, key: &str) -> Result<S3Event, serde_json::Error> {
        let now = Timestamp::now();
        let sequencer = format!("{:016X}{:08X}", now.as_microsecond(), self.uploads);
        serde_json::from_value(json!({ "Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-east-1",
            "eventTime": format!("{now:.3}"),
            "eventName": "ObjectCreated:Put",
            "userIdentity": { "principalId": "demo" },
            "requestParameters": { "sourceIPAddress": "127.0.0.1" },
            "responseElements": {},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "uploads",
                "bucket": { "name": BUCKET, "arn": format!("arn:aws:s3:::{BUCKET}") },
                "object": { "key": event_key(key), "sequencer": sequencer },
            },
        }]}))
    }
}

/// What a file holds.
async fn body(file: &Path) -> Result<ByteStream, Box<dyn Error>> {
    let path = file.to_owned();
    // A pipe opens when somebody writes to it.
    let read = tokio::task::spawn_blocking(move || read_without_length(&path)).await?;
    match read.map_err(|error| format!("cannot be read: {error}"))? {
        Some(bytes) => Ok(bytes.into()),
        None => Ok(ByteStream::from_path(file).await.map_err(|error| format!("cannot be read: {error}"))?),
    }
}

/// Reads what has no length to go by, such as a pipe, to the first byte that is
/// more than the loader takes; gives none of a file that has one.
fn read_without_length(file: &Path) -> io::Result<Option<Vec<u8>>> {
    let opened = File::open(file)?;
    let metadata = opened.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder; name the files in it"));
    }
    if metadata.is_file() && metadata.len() > 0 {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    opened.take(Limits::default().file_bytes + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// The metadata that a file's name asks for, such as stock.snapshot.csv.
fn metadata(file: &Path) -> HashMap<String, String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let words = || name.split('.');
    let mode = words().filter(|word| ["dry-run", "snapshot"].contains(word)).collect::<Vec<_>>().join(" ");
    let confirm = if words().any(|word| word == "confirm") { "yes" } else { "" };
    let metadata = [("mode", mode), ("confirm", confirm.to_owned())];
    let said = metadata.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A key for a path: its last two names, or all from a folder `stores` on.
fn object_key(path: &Path) -> String {
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    let names: Vec<_> = names.collect();
    let start = names.iter().rposition(|name| name == "stores").unwrap_or(names.len().saturating_sub(2));
    names.get(start..).unwrap_or_default().join("/")
}

/// A key as events encode it.
fn event_key(key: &str) -> String {
    const KEPT: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b' ');
    utf8_percent_encode(key, KEPT).to_string().replace(' ', "+")
}
