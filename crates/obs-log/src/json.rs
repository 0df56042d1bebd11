//! Records as JSON, one flat object a line.
mod event;
mod facts;
mod head;
mod keys;
mod layers;
mod scratch;
mod sites;
mod span;
mod surroundings;
mod value;

use crate::names::Names;
use head::Head;
use keys::Keys;
use layers::Layers;
use obs_core::RunId;
use obs_core::record::{Fact, Record};
pub use scratch::{SCOPE_BYTES_MAX, SPANS_MAX};
use sites::Sites;

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
