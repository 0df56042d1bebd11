//! Where a reader begins, and what must be known there.
use super::refusals::Refusals;
use super::{Fill, Reader};
use crate::journal::segment::Segments;
use obs_core::join::Join;
use std::io;
use std::sync::Arc;

impl Reader {
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
            self.refusals = if seq == 0 { Refusals::none() } else { Refusals::default() };
            return Ok(());
        }
        self.refusals = Refusals::default();
        let Some(directory) = self.directory.clone() else { return Ok(()) };
        let (io, stage) = (Arc::clone(&self.io), self.stage.clone());
        if let Some(state) =
            Self::new(io, Some(directory), self.run_id, stage).state_at(position)?
        {
            self.join = state;
            // Of what lies between here and the record with that number, too, all was told: it is found out there.
            if self.join.last_seq() >= seq {
                self.refusals = Refusals::all_of(&self.join);
            }
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
}
