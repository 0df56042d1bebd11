//! Requests that come in.
use crate::recording::{Alone, recorded};
use crate::support::{ask, get, header};
use crate::told::{attribute, ends, run};
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, Method, Request, StatusCode};
use axum::routing::get as on_get;
use obs_http::{ClientAddress, Route, ServerLayer};
use std::net::IpAddr;
use tracing::info;

fn app() -> Router {
    let job = |Path(id): Path<u64>| async move {
        info!(id, "working");
        "done"
    };
    Router::new()
        .route("/jobs/{id}", on_get(job))
        .route("/broken", on_get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .layer(ServerLayer::new().with_trace_response())
        .fallback_service(Router::new().layer(ServerLayer::new()))
}

/// The line of the span of the only request.
fn span_of(request: Request<Body>) -> String {
    let lines = recorded("info", || {
        run(ask(&app(), request));
    });
    let mut ends = ends(&lines);
    assert_eq!(ends.len(), 1, "{lines}");
    ends.remove(0)
}

#[test]
fn a_request_is_named_by_its_route_and_described_by_the_conventions() {
    let headers = [
        ("host", "shop.example:8080"),
        ("user-agent", "curl/8"),
        ("content-length", "0"),
        ("x-request-id", "r-1"),
        ("x-session-id", "s-1"),
    ];
    let lines = recorded("info", || {
        let (response, body) = run(ask(&app(), get("/jobs/7?page=2", &headers)));
        assert_eq!((response.status(), body.as_str()), (StatusCode::OK, "done"));
        assert_eq!(header(&response, "x-request-id"), "r-1");
        let trace = header(&response, "traceresponse");
        assert!(trace.starts_with("00-") && trace.ends_with("-01"), "{trace}");
    });
    let within = "within request_id=\"r-1\" session_id=\"s-1\"";
    let event = lines.lines().find(|line| line.contains("working")).unwrap();
    assert!(event.contains("in http request") && event.ends_with(within), "{event}");
    let ends = ends(&lines);
    for (name, value) in [
        ("otel.name", "GET /jobs/{id}"),
        ("otel.kind", "server"),
        ("http.request.method", "GET"),
        ("http.route", "/jobs/{id}"),
        ("url.scheme", "http"),
        ("url.path", "/jobs/7"),
        ("url.query", "page=2"),
        ("server.address", "shop.example"),
        ("server.port", "8080"),
        ("network.protocol.version", "1.1"),
        ("user_agent.original", "curl/8"),
        ("http.request.body.size", "0"),
        ("http.response.status_code", "200"),
        ("http.response.body.size", "4"),
    ] {
        assert_eq!(attribute(&ends[0], name).as_deref(), Some(value), "{name} in {}", ends[0]);
    }
    assert_eq!(attribute(&ends[0], "error.type"), None);
}

#[test]
fn a_caller_is_followed_with_its_state_and_its_sampling() {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    let headers = [("traceparent", parent), ("tracestate", "a=1"), ("tracestate", "b=2")];
    let span = span_of(get("/jobs/1", &headers));
    assert!(span.contains(" from afar, not sampled within request_id="), "{span}");
    assert_eq!(attribute(&span, "otel.trace_state").as_deref(), Some("a=1,b=2"));
}

#[test]
fn what_is_no_caller_is_not_followed() {
    let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for headers in [
        &[("traceparent", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")][..],
        &[("traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01")],
        &[("traceparent", good), ("traceparent", good)],
        &[("tracestate", "a=1")],
        &[("traceparent", "")],
    ] {
        let span = span_of(get("/jobs/1", headers));
        assert!(!span.contains("from afar") && !span.contains("trace_state"), "{span}");
    }
}

#[test]
fn hostile_ids_are_replaced_and_reach_nothing() {
    let long = "x".repeat(129);
    for hostile in ["a b", "<script>", "", "a\tb", long.as_str(), "ü"] {
        let lines = recorded("info", || {
            let mut request = get("/jobs/1", &[]);
            for name in ["x-request-id", "x-session-id"] {
                let value = HeaderValue::from_bytes(hostile.as_bytes()).unwrap();
                request.headers_mut().insert(name, value);
            }
            let (response, _) = run(ask(&app(), request));
            let id = header(&response, "x-request-id");
            assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        });
        assert!(!lines.contains("session_id"), "{lines}");
        assert!(hostile.len() < 2 || !lines.contains(hostile), "{lines}");
    }
}

#[test]
fn huge_and_strange_headers_cost_little_and_leave_little() {
    let baggage: Vec<String> = (0..200).map(|number| format!("k{number}=v")).collect();
    let lines = recorded("info", || {
        let mut request = get("/jobs/1", &[("baggage", &baggage.join(","))]);
        let headers = request.headers_mut();
        headers.insert("user-agent", HeaderValue::from_str(&"a".repeat(60_000)).unwrap());
        headers.insert("tracestate", HeaderValue::from_str(&"a".repeat(60_000)).unwrap());
        headers.insert("host", HeaderValue::from_bytes(b"\xff\xfe").unwrap());
        run(ask(&app(), request));
    });
    assert!(lines.len() < 4_000, "{}", lines.len());
    assert!(!lines.contains("k1="), "baggage is no part of any record");
}

#[test]
fn errors_of_the_server_are_errors_and_those_of_clients_are_not() {
    let span = span_of(get("/broken", &[]));
    assert_eq!(attribute(&span, "otel.status_code").as_deref(), Some("ERROR"));
    assert_eq!(attribute(&span, "error.type").as_deref(), Some("503"));
    let span = span_of(get("/jobs/none", &[]));
    assert_eq!(attribute(&span, "http.response.status_code").as_deref(), Some("400"));
    assert_eq!(attribute(&span, "otel.status_code"), None);
    let span = span_of(get("/nowhere/at/all", &[]));
    assert_eq!(attribute(&span, "otel.name").as_deref(), Some("GET"));
    assert_eq!(attribute(&span, "http.response.status_code").as_deref(), Some("404"));
}

#[test]
fn a_method_that_is_made_up_makes_up_no_name() {
    let mut request = get("/jobs/1", &[]);
    *request.method_mut() = Method::from_bytes(b"BREW").unwrap();
    let span = span_of(request);
    assert_eq!(attribute(&span, "otel.name").as_deref(), Some("HTTP /jobs/{id}"));
    assert_eq!(attribute(&span, "http.request.method").as_deref(), Some("_OTHER"));
    assert_eq!(attribute(&span, "http.request.method_original").as_deref(), Some("BREW"));
}

#[test]
fn routers_of_others_say_the_route_and_who_has_called() {
    let mut request = get("/x/1", &[]);
    request.extensions_mut().insert(Route("/x/{n}".to_owned()));
    request.extensions_mut().insert(ClientAddress(IpAddr::from([10, 0, 0, 9])));
    let span = span_of(request);
    assert_eq!(attribute(&span, "otel.name").as_deref(), Some("GET /x/{n}"));
    assert_eq!(attribute(&span, "client.address").as_deref(), Some("10.0.0.9"));
}

#[test]
fn secrets_in_a_query_are_taken_out() {
    let span = span_of(get("/jobs/1?api_key=hunter2hunter2&page=1", &[]));
    assert!(!span.contains("hunter2"), "{span}");
}

#[test]
fn without_a_run_ids_are_still_handed_on() {
    let _alone = Alone::new();
    let (response, _) = run(ask(&app(), get("/jobs/1", &[("x-request-id", "r-2")])));
    assert_eq!(header(&response, "x-request-id"), "r-2");
    let (response, _) = run(ask(&app(), get("/jobs/1", &[])));
    assert_eq!(header(&response, "x-request-id").len(), 32);
}
