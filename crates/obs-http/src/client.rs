//! Requests that go out.
use crate::attempt::Attempt;
use http::{Request, Response};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Poller, Poll};
use tower_layer::Layer;
use tower_service::Service;

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

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        let (headers, extensions) = (&mut head.headers, &head.extensions);
        let mut attempt = Attempt::begin(&head.method, &head.uri, headers, extensions);
        let request = Request::from_parts(head, body);
        let inner = attempt.work(|| self.inner.call(request));
        ClientFuture { inner, attempt }
    }
}

pin_project! {
    /// A response that is waited for, in the request's span.
    #[derive(Debug)]
    pub struct ClientFuture<F> {
        #[pin]
        inner: F,
        attempt: Attempt,
    }
}

impl<F, R, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, poller: &mut Poller<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Poll::Ready(response) = this.attempt.work(|| this.inner.poll(poller)) else {
            return Poll::Pending;
        };
        match &response {
            Ok(response) => this.attempt.answered(response.status(), response.headers()),
            Err(_) => this.attempt.failed("connection"),
        }
        Poll::Ready(response)
    }
}
