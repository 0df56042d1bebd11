//! Bodies of frames that the drain makes itself: losses, and positions of rings.
use crate::lost::LostReason;
use crate::value::Cursor;

/// Counts of all levels together, as far as 64 bits go: what a file says they are need not be so.
#[must_use]
pub fn total<'a>(counts: impl IntoIterator<Item = &'a u64>) -> u64 {
    counts.into_iter().fold(0, |total: u64, count| total.saturating_add(*count))
}

/// Records are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a format of version 1")]
pub struct Lost {
    /// Why.
    pub reason: LostReason,
    /// The ring whose thread refused them; `u32::MAX` for none.
    pub ring: u32,
    /// How many; 0 where that cannot be known.
    pub records: u64,
    /// The first of the missing records' numbers, if they had any, else 0.
    pub first_seq: u64,
    /// The last of them.
    pub last_seq: u64,
    /// How many of each level, where that is known.
    pub by_level: [u64; 8],
    /// All refusals of that ring that have been told, this one included: what a later one is counted from.
    pub refused: [u64; 8],
}

impl Lost {
    /// Length of the body in bytes.
    pub const BYTES: usize = 160;

    /// The body.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[0..4].copy_from_slice(&(self.reason as u32).to_le_bytes());
        bytes[4..8].copy_from_slice(&self.ring.to_le_bytes());
        let words = [self.records, self.first_seq, self.last_seq]
            .into_iter()
            .chain(self.by_level)
            .chain(self.refused);
        for (chunk, word) in bytes[8..].chunks_mut(8).zip(words) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Reads a body.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor { bytes };
        let (reason, ring) = (LostReason::from_number(cursor.u32()?), cursor.u32()?);
        let (records, first_seq, last_seq) = (cursor.u64()?, cursor.u64()?, cursor.u64()?);
        let mut levels = || {
            let mut levels = [0; 8];
            levels.iter_mut().try_for_each(|level| cursor.u64().map(|count| *level = count))?;
            Some(levels)
        };
        Some(Self {
            reason,
            ring,
            records,
            first_seq,
            last_seq,
            by_level: levels()?,
            refused: levels()?,
        })
    }
}

/// How far rings have been drained: pairs of ring and position.
#[derive(Debug, Clone, Copy)]
pub struct Positions;

impl Positions {
    /// Appends the body for these pairs.
    pub fn encode(out: &mut Vec<u8>, pairs: impl IntoIterator<Item = (u32, u64)>) {
        for (ring, position) in pairs {
            out.extend_from_slice(&u64::from(ring).to_le_bytes());
            out.extend_from_slice(&position.to_le_bytes());
        }
    }

    /// The pairs in a body.
    pub fn decode(bytes: &[u8]) -> impl Iterator<Item = (u32, u64)> {
        bytes.chunks_exact(16).filter_map(|pair| {
            let mut cursor = Cursor { bytes: pair };
            Some((cursor.u64()? as u32, cursor.u64()?))
        })
    }
}
