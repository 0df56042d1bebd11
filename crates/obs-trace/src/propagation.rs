//! What goes out to other processes, and by which headers.
use crate::sampling;
use crate::spans::{Around, OpenSpan, around};
use obs_core::Context;
use obs_core::propagation::TraceParent;
use obs_core::settings::otel::{Otel, Propagators};
use std::sync::atomic::{AtomicBool, Ordering};
use tracing_core::span::Id;

static TRACE_CONTEXT: AtomicBool = AtomicBool::new(true);
static BAGGAGE: AtomicBool = AtomicBool::new(true);

/// From now on traces are sampled, and headers read and written, as these settings say: in the whole process.
pub fn set_otel(otel: &Otel) {
    sampling::set(otel.traces_sampler, otel.traces_sampler_arg);
    TRACE_CONTEXT.store(otel.propagators.trace_context, Ordering::Relaxed);
    BAGGAGE.store(otel.propagators.baggage, Ordering::Relaxed);
}

/// The headers by which traces and baggage come in and go out.
#[must_use]
pub fn propagators() -> Propagators {
    let mut propagators = Propagators::default();
    propagators.trace_context = TRACE_CONTEXT.load(Ordering::Relaxed);
    propagators.baggage = BAGGAGE.load(Ordering::Relaxed);
    propagators
}

/// What a request that is made now says of its trace: that it comes from the innermost span that this thread has
/// entered. Without one, or without a run, the current context's remote parent goes on as it came in. Costs a look at
/// the stack of spans and at the context; allocates nothing.
#[must_use]
pub fn current_trace() -> Option<TraceParent> {
    around().map(outgoing).or_else(Context::current_parent)
}

/// The same for the span `id`, as [`tracing::Span::id`] tells it, as long as it is open; with the subscriber of
/// [`install`](crate::install) alone, for registries have ids of their own.
///
/// [`tracing::Span::id`]: https://docs.rs/tracing/latest/tracing/struct.Span.html#method.id
#[must_use]
pub fn trace_of(id: &Id) -> Option<TraceParent> {
    OpenSpan::from_bits(id.into_u64()).around().map(outgoing)
}

fn outgoing(around: Around) -> TraceParent {
    let Around { span, is_sampled, .. } = around;
    // Whether the trace's id is random only that process knows which began the trace.
    let remote = Context::current_parent().filter(|remote| remote.trace == span.trace);
    let is_random = remote.is_some_and(|remote| remote.is_random);
    TraceParent { trace: span.trace, span: span.span, is_sampled, is_random }
}
