//! Reading the journal, wherever its frames are: live, lagging behind, or after the run's death.
use super::segment::{Segment, Segments, checkpoint_position};
use obs_core::io::{Io, IoFile, Open};
use obs_core::join::Join;
use obs_core::record::{Fact, LostFact, Record};
use obs_core::wire::Kind;
use obs_core::wire::frame::{self, FLAG_CHECKPOINT, FRAME_BYTES_MAX, Frame, Frames, Item};
use obs_core::{LostReason, RunId, UnixNanos};
use obs_ring::stage::Stage;
use std::io;
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
    /// The position of the buffer's first byte.
    start: u64,
    /// How much of the buffer has been returned.
    at: usize,
    last_seq: u64,
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
            start: 0,
            at: 0,
            last_seq: 0,
            found: None,
            file: None,
            is_adrift: false,
            seeks_definitions: false,
        }
    }

    /// Goes to `position`; of what follows, only records with a number above `seq` are returned. What is known there is
    /// found out anew, where segments or stage tell; else what is known stays.
    ///
    /// # Errors
    ///
    /// What the system says when a segment cannot be read, or [`io::ErrorKind::WouldBlock`] while what stands there is
    /// being written again; the reader must then be sent there again.
    pub fn seek(&mut self, position: u64, seq: u64) -> io::Result<()> {
        self.buffer.clear();
        (self.start, self.at, self.last_seq) = (position, 0, seq);
        (self.found, self.file) = (None, None);
        (self.is_adrift, self.seeks_definitions) = (false, false);
        if position == 0 {
            self.join = Join::new();
            return Ok(());
        }
        let Some(directory) = self.directory.clone() else { return Ok(()) };
        let (io, stage) = (Arc::clone(&self.io), self.stage.clone());
        if let Some(state) =
            Self::new(io, Some(directory), self.run_id, stage).state_at(position)?
        {
            self.join = state;
        }
        Ok(())
    }

    /// A position from which on all records with a number above `seq` lie.
    ///
    /// # Errors
    ///
    /// What the system says when a segment cannot be read.
    pub(crate) fn position_of(&self, seq: u64) -> io::Result<u64> {
        let Some(directory) = &self.directory else { return Ok(0) };
        let segments = Segments::open(self.io.as_ref(), directory, self.run_id)?;
        for segment in segments.counting().rev() {
            if segment.seq_before(self.io.as_ref())?.is_some_and(|before| before <= seq) {
                return Ok(segment.first);
            }
        }
        Ok(0)
    }

    /// What a reader knows who has read everything from the start of the segment around `position` up to there; `None`
    /// when no segment begins before it. For a reader who has read nothing.
    pub(crate) fn state_at(mut self, position: u64) -> io::Result<Option<Join>> {
        let Some(directory) = &self.directory else { return Ok(None) };
        let segments = Segments::open(self.io.as_ref(), directory, self.run_id)?;
        match segments.before(position) {
            Some(segment) => self.begin_segment(segment)?,
            None if self.stage.is_some() => {}
            None => return Ok(None),
        }
        loop {
            while self.fill(position)? == Fill::Some {
                self.apply_rest();
            }
            let Some(stage) = &self.stage else { break };
            if self.start >= position || self.start < self.moved() {
                break;
            }
            let tail = stage.tail();
            if tail <= stage.held() || tail > position {
                let message = "the journal's writer has yet to write what stands before";
                return Err(io::Error::new(io::ErrorKind::WouldBlock, message));
            }
            self.go_to_tail(tail);
        }
        Ok(Some(self.join))
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
            if self.start >= self.moved() {
                if !self.skip_what_is_gone() {
                    return Ok(Fill::Nothing);
                }
                continue;
            }
            if self.fill_from_file(limit)? {
                return Ok(Fill::Some);
            }
            let next = match self.next_file(limit)? {
                Next::Opened => continue,
                Next::Jump(position) => Some(position),
                Next::NoJournal if self.is_adrift && self.do_without_journal() => continue,
                // Neither staged nor in a segment, now or ever.
                Next::Nowhere | Next::NoJournal => self.stage.as_ref().map(Stage::tail),
            };
            let next = next.map(|next| next.min(self.moved()));
            let Some(next) = next.filter(|next| (self.start + 1..limit).contains(next)) else {
                return Ok(Fill::Nothing);
            };
            self.start = next;
            self.is_adrift = self.directory.is_some();
        }
    }

    /// Goes on at the oldest staged frame, when those here were overwritten before the writer had them. False when it
    /// has them, and the disk does not take them yet: they are waited for.
    fn skip_what_is_gone(&mut self) -> bool {
        let Some(stage) = &self.stage else { return false };
        let tail = stage.tail();
        let is_gone = self.start >= stage.held() && self.start < tail;
        if is_gone {
            self.go_to_tail(tail);
        }
        is_gone
    }

    /// Goes to the oldest staged frame, after the drain has overwritten more than the writer had: it overwrites up to
    /// where everything is defined anew.
    fn go_to_tail(&mut self, tail: u64) {
        (self.start, self.is_adrift) = (tail, false);
        self.join.forget_definitions();
    }

    /// Everything below is in segments, or never will be.
    fn moved(&self) -> u64 {
        let stage = self.stage.as_ref().filter(|_| self.directory.is_some());
        stage.map_or(u64::MAX, Stage::moved)
    }

    /// Reads from the stage; `None` when the frames here are there no more.
    fn fill_from_stage(&mut self, limit: u64) -> Option<Fill> {
        let stage = self.stage.clone().filter(|_| !self.is_adrift)?;
        let head = stage.head().min(limit);
        if self.start >= head {
            return Some(Fill::Nothing);
        }
        let mut copy = |from, to, out: &mut Vec<u8>| stage.copy(from, to, out);
        while self.start < head && self.scan(head, &mut copy).ok()? {
            if !self.seeks_definitions || self.keep_from_definitions() {
                return Some(Fill::Some);
            }
        }
        Some(Fill::Nothing)
    }

    /// Somebody has removed the journal, and what it held. Goes on in the stage, from where everything is defined anew.
    fn do_without_journal(&mut self) -> bool {
        let Some(stage) = &self.stage else { return false };
        self.start = self.start.max(stage.tail());
        (self.is_adrift, self.seeks_definitions) = (false, true);
        self.join.forget_definitions();
        true
    }

    /// Drops what stands in the buffer before the drain began to define everything anew, which a note of positions
    /// marks.
    fn keep_from_definitions(&mut self) -> bool {
        let mut frames = Frames::new(&self.buffer, self.start);
        let mut at = self.start;
        while let Some(item) = frames.next() {
            if matches!(item, Item::Frame(frame) if frame.header.kind == Kind::Positions) {
                self.buffer.drain(..(at - self.start) as usize);
                (self.start, self.seeks_definitions) = (at, false);
                return true;
            }
            at = frames.reached();
        }
        (self.start, self.seeks_definitions) = (at, true);
        self.buffer.clear();
        false
    }

    /// Reads on in the open file. False when it has no more.
    fn fill_from_file(&mut self, limit: u64) -> io::Result<bool> {
        let Some(mut open) = self.file.take() else { return Ok(false) };
        let end = limit.min(open.until).min(self.moved());
        let is_inside = open.segment.first <= self.start && self.start < end;
        let has_frames = is_inside
            && self.scan(end, |from, to, out| {
                open.segment.read(open.file.as_mut(), from, (to - from) as usize, out).map(drop)
            })?;
        self.file = Some(open);
        Ok(has_frames)
    }

    /// Fills in the next whole frames between here and `end`, stepping over damage in front of them: its records then
    /// are missing. False, and nothing done, when there are none.
    fn scan<E>(
        &mut self,
        end: u64,
        mut read: impl FnMut(u64, u64, &mut Vec<u8>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let (mut from, mut wanted) = (self.start, CHUNK_BYTES);
        loop {
            let to = end.min(from.saturating_add(wanted));
            self.buffer.clear();
            if let Err(error) = read(from, to, &mut self.buffer) {
                self.buffer.clear();
                return Err(error);
            }
            let is_all = to == end || (self.buffer.len() as u64) < to - from;
            if self.keep_frames(from, is_all) {
                return Ok(true);
            }
            self.buffer.clear();
            if is_all {
                return Ok(false);
            }
            if wanted > CHUNK_BYTES {
                from += CHUNK_BYTES;
            }
            wanted = CHUNK_BYTES + FRAME_BYTES_MAX as u64;
        }
    }

    /// Opens the file that holds the current position, or the next one behind a gap.
    fn next_file(&mut self, limit: u64) -> io::Result<Next> {
        let Some(directory) = &self.directory else { return Ok(Next::Nowhere) };
        let segments = Segments::open(self.io.as_ref(), directory, self.run_id)?;
        let Some((segment, until)) = segments.at(self.start) else {
            let is_none = segments.all().is_empty();
            return Ok(if is_none { Next::NoJournal } else { Next::Nowhere });
        };
        let is_open =
            |open: &OpenFile| open.segment.number == segment.number && open.until == until;
        if self.file.as_ref().is_some_and(is_open) {
            // No whole frame is left in it.
            return Ok(Next::Jump(until));
        }
        if segment.first >= limit.min(self.moved()) {
            return Ok(Next::Jump(segment.first));
        }
        let segment = segment.clone();
        if segment.first >= self.start {
            self.begin_segment(&segment)?;
        }
        let file = self.io.open(&segment.path, Open::Read)?;
        self.file = Some(OpenFile { file, segment, until });
        Ok(Next::Opened)
    }

    /// Goes to the first frame of a segment, with the state of its checkpoint.
    fn begin_segment(&mut self, segment: &Segment) -> io::Result<()> {
        let checkpoint = segment.checkpoint(self.io.as_ref())?;
        (self.start, self.is_adrift) = (segment.first, false);
        self.join.begin_segment();
        for item in Frames::new(&checkpoint, checkpoint_position(segment.first)) {
            if let Item::Frame(frame) = item {
                self.join.apply(&frame);
            }
        }
        Ok(())
    }

    /// Keeps the first whole frames of the buffer, which begins at position `from`. `is_all` when nothing is to be had
    /// behind it.
    fn keep_frames(&mut self, from: u64, is_all: bool) -> bool {
        let frames = if is_all { Frames::new } else { Frames::open };
        let mut frames = frames(&self.buffer, from);
        let (mut first, mut end) = (from, from);
        loop {
            match frames.next() {
                Some(Item::Damaged(_)) if end == from => {
                    (first, end) = (frames.reached(), frames.reached());
                }
                Some(Item::Frame(_)) => end = frames.reached(),
                Some(_) => break,
                None => {
                    end = frames.reached();
                    break;
                }
            }
        }
        if end == first {
            return false;
        }
        self.buffer.truncate((end - from) as usize);
        self.buffer.drain(..(first - from) as usize);
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
        for item in Frames::new(&self.buffer[self.at..], self.start + self.at as u64) {
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
