//! What spans say of requests, and what servers get.
use crate::recording::recorded;
use crate::told::{attribute, ends, run};
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use http::Extensions;
use obs_core::propagation::{Baggage, Remote, TraceState};
use obs_core::{Context, InContext};
use obs_http::{ResendCount, UrlTemplate};
use obs_reqwest::ClientMiddleware;
use reqwest::{Client, Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next, Result};
use std::net::SocketAddr;
use std::time::Duration;
use tracing::{Instrument, info_span};

/// A server that answers with what it was sent along with the request.
async fn serve() -> SocketAddr {
    let along = |headers: HeaderMap| async move {
        let of = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or("-");
        let names = ["traceparent", "tracestate", "baggage", "x-request-id"];
        names.map(of).join(" ")
    };
    let app = Router::new()
        .route("/jobs/{id}", get(along))
        .route("/unwell", get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .route("/silent", get(std::future::pending::<()>));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

fn client() -> ClientWithMiddleware {
    ClientBuilder::new(Client::new()).with(ClientMiddleware::new()).build()
}

fn incoming() -> Context {
    let mut baggage = Baggage::default();
    baggage.insert("tenant", "acme").unwrap();
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().ok();
    let mut remote = Remote { parent, baggage, ..Remote::default() };
    remote.state = TraceState::parse("a=1");
    Context::new().with("request_id", "r-9").with_remote(remote)
}

#[test]
fn a_request_is_a_span_and_takes_trace_state_baggage_and_request_id_along() {
    let lines = recorded("info", || {
        let handling = incoming().in_scope(|| info_span!("handling"));
        let asked = async {
            let address = serve().await;
            let client = client();
            let url = format!("http://ada:s3cret@{address}/jobs/7?token=hunter2hunter2");
            let template = UrlTemplate("/jobs/{id}".to_owned());
            let response = client.get(url).with_extension(template).send().await.unwrap();
            let told = response.text().await.unwrap();
            let (parent, rest) = told.split_once(' ').unwrap();
            assert!(parent.starts_with("00-0af7651916cd43dd8448eb211c80319c-"), "{told}");
            assert!(!parent.contains("b7ad6b7169203331"), "the try's own span: {told}");
            assert_eq!(rest, "a=1 tenant=acme r-9");
        };
        run(asked.instrument(handling).in_context(incoming()));
    });
    let end = &ends(&lines)[0];
    assert!(end.ends_with(" in handling within request_id=\"r-9\""), "{end}");
    assert!(!lines.contains("hunter2") && !lines.contains("s3cret"), "{lines}");
    for (name, value) in [
        ("otel.name", "GET /jobs/{id}"),
        ("otel.kind", "client"),
        ("url.template", "/jobs/{id}"),
        ("server.address", "127.0.0.1"),
        ("http.response.status_code", "200"),
    ] {
        assert_eq!(attribute(end, name).as_deref(), Some(value), "{name} in {end}");
    }
}

/// Tries again, once.
struct Again;

#[async_trait::async_trait]
impl Middleware for Again {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let second = request.try_clone().unwrap();
        next.clone().run(request, extensions).await?;
        extensions.insert(ResendCount(1));
        next.run(second, extensions).await
    }
}

#[test]
fn each_try_has_a_span_of_its_own() {
    let lines = recorded("info", || {
        run(async {
            let address = serve().await;
            let client =
                ClientBuilder::new(Client::new()).with(Again).with(ClientMiddleware::new());
            let url = format!("http://{address}/unwell");
            let response = client.build().get(url).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        });
    });
    let ends = ends(&lines);
    let of = |name: &str| -> Vec<_> { ends.iter().map(|end| attribute(end, name)).collect() };
    assert_eq!(of("error.type"), [Some("503".to_owned()), Some("503".to_owned())]);
    assert_eq!(of("http.request.resend_count"), [None, Some("1".to_owned())]);
}

#[test]
fn a_request_without_a_response_says_why() {
    let lines = recorded("info", || {
        run(async {
            let address = serve().await;
            let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let nobody = gone.local_addr().unwrap();
            drop(gone);
            client().get(format!("http://{nobody}/")).send().await.unwrap_err();
            let silent = client().get(format!("http://{address}/silent"));
            silent.timeout(Duration::from_millis(50)).send().await.unwrap_err();
            let aborted = client().get(format!("http://{address}/silent")).send();
            tokio::time::timeout(Duration::from_millis(50), aborted).await.unwrap_err();
        });
    });
    let types: Vec<_> = ends(&lines).iter().map(|end| attribute(end, "error.type")).collect();
    assert_eq!(types, ["connection", "timeout", "aborted"].map(|it| Some(it.to_owned())));
}
