//! A response's body on its way out.
use super::future::tell_call;
use crate::exchange::Exchange;
use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context as Poller, Poll};
use tracing::record_all;

pin_project! {
    /// A body with whose end the request's span ends.
    #[derive(Debug)]
    pub struct ServerBody<B> {
        #[pin]
        inner: B,
        exchange: Option<Exchange>,
        sent: u64,
    }
}

impl<B: Body> ServerBody<B> {
    pub(super) fn new(inner: B, exchange: Exchange, has_body: bool) -> Self {
        let mut body = Self { exchange: Some(exchange), sent: 0, inner };
        if !has_body || body.inner.is_end_stream() {
            end(&mut body.exchange, body.sent);
        }
        body
    }
}

/// Everything has been handed on.
fn end(exchange: &mut Option<Exchange>, sent: u64) {
    if let Some(mut exchange) = exchange.take() {
        record_all!(
            exchange.span,
            http.response.status_code = exchange.status,
            http.response.body.size = sent
        );
        exchange.end();
    }
}

impl<B: Body> Body for ServerBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        poller: &mut Poller<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(exchange) = this.exchange.as_mut() else { return this.inner.poll_frame(poller) };
        let Poll::Ready(frame) = exchange.work(|| this.inner.as_mut().poll_frame(poller)) else {
            return Poll::Pending;
        };
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    *this.sent += data.remaining() as u64;
                } else if let Some(trailers) = frame.trailers_ref() {
                    tell_call(exchange, trailers);
                }
                // Nobody asks for more of a body that says that it has ended.
                if this.inner.is_end_stream() || this.inner.size_hint().exact() == Some(0) {
                    end(this.exchange, *this.sent);
                }
            }
            Some(Err(_)) => {
                exchange.fail("body");
                end(this.exchange, *this.sent);
            }
            None => end(this.exchange, *this.sent),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
