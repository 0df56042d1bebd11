//! What every line begins with.
use super::value;
use crate::own::OWN;
use obs_core::record::{Record, Scope, Thread};
use obs_core::time::TimestampCache;
use obs_core::{Level, RunId, SpanId, TraceId, UnixNanos, escape};

/// Threads are kept by number; one takes the place of another whose number is the same modulo this.
const THREADS_MAX: usize = 16;

/// Writes what every line of a run begins with. What was written last of ids and threads is kept: it mostly is the
/// same again.
#[derive(Debug)]
pub(super) struct Head {
    times: TimestampCache,
    /// `,"run_id":"…"`.
    run_id: Vec<u8>,
    /// The innermost span that `ids` tells of.
    scope: Option<(TraceId, SpanId)>,
    /// From the run's id to the record's number: `,"run_id":"…","trace_id":"…","span_id":"…","seq":`.
    ids: Vec<u8>,
    /// The place behind the last record's number.
    behind_seq: usize,
    threads: [(Thread, Vec<u8>); THREADS_MAX],
}

impl Head {
    pub(super) fn new(run_id: RunId) -> Self {
        let run_id = format!(",\"run_id\":\"{run_id}\"").into_bytes();
        let ids = [run_id.as_slice(), SEQ].concat();
        let times = TimestampCache::new();
        Self { times, run_id, scope: None, ids, behind_seq: 0, threads: Default::default() }
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
    pub(super) fn ids(
        &mut self,
        record: &Record<'_>,
        scope: Option<&Scope<'_>>,
        out: &mut Vec<u8>,
    ) {
        let scope = scope.map(|scope| (scope.trace(), scope.span()));
        if self.scope != scope {
            self.ids.truncate(self.run_id.len());
            if let Some((trace, span)) = scope {
                trace_and_span(trace, span, &mut self.ids);
            }
            self.ids.extend_from_slice(SEQ);
            self.scope = scope;
        }
        out.extend_from_slice(&self.ids);
        self.number_and_thread(record, out);
    }

    /// Appends the record's number and its thread, and whether its context is lost.
    pub(super) fn seq_and_thread(&mut self, record: &Record<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(SEQ);
        self.number_and_thread(record, out);
    }

    #[inline]
    fn number_and_thread(&mut self, record: &Record<'_>, out: &mut Vec<u8>) {
        value::integer(out, record.seq);
        self.behind_seq = out.len();
        if let Some(thread) = record.thread {
            let (known, text) = &mut self.threads[thread.tid as usize % THREADS_MAX];
            if known != thread || text.is_empty() {
                text.clear();
                thread_member(thread, text);
                known.clone_from(thread);
            }
            out.extend_from_slice(text);
        }
        if record.is_context_lost {
            out.extend_from_slice(b",\"context.attrs\":\"lost\"");
        }
    }

    /// Where in the last line the record's number ends.
    pub(super) fn behind_seq(&self) -> usize {
        self.behind_seq
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

const SEQ: &[u8] = b",\"seq\":";

/// Appends a thread's name, or its number if it has none.
fn thread_member(thread: &Thread, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"thread\":");
    if thread.name.is_empty() {
        value::integer(out, thread.tid);
    } else {
        out.push(b'"');
        escape::json(out, &thread.name);
        out.push(b'"');
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
