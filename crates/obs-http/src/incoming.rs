//! What a request brings: the caller's trace, baggage, and the ids of request and session.
use http::{HeaderMap, HeaderName, HeaderValue};
use obs_core::Context;
use obs_core::propagation::{Baggage, Remote, TraceState, request_id};
use obs_trace::propagators;

/// The header with a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header with a session's id.
pub const SESSION_ID: HeaderName = HeaderName::from_static("x-session-id");

const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACE_STATE: HeaderName = HeaderName::from_static("tracestate");
const BAGGAGE: HeaderName = HeaderName::from_static("baggage");
/// More of a header that may come several times is not looked at.
const BYTES_MAX: usize = 16 << 10;

/// The context of a request, and its id as a header of the response. What is in headers was written by anybody: an id
/// that is not one gives way to a new one, a session's id that is not one is dropped.
pub(crate) fn context(headers: &HeaderMap) -> (Context, HeaderValue) {
    let given = |name: &HeaderName| request_id(headers.get(name)?.to_str().ok()?);
    let id = given(&REQUEST_ID).map_or_else(new_id, str::to_owned);
    let mut pairs = vec![("request_id".to_owned(), id.as_str().into())];
    if let Some(session) = given(&SESSION_ID) {
        pairs.push(("session_id".to_owned(), session.into()));
    }
    let context = Context::current().with_all(pairs).with_remote(remote(headers));
    // Such an id can stand in a header: it has no other characters.
    let value = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("-"));
    (context, value)
}

fn remote(headers: &HeaderMap) -> Remote {
    let propagators = propagators();
    let mut remote = Remote::default();
    if propagators.trace_context {
        // Two of them are none: nobody knows which counts.
        let mut parents = headers.get_all(TRACE_PARENT).iter();
        let parent = parents.next().filter(|_| parents.next().is_none());
        remote.parent = parent.and_then(|parent| parent.to_str().ok()?.parse().ok());
        if remote.parent.is_some() {
            remote.state = TraceState::parse(&joined(headers, &TRACE_STATE));
        }
    }
    if propagators.baggage {
        remote.baggage = Baggage::parse(&joined(headers, &BAGGAGE));
    }
    remote
}

/// All headers of a name, as one.
fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let mut text = String::new();
    for value in headers.get_all(name).iter().filter_map(|value| value.to_str().ok()) {
        if text.len() + value.len() > BYTES_MAX {
            break;
        }
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(value);
    }
    text
}

/// An id that nobody else has: 128 random bits.
fn new_id() -> String {
    obs_trace::new_trace_id().to_string()
}
