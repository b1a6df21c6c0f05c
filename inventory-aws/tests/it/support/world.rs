//! The real thing in a folder of its own: the embedded servers, a bucket, the
//! tables, and a loader over the real clients.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodbstreams::types::ShardIteratorType;
use aws_sdk_s3::primitives::ByteStream;
use inventory_aws::embedded::{Embedded, Endpoints, Follower};
use inventory_aws::{Error, Loaded, Loader, Tables};
use serde_json::Value;
use tempfile::TempDir;

use super::events::{Put, s3_event};
use super::faults::Faults;
use super::wire::Wire;
use super::{Row, s};

/// The attributes of `Stores` that are not for showing.
const TURNSTILE: [&str; 5] = ["Active", "Recent", "Claims", "ReadUnits", "Stocked"];

pub(crate) struct World {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) tables: Tables,
    pub(crate) loader: Loader,
    /// What the loader asks DynamoDB.
    pub(crate) wire: Wire,
    embedded: Embedded,
    folder: TempDir,
    puts: AtomicU64,
}

impl World {
    pub(crate) async fn start() -> World {
        World::over(tempfile::tempdir().expect("a folder can be made"), 0).await
    }

    async fn over(folder: TempDir, puts: u64) -> World {
        let embedded = Embedded::start(folder.path()).await.expect("the servers start");
        let config = embedded.sdk_config();
        let s3 = aws_sdk_s3::Client::new(&config);
        let dynamodb = aws_sdk_dynamodb::Client::new(&config);
        let tables = Tables::default();
        tables.create(&dynamodb).await.expect("the tables can be made");
        // After a restart it is there already.
        let _ = s3.create_bucket().bucket("uploads").send().await;

        let wire = Wire::default();
        let watched = aws_sdk_dynamodb::config::Builder::from(&config).interceptor(wire.clone());
        let watched = watched.retry_config(retries());
        let watched = aws_sdk_dynamodb::Client::from_conf(watched.build());
        let loader = Loader::new(s3.clone(), watched, tables.clone());
        World { s3, dynamodb, tables, loader, wire, embedded, folder, puts: AtomicU64::new(puts) }
    }

    /// The same folder served again.
    pub(crate) async fn restart(self) -> World {
        self.embedded.shutdown().await.expect("the servers stop");
        World::over(self.folder, self.puts.into_inner()).await
    }

    /// Puts a file into the bucket; each a minute later than the one before.
    pub(crate) async fn put(&self, key: &str, file: impl AsRef<[u8]>) -> Put {
        self.put_as_of(key, file, None).await
    }

    /// The same for a file that says when its stock was counted.
    pub(crate) async fn put_as_of(&self, key: &str, file: impl AsRef<[u8]>, as_of: Option<&str>) -> Put {
        let metadata: Vec<_> = as_of.map(|time| ("as-of", time)).into_iter().collect();
        self.put_with(key, file, &metadata).await
    }

    /// The same for a file with metadata.
    pub(crate) async fn put_with(&self, key: &str, file: impl AsRef<[u8]>, metadata: &[(&str, &str)]) -> Put {
        let body = ByteStream::from(file.as_ref().to_vec());
        let put = self.s3.put_object().bucket("uploads").key(key).body(body);
        let put = metadata.iter().fold(put, |put, (name, value)| put.metadata(*name, *value));
        put.send().await.expect("the object can be put");
        let put = Put::nth(self.puts.fetch_add(1, Ordering::Relaxed) + 1, key);
        Put { size: file.as_ref().len(), ..put }
    }

    /// Hands the loader the event of these puts.
    pub(crate) async fn handle(&self, puts: &[Put]) -> Result<Vec<Loaded>, Error> {
        self.loader.handle(&s3_event(puts)).await
    }

    /// Hands the loader the event of one put, which must not fail.
    pub(crate) async fn deliver(&self, put: &Put) -> Loaded {
        let mut loaded = self.handle(std::slice::from_ref(put)).await.expect("no service fails");
        loaded.pop().expect("it tells of one upload")
    }

    /// Puts a file and loads it.
    pub(crate) async fn upload(&self, key: &str, file: impl AsRef<[u8]>) -> Loaded {
        let put = self.put(key, file).await;
        self.deliver(&put).await
    }

    /// Writes a row as somebody else would.
    pub(crate) async fn write(&self, attributes: &[(&str, AttributeValue)]) {
        let row = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let put = self.dynamodb.put_item().table_name(&self.tables.inventory);
        put.set_item(Some(row.collect())).send().await.expect("the row can be put");
    }

