//! Where notices go instead of a topic.

use std::sync::{Arc, Mutex, PoisonError};

use inventory_aws::{Error, ErrorKind, Publish, PublishReceipt};
use inventory_core::receipt::UploadReceipt;
use inventory_core::{Notice, Store};

/// Keeps what it is told, and refuses the notices of some stores. Clones share
/// what they keep.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    accepted: Vec<Notice>,
    asked: Vec<Vec<String>>,
    receipts: Vec<String>,
    refused: Vec<String>,
}

impl Outbox {
    /// One that refuses the notices of this store.
    pub(crate) fn refusing(store: &str) -> Outbox {
        Outbox::refusing_all(&[store])
    }

    /// One that refuses the notices of these stores.
    pub(crate) fn refusing_all(stores: &[&str]) -> Outbox {
        let outbox = Outbox::default();
        outbox.with(|kept| kept.refused.extend(stores.iter().map(|store| (*store).to_owned())));
        outbox
    }

    /// Refuses no more.
    pub(crate) fn relent(&self) {
        self.with(|kept| kept.refused.clear());
    }

    /// The subjects of what was accepted, in order.
    pub(crate) fn subjects(&self) -> Vec<String> {
        self.with(|kept| kept.accepted.iter().map(Notice::subject).collect())
    }

    /// The ids of each request, whether they were accepted or not.
    pub(crate) fn asked(&self) -> Vec<Vec<String>> {
        self.with(|kept| kept.asked.clone())
    }

    /// The subjects of the receipts that were accepted, in order.
    pub(crate) fn receipts(&self) -> Vec<String> {
        self.with(|kept| kept.receipts.clone())
    }

    fn with<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Publish for Outbox {
    async fn publish(&self, notices: &[Notice]) -> Vec<Result<(), Error>> {
        self.with(|kept| {
            kept.asked.push(notices.iter().map(Notice::id).collect());
            notices.iter().map(|notice| kept.take(notice)).collect()
        })
    }
}

impl PublishReceipt for Outbox {
    async fn publish_receipt(&self, receipt: &UploadReceipt<'_>) -> Result<(), Error> {
        self.with(|kept| {
            if kept.refuses(receipt.store.map_or("", Store::as_str)) {
                return Err(Error::new(ErrorKind::Unavailable, "reach the outbox"));
            }
            kept.receipts.push(receipt.subject());
            Ok(())
        })
    }
}

impl Kept {
    fn refuses(&self, store: &str) -> bool {
        self.refused.iter().any(|refused| refused == store)
    }

    fn take(&mut self, notice: &Notice) -> Result<(), Error> {
        if self.refuses(notice.store.as_str()) {
            return Err(Error::new(ErrorKind::Unavailable, "reach the outbox"));
        }
        self.accepted.push(notice.clone());
        Ok(())
    }
}
