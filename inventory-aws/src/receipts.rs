use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use inventory_core::reader::Warning;
use inventory_core::receipt::Preview;
use inventory_core::{Receipt, Reject, Store, Version};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, is_condition};
use crate::load::{Applying, StoreReceipt};
use crate::progress::Meter;
use crate::tables::attribute::{STORE, VERSION};
use crate::upload::Upload;

/// Whose receipt it is where nobody can tell: of a refused file, and of rows
/// without a readable store.
pub(crate) const NOBODY: &str = "(unknown)";
/// How many characters of a rejected value are kept.
const VALUE_KEPT: usize = 200;
/// How many rejects of a store are kept with their text.
pub(crate) const REJECTS_KEPT: usize = 50;
const FAILED: &str = "failed";
pub(crate) const QUARANTINED: &str = "quarantined";
/// The attributes that not every entry has.
pub(crate) const OPTIONAL: [&str; 3] = ["Reason", "Retry", "SupersededBy"];

/// What only `Uploads` has of an entry.
const OF_UPLOADS_ALONE: [&str; 4] = ["Rejects", "Warnings", "ReceiptFile", "RejectsFile"];

/// Keeps what became of each upload, for each store that it speaks of: the
/// table `Uploads`.
pub(crate) struct Receipts<'a> {
    pub(crate) client: &'a Client,
    pub(crate) table: &'a str,
    pub(crate) meter: &'a Meter<'a>,
}

/// One row of `Uploads`, and without its rejects what `Stores` shows of the
/// newest.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Entry<'a> {
    store: &'a str,
    version: &'a str,
    bucket: &'a str,
    key: &'a str,
    object_version: Option<&'a str>,
    uploaded: String,
    pub(crate) outcome: &'static str,
    /// Why it was refused or quarantined or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Of a failure, whether a retry may mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<bool>,
    /// The newest of the uploads that said something else of some rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<String>,
    /// Of a dry run or a quarantine, what would change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preview: Option<Preview>,
    pub(crate) receipt: Receipt,
    rejects: Vec<Rejected<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warned<'a>>,
    /// The key of its document in the bucket of receipts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) receipt_file: Option<String>,
    /// The key of the table of its rejects there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rejects_file: Option<String>,
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

/// One odd row of an [`Entry`].
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Warned<'a> {
    line: u64,
    column: usize,
    value: String,
    reason: &'a inventory_core::reader::Oddity,
}

impl<'a> Entry<'a> {
    /// The entry of what became of a store's rows.
    pub(crate) fn of(upload: &'a Upload, file: &Applying<'a>, of_store: &'a StoreReceipt) -> Entry<'a> {
        let rejects = file.rejects.of(of_store.store.as_ref()).iter().take(REJECTS_KEPT);
        // A warning is of the upload, and is told with each of its stores.
        let warnings = if of_store.store.is_some() { file.warnings } else { &[] };
        Entry {
            reason: of_store.reason(),
            superseded_by: of_store.superseded_by.as_ref().map(Version::to_string),
            preview: of_store.preview,
            receipt: of_store.receipt,
            rejects: rejects.map(Rejected::from).collect(),
            warnings: warnings.iter().map(Warned::from).collect(),
            ..Entry::new(upload, file.version, of_store.store.as_ref(), of_store.outcome())
        }
    }

    /// The entry of an upload that was refused whole.
    pub(crate) fn refused(
        upload: &'a Upload,
        version: &'a Version,
        store: Option<&'a Store>,
        reason: String,
    ) -> Entry<'a> {
        Entry { reason: Some(reason), ..Entry::new(upload, version, store, "refused") }
    }

