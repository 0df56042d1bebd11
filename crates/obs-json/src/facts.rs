//! Lines of what is neither event nor span: losses, the run's beginning and end, artefacts.
use super::JsonLines;
use super::head::{number, text};
use super::scratch::{Sources, Taken};
use obs_core::Level;
use obs_core::record::{Fields, LostFact, Record};

impl JsonLines {
    /// Appends a line that says `event` with these fields.
    pub(super) fn fields(
        &mut self,
        record: &Record<'_>,
        event: &'static str,
        fields: Fields<'_>,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        self.head.own(record.time, record.fact.level(), event, out);
        self.head.ids(record, None, out);
        let sources = Sources::new(record, fields, Taken::All(&[]));
        self.write_attributes(&sources, start, out);
        let left_out = fields.left_out();
        if left_out > 0 {
            number("fields_left_out", left_out.into(), out);
        }
        out.extend_from_slice(b"}\n");
    }

    /// Appends the line of a loss.
    pub(super) fn lost(&mut self, record: &Record<'_>, lost: &LostFact, out: &mut Vec<u8>) {
        let start = out.len();
        self.head.own(record.time, record.fact.level(), "records lost", out);
        self.head.ids(record, None, out);
        number("lost.records", lost.records, out);
        text("lost.reason", lost.reason.as_str(), out);
        by_level(lost, out);
        if let Some((first, last)) = lost.seqs {
            number("lost.first_seq", first, out);
            number("lost.last_seq", last, out);
        }
        let sources = Sources::new(record, Fields::default(), Taken::All(LOST));
        self.write_attributes(&sources, start, out);
        out.extend_from_slice(b"}\n");
    }
}

/// The keys of a loss's line, which take the place of attributes with the same names.
const LOST: &[&str] =
    &["lost.records", "lost.reason", "lost.by_level", "lost.first_seq", "lost.last_seq"];

fn by_level(lost: &LostFact, out: &mut Vec<u8>) {
    let mut counts = Level::ALL
        .into_iter()
        .map(|level| (level, lost.by_level[usize::from(level.as_u8())]))
        .filter(|(_, count)| *count > 0)
        .peekable();
    if counts.peek().is_none() {
        return;
    }
    out.extend_from_slice(b",\"lost.by_level\":{");
    let start = out.len();
    counts.for_each(|(level, count)| number(level.as_str(), count, out));
    out.remove(start);
    out.push(b'}');
}
