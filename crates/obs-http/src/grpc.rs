//! What gRPC says beside HTTP.
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, Uri};

const CONTENT: &[u8] = b"application/grpc";
/// The header, or trailer, with the outcome of a call.
const STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// Service and method of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call<'a> {
    pub(crate) service: &'a str,
    pub(crate) method: &'a str,
}

impl<'a> Call<'a> {
    /// The call that a request is, if it is one.
    pub(crate) fn of(uri: &'a Uri, headers: &HeaderMap) -> Option<Self> {
        let is_call = headers.get(CONTENT_TYPE)?.as_bytes().starts_with(CONTENT);
        let (service, method) = uri.path().strip_prefix('/')?.rsplit_once('/')?;
        is_call.then_some(Self { service, method })
    }
}

/// The code of a call's outcome.
pub(crate) fn status(headers: &HeaderMap) -> Option<u32> {
    headers.get(STATUS)?.to_str().ok()?.parse().ok()
}

/// Whether a code is an error of the server: others are what the client asked for.
pub(crate) fn is_servers(code: u32) -> bool {
    const UNKNOWN: u32 = 2;
    const DEADLINE_EXCEEDED: u32 = 4;
    const UNIMPLEMENTED: u32 = 12;
    const INTERNAL: u32 = 13;
    const UNAVAILABLE: u32 = 14;
    const DATA_LOSS: u32 = 15;
    matches!(code, UNKNOWN | DEADLINE_EXCEEDED | UNIMPLEMENTED | INTERNAL | UNAVAILABLE | DATA_LOSS)
}