    /// The entry of an upload that could not be dealt with.
    pub(crate) fn failed(
        upload: &'a Upload,
        version: &'a Version,
        store: Option<&'a Store>,
        error: &Error,
    ) -> Entry<'a> {
        let (reason, retry) = (Some(error.to_string()), Some(error.is_retryable()));
        Entry { reason, retry, ..Entry::new(upload, version, store, FAILED) }
    }

    fn new(
        upload: &'a Upload,
        version: &'a Version,
        store: Option<&'a Store>,
        outcome: &'static str,
    ) -> Entry<'a> {
        Entry {
            store: store.map_or(NOBODY, Store::as_str),
            version: version.as_str(),
            bucket: &upload.bucket,
            key: &upload.key,
            object_version: upload.object_version.as_deref(),
            uploaded: upload.time.to_string(),
            outcome,
            reason: None,
            retry: None,
            superseded_by: None,
            preview: None,
            receipt: Receipt::default(),
            rejects: Vec::new(),
            warnings: Vec::new(),
            receipt_file: None,
            rejects_file: None,
        }
    }

    /// The attributes that `Stores` shows: all but the key, and the rows and
    /// files, which would make every claim dear.
    pub(crate) fn shown(&self) -> Result<HashMap<String, AttributeValue>, Error> {
        let mut attributes = self.attributes()?;
        attributes.retain(|name, _| name != STORE && !OF_UPLOADS_ALONE.contains(&&**name));
        Ok(attributes)
    }

    fn attributes(&self) -> Result<HashMap<String, AttributeValue>, Error> {
        let attributes = serde_dynamo::to_item(self);
        attributes.map_err(|error| Error::new(ErrorKind::Invalid, "write a receipt").caused_by(error))
    }
}

impl<'a> From<&'a Reject> for Rejected<'a> {
    fn from(reject: &'a Reject) -> Rejected<'a> {
        let value = reject.value.chars().take(VALUE_KEPT).collect();
        Rejected { line: reject.position.line, column: reject.column, value, reason: &reject.reason }
    }
}

impl<'a> From<&'a Warning> for Warned<'a> {
    fn from(warning: &'a Warning) -> Warned<'a> {
        let value = warning.value.chars().take(VALUE_KEPT).collect();
        Warned { line: warning.position.line, column: warning.column, value, reason: &warning.reason }
    }
}

/// What is read of an entry again.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Kept {
    outcome: String,
    receipt: Receipt,
    superseded_by: Option<String>,
}

impl Receipts<'_> {
    /// Keeps an entry in the place of what an earlier attempt left; only a
    /// failure or a quarantine does not take the place of what was done.
    pub(crate) async fn keep(&self, entry: &Entry<'_>) -> Result<(), Error> {
        let mut put = self.client.put_item().table_name(self.table).set_item(Some(entry.attributes()?));
        if let FAILED | QUARANTINED = entry.outcome {
            put = put.condition_expression("attribute_not_exists(#Outcome) OR #Outcome IN (:failed, :own)");
            put = put.expression_attribute_names("#Outcome", "Outcome");
            put = put.expression_attribute_values(":failed", AttributeValue::S(FAILED.to_owned()));
            put = put.expression_attribute_values(":own", AttributeValue::S(entry.outcome.to_owned()));
        }
        match put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await {
            Ok(sent) => self.meter.write(&sent.consumed_capacity),
            Err(error) if is_condition(&error) => self.meter.write(None),
            Err(error) => {
                return Err(Error::of_service(format!("keep the receipt of {:?}", entry.key), error));
            }
        }
        Ok(())
    }

    /// What an earlier attempt at an upload came to, if it came to its end.
    pub(crate) async fn finished(
        &self,
        store: &Store,
        version: &Version,
    ) -> Result<Option<StoreReceipt>, Error> {
        let doing = || format!("read the receipt of store {:?}", store.as_str());
        let get = self.client.get_item().table_name(self.table).consistent_read(true);
        let get = get.key(STORE, AttributeValue::S(store.as_str().to_owned()));
        let get = get.key(VERSION, AttributeValue::S(version.as_str().to_owned()));
        let sent = get.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let answer = sent.map_err(|error| Error::of_service(doing(), error))?;
        self.meter.read(&answer.consumed_capacity);
        let Some(item) = answer.item else {
            return Ok(None);
        };
        let kept: Kept = serde_dynamo::from_item(item)
            .map_err(|error| Error::new(ErrorKind::Invalid, doing()).caused_by(error))?;
        let is_finished = matches!(&*kept.outcome, "applied" | "unchanged" | "superseded");
        Ok(is_finished.then(|| StoreReceipt {
            superseded_by: kept.superseded_by.as_deref().map(Version::from_stored),
            ..StoreReceipt::new(Some(store.clone()), kept.receipt)
        }))
    }
}
