//! `tracing` as a front end of the recorder.
use crate::callsite::address_of;
use crate::capture::Capture;
use crate::spans::{self, Around, OpenSpan, around, scope};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use tracing_core::span::{Attributes, Current, Id, Record};
use tracing_core::{Dispatch, Event, Interest, LevelFilter, Metadata, Subscriber};

/// The id of spans that found no slot: nothing is known of them.
const NO_SLOT: u64 = u64::MAX;

/// The subscriber: gives events and spans to the recorder of the run that is alive. Without a run it wants nothing.
#[derive(Debug)]
pub(crate) struct Recording {
    capture: Capture,
    /// Callsites that were registered, by address.
    metadata: RwLock<HashMap<usize, &'static Metadata<'static>>>,
}

impl Recording {
    pub(crate) fn new(capture: Capture) -> Self {
        Self { capture, metadata: RwLock::default() }
    }

    fn metadata_of(&self, span: OpenSpan) -> Option<&'static Metadata<'static>> {
        let address = span.metadata()?;
        self.metadata.read().unwrap_or_else(PoisonError::into_inner).get(&address).copied()
    }
}

impl Subscriber for Recording {
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.capture.join(dispatch, |dispatch| dispatch.is::<Self>());
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let mut known = self.metadata.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(address_of(metadata), metadata);
        drop(known);
        self.capture.interest(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.capture.wants_metadata(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.capture.level_hint())
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let span = OpenSpan::begin(attributes, parent_of(attributes));
        Id::from_u64(span.map_or(NO_SLOT, OpenSpan::to_bits))
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let span = span_of(id);
        if let Some(metadata) = self.metadata_of(span) {
            span.record(metadata, values);
        }
    }

    fn record_follows_from(&self, id: &Id, follows: &Id) {
        span_of(id).follows(span_of(follows));
    }

    #[inline]
    fn event(&self, event: &Event<'_>) {
        let scope = match event.parent() {
            Some(parent) => span_of(parent).span_ref(),
            None if event.is_root() => None,
            None => scope(),
        };
        spans::event(event, scope);
    }

    fn enter(&self, id: &Id) {
        span_of(id).enter();
    }

    fn exit(&self, id: &Id) {
        span_of(id).exit();
    }

    fn clone_span(&self, id: &Id) -> Id {
        span_of(id).hold();
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        span_of(&id).release()
    }

    fn current_span(&self) -> Current {
        let current = OpenSpan::current().and_then(|span| {
            Some(Current::new(Id::from_u64(span.to_bits()), self.metadata_of(span)?))
        });
        current.unwrap_or_else(Current::none)
    }
}

#[inline]
fn span_of(id: &Id) -> OpenSpan {
    OpenSpan::from_bits(id.into_u64())
}

fn parent_of(attributes: &Attributes<'_>) -> Option<Around> {
    match attributes.parent() {
        Some(parent) => span_of(parent).around(),
        None if attributes.is_root() => None,
        None => around(),
    }
}
