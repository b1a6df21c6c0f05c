use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use inventory_aws::{Loader, Tables};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::answers::{config, object, s3, upload};
use crate::support::lines;

const LATENCY: Duration = Duration::from_millis(50);

/// An empty table that takes a while to say so.
#[derive(Clone, Debug, Default)]
struct Far {
    in_flight: Arc<AtomicUsize>,
    /// The most that were in flight at once.
    most: Arc<AtomicUsize>,
}

impl HttpConnector for Far {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap();
        let answers = body["Statements"].as_array().map_or(0, Vec::len);
        let Far { in_flight, most } = self.clone();
        HttpConnectorFuture::new(async move {
            most.fetch_max(in_flight.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            tokio::time::sleep(LATENCY).await;
            in_flight.fetch_sub(1, Ordering::Relaxed);
            let body = json!({ "Items": [], "Responses": vec![json!({}); answers] }).to_string();
            Ok(HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::from(body)))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_stores_go_side_by_side_and_not_all_at_once() {
    let rows = (0..10_000).map(|row| format!("Store {},i{row},1\n", row % 1_000));
    let file = rows.fold("store,item,count\n".to_owned(), |file, row| file + &row);
    let far = Far::default();
    let most = far.most.clone();
    let client = http_client_fn(move |_, _| SharedHttpConnector::new(far.clone()));
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(config!(aws_sdk_dynamodb).http_client(client).build());
    let loader = Loader::new(s3(&[object(file.leak())]), dynamodb, Tables::default());
    let start = Instant::now();
    let loaded = loader.load(&upload()).await.unwrap();
    assert_eq!(lines(&loaded).len(), 1_000);
    let one_by_one = LATENCY * u32::try_from(loaded.usage.requests).unwrap();
    assert!(loaded.usage.requests >= 5_000, "claim, read, write, keep, leave: {:?}", loaded.usage);
    assert_eq!(most.load(Ordering::Relaxed), 16, "side by side, and no more than that");
    assert!(start.elapsed() < one_by_one / 12, "{:?} of {one_by_one:?}", start.elapsed());
}
