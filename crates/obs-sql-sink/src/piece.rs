//! Rows of records that follow on one another, and what makes them.
use crate::render::{Renderer, RunChange};
use crate::rows::Rows;
use obs_core::{Batch, UnixNanos};

/// Rows of a few records.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) rows: Rows,
    /// What the records say of their run.
    pub(crate) change: RunChange,
    /// The number of the last record; `None` as long as there is none.
    pub(crate) last: Option<u64>,
    records: usize,
}

/// A piece holds no more than this, but for one record.
const RECORDS_MAX: usize = 1_024;
const BYTES_MAX: usize = 512 << 10;
/// So many records are taken before somebody else has a turn.
const TURN: usize = 32;

/// Where pieces come from.
pub(crate) struct Feed<'a> {
    pub(crate) batch: &'a mut dyn Batch,
    pub(crate) renderer: &'a mut Renderer,
    /// Records up to this number have been dealt with.
    pub(crate) from: u64,
    /// The time of the newest record.
    pub(crate) newest: &'a mut UnixNanos,
    /// Whether there are no more.
    pub(crate) is_over: bool,
    /// Pieces that were used before, kept for their memory.
    pub(crate) spare: &'a mut Vec<Piece>,
}

/// So many pieces are kept.
const SPARE_MAX: usize = 16;

impl Piece {
    fn clear(&mut self) {
        self.rows.clear();
        (self.change, self.last, self.records) = (RunChange::default(), None, 0);
    }

    fn is_full(&self) -> bool {
        self.records >= RECORDS_MAX || self.rows.bytes() >= BYTES_MAX
    }
}

impl Feed<'_> {
    /// A piece without records.
    pub(crate) fn fresh(&mut self) -> Piece {
        self.spare.pop().unwrap_or_default()
    }

    /// A piece of the next records.
    pub(crate) fn next(&mut self) -> Piece {
        let mut piece = self.fresh();
        while self.add_to(&mut piece) {}
        piece
    }

    /// Adds a few records to a piece. False when it is full, or there are no more.
    pub(crate) fn add_to(&mut self, piece: &mut Piece) -> bool {
        for _ in 0..TURN {
            if self.is_over || piece.is_full() {
                return false;
            }
            let Some(record) = self.batch.next() else {
                self.is_over = true;
                return false;
            };
            piece.last = Some(record.seq);
            piece.records += 1;
            *self.newest = (*self.newest).max(record.time);
            if record.seq > self.from {
                self.renderer.add(&record, &mut piece.rows, &mut piece.change);
            }
        }
        true
    }

    /// Takes pieces back for their memory.
    pub(crate) fn give_back(&mut self, pieces: impl IntoIterator<Item = Piece>) {
        for mut piece in pieces {
            piece.clear();
            if self.spare.len() < SPARE_MAX {
                self.spare.push(piece);
            }
        }
    }
}
