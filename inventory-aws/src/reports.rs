use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use inventory_core::receipt::{File, Outcome, UploadReceipt};
use inventory_core::{Reject, Store, Version};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::load::{Applying, Loader, StoreReceipt};
use crate::progress::Meter;
use crate::receipts::{Entry, NOBODY, Receipts};
use crate::topic::PublishReceipt;
use crate::upload::Upload;

/// Where receipts go besides the table of uploads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reporting {
    bucket: Option<Box<str>>,
    publisher: Option<Publisher>,
    dashboard: Option<Box<str>>,
}

impl Loader {
    /// The same loader, which puts of each upload and store a document into
    /// this bucket, `receipts/<store>/<version>/receipt.json`, and if rows were
    /// rejected their table, `rejects.csv` beside it. It must not be the bucket
    /// that the uploads come from.
    #[must_use]
    pub fn with_receipts(mut self, bucket: impl Into<Box<str>>) -> Loader {
        self.reporting.bucket = Some(bucket.into());
        self
    }

    /// The same loader, which tells a store if rows of its upload were
    /// rejected, or all of it was refused, quarantined or superseded. What it
    /// told it keeps in the table of notices, and does not tell it again for 15
    /// days, however often the upload is delivered.
    ///
    /// A notice still comes twice if the loader ends after the notice is
    /// accepted and before that is kept, or if two loaders are at the same
    /// upload at that moment. It is never lost: until it is kept, loading fails
    /// and has to be tried again.
    #[must_use]
    pub fn with_notices(mut self, publisher: impl PublishReceipt + 'static) -> Loader {
        self.reporting.publisher = Some(Publisher(Arc::new(publisher)));
        self
    }

    /// The same loader, whose notices and documents say where all of the stock
    /// can be seen.
    #[must_use]
    pub fn with_dashboard(mut self, address: impl Into<Box<str>>) -> Loader {
        self.reporting.dashboard = Some(address.into());
        self
    }
}

/// Any [`PublishReceipt`].
#[derive(Clone)]
struct Publisher(Arc<dyn Publish>);

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Publisher")
    }
}

/// [`PublishReceipt`] as a trait that can be an object.
trait Publish: Send + Sync {
    fn publish<'a>(&'a self, receipt: &'a UploadReceipt<'a>) -> Published<'a>;
}

type Published<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

impl<P: PublishReceipt> Publish for P {
    fn publish<'a>(&'a self, receipt: &'a UploadReceipt<'a>) -> Published<'a> {
        Box::pin(self.publish_receipt(receipt))
    }
}

/// What became of an upload in one store, to be kept and told.
pub(crate) struct Report<'a> {
    pub(crate) entry: Entry<'a>,
    upload: &'a Upload,
    version: &'a Version,
    pub(crate) store: Option<&'a Store>,
    superseded_by: Option<&'a Version>,
    rejects: &'a [Reject],
    pub(crate) is_dry: bool,
}

impl<'a> Report<'a> {
    /// The report of a store's rows.
    pub(crate) fn of(upload: &'a Upload, file: &Applying<'a>, of_store: &'a StoreReceipt) -> Report<'a> {
        let store = of_store.store.as_ref();
        Report {
            entry: Entry::of(upload, file, of_store),
            upload,
            version: file.version,
            store,
            superseded_by: of_store.superseded_by.as_ref(),
            rejects: file.rejects.of(store),
            is_dry: of_store.is_dry,
        }
    }

    /// The report of an upload that was refused whole.
    pub(crate) fn refused(
        upload: &'a Upload,
        version: &'a Version,
        store: Option<&'a Store>,
        reason: String,
        is_dry: bool,
    ) -> Report<'a> {
        let entry = Entry::refused(upload, version, store, reason);
        Report { entry, upload, version, store, superseded_by: None, rejects: &[], is_dry }
    }
}

/// Keeps and tells what became of uploads.
pub(crate) struct Reports<'a> {
    pub(crate) loader: &'a Loader,
    pub(crate) meter: &'a Meter<'a>,
}

