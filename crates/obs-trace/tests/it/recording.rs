//! A run that keeps what it is given, as text: one line a record.
use obs_core::io::Disk;
use obs_core::record::{EventFact, Fact, Fields, Record, Scope, SpanFact};
use obs_core::settings::{Overflow, RingPlace};
use obs_core::{Batch, Filter, RunId, Settings, Sink, SinkError, SpanId, Value};
use obs_recorder::{Run, SinkBox, Start};
use obs_trace::Capture;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The right to have runs in this process, which all tests share.
pub(crate) struct Alone {
    _one_at_a_time: MutexGuard<'static, ()>,
}

/// What a run keeps, while it is alive.
pub(crate) struct Recording<'a> {
    pub(crate) capture: Capture,
    run: Run,
    lines: Arc<Mutex<String>>,
    _alone: &'a Alone,
}

/// What `body` leaves in a run that captures what `filter` lets through.
pub(crate) fn recorded(filter: &str, body: impl FnOnce()) -> String {
    Alone::new().recorded(filter, body)
}

impl Alone {
    pub(crate) fn new() -> Self {
        static ONE: Mutex<()> = Mutex::new(());
        Self { _one_at_a_time: ONE.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    /// As [`recorded`].
    pub(crate) fn recorded(&self, filter: &str, body: impl FnOnce()) -> String {
        let recording = self.start(filter);
        body();
        recording.finish()
    }

    pub(crate) fn start(&self, filter: &str) -> Recording<'_> {
        let capture = crate::capture();
        let mut settings = Settings::default();
        (settings.ring_place, settings.stage_bytes) = (RingPlace::Heap, 1 << 20);
        (settings.crash_signals, settings.overflow) = (false, Overflow::Block);
        let lines = Arc::default();
        let sink = Lines { lines: Arc::clone(&lines), names: HashMap::new() };
        let run = Run::start(Start {
            settings: &settings,
            run_id: RunId::new(1, 2),
            parent: None,
            directory: None,
            sinks: vec![SinkBox(Box::new(sink))],
            io: Arc::new(Disk::new()),
            lock: None,
            words: Vec::new(),
            resource: Default::default(),
        });
        capture.set(Some(Filter::parse(filter).unwrap()));
        Recording { capture, run: run.unwrap(), lines, _alone: self }
    }
}

impl Recording<'_> {
    pub(crate) fn finish(mut self) -> String {
        self.capture.set(None);
        let delivery = self.run.finish(Duration::from_secs(20));
        assert!(delivery.is_complete(), "{delivery}");
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

struct Lines {
    lines: Arc<Mutex<String>>,
    /// Spans by id, for links name them alone.
    names: HashMap<SpanId, String>,
}

impl Sink for Lines {
    fn name(&self) -> &str {
        "lines"
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        while let Some(record) = batch.next() {
            if let Some(line) = self.line(&record) {
                writeln!(self.lines.lock().unwrap(), "{line}").unwrap();
            }
        }
        Ok(())
    }
}

impl Lines {
    fn line(&mut self, record: &Record<'_>) -> Option<String> {
        let context = fields(record.context.iter().filter_map(|(key, value)| match key {
            obs_core::encode::Key::Name(name) => Some((name, value)),
            _ => None,
        }));
        let context = if context.is_empty() { context } else { format!(" within{context}") };
        match &record.fact {
            Fact::Event(fact) => Some(event(fact) + &context),
            Fact::SpanStart(fact) => {
                self.names.insert(fact.span.span, fact.callsite.name.clone());
                Some(format!("begin {}{context}", self.span(fact)))
            }
            Fact::SpanEnd(fact) => Some(format!("end   {}{context}", self.span(fact))),
            Fact::SpanLink(span, follows) => {
                let name = |id| self.names.get(id).map_or("?", String::as_str);
                Some(format!("link  {} follows {}", name(span), name(&follows.span)))
            }
            Fact::Lost(lost) => Some(format!("lost {} {}", lost.records, lost.reason.as_str())),
            Fact::Withheld(_) => Some("withheld".to_owned()),
            _ => None,
        }
    }

    fn span(&self, fact: &SpanFact<'_>) -> String {
        let own = fact.scope.spans().next().map(|span| fields(span.fields())).unwrap_or_default();
        let parent = fact.parent.map(|id| self.names.get(&id).map_or("?", String::as_str));
        let parent = parent.map_or_else(String::new, |name| format!(" in {name}"));
        let parent = if fact.is_parent_remote { " from afar" } else { &parent };
        let sampled = if fact.is_sampled { "" } else { ", not sampled" };
        format!("{}{own}{parent}{sampled}", fact.callsite.name)
    }
}

fn event(fact: &EventFact<'_>) -> String {
    let (level, target) = (fact.callsite.level, &fact.callsite.target);
    let named = if fact.callsite.name.is_empty() {
        String::new()
    } else {
        format!(" ({})", fact.callsite.name)
    };
    format!("{level} {target}{named}{}{}", list(fact.fields), scope(fact.scope))
}

fn scope(scope: Option<Scope<'_>>) -> String {
    let names =
        scope.into_iter().flat_map(|scope| scope.spans().map(|span| span.callsite.name.clone()));
    names.map(|name| format!(" in {name}")).collect()
}

fn list(list: Fields<'_>) -> String {
    fields(list.iter())
}

fn fields<'a>(fields: impl Iterator<Item = (&'a str, Value<'a>)>) -> String {
    fields.map(|(name, value)| format!(" {name}={}", text(&value))).collect()
}

fn text(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => format!("{:?}", text.text),
        Value::Error(chain) => format!("{:?}", chain.messages().collect::<Vec<_>>()),
        Value::Bool(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::U64(value) => value.to_string(),
        Value::F64(value) => format!("{value:?}"),
        other => format!("{other:?}"),
    }
}
