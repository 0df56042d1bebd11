//! What every line begins with.
use super::value;
use crate::line::OWN;
use obs_core::record::{Record, Scope, Thread};
use obs_core::time::TimestampCache;
use obs_core::{Level, RunId, SpanId, TraceId, UnixNanos, escape};

/// Writes what every line of a run begins with.
#[derive(Debug)]
pub(super) struct Head {
    times: TimestampCache,
    /// `,"run_id":"…"`.
    run_id: Vec<u8>,
}

impl Head {
    pub(super) fn new(run_id: RunId) -> Self {
        let run_id = format!(",\"run_id\":\"{run_id}\"").into_bytes();
        Self { times: TimestampCache::new(), run_id }
    }

    /// Begins a line; the string of the time is still open.
    #[inline]
    pub(super) fn timestamp(&mut self, time: UnixNanos, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"timestamp\":\"");
        out.extend_from_slice(self.times.rfc3339(time));
    }

    /// Appends `"key":"time"`.
    pub(super) fn time(&mut self, key: &str, time: UnixNanos, out: &mut Vec<u8>) {
        text(key, "", out);
        out.pop();
        out.extend_from_slice(self.times.rfc3339(time));
        out.push(b'"');
    }

    /// The start of a line that the toolkit writes of its own accord, up to the logger.
    pub(super) fn own(
        &mut self,
        time: UnixNanos,
        level: Level,
        event: &'static str,
        out: &mut Vec<u8>,
    ) {
        self.timestamp(time, out);
        out.push(b'"');
        text("level", level.as_str(), out);
        text("event", event, out);
        text("logger", OWN, out);
    }

    /// Appends the ids, the record's number and its thread.
    #[inline]
    pub(super) fn ids(&self, record: &Record<'_>, scope: Option<&Scope<'_>>, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.run_id);
        if let Some(scope) = scope {
            trace_and_span(scope.trace(), scope.span(), out);
        }
        self.seq_and_thread(record, out);
    }

    /// Appends the record's number and its thread, and whether its context is lost.
    pub(super) fn seq_and_thread(&self, record: &Record<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"seq\":");
        value::integer(out, record.seq);
        if let Some(thread) = record.thread {
            out.extend_from_slice(b",\"thread\":");
            self.thread(thread, out);
        }
        if record.is_context_lost {
            out.extend_from_slice(b",\"context.attrs\":\"lost\"");
        }
    }

    fn thread(&self, thread: &Thread, out: &mut Vec<u8>) {
        if thread.name.is_empty() {
            value::integer(out, thread.tid);
        } else {
            out.push(b'"');
            escape::json(out, &thread.name);
            out.push(b'"');
        }
    }

    /// Appends the run's id.
    pub(super) fn run_id(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.run_id);
    }

    /// Says that the innermost span's attributes are no longer known.
    pub(super) fn evicted(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"span.attrs\":\"evicted\"");
    }
}

/// Appends the ids of a trace and of a span in it.
#[inline]
pub(super) fn trace_and_span(trace: TraceId, span: SpanId, out: &mut Vec<u8>) {
    let mut text =
        *b",\"trace_id\":\"................................\",\"span_id\":\"................\"";
    value::hex(&trace.to_bits().to_be_bytes(), &mut text[13..45]);
    value::hex(&span.to_bits().to_be_bytes(), &mut text[58..74]);
    out.extend_from_slice(&text);
}

/// Appends the id of the span around a span.
pub(super) fn parent(parent: SpanId, out: &mut Vec<u8>) {
    let mut text = *b",\"parent_id\":\"................\"";
    value::hex(&parent.to_bits().to_be_bytes(), &mut text[14..30]);
    out.extend_from_slice(&text);
}

/// Appends a member whose key needs no escaping.
pub(super) fn text(key: &str, text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":\"");
    escape::json(out, text);
    out.push(b'"');
}

/// Appends a member whose key needs no escaping.
pub(super) fn number(key: &str, number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
    value::integer(out, number);
}