impl Reports<'_> {
    /// Keeps a report in the place of what an earlier attempt left: first the
    /// files, and then the entry that names them.
    pub(crate) async fn keep(&self, report: &mut Report<'_>) -> Result<(), Error> {
        if let Some(bucket) = &self.loader.reporting.bucket {
            let keys = Keys::of(report);
            if let Err(error) = self.put_files(bucket, &keys, report).await {
                let failed = Entry::failed(report.upload, report.version, report.store, &error);
                // Kept where it can be; the error is what counts.
                let _ = self.table().keep(&failed).await;
                return Err(error);
            }
            report.entry.receipt_file = Some(keys.document);
            report.entry.rejects_file = keys.table;
        }
        self.table().keep(&report.entry).await
    }

    /// Tells what is news and was not told.
    pub(crate) async fn tell(&self, report: &Report<'_>) -> Result<(), Error> {
        let receipt = self.receipt(report, report.entry.rejects_file.as_deref())?;
        let Some(Publisher(publisher)) = &self.loader.reporting.publisher else {
            return Ok(());
        };
        if report.is_dry || !receipt.is_news() {
            return Ok(());
        }
        let (store, id) = (report.store.map_or(NOBODY, Store::as_str), receipt.id());
        let ledger = self.ledger();
        if ledger.has(store, &id, self.meter).await? {
            return Ok(());
        }
        publisher.publish(&receipt).await?;
        self.meter.write(&ledger.keep_receipt(store, &id).await?);
        Ok(())
    }

    pub(crate) async fn keep_and_tell(&self, mut report: Report<'_>) -> Result<(), Error> {
        self.keep(&mut report).await?;
        self.tell(&report).await
    }

    async fn put_files(&self, bucket: &str, keys: &Keys, report: &Report<'_>) -> Result<(), Error> {
        let receipt = self.receipt(report, keys.table.as_deref())?;
        let unwritable =
            |error| Error::new(ErrorKind::Invalid, format!("write {}", keys.document)).caused_by(error);
        let document = serde_json::to_vec_pretty(&receipt.document()).map_err(unwritable)?;
        if let Some(table) = &keys.table {
            let csv = receipt.rejects_csv().into_bytes();
            self.put(bucket, table, "text/csv; charset=utf-8", csv).await?;
        }
        self.put(bucket, &keys.document, "application/json", document).await
    }

    async fn put(&self, bucket: &str, key: &str, kind: &str, body: Vec<u8>) -> Result<(), Error> {
        let put = self.loader.s3.put_object().bucket(bucket).key(key).content_type(kind);
        let sent = put.body(ByteStream::from(body)).send().await;
        sent.map(drop).map_err(|error| Error::of_service(format!("write s3://{bucket}/{key}"), error))
    }

    /// The receipt as the core words it.
    fn receipt<'b>(
        &'b self,
        report: &'b Report<'b>,
        table: Option<&'b str>,
    ) -> Result<UploadReceipt<'b>, Error> {
        let Reporting { bucket, dashboard, .. } = &self.loader.reporting;
        let Upload { bucket: of_upload, key, .. } = report.upload;
        let entry = &report.entry;
        let unknown = || Error::new(ErrorKind::Invalid, format!("report the outcome {:?}", entry.outcome));
        let outcome = Outcome::of_word(entry.outcome).ok_or_else(unknown)?;
        let mut receipt = UploadReceipt::new(File { bucket: of_upload, key }, report.version, outcome);
        receipt.store = report.store;
        receipt.counts = entry.receipt;
        receipt.reason = entry.reason.as_deref();
        receipt.superseded_by = report.superseded_by;
        receipt.preview = entry.preview;
        receipt.rejects = report.rejects;
        receipt.table = bucket.as_deref().zip(table).map(|(bucket, key)| File { bucket, key });
        receipt.language = self.loader.policy.language_of(report.store);
        receipt.dashboard = dashboard.as_deref();
        Ok(receipt)
    }

    fn table(&self) -> Receipts<'_> {
        let Loader { dynamodb, tables, .. } = self.loader;
        Receipts { client: dynamodb, table: &tables.uploads, meter: self.meter }
    }

    fn ledger(&self) -> Ledger {
        let Loader { dynamodb, tables, .. } = self.loader;
        Ledger::new(dynamodb.clone(), tables.notices.clone())
    }
}

/// Where a report's files are kept: a function of the store and the upload's
/// version alone, so that another attempt writes the same ones.
struct Keys {
    document: String,
    table: Option<String>,
}

impl Keys {
    fn of(report: &Report<'_>) -> Keys {
        let store = report.store.map_or_else(|| NOBODY.to_owned(), |store| folder(store.as_str()));
        let folder = format!("receipts/{store}/{}", report.version);
        Keys {
            table: (report.entry.receipt.rejected > 0).then(|| format!("{folder}/rejects.csv")),
            document: format!("{folder}/receipt.json"),
        }
    }
}

/// A store's name as one part of a key: as it is, but for what a part cannot
/// have. Of a long name, the beginning and a hash: where keys are files, as in
/// the embedded S3, a whole key in base64 must fit into the 255 bytes of a
/// file's name.
fn folder(store: &str) -> String {
    const MOST: usize = 70;
    let is_dots = store.chars().all(|c| c == '.');
    let mut folder = String::with_capacity(store.len());
    for c in store.chars() {
        if c.is_control() || matches!(c, '/' | '\\' | '%') || (is_dots && c == '.') {
            let mut bytes = [0; 4];
            folder.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
        } else {
            folder.push(c);
        }
    }
    if folder.len() > MOST {
        folder.truncate(folder.floor_char_boundary(MOST));
        let hash = Sha256::digest(store);
        folder.push('~');
        folder.extend(hash.iter().take(8).map(|byte| format!("{byte:02x}")));
    }
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_one_part_of_a_key() {
        for (store, expect) in [
            ("São Paulo (Pinheiros)", "São Paulo (Pinheiros)"),
            ("a/b\\c", "a%2Fb%5Cc"),
            ("100%", "100%25"),
            ("..", "%2E%2E"),
            ("Oslo..", "Oslo.."),
            ("a\nb\u{85}", "a%0Ab%C2%85"),
        ] {
            assert_eq!(folder(store), expect);
        }
    }

    #[test]
    fn a_long_store_is_cut_and_still_told_from_others() {
        let [a, b] = ["a", "b"].map(|end| folder(&format!("{}{end}", "店".repeat(600))));
        assert_eq!((a.len(), b.len()), (69 + 17, 69 + 17));
        assert_ne!(a, b);
    }
}
