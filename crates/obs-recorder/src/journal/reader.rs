//! Reading the journal, wherever its frames are: live, lagging behind, or after the run's death.
mod filling;
mod placing;
mod refusals;

use super::segment::Segment;
use obs_core::io::{Io, IoFile};
use obs_core::join::Join;
use obs_core::record::{Fact, LostFact, Record};
use obs_core::wire::Kind;
use obs_core::wire::frame::{self, FLAG_CHECKPOINT, Frame, Frames, Item};
use obs_core::wire::notes::total;
use obs_core::{LostReason, RunId, UnixNanos};
use obs_ring::stage::Stage;
use refusals::Refusals;
use std::path::PathBuf;
use std::sync::Arc;

/// What is read at once.
const CHUNK_BYTES: u64 = 256 << 10;

/// A reader of one run's journal. It takes frames from the stage while they are there, else from the segments, and
/// joins what records refer to. What is missing it reports as a record of its own.
#[derive(Debug)]
pub struct Reader {
    io: Arc<dyn Io>,
    /// The segments' directory; `None` for a run without one.
    directory: Option<PathBuf>,
    run_id: RunId,
    stage: Option<Stage>,
    join: Join,
    buffer: Vec<u8>,
    /// A buffer that was used up, of its full length: what is read into it need not be zeroed first.
    spare: Vec<u8>,
    /// The position of the buffer's first byte.
    start: u64,
    /// How much of the buffer has been returned.
    at: usize,
    last_seq: u64,
    refusals: Refusals,
    /// By number of the kind: records that nobody wants.
    unwanted: [bool; 256],
    /// What [`Reader::next`] returns next, where that was looked for already.
    found: Option<Found>,
    file: Option<OpenFile>,
    /// Whether there was a gap: what lies behind it may need definitions that stood in it. The segment that begins
    /// behind it has them.
    is_adrift: bool,
    /// Whether the definitions that stood in a gap are lost for good, and everything up to the next ones is passed
    /// over.
    seeks_definitions: bool,
}

#[derive(Debug)]
struct OpenFile {
    file: Box<dyn IoFile>,
    segment: Segment,
    /// The position from which on the segment does not count.
    until: u64,
}

/// Whether there are records to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fill {
    /// The journal ends here, for now.
    Nothing,
    /// There are frames; perhaps records.
    Some,
}

/// What [`Reader::next`] found.
#[derive(Debug, Clone, Copy)]
enum Found {
    /// Records with these numbers are missing.
    Gap(u64, u64),
    /// A frame that stands at this place of the buffer.
    Frame(usize),
    End,
}

/// Where a reader goes on that has read all there is here.
enum Next {
    /// In the file that it has opened.
    Opened,
    /// At this position: there is nothing before it.
    Jump(u64),
    /// There is no segment here, nor above.
    Nowhere,
    /// There are no segments at all.
    NoJournal,
}

impl Reader {
    /// A reader at the start of what there is.
    #[must_use]
    pub fn new(
        io: Arc<dyn Io>,
        directory: Option<PathBuf>,
        run_id: RunId,
        stage: Option<Stage>,
    ) -> Self {
        let (join, buffer) = (Join::new(), Vec::new());
        Self {
            io,
            directory,
            run_id,
            stage,
            join,
            buffer,
            spare: Vec::new(),
            start: 0,
            at: 0,
            last_seq: 0,
            refusals: Refusals::none(),
            unwanted: [false; 256],
            found: None,
            file: None,
            is_adrift: false,
            seeks_definitions: false,
        }
    }

    /// Returns only those records of which `wants` says so. The others are taken note of.
    pub fn want(&mut self, wants: impl Fn(Kind) -> bool) {
        self.unwanted = std::array::from_fn(|number| {
            Kind::from_number(number as u8).is_some_and(|kind| !wants(kind))
        });
    }

