//! What lines say beside the keys that a table has columns for.
use super::{JsonLines, marks, value};
use obs_core::record::{Fact, Record};

impl JsonLines {
    /// Appends one JSON object: what the record's line has behind its number, under the same keys, but for those that
    /// say of a span what it is: level, start, duration and whether it is unfinished. Texts are written with
    /// [`marks`]. False for records that have no line here.
    pub fn attributes(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        if !self.rest(record, out) {
            return false;
        }
        if marks::may_have_words(&out[start..]) {
            out.truncate(start);
            self.are_words_marked = true;
            self.rest(record, out);
            self.are_words_marked = false;
        }
        marks::json(out, start);
        true
    }

    fn rest(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> bool {
        let mut line = std::mem::take(&mut self.whole);
        line.clear();
        let start = out.len();
        let has_line = self.line(record, &mut line);
        if has_line {
            let from = self.head.behind_seq();
            let own = match &record.fact {
                Fact::SpanEnd(_) => self.own.clone(),
                _ => from..from,
            };
            out.extend_from_slice(&line[from..own.start]);
            out.extend_from_slice(&line[own.end..line.len() - END.len()]);
            self.companions(record, out);
            match out.get_mut(start) {
                Some(comma) => *comma = b'{',
                None => out.push(b'{'),
            }
            out.push(b'}');
        }
        self.whole = line;
        has_line
    }

    /// What belongs to the event's text, which stands in front of the number.
    fn companions(&self, record: &Record<'_>, out: &mut Vec<u8>) {
        if let Fact::Event(event) = &record.fact
            && let Some(message) = event.fields.message()
        {
            value::companions(out, b",\"event\":", &message);
        }
    }
}

/// What a line ends with.
const END: &[u8] = b"}\n";
