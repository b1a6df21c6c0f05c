//! Clients whose answers are rules, and what was asked of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::operation::batch_execute_statement::BatchExecuteStatementOutput;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemOutput;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::put_item::PutItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementError, BatchStatementRequest, BatchStatementResponse, KeysAndAttributes,
};
use aws_sdk_s3::Client as S3;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sns::Client as Sns;
use aws_smithy_mocks::{MockResponseInterceptor, Rule, RuleMode, create_mock_http_client, mock};
use inventory_aws::{Error, Loaded, Loader, Tables, Upload};
use tokio::time::Instant;

use super::events::{Put, s3_event};
use super::{Row, n, s};

/// A client's configuration for tests. Every request is sent once: the SDK's
/// own retries are not what is tested.
macro_rules! config {
    ($sdk:ident) => {
        ::$sdk::Config::builder()
            .region(::$sdk::config::Region::new("eu-north-1"))
            .credentials_provider(::$sdk::config::Credentials::new("key", "secret", None, None, "test"))
            .retry_config(::$sdk::config::retry::RetryConfig::disabled())
    };
}
pub(crate) use config;

/// What `mock_client!` does, which needs a feature of each SDK.
macro_rules! client {
    ($sdk:ident, $rules:expr) => {{
        let config = config!($sdk).http_client(create_mock_http_client()).interceptor(answers($rules));
        ::$sdk::Client::from_conf(config.build())
    }};
}

fn answers(rules: &[Rule]) -> MockResponseInterceptor {
    let answers = MockResponseInterceptor::new().rule_mode(RuleMode::MatchAny);
    rules.iter().fold(answers, MockResponseInterceptor::with_rule)
}

pub(crate) fn s3(rules: &[Rule]) -> S3 {
    client!(aws_sdk_s3, rules)
}

pub(crate) fn dynamodb(rules: &[Rule]) -> DynamoDb {
    client!(aws_sdk_dynamodb, rules)
}

pub(crate) fn sns(rules: &[Rule]) -> Sns {
    client!(aws_sdk_sns, rules)
}

/// A loader whose services answer by these rules, and panic without one. A
/// row that is got alone is not there, where no rule says otherwise.
pub(crate) fn loader(rules: &[Rule]) -> Loader {
    let nothing = mock!(DynamoDb::get_item).then_output(|| GetItemOutput::builder().build());
    Loader::new(s3(rules), dynamodb(&[rules, &[nothing]].concat()), Tables::default())
}

/// The same, whose DynamoDB client tries again what may succeed then.
pub(crate) fn retrying(rules: &[Rule]) -> Loader {
    let config = config!(aws_sdk_dynamodb).http_client(create_mock_http_client());
    let config = config.retry_config(RetryConfig::standard()).interceptor(answers(rules));
    Loader::new(s3(rules), DynamoDb::from_conf(config.build()), Tables::default())
}

/// The first upload of the day.
pub(crate) fn upload() -> Upload {
    let event = s3_event(&[Put::nth(1, "day.csv")]);
    Upload::from_event(&event.records[0]).expect("the record is whole").expect("it is of a new object")
}

/// Loads the first upload of the day. Receipts are taken and turnstiles are
/// empty, where no rule before says otherwise.
pub(crate) async fn load(rules: &[Rule]) -> Result<Loaded, Error> {
    loader(&[rules, &[receipts(), turnstile()]].concat()).load(&upload()).await
}

/// What was asked, in order. Clones share it.
#[derive(Debug)]
pub(crate) struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T> Clone for Log<T> {
    fn clone(&self) -> Log<T> {
        Log(self.0.clone())
    }
}

impl<T: Clone> Log<T> {
    pub(crate) fn new() -> Log<T> {
        Log(Arc::default())
    }

    /// Notes one more, and says how many there were before.
    pub(crate) fn note(&self, entry: T) -> usize {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(entry);
        entries.len() - 1
    }

    pub(crate) fn entries(&self) -> Vec<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One request of statements.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) at: Instant,
    /// The statements by their items.
    pub(crate) statements: BTreeMap<String, String>,
}

impl Sent {
    pub(crate) fn items(&self) -> Vec<&str> {
        self.statements.keys().map(String::as_str).collect()
    }
}

/// An object with this text.
pub(crate) fn object(text: &'static str) -> Rule {
    mock!(S3::get_object).then_output(move || {
        GetObjectOutput::builder().body(ByteStream::from_static(text.as_bytes())).build()
    })
}

/// Takes every receipt.
pub(crate) fn receipts() -> Rule {
    mock!(DynamoDb::put_item).then_output(|| PutItemOutput::builder().build())
}

/// A turnstile with nobody inside.
pub(crate) fn turnstile() -> Rule {
    mock!(DynamoDb::update_item).then_output(|| UpdateItemOutput::builder().build())
}