    /// Everything below has been returned.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.start + self.at as u64
    }

    /// Where the frames that were filled in last begin.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// The number of the last record that was returned, or is known to be missing.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// What is known from the frames so far.
    #[must_use]
    pub fn state(&self) -> &Join {
        &self.join
    }

    /// What is known from the frames, when nothing more is to be read.
    pub(crate) fn into_state(self) -> Join {
        self.join
    }

    /// Whether [`Reader::next`] will return something.
    #[inline]
    pub fn has_next(&mut self) -> bool {
        if self.found.is_none() {
            self.found = match self.find() {
                Found::End => None,
                found => Some(found),
            };
        }
        self.found.is_some()
    }

    /// The numbers of what [`Reader::next`] will return, and whether it is that they are missing.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<(u64, u64, bool)> {
        if !self.has_next() {
            return None;
        }
        match self.found {
            Some(Found::Gap(first, last)) => Some((first, last, true)),
            _ => Some((self.last_seq, self.last_seq, false)),
        }
    }

    /// The next record that was filled in, or `None` when more must be filled in first.
    #[expect(clippy::should_implement_trait, reason = "a record borrows from the reader")]
    #[inline]
    pub fn next(&mut self) -> Option<Record<'_>> {
        match self.found.take().unwrap_or_else(|| self.find()) {
            Found::End => None,
            Found::Gap(first, last) => Some(self.gap(first, last)),
            Found::Frame(at) => {
                let (_, frame) = frame::decode_again(&self.buffer[at..]).ok()?;
                if let Some(record) = frame.and_then(|frame| self.join.record(&frame)) {
                    return Some(record);
                }
                let lost = LostFact::range(LostReason::Damaged, self.last_seq, self.last_seq);
                Some(self.missing(lost))
            }
        }
    }

    #[cold]
    fn gap(&mut self, first: u64, last: u64) -> Record<'_> {
        self.last_seq = last;
        let mut lost = LostFact::range(LostReason::JournalFull, first, last);
        lost.by_level = self.refusals.make_up(&self.join);
        lost.records = lost.records.saturating_add(total(&lost.by_level));
        self.missing(lost)
    }

    #[cold]
    fn missing(&self, lost: LostFact) -> Record<'_> {
        self.join.report(self.last_seq, UnixNanos(self.join.last_unix_ns()), Fact::Lost(lost))
    }

    /// Applies all frames that were filled in, without returning their records.
    pub(crate) fn apply_rest(&mut self) {
        for item in Frames::again(&self.buffer[self.at..], self.start + self.at as u64) {
            if let Item::Frame(frame) = item {
                apply(&mut self.join, &frame);
            }
        }
        self.last_seq = self.join.last_seq();
        self.at = self.buffer.len();
    }

    /// Applies frames up to and including the next record's.
    fn find(&mut self) -> Found {
        while self.at < self.buffer.len() {
            // What was filled in was checked then.
            let Ok((length, frame)) = frame::decode_again(&self.buffer[self.at..]) else {
                self.at = self.buffer.len();
                break;
            };
            if let Some(frame) = frame {
                let is_record = is_record(&frame);
                let seq = frame.header.seq;
                if is_record && seq > self.last_seq + 1 {
                    return Found::Gap(self.last_seq + 1, seq - 1);
                }
                apply(&mut self.join, &frame);
                self.refusals.note(&frame);
                if is_record && seq > self.last_seq {
                    self.last_seq = seq;
                    self.at += length;
                    if self.unwanted[usize::from(frame.header.kind as u8)] {
                        continue;
                    }
                    return Found::Frame(self.at - length);
                }
                if is_record {
                    self.refusals.pass_over(&self.join);
                }
            }
            self.at += length;
        }
        Found::End
    }
}

fn apply(join: &mut Join, frame: &Frame<'_>) {
    if frame.header.kind == Kind::Cut {
        join.forget_definitions();
    }
    join.apply(frame);
}

fn is_record(frame: &Frame<'_>) -> bool {
    frame.header.kind.is_record() && frame.header.flags & FLAG_CHECKPOINT == 0
}
