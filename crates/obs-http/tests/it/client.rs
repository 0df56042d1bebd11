//! Requests that go out, to services of the same kind.
use crate::recording::recorded;
use crate::support::{get, header};
use crate::told::{attribute, ends, run};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use axum::routing::get as on_get;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use obs_core::propagation::{Baggage, Remote};
use obs_core::{Context, InContext};
use obs_http::{ClientLayer, ResendCount, ServerLayer, UrlTemplate};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tower::{Layer, Service, ServiceExt, service_fn};
use tracing::{Instrument, info, info_span};

/// Sends a request through the layer to a service that answers with this status; returns what arrived there.
fn send(request: Request<Body>, status: StatusCode) -> Request<()> {
    let arrived = Arc::new(Mutex::new(None));
    let theirs = Arc::clone(&arrived);
    let service = service_fn(move |request: Request<Body>| {
        let (head, _) = request.into_parts();
        *theirs.lock().unwrap() = Some(Request::from_parts(head, ()));
        async move {
            let response = Response::builder().status(status).body(());
            Ok::<_, Infallible>(response.unwrap())
        }
    });
    run(ClientLayer::new().layer(service).oneshot(request)).unwrap();
    arrived.lock().unwrap().take().unwrap()
}

fn in_request<R>(body: impl FnOnce() -> R) -> R {
    let mut baggage = Baggage::default();
    baggage.insert("tenant", "acme").unwrap();
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().ok();
    let mut remote = Remote { parent, baggage, ..Remote::default() };
    remote.state = obs_core::propagation::TraceState::parse("a=1");
    let context = Context::new().with("request_id", "r-9").with_remote(remote);
    context.in_scope(|| info_span!("handling").in_scope(body))
}

#[test]
fn a_call_is_a_span_and_takes_trace_state_baggage_and_request_id_along() {
    let lines = recorded("info", || {
        in_request(|| {
            let mut request = get("http://till.example:81/pay/7?token=hunter2hunter2", &[]);
            request.extensions_mut().insert(UrlTemplate("/pay/{id}".to_owned()));
            request.extensions_mut().insert(ResendCount(2));
            let arrived = send(request, StatusCode::OK);
            let header = |name: &str| arrived.headers()[name].to_str().unwrap().to_owned();
            let parent = header("traceparent");
            assert!(parent.starts_with("00-0af7651916cd43dd8448eb211c80319c-"), "{parent}");
            assert!(!parent.contains("b7ad6b7169203331"), "the call's own span: {parent}");
            assert_eq!(header("tracestate"), "a=1");
            assert_eq!(header("baggage"), "tenant=acme");
            assert_eq!(header("x-request-id"), "r-9");
        });
    });
    let end = &ends(&lines)[0];
    assert!(end.ends_with(" in handling within request_id=\"r-9\""), "{end}");
    assert!(!end.contains("hunter2"), "{end}");
    for (name, value) in [
        ("otel.name", "GET /pay/{id}"),
        ("otel.kind", "client"),
        ("http.request.method", "GET"),
        ("http.request.resend_count", "2"),
        ("url.template", "/pay/{id}"),
        ("server.address", "till.example"),
        ("server.port", "81"),
        ("http.response.status_code", "200"),
    ] {
        assert_eq!(attribute(end, name).as_deref(), Some(value), "{name} in {end}");
    }
    assert!(attribute(end, "url.full").unwrap().starts_with("http://till.example:81/pay/7?"));
}

#[test]
fn passwords_in_addresses_and_failures_of_either_side() {
    for (status, error) in [(204, None), (404, Some("404")), (500, Some("500"))] {
        let lines = recorded("info", || {
            send(get("https://ada:s3cret@x.example/", &[]), StatusCode::from_u16(status).unwrap());
        });
        let end = &ends(&lines)[0];
        assert!(!lines.contains("s3cret"), "{lines}");
        assert_eq!(attribute(end, "server.port").as_deref(), Some("443"));
        assert_eq!(attribute(end, "error.type").as_deref(), error);
        assert_eq!(attribute(end, "otel.status_code").as_deref(), error.map(|_| "ERROR"));
    }
}

#[test]
fn a_connection_that_fails_and_a_caller_that_goes_away() {
    let lines = recorded("info", || {
        run(async {
            let failing =
                service_fn(|_: Request<Body>| async { Err::<Response<()>, _>("no route") });
            let request = get("http://x.example/", &[]);
            assert!(ClientLayer::new().layer(failing).oneshot(request).await.is_err());
            let never =
                service_fn(|_: Request<Body>| std::future::pending::<Result<Response<()>, ()>>());
            let mut client = ClientLayer::new().layer(never);
            drop(client.call(get("http://x.example/", &[])));
        });
    });
    let types: Vec<_> = ends(&lines).iter().map(|end| attribute(end, "error.type")).collect();
    assert_eq!(types, [Some("connection".to_owned()), Some("aborted".to_owned())]);
}

/// Serves an application on a port of its own.
async fn serve(app: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

#[test]
fn two_services_on_two_runtimes_are_one_trace_with_one_request_id() {
    let lines = recorded("info", || {
        let runtime = |threads: usize| {
            let mut builder = match threads {
                0 => tokio::runtime::Builder::new_current_thread(),
                _ => tokio::runtime::Builder::new_multi_thread(),
            };
            builder.enable_all().build().unwrap()
        };
        let (front, back) = (runtime(0), runtime(2));
        let inner = back.block_on(serve(
            Router::new()
                .route("/inner/{id}", on_get(|| async { info!("inner work") }))
                .layer(ServerLayer::new()),
        ));
        let call = move || async move {
            let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
            let mut client = ClientLayer::new().layer(client);
            let uri = format!("http://{inner}/inner/1");
            let call = client.call(get(&uri, &[]));
            let spawned = tokio::spawn(
                async move { call.await.map(|response| response.status()) }
                    .instrument(tracing::Span::current())
                    .in_current_context(),
            );
            spawned.await.unwrap().unwrap().to_string()
        };
        let app = Router::new().route("/outer", on_get(call)).layer(ServerLayer::new());
        front.block_on(async move {
            let outer = serve(app).await;
            let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
            let request = get(&format!("http://{outer}/outer"), &[("x-request-id", "r-5")]);
            let response = client.request(request).await.unwrap();
            assert_eq!(header(&response, "x-request-id"), "r-5");
        });
        drop(back);
    });
    let begins: Vec<&str> = lines.lines().filter(|line| line.starts_with("begin ")).collect();
    assert_eq!(begins.len(), 3, "{lines}");
    assert!(begins[1].contains("http call") && begins[1].contains(" in http request"), "{lines}");
    assert!(begins[2].contains(" from afar"), "{lines}");
    assert!(begins.iter().all(|line| line.contains("within request_id=\"r-5\"")), "{lines}");
    let event = lines.lines().find(|line| line.contains("inner work")).unwrap();
    assert!(event.ends_with("within request_id=\"r-5\""), "{event}");
}
