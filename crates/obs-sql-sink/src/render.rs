//! Records as rows.
use crate::rows::{Cell, Rows};
use crate::tables::{ACTIONS, LOGS, SPANS};
use obs_core::record::{EventFact, Fact, Fields, MESSAGE, Record, Scope};
use obs_core::settings::SqlColumns;
use obs_core::value::Value;
use obs_core::{Level, RunId, SpanId, TraceId, UnixNanos};
use obs_json::{JsonLines, OWN, marks};

/// Makes rows of the records of one run.
#[derive(Debug)]
pub(crate) struct Renderer {
    logs: JsonLines,
    spans: JsonLines,
    /// Events below are left out.
    level: Level,
    columns: SqlColumns,
    cells: Vec<Cell>,
    text: Vec<u8>,
}

/// What records say of their run as a whole.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct RunChange {
    pub(crate) started: Option<UnixNanos>,
    pub(crate) ended: Option<Ended>,
    /// Records that are missing.
    pub(crate) lost: u64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) time: UnixNanos,
    pub(crate) outcome: String,
    pub(crate) detail: String,
}

/// The fields of an event that make it an action; those that are not there may be missing.
mod action {
    pub(super) const NAME: &str = "action";
    pub(super) const SUCCESS: &str = "success";
    pub(super) const LATENCY_MS: &str = "latency_ms";
    pub(super) const ERROR: &str = "error";
}

impl RunChange {
    /// What both say, one after the other.
    pub(crate) fn and(self, next: &Self) -> Self {
        Self {
            started: next.started.or(self.started),
            ended: next.ended.clone().or(self.ended),
            lost: self.lost.saturating_add(next.lost),
        }
    }
}

impl Renderer {
    pub(crate) fn new(run_id: RunId, level: Level, columns: SqlColumns) -> Self {
        let (logs, spans) = (JsonLines::log(run_id), JsonLines::spans(run_id));
        Self { logs, spans, level, columns, cells: Vec::new(), text: Vec::new() }
    }

    /// Forgets what was kept of contexts and spans: to be called in front of each batch.
    pub(crate) fn forget(&mut self) {
        self.logs.forget();
        self.spans.forget();
    }

    /// Adds the rows of a record, and notes what it says of the run.
    pub(crate) fn add(&mut self, record: &Record<'_>, rows: &mut Rows, change: &mut RunChange) {
        match &record.fact {
            Fact::SpanEnd(_) => self.span(record, rows),
            Fact::Event(event) if event.callsite.level < self.level => {}
            Fact::Event(event) => {
                self.event(record, event, rows);
                self.action(record, event.fields, rows);
            }
            fact => {
                note(record, fact, change);
                let event = match (fact, fact.told()) {
                    (Fact::Lost(_), _) => "records lost",
                    (_, Some((event, _))) => event,
                    _ => return,
                };
                self.log(record, (OWN, event), None, rows);
            }
        }
    }

    fn event(&mut self, record: &Record<'_>, event: &EventFact<'_>, rows: &mut Rows) {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        match event.fields.message() {
            Some(message) => obs_json::plain(&mut text, &message),
            None if event.callsite.name.is_empty() => {
                text.extend_from_slice(event.callsite.target.as_bytes());
            }
            None => text.extend_from_slice(event.callsite.name.as_bytes()),
        }
        let said = str::from_utf8(&text).unwrap_or_default();
        let logger = &event.callsite.target;
        self.log(record, (logger, said), event.scope.as_ref(), rows);
        self.text = text;
    }

    fn log(
        &mut self,
        record: &Record<'_>,
        (logger, event): (&str, &str),
        scope: Option<&Scope<'_>>,
        rows: &mut Rows,
    ) {
        self.begin(record, rows, logger, event);
        let ids = scope.map(|scope| (scope.trace(), scope.span()));
        self.ids(ids, rows);
        let Self { logs, cells, .. } = self;
        cells.push(rows.keep_with(|out| {
            logs.attributes(record, out);
        }));
        self.chosen(record, rows);
        rows.parts[LOGS].push(&self.cells);
    }

    fn span(&mut self, record: &Record<'_>, rows: &mut Rows) {
        let Fact::SpanEnd(ended) = &record.fact else { return };
        self.begin(record, rows, &ended.callsite.target, &ended.callsite.name);
        self.ids(Some((ended.span.trace, ended.span.span)), rows);
        let Self { spans, cells, .. } = self;
        cells.push(rows.keep_with(|out| {
            spans.attributes(record, out);
        }));
        let parent = ended.parent.map(|parent| rows.keep(&parent.to_string()));
        self.cells.extend([
            parent.unwrap_or(Cell::Null),
            Cell::Time(ended.start),
            whole(ended.duration_ns),
            Cell::Flag(ended.is_unfinished),
        ]);
        self.chosen(record, rows);
        rows.parts[SPANS].push(&self.cells);
    }

