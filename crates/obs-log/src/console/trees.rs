//! Traces as trees of spans, for people.
use super::paint::Paint;
use super::span;
use super::text::TextLines;
use super::value::{self, Width};
use obs_core::record::{Fact, Record, SpanFact};
use obs_core::time::human_duration;
use obs_core::{Level, SpanId, TraceId, Value, escape};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Spans of a tree that are shown.
const SPANS_MAX: usize = 256;
/// Deeper ones stand at this depth.
const DEPTH_MAX: usize = 32;
/// What is kept of traces that have not ended; past it the oldest is shown as far as it is known.
const BYTES_MAX: usize = 8 << 20;
/// What a span takes beside its text, roughly.
const SPAN_BYTES: usize = 200;

/// Renders each trace once its last span in this process has ended:
///
/// ```text
/// 09:58:03.123Z TRACE 0af7651916cd43dd8448eb211c80319c  3 spans  120.3 ms
///   GET /jobs  120.3 ms  http.route=/jobs  request_id=7f3a
///   ├─ load  20.1 ms after 1.2 ms  rows=42  ERROR
///   └─ call  80.0 ms after 30.5 ms
/// ```
///
/// Behind a span's name stand how long it took and how long after the first one it began, its fields, and whether it
/// ended with an error or never.
#[derive(Debug)]
pub struct SpanTrees {
    lines: TextLines,
    traces: HashMap<TraceId, Trace>,
    /// The traces by the number of the first record that is known of each.
    by_age: BTreeMap<u64, TraceId>,
    bytes: usize,
}

/// A trace, as far as it is known here.
#[derive(Debug, Default)]
struct Trace {
    first_seq: u64,
    open: usize,
    spans: Vec<Node>,
    failed: HashSet<SpanId>,
    left_out: usize,
    bytes: usize,
}

/// A span that has ended.
#[derive(Debug)]
struct Node {
    span: SpanId,
    parent: Option<SpanId>,
    /// When it began, and for how long it went on, in nanoseconds.
    start: u64,
    duration: u64,
    name: Vec<u8>,
    /// Its fields, as they are shown.
    fields: Vec<u8>,
    end: Ending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Good,
    Error,
    Never,
}

impl SpanTrees {
    /// Trees in the style of `lines`.
    #[must_use]
    pub fn new(lines: TextLines) -> Self {
        Self { lines, traces: HashMap::new(), by_age: BTreeMap::new(), bytes: 0 }
    }

