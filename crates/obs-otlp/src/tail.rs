//! Traces that are not sampled, kept for a while: something may still happen in them for which they are sent.
use obs_core::record::{Record, ScopeSpan, SpanFact};
use obs_core::settings::otel::NamedValues;
use obs_core::value::Value;
use obs_core::{Settings, TraceId, UnixNanos};
use obs_otlp_data::{EncodedSpan, Records};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

/// Traces that are known at once; past it the oldest is let go, as past [`TailRules::bytes_max`].
const TRACES_MAX: usize = 1 << 16;

/// For what a trace is sent though it is not sampled.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TailRules {
    /// For a span with an error.
    pub errors: bool,
    /// For a span that took longer; zero is never.
    pub slower_than: Duration,
    /// For a span with one of these attributes.
    pub matching: NamedValues,
    /// How long a trace is kept after its last open span has ended.
    pub wait: Duration,
    /// The memory for spans that wait.
    pub bytes_max: usize,
}

impl TailRules {
    /// What the settings say; `None` where they name nothing for which such a trace is sent.
    #[must_use]
    pub fn new(settings: &Settings) -> Option<Self> {
        let rules = Self {
            errors: settings.traces_keep_errors,
            slower_than: settings.traces_keep_slower_than,
            matching: settings.traces_keep_matching.clone(),
            wait: settings.traces_wait,
            bytes_max: usize::try_from(settings.traces_wait_bytes_max).unwrap_or(usize::MAX),
        };
        let has_any =
            rules.errors || !rules.slower_than.is_zero() || rules.matching.iter().next().is_some();
        has_any.then_some(rules)
    }

    /// Why the trace of a span is sent, if the span says so.
    fn reason(
        &self,
        record: &Record<'_>,
        ended: &SpanFact<'_>,
        is_error: bool,
    ) -> Option<&'static str> {
        let is_slow = || {
            !self.slower_than.is_zero()
                && Duration::from_nanos(ended.duration_ns) > self.slower_than
        };
        match () {
            () if self.errors && is_error => Some("error"),
            () if is_slow() => Some("slow"),
            () if self.matches(record, ended) => Some("match"),
            () => None,
        }
    }

    fn matches(&self, record: &Record<'_>, ended: &SpanFact<'_>) -> bool {
        if self.matching.iter().next().is_none() {
            return false;
        }
        let is_wanted = |(name, value): (&str, Value<'_>)| {
            let mut named = self.matching.iter().filter(|(wanted, _)| *wanted == name);
            named.any(|(_, wanted)| obs_otlp_data::text(&value) == wanted)
        };
        let own = ended.scope.spans().next();
        own.iter().flat_map(ScopeSpan::fields).any(is_wanted)
            || record.context.named().any(is_wanted)
            || record.run.named().any(is_wanted)
    }
}

/// The traces that wait. What becomes of them depends on the records alone, so that whoever goes on after a crash
/// comes to the same decisions.
#[derive(Debug)]
pub(crate) struct Tail {
    rules: TailRules,
    traces: HashMap<TraceId, Waiting>,
    /// The traces by the number of the first record that is known of each.
    by_age: BTreeMap<u64, TraceId>,
    /// Traces without an open span, by the time since when.
    quiet: VecDeque<(UnixNanos, TraceId)>,
    bytes: usize,
}

/// A trace that is not sampled.
#[derive(Debug)]
struct Waiting {
    first_seq: u64,
    /// Spans that have begun and not ended.
    open: u32,
    /// When its last span ended.
    quiet_since: UnixNanos,
    spans: Vec<EncodedSpan>,
    /// Why it is sent after all; then nothing waits any more.
    why: Option<&'static str>,
}

impl Tail {
    pub(crate) fn new(rules: TailRules) -> Self {
        Self {
            rules,
            traces: HashMap::new(),
            by_age: BTreeMap::new(),
            quiet: VecDeque::new(),
            bytes: 0,
        }
    }

    /// The number of the first record that is still needed.
    pub(crate) fn first_seq(&self) -> Option<u64> {
        self.by_age.keys().next().copied()
    }

    /// A span of a trace that is not sampled has begun.
    pub(crate) fn begun(&mut self, record: &Record<'_>, span: &SpanFact<'_>) {
        self.waiting(span.span.trace, record.seq).open += 1;
        self.make_room();
    }

    /// A span of such a trace has ended. If its trace is to be sent, what there is of it goes into `records`.
    pub(crate) fn ended(
        &mut self,
        (record, ended): (&Record<'_>, &SpanFact<'_>),
        span: EncodedSpan,
        records: &mut Records,
    ) {
        let trace = ended.span.trace;
        let reason = self.rules.reason(record, ended, span.is_error());
        let bytes = span.bytes();
        let waiting = self.waiting(trace, record.seq);
        waiting.open = waiting.open.saturating_sub(1);
        waiting.quiet_since = record.time;
        waiting.spans.push(span);
        waiting.why = waiting.why.or(reason);
        let (is_quiet, why) = (waiting.open == 0, waiting.why);
        self.bytes += bytes;
        if let Some(why) = why {
            let spans = std::mem::take(&mut self.waiting(trace, record.seq).spans);
            for span in spans {
                self.bytes -= span.bytes();
                records.add_encoded(&span, why, record.seq);
            }
        }
        if is_quiet {
            self.quiet.push_back((record.time, trace));
        }
        self.make_room();
    }

    /// Lets go of the traces in which nothing has happened for long enough by the time `now`.
    pub(crate) fn expire(&mut self, now: UnixNanos) {
        let wait = u64::try_from(self.rules.wait.as_nanos()).unwrap_or(u64::MAX);
        while let Some((since, trace)) = self.quiet.front().copied()
            && since.0.saturating_add(wait) <= now.0
        {
            self.quiet.pop_front();
            let is_over = |it: &Waiting| it.open == 0 && it.quiet_since == since;
            if self.traces.get(&trace).is_some_and(is_over) {
                self.forget(trace);
            }
        }
    }

    fn waiting(&mut self, trace: TraceId, seq: u64) -> &mut Waiting {
        self.traces.entry(trace).or_insert_with(|| {
            self.by_age.insert(seq, trace);
            Waiting {
                first_seq: seq,
                open: 0,
                quiet_since: UnixNanos(0),
                spans: Vec::new(),
                why: None,
            }
        })
    }

    fn forget(&mut self, trace: TraceId) {
        let Some(waiting) = self.traces.remove(&trace) else { return };
        self.by_age.remove(&waiting.first_seq);
        self.bytes -= waiting.spans.iter().map(EncodedSpan::bytes).sum::<usize>();
    }

    fn make_room(&mut self) {
        while (self.bytes > self.rules.bytes_max || self.traces.len() > TRACES_MAX)
            && let Some((_, trace)) = self.by_age.first_key_value()
        {
            let trace = *trace;
            self.forget(trace);
        }
        // Traces that wake up again and again leave old entries.
        if self.quiet.len() > 4 * TRACES_MAX {
            let traces = &self.traces;
            self.quiet.retain(|(since, trace)| {
                traces.get(trace).is_some_and(|it| it.open == 0 && it.quiet_since == *since)
            });
        }
    }
}
