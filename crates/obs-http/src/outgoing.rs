//! What goes along with a request to another process.
use crate::incoming::REQUEST_ID;
use http::{HeaderMap, HeaderName, HeaderValue};
use obs_core::propagation::TraceParent;
use obs_core::{Context, Value};
use obs_trace::propagators;

const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACE_STATE: HeaderName = HeaderName::from_static("tracestate");
const BAGGAGE: HeaderName = HeaderName::from_static("baggage");

/// Puts the trace of this thread's innermost span into headers, with state, baggage and request id of the current
/// context. For clients that no layer wraps; what stands there gives way.
pub fn inject(headers: &mut HeaderMap) {
    inject_as(headers, obs_trace::current_trace());
}

/// The same for a span of which it is known how others are to name it.
pub(crate) fn inject_as(headers: &mut HeaderMap, parent: Option<TraceParent>) {
    let (propagators, context) = (propagators(), Context::current());
    let mut put = |name: HeaderName, text: String| {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    };
    if propagators.trace_context
        && let Some(parent) = parent
    {
        put(TRACE_PARENT, parent.to_string());
        let state =
            context.remote().filter(|it| it.parent.is_some_and(|it| it.trace == parent.trace));
        if let Some(remote) = state.filter(|remote| !remote.state.is_empty()) {
            put(TRACE_STATE, remote.state.to_string());
        }
    }
    if let Some(remote) =
        context.remote().filter(|it| propagators.baggage && !it.baggage.is_empty())
    {
        put(BAGGAGE, remote.baggage.to_string());
    }
    let id = context.attributes().iter().rev().find(|(name, _)| name == "request_id");
    if let Some(Value::Text(id)) = id.map(|(_, id)| Value::from(id)) {
        put(REQUEST_ID, id.text.to_owned());
    }
}
