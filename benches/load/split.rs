//! Where the time of a load goes, by when each of its requests began and ended.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use crate::served::Moment;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    File,
    Read,
    Write,
    /// Claims, receipts, leaving.
    Passage,
}

impl Work {
    fn of(operation: &str) -> Work {
        match operation {
            "GetObject" => Work::File,
            "Query" | "BatchGetItem" => Work::Read,
            "BatchExecuteStatement" => Work::Write,
            _ => Work::Passage,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Span {
    work: Work,
    start: Instant,
    end: Instant,
}

/// Notes when each request began and ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch(Arc<Mutex<Vec<Span>>>);

#[derive(Debug)]
struct Began(Instant);

impl Storable for Began {
    type Storer = StoreReplace<Began>;
}

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "watch"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(Began(Instant::now()));
        Ok(())
    }

    fn read_after_execution(
        &self,
        _: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(Began(start)), Some(request)) = (config.load::<Began>(), config.load::<Metadata>()) {
            let span = Span { work: Work::of(request.name()), start: *start, end: Instant::now() };
            self.spans().push(span);
        }
        Ok(())
    }
}

impl Watch {
    /// Notes that more of the file is parsed: its request is over only when its
    /// body is.
    pub(crate) fn read_on(&self) {
        if let Some(file) = self.spans().iter_mut().find(|span| span.work == Work::File) {
            file.end = Instant::now();
        }
    }

    pub(crate) fn split(&self, start: Moment, end: Moment) -> Split {
        let spans = self.spans();
        let of = |work| covered(spans.iter().filter(|span| span.work == work));
        Split {
            wall: end.time - start.time,
            file: of(Work::File),
            reads: of(Work::Read),
            writes: of(Work::Write),
            passage: of(Work::Passage),
            between: (end.time - start.time).saturating_sub(covered(spans.iter())),
            requests: spans.len(),
            in_flight: in_flight(&spans),
            ours: end.ours - start.ours,
            servers: end.servers - start.servers,
        }
    }

    fn spans(&self) -> std::sync::MutexGuard<'_, Vec<Span>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a load took, and how long there was a request of each kind. The
/// parts come to more than the whole where they overlap.
#[derive(Clone, Copy, Default)]
pub(crate) struct Split {
    pub(crate) wall: Duration,
    /// Download and parse.
    pub(crate) file: Duration,
    pub(crate) reads: Duration,
    pub(crate) writes: Duration,
    pub(crate) passage: Duration,
    /// Without any request.
    pub(crate) between: Duration,
    pub(crate) requests: usize,
    /// The most at once.
    pub(crate) in_flight: usize,
    /// How long this process and the servers' were on a processor.
    pub(crate) ours: Duration,
    pub(crate) servers: Duration,
}

/// How long at least one of them lasted.
fn covered<'a>(spans: impl Iterator<Item = &'a Span>) -> Duration {
    let mut spans: Vec<&Span> = spans.collect();
    spans.sort_by_key(|span| span.start);
    let (mut covered, mut until) = (Duration::ZERO, None);
    for Span { start, end, .. } in spans {
        let start = until.map_or(*start, |until| *start.max(&until));
        covered += end.saturating_duration_since(start);
        until = until.max(Some(*end));
    }
    covered
}

fn in_flight(spans: &[Span]) -> usize {
    let mut edges: Vec<(Instant, isize)> =
        spans.iter().flat_map(|span| [(span.start, 1), (span.end, -1)]).collect();
    edges.sort_unstable();
    let running = edges.iter().scan(0_isize, |running, (_, edge)| {
        *running += edge;
        Some(*running)
    });
    running.max().unwrap_or_default().unsigned_abs()
}