/// A store that holds these rows.
pub(crate) fn rows(rows: Vec<Row>) -> Rule {
    mock!(DynamoDb::query).then_compute_output(move |query| {
        let names = query.expression_attribute_names().expect("every name has a placeholder");
        assert_eq!(query.consistent_read(), Some(true), "what was just written has to be seen");
        let expressions = [query.key_condition_expression(), query.projection_expression()];
        let rows = rows.iter().map(|row| projected(row, &expressions, names)).collect();
        QueryOutput::builder().set_items(Some(rows)).build()
    })
}

/// Answers each statement by its item: with the code of an error, or not.
/// `answer` is also told how many requests there were before.
pub(crate) fn statements(
    answer: impl Fn(usize, &str) -> Option<&'static str> + Send + Sync + 'static,
) -> (Rule, Log<Sent>) {
    let log = Log::new();
    let noted = log.clone();
    let rule = mock!(DynamoDb::batch_execute_statement).then_compute_output(move |request| {
        let items: Vec<String> = request.statements().iter().map(item_of).collect();
        let texts = request.statements().iter().map(|statement| statement.statement().to_owned());
        let statements = items.iter().cloned().zip(texts).collect();
        let call = noted.note(Sent { at: Instant::now(), statements });
        let answers = items.iter().map(|item| response(answer(call, item))).collect();
        BatchExecuteStatementOutput::builder().set_responses(Some(answers)).build()
    });
    (rule, log)
}

fn response(code: Option<&'static str>) -> BatchStatementResponse {
    let error = code.map(|code| {
        BatchStatementError::builder().code(code.into()).message(format!("the service says {code}")).build()
    });
    BatchStatementResponse::builder().set_error(error).build()
}

/// The item's parameter is the one whose question mark stands after its name.
fn item_of(statement: &BatchStatementRequest) -> String {
    let before: Vec<&str> = statement.statement().split('?').collect();
    let place = before.iter().position(|text| text.contains("'Item'") || text.contains("\"Item\""));
    match place.and_then(|place| statement.parameters().get(place)) {
        Some(AttributeValue::S(item)) => item.clone(),
        other => panic!("no item in {statement:?}: {other:?}"),
    }
}

/// Answers rows by their items, and leaves some out: `answer` gives the rows
/// and the items that are left, and is told how many requests there were
/// before.
pub(crate) fn rows_by_key(
    answer: impl Fn(usize, &[String]) -> (Vec<Row>, Vec<String>) + Send + Sync + 'static,
) -> (Rule, Log<Vec<String>>) {
    let log = Log::new();
    let noted = log.clone();
    let rule = mock!(DynamoDb::batch_get_item).then_compute_output(move |request| {
        let wanted = &request.request_items().expect("it asks for rows")["Inventory"];
        assert_eq!(wanted.consistent_read(), Some(true), "what was just written has to be seen");
        let mut items: Vec<String> = wanted.keys().iter().map(|key| text_of(key, "Item")).collect();
        items.sort();
        let (rows, left) = answer(noted.note(items.clone()), &items);
        let names = wanted.expression_attribute_names().expect("every name has a placeholder");
        let rows = rows.iter().map(|row| projected(row, &[wanted.projection_expression()], names)).collect();
        let output = BatchGetItemOutput::builder().responses("Inventory", rows);
        match left.is_empty() {
            true => output.build(),
            false => output.unprocessed_keys("Inventory", only(wanted, &left)).build(),
        }
    });
    (rule, log)
}

/// What is wanted, without all but these items' keys.
fn only(wanted: &KeysAndAttributes, items: &[String]) -> KeysAndAttributes {
    let mut left = wanted.clone();
    left.keys.retain(|key| items.contains(&text_of(key, "Item")));
    left
}

/// The attributes of a row that the last expression names. As the service
/// does, it refuses names that no expression has.
fn projected(row: &Row, expressions: &[Option<&str>], names: &HashMap<String, String>) -> Row {
    let used: Vec<&str> =
        expressions.iter().copied().flatten().flat_map(|text| text.split([' ', ','])).collect();
    assert!(names.keys().all(|name| used.contains(&&**name)), "{names:?} in {expressions:?}");
    let projection = expressions.last().copied().flatten().expect("it projects");
    let wanted = projection.split(", ").map(|name| &names[name]);
    wanted.filter_map(|name| Some((name.clone(), row.get(name)?.clone()))).collect()
}

fn text_of(row: &Row, name: &str) -> String {
    match row.get(name) {
        Some(AttributeValue::S(text)) => text.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

/// A row of Oslo's with a count, and with the version of the upload that wrote
/// it, unless somebody else did.
pub(crate) fn row(item: &str, count: &str, version: Option<&str>) -> Row {
    let mut row: Row =
        [("Store", "Oslo"), ("Item", item)].map(|(name, value)| (name.to_owned(), s(value))).into();
    row.insert("Count".to_owned(), n(count));
    row.extend(version.map(|version| ("Version".to_owned(), s(version))));
    row
}
