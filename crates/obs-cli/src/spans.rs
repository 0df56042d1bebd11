//! Spans that have ended, or were found open after a run's death.
use crate::paint::{Colors, Paint};
use crate::state::to_the_millisecond;
use crate::value;
use obs_core::Level;
use obs_core::record::{Record, SpanFact};
use obs_core::time::human_duration;
use serde::Serialize;
use std::collections::BTreeMap;

/// A span that was open when its run died.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OpenSpan {
    pub(crate) name: String,
    pub(crate) logger: String,
    /// From its start to the run's last sign of life.
    pub(crate) age_ns: u64,
    pub(crate) thread: String,
    pub(crate) span_id: String,
    pub(crate) fields: BTreeMap<String, String>,
}

impl OpenSpan {
    pub(crate) fn new(record: &Record<'_>, span: &SpanFact<'_>) -> Self {
        Self {
            name: span.callsite.name.clone(),
            logger: span.callsite.target.clone(),
            age_ns: span.duration_ns,
            thread: thread(record),
            span_id: span.span.span.to_string(),
            fields: fields(span),
        }
    }

    /// Its fields as `name=value name=value`.
    pub(crate) fn fields_text(&self) -> String {
        text(&self.fields)
    }
}

/// The thread that made a record: its name, else its number.
fn thread(record: &Record<'_>) -> String {
    match record.thread {
        None => String::new(),
        Some(thread) if thread.name.is_empty() => thread.tid.to_string(),
        Some(thread) => thread.name.clone(),
    }
}

/// The span's own fields; of two with one name the later counts.
fn fields(span: &SpanFact<'_>) -> BTreeMap<String, String> {
    let own = span.scope.spans().next().filter(|own| own.span == span.span.span);
    let fields = own.iter().flat_map(|own| own.fields());
    fields.map(|(name, value)| (name.to_owned(), value::short(&value))).collect()
}

fn text(fields: &BTreeMap<String, String>) -> String {
    let pairs = fields.iter().filter(|(_, value)| !value.is_empty());
    pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

/// Appends a span's line for people, of the form that records have on the console:
///
/// ```text
/// 2026-11-22 09:58:03.123Z INFO  app::load  span file ended after 1.2 ms  name=a.csv
/// ```
pub(crate) fn line(record: &Record<'_>, span: &SpanFact<'_>, colors: Colors, out: &mut Vec<u8>) {
    let mut line = String::new();
    colors.paint(&mut line, Paint::Dim, &to_the_millisecond(record.time));
    let level = span.callsite.level;
    let paint = match level {
        Level::Warn => Paint::Doubtful,
        Level::Error | Level::Fatal => Paint::Bad,
        _ => Paint::Good,
    };
    line.push(' ');
    colors.paint(&mut line, paint, &format!("{:<5}", level.as_str().to_uppercase()));
    line.push(' ');
    colors.paint(&mut line, Paint::Dim, &span.callsite.target);
    let how = if span.is_unfinished { "unfinished" } else { "ended" };
    let took = human_duration(span.duration_ns);
    let what = format!("  span {} {how} after {took}", span.callsite.name);
    colors.paint(&mut line, Paint::Plain, &what);
    let fields = text(&fields(span));
    if !fields.is_empty() {
        colors.paint(&mut line, Paint::Plain, &format!("  {fields}"));
    }
    line.push('\n');
    out.extend_from_slice(line.as_bytes());
}
