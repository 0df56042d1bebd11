//! Which span this thread is in, where spans of both APIs nest in each other.
use crate::ids::around_of;
use obs_core::SpanId;
use obs_trace::Around;
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The spans of OpenTelemetry's API that are open, with the span of `tracing` that each began in.
static OPEN: Mutex<Option<HashMap<SpanId, Option<SpanId>>>> = Mutex::new(None);

fn open() -> MutexGuard<'static, Option<HashMap<SpanId, Option<SpanId>>>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A span began within the span `around` of `tracing`.
pub(crate) fn begun(span: SpanId, around: Option<SpanId>) {
    open().get_or_insert_default().insert(span, around);
}

/// A span has ended.
pub(crate) fn ended(span: SpanId) {
    if let Some(open) = open().as_mut() {
        open.remove(&span);
    }
}

/// The innermost span of this thread, where `own` is that of `tracing`: the active span of OpenTelemetry's context,
/// unless `own` was entered after that had begun.
pub(crate) fn innermost(own: Option<Around>) -> Option<Around> {
    Context::map_current(|context| {
        if !context.has_active_span() {
            return own;
        }
        let Some(active) = around_of(context.span().span_context()) else { return own };
        let entered_later = own.is_some_and(|own| {
            let around = open().as_ref().and_then(|open| open.get(&active.span.span).copied());
            around.is_none_or(|around| around != Some(own.span.span))
        });
        if entered_later { own } else { Some(active) }
    })
}
