//! The layer and the service that it makes.
use super::body::ServerBody;
use super::future::ServerFuture;
use super::request::{self, Kind};
use crate::exchange::Exchange;
use crate::incoming;
use http::{Request, Response};
use std::task::{Context as Poller, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Gives every request a span, an id, and the caller's trace. See the [crate](crate).
///
/// The outermost layer should be this one, or one close to it: what lies outside of it is not in the span. With axum,
/// `Router::layer` is the place: the route is known there.
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use obs_http::ServerLayer;
///
/// let app: Router = Router::new()
///     .route("/jobs/{id}", get(|| async { "done" }))
///     .layer(ServerLayer::new());
/// ```
///
/// **What is trusted.** Nothing that a client sends changes a span's name. Ids of requests and sessions are taken if
/// they are of 1 to 128 harmless characters. A `traceparent` is followed, also with its sampling, as
/// `OTEL_TRACES_SAMPLER` says: where strangers call, `OTEL_PROPAGATORS=none` or a sampler that is not parent-based
/// keeps them out.
///
/// Costs a span and some attributes a request; nothing is boxed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServerLayer {
    settings: Settings,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settings {
    /// Whether `traceresponse` goes out.
    pub(super) trace_response: bool,
}

impl ServerLayer {
    /// Without anything that has to be asked for.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells callers of the span by the header `traceresponse`.
    #[must_use]
    pub fn with_trace_response(mut self) -> Self {
        self.settings.trace_response = true;
        self
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = Server<S>;

    fn layer(&self, inner: S) -> Server<S> {
        Server { inner, settings: self.settings }
    }
}

/// A service whose requests have spans.
#[derive(Debug, Clone)]
pub struct Server<S> {
    inner: S,
    settings: Settings,
}

impl<S, B, R> Service<Request<B>> for Server<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: http_body::Body,
{
    type Response = Response<ServerBody<R>>;
    type Error = S::Error;
    type Future = ServerFuture<S::Future>;

    fn poll_ready(&mut self, poller: &mut Poller<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(poller)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (context, id) = incoming::context(request.headers());
        let span = context.in_scope(|| request::span(&request));
        let kind = Kind::of(&request);
        let mut exchange = Exchange::new(span, context);
        let inner = exchange.work(|| self.inner.call(request));
        ServerFuture::new(inner, exchange, (kind, id, self.settings))
    }
}
