use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementError, BatchStatementErrorCodeEnum, BatchStatementRequest,
    ReturnConsumedCapacity,
};
use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::stream::{self, StreamExt};
use inventory_core::turnstile::Said;
use inventory_core::{Item, Status, Store, Version};

use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::progress::Meter;
use crate::row::{Attributes, VERSIONS};
use crate::tables::attribute::{ITEM, STORE};

/// The most statements that one request may have.
const BATCH: usize = 25;
/// How many requests of one store are under way at once.
const IN_FLIGHT: usize = 8;

/// One row to write: what, and what must still be true of the row.
#[derive(Debug)]
pub(crate) struct Write<'a> {
    pub(crate) item: Cow<'a, Item>,
    /// Whether the upload names it.
    pub(crate) is_named: bool,
    pub(crate) said: Said,
    pub(crate) status: Status,
    pub(crate) condition: Condition,
}

impl Write<'_> {
    fn attributes(&self, store: &Store) -> Attributes {
        Attributes::of(store, &self.item, &self.said, self.status)
    }
}

/// What must still be true of a row when it is written.
#[derive(Debug)]
pub(crate) enum Condition {
    /// There is no row.
    Absent,
    /// [`VERSIONS`] are these.
    AsRead([Option<Version>; 3]),
}

/// Writes rows of one store for one upload.
pub(crate) struct Writer<'a> {
    pub(crate) client: &'a Client,
    pub(crate) table: &'a str,
    pub(crate) store: &'a Store,
    pub(crate) meter: &'a Meter<'a>,
    pub(crate) deadline: Deadline,
}

/// What became of rows to write.
#[derive(Debug, Default)]
pub(crate) struct Written<'a> {
    /// How many were written.
    pub(crate) rows: u64,
    /// How many of those the upload names.
    pub(crate) named: u64,
    /// About how many bytes of new rows these are.
    pub(crate) new_bytes: usize,
    /// Those whose condition was not true any more. After a request without an
    /// answer that may be because of the very write that was not answered.
    pub(crate) failed: Vec<Write<'a>>,
    /// An error, before others one of a request that may still take effect.
    /// Every request that was sent was waited for.
    pub(crate) error: Option<Error>,
}

