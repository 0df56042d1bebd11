//! Where traces begin, or come in.
use crate::{entropy, rate, sampling};
use obs_core::wire::body::SpanFlags;
use obs_core::{Context, SpanId, TraceId};

/// Trace, parent and flags of a span that has none around it in this process.
#[inline]
pub(crate) fn begin() -> (TraceId, Option<SpanId>, SpanFlags) {
    match Context::current_parent() {
        None => {
            let trace = entropy::trace_id();
            let is_sampled = sampling::decide(trace, None) && rate::admit();
            (trace, None, SpanFlags { is_sampled, is_parent_remote: false })
        }
        Some(parent) => {
            let is_sampled = sampling::decide(parent.trace, Some(parent.is_sampled));
            (parent.trace, Some(parent.span), SpanFlags { is_sampled, is_parent_remote: true })
        }
    }
}
