//! Where spans stand: within others, or where traces begin or come in.
use crate::stack::Around;
use crate::{entropy, rate, sampling};
use obs_core::wire::body::{SpanFlags, SpanRef};
use obs_core::{Context, SpanId, TraceId};

/// The place of a span that begins now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "taken apart by every front end")]
pub struct Place {
    /// Its ids: that of the span is new.
    pub span: SpanRef,
    /// The span around it.
    pub parent: Option<SpanId>,
    /// Whether its trace is sampled, and where its parent is.
    pub flags: SpanFlags,
}

impl Place {
    /// Within `around`; without it, where the current context's remote parent says, or at the beginning of a trace.
    #[inline]
    #[must_use]
    pub fn within(around: Option<Around>) -> Self {
        let (trace, parent, flags) = match around {
            Some(Around { span, is_sampled, is_remote }) => {
                let flags = SpanFlags { is_sampled, is_parent_remote: is_remote };
                (span.trace, Some(span.span), flags)
            }
            None => begin(),
        };
        Self { span: SpanRef { span: entropy::span_id(), trace }, parent, flags }
    }
}

/// Trace, parent and flags of a span that has none around it in this process.
#[inline]
fn begin() -> (TraceId, Option<SpanId>, SpanFlags) {
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
