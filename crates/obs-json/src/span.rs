//! Lines of spans that have ended.
use super::JsonLines;
use super::head::{number, parent, text, trace_and_span};
use super::scratch::{Sources, Taken};
use obs_core::record::{Fields, Record, SpanFact};

impl JsonLines {
    /// Appends the line of a span's end.
    pub(super) fn span(&mut self, record: &Record<'_>, ended: &SpanFact<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        self.head.timestamp(record.time, out);
        out.push(b'"');
        text("name", &ended.callsite.name, out);
        text("logger", &ended.callsite.target, out);
        trace_and_span(ended.span.trace, ended.span.span, out);
        if let Some(around) = ended.parent {
            parent(around, out);
        }
        self.head.run_id(out);
        self.head.seq_and_thread(record, out);
        let own = out.len();
        text("level", ended.callsite.level.as_str(), out);
        self.head.time("start", ended.start, out);
        number("duration_ns", ended.duration_ns, out);
        if ended.is_unfinished {
            out.extend_from_slice(b",\"unfinished\":true");
            number("age_ns", ended.duration_ns, out);
        }
        self.own = own..out.len();
        let mut sources = Sources::new(record, Fields::default(), Taken::All(&[]));
        match ended.scope.spans().next() {
            Some(own) => sources.add_span(own),
            None => self.head.evicted(out),
        }
        self.write_attributes(&sources, start, out);
        out.extend_from_slice(b"}\n");
    }
}
