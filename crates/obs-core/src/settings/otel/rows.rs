//! The rows of OpenTelemetry's variables.

use std::time::Duration;

use super::super::choice::{Compression, DiagnosticLevel, OtlpProtocol, Sampler};
use super::super::table::{Row, Var};
use super::super::value::{self, Kind};

macro_rules! row {
    ($name:expr, $($field:ident).+, $kind:expr, $default:expr, $doc:expr) => {
        Row {
            name: $name,
            var: Var::Name,
            kind: $kind,
            default: $default,
            doc: $doc,
            fallback: None,
            assign: |settings, text, kind| {
                value::assign(&mut settings.otel.$($field).+, text, kind)
            },
            show: |settings| value::Value::show(&settings.otel.$($field).+),
            number: |settings| value::Value::number(&settings.otel.$($field).+),
        }
    };
}

const HOURS: Duration = Duration::from_secs(24 * 3_600);
const MILLISECONDS: Kind = Kind::Milliseconds { max: HOURS };
const SIZE: Kind = Kind::Positive { max: 65_536 };
const COUNT: Kind = Kind::Count { max: u32::MAX as u64 };

/// The variables of how all signals are sent, or one of them.
macro_rules! otlp {
    ($field:ident, $signal:literal, $endpoint:literal, [$($default:literal),+ $(,)?]) => {
        otlp!(@rows $field, $signal, $endpoint, $($default),+)
    };
    (
        @rows $field:ident, $signal:literal, $endpoint_doc:literal,
        $endpoint:literal, $protocol:literal, $headers:literal, $compression:literal,
        $timeout:literal, $certificate:literal, $key:literal, $client:literal, $insecure:literal
    ) => {
        [
            row!(
                concat!("otel_exporter_otlp_", $signal, "endpoint"),
                $field.endpoint,
                Kind::Endpoint,
                $endpoint,
                $endpoint_doc
            ),
            row!(
                concat!("otel_exporter_otlp_", $signal, "protocol"),
                $field.protocol,
                Kind::Word(OtlpProtocol::WORDS),
                $protocol,
                "By which protocol."
            ),
            row!(
                concat!("otel_exporter_otlp_", $signal, "headers"),
                $field.headers,
                Kind::Headers,
                $headers,
                "Headers of every request, or metadata of every call; percent-encoded. The values \
                 are secret and never shown."
            ),
            row!(
                concat!("otel_exporter_otlp_", $signal, "compression"),
                $field.compression,
                Kind::Word(Compression::WORDS),
                $compression,
                "How requests are compressed."
            ),
            row!(
                concat!("otel_exporter_otlp_", $signal, "timeout"),
                $field.timeout,
                MILLISECONDS,
                $timeout,
                "How long a request may take; `0` is without end."
            ),
            row!(
                concat!("otel_exporter_otlp_", $signal, "certificate"),
                $field.certificate,
                Kind::Path,
                $certificate,
                "A PEM file of the certificates that vouch for the server, in place of the \
                 system's."
            ),
            row!(
                concat!("otel_exporter_otlp_", $signal, "client_key"),
                $field.client_key,
                Kind::Path,
                $key,
                "A PEM file of the client's private key."
            ),
            row!(
                concat!("otel_exporter_otlp_", $signal, "client_certificate"),
                $field.client_certificate,
                Kind::Path,
                $client,
                "A PEM file of the client's certificate, and those between it and a root."
            ),
            row!(
                concat!("otel_exporter_otlp_", $signal, "insecure"),
                $field.insecure,
                Kind::TrueOrFalse,
                $insecure,
                "Whether gRPC goes without TLS to an endpoint without a scheme."
            ),
        ]
    };
}

/// The defaults of one signal.
macro_rules! otlp_of {
    ($field:ident, $signal:literal, $endpoint:literal) => {
        otlp!(
            $field,
            $signal,
            $endpoint,
            [
                "that of all signals",
                "that of all signals",
                "those of all signals",
                "that of all signals",
                "that of all signals",
                "those of all signals",
                "that of all signals",
                "that of all signals",
                "that of all signals",
            ]
        )
    };
}

