//! What a receiver has taken.
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use std::sync::Arc;

/// What a receiver has taken, in the order of its coming.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Store {
    /// Spans.
    pub spans: Vec<Received<Span>>,
    /// Log records.
    pub logs: Vec<Received<LogRecord>>,
    /// Requests, those included that were refused.
    pub requests: u64,
    /// The headers of the last request, or its metadata: names in small letters.
    pub headers: Vec<(String, String)>,
}

/// A span or log record with what was around it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Received<T> {
    /// Where it comes from.
    pub resource: Arc<Resource>,
    /// Its scope's name.
    pub scope: String,
    /// Itself.
    pub item: T,
}

/// One request, decoded.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    Traces(ExportTraceServiceRequest),
    Logs(ExportLogsServiceRequest),
}

/// What stands for numbers that JSON does not have, in [`Store::take_json`].
pub const NO_NUMBERS: [(&str, f64); 3] =
    [("NaN", 1.25e-250), ("Infinity", 2.5e-250), ("-Infinity", -2.5e-250)];

impl Store {
    /// Takes a file of OTLP's JSON: one object, of spans or of log records. The official types read no numbers that
    /// protobuf's JSON has as text: [`NO_NUMBERS`] stand for those.
    ///
    /// # Errors
    ///
    /// What the official types say to it.
    pub fn take_json(&mut self, json: &str) -> serde_json::Result<()> {
        let mut json = json.to_owned();
        for (text, number) in NO_NUMBERS {
            let double = |value: &str| format!("\"doubleValue\":{value}");
            json = json.replace(&double(&format!("\"{text}\"")), &double(&number.to_string()));
        }
        let request = if json.starts_with("{\"resourceSpans\"") {
            Request::Traces(serde_json::from_str(&json)?)
        } else {
            Request::Logs(serde_json::from_str(&json)?)
        };
        request.put_into(self);
        Ok(())
    }

    /// The value of a header of the last request.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Request {
    pub(crate) fn put_into(self, store: &mut Store) {
        match self {
            Self::Traces(request) => {
                for group in request.resource_spans {
                    let resource = Arc::new(group.resource.unwrap_or_default());
                    for scope in group.scope_spans {
                        let name = scope.scope.unwrap_or_default().name;
                        store.spans.extend(received(&resource, &name, scope.spans));
                    }
                }
            }
            Self::Logs(request) => {
                for group in request.resource_logs {
                    let resource = Arc::new(group.resource.unwrap_or_default());
                    for scope in group.scope_logs {
                        let name = scope.scope.unwrap_or_default().name;
                        store.logs.extend(received(&resource, &name, scope.log_records));
                    }
                }
            }
        }
    }

    /// The same but for the last records, so many of them if there are; how many.
    pub(crate) fn put_partly(self, store: &mut Store, rejected: u64) -> u64 {
        let (spans, logs) = (store.spans.len(), store.logs.len());
        self.put_into(store);
        let added = store.spans.len() - spans + store.logs.len() - logs;
        let rejected = added.min(usize::try_from(rejected).unwrap_or(usize::MAX));
        store.spans.truncate(store.spans.len().saturating_sub(rejected).max(spans));
        store.logs.truncate(store.logs.len().saturating_sub(rejected).max(logs));
        rejected as u64
    }

    /// Whether a span of this name, or a log record of this text, is in it.
    pub(crate) fn holds(&self, name: &str) -> bool {
        match self {
            Self::Traces(request) => {
                let groups = request.resource_spans.iter().flat_map(|group| &group.scope_spans);
                groups.flat_map(|scope| &scope.spans).any(|span| span.name == name)
            }
            Self::Logs(request) => {
                let groups = request.resource_logs.iter().flat_map(|group| &group.scope_logs);
                groups.flat_map(|scope| &scope.log_records).any(|record| {
                    let body = record.body.as_ref().and_then(|body| body.value.as_ref());
                    matches!(body, Some(Value::StringValue(text)) if text == name)
                })
            }
        }
    }
}

fn received<T>(
    resource: &Arc<Resource>,
    scope: &str,
    items: Vec<T>,
) -> impl Iterator<Item = Received<T>> {
    items.into_iter().map(move |item| Received {
        resource: Arc::clone(resource),
        scope: scope.to_owned(),
        item,
    })
}
