//! A response that is being made.
use super::body::ServerBody;
use super::layer::Settings;
use super::request::Kind;
use crate::exchange::Exchange;
use crate::grpc;
use crate::incoming::REQUEST_ID;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Poller, Poll};
use tracing::record_all;

/// The code of a call of what is not there.
const UNIMPLEMENTED: u32 = 12;
const TRACE_RESPONSE: HeaderName = HeaderName::from_static("traceresponse");

pin_project! {
    /// The response to a request, in the request's span.
    #[derive(Debug)]
    pub struct ServerFuture<F> {
        #[pin]
        inner: F,
        exchange: Option<Exchange>,
        kind: Kind,
        id: HeaderValue,
        settings: Settings,
    }
}

impl<F> ServerFuture<F> {
    pub(super) fn new(
        inner: F,
        exchange: Exchange,
        (kind, id, settings): (Kind, HeaderValue, Settings),
    ) -> Self {
        Self { inner, exchange: Some(exchange), kind, id, settings }
    }
}

impl<F, R, E> Future for ServerFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<ServerBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, poller: &mut Poller<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(exchange) = this.exchange.as_mut() else { return Poll::Pending };
        let Poll::Ready(response) = exchange.work(|| this.inner.poll(poller)) else {
            return Poll::Pending;
        };
        let Some(mut exchange) = this.exchange.take() else { return Poll::Pending };
        Poll::Ready(match response {
            Ok(mut response) => {
                tell(&mut exchange, *this.kind, &response);
                response.headers_mut().insert(REQUEST_ID, this.id.clone());
                if this.settings.trace_response {
                    exchange.work(|| tell_trace(response.headers_mut()));
                }
                let has_body = has_body(*this.kind, response.status());
                Ok(response.map(|body| ServerBody::new(body, exchange, has_body)))
            }
            Err(error) => {
                exchange.fail("error");
                exchange.end();
                Err(error)
            }
        })
    }
}

/// What the span says of a response's head.
fn tell<R: Body>(exchange: &mut Exchange, kind: Kind, response: &Response<R>) {
    let status = response.status();
    if response.body().size_hint().exact().is_some() {
        // Its end is near, and is told of with all that is known then.
        exchange.status = Some(status.as_u16());
    } else {
        exchange.span.record("http.response.status_code", status.as_u16());
    }
    if kind == Kind::Grpc {
        tell_call(exchange, response.headers());
    }
    // What a client did wrong is no error of the server's.
    if status.is_server_error() {
        exchange.fail(status.as_str());
    }
}

/// What the span says of the outcome of a call, where headers or trailers have it.
pub(super) fn tell_call(exchange: &Exchange, headers: &HeaderMap) {
    let Some(code) = grpc::status(headers) else { return };
    // Where nobody knows the service or its method, whoever called may have made it up.
    let name = (code == UNIMPLEMENTED).then_some("unimplemented");
    record_all!(exchange.span, rpc.grpc.status_code = code, otel.name = name);
    if grpc::is_servers(code) {
        exchange.fail(&code.to_string());
    }
}

fn tell_trace(headers: &mut HeaderMap) {
    let trace = obs_trace::current_trace().map(|trace| trace.to_string());
    if let Some(Ok(value)) = trace.map(HeaderValue::try_from) {
        headers.insert(TRACE_RESPONSE, value);
    }
}

/// Whether somebody will ask for a body.
fn has_body(kind: Kind, status: StatusCode) -> bool {
    let is_bodiless = status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || kind == Kind::Head
        || kind == Kind::Connect && status.is_success();
    !is_bodiless
}
