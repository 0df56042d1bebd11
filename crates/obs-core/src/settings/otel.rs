//! What OpenTelemetry's own variables say: where telemetry goes, and what of it.
//!
//! A field is one variable. What several of them come to for one signal, [`Otel::export`] says.

mod endpoint;
mod export;
mod lists;
mod others;
mod rows;
mod values;

use std::path::PathBuf;
use std::time::Duration;

pub use endpoint::{Endpoint, EndpointError};
pub use export::{Export, ExportError, Signal};
pub use lists::{Destinations, Headers, NamedValues, Propagators};
pub(super) use others::OTHERS;

use super::choice::{Compression, DiagnosticLevel, OtlpProtocol, Sampler};
use super::table::Row;

/// The rows of OpenTelemetry's variables, in the order of the manual.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    let parts = [rows::GENERAL, rows::ALL_SIGNALS, rows::TRACES, rows::LOGS, rows::LIMITS];
    parts.into_iter().flatten()
}

/// OpenTelemetry's settings, one field a variable; `None` where nobody set it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Otel {
    /// Nothing leaves the process by OpenTelemetry's ways. Local logs stay.
    pub sdk_disabled: bool,
    /// What describes the source of all telemetry, beside what is known without it.
    pub resource_attributes: NamedValues,
    /// What the toolkit says of itself on stderr.
    pub log_level: DiagnosticLevel,
    /// The headers by which traces and baggage enter and leave.
    pub propagators: Propagators,
    /// Which traces leave the process.
    pub traces_sampler: Sampler,
    /// The part of the traces that leaves, from 0 to 1, for samplers by ratio; `None` is all.
    pub traces_sampler_arg: Option<f64>,
    /// Where spans go.
    pub traces_exporter: Option<Destinations>,
    /// Where log records go.
    pub logs_exporter: Option<Destinations>,
    /// How spans are put together for sending.
    pub bsp: Batching,
    /// How log records are put together for sending.
    pub blrp: Batching,
    /// How much a span or log record may carry.
    pub attributes: AttributeLimits,
    /// How much a span may carry, where that differs from [`attributes`](Self::attributes).
    pub span: AttributeLimits,
    /// How much a log record may carry, where that differs from [`attributes`](Self::attributes).
    pub log_record: AttributeLimits,
    /// Events of a span; the rest is counted.
    pub span_events_max: u32,
    /// Links of a span; the rest is counted.
    pub span_links_max: u32,
    /// Attributes of an event of a span; the rest is counted.
    pub event_attributes_max: u32,
    /// Attributes of a link; the rest is counted.
    pub link_attributes_max: u32,
    /// How all signals are sent.
    pub otlp: Otlp,
    /// How spans are sent, where that differs.
    pub otlp_traces: Otlp,
    /// How log records are sent, where that differs.
    pub otlp_logs: Otlp,
}

/// How telemetry is sent by OTLP.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Otlp {
    /// Where to.
    pub endpoint: Option<Endpoint>,
    /// By which protocol.
    pub protocol: Option<OtlpProtocol>,
    /// What goes along with every request, such as a token.
    pub headers: Option<Headers>,
    /// How requests are compressed.
    pub compression: Option<Compression>,
    /// How long a request may take; zero is without end.
    pub timeout: Option<Duration>,
    /// A PEM file of the certificates that vouch for the server, in place of the system's.
    pub certificate: Option<PathBuf>,
    /// A PEM file of the client's private key.
    pub client_key: Option<PathBuf>,
    /// A PEM file of the client's certificate.
    pub client_certificate: Option<PathBuf>,
    /// Whether gRPC goes without TLS where the endpoint has no scheme.
    pub insecure: Option<bool>,
}

/// How records are put together for sending.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Batching {
    /// How long records may wait for others.
    pub schedule_delay: Option<Duration>,
    /// How long sending may take; zero is without end.
    pub export_timeout: Option<Duration>,
    /// Records of one request.
    pub max_export_batch_size: Option<u32>,
}

/// How much a span or log record may carry.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AttributeLimits {
    /// Characters of a text; longer ones are cut.
    pub value_length_max: Option<u32>,
    /// Attributes; the rest is counted.
    pub count_max: Option<u32>,
}

/// Attributes of whatever has them, and events and links of a span.
const COUNT_MAX: u32 = 128;

impl Default for Otel {
    fn default() -> Self {
        Self {
            sdk_disabled: false,
            resource_attributes: NamedValues::default(),
            log_level: DiagnosticLevel::Info,
            propagators: Propagators::default(),
            traces_sampler: Sampler::ParentBasedAlwaysOn,
            traces_sampler_arg: None,
            traces_exporter: None,
            logs_exporter: None,
            bsp: Batching::default(),
            blrp: Batching::default(),
            attributes: AttributeLimits::default(),
            span: AttributeLimits::default(),
            log_record: AttributeLimits::default(),
            span_events_max: COUNT_MAX,
            span_links_max: COUNT_MAX,
            event_attributes_max: COUNT_MAX,
            link_attributes_max: COUNT_MAX,
            otlp: Otlp::default(),
            otlp_traces: Otlp::default(),
            otlp_logs: Otlp::default(),
        }
    }
}
