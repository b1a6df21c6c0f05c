//! A process that ends at one of its calls.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use inventory_aws::{Error, Publish, PublishReceipt};
use inventory_core::receipt::UploadReceipt;
use inventory_core::{Notice, Store};

/// Ends the task that it is part of after so many steps: each call is two, one
/// before it has an effect and one after.
#[derive(Clone, Debug)]
pub(crate) struct Fuse(Arc<AtomicUsize>);

impl Fuse {
    pub(crate) fn of(steps: usize) -> Fuse {
        Fuse(Arc::new(AtomicUsize::new(steps)))
    }

    fn step(&self) {
        let burn = |left: usize| Some(left.saturating_sub(1));
        if self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, burn) == Ok(0) {
            resume_unwind(Box::new("the process ends"));
        }
    }
}

impl Intercept for Fuse {
    fn name(&self) -> &'static str {
        "Fuse"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.step();
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        _: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.step();
        Ok(())
    }
}

/// Takes every notice, and keeps of each the store and the items, or the id of
/// a receipt; clones share what they keep.
#[derive(Clone, Debug)]
pub(crate) struct Fused {
    pub(crate) fuse: Fuse,
    pub(crate) told: Arc<Mutex<Vec<(String, String)>>>,
}

impl Fused {
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Publish for Fused {
    async fn publish(&self, notices: &[Notice]) -> Vec<Result<(), Error>> {
        self.fuse.step();
        for notice in notices {
            let store = notice.store.as_str();
            let items = notice.transitions().map(|transition| transition.change.item.as_str());
            let told = items.map(|item| (store.to_owned(), item.to_owned()));
            self.told.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
        }
        self.fuse.step();
        notices.iter().map(|_| Ok(())).collect()
    }
}

impl PublishReceipt for Fused {
    async fn publish_receipt(&self, receipt: &UploadReceipt<'_>) -> Result<(), Error> {
        self.fuse.step();
        let told = (receipt.store.map_or("", Store::as_str).to_owned(), receipt.id());
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        self.fuse.step();
        Ok(())
    }
}
