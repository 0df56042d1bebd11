//! The attributes of a line put together from scratch: whatever they are called, each key stands there once.
use super::head::number;
use super::{JsonLines, marks, value};
use obs_core::record::{Fields, Record, Scope, ScopeSpan};
use obs_core::value::Value;

/// The attributes of spans further out than this are left out of a line, and counted.
pub const SPANS_MAX: usize = 64;
/// Attributes of run, context and spans beyond this are left out of a line, and counted.
pub const SCOPE_BYTES_MAX: usize = 256 << 10;

/// Takes attributes one after the other.
type Visit<'v> = dyn FnMut(&str, Value<'_>) + 'v;

/// Where the attributes of a line come from.
pub(super) struct Sources<'r, 'a> {
    record: &'r Record<'a>,
    /// Innermost first.
    spans: [Option<ScopeSpan<'a>>; SPANS_MAX],
    span_count: usize,
    spans_left_out: u64,
    fields: Fields<'a>,
    /// Names that the line has already: fields and other attributes that are called so are left out.
    taken: Taken,
}

/// What a line says elsewhere than among its attributes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Taken {
    /// The fields of this name.
    Field(&'static str),
    /// All attributes of these names.
    All(&'static [&'static str]),
}

impl<'r, 'a> Sources<'r, 'a> {
    /// The run, the context and the record's own fields.
    pub(super) fn new(record: &'r Record<'a>, fields: Fields<'a>, taken: Taken) -> Self {
        Self { record, spans: [None; SPANS_MAX], span_count: 0, spans_left_out: 0, fields, taken }
    }

    /// Adds the spans around something. False if the innermost is no longer known.
    pub(super) fn add_spans(&mut self, scope: &Scope<'a>) -> bool {
        let mut spans = scope.spans();
        for (slot, span) in self.spans.iter_mut().zip(spans.by_ref()) {
            *slot = Some(span);
            self.span_count += 1;
        }
        self.spans_left_out = spans.count() as u64;
        self.spans[0].is_some()
    }

    /// Adds one span.
    pub(super) fn add_span(&mut self, span: ScopeSpan<'a>) {
        self.spans[0] = Some(span);
        self.span_count = 1;
    }

    /// Visits the shared attributes in the order in which they stand in the line.
    fn each_shared(&self, visit: &mut Visit<'_>) {
        let shared = [self.record.run, self.record.context];
        for (name, value) in shared.into_iter().flat_map(obs_core::attributes::Attributes::named) {
            visit(name, value);
        }
        for span in self.spans[..self.span_count].iter().rev().flatten() {
            span.fields().for_each(|(name, value)| visit(name, value));
        }
    }
    /// Visits the fields, which stand behind the shared attributes.
    fn each_field(&self, visit: &mut Visit<'_>) {
        let is_taken = |name| matches!(self.taken, Taken::Field(taken) if taken == name);
        for (name, value) in self.fields.iter().filter(|(name, _)| !is_taken(*name)) {
            visit(name, value);
        }
    }
}

impl JsonLines {
    /// Appends the attributes of a line that began at `start`. Of two with one name the later counts.
    pub(super) fn write_attributes(
        &mut self,
        sources: &Sources<'_, '_>,
        start: usize,
        out: &mut Vec<u8>,
    ) {
        self.note_names(sources);
        let (mut place, mut left_out) = (0, 0);
        let mut write = |name: &str, value: Value<'_>, end: usize| {
            if value == Value::Null {
                return;
            }
            if self.names.is_last(name, place) {
                if out.len() < end {
                    self.key.clear();
                    self.keys.write(&mut self.key, name);
                    if !(self.are_words_marked && marks::word(out, &self.key, &value)) {
                        value::member(out, &self.key, &value);
                    }
                } else {
                    left_out += 1;
                }
            }
            place += 1;
        };
        sources.each_shared(&mut |name, value| write(name, value, start + SCOPE_BYTES_MAX));
        sources.each_field(&mut |name, value| write(name, value, usize::MAX));
        let counts =
            [("attributes_left_out", left_out), ("spans_left_out", sources.spans_left_out)];
        for (key, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            number(key, count, out);
        }
    }

    fn note_names(&mut self, sources: &Sources<'_, '_>) {
        self.names.clear();
        let mut place = 0;
        let mut note = |name: &str, value: Value<'_>| {
            if value != Value::Null {
                self.names.put(name, place);
                place += 1;
            }
        };
        sources.each_shared(&mut note);
        sources.each_field(&mut note);
        if let Taken::All(names) = sources.taken {
            names.iter().for_each(|name| self.names.put(name, usize::MAX));
        }
    }
}
