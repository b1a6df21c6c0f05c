use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use inventory_aws::{Error, ErrorKind, Publish, PublishReceipt};
use inventory_core::receipt::UploadReceipt;
use inventory_core::{Notice, Store};
use serde_json::{Value, json};

/// Where notices go without SNS: a file with one JSON object a line. Clones
/// write to the same file.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Mutex<Kept>>);

struct Kept {
    file: File,
    /// The receipts that were told and not shown yet.
    receipts: Vec<ReceiptNotice>,
}

/// What a store was told of a receipt.
#[derive(Clone)]
pub(crate) struct ReceiptNotice {
    pub(crate) store: Option<Store>,
    pub(crate) text: String,
    pub(crate) sms: String,
    /// All forms of it.
    pub(crate) forms: Value,
}

impl Outbox {
    pub(crate) fn open(path: &Path) -> io::Result<Outbox> {
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Outbox(Arc::new(Mutex::new(Kept { file, receipts: Vec::new() }))))
    }

    /// The receipts that were told since this was last asked, by store.
    pub(crate) fn receipts(&self) -> Vec<ReceiptNotice> {
        let mut receipts = self.with(|kept| std::mem::take(&mut kept.receipts));
        receipts.sort_by(|a, b| a.store.cmp(&b.store));
        receipts
    }

    fn append(&self, line: &Value) -> Result<(), Error> {
        let unwritten = |error| Error::new(ErrorKind::Unavailable, "write to the outbox").caused_by(error);
        self.with(|kept| writeln!(kept.file, "{line}")).map_err(unwritten)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        // A file and a list are right even if a thread panicked between two
        // lines.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Publish for Outbox {
    async fn publish(&self, notices: &[Notice]) -> Vec<Result<(), Error>> {
        let line = |notice: &Notice| {
            json!({
                "id": notice.id(), "store": notice.store, "subject": notice.subject(),
                "severity": notice.severity(), "text": notice.text(), "sms": notice.sms(),
                "document": notice.document(),
            })
        };
        notices.iter().map(|notice| self.append(&line(notice))).collect()
    }
}

impl PublishReceipt for Outbox {
    async fn publish_receipt(&self, receipt: &UploadReceipt<'_>) -> Result<(), Error> {
        let forms = json!({
            "id": receipt.id(), "store": receipt.store, "subject": receipt.subject(),
            "severity": receipt.severity(), "text": receipt.text(), "sms": receipt.sms(),
            "document": receipt.document(),
        });
        self.append(&forms)?;
        let (text, sms) = (receipt.text(), receipt.sms());
        let notice = ReceiptNotice { store: receipt.store.cloned(), text, sms, forms };
        self.with(|kept| kept.receipts.push(notice));
        Ok(())
    }
}
