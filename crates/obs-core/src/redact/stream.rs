//! Takes secrets out of a text that comes in pieces.
use super::counts::RedactionCounts;
use super::redactor::Redactor;
use super::text::{CONTEXT_BYTES_MAX, Progress, VALUE_BYTES_MAX};

/// Looked at together.
const WINDOW_BYTES: usize = 1 << 20;
/// What must follow a place before it is given out: a name, its value, and what may stand between.
const MARGIN_BYTES: usize = VALUE_BYTES_MAX + 4 * CONTEXT_BYTES_MAX;

/// Redacts a text that comes in pieces of any size, as if it came in one; bytes that are not UTF-8 are kept.
///
/// Holds back up to 1 MiB, and needs a little more than that as memory, however long the text. A value of more than
/// 64 KiB goes in parts.
///
/// ```
/// use obs_core::redact::{RedactStream, Redactor};
///
/// let redactor = Redactor::new();
/// let mut stream = RedactStream::new(&redactor);
/// let mut out = Vec::new();
/// stream.write(b"passwo", |bytes| out.extend_from_slice(bytes));
/// stream.write(b"rd=hunter2", |bytes| out.extend_from_slice(bytes));
/// let counts = stream.finish(|bytes| out.extend_from_slice(bytes));
/// assert_eq!(out, b"password=[REDACTED:name:password]");
/// assert_eq!(counts.total(), 1);
/// ```
#[derive(Debug)]
pub struct RedactStream {
    redactor: Redactor,
    counts: RedactionCounts,
    held: Vec<u8>,
    /// So much of it was given out, and is kept to be read back to.
    done: usize,
    window: usize,
}

impl RedactStream {
    /// With the rules of `redactor`.
    pub fn new(redactor: &Redactor) -> Self {
        Self::with_window(redactor, WINDOW_BYTES)
    }

    fn with_window(redactor: &Redactor, window: usize) -> Self {
        let counts = RedactionCounts::default();
        Self { redactor: redactor.clone(), counts, held: Vec::new(), done: 0, window }
    }

    /// Takes a piece, and gives to `out` what can be told by now.
    pub fn write(&mut self, mut piece: &[u8], mut out: impl FnMut(&[u8])) {
        while !piece.is_empty() {
            let room = (self.window + MARGIN_BYTES).saturating_sub(self.held.len()).max(1);
            let (now, later) = piece.split_at(room.min(piece.len()));
            self.held.extend_from_slice(now);
            piece = later;
            if self.held.len() >= self.window + MARGIN_BYTES {
                let limit = self.held.len() - MARGIN_BYTES;
                let line = self.held[self.done..limit].iter().rposition(|byte| *byte == b'\n');
                self.give(line.map_or(limit, |line| self.done + line + 1), &mut out);
            }
        }
    }

    /// What was taken out so far.
    pub fn counts(&self) -> &RedactionCounts {
        &self.counts
    }

    /// Gives the rest to `out`. Returns what was taken out.
    pub fn finish(mut self, out: impl FnMut(&[u8])) -> RedactionCounts {
        self.end(out);
        self.counts
    }

    /// Gives the rest to `out`; another text may follow.
    pub fn end(&mut self, mut out: impl FnMut(&[u8])) {
        self.give(usize::MAX, &mut out);
        self.held.clear();
        self.done = 0;
    }

    /// Gives out what is before `limit`, and secrets that begin shortly behind it: their names may be before.
    fn give(&mut self, limit: usize, out: &mut impl FnMut(&[u8])) {
        let ahead = limit.saturating_add(2 * CONTEXT_BYTES_MAX);
        let mut memory = self.redactor.memory();
        let mut progress = Progress::between(self.done, ahead, &mut memory);
        let mut done = self.done;
        while let Some(found) = self.redactor.next(&self.held, &mut progress) {
            if found.range.start >= limit.saturating_add(CONTEXT_BYTES_MAX) {
                break;
            }
            out(&self.held[done..found.range.start]);
            let mut marker = String::new();
            let secret = &self.held[found.range.clone()];
            self.redactor.mark_bytes(&mut marker, found.rule, secret);
            out(marker.as_bytes());
            self.counts.add(found.rule);
            done = found.range.end;
        }
        let end = limit.min(self.held.len()).max(done);
        out(&self.held[done..end]);
        let kept = end.saturating_sub(CONTEXT_BYTES_MAX);
        self.held.drain(..kept);
        self.done = end - kept;
    }
}
