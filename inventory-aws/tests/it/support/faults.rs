//! A line to DynamoDB on which requests go wrong by chance.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::error::ConnectorError;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use fastrand::Rng;
use serde_json::{Value, json};
use tokio::sync::Notify;

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    /// The service does not take it.
    Throttled,
    /// The service fails before it does anything.
    Failed,
    /// The service does it, and says that it failed.
    Lost,
    /// The service does it, and the connection breaks.
    Broken,
    /// The service does it, and the client has stopped waiting for the answer.
    TimedOut,
    /// The client stops waiting, and then the service does it.
    Late,
    /// The service does it, and says of some statements that it did not.
    Statements,
}

const FAULTS: [Fault; 7] = [
    Fault::Throttled,
    Fault::Failed,
    Fault::Lost,
    Fault::Broken,
    Fault::TimedOut,
    Fault::Late,
    Fault::Statements,
];

const LATEST_MS: u64 = 300;
/// How long after its client has stopped waiting a request has an effect at
/// most.
pub(crate) const LATEST: Duration = Duration::from_millis(LATEST_MS);

/// The faults of one load, and when it is killed.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    chance: Arc<Mutex<Chance>>,
    killed: Arc<Notify>,
}

#[derive(Debug)]
struct Chance {
    rng: Rng,
    /// One of so many requests goes wrong.
    one_of: u8,
    /// How many requests there are until the load is killed.
    left: Option<u32>,
}

impl Faults {
    pub(crate) fn new(mut rng: Rng, one_of: u8, may_kill: bool) -> Faults {
        let left = (may_kill && rng.bool()).then(|| rng.u32(0..14));
        Faults { chance: Arc::new(Mutex::new(Chance { rng, one_of, left })), killed: Arc::default() }
    }

    /// Waits for the request at which the load is to be killed.
    pub(crate) async fn killed(&self) {
        self.killed.notified().await;
    }

    pub(crate) fn client(&self) -> SharedHttpClient {
        let faults = self.clone();
        let sound = aws_smithy_http_client::Builder::new().build_http();
        http_client_fn(move |settings, parts| {
            let sound =
                aws_smithy_runtime_api::client::http::HttpClient::http_connector(&sound, settings, parts);
            SharedHttpConnector::new(Line { faults: faults.clone(), sound })
        })
    }

    /// What becomes of the next request, and whether it is the last.
    fn next(&self) -> (Fault, bool) {
        let mut chance = self.lock();
        let is_last = chance.left == Some(0);
        chance.left = chance.left.map(|left| left.saturating_sub(1));
        let one_of = chance.one_of;
        if chance.rng.u8(0..one_of) > 0 {
            return (Fault::None, is_last);
        }
        (chance.rng.choice(FAULTS).unwrap_or(Fault::None), is_last)
    }

    fn is_heads(&self) -> bool {
        self.lock().rng.bool()
    }

    fn lock(&self) -> MutexGuard<'_, Chance> {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Line {
    faults: Faults,
    sound: SharedHttpConnector,
}

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (fault, is_last) = self.faults.next();
        let (faults, sound) = (self.faults.clone(), self.sound.clone());
        HttpConnectorFuture::new(async move {
            if is_last && faults.is_heads() {
                return faults.kill().await;
            }
            let answer = match fault {
                Fault::Throttled => refusal(400, "ProvisionedThroughputExceededException"),
                Fault::Failed => refusal(500, "InternalServerError"),
                Fault::Late => {
                    tokio::spawn(faults.sometime(sound, request));
                    timeout()
                }
                _ => sound.call(request).await,
            };
            if is_last {
                return faults.kill().await;
            }
            match fault {
                Fault::Lost => refusal(500, "InternalServerError"),
                Fault::Broken => {
                    Err(ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionReset).into()))
                }
                Fault::TimedOut => timeout(),
                Fault::Statements => doubted(answer?, &faults).await,
                _ => answer,
            }
        })
    }
}

impl Faults {
    async fn kill<T>(&self) -> T {
        self.killed.notify_one();
        std::future::pending().await
    }

    /// Sends a request whose answer nobody waits for.
    fn sometime(&self, sound: SharedHttpConnector, request: HttpRequest) -> impl Future<Output = ()> + use<> {
        let pause = self.lock().rng.u64(0..LATEST_MS);
        async move {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let _ = sound.call(request).await;
        }
    }
}

fn timeout() -> Result<HttpResponse, ConnectorError> {
    Err(ConnectorError::timeout(io::Error::from(io::ErrorKind::TimedOut).into()))
}

fn refusal(status: u16, code: &str) -> Result<HttpResponse, ConnectorError> {
    let body =
        json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "by chance" });
    let status = StatusCode::try_from(status).expect("it is one");
    Ok(HttpResponse::new(status, SdkBody::from(body.to_string())))
}

/// The answer with some statements' answers replaced by errors.
async fn doubted(mut answer: HttpResponse, faults: &Faults) -> Result<HttpResponse, ConnectorError> {
    let body = ByteStream::new(answer.take_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::other(error.into(), None))?.into_bytes();
    let mut json: Value = serde_json::from_slice(&body).unwrap_or_default();
    for statement in json["Responses"].as_array_mut().into_iter().flatten() {
        if faults.is_heads() {
            *statement = json!({ "Error": { "Code": "ThrottlingError", "Message": "by chance" } });
        }
    }
    // Without statements, or without JSON, it is what it was.
    let body = if json["Responses"].is_array() { json.to_string().into_bytes() } else { body.to_vec() };
    answer.headers_mut().insert("content-length", body.len().to_string());
    *answer.body_mut() = SdkBody::from(body);
    Ok(answer)
}
