//! Attributes of OpenTelemetry's API.
use obs_recorder::emit::Fields;
use opentelemetry::{Array, KeyValue, StringValue, Value};
use std::time::{SystemTime, UNIX_EPOCH};

/// Attributes by which times go out that were given rather than taken: what sends by OTLP puts them in their places.
pub(crate) const START_TIME: &str = "otel.start_time_unix_nano";
pub(crate) const END_TIME: &str = "otel.end_time_unix_nano";
pub(crate) const EVENT_TIME: &str = "otel.time_unix_nano";

/// Writes an attribute. Arrays are written as texts of JSON.
pub(crate) fn attribute(fields: &mut Fields<'_>, pair: &KeyValue) {
    fields.named(pair.key.as_str(), |encoder, key| match &pair.value {
        Value::Bool(truth) => encoder.bool(key, *truth),
        Value::I64(number) => encoder.i64(key, *number),
        Value::F64(number) => encoder.f64(key, *number),
        Value::String(text) => encoder.text(key, text.as_str()),
        Value::Array(array) => encoder.text(key, &text_of(array)),
        other => encoder.display(key, other),
    });
}

fn text_of(array: &Array) -> String {
    match array {
        Array::Bool(values) => format!("{values:?}"),
        Array::I64(values) => format!("{values:?}"),
        Array::F64(values) => format!("{values:?}"),
        Array::String(values) => {
            let texts: Vec<&str> = values.iter().map(StringValue::as_str).collect();
            serde_json::Value::from(texts).to_string()
        }
        other => other.to_string(),
    }
}

/// Writes a time, in nanoseconds since 1970.
pub(crate) fn time(fields: &mut Fields<'_>, name: &str, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let number = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
    fields.named(name, |encoder, key| encoder.u64(key, number));
}
