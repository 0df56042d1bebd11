//! Records as files of OTLP's JSON, which collectors, Jaeger and any OTLP endpoint read.
use obs_core::Level;
use obs_core::record::{Fact, Record};
use obs_otlp_data::{Limits, Records, Resource, SpanEvents, SpanEventsLimits, json_text};
use std::collections::HashMap;

/// A file is no larger, unless a single record is: what the collector's receiver takes for a line, and some room.
pub const FILE_BYTES_MAX: usize = 900_000;

/// What is in a file: there is one signal in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtlpSignal {
    /// Spans that have ended.
    Traces,
    /// Log records.
    Logs,
}

impl OtlpSignal {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Traces, Self::Logs];

    /// The word for it in names of files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
        }
    }

    /// The names that JSON has for what holds its records: by resource, by scope, and themselves.
    fn keys(self) -> [&'static str; 3] {
        match self {
            Self::Traces => ["resourceSpans", "scopeSpans", "spans"],
            Self::Logs => ["resourceLogs", "scopeLogs", "logRecords"],
        }
    }
}

/// Makes files of one signal out of a run's records. Each file is one JSON object on one line: a `TracesData` or
/// `LogsData`, which is also the request that a receiver takes at `/v1/traces` or `/v1/logs`.
#[derive(Debug)]
pub struct OtlpJson {
    signal: OtlpSignal,
    level: Level,
    resource: String,
    /// Holds a record at a time.
    records: Records,
    events: SpanEvents,
    file: File,
}

/// A file that is not full.
#[derive(Debug, Default)]
struct File {
    /// By scope, in the order in which they came: the scope's name and its records, with commas between.
    scopes: Vec<(String, String)>,
    places: HashMap<String, usize>,
    bytes: usize,
    records: u64,
}

/// A file that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtlpFile {
    /// One JSON object on one line.
    pub json: String,
    /// The spans or log records in it.
    pub records: u64,
}

/// What stands around the records of a scope, and around all of them, beside the resource and names of scopes.
const AROUND_BYTES: usize = 128;

impl OtlpJson {
    /// Files of `signal` for records from `resource`; of log records those from `level` on.
    #[must_use]
    pub fn new(signal: OtlpSignal, resource: &Resource, level: Level) -> Self {
        let mut json = String::new();
        resource.write_json(&mut json);
        Self {
            signal,
            level,
            resource: json,
            records: Records::new(Limits::default()),
            events: SpanEvents::new(SpanEventsLimits::default()),
            file: File::default(),
        }
    }

    /// Takes a record. Returns the file before it when that is full.
    pub fn take(&mut self, record: &Record<'_>) -> Option<OtlpFile> {
        match (self.signal, &record.fact) {
            (OtlpSignal::Traces, Fact::Event(event)) => self.events.event(record, event),
            (OtlpSignal::Traces, Fact::SpanLink(span, follows)) => {
                self.events.link(record.seq, *span, *follows);
            }
            (OtlpSignal::Traces, Fact::SpanEnd(ended)) => {
                self.records.add_span(record, ended, &mut self.events);
            }
            (OtlpSignal::Logs, _) if record.is_shown(self.level) => self.records.add_log(record),
            _ => {}
        }
        if self.records.is_empty() {
            return None;
        }
        let mut json = String::new();
        match self.signal {
            OtlpSignal::Traces => self.records.write_span_json(0, &mut json),
            OtlpSignal::Logs => self.records.write_log_json(0, &mut json),
        }
        let scope = self.records.scope(0).to_owned();
        self.records.clear();
        let bytes = json.len() + scope.len() + AROUND_BYTES;
        let is_full = !self.file.scopes.is_empty()
            && self.file.bytes + bytes + self.resource.len() + AROUND_BYTES > FILE_BYTES_MAX;
        let full = if is_full { self.end_file() } else { None };
        self.file.add(scope, &json);
        full
    }

    /// Ends the file that is not full: `None` if there is nothing in it.
    pub fn end_file(&mut self) -> Option<OtlpFile> {
        let file = std::mem::take(&mut self.file);
        if file.scopes.is_empty() {
            return None;
        }
        let [by_resource, by_scope, records] = self.signal.keys();
        let mut out = String::with_capacity(file.bytes + self.resource.len() + AROUND_BYTES);
        out.push_str(&format!("{{\"{by_resource}\":[{{\"resource\":{}", self.resource));
        out.push_str(&format!(",\"{by_scope}\":["));
        for (at, (scope, json)) in file.scopes.iter().enumerate() {
            out.push_str(if at == 0 { "{\"scope\":{\"name\":" } else { ",{\"scope\":{\"name\":" });
            json_text(&mut out, scope);
            out.push_str(&format!("}},\"{records}\":[{json}]}}"));
        }
        out.push_str("]}]}\n");
        Some(OtlpFile { json: out, records: file.records })
    }
}

impl File {
    fn add(&mut self, scope: String, json: &str) {
        self.bytes += json.len() + 1;
        self.records += 1;
        if let Some((_, records)) =
            self.places.get(&scope).and_then(|place| self.scopes.get_mut(*place))
        {
            records.push(',');
            records.push_str(json);
            return;
        }
        self.bytes += scope.len() + AROUND_BYTES;
        self.places.insert(scope.clone(), self.scopes.len());
        self.scopes.push((scope, json.to_owned()));
    }
}
