//! Records as JSON, one flat object a line.
//!
//! # A line
//!
//! One flat JSON object. First the keys of its own, as far as they apply, in this order:
//!
//! | key | in `log.jsonl` | in `spans.jsonl` |
//! |---|---|---|
//! | `timestamp` | when it happened: RFC 3339, UTC, nine digits of the second | when the span ended |
//! | `level` | `trace`, `debug`, `info`, `warn`, `error`, `fatal` | the same, behind `thread` |
//! | `event` | what happened: the field `message`, else the event's name, else the logger | – |
//! | `name` | – | the span's name |
//! | `logger` | the target; `obs` for lines of the toolkit's own | the target |
//! | `run_id`, `trace_id`, `span_id` | where it happened; the innermost span | the span's own, and `parent_id` |
//! | `seq` | the record's number within the run: it grows from line to line, and no two lines share one | the same |
//! | `thread` | the thread's name, or its number in the system if it has none | the same |
//! | `context.attrs` | `lost` when the attributes in scope were damaged | the same |
//! | `start`, `duration_ns` | – | when the span began, and how long it took |
//! | `unfinished`, `age_ns` | – | `true`, and how long the span had been open when the run died |
//! | `span.attrs` | `evicted` when the span's attributes are no longer known | the same |
//!
//! Then attributes: of the run, the context, the spans from the outermost inwards, and the record's fields. A key
//! stands in a line once: of two attributes with one name the inner one counts. An attribute that is called like a
//! key of the line's own is written as `field.<name>`.
//!
//! Numbers stay numbers, whatever their size; those that JSON has no word for are `"NaN"`, `"inf"` and `"-inf"`.
//! Bytes are hexadecimal. An error is its message, with those of its sources in `<key>.causes`. Text that was cut has
//! its length before in `<key>.truncated_bytes`. (An attribute whose own name ends like that gets an underscore
//! behind it.) A value that must not be shown is `[REDACTED:<rule>]`; one whose formatting panicked ends in
//! `[panicked]`. `fields_left_out`, `attributes_left_out` and `spans_left_out` count what found no room. All text is
//! escaped by [`obs_core::escape::json`].
//!
//! Lines of the toolkit's own say `run started`, `run context changed`, `artifact`, `process exits`, `run ended`,
//! `record withheld` and `records lost`. The last one has `lost.records` (0 where that is not known), `lost.reason`,
//! `lost.by_level` and, for records that had numbers, `lost.first_seq` and `lost.last_seq`. If a `records lost` was
//! among those, what it had counted counts here: `lost.by_level` then has that part alone. Adding up `lost.records`
//! tells how much the file does not tell.
#![forbid(unsafe_code)]

mod attributes;
mod event;
mod facts;
mod head;
mod keys;
mod layers;
pub mod marks;
mod names;
mod own;
mod scratch;
mod sites;
mod span;
mod surroundings;
mod value;

use head::Head;
use keys::Keys;
use layers::Layers;
pub use names::Names;
use obs_core::RunId;
use obs_core::record::{Fact, Record};
pub use own::OWN;
pub use scratch::{SCOPE_BYTES_MAX, SPANS_MAX};
use sites::Sites;
use std::ops::Range;
pub use value::plain;

/// Renders the records of one run as JSON lines.
///
/// A line has first the keys that the table in the [crate's documentation](crate) lists, then the attributes of the
/// run, the context and the spans from the outermost inwards, then the record's fields. No key stands in a line
/// twice: of two attributes with one name the later counts.
///
/// What does not change from record to record is rendered once and kept, in bounded memory; once everything has been
/// met, a line costs no allocation.
#[derive(Debug)]
pub struct JsonLines {
    keys: Keys,
    head: Head,
    names: Names,
    sites: Sites,
    layers: Layers,
    /// A key in the making, kept for its memory.
    key: Vec<u8>,
    /// A line of which only a part is wanted, kept for its memory.
    whole: Vec<u8>,
    /// Where the last line of a span says what the span is.
    own: Range<usize>,
    /// Whether texts that could be taken for numbers are marked.
    are_words_marked: bool,
}

impl JsonLines {
    /// Lines of `log.jsonl`: events, losses, and what happens to the run as a whole.
    #[must_use]
    pub fn log(run_id: RunId) -> Self {
        Self::new(run_id, Keys::Log)
    }

    /// Lines of `spans.jsonl`: spans that have ended, or were found open after the run's death.
    #[must_use]
    pub fn spans(run_id: RunId) -> Self {
        Self::new(run_id, Keys::Spans)
    }

    fn new(run_id: RunId, keys: Keys) -> Self {
        Self {
            keys,
            head: Head::new(run_id),
            names: Names::default(),
            sites: Sites::new(),
            layers: Layers::new(keys),
            key: Vec::new(),
            whole: Vec::new(),
            own: 0..0,
            are_words_marked: false,
        }
    }

    /// Appends the record's line, newline included. False for records that have no line here.
    pub fn line(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> bool {
        match (self.keys, &record.fact) {
            (Keys::Log, Fact::Event(event)) => self.event(record, event, out),
            (Keys::Log, Fact::Lost(lost)) => self.lost(record, lost, out),
            (Keys::Log, fact) => {
                let Some((event, fields)) = fact.told() else { return false };
                self.fields(record, event, fields, out);
            }
            (Keys::Spans, Fact::SpanEnd(ended)) => self.span(record, ended, out),
            (Keys::Spans, _) => return false,
        }
        true
    }

    /// Forgets what was kept of contexts and spans. To be called whenever the numbers that records carry for them may
    /// mean something else than before: in front of each batch.
    pub fn forget(&mut self) {
        self.layers.forget();
    }
}
