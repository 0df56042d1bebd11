//! One try of a request that goes out.
use crate::exchange::Exchange;
use crate::grpc::{self, Call};
use crate::head;
use crate::method::{self, OTHER};
use crate::outgoing::inject_as;
use http::{Extensions, HeaderMap, Method, StatusCode, Uri};
use obs_core::Context;
use tracing::field::Empty;
use tracing::{Span, info_span, record_all};

/// The template of the address of a request that goes out, such as `/jobs/{id}`: an extension, for the span's name.
#[derive(Debug, Clone)]
pub struct UrlTemplate(pub String);

/// How often a request was sent before: an extension, by whoever tries again.
#[derive(Debug, Clone, Copy)]
pub struct ResendCount(pub u32);

/// One try of a request that goes out, with its span: for clients that are no services of tower. [`ClientLayer`] is
/// made of it.
///
/// It ends when it is told what came of it; where it is dropped before, the try was aborted.
///
/// ```
/// use http::{Extensions, HeaderMap, Method, StatusCode, Uri};
/// use obs_http::Attempt;
///
/// let (uri, mut headers) = (Uri::from_static("http://till.example/pay"), HeaderMap::new());
/// let mut attempt = Attempt::begin(&Method::GET, &uri, &mut headers, &Extensions::new());
/// let (status, answer) = attempt.work(|| (StatusCode::OK, HeaderMap::new())); // sends `headers`
/// attempt.answered(status, &answer);
/// ```
///
/// [`ClientLayer`]: crate::ClientLayer
#[derive(Debug)]
pub struct Attempt {
    exchange: Exchange,
    is_call: bool,
}

/// What is to be sent, as far as a span says it.
#[derive(Clone, Copy)]
struct Head<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl Attempt {
    /// Opens the span, and puts trace, state, baggage and request id into the headers. The extensions may have
    /// [`UrlTemplate`] and [`ResendCount`].
    pub fn begin(
        method: &Method,
        uri: &Uri,
        headers: &mut HeaderMap,
        extensions: &Extensions,
    ) -> Self {
        let head = Head { method, uri, headers, extensions };
        let call = Call::of(uri, headers);
        let is_call = call.is_some();
        let span = call.map_or_else(|| of_request(head), |call| of_call(head, call));
        let mut exchange = Exchange::new(span, Context::current());
        exchange.work(|| inject_as(headers, obs_trace::current_trace()));
        Self { exchange, is_call }
    }

    /// Does a part of the work, such as polling the client's future: in the span, and in the context that the attempt
    /// began in.
    pub fn work<R>(&mut self, work: impl FnOnce() -> R) -> R {
        self.exchange.work(work)
    }

    /// An answer has come, of which these are status and headers. Ends the span.
    pub fn answered(&mut self, status: StatusCode, headers: &HeaderMap) {
        let status_code = status.as_u16();
        if self.is_call {
            let code = grpc::status(headers);
            record_all!(
                self.exchange.span,
                http.response.status_code = status_code,
                rpc.grpc.status_code = code
            );
            if let Some(code) = code.filter(|code| *code > 0) {
                self.exchange.fail(&code.to_string());
            }
        } else {
            self.exchange.span.record("http.response.status_code", status_code);
        }
        // To a client both are failures: its own, and the server's.
        if status.is_client_error() || status.is_server_error() {
            self.exchange.fail(status.as_str());
        }
        self.exchange.end();
    }

    /// No answer has come, for a reason of which there are few: `connection`, `timeout`. Ends the span.
    pub fn failed(&mut self, error_type: &str) {
        self.exchange.fail(error_type);
        self.exchange.end();
    }
}

/// The server that is asked, and its port.
fn server(head: Head<'_>) -> (Option<String>, Option<u16>) {
    let (host, port) = head::host(head.uri, head.headers);
    let known = match head.uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    };
    (host, port.or(known))
}

fn of_request(head: Head<'_>) -> Span {
    let method = method::known(head.method);
    let template = head.extensions.get().map(|UrlTemplate(template)| template.as_str());
    let sent_before = head.extensions.get().map(|ResendCount(count)| *count);
    let (host, port) = server(head);
    info_span!(
        target: "obs_http",
        "http call",
        otel.name = head::span_name(method, template).as_ref(),
        otel.kind = "client",
        http.request.method = method.unwrap_or(OTHER),
        http.request.method_original = method::original(head.method),
        http.request.resend_count = sent_before.filter(|count| *count > 0),
        http.request.body.size = head::length(head.headers),
        url.full = head::cut(&without_credentials(head.uri)),
        url.template = template,
        server.address = host.as_deref().map(head::cut),
        server.port = port,
        http.response.status_code = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    )
}

fn of_call(head: Head<'_>, call: Call<'_>) -> Span {
    let (service, method) = (head::cut(call.service), head::cut(call.method));
    let (host, port) = server(head);
    info_span!(
        target: "obs_http",
        "rpc call",
        otel.name = format!("{service}/{method}").as_str(),
        otel.kind = "client",
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = method,
        rpc.grpc.status_code = Empty,
        server.address = host.as_deref().map(head::cut),
        server.port = port,
        http.response.status_code = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    )
}

/// An address without user and password; what is secret in its query is taken out of the record, as everywhere.
fn without_credentials(uri: &Uri) -> String {
    let text = uri.to_string();
    let Some(authority) = uri.authority() else { return text };
    match authority.as_str().rsplit_once('@') {
        Some((credentials, host)) => {
            text.replacen(&format!("{credentials}@{host}"), &format!("REDACTED:REDACTED@{host}"), 1)
        }
        None => text,
    }
}
