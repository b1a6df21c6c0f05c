use std::error::Error;
use std::net::Ipv4Addr;
use std::path::Path;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::routing::get;
use inventory_aws::{STATUS_INDEX, Tables};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// The built dashboard on a loopback port, over the embedded tables and
/// without a sign-in. It ends when it is dropped.
pub(crate) struct Dashboard {
    address: String,
    task: JoinHandle<()>,
}

impl Dashboard {
    /// Serves the files in a folder, or nothing if there are none.
    pub(crate) async fn serve(
        folder: &Path,
        endpoint: &str,
        tables: &Tables,
    ) -> Result<Option<Dashboard>, Box<dyn Error>> {
        if !folder.join("index.html").is_file() {
            return Ok(None);
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://localhost:{}/", listener.local_addr()?.port());
        let router = router(folder, endpoint, tables)?;
        let task = tokio::spawn(async move {
            // It only ends with its task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Some(Dashboard { address, task }))
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn router(folder: &Path, endpoint: &str, tables: &Tables) -> Result<Router, Box<dyn Error>> {
    let settings = settings(endpoint, tables);
    let config = move || async move { ([(CONTENT_TYPE, "application/json")], settings) };
    let headers = [
        (CONTENT_SECURITY_POLICY, policy(endpoint)),
        (CACHE_CONTROL, "no-store".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let mut router = Router::new().route("/config.json", get(config)).fallback_service(ServeDir::new(folder));
    for (name, value) in headers {
        router = router.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::try_from(value)?));
    }
    Ok(router)
}

/// What the dashboard has to know. The keys are no secret: the tables are
/// served on the loopback and look at none.
fn settings(endpoint: &str, tables: &Tables) -> String {
    json!({
        "region": "us-east-1",
        "endpoint": endpoint,
        "credentials": { "accessKeyId": "demo", "secretAccessKey": "demo" },
        "inventoryTable": tables.inventory,
        "inventoryIndex": STATUS_INDEX,
        "storesTable": tables.stores,
        "uploadsTable": tables.uploads,
    })
    .to_string()
}

/// As strict as the deployed one.
fn policy(endpoint: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self' {endpoint}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    )
}
