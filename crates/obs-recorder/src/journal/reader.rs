//! Reading the journal, wherever its frames are: live, lagging behind, or after the run's death.
use super::segment::{CHECKPOINT_POSITION, Segment, Segments};
use obs_core::io::{Io, IoFile, Open};
use obs_core::join::Join;
use obs_core::record::{Fact, LostFact, Record};
use obs_core::wire::Kind;
use obs_core::wire::frame::{self, FLAG_CHECKPOINT, Frame, Item};
use obs_core::{LostReason, RunId, UnixNanos};
use obs_ring::stage::Stage;
use std::io;
use std::path::{Path, PathBuf};
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
    /// The position of the buffer's first byte.
    start: u64,
    /// How much of the buffer has been returned.
    at: usize,
    last_seq: u64,
    /// What [`Reader::next`] returns next, where that was looked for already.
    found: Option<Found>,
    file: Option<OpenFile>,
}

#[derive(Debug)]
struct OpenFile {
    file: Box<dyn IoFile>,
    segment: Segment,
    takes_over: u64,
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
            start: 0,
            at: 0,
            last_seq: 0,
            found: None,
            file: None,
        }
    }

    /// Goes to `position`; of what follows, only records with a number above `seq` are returned. The state of the
    /// segment around it is read anew, where there is one; else what is known stays.
    ///
    /// # Errors
    ///
    /// What the system says when a segment cannot be read; the reader must then be sent there again.
    pub fn seek(&mut self, position: u64, seq: u64) -> io::Result<()> {
        self.buffer.clear();
        (self.start, self.at, self.last_seq) = (position, 0, seq);
        (self.found, self.file) = (None, None);
        let Some(directory) = &self.directory else { return Ok(()) };
        if let Some(state) = Self::state_at(&self.io, directory, self.run_id, position)? {
            self.join = state;
        }
        Ok(())
    }

    /// The state of a reader that has read the segment around `position` up to there; `None` when no segment holds it.
    pub(crate) fn state_at(
        io: &Arc<dyn Io>,
        directory: &Path,
        run_id: RunId,
        position: u64,
    ) -> io::Result<Option<Join>> {
        let segments = Segments::open(io.as_ref(), directory, run_id)?;
        let around = |segment: &&Segment| segment.first <= position && position <= segment.end();
        let Some(segment) = segments.all().iter().rev().find(around) else { return Ok(None) };
        let mut reader = Self::new(Arc::clone(io), Some(directory.to_owned()), run_id, None);
        reader.begin_segment(segment)?;
        while reader.position() < position && reader.fill(position)? == Fill::Some {
            reader.apply_rest();
        }
        Ok((reader.position() == position).then_some(reader.join))
    }

    /// Everything below has been returned.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.start + self.at as u64
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

    /// Gets the next frames below the position `limit`, if those it has are used up.
    ///
    /// # Errors
    ///
    /// What the system says when a segment cannot be read.
    pub fn fill(&mut self, limit: u64) -> io::Result<Fill> {
        if self.at < self.buffer.len() {
            return Ok(Fill::Some);
        }
        self.start = self.position();
        self.buffer.clear();
        self.at = 0;
        loop {
            if self.start >= limit {
                return Ok(Fill::Nothing);
            }
            if let Some(fill) = self.fill_from_stage(limit) {
                return Ok(fill);
            }
            if self.fill_from_file(limit)? || self.next_file(limit)? {
                if self.buffer.is_empty() {
                    continue;
                }
                return Ok(Fill::Some);
            }
            let Some(tail) = self.given_up() else { return Ok(Fill::Nothing) };
            self.start = tail;
        }
    }

    /// Where to go on, when the frames here are neither staged nor in a segment and never will be. Those that the
    /// writer holds, because the disk does not take them yet, are waited for.
    fn given_up(&self) -> Option<u64> {
        let stage = self.stage.as_ref()?;
        let is_waited_for = self.directory.is_some() && self.start >= stage.moved();
        Some(stage.tail()).filter(|tail| *tail > self.start && !is_waited_for)
    }

    fn fill_from_stage(&mut self, limit: u64) -> Option<Fill> {
        let stage = self.stage.as_ref()?;
        let head = stage.head().min(limit);
        if self.start >= head {
            return Some(Fill::Nothing);
        }
        stage.copy(self.start, head.min(self.start + CHUNK_BYTES), &mut self.buffer).ok()?;
        Some(if self.keep_frames() { Fill::Some } else { Fill::Nothing })
    }

    /// Reads on in the open file. False when it has no more.
    fn fill_from_file(&mut self, limit: u64) -> io::Result<bool> {
        let Some(open) = &mut self.file else { return Ok(false) };
        let end = limit.min(open.takes_over);
        if self.start < open.segment.first || self.start >= end {
            return Ok(false);
        }
        let length = (end - self.start).min(CHUNK_BYTES) as usize;
        open.segment.read(open.file.as_mut(), self.start, length, &mut self.buffer)?;
        Ok(self.keep_frames())
    }

    /// Opens the file that holds the current position, or the next one behind a gap. False when there is none.
    fn next_file(&mut self, limit: u64) -> io::Result<bool> {
        let Some(directory) = &self.directory else { return Ok(false) };
        let segments = Segments::open(self.io.as_ref(), directory, self.run_id)?;
        let Some((segment, takes_over)) = segments.at(self.start) else { return Ok(false) };
        if self.file.as_ref().is_some_and(|open| open.segment.number == segment.number) {
            // It ends in damage; a later segment goes on behind that.
            self.file = None;
            let goes_on = takes_over < limit;
            self.start = if goes_on { takes_over } else { self.start };
            return Ok(goes_on);
        }
        if segment.first >= limit {
            return Ok(false);
        }
        let segment = segment.clone();
        if segment.first >= self.start {
            self.begin_segment(&segment)?;
        }
        let file = self.io.open(&segment.path, Open::Read)?;
        self.file = Some(OpenFile { file, segment, takes_over });
        Ok(true)
    }

    /// Goes to the first frame of a segment, with the state of its checkpoint.
    fn begin_segment(&mut self, segment: &Segment) -> io::Result<()> {
        let checkpoint = segment.checkpoint(self.io.as_ref())?;
        self.start = segment.first;
        self.join.begin_segment();
        for item in frame::Frames::new(&checkpoint, CHECKPOINT_POSITION) {
            if let Item::Frame(frame) = item {
                self.join.apply(&frame);
            }
        }
        Ok(())
    }

    /// Cuts the buffer after its last whole frame. Damage in front of it is stepped over: its records then are missing.
    fn keep_frames(&mut self) -> bool {
        let mut frames = frame::Frames::new(&self.buffer, self.start);
        let (mut first, mut end) = (None, self.start);
        while let Some(item) = frames.next() {
            match item {
                Item::Damaged(bytes) if first.is_none() => end += bytes as u64,
                Item::Frame(_) => {
                    first.get_or_insert(end);
                    end = frames.reached();
                }
                _ => break,
            }
        }
        let Some(first) = first else {
            self.buffer.clear();
            return false;
        };
        self.buffer.truncate((end - self.start) as usize);
        self.buffer.drain(..(first - self.start) as usize);
        self.start = first;
        true
    }

    /// Whether [`Reader::next`] will return something.
    pub fn has_next(&mut self) -> bool {
        if self.found.is_none() {
            self.found = match self.find() {
                Found::End => None,
                found => Some(found),
            };
        }
        self.found.is_some()
    }

    /// The next record that was filled in, or `None` when more must be filled in first.
    #[expect(clippy::should_implement_trait, reason = "a record borrows from the reader")]
    pub fn next(&mut self) -> Option<Record<'_>> {
        match self.found.take().unwrap_or_else(|| self.find()) {
            Found::End => None,
            Found::Gap(first, last) => {
                self.last_seq = last;
                let lost = LostFact::range(LostReason::JournalFull, first, last);
                Some(self.missing(lost))
            }
            Found::Frame(at) => {
                let (_, frame) = frame::decode(&self.buffer[at..], self.start + at as u64).ok()?;
                let record = frame.and_then(|frame| self.join.record(&frame));
                record.or_else(|| {
                    Some(self.missing(LostFact::range(
                        LostReason::Damaged,
                        self.last_seq,
                        self.last_seq,
                    )))
                })
            }
        }
    }

    fn missing(&self, lost: LostFact) -> Record<'_> {
        self.join.report(self.last_seq, UnixNanos(self.join.last_unix_ns()), Fact::Lost(lost))
    }

    /// Applies all frames that were filled in, without returning their records.
    pub(crate) fn apply_rest(&mut self) {
        for item in frame::Frames::new(&self.buffer[self.at..], self.start + self.at as u64) {
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
            let Ok((length, frame)) =
                frame::decode(&self.buffer[self.at..], self.start + self.at as u64)
            else {
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
                if is_record && seq > self.last_seq {
                    self.last_seq = seq;
                    self.at += length;
                    return Found::Frame(self.at - length);
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
