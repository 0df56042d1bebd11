//! Responses that take their time, and those that never come.
use crate::recording::recorded;
use crate::support::{ask, get};
use crate::told::{attribute, ends, run};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Response};
use axum::routing::get as on_get;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::BodyExt;
use obs_http::ServerLayer;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower::ServiceExt;
use tracing::info;

/// A body of these frames, which says something before each.
struct Frames(VecDeque<io::Result<Frame<Bytes>>>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        info!("asked for more");
        Poll::Ready(self.0.pop_front())
    }
}

fn data(text: &'static str) -> io::Result<Frame<Bytes>> {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

/// An application whose one response is made of frames.
fn streaming(frames: fn() -> Vec<io::Result<Frame<Bytes>>>) -> Router {
    let handler = move || async move { Response::new(Body::new(Frames(frames().into()))) };
    Router::new().route("/stream", on_get(handler)).layer(ServerLayer::new())
}

#[test]
fn a_span_ends_with_its_body_and_what_the_body_does_is_in_it() {
    let lines = recorded("info", || {
        run(async {
            let app = streaming(|| vec![data("one"), data("three")]);
            let response = app.oneshot(get("/stream", &[])).await.unwrap();
            info!("the head is there");
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, "onethree");
            info!("the body is there");
        });
    });
    let place = |text: &str| lines.lines().position(|line| line.contains(text)).unwrap();
    assert!(place("the head is there") < place("asked for more"));
    assert!(place("asked for more") < place("end   http request"));
    assert!(place("end   http request") < place("the body is there"));
    let event = lines.lines().find(|line| line.contains("asked for more")).unwrap();
    assert!(event.contains("in http request within request_id="), "{event}");
    assert_eq!(attribute(&ends(&lines)[0], "http.response.body.size").as_deref(), Some("8"));
}

#[test]
fn a_body_that_fails_is_an_error() {
    let lines = recorded("info", || {
        run(async {
            let app = streaming(|| vec![data("one"), Err(io::Error::other("disk"))]);
            let response = app.oneshot(get("/stream", &[])).await.unwrap();
            assert!(response.into_body().collect().await.is_err());
        });
    });
    let end = &ends(&lines)[0];
    assert_eq!(attribute(end, "error.type").as_deref(), Some("body"));
    assert_eq!(attribute(end, "otel.status_code").as_deref(), Some("ERROR"));
    assert_eq!(attribute(end, "http.response.body.size").as_deref(), Some("3"));
}

#[test]
fn whoever_goes_away_aborts_the_request_before_or_within_its_body() {
    let lines = recorded("info", || {
        run(async {
            let app = streaming(|| vec![data("one"), data("two")]);
            let mut body = app.oneshot(get("/stream", &[])).await.unwrap().into_body();
            body.frame().await.unwrap().unwrap();
            drop(body);
            let never = Router::new()
                .route("/never", on_get(std::future::pending::<()>))
                .layer(ServerLayer::new());
            let mut response = Box::pin(never.oneshot(get("/never", &[])));
            assert!(futures_poll(&mut response).is_pending());
            drop(response);
        });
    });
    for end in ends(&lines) {
        assert_eq!(attribute(&end, "error.type").as_deref(), Some("aborted"), "{end}");
        assert_eq!(attribute(&end, "otel.status_code"), None);
    }
    assert_eq!(ends(&lines).len(), 2);
}

fn futures_poll<F: std::future::Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(std::task::Waker::noop()))
}

#[test]
fn a_panic_ends_the_span_with_an_error_and_goes_on() {
    let lines = recorded("info", || {
        let app = Router::new()
            .route("/panic", on_get(|| async { panic!("not today") as () }))
            .layer(ServerLayer::new());
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            run(ask(&app, get("/panic", &[])))
        }));
        assert!(caught.is_err());
    });
    let end = &ends(&lines)[0];
    assert_eq!(attribute(end, "error.type").as_deref(), Some("panic"));
    assert_eq!(attribute(end, "otel.status_code").as_deref(), Some("ERROR"));
}

#[test]
fn the_outcome_of_a_call_is_read_from_its_trailers() {
    for (code, is_error, name) in [
        ("0", None, "shop.Till/Pay"),
        ("5", None, "shop.Till/Pay"),
        ("13", Some("ERROR"), "shop.Till/Pay"),
        ("12", Some("ERROR"), "unimplemented"),
    ] {
        let lines = recorded("info", || {
            run(async {
                let pay = async move || {
                    let mut trailers = HeaderMap::new();
                    trailers.insert("grpc-status", code.parse().unwrap());
                    let frames = [data("x"), Ok(Frame::trailers(trailers))];
                    Response::new(Body::new(Frames(frames.into())))
                };
                let app = Router::new()
                    .route("/shop.Till/Pay", axum::routing::any(pay))
                    .layer(ServerLayer::new());
                ask(&app, get("/shop.Till/Pay", &[("content-type", "application/grpc+proto")]))
                    .await;
            });
        });
        let end = &ends(&lines)[0];
        assert!(end.starts_with("rpc "), "{end}");
        assert_eq!(attribute(end, "rpc.grpc.status_code").as_deref(), Some(code));
        assert_eq!(attribute(end, "otel.status_code").as_deref(), is_error);
        let names = end.match_indices("otel.name=").map(|(at, _)| &end[at..]);
        assert!(names.last().unwrap().starts_with(&format!("otel.name=\"{name}\"")), "{end}");
        assert_eq!(attribute(end, "rpc.method").as_deref(), Some("Pay"));
    }
}

#[test]
fn responses_without_a_body_end_at_once() {
    let lines = recorded("info", || {
        run(async {
            let app = Router::new().route("/empty", on_get(|| async {})).layer(ServerLayer::new());
            let response = app.clone().oneshot(get("/empty", &[])).await.unwrap();
            info!("after the first");
            drop(response);
            let mut head = get("/empty", &[]);
            *head.method_mut() = axum::http::Method::HEAD;
            drop(app.oneshot(head).await.unwrap());
        });
    });
    assert!(ends(&lines).iter().all(|end| attribute(end, "error.type").is_none()), "{lines}");
    let first = lines.lines().position(|line| line.starts_with("end   ")).unwrap();
    assert!(first < lines.lines().position(|line| line.contains("after the first")).unwrap());
}
