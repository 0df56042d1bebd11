//! Records as lines for people.
use super::paint::{Colors, Paint};
use super::span;
use super::value::{self, Width};
use obs_core::record::{EventFact, Fact, LostFact, MESSAGE, Record, Scope, ScopeSpan};
use obs_core::time::TimestampCache;
use obs_core::{Level, OwnedValue, UnixNanos, Value, escape};
use obs_json::{Names, OWN};

/// Spans further out than this are shown as `…`.
const SPANS_MAX: usize = 16;
const GAP: &[u8] = b"  ";

/// Renders records as lines for people:
///
/// ```text
/// 09:58:03.123Z INFO  app::load  loaded  rows=42 path="my data.csv"  request_id=7f3a  job{id=7}:file{name=a.csv}
/// ```
///
/// Time (UTC), level, target, message; then what changes from line to line: the fields; then where it happened: the
/// context and the spans from the outermost inwards, their values cut to 40 characters. Ids and run-wide attributes
/// are left to the files. Text that could move the cursor, start a line or reorder what is shown is spelt out.
#[derive(Debug)]
pub struct TextLines {
    colors: Colors,
    dates: Dates,
    times: TimestampCache,
    names: Names,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dates {
    Without,
    With,
}

impl TextLines {
    /// Lines without colours.
    #[must_use]
    pub fn plain() -> Self {
        let (colors, dates) = (Colors::None, Dates::Without);
        Self { colors, dates, times: TimestampCache::new(), names: Names::default() }
    }

    /// Lines with ANSI colours.
    #[must_use]
    pub fn colored() -> Self {
        Self { colors: Colors::Ansi, ..Self::plain() }
    }

    /// The same, with the date in front of the time.
    #[must_use]
    pub fn with_dates(self) -> Self {
        Self { dates: Dates::With, ..self }
    }

    /// Appends the record's line, newline included. False for records that have no line here.
    pub fn line(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> bool {
        match &record.fact {
            Fact::Event(event) => self.event(record, event, out),
            Fact::Lost(lost) => self.lost(record, lost, out),
            fact => {
                let Some((title, fields)) = fact.told() else { return false };
                self.begin(record.time, fact.level(), OWN, out);
                self.message(fact.level(), out, |out| out.extend_from_slice(title.as_bytes()));
                self.list(Width::Full, &|| fields.iter(), out);
                if matches!(fact, Fact::RunContext) {
                    self.list(Width::Full, &|| record.run.named(), out);
                }
            }
        }
        out.push(b'\n');
        true
    }

    fn event(&mut self, record: &Record<'_>, event: &EventFact<'_>, out: &mut Vec<u8>) {
        let level = event.callsite.level;
        self.begin(record.time, level, &event.callsite.target, out);
        match event.fields.message() {
            Some(message) => self.message(level, out, |out| value::plain(out, &message)),
            None if event.callsite.name.is_empty() => {}
            None => self.message(level, out, |out| {
                escape::terminal_into(out, &event.callsite.name);
            }),
        }
        let others = || event.fields.iter().filter(|(name, _)| *name != MESSAGE);
        self.list(Width::Full, &others, out);
        let left_out = event.fields.left_out();
        if left_out > 0 {
            let left_out = [("fields_left_out", Value::U64(left_out.into()))];
            self.list(Width::Full, &|| left_out.into_iter(), out);
        }
        self.list(Width::Short, &|| record.context.named(), out);
        if record.is_context_lost {
            let lost = OwnedValue::from("lost");
            self.list(Width::Full, &|| [("context.attrs", Value::from(&lost))].into_iter(), out);
        }
        if let Some(scope) = &event.scope {
            self.scope(scope, out);
        }
    }

    fn lost(&mut self, record: &Record<'_>, lost: &LostFact, out: &mut Vec<u8>) {
        let level = record.fact.level();
        self.begin(record.time, level, OWN, out);
        self.message(level, out, |out| out.extend_from_slice(b"records lost"));
        let (first, last) = lost.seqs.unzip();
        let seqs = [("first_seq", first), ("last_seq", last)];
        let seqs = seqs.map(|(name, seq)| (name, seq.map_or(Value::Null, Value::U64)));
        let counted = |level: Level| match lost.by_level[usize::from(level.as_u8())] {
            0 => (level.as_str(), Value::Null),
            count => (level.as_str(), Value::U64(count)),
        };
        let reason = OwnedValue::from(lost.reason.as_str());
        let whole = [("records", Value::U64(lost.records)), ("reason", Value::from(&reason))];
        let all = || whole.into_iter().chain(Level::ALL.map(counted)).chain(seqs);
        self.list(Width::Full, &all, out);
    }

    pub(super) fn colors(&self) -> Colors {
        self.colors
    }

    /// Appends time, level and target.
    pub(super) fn begin(&mut self, time: UnixNanos, level: Level, target: &str, out: &mut Vec<u8>) {
        let stamp = self.times.rfc3339(time);
        let (date, of_day) = (&stamp[..10], &stamp[11..23]);
        self.colors.paint(out, Paint::Dim, |out| {
            if self.dates == Dates::With {
                out.extend_from_slice(date);
                out.push(b' ');
            }
            out.extend_from_slice(of_day);
            out.push(b'Z');
        });
        out.push(b' ');
        let (word, gap) = word(level);
        self.colors.paint(out, Paint::Level(level), |out| out.extend_from_slice(word));
        out.extend_from_slice(gap);
        self.colors.paint(out, Paint::Dim, |out| escape::terminal_into(out, target));
    }

    fn message(&self, level: Level, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        out.extend_from_slice(GAP);
        if level >= Level::Error {
            self.colors.paint(out, Paint::Level(Level::Error), write);
        } else {
            write(out);
        }
    }

    /// Appends attributes behind a gap; nothing if there is none.
    pub(super) fn list<'a, I: Iterator<Item = (&'a str, Value<'a>)>>(
        &mut self,
        width: Width,
        attributes: &impl Fn() -> I,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        out.extend_from_slice(GAP);
        if !self.pairs(width, attributes, out) {
            out.truncate(start);
        }
    }

