//! Events and spans of `tracing` into the recorder: what the subscriber and layers have in common.
use crate::callsite::{address_of, describe, level_of, source_of};
use crate::root::Place;
use crate::slab::{Open, slab};
use crate::stack::{self, Entered};
use crate::visit::Visitor;
use obs_core::wire::body::SpanRef;
use obs_recorder::emit::{self, Source};
use std::sync::OnceLock;
use tracing_core::span::{Attributes, Record};
use tracing_core::{Event, Metadata};

pub use crate::stack::Around;

/// A span that is open: a name for it that is never used again. Nothing happens by the name of a span that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSpan(u64);

impl OpenSpan {
    /// Begins a span, with one holder. `None` when no run is alive, or a million spans are open: that is counted.
    ///
    /// Without a span around it, it continues the trace that the current context's remote parent names, or begins one.
    pub fn begin(attributes: &Attributes<'_>, around: Option<Around>) -> Option<Self> {
        let metadata = attributes.metadata();
        let Place { span, parent, flags } = Place::within(around);
        let describe = || describe(metadata);
        let source = source_of(metadata, &describe);
        let started = emit::span_start(source, span, parent, flags, |fields| {
            attributes.record(&mut Visitor(fields))
        })?;
        let level = level_of(metadata);
        let id = slab().insert(&Open {
            span,
            parent,
            flags,
            started,
            level,
            metadata: address_of(metadata),
        });
        if id.is_none() {
            emit::refuse(level);
        }
        id.map(Self)
    }

    /// The number that names it; never 0.
    #[must_use]
    pub fn to_bits(self) -> u64 {
        self.0
    }

    /// The span of a number that [`to_bits`](Self::to_bits) gave; with any other number, one that has ended.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Its ids, as long as it is open.
    #[inline]
    #[must_use]
    pub fn span_ref(self) -> Option<SpanRef> {
        self.around().map(|around| around.span)
    }

    /// What it is to spans that begin within it, as long as it is open.
    #[inline]
    #[must_use]
    pub fn around(self) -> Option<Around> {
        slab().around(self.0)
    }

    /// The address of its callsite's metadata.
    pub(crate) fn metadata(self) -> Option<usize> {
        slab().open(self.0).map(|open| open.metadata)
    }

    /// Adds attributes to it. `metadata` is that of its callsite.
    pub fn record(self, metadata: &Metadata<'_>, values: &Record<'_>) {
        let Some(open) = slab().open(self.0) else { return };
        if open.started.generation == emit::generation() {
            let describe = || describe(metadata);
            let source = Source { address: open.metadata, level: open.level, describe: &describe };
            emit::span_record(source, open.span.span, |fields| values.record(&mut Visitor(fields)));
        }
    }

    /// It follows from another.
    pub fn follows(self, other: Self) {
        if let (Some(span), Some(follows)) = (self.span_ref(), other.span_ref()) {
            emit::span_link(span.span, follows);
        }
    }

    /// This thread enters it.
    #[inline]
    pub fn enter(self) {
        if let Some(around) = self.around() {
            stack::push(Entered { id: self.0, around });
        }
    }

    /// This thread leaves it.
    #[inline]
    pub fn exit(self) {
        stack::pop(self.0);
    }

    /// One holder more.
    pub fn hold(self) {
        slab().hold(self.0);
    }

    /// One holder less; without any it ends. Whether it did.
    pub fn release(self) -> bool {
        let Some(open) = slab().release(self.0) else { return false };
        emit::span_end(open.started, open.level, open.span, open.parent, open.flags);
        true
    }

    /// The innermost of this thread.
    pub(crate) fn current() -> Option<Self> {
        stack::top().map(|entered| Self(entered.id))
    }
}

/// The span that something happens in on this thread.
#[inline]
#[must_use]
pub fn scope() -> Option<SpanRef> {
    around().map(|around| around.span)
}

/// The same, as spans that begin on this thread need it.
#[inline]
#[must_use]
pub fn around() -> Option<Around> {
    let own = own_span();
    match INNERMOST.get() {
        None => own,
        Some(innermost) => innermost(own),
    }
}

/// The innermost span of `tracing` on this thread.
#[inline]
#[must_use]
pub fn own_span() -> Option<Around> {
    stack::top().map(|entered| entered.around)
}

/// Tells the innermost span of this thread, given that of `tracing`.
pub type Innermost = fn(Option<Around>) -> Option<Around>;

static INNERMOST: OnceLock<Innermost> = OnceLock::new();

/// Lets spans of another API nest in those of `tracing` and the other way round: from now on `innermost` is asked
/// whenever something happens or begins. Once a process; later ones are not asked.
pub fn set_innermost(innermost: Innermost) {
    INNERMOST.get_or_init(|| innermost);
}

/// Something happened, within the span `scope`.
#[inline]
pub fn event(event: &Event<'_>, scope: Option<SpanRef>) {
    let metadata = event.metadata();
    let describe = || describe(metadata);
    emit::event(source_of(metadata, &describe), scope, |fields| event.record(&mut Visitor(fields)));
}