    /// Takes a record, and appends the tree that it completes. False if it completes none.
    pub fn line(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> bool {
        match &record.fact {
            Fact::SpanStart(span) => {
                self.trace(record, span.span.trace).open += 1;
                false
            }
            Fact::Event(event) if event.callsite.level >= Level::Error => {
                if let Some(scope) = &event.scope {
                    self.trace(record, scope.trace()).failed.insert(scope.span());
                }
                false
            }
            Fact::SpanEnd(ended) => self.ended(record, ended, out),
            _ => false,
        }
    }

    fn trace(&mut self, record: &Record<'_>, trace: TraceId) -> &mut Trace {
        self.traces.entry(trace).or_insert_with(|| {
            self.by_age.insert(record.seq, trace);
            Trace { first_seq: record.seq, ..Trace::default() }
        })
    }

    fn ended(&mut self, record: &Record<'_>, ended: &SpanFact<'_>, out: &mut Vec<u8>) -> bool {
        let mut node = self.node(record, ended);
        let trace = self.trace(record, ended.span.trace);
        trace.open = trace.open.saturating_sub(1);
        if trace.failed.remove(&ended.span.span) && node.end == Ending::Good {
            node.end = Ending::Error;
        }
        let is_over = trace.open == 0;
        if trace.spans.len() < SPANS_MAX {
            let bytes = node.name.len() + node.fields.len() + SPAN_BYTES;
            trace.bytes += bytes;
            trace.spans.push(node);
            self.bytes += bytes;
        } else {
            trace.left_out += 1;
        }
        if is_over {
            self.show(record, ended.span.trace, out);
            return true;
        }
        let oldest = self.by_age.first_key_value().map(|(_, trace)| *trace);
        match oldest.filter(|_| self.bytes > BYTES_MAX) {
            Some(trace) => {
                self.show(record, trace, out);
                true
            }
            None => false,
        }
    }

    fn node(&mut self, record: &Record<'_>, ended: &SpanFact<'_>) -> Node {
        let own = ended.scope.spans().next().filter(|own| own.span == ended.span.span);
        let special = |wanted: &str| own.and_then(|own| span::special(own, wanted));
        let (mut name, mut fields) = (Vec::new(), Vec::new());
        match own.and_then(span::given_name) {
            Some(given) => value::plain(&mut name, &given),
            None => escape::terminal_into(&mut name, &ended.callsite.name),
        }
        let shown = || own.into_iter().flat_map(span::fields);
        self.lines.list(Width::Short, &shown, &mut fields);
        if ended.parent.is_none() || ended.is_parent_remote {
            self.lines.list(Width::Short, &|| record.context.named(), &mut fields);
        }
        let is_error = matches!(special("otel.status_code"), Some(Value::Text(text))
            if text.text.eq_ignore_ascii_case("error"));
        Node {
            span: ended.span.span,
            parent: ended.parent.filter(|_| !ended.is_parent_remote),
            start: ended.start.0,
            duration: ended.duration_ns,
            name,
            fields,
            end: match () {
                () if ended.is_unfinished => Ending::Never,
                () if is_error => Ending::Error,
                () => Ending::Good,
            },
        }
    }

    /// Appends a tree, and forgets it.
    fn show(&mut self, record: &Record<'_>, id: TraceId, out: &mut Vec<u8>) {
        let Some(mut trace) = self.traces.remove(&id) else { return };
        self.by_age.remove(&trace.first_seq);
        self.bytes = self.bytes.saturating_sub(trace.bytes);
        trace.spans.sort_by_key(|node| node.start);
        let Some(first) = trace.spans.first().map(|node| node.start) else { return };
        let last = trace.spans.iter().map(|node| node.start.saturating_add(node.duration)).max();
        let count = trace.spans.len() + trace.left_out;
        self.lines.begin(record.time, Level::Trace, &id.to_string(), out);
        let took = human_duration(last.unwrap_or(first) - first);
        let spans = if count == 1 { "span" } else { "spans" };
        out.extend_from_slice(format!("  {count} {spans}  {took}\n").as_bytes());
        let mut tree = Tree { lines: &self.lines, children: HashMap::new(), first, out };
        let known: HashSet<SpanId> = trace.spans.iter().map(|node| node.span).collect();
        for node in &trace.spans {
            let parent = node.parent.filter(|parent| known.contains(parent));
            tree.children.entry(parent).or_default().push(node);
        }
        tree.show(None, "  ", 0);
        if trace.left_out > 0 {
            out.extend_from_slice(format!("  and {} more\n", trace.left_out).as_bytes());
        }
    }
}

/// A tree that is being shown.
struct Tree<'a> {
    lines: &'a TextLines,
    children: HashMap<Option<SpanId>, Vec<&'a Node>>,
    first: u64,
    out: &'a mut Vec<u8>,
}

impl Tree<'_> {
    /// Appends what is below `parent`, each line behind `indent`.
    fn show(&mut self, parent: Option<SpanId>, indent: &str, depth: usize) {
        let nodes = self.children.remove(&parent).unwrap_or_default();
        let count = nodes.len();
        for (at, node) in nodes.into_iter().enumerate() {
            let is_last = at + 1 == count;
            let (branch, below) = match (depth, is_last) {
                (0, _) => ("", ""),
                (_, true) => ("└─ ", "   "),
                (_, false) => ("├─ ", "│  "),
            };
            self.out.extend_from_slice(indent.as_bytes());
            self.out.extend_from_slice(branch.as_bytes());
            self.line(node);
            let deeper = format!("{indent}{below}");
            let indent = if depth < DEPTH_MAX { &deeper } else { indent };
            self.show(Some(node.span), indent, depth + 1);
        }
    }

    fn line(&mut self, node: &Node) {
        let colors = self.lines.colors();
        let out = &mut *self.out;
        match node.end {
            Ending::Good => out.extend_from_slice(&node.name),
            _ => colors.paint(out, Paint::Level(Level::Error), |out| {
                out.extend_from_slice(&node.name);
            }),
        }
        let mut times = format!("  {}", human_duration(node.duration));
        if node.start > self.first {
            times.push_str(&format!(" after {}", human_duration(node.start - self.first)));
        }
        colors.paint(out, Paint::Dim, |out| out.extend_from_slice(times.as_bytes()));
        out.extend_from_slice(&node.fields);
        let word = match node.end {
            Ending::Good => None,
            Ending::Error => Some("  ERROR"),
            Ending::Never => Some("  NEVER ENDED"),
        };
        if let Some(word) = word {
            let paint = Paint::Level(Level::Error);
            colors.paint(out, paint, |out| out.extend_from_slice(word.as_bytes()));
        }
        out.push(b'\n');
    }
}