pub(in crate::settings) const GENERAL: &[Row] = &[
    Row {
        assign: |settings, text, kind| {
            let mut disabled = None;
            value::assign(&mut disabled, text, kind)?;
            settings.otel.sdk_disabled = disabled.unwrap_or_default();
            Ok(())
        },
        ..row!(
            "otel_sdk_disabled",
            sdk_disabled,
            Kind::TrueOrFalse,
            "",
            "Whether nothing is sent by OTLP. What stays in the run directory and on the console \
             is not touched; neither are ids that come in and go out by headers."
        )
    },
    row!(
        "otel_resource_attributes",
        resource_attributes,
        Kind::Pairs,
        "none",
        "Attributes of the source of all that is sent, beside what is known of host, process and \
         run; percent-encoded. `service.name` is the service where neither `OBS_SERVICE` nor \
         `OTEL_SERVICE_NAME` is set."
    ),
    row!(
        "otel_log_level",
        log_level,
        Kind::Word(DiagnosticLevel::WORDS),
        "",
        "What the toolkit says of itself on stderr, from this level up."
    ),
    row!(
        "otel_propagators",
        propagators,
        Kind::List("tracecontext, baggage, both or none"),
        "",
        "The headers by which traces and baggage come in and go out."
    ),
    row!(
        "otel_traces_sampler",
        traces_sampler,
        Kind::Word(Sampler::WORDS),
        "",
        "Which traces are sent; the run directory keeps all. By the trace id alone, so that all \
         services of one ratio decide alike; `parentbased_…` follows who called."
    ),
    row!(
        "otel_traces_sampler_arg",
        traces_sampler_arg,
        Kind::Part,
        "`1`",
        "The part of the traces that is sent, for the samplers with `traceidratio`."
    ),
    row!(
        "otel_traces_exporter",
        traces_exporter,
        Kind::List("otlp, console, both or none"),
        "`otlp` once an endpoint is set, else `none`",
        "Where spans go: `console` shows each finished trace as a tree on stderr."
    ),
    row!(
        "otel_logs_exporter",
        logs_exporter,
        Kind::List("otlp, console, both or none"),
        "`otlp` once an endpoint is set, else `none`",
        "Where log records go. The console has them by `OBS_CONSOLE` anyway; `console` turns it \
         on."
    ),
    row!(
        "otel_bsp_schedule_delay",
        bsp.schedule_delay,
        MILLISECONDS,
        "none beside `OBS_SYNC_INTERVAL`",
        "The least time between two deliveries of spans, unless more than 1 MiB of records waits; \
         what is sent is in the journal's files first."
    ),
    row!(
        "otel_bsp_export_timeout",
        bsp.export_timeout,
        MILLISECONDS,
        "`30s`",
        "How long a request with spans may take, if the exporter's own limit is not shorter."
    ),
    row!(
        "otel_bsp_max_export_batch_size",
        bsp.max_export_batch_size,
        SIZE,
        "512, up to 8,192 while the receiver is slow",
        "Spans of one request."
    ),
    row!(
        "otel_blrp_schedule_delay",
        blrp.schedule_delay,
        MILLISECONDS,
        "none beside `OBS_SYNC_INTERVAL`",
        "The same for log records."
    ),
    row!(
        "otel_blrp_export_timeout",
        blrp.export_timeout,
        MILLISECONDS,
        "`30s`",
        "How long a request with log records may take, if the exporter's own limit is not shorter."
    ),
    row!(
        "otel_blrp_max_export_batch_size",
        blrp.max_export_batch_size,
        SIZE,
        "512, up to 8,192 while the receiver is slow",
        "Log records of one request."
    ),
];

pub(in crate::settings) const LIMITS: &[Row] = &[
    row!(
        "otel_attribute_value_length_limit",
        attributes.value_length_max,
        COUNT,
        "no limit beside that of a record",
        "Characters of a text in what is sent; longer ones are cut."
    ),
    row!(
        "otel_attribute_count_limit",
        attributes.count_max,
        COUNT,
        "`128`",
        "Attributes of a span or log record in what is sent; the rest is counted there."
    ),
    row!(
        "otel_span_attribute_value_length_limit",
        span.value_length_max,
        COUNT,
        "`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`",
        "The same for spans."
    ),
    row!(
        "otel_span_attribute_count_limit",
        span.count_max,
        COUNT,
        "`OTEL_ATTRIBUTE_COUNT_LIMIT`",
        "The same for spans."
    ),
    row!(
        "otel_span_event_count_limit",
        span_events_max,
        COUNT,
        "",
        "Events of a span in what is sent; the rest is counted there."
    ),
    row!(
        "otel_span_link_count_limit",
        span_links_max,
        COUNT,
        "",
        "Links of a span in what is sent; the rest is counted there."
    ),
    row!(
        "otel_event_attribute_count_limit",
        event_attributes_max,
        COUNT,
        "",
        "Attributes of an event of a span."
    ),
    row!(
        "otel_link_attribute_count_limit",
        link_attributes_max,
        COUNT,
        "",
        "Attributes of a link."
    ),
    row!(
        "otel_logrecord_attribute_value_length_limit",
        log_record.value_length_max,
        COUNT,
        "`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`",
        "The same for log records."
    ),
    row!(
        "otel_logrecord_attribute_count_limit",
        log_record.count_max,
        COUNT,
        "`OTEL_ATTRIBUTE_COUNT_LIMIT`",
        "The same for log records."
    ),
];

pub(in crate::settings) const ALL_SIGNALS: &[Row] = &otlp!(
    otlp,
    "",
    "Where telemetry goes. For HTTP `/v1/traces` and `/v1/logs` are put behind it; for gRPC the \
     scheme may be missing.",
    [
        "none: nothing is sent",
        "`http/protobuf`",
        "none",
        "`none`",
        "`10s`",
        "those of the system",
        "none",
        "none",
        "`false`",
    ]
);

pub(in crate::settings) const TRACES: &[Row] = &otlp_of!(
    otlp_traces,
    "traces_",
    "Where spans go; for HTTP as it is, with nothing put behind it."
);

pub(in crate::settings) const LOGS: &[Row] = &otlp_of!(
    otlp_logs,
    "logs_",
    "Where log records go; for HTTP as it is, with nothing put behind it."
);
