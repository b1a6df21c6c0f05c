use std::io;
use std::time::Duration;

use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::ConnectorError;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use inventory_aws::{Error, ErrorKind, Loader, Publish, Tables, Topic};

use crate::support::answers::{config, dynamodb, object, receipts, s3, upload};
use crate::support::notices::sold_out;

/// What becomes of a request instead of an answer; nothing, ever, without.
#[derive(Clone, Copy, Debug)]
struct Line(Option<fn() -> ConnectorError>);

const BROKEN: Line =
    Line(Some(|| ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionReset).into())));
const SLOW: Line = Line(Some(|| ConnectorError::timeout(io::Error::from(io::ErrorKind::TimedOut).into())));
const DEAD: Line = Line(None);

impl HttpConnector for Line {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        match self.0 {
            Some(error) => HttpConnectorFuture::ready(Err(error())),
            None => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

impl Line {
    fn client(self) -> SharedHttpClient {
        http_client_fn(move |_, _| SharedHttpConnector::new(self))
    }
}

fn patience() -> TimeoutConfig {
    TimeoutConfig::builder().operation_timeout(Duration::from_secs(20)).build()
}

#[track_caller]
fn check_no_answer(error: &Error, start: &str) {
    let text = error.to_string();
    assert!(text.starts_with(start), "{text}");
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Unavailable, true), "{text}");
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_of_s3_a_retry_may_help() {
    for (line, reason) in [
        (BROKEN, "dispatch failure: io error: connection reset"),
        (SLOW, "dispatch failure: timeout: timed out"),
        (
            DEAD,
            "request has timed out: operation timeout (all attempts including retries) occurred after 20s",
        ),
    ] {
        let config = config!(aws_sdk_s3).http_client(line.client()).timeout_config(patience());
        let s3 = aws_sdk_s3::Client::from_conf(config.build());
        let error =
            Loader::new(s3, dynamodb(&[receipts()]), Tables::default()).load(&upload()).await.unwrap_err();
        check_no_answer(&error, &format!("failed to read s3://uploads/day.csv: no good answer: {reason}"));
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_of_dynamodb_a_retry_may_help() {
    for line in [BROKEN, SLOW, DEAD] {
        let config = config!(aws_sdk_dynamodb).http_client(line.client()).timeout_config(patience());
        let dynamodb = aws_sdk_dynamodb::Client::from_conf(config.build());
        let s3 = s3(&[object("store,item,count\nOslo,tea,4\n")]);
        let error = Loader::new(s3, dynamodb, Tables::default()).load(&upload()).await.unwrap_err();
        check_no_answer(&error, "failed to claim store \"Oslo\": no good answer: ");
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_of_sns_a_retry_may_help() {
    for line in [BROKEN, SLOW, DEAD] {
        let config = config!(aws_sdk_sns).http_client(line.client()).timeout_config(patience());
        let topic = Topic::new(aws_sdk_sns::Client::from_conf(config.build()), "arn:topic");
        let results = topic.publish(&[sold_out("Bergen", 1), sold_out("Oslo", 1)]).await;
        assert_eq!(results.len(), 2);
        for result in results {
            check_no_answer(&result.unwrap_err(), "failed to publish to arn:topic: no good answer: ");
        }
    }
}
