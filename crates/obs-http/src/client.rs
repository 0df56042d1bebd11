//! Requests that go out.
use crate::exchange::Exchange;
use crate::grpc::{self, Call};
use crate::head;
use crate::method::{self, OTHER};
use crate::outgoing::inject_as;
use http::{Request, Response, Uri};
use obs_core::Context;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Poller, Poll};
use tower_layer::Layer;
use tower_service::Service;
use tracing::field::Empty;
use tracing::{Span, info_span, record_all};

/// The template of the address of a request that goes out, such as `/jobs/{id}`: an extension, for the span's name.
#[derive(Debug, Clone)]
pub struct UrlTemplate(pub String);

/// How often a request was sent before: an extension, by whoever tries again.
#[derive(Debug, Clone, Copy)]
pub struct ResendCount(pub u32);

/// Gives every request that goes out a span, and sends trace, baggage and request id along. See the [crate](crate).
///
/// It belongs inside of layers that try again, so that each try has a span. The span ends with the response's head,
/// as the conventions allow: how long the body takes is up to who reads it.
///
/// ```
/// use obs_http::ClientLayer;
/// use tower_layer::Layer;
///
/// # fn client<S>(inner: S) -> obs_http::Client<S> {
/// ClientLayer::new().layer(inner)
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientLayer {}

impl ClientLayer {
    /// The layer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = Client<S>;

    fn layer(&self, inner: S) -> Client<S> {
        Client { inner }
    }
}

/// A client whose requests have spans.
#[derive(Debug, Clone)]
pub struct Client<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Client<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ClientFuture<S::Future>;

    fn poll_ready(&mut self, poller: &mut Poller<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(poller)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut exchange = Exchange::new(span(&request), Context::current());
        exchange.work(|| inject_as(request.headers_mut(), obs_trace::current_trace()));
        let is_call = Call::of(request.uri(), request.headers()).is_some();
        let inner = exchange.work(|| self.inner.call(request));
        ClientFuture { inner, exchange, is_call }
    }
}

/// The span of a request, by the conventions for clients of HTTP or RPC.
fn span<B>(request: &Request<B>) -> Span {
    match Call::of(request.uri(), request.headers()) {
        Some(call) => of_call(request, call),
        None => of_request(request),
    }
}

/// The server that is asked, and its port.
fn server<B>(request: &Request<B>) -> (Option<String>, Option<u16>) {
    let (host, port) = head::host(request.uri(), request.headers());
    let known = match request.uri().scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    };
    (host, port.or(known))
}

fn of_request<B>(request: &Request<B>) -> Span {
    let method = method::known(request.method());
    let template = request.extensions().get().map(|UrlTemplate(template)| template.as_str());
    let sent_before = request.extensions().get().map(|ResendCount(count)| *count);
    let (host, port) = server(request);
    info_span!(
        target: "obs_http",
        "http call",
        otel.name = head::span_name(method, template).as_ref(),
        otel.kind = "client",
        http.request.method = method.unwrap_or(OTHER),
        http.request.method_original = method::original(request.method()),
        http.request.resend_count = sent_before.filter(|count| *count > 0),
        http.request.body.size = head::length(request.headers()),
        url.full = head::cut(&without_credentials(request.uri())),
        url.template = template,
        server.address = host.as_deref().map(head::cut),
        server.port = port,
        http.response.status_code = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    )
}

fn of_call<B>(request: &Request<B>, call: Call<'_>) -> Span {
    let (service, method) = (head::cut(call.service), head::cut(call.method));
    let (host, port) = server(request);
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

pin_project! {
    /// A response that is waited for, in the request's span.
    #[derive(Debug)]
    pub struct ClientFuture<F> {
        #[pin]
        inner: F,
        exchange: Exchange,
        is_call: bool,
    }
}

impl<F, R, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, poller: &mut Poller<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Poll::Ready(response) = this.exchange.work(|| this.inner.poll(poller)) else {
            return Poll::Pending;
        };
        match &response {
            Ok(response) => {
                let status = response.status();
                let status_code = status.as_u16();
                if *this.is_call {
                    let code = grpc::status(response.headers());
                    record_all!(
                        this.exchange.span,
                        http.response.status_code = status_code,
                        rpc.grpc.status_code = code
                    );
                    if let Some(code) = code.filter(|code| *code > 0) {
                        this.exchange.fail(&code.to_string());
                    }
                } else {
                    this.exchange.span.record("http.response.status_code", status_code);
                }
                // To a client both are failures: its own, and the server's.
                if status.is_client_error() || status.is_server_error() {
                    this.exchange.fail(status.as_str());
                }
            }
            Err(_) => this.exchange.fail("connection"),
        }
        this.exchange.end();
        Poll::Ready(response)
    }
}
