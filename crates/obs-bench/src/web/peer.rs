//! What a careful user puts together: a span a request with the conventions' names, the caller's trace taken up, a
//! request id, and spans and log records in batches to a receiver.
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::HeaderMap;
use axum::response::Response;
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{LogExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use opentelemetry_sdk::{Resource, logs, trace};
use std::time::Duration;
use tower_http::ServiceBuilderExt as _;
use tower_http::request_id::MakeRequestUuid;
use tower_http::trace::TraceLayer;
use tracing::{Span, field, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What the queue of each exporter holds, as that of other peers does.
const QUEUE_RECORDS: usize = 128_000;

/// How long a batch that is not full waits: as long as ours, and as the SDK's log records do.
const DELAY: Duration = Duration::from_secs(1);

pub(super) struct Providers {
    _traces: SdkTracerProvider,
    _logs: SdkLoggerProvider,
}

pub(super) fn start(endpoint: &str) -> anyhow::Result<Providers> {
    let resource = Resource::builder().with_service_name("bench").build();
    let of = |path: &str| format!("{endpoint}{path}");
    let spans = SpanExporter::builder().with_http().with_endpoint(of("/v1/traces")).build()?;
    let records = LogExporter::builder().with_http().with_endpoint(of("/v1/logs")).build()?;
    // By default the queues hold 2,048, and what comes on top of that is dropped.
    let config = trace::BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE_RECORDS)
        .with_scheduled_delay(DELAY)
        .build();
    let spans = trace::BatchSpanProcessor::builder(spans).with_batch_config(config).build();
    let config = logs::BatchConfigBuilder::default().with_max_queue_size(QUEUE_RECORDS).build();
    let records = logs::BatchLogProcessor::builder(records).with_batch_config(config).build();
    let traces = SdkTracerProvider::builder()
        .with_span_processor(spans)
        .with_resource(resource.clone())
        .build();
    let logs =
        SdkLoggerProvider::builder().with_log_processor(records).with_resource(resource).build();
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    tracing_subscriber::registry()
        .with(EnvFilter::new("info"))
        .with(tracing_opentelemetry::layer().with_tracer(traces.tracer("bench")))
        .with(OpenTelemetryTracingBridge::new(&logs))
        .try_init()?;
    Ok(Providers { _traces: traces, _logs: logs })
}

pub(super) fn around(routes: Router) -> Router {
    let trace = TraceLayer::new_for_http().make_span_with(span).on_response(
        |response: &Response, _: Duration, span: &Span| {
            span.record("http.response.status_code", response.status().as_u16());
        },
    );
    routes.layer(
        tower::ServiceBuilder::new()
            .set_x_request_id(MakeRequestUuid)
            .layer(trace)
            .propagate_x_request_id(),
    )
}

fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let (method, uri) = (request.method().as_str(), request.uri());
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let span = info_span!(
        "http request",
        otel.kind = "server",
        otel.name = format!("{method} {route}"),
        http.request.method = method,
        http.route = route,
        url.scheme = "http",
        url.path = uri.path(),
        url.query = uri.query(),
        network.protocol.version = ?request.version(),
        server.address = text("host"),
        user_agent.original = text("user-agent"),
        request_id = text("x-request-id"),
        http.response.status_code = field::Empty,
    );
    let parent = opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.extract(&Headers(request.headers()))
    });
    // It fails where the span is not recorded, and then there is nothing to be told.
    drop(span.set_parent(parent));
    span
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}
