use std::collections::BTreeMap;

use aws_lambda_events::event::dynamodb::Event;
use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType, StreamRecord};
use serde_dynamo::Item;
use serde_json::{Value, json};

use crate::check::{Checked, Checker};
use crate::error::{Error, ErrorKind};
use crate::topic::Publish;

/// The most records of one batch, as of a Lambda's event source mapping.
const BATCH: usize = 10_000;

/// Follows the stream of a table from its beginning and hands its records to a
/// checker in batches, as Lambda's event source mapping does: a batch that
/// fails is delivered again from the record that failed.
#[derive(Debug)]
pub struct Follower {
    client: Client,
    stream: String,
    /// Where to read on in each shard: after this sequence number.
    done: BTreeMap<String, String>,
}

impl Follower {
    /// A follower at the beginning of a table's stream.
    ///
    /// # Errors
    ///
    /// If the table has no stream, or the service fails.
    pub async fn of_table(client: Client, table: &str) -> Result<Follower, Error> {
        let doing = || format!("find the stream of table {table}");
        let streams = client.list_streams().table_name(table).send().await;
        let streams = streams.map_err(|error| Error::of_service(doing(), error))?;
        let newest = streams.streams().last().and_then(|stream| stream.stream_arn());
        let stream = newest.ok_or_else(|| Error::new(ErrorKind::NotFound, doing()))?.to_owned();
        Ok(Follower { client, stream, done: BTreeMap::new() })
    }

    /// Hands over every record that is there now. What could not be dealt with
    /// is handed over again next time.
    ///
    /// # Errors
    ///
    /// If the service fails. A checker's failure is in its [`Checked`].
    pub async fn drain<P: Publish>(&mut self, checker: &Checker<P>) -> Result<Vec<Checked>, Error> {
        let mut all = Vec::new();
        for shard in self.shards().await? {
            loop {
                let records = self.read(&shard).await?;
                if records.is_empty() {
                    break;
                }
                let checked = checker.check(&event(&records)?).await;
                self.advance(&shard, &records, &checked);
                let failed = checked.failed.is_some();
                all.push(checked);
                if failed {
                    break;
                }
            }
        }
        Ok(all)
    }

    async fn shards(&self) -> Result<Vec<String>, Error> {
        let described = self.client.describe_stream().stream_arn(&self.stream).send().await;
        let described = described.map_err(|error| Error::of_service(self.doing(), error))?;
        let shards =
            described.stream_description.into_iter().flat_map(|stream| stream.shards.unwrap_or_default());
        Ok(shards.filter_map(|shard| shard.shard_id).collect())
    }

    /// The next batch of a shard: all there is, up to the most that a batch
    /// may have.
    async fn read(&self, shard: &str) -> Result<Vec<Record>, Error> {
        let after = self.done.get(shard);
        let start = match after {
            Some(_) => ShardIteratorType::AfterSequenceNumber,
            None => ShardIteratorType::TrimHorizon,
        };
        let iterator = self.client.get_shard_iterator().stream_arn(&self.stream).shard_id(shard);
        let iterator = iterator.shard_iterator_type(start).set_sequence_number(after.cloned()).send().await;
        let mut iterator = iterator.map_err(|error| Error::of_service(self.doing(), error))?.shard_iterator;
        let mut batch = Vec::new();
        while let Some(from) = iterator.take() {
            let page = self.client.get_records().shard_iterator(from).send().await;
            let page = page.map_err(|error| Error::of_service(self.doing(), error))?;
            let records = page.records.unwrap_or_default();
            if records.is_empty() {
                break;
            }
            batch.extend(records);
            iterator = page.next_shard_iterator;
            if batch.len() >= BATCH {
                batch.truncate(BATCH);
                break;
            }
        }
        Ok(batch)
    }

    /// Notes how far the checker came: to the end, or to before the record
    /// that failed.
    fn advance(&mut self, shard: &str, records: &[Record], checked: &Checked) {
        let failed = checked.failed.as_ref().map(|failed| failed.sequence_number.as_str());
        let done = records.iter().map(sequence_number).take_while(|number| failed != Some(*number)).last();
        if let Some(done) = done {
            self.done.insert(shard.to_owned(), done.to_owned());
        }
    }

    fn doing(&self) -> String {
        format!("read the stream {}", self.stream)
    }
}

fn sequence_number(record: &Record) -> &str {
    record.dynamodb().and_then(StreamRecord::sequence_number).unwrap_or_default()
}

/// The event that Lambda makes of these records.
fn event(records: &[Record]) -> Result<Event, Error> {
    let records: Vec<Value> = records.iter().map(lambda_record).collect();
    let event = serde_json::from_value(json!({ "Records": records }));
    event.map_err(|error| Error::new(ErrorKind::Invalid, "make an event of stream records").caused_by(error))
}

fn lambda_record(record: &Record) -> Value {
    let change = record.dynamodb();
    let item = |item: Option<&std::collections::HashMap<_, _>>| item.cloned().map(Item::from);
    let created = change.and_then(StreamRecord::approximate_creation_date_time);
    json!({
        "eventID": record.event_id(),
        "eventName": record.event_name().map(|name| name.as_str()),
        "eventSource": record.event_source(),
        "awsRegion": record.aws_region().unwrap_or_default(),
        "dynamodb": {
            "ApproximateCreationDateTime": created.map_or(0, |time| time.secs()),
            "Keys": item(change.and_then(StreamRecord::keys)),
            "NewImage": item(change.and_then(StreamRecord::new_image)),
            "OldImage": item(change.and_then(StreamRecord::old_image)),
            "SequenceNumber": change.and_then(StreamRecord::sequence_number),
            "SizeBytes": change.and_then(StreamRecord::size_bytes).unwrap_or_default(),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}
