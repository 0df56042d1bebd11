//! Requests to a router, and the spans that they leave.
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use http_body_util::BodyExt;
use std::future::Future;
use tower::ServiceExt;

/// Runs a future on a runtime of its own.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A request with these headers.
pub(crate) fn get(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let builder = headers
        .iter()
        .fold(Request::builder().uri(path), |builder, (name, value)| builder.header(*name, *value));
    builder.body(Body::empty()).unwrap()
}

/// The response to a request, with its whole body.
pub(crate) async fn ask(app: &Router, request: Request<Body>) -> (Response<()>, String) {
    let response = app.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(head, ()), String::from_utf8(body.to_vec()).unwrap())
}

/// The value of a response's header.
pub(crate) fn header<'a, B>(response: &'a Response<B>, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

/// The lines that end spans.
pub(crate) fn ends(lines: &str) -> Vec<String> {
    lines.lines().filter_map(|line| line.strip_prefix("end   ")).map(str::to_owned).collect()
}

/// The value of an attribute in a line.
pub(crate) fn attribute(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!(" {name}="))?;
    let value = match rest.strip_prefix('"') {
        Some(text) => text.split('"').next(),
        None => rest.split(' ').next(),
    };
    value.map(|value| value.trim_end_matches(',').to_owned())
}
