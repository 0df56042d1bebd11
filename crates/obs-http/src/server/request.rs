//! The span of a request that has come in.
use crate::grpc::Call;
use crate::head;
use crate::method::{self, OTHER};
use axum::extract::MatchedPath;
use http::{Method, Request, Version, header};
use std::net::IpAddr;
use tracing::field::Empty;
use tracing::{Span, info_span};

/// The template of a request's route, such as `/jobs/{id}`: an extension for routers other than axum's, whose own is
/// known.
#[derive(Debug, Clone)]
pub struct Route(pub String);

/// Who has sent a request: an extension for those who know, and know whom to trust of what headers say.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// What a response means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One to `HEAD`, which has no body.
    Head,
    /// One to `CONNECT`, behind which is no body either.
    Connect,
    Http,
    Grpc,
}

impl Kind {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        match *request.method() {
            Method::HEAD => Self::Head,
            Method::CONNECT => Self::Connect,
            _ if Call::of(request.uri(), request.headers()).is_some() => Self::Grpc,
            _ => Self::Http,
        }
    }
}

/// The span of a request, by the conventions for servers of HTTP or RPC.
pub(super) fn span<B>(request: &Request<B>) -> Span {
    let call = Call::of(request.uri(), request.headers());
    let span = match call {
        Some(call) => of_call(request, call),
        None => of_request(request),
    };
    if span.is_disabled() {
        return span;
    }
    let headers = request.headers();
    let (host, port) = head::host(request.uri(), headers);
    host.map(|host| span.record("server.address", head::cut(&host)));
    port.map(|port| span.record("server.port", port));
    if let Some(ClientAddress(address)) = request.extensions().get() {
        span.record("client.address", tracing::field::display(address));
    }
    let state = obs_core::Context::current();
    if let Some(remote) = state.remote().filter(|remote| !remote.state.is_empty()) {
        span.record("otel.trace_state", tracing::field::display(&remote.state));
    }
    span
}

fn of_request<B>(request: &Request<B>) -> Span {
    let (uri, headers) = (request.uri(), request.headers());
    let method = method::known(request.method());
    let span = info_span!(
        target: "obs_http",
        "http request",
        otel.name = Empty,
        otel.kind = "server",
        http.request.method = method.unwrap_or(OTHER),
        http.request.method_original = Empty,
        http.route = Empty,
        url.scheme = uri.scheme_str().unwrap_or("http"),
        url.path = head::cut(uri.path()),
        url.query = Empty,
        server.address = Empty,
        server.port = Empty,
        client.address = Empty,
        network.protocol.version = version(request.version()),
        user_agent.original = Empty,
        http.request.body.size = Empty,
        http.response.status_code = Empty,
        http.response.body.size = Empty,
        error.type = Empty,
        otel.status_code = Empty,
        otel.trace_state = Empty,
    );
    if span.is_disabled() {
        return span;
    }
    if method.is_none() {
        span.record("http.request.method_original", head::cut(request.method().as_str()));
    }
    let route = request.extensions().get::<Route>().map(|Route(route)| route.as_str());
    let route = route.or_else(|| request.extensions().get().map(MatchedPath::as_str));
    // A method that is made up would make up a name.
    let verb = method.unwrap_or("HTTP");
    match route {
        Some(route) => {
            span.record("http.route", route);
            span.record("otel.name", format!("{verb} {route}").as_str());
        }
        None => {
            span.record("otel.name", verb);
        }
    }
    uri.query().map(|query| span.record("url.query", head::cut(query)));
    let agent = head::text(headers, header::USER_AGENT);
    agent.map(|agent| span.record("user_agent.original", agent));
    head::length(headers).map(|length| span.record("http.request.body.size", length));
    span
}

fn of_call<B>(request: &Request<B>, call: Call<'_>) -> Span {
    let (service, method) = (head::cut(call.service), head::cut(call.method));
    info_span!(
        target: "obs_http",
        "rpc",
        // Who calls what is not there could make up names: such a call has another name in the end.
        otel.name = format!("{service}/{method}").as_str(),
        otel.kind = "server",
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = method,
        rpc.grpc.status_code = Empty,
        server.address = Empty,
        server.port = Empty,
        client.address = Empty,
        network.protocol.version = version(request.version()),
        http.response.status_code = Empty,
        http.response.body.size = Empty,
        error.type = Empty,
        otel.status_code = Empty,
        otel.trace_state = Empty,
    )
}

/// As the conventions write it.
pub(crate) fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "1.1",
    }
}
