//! Where frames are taken from: the stage while they are there, else the segments.
use super::{CHUNK_BYTES, Fill, Next, OpenFile, Reader};
use crate::journal::segment::{Segment, Segments, checkpoint_position};
use obs_core::io::Open;
use obs_core::wire::Kind;
use obs_core::wire::frame::{FRAME_BYTES_MAX, Frames, Item};
use obs_ring::stage::Stage;
use std::io;

impl Reader {
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
        self.spare = std::mem::take(&mut self.buffer);
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
    pub(super) fn go_to_tail(&mut self, tail: u64) {
        (self.start, self.is_adrift) = (tail, false);
        self.join.forget_definitions();
    }

    /// Everything below is in segments, or never will be.
    pub(super) fn moved(&self) -> u64 {
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
        while self.start < head && self.scan(head, stage.is_live(), &mut copy).ok()? {
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
        let mut frames = Frames::again(&self.buffer, self.start);
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
            && self.scan(end, false, |from, to, out| {
                open.segment.read(open.file.as_mut(), from, (to - from) as usize, out).map(drop)
            })?;
        self.file = Some(open);
        Ok(has_frames)
    }

    /// Fills in the next whole frames between here and `end`, stepping over damage in front of them: its records then
    /// are missing. False, and nothing done, when there are none. Trusted frames are not checked.
    fn scan<E>(
        &mut self,
        end: u64,
        is_trusted: bool,
        mut read: impl FnMut(u64, u64, &mut Vec<u8>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let (mut from, mut wanted) = (self.start, CHUNK_BYTES);
        if self.buffer.capacity() == 0 {
            self.buffer = std::mem::take(&mut self.spare);
        }
        loop {
            let to = end.min(from.saturating_add(wanted));
            if let Err(error) = read(from, to, &mut self.buffer) {
                self.buffer.clear();
                return Err(error);
            }
            let is_all = to == end || (self.buffer.len() as u64) < to - from;
            if self.keep_frames(from, is_all, is_trusted) {
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
    pub(super) fn begin_segment(&mut self, segment: &Segment) -> io::Result<()> {
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
    fn keep_frames(&mut self, from: u64, is_all: bool, is_trusted: bool) -> bool {
        let frames = if is_all { Frames::new } else { Frames::open };
        let mut frames = frames(&self.buffer, from).trusted(is_trusted);
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
}
