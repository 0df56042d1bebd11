//! OpenTelemetry's variables that are no settings here, with the reason.

/// A variable that has a meaning elsewhere.
pub(in crate::settings) struct Other {
    pub(in crate::settings) var: &'static str,
    /// Whether it is honoured all the same, by another setting.
    pub(in crate::settings) is_honoured: bool,
    pub(in crate::settings) doc: &'static str,
}

const fn honoured(var: &'static str, doc: &'static str) -> Other {
    Other { var, is_honoured: true, doc }
}

const fn ignored(var: &'static str, doc: &'static str) -> Other {
    Other { var, is_honoured: false, doc }
}

const NO_METRICS: &str = "metrics are not sent yet";
const NO_ZIPKIN: &str = "Zipkin is reached through a collector";
const NO_PROMETHEUS: &str = "there is no Prometheus exporter yet";
const NO_QUEUE: &str = "the journal is the queue, see `OBS_JOURNAL_BYTES_MAX`";
const NO_FILE: &str = "settings come from the file that `OBS_CONFIG` names";

/// In the order of OpenTelemetry's own list.
pub(in crate::settings) const OTHERS: &[Other] = &[
    honoured("OTEL_SERVICE_NAME", "the service's name where `OBS_SERVICE` is not set"),
    ignored("OTEL_ENTITIES", "entities are not part of OTLP's stable signals"),
    ignored("OTEL_BSP_MAX_QUEUE_SIZE", NO_QUEUE),
    ignored("OTEL_BLRP_MAX_QUEUE_SIZE", NO_QUEUE),
    ignored("OTEL_EXPORTER_ZIPKIN_ENDPOINT", NO_ZIPKIN),
    ignored("OTEL_EXPORTER_ZIPKIN_TIMEOUT", NO_ZIPKIN),
    ignored("OTEL_EXPORTER_ZIPKIN_PROTOCOL", NO_ZIPKIN),
    ignored("OTEL_EXPORTER_PROMETHEUS_HOST", NO_PROMETHEUS),
    ignored("OTEL_EXPORTER_PROMETHEUS_PORT", NO_PROMETHEUS),
    ignored("OTEL_METRICS_EXPORTER", NO_METRICS),
    ignored("OTEL_METRICS_EXEMPLAR_FILTER", NO_METRICS),
    ignored("OTEL_METRIC_EXPORT_INTERVAL", NO_METRICS),
    ignored("OTEL_METRIC_EXPORT_TIMEOUT", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_HEADERS", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_INSECURE", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", NO_METRICS),
    ignored("OTEL_EXPORTER_OTLP_SPAN_INSECURE", "obsolete: `OTEL_EXPORTER_OTLP_TRACES_INSECURE`"),
    ignored("OTEL_EXPORTER_OTLP_METRIC_INSECURE", NO_METRICS),
    ignored("OTEL_CONFIG_FILE", NO_FILE),
    ignored("OTEL_EXPERIMENTAL_CONFIG_FILE", NO_FILE),
    ignored("OTEL_SEMCONV_STABILITY_OPT_IN", "only the stable names are sent"),
];
