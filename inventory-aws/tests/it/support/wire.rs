//! What a client asks, and answers that get lost on their way.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::http::StatusCode;

/// Notes each request of a client, and may lose the answer of the next ones of
/// one operation: the service did what was asked, and nobody hears of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Arc<Mutex<Noted>>);

#[derive(Default)]
struct Noted {
    operations: Vec<String>,
    losing: Option<(&'static str, usize)>,
    before: Option<(&'static str, Act)>,
}

type Act = Box<dyn FnOnce() + Send>;

impl fmt::Debug for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.operations).finish()
    }
}

impl Wire {
    /// How many requests of an operation there were since the last [`forget`](Self::forget).
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.with(|noted| noted.operations.iter().filter(|name| *name == operation).count())
    }

    /// How many requests there were since then.
    pub(crate) fn all(&self) -> usize {
        self.with(|noted| noted.operations.len())
    }

    pub(crate) fn forget(&self) {
        self.with(|noted| noted.operations.clear());
    }

    /// The operations since then, in their order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.with(|noted| noted.operations.clone())
    }

    /// Does something before the next request of an operation.
    pub(crate) fn before(&self, operation: &'static str, act: impl FnOnce() + Send + 'static) {
        self.with(|noted| noted.before = Some((operation, Box::new(act))));
    }

    /// Loses the next answers of an operation.
    pub(crate) fn lose(&self, operation: &'static str, answers: usize) {
        self.with(|noted| noted.losing = Some((operation, answers)));
    }

    fn with<T>(&self, look: impl FnOnce(&mut Noted) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Noted {
    fn is_lost(&mut self, operation: &str) -> bool {
        match &mut self.losing {
            Some((losing, left)) if *losing == operation && *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}

impl Intercept for Wire {
    fn name(&self) -> &'static str {
        "Wire"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = operation(config);
        let act = self.with(|noted| noted.before.take_if(|(before, _)| *before == operation));
        self.with(|noted| noted.operations.push(operation));
        if let Some((_, act)) = act {
            act();
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.with(|noted| noted.is_lost(&operation(config))) {
            *context.response_mut().status_mut() = StatusCode::try_from(500)?;
        }
        Ok(())
    }
}

fn operation(config: &ConfigBag) -> String {
    config.load::<Metadata>().map(|metadata| metadata.name().to_owned()).unwrap_or_default()
}
