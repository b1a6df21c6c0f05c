use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementError, BatchStatementErrorCodeEnum, BatchStatementRequest,
    ReturnConsumedCapacity,
};
use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use inventory_core::{Item, Level, Store, Version};

use crate::error::{Error, ErrorKind};
use crate::progress::Meter;
use crate::row::Attributes;
use crate::tables::attribute::{ITEM, STORE, VERSION};

/// The most statements that one request may have.
const BATCH: usize = 25;
/// How many requests of one store are under way at once.
const IN_FLIGHT: usize = 8;

/// One row to write: its level, and what must still be true of the row.
#[derive(Clone, Debug)]
pub(crate) struct Write<'a> {
    pub(crate) item: &'a Item,
    pub(crate) level: Level,
    pub(crate) condition: Condition,
}

/// What must still be true of a row when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// There is no row.
    Absent,
    /// There is a row that no upload wrote.
    Unversioned,
    /// There is a row of an older upload.
    Older,
}

/// Writes rows of one store for one upload.
pub(crate) struct Writer<'a> {
    pub(crate) client: &'a Client,
    pub(crate) table: &'a str,
    pub(crate) store: &'a Store,
    pub(crate) version: &'a Version,
    pub(crate) meter: &'a Meter<'a>,
}

impl<'a> Writer<'a> {
    /// Writes rows, in any order, and gives back those whose condition was not
    /// true any more. After a request without an answer that may be because of
    /// the very write that was not answered.
    pub(crate) async fn write(&self, mut rows: Vec<Write<'a>>) -> Result<Vec<Write<'a>>, Error> {
        // Neighbours are in one partition: shuffled, they do not heat it one
        // after another.
        fastrand::shuffle(&mut rows);
        self.meter.want(rows.len());
        let batches: Vec<Vec<Write<'a>>> = rows.chunks(BATCH).map(<[_]>::to_vec).collect();
        let failed = stream::iter(batches).map(|batch| self.write_batch(batch)).buffer_unordered(IN_FLIGHT);
        failed.try_concat().await
    }

    /// Writes up to 25 rows, and those that are throttled again and again.
    async fn write_batch(&self, mut rows: Vec<Write<'a>>) -> Result<Vec<Write<'a>>, Error> {
        let mut failed = Vec::new();
        let mut pauses = backoff();
        loop {
            let answers = self.execute(&rows).await?;
            let tried = rows.len();
            let mut again = None;
            let mut throttled = Vec::new();
            for (row, answer) in rows.into_iter().zip(answers) {
                match answer.map(|error| self.classify(&row, &error)) {
                    None => {}
                    Some(Failure::Condition) => failed.push(row),
                    Some(Failure::Service(error)) if error.is_retryable() => {
                        throttled.push(row);
                        again = Some(error);
                    }
                    Some(Failure::Service(error)) => return Err(error),
                }
            }
            self.meter.wrote(tried - throttled.len());
            let Some(error) = again else {
                return Ok(failed);
            };
            match pauses.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
            rows = throttled;
        }
    }

    /// One request, and what each of its statements came to.
    async fn execute(&self, rows: &[Write<'a>]) -> Result<Vec<Option<BatchStatementError>>, Error> {
        let statements = rows.iter().map(|row| self.statement(row)).collect::<Result<Vec<_>, _>>()?;
        let request = self.client.batch_execute_statement().set_statements(Some(statements));
        let sent = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let answer = sent.map_err(|error| Error::of_service(self.doing(), error))?;
        self.meter.write(answer.consumed_capacity());
        let answers = answer.responses.unwrap_or_default();
        if answers.len() != rows.len() {
            let what =
                format!("{}: {} of {} statements were answered", self.doing(), answers.len(), rows.len());
            return Err(Error::new(ErrorKind::Unavailable, what));
        }
        Ok(answers.into_iter().map(|answer| answer.error).collect())
    }

    fn statement(&self, row: &Write<'a>) -> Result<BatchStatementRequest, Error> {
        let attributes = Attributes::of(self.store, row.item, &row.level, self.version);
        let key = [(STORE, self.store.as_str()), (ITEM, row.item.as_str())]
            .map(|(name, value)| (name, serde_dynamo::AttributeValue::S(value.to_owned())));
        let (text, values) = match row.condition {
            Condition::Absent => insert(self.table, key, attributes),
            Condition::Unversioned => update(self.table, key, attributes, None),
            Condition::Older => update(self.table, key, attributes, Some(self.version)),
        };
        let values = values.into_iter().map(AttributeValue::from).collect();
        let statement = BatchStatementRequest::builder().statement(text).set_parameters(Some(values)).build();
        statement.map_err(|error| Error::new(ErrorKind::Invalid, self.doing()).caused_by(error))
    }

    fn classify(&self, row: &Write<'a>, error: &BatchStatementError) -> Failure {
        use BatchStatementErrorCodeEnum::{ConditionalCheckFailed, DuplicateItem};

        let code = error.code.as_ref();
        if let Some(ConditionalCheckFailed | DuplicateItem) = code {
            return Failure::Condition;
        }
        let code = code.map_or("", BatchStatementErrorCodeEnum::as_str);
        let what = format!("{}, item {:?}", self.doing(), row.item.as_str());
        Failure::Service(Error::of_part(what, code, error.message.as_deref()))
    }

    fn doing(&self) -> String {
        format!("write the levels of store {:?}", self.store.as_str())
    }
}

/// What a statement's error is.
enum Failure {
    /// Its condition is not true.
    Condition,
    /// Anything else.
    Service(Error),
}

/// The pauses between tries: from 50 ms doubling to 5 s, with jitter, for
/// about half a minute.
pub(crate) fn backoff() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(5))
        .with_max_times(12)
        .with_jitter()
        // Its own seed is always the same.
        .with_jitter_seed(fastrand::u64(..))
        .build()
}

type Value = serde_dynamo::AttributeValue;

fn insert(table: &str, key: [(&str, Value); 2], attributes: Attributes) -> (String, Vec<Value>) {
    let (names, values): (Vec<&str>, Vec<Value>) = key.into_iter().chain(attributes.set).unzip();
    let fields: Vec<String> = names.iter().map(|name| format!("'{name}': ?")).collect();
    (format!("INSERT INTO \"{table}\" VALUE {{{}}}", fields.join(", ")), values)
}

fn update(
    table: &str,
    key: [(&str, Value); 2],
    attributes: Attributes,
    older: Option<&Version>,
) -> (String, Vec<Value>) {
    let mut text = format!("UPDATE \"{table}\"");
    for (name, _) in &attributes.set {
        text += &format!(" SET \"{name}\" = ?");
    }
    for name in &attributes.remove {
        text += &format!(" REMOVE \"{name}\"");
    }
    text += &format!(" WHERE \"{STORE}\" = ? AND \"{ITEM}\" = ? AND \"{VERSION}\"");
    text += if older.is_some() { " < ?" } else { " IS MISSING" };

    let attributes = attributes.set.into_iter().map(|(_, value)| value);
    let key = key.into_iter().map(|(_, value)| value);
    let older = older.map(|version| Value::S(version.as_str().to_owned()));
    (text, attributes.chain(key).chain(older).collect())
}