impl<'a> Writer<'a> {
    /// Writes rows, in any order. After an error no further request is sent.
    pub(crate) async fn write(&self, mut rows: Vec<Write<'a>>) -> Written<'a> {
        // Neighbours are in one partition: shuffled, they do not heat it one
        // after another.
        fastrand::shuffle(&mut rows);
        self.meter.want(rows.len());
        let stopped = AtomicBool::new(false);
        let mut rows = rows.into_iter().peekable();
        let mut batches = Vec::new();
        while rows.peek().is_some() {
            batches.push(self.write_batch(rows.by_ref().take(BATCH).collect(), &stopped));
        }
        let written: Vec<_> = stream::iter(batches).buffer_unordered(IN_FLIGHT).collect().await;
        written.into_iter().fold(Written::default(), Written::and)
    }

    /// Writes up to 25 rows, and those that are throttled again and again.
    async fn write_batch(&self, mut rows: Vec<Write<'a>>, stopped: &AtomicBool) -> Written<'a> {
        let mut written = Written::default();
        let mut pauses = backoff();
        let silence = Silence::default();
        while !rows.is_empty() && !stopped.load(Ordering::Relaxed) {
            let again = match self.try_batch(&mut rows, &mut written, &silence).await {
                Ok(None) => continue,
                Ok(Some(throttled)) => throttled,
                Err(error) => {
                    stopped.store(true, Ordering::Relaxed);
                    written.error = Some(error);
                    break;
                }
            };
            match pauses.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => {
                    stopped.store(true, Ordering::Relaxed);
                    written.error = Some(again);
                }
            }
        }
        if silence.was_heard() {
            written.error = written.error.map(Error::after_silence);
        }
        written
    }

    /// One request. Leaves the rows that were throttled, and says how.
    async fn try_batch(
        &self,
        rows: &mut Vec<Write<'a>>,
        written: &mut Written<'a>,
        silence: &Silence,
    ) -> Result<Option<Error>, Error> {
        self.deadline.check(|| self.doing())?;
        let statements = rows.iter().map(|row| self.statement(row)).collect::<Result<Vec<_>, _>>()?;
        let answers = self.execute(statements, silence).await?;
        let tried = rows.len();
        let (mut throttled, mut again, mut refused) = (Vec::new(), None, None);
        for (row, answer) in std::mem::take(rows).into_iter().zip(answers) {
            match answer.map(|error| self.classify(&row, &error)) {
                None => written.add(self.store, &row),
                Some(Failure::Condition) => written.failed.push(row),
                Some(Failure::Service(error)) if error.is_retryable() => {
                    throttled.push(row);
                    again = Some(error);
                }
                Some(Failure::Service(error)) => refused = refused.or(Some(error)),
            }
        }
        self.meter.wrote(tried - throttled.len());
        *rows = throttled;
        refused.map_or(Ok(again), Err)
    }

    /// One request, and what each of its statements came to.
    async fn execute(
        &self,
        statements: Vec<BatchStatementRequest>,
        silence: &Silence,
    ) -> Result<Vec<Option<BatchStatementError>>, Error> {
        let asked = statements.len();
        let request = self.client.batch_execute_statement().set_statements(Some(statements));
        let request = request.return_consumed_capacity(ReturnConsumedCapacity::Total);
        let sent = request.customize().interceptor(silence.clone()).send().await;
        let answer = sent.map_err(|error| Error::of_service(self.doing(), error))?;
        self.meter.write(answer.consumed_capacity());
        let answers = answer.responses.unwrap_or_default();
        if answers.len() != asked {
            let what = format!("{}: {} of {asked} statements were answered", self.doing(), answers.len());
            return Err(Error::new(ErrorKind::Unavailable, what));
        }
        Ok(answers.into_iter().map(|answer| answer.error).collect())
    }

    fn statement(&self, row: &Write<'a>) -> Result<BatchStatementRequest, Error> {
        let attributes = row.attributes(self.store);
        let key = [(STORE, self.store.as_str()), (ITEM, row.item.as_str())]
            .map(|(name, value)| (name, serde_dynamo::AttributeValue::S(value.to_owned())));
        let (text, values) = match &row.condition {
            Condition::Absent => insert(self.table, key, attributes),
            Condition::AsRead(versions) => update(self.table, key, attributes, versions),
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

impl<'a> Written<'a> {
    fn add(&mut self, store: &Store, row: &Write<'a>) {
        self.rows += 1;
        self.named += u64::from(row.is_named);
        if let Condition::Absent = row.condition {
            let key = STORE.len() + store.as_str().len() + ITEM.len() + row.item.as_str().len();
            self.new_bytes += key + row.attributes(store).bytes();
        }
    }

    fn and(mut self, other: Written<'a>) -> Written<'a> {
        self.rows += other.rows;
        self.named += other.named;
        self.new_bytes += other.new_bytes;
        self.failed.extend(other.failed);
        self.error = match (self.error, other.error) {
            (Some(settled), Some(error)) if !settled.is_unsettled() => Some(error),
            (first, second) => first.or(second),
        };
        self
    }
}

/// Notes that a try of a request was not answered, or by a service that
/// failed: what it asked for may still happen, whatever the SDK's next try
/// comes to.
#[derive(Clone, Debug, Default)]
struct Silence(Arc<AtomicBool>);

impl Silence {
    fn was_heard(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Intercept for Silence {
    fn name(&self) -> &'static str {
        "Silence"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let has_failed = context.response().is_none_or(|response| response.status().is_server_error());
        let is_answer = match context.output_or_error() {
            Some(Err(error)) => error.is_operation_error(),
            answer => answer.is_some(),
        };
        if has_failed || !is_answer {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
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
    versions: &[Option<Version>; 3],
) -> (String, Vec<Value>) {
    let mut text = format!("UPDATE \"{table}\"");
    for (name, _) in &attributes.set {
        text += &format!(" SET \"{name}\" = ?");
    }
    for name in &attributes.remove {
        text += &format!(" REMOVE \"{name}\"");
    }
    text += &format!(" WHERE \"{STORE}\" = ? AND \"{ITEM}\" = ?");
    for (name, version) in VERSIONS.iter().zip(versions) {
        let is = if version.is_some() { "= ?" } else { "IS MISSING" };
        text += &format!(" AND \"{name}\" {is}");
    }

    let attributes = attributes.set.into_iter().map(|(_, value)| value);
    let key = key.into_iter().map(|(_, value)| value);
    let versions = versions.iter().flatten().map(|version| Value::S(version.as_str().to_owned()));
    (text, attributes.chain(key).chain(versions).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_errors_the_one_that_may_still_take_effect_is_told() {
        let failed = |kind| Written { error: Some(Error::new(kind, "write")), ..Written::default() };
        let kinds = [ErrorKind::Denied, ErrorKind::Unavailable];
        for (first, second) in [(kinds[0], kinds[1]), (kinds[1], kinds[0])] {
            let error = failed(first).and(failed(second)).and(Written::default()).error.unwrap();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{first:?}, {second:?}");
        }
    }
}
