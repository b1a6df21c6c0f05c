use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use inventory_core::{Receipt, Reject, Store};
use serde::Serialize;

use crate::error::{Error, ErrorKind};
use crate::load::{Loaded, Outcome};
use crate::progress::Meter;
use crate::tables::Tables;
use crate::tables::attribute::{STORE, VERSION};

/// Whose receipt it is where nobody can tell: of a refused file, and of rows
/// without a readable store.
const NOBODY: &str = "(unknown)";
/// How many characters of a rejected value are kept.
const VALUE_KEPT: usize = 200;

/// Keeps what became of each upload: in `Uploads` for good, in `Stores` the
/// newest.
pub(crate) struct Receipts<'a> {
    pub(crate) client: &'a Client,
    pub(crate) tables: &'a Tables,
    pub(crate) meter: &'a Meter<'a>,
}

/// One row of `Uploads`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    store: &'a str,
    version: &'a str,
    bucket: &'a str,
    key: &'a str,
    object_version: Option<&'a str>,
    uploaded: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    receipt: Receipt,
    rejects: Vec<Rejected<'a>>,
}

/// One bad row of an [`Entry`].
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Rejected<'a> {
    line: u64,
    column: Option<usize>,
    value: String,
    reason: &'a inventory_core::reader::Reason,
}

impl<'a> Entry<'a> {
    fn of(loaded: &'a Loaded, store: Option<&'a Store>, receipt: Receipt) -> Entry<'a> {
        let upload = &loaded.upload;
        let (outcome, reason, rejects) = match &loaded.outcome {
            Outcome::Applied { rejects, .. } => ("applied", None, &rejects[..]),
            Outcome::Refused(reason) => ("refused", Some(reason.to_string()), &[][..]),
        };
        let rejects = rejects.iter().filter(|reject| reject.store.as_ref() == store);
        Entry {
            store: store.map_or(NOBODY, Store::as_str),
            version: loaded.version.as_str(),
            bucket: &upload.bucket,
            key: &upload.key,
            object_version: upload.object_version.as_deref(),
            uploaded: upload.time.to_string(),
            outcome,
            reason,
            receipt,
            rejects: rejects.map(Rejected::from).collect(),
        }
    }
}

impl<'a> From<&'a Reject> for Rejected<'a> {
    fn from(reject: &'a Reject) -> Rejected<'a> {
        let value = reject.value.chars().take(VALUE_KEPT).collect();
        Rejected { line: reject.position.line, column: reject.column, value, reason: &reject.reason }
    }
}

impl Receipts<'_> {
    /// Keeps the outcome of an upload, for each store that it speaks of.
    pub(crate) async fn keep(&self, loaded: &Loaded) -> Result<(), Error> {
        let scope = loaded.upload.scope();
        let refused = [(scope, Receipt::default())];
        let receipts = match &loaded.outcome {
            Outcome::Applied { receipts, .. } => &receipts[..],
            Outcome::Refused(_) => &refused[..],
        };
        for (store, receipt) in receipts {
            let entry = Entry::of(loaded, store.as_ref(), *receipt);
            self.put_upload(&entry).await?;
            if store.is_some() {
                self.update_store(&entry).await?;
            }
        }
        Ok(())
    }

    async fn put_upload(&self, entry: &Entry<'_>) -> Result<(), Error> {
        let put = self.client.put_item().table_name(&self.tables.uploads).set_item(Some(item(entry)?));
        let sent = put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let sent =
            sent.map_err(|error| Error::of_service(format!("keep the receipt of {:?}", entry.key), error))?;
        self.meter.write(&sent.consumed_capacity);
        Ok(())
    }

    /// Shows this upload as the store's newest, unless a newer one is there.
    async fn update_store(&self, entry: &Entry<'_>) -> Result<(), Error> {
        let put = self.client.put_item().table_name(&self.tables.stores).set_item(Some(item(entry)?));
        let put = put.condition_expression("attribute_not_exists(#Store) OR #Version <= :version");
        let put =
            put.expression_attribute_names("#Store", STORE).expression_attribute_names("#Version", VERSION);
        let put = put.expression_attribute_values(":version", AttributeValue::S(entry.version.to_owned()));
        match put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await {
            Ok(sent) => self.meter.write(&sent.consumed_capacity),
            Err(error)
                if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                self.meter.write(None);
            }
            Err(error) => {
                return Err(Error::of_service(format!("keep the state of store {:?}", entry.store), error));
            }
        }
        Ok(())
    }
}

fn item(entry: &Entry<'_>) -> Result<HashMap<String, AttributeValue>, Error> {
    let item = serde_dynamo::to_item(entry);
    item.map_err(|error| Error::new(ErrorKind::Invalid, "write a receipt").caused_by(error))
}
