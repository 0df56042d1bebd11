//! Ids of the one API as the other has them.
use obs_core::wire::body::SpanRef;
use obs_core::{SpanId, TraceId};
use obs_trace::Around;
use opentelemetry::trace::{SpanContext, TraceFlags, TraceState};

/// What OpenTelemetry's API hands on of a span.
pub(crate) fn context_of(around: Around) -> SpanContext {
    let Around { span, is_sampled, .. } = around;
    SpanContext::new(
        span.trace.to_bits().into(),
        span.span.to_bits().into(),
        if is_sampled { TraceFlags::SAMPLED } else { TraceFlags::default() },
        false,
        TraceState::default(),
    )
}

/// What spans that begin within a span of OpenTelemetry's need; `None` if it is none.
pub(crate) fn around_of(context: &SpanContext) -> Option<Around> {
    let span = span_of(context)?;
    Some(Around::new(span, context.is_sampled(), context.is_remote()))
}

/// The span and its trace.
pub(crate) fn span_of(context: &SpanContext) -> Option<SpanRef> {
    let trace = TraceId::new(u128::from_be_bytes(context.trace_id().to_bytes()))?;
    let span = SpanId::new(u64::from_be_bytes(context.span_id().to_bytes()))?;
    Some(SpanRef { span, trace })
}