    /// Appends `name=value name=value`, the later of two with one name. False if there is none.
    fn pairs<'a, I: Iterator<Item = (&'a str, Value<'a>)>>(
        &mut self,
        width: Width,
        attributes: &impl Fn() -> I,
        out: &mut Vec<u8>,
    ) -> bool {
        let given = || attributes().filter(|(_, value)| *value != Value::Null).enumerate();
        self.names.clear();
        given().for_each(|(place, (name, _))| self.names.put(name, place));
        let mut is_first = true;
        for (place, (name, value)) in given() {
            if self.names.is_last(name, place) {
                if !is_first {
                    out.push(b' ');
                }
                is_first = false;
                self.colors.paint(out, Paint::Key, |out| value::words(out, name, Width::Full));
                out.push(b'=');
                value::quoted(out, &value, width);
            }
        }
        !is_first
    }

    /// Appends the spans around something, from the outermost inwards.
    fn scope(&mut self, scope: &Scope<'_>, out: &mut Vec<u8>) {
        let mut around: [Option<ScopeSpan<'_>>; SPANS_MAX] = [None; SPANS_MAX];
        let mut spans = scope.spans();
        for (slot, span) in around.iter_mut().zip(spans.by_ref()) {
            *slot = Some(span);
        }
        let is_cut = spans.next().is_some() || around[0].is_none();
        out.extend_from_slice(GAP);
        if is_cut {
            out.extend_from_slice("…".as_bytes());
        }
        for (index, span) in around.iter().rev().flatten().enumerate() {
            if index > 0 || is_cut {
                out.push(b':');
            }
            self.colors.paint(out, Paint::Dim, |out| match span::given_name(*span) {
                Some(name) => value::quoted(out, &name, Width::Full),
                None => value::words(out, &span.callsite.name, Width::Full),
            });
            let start = out.len();
            out.push(b'{');
            if self.pairs(Width::Short, &|| span::fields(*span), out) {
                out.push(b'}');
            } else {
                out.truncate(start);
            }
        }
    }
}

fn word(level: Level) -> (&'static [u8], &'static [u8]) {
    match level {
        Level::Trace => (b"TRACE", b" "),
        Level::Debug => (b"DEBUG", b" "),
        Level::Warn => (b"WARN", b"  "),
        Level::Error => (b"ERROR", b" "),
        Level::Fatal => (b"FATAL", b" "),
        _ => (b"INFO", b"  "),
    }
}
