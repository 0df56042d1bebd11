//! `tracing` as a front end of the recorder.
use crate::entropy;
use crate::slab::{Open, slab};
use crate::stack::{self, Entered};
use crate::visit::Visitor;
use obs_core::wire::body::SpanRef;
use obs_core::{Callsite, CallsiteKind, Filter, Level};
use obs_recorder::emit::{self, Source};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tracing_core::span::{Attributes, Current, Id, Record};
use tracing_core::{Event, Interest, LevelFilter, Metadata, Subscriber};

/// The id of spans that found no slot: nothing is known of them.
const NO_SLOT: u64 = u64::MAX;

/// The subscriber: gives events and spans to the recorder of the run that is alive. Without a run it wants nothing.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// What is captured; nothing without a run.
    filter: RwLock<Option<Filter>>,
    /// Callsites that were registered, by address.
    metadata: RwLock<HashMap<usize, &'static Metadata<'static>>>,
}

impl Recording {
    pub(crate) fn new() -> Self {
        Self { shared: Arc::default() }
    }

    /// Captures what `filter` lets through from now on; `None` captures nothing.
    pub(crate) fn set_filter(&self, filter: Option<Filter>) {
        *self.shared.filter.write().unwrap_or_else(PoisonError::into_inner) = filter;
    }

    pub(crate) fn wants(&self, target: &str, level: Level) -> bool {
        let filter = self.shared.filter.read().unwrap_or_else(PoisonError::into_inner);
        filter.as_ref().is_some_and(|filter| filter.enabled(target, level))
    }

    pub(crate) fn max_level(&self) -> Option<Level> {
        let filter = self.shared.filter.read().unwrap_or_else(PoisonError::into_inner);
        filter.as_ref().and_then(Filter::max_level)
    }

    fn metadata_at(&self, address: usize) -> Option<&'static Metadata<'static>> {
        self.shared.metadata.read().unwrap_or_else(PoisonError::into_inner).get(&address).copied()
    }
}

impl Subscriber for Recording {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let mut known = self.shared.metadata.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(address_of(metadata), metadata);
        drop(known);
        if self.wants(metadata.target(), level_of(metadata)) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.wants(metadata.target(), level_of(metadata))
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match self.max_level() {
            None => LevelFilter::OFF,
            Some(Level::Trace) => LevelFilter::TRACE,
            Some(Level::Debug) => LevelFilter::DEBUG,
            Some(Level::Info) => LevelFilter::INFO,
            Some(Level::Warn) => LevelFilter::WARN,
            Some(_) => LevelFilter::ERROR,
        })
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let metadata = attributes.metadata();
        let parent = parent_of(attributes);
        let trace = parent.map_or_else(entropy::trace_id, |parent| parent.trace);
        let span = SpanRef { span: entropy::span_id(), trace };
        let parent = parent.map(|parent| parent.span);
        let level = level_of(metadata);
        let describe = || describe(metadata);
        let source = Source { address: address_of(metadata), level, describe: &describe };
        let started = emit::span_start(source, span, parent, |fields| {
            attributes.record(&mut Visitor(fields))
        });
        let inserted = started.and_then(|started| {
            let metadata = address_of(metadata);
            let id = slab().insert(&Open { span, parent, started, level, metadata });
            if id.is_none() {
                emit::refuse(level);
            }
            id
        });
        Id::from_u64(inserted.unwrap_or(NO_SLOT))
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let Some(open) = slab().open(id.into_u64()) else { return };
        let Some(metadata) = self.metadata_at(open.metadata) else { return };
        if open.started.generation == emit::generation() {
            let describe = || describe(metadata);
            let source = Source { address: open.metadata, level: open.level, describe: &describe };
            emit::span_record(source, open.span.span, |fields| values.record(&mut Visitor(fields)));
        }
    }

    fn record_follows_from(&self, id: &Id, follows: &Id) {
        if let (Some(span), Some(follows)) =
            (slab().span_ref(id.into_u64()), slab().span_ref(follows.into_u64()))
        {
            emit::span_link(span.span, follows);
        }
    }

    #[inline]
    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let scope = match event.parent() {
            Some(parent) => slab().span_ref(parent.into_u64()),
            None if event.is_root() => None,
            None => stack::top().map(|entered| entered.span),
        };
        let describe = || describe(metadata);
        let source = Source {
            address: address_of(metadata),
            level: level_of(metadata),
            describe: &describe,
        };
        emit::event(source, scope, |fields| event.record(&mut Visitor(fields)));
    }

    fn enter(&self, id: &Id) {
        let id = id.into_u64();
        if let Some(span) = slab().span_ref(id) {
            stack::push(Entered { id, span });
        }
    }

    fn exit(&self, id: &Id) {
        stack::pop(id.into_u64());
    }

    fn clone_span(&self, id: &Id) -> Id {
        slab().hold(id.into_u64());
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let Some(open) = slab().release(id.into_u64()) else { return false };
        emit::span_end(open.started, open.level, open.span, open.parent);
        true
    }

    fn current_span(&self) -> Current {
        let current = stack::top().and_then(|entered| {
            let open = slab().open(entered.id)?;
            Some(Current::new(Id::from_u64(entered.id), self.metadata_at(open.metadata)?))
        });
        current.unwrap_or_else(Current::none)
    }
}

/// The span that something happens in on this thread.
pub(crate) fn scope() -> Option<SpanRef> {
    stack::top().map(|entered| entered.span)
}

fn parent_of(attributes: &Attributes<'_>) -> Option<SpanRef> {
    match attributes.parent() {
        Some(parent) => slab().span_ref(parent.into_u64()),
        None if attributes.is_root() => None,
        None => scope(),
    }
}

#[inline]
fn address_of(metadata: &Metadata<'_>) -> usize {
    std::ptr::from_ref(metadata).cast::<()>() as usize
}

#[inline]
fn level_of(metadata: &Metadata<'_>) -> Level {
    let level = *metadata.level();
    if level == tracing_core::Level::INFO {
        Level::Info
    } else if level == tracing_core::Level::DEBUG {
        Level::Debug
    } else if level == tracing_core::Level::WARN {
        Level::Warn
    } else if level == tracing_core::Level::ERROR {
        Level::Error
    } else {
        Level::Trace
    }
}

fn describe(metadata: &Metadata<'_>) -> Callsite {
    let is_span = metadata.is_span();
    // An event that was not given a name has one that only says where it stands.
    let named = is_span || !metadata.name().starts_with("event ");
    Callsite {
        kind: if is_span { CallsiteKind::Span } else { CallsiteKind::Event },
        level: level_of(metadata),
        name: if named { metadata.name().to_owned() } else { String::new() },
        target: metadata.target().to_owned(),
        file: metadata.file().map(str::to_owned),
        line: metadata.line(),
        fields: metadata.fields().iter().map(|field| field.name().to_owned()).collect(),
    }
}