    /// Every row of a table, in no order.
    pub(crate) async fn scan(&self, table: &str) -> Vec<Row> {
        let rows =
            self.dynamodb.scan().table_name(table).consistent_read(true).into_paginator().items().send();
        rows.collect::<Result<_, _>>().await.expect("the table can be read")
    }

    /// The inventory: a line a row, by their keys, without the index's shard.
    pub(crate) async fn rows(&self) -> Vec<String> {
        let mut rows: Vec<String> = self.scan(&self.tables.inventory).await.iter().map(line).collect();
        rows.sort();
        rows
    }

    /// The rows of a table of receipts, the oldest first, without what is in
    /// a turnstile.
    pub(crate) async fn receipts(&self, table: &str) -> Vec<Value> {
        let mut rows = self.scan(table).await;
        rows.iter_mut().for_each(|row| row.retain(|name, _| !TURNSTILE.contains(&&**name)));
        let mut rows: Vec<Value> =
            rows.into_iter().map(|row| serde_dynamo::from_item(row).expect("it is JSON")).collect();
        rows.sort_by_key(|row| (row["Version"].to_string(), row["Store"].to_string()));
        rows
    }

    /// A loader whose requests to DynamoDB go wrong.
    pub(crate) fn faulty_loader(&self, faults: &Faults) -> Loader {
        let config = aws_sdk_dynamodb::config::Builder::from(&self.embedded.sdk_config());
        let config = config.http_client(faults.client()).retry_config(retries());
        let dynamodb = aws_sdk_dynamodb::Client::from_conf(config.build());
        Loader::new(self.s3.clone(), dynamodb, self.tables.clone())
    }

    pub(crate) fn endpoints(&self) -> [&str; 2] {
        let Endpoints { dynamodb, s3, .. } = self.embedded.endpoints();
        [dynamodb, s3]
    }

    /// Deletes a row as somebody else would.
    pub(crate) async fn delete(&self, store: &str, item: &str) {
        let delete = self.dynamodb.delete_item().table_name(&self.tables.inventory);
        let delete = delete.key("Store", s(store)).key("Item", s(item));
        delete.send().await.expect("the row can be deleted");
    }

    /// A follower at the beginning of the inventory's stream.
    pub(crate) async fn follower(&self) -> Follower {
        self.try_follow(&self.tables.inventory).await.expect("the table has a stream")
    }

    pub(crate) async fn try_follow(&self, table: &str) -> Result<Follower, Error> {
        let streams = aws_sdk_dynamodbstreams::Client::new(&self.embedded.sdk_config());
        Follower::of_table(streams, table).await
    }

    /// The sequence numbers of the inventory's stream.
    pub(crate) async fn stream(&self) -> Vec<String> {
        let mut numbers = Vec::new();
        let streams = aws_sdk_dynamodbstreams::Client::new(&self.embedded.sdk_config());
        let listed = streams.list_streams().table_name(&self.tables.inventory).send().await;
        let arn = listed.expect("streams are listed").streams()[0].stream_arn.clone();
        let described = streams.describe_stream().set_stream_arn(arn.clone()).send().await;
        for shard in described.expect("it is described").stream_description.expect("it is there").shards() {
            let iterator = streams.get_shard_iterator().set_stream_arn(arn.clone());
            let iterator = iterator.set_shard_id(shard.shard_id.clone());
            let iterator = iterator.shard_iterator_type(ShardIteratorType::TrimHorizon).send().await;
            let mut next = iterator.expect("it can be read").shard_iterator;
            while let Some(from) = next.take() {
                let page = streams.get_records().shard_iterator(from).send().await.expect("it can be read");
                let records = page.records.unwrap_or_default();
                let more = !records.is_empty();
                numbers.extend(records.into_iter().filter_map(|record| record.dynamodb?.sequence_number));
                next = page.next_shard_iterator.filter(|_| more);
            }
        }
        numbers
    }
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_initial_backoff(Duration::from_millis(1))
}

/// A row's key and what else it has, by the attributes' names; of versions only
/// the time of day.
fn line(row: &Row) -> String {
    let mut rest: Vec<String> =
        row.iter().filter_map(|(name, value)| attribute(name, &value_text(value))).collect();
    rest.sort();
    let key = ["Store", "Item"].map(|name| row.get(name).map(value_text).unwrap_or_default());
    format!("{}: {}", key.join("/"), rest.join(" "))
}

fn attribute(name: &str, value: &str) -> Option<String> {
    match name {
        "Store" | "Item" | "AlertShard" => None,
        _ if name.ends_with("Version") => Some(format!("{name}={}", value.get(11..16).unwrap_or(value))),
        _ => Some(format!("{name}={value}")),
    }
}

fn value_text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        other => format!("{other:?}"),
    }
}
