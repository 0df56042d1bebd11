//! Records as lines: which are shown, and in what form.
use crate::failure::{Failure, Result};
use crate::filter::Filters;
use crate::paint::Colors;
use crate::spans;
use obs_core::record::{Fact, Record};
use obs_core::{Level, RunId, UnixNanos};
use obs_log::{JsonLines, TextLines};
use std::ops::Range;

/// Which records are wanted.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) level: Level,
    pub(crate) target: String,
    pub(crate) time: Range<UnixNanos>,
    pub(crate) filters: Filters,
    pub(crate) spans: Spans,
}

/// Whether spans have lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spans {
    Without,
    With,
}

/// The form of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Text(Colors),
}

/// Renders the records that are wanted.
#[derive(Debug)]
pub(crate) struct Lines {
    wanted: Wanted,
    form: Form,
    text: TextLines,
    log: JsonLines,
    spans: JsonLines,
    /// The JSON line of the record at hand.
    json: Vec<u8>,
}

impl Lines {
    pub(crate) fn new(run_id: RunId, wanted: Wanted, form: Form) -> Self {
        let text = match form {
            Form::Text(Colors::Ansi) => TextLines::colored(),
            _ => TextLines::plain(),
        };
        Self {
            wanted,
            form,
            text: text.with_dates(),
            log: JsonLines::log(run_id),
            spans: JsonLines::spans(run_id),
            json: Vec::new(),
        }
    }

    /// To be called in front of each batch.
    pub(crate) fn begin_batch(&mut self) {
        self.log.forget();
        self.spans.forget();
    }

    /// Appends the record's line. False for records that are not wanted, or have no line.
    pub(crate) fn line(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> Result<bool> {
        if !self.is_wanted(record) {
            return Ok(false);
        }
        let is_filtered = !self.wanted.filters.is_empty() && !is_of_missing(record);
        if (is_filtered || self.form == Form::Json) && !self.render_json(record) {
            return Ok(false);
        }
        if is_filtered && !self.passes_filters(record)? {
            return Ok(false);
        }
        match (self.form, &record.fact) {
            (Form::Json, _) => out.extend_from_slice(&self.json),
            (Form::Text(colors), Fact::SpanEnd(span)) => spans::line(record, span, colors, out),
            (Form::Text(_), _) => return Ok(self.text.line(record, out)),
        }
        Ok(true)
    }

    /// What can be told without rendering anything.
    fn is_wanted(&self, record: &Record<'_>) -> bool {
        let target = match &record.fact {
            Fact::Event(event) => &event.callsite.target,
            Fact::SpanEnd(_) if self.wanted.spans == Spans::Without => return false,
            Fact::SpanEnd(span) => &span.callsite.target,
            _ => "obs",
        };
        let is_like_asked =
            record.fact.level() >= self.wanted.level && target.starts_with(&self.wanted.target);
        self.wanted.time.contains(&record.time) && (is_of_missing(record) || is_like_asked)
    }

    fn render_json(&mut self, record: &Record<'_>) -> bool {
        self.json.clear();
        match &record.fact {
            Fact::SpanEnd(_) => self.spans.line(record, &mut self.json),
            _ => self.log.line(record, &mut self.json),
        }
    }

    fn passes_filters(&self, record: &Record<'_>) -> Result<bool> {
        self.wanted.filters.accept(&self.json).map_err(|error| {
            Failure::cannot(format!("filter the line of record {}", record.seq), error)
        })
    }
}

/// Whether a record tells that something is not shown, which is always said.
fn is_of_missing(record: &Record<'_>) -> bool {
    matches!(record.fact, Fact::Lost(_) | Fact::Withheld(_))
}
