//! The span of a request that has come in.
use crate::grpc::Call;
use crate::head;
use crate::method::{self, OTHER};
use axum::extract::MatchedPath;
use http::{Method, Request, Version, header};
use obs_core::Context;
use obs_core::propagation::TraceState;
use std::net::IpAddr;
use tracing::field::{DisplayValue, Empty, display};
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

/// The span of a request, by the conventions for servers of HTTP or RPC. What is known at its beginning is told with
/// that, all at once.
pub(super) fn span<B>(request: &Request<B>) -> Span {
    match Call::of(request.uri(), request.headers()) {
        Some(call) => of_call(request, call),
        None => of_request(request),
    }
}

fn of_request<B>(request: &Request<B>) -> Span {
    let (uri, headers) = (request.uri(), request.headers());
    let method = method::known(request.method());
    let route = route(request);
    let Peers { host, port, client, state } = Peers::of(request);
    info_span!(
        target: "obs_http",
        "http request",
        otel.name = head::span_name(method, route).as_ref(),
        otel.kind = "server",
        http.request.method = method.unwrap_or(OTHER),
        http.request.method_original = method::original(request.method()),
        http.route = route,
        url.scheme = uri.scheme_str().unwrap_or("http"),
        url.path = head::cut(uri.path()),
        url.query = uri.query().map(head::cut),
        server.address = host.as_deref().map(head::cut),
        server.port = port,
        client.address = client,
        network.protocol.version = version(request.version()),
        user_agent.original = head::text(headers, header::USER_AGENT),
        http.request.body.size = head::length(headers),
        http.response.status_code = Empty,
        http.response.body.size = Empty,
        error.type = Empty,
        otel.status_code = Empty,
        otel.trace_state = state,
    )
}

fn of_call<B>(request: &Request<B>, call: Call<'_>) -> Span {
    let (service, method) = (head::cut(call.service), head::cut(call.method));
    let Peers { host, port, client, state } = Peers::of(request);
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
        server.address = host.as_deref().map(head::cut),
        server.port = port,
        client.address = client,
        network.protocol.version = version(request.version()),
        http.response.status_code = Empty,
        http.response.body.size = Empty,
        error.type = Empty,
        otel.status_code = Empty,
        otel.trace_state = state,
    )
}

fn route<B>(request: &Request<B>) -> Option<&str> {
    let route = request.extensions().get::<Route>().map(|Route(route)| route.as_str());
    route.or_else(|| request.extensions().get().map(MatchedPath::as_str))
}

/// Who is asked, by whom, and what the caller's tracing system adds.
struct Peers {
    host: Option<String>,
    port: Option<u16>,
    client: Option<DisplayValue<IpAddr>>,
    state: Option<DisplayValue<TraceState>>,
}

impl Peers {
    fn of<B>(request: &Request<B>) -> Self {
        let (host, port) = head::host(request.uri(), request.headers());
        let client = request.extensions().get().map(|ClientAddress(address)| display(*address));
        let context = Context::current();
        let remote = context.remote().filter(|remote| !remote.state.is_empty());
        Self { host, port, client, state: remote.map(|remote| display(remote.state.clone())) }
    }
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
