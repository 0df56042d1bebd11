//! Requests that go out by reqwest, as a middleware of `reqwest-middleware`: a span for each try, with trace, state,
//! baggage and request id in its headers. What spans say is what [`obs_http::ClientLayer`] says.
#![forbid(unsafe_code)]

use http::{Extensions, Uri};
use obs_http::Attempt;
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};
use std::future::poll_fn;
use std::pin::pin;

/// Gives every request that goes out a span, and sends trace, baggage and request id along.
///
/// It belongs behind a middleware that tries again, so that each try has a span. [`obs_http::UrlTemplate`] and
/// [`obs_http::ResendCount`] come by the request's extensions. The span ends with the response's head; `error.type` of
/// a request without a response is `timeout`, `connection`, `redirect`, `body`, `middleware` or `request`. Redirects
/// that reqwest follows by itself are one try.
///
/// ```
/// use obs_reqwest::ClientMiddleware;
/// use reqwest_middleware::ClientBuilder;
///
/// let client = ClientBuilder::new(reqwest::Client::new()).with(ClientMiddleware::new()).build();
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientMiddleware {}

impl ClientMiddleware {
    /// The middleware.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait::async_trait]
impl Middleware for ClientMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        // An address that `http` does not take is one that reqwest refuses, too.
        let uri = Uri::try_from(request.url().as_str()).unwrap_or_default();
        let method = request.method().clone();
        let mut attempt = Attempt::begin(&method, &uri, request.headers_mut(), extensions);
        let mut answer = pin!(next.run(request, extensions));
        let answer = poll_fn(|poller| attempt.work(|| answer.as_mut().poll(poller))).await;
        match &answer {
            Ok(response) => attempt.answered(response.status(), response.headers()),
            Err(error) => attempt.failed(error_type(error)),
        }
        answer
    }
}

fn error_type(error: &Error) -> &'static str {
    match error {
        Error::Reqwest(error) if error.is_timeout() => "timeout",
        Error::Reqwest(error) if error.is_connect() => "connection",
        Error::Reqwest(error) if error.is_redirect() => "redirect",
        Error::Reqwest(error) if error.is_body() => "body",
        Error::Reqwest(_) => "request",
        Error::Middleware(_) => "middleware",
    }
}
