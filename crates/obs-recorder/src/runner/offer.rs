//! The records that a sink is offered at once.
use super::SinkState;
use crate::cursor::{Cursor, CursorFile};
use crate::health::Health;
use crate::journal::Reader;
use obs_core::Batch;
use obs_core::record::Record;
use std::collections::VecDeque;

/// Records of one batch.
const BATCH_RECORDS: usize = 8_192;

/// The records that a reader has filled in.
pub(super) struct Offer<'a> {
    reader: &'a mut Reader,
    left: usize,
    /// Up to this number, losses were counted before.
    counted_seq: u64,
    taken: u64,
    /// Losses that the journal has, by the number of the last record that is missing.
    missing: VecDeque<(u64, u64)>,
    /// Records that were refused, and are not in the cursor yet.
    refused: u64,
    progress: Progress<'a>,
}

/// How far the sink has come, for others to see while it is still at it.
pub(super) struct Progress<'a> {
    pub(super) cursor: Cursor,
    pub(super) file: &'a CursorFile,
    pub(super) state: &'a SinkState,
    pub(super) health: Option<&'a mut Health>,
}

/// What became of an offer.
pub(super) struct Done {
    /// Where the sink is for good.
    pub(super) cursor: Cursor,
    /// The records that it took, those included that are missing.
    pub(super) taken: u64,
    /// Records behind the cursor that it never got, or refused.
    pub(super) lost: u64,
}

impl<'a> Offer<'a> {
    pub(super) fn new(reader: &'a mut Reader, counted_seq: u64, progress: Progress<'a>) -> Self {
        Self {
            reader,
            left: BATCH_RECORDS,
            counted_seq,
            taken: 0,
            missing: VecDeque::new(),
            refused: 0,
            progress,
        }
    }

    pub(super) fn done(self) -> Done {
        let missing: u64 = self.missing.iter().map(|(_, records)| records).sum();
        Done { cursor: self.progress.cursor, taken: self.taken, lost: missing + self.refused }
    }
}

impl Batch for Offer<'_> {
    fn next(&mut self) -> Option<Record<'_>> {
        if self.left == 0 {
            return None;
        }
        let (first, last, is_missing) = self.reader.peek()?;
        self.left -= 1;
        let new = (last + 1).saturating_sub(first.max(self.counted_seq + 1));
        self.taken += new;
        if is_missing && new > 0 {
            self.missing.push_back((last, new));
        }
        self.reader.next()
    }

    fn settle(&mut self, seq: u64) {
        let cursor = &mut self.progress.cursor;
        if seq <= cursor.seq {
            return;
        }
        while let Some((_, records)) = self.missing.pop_front_if(|(last, _)| *last <= seq) {
            cursor.lost += records;
        }
        cursor.lost += std::mem::take(&mut self.refused);
        cursor.seq = seq;
        self.progress.state.publish(cursor);
        self.progress.file.note(*cursor);
    }

    fn keep_from(&mut self, seq: Option<u64>) {
        self.progress.cursor.keeps_from = seq.unwrap_or(0);
    }

    fn lose(&mut self, records: u64, why: &str) {
        self.refused += records;
        self.progress.state.refuse(records, why);
        if let Some(health) = &mut self.progress.health {
            health.tell_refused(self.progress.state);
        }
    }
}