    fn action(&mut self, record: &Record<'_>, fields: Fields<'_>, rows: &mut Rows) {
        let Some(Value::Bool(success)) = fields.value(action::SUCCESS) else { return };
        let Some(Value::Text(name)) = fields.value(action::NAME) else { return };
        let latency = match fields.value(action::LATENCY_MS) {
            Some(Value::F64(number)) if number.is_finite() => Cell::Real(number),
            Some(Value::U64(number)) => Cell::Real(number as f64),
            Some(Value::I64(number)) => Cell::Real(number as f64),
            _ => Cell::Null,
        };
        self.cells.clear();
        self.cells.extend([whole(record.seq), Cell::Time(record.time), keep(rows, name.text)]);
        self.cells.extend([Cell::Flag(success), latency]);
        let error = fields.value(action::ERROR).filter(|value| *value != Value::Null);
        let error = error.map_or(Cell::Null, |error| self.keep_value(rows, &error));
        self.cells.push(error);
        rows.parts[ACTIONS].push(&self.cells);
    }

    /// What the rows of logs and spans begin with.
    fn begin(&mut self, record: &Record<'_>, rows: &mut Rows, logger: &str, text: &str) {
        let level = rows.keep(record.fact.level().as_str());
        self.cells.clear();
        self.cells.extend([whole(record.seq), Cell::Time(record.time), level]);
        self.cells.push(keep(rows, logger));
        self.cells.push(keep(rows, text));
    }

    fn ids(&mut self, ids: Option<(TraceId, SpanId)>, rows: &mut Rows) {
        match ids {
            Some((trace, span)) => {
                let ids = [rows.keep(&trace.to_string()), rows.keep(&span.to_string())];
                self.cells.extend(ids);
            }
            None => self.cells.extend([Cell::Null; 2]),
        }
    }

    /// The cells of the columns that settings name.
    fn chosen(&mut self, record: &Record<'_>, rows: &mut Rows) {
        let columns = std::mem::take(&mut self.columns);
        for name in columns.iter() {
            let value = attribute(record, name);
            let cell = value.map_or(Cell::Null, |value| self.keep_value(rows, &value));
            self.cells.push(cell);
        }
        self.columns = columns;
    }

    fn keep_value(&mut self, rows: &mut Rows, value: &Value<'_>) -> Cell {
        if let Value::Text(text) = value {
            return keep(rows, text.text);
        }
        let mut text = std::mem::take(&mut self.text);
        let start = text.len();
        obs_json::plain(&mut text, value);
        let cell = keep(rows, str::from_utf8(&text[start..]).unwrap_or_default());
        text.truncate(start);
        self.text = text;
        cell
    }
}

/// Keeps a text, with marks for what a database cannot hold.
fn keep(rows: &mut Rows, text: &str) -> Cell {
    rows.keep(&marks::text(text))
}

fn whole(number: u64) -> Cell {
    Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The value that counts of the attribute `name`: the innermost.
fn attribute<'a>(record: &Record<'a>, name: &str) -> Option<Value<'a>> {
    let is_it = |(known, value): &(&str, Value<'_>)| *known == name && *value != Value::Null;
    let value = |(_, value)| value;
    let (fields, scope) = match &record.fact {
        Fact::Event(event) => (Some(event.fields), event.scope),
        Fact::SpanEnd(ended) => {
            let own = ended.scope.spans().next().filter(|span| span.span == ended.span.span);
            let own = own.and_then(|own| own.fields().filter(is_it).last());
            return own.map(value).or_else(|| around(record, name));
        }
        fact => (fact.told().map(|(_, fields)| fields), None),
    };
    let field = fields.filter(|_| name != MESSAGE);
    let field = field.and_then(|fields| fields.iter().filter(is_it).last());
    let spans = scope.as_ref().into_iter().flat_map(Scope::spans);
    let span = |mut spans: Box<dyn Iterator<Item = _> + '_>| {
        spans.find_map(|span: obs_core::record::ScopeSpan<'a>| span.fields().filter(is_it).last())
    };
    field.or_else(|| span(Box::new(spans))).map(value).or_else(|| around(record, name))
}

/// The value of an attribute of the context or the run.
fn around<'a>(record: &Record<'a>, name: &str) -> Option<Value<'a>> {
    let is_it = |(known, value): &(&str, Value<'_>)| *known == name && *value != Value::Null;
    let last = |list: obs_core::attributes::Attributes<'a>| list.named().filter(is_it).last();
    last(record.context).or_else(|| last(record.run)).map(|(_, value)| value)
}

fn note(record: &Record<'_>, fact: &Fact<'_>, change: &mut RunChange) {
    let text = |fields: &Fields<'_>, name| match fields.value(name) {
        Some(Value::Text(text)) => marks::text(text.text).into_owned(),
        _ => String::new(),
    };
    match fact {
        Fact::RunStart(_) => change.started = Some(record.time),
        Fact::RunEnd(fields) => {
            let (outcome, detail) = (text(fields, "kind"), text(fields, "detail"));
            change.ended = Some(Ended { time: record.time, outcome, detail });
        }
        Fact::Lost(lost) => change.lost = change.lost.saturating_add(lost.records),
        _ => {}
    }
}
