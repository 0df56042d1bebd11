//! Records in a range of a ring's bytes.
use super::Shape;
use super::check::Check;
use super::producer::{
    BIT_CONTEXT, BIT_MORE, BIT_PART, BITS_LEVEL, KIND_MIN, KIND_OPENING, KIND_PAD, OPENING_BYTES,
    RECORD_HEADER_BYTES, first_word,
};
use crate::clock::Anchor;

/// The records in a copied range of a ring. The parts of a record that began before the range are left out. Nothing
/// in the bytes is trusted: a word that does not open a record with a right check is stepped over until one does.
#[derive(Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    start: u64,
    at: usize,
    shape: Shape,
    joined: Vec<u8>,
    joining: Option<Joining>,
}

/// What comes next in a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item<'a> {
    /// A block begins: the context is empty from here on, and time is known anew.
    Opening(Anchor),
    /// A record.
    Record(Record<'a>),
    /// Bytes from the first position to the second that hold no whole record; one or more are lost there.
    Damaged(u64, u64),
}

/// A record as it lies in a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The position just behind it.
    pub end: u64,
    /// Its kind: 16 or more.
    pub kind: u8,
    /// Its level, 0 to 7.
    pub level: u8,
    /// When it happened.
    pub ticks: u64,
    /// The attributes in scope from here on; `None`: as before.
    pub context: Option<&'a [u8]>,
    /// The record itself: whole words, filled up with zeros.
    pub body: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
struct Joining {
    from: u64,
    kind: u8,
    bits: u8,
    ticks: u64,
}

/// One checked unit: a record, a part of one, an opening or a pad.
#[derive(Debug, Clone, Copy)]
struct Unit {
    bytes: usize,
    kind: u8,
    bits: u8,
    ticks: u64,
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8], start: u64, shape: Shape) -> Self {
        Self { bytes, start, at: 0, shape, joined: Vec::new(), joining: None }
    }

    /// Up to here all that was there has been returned. A record whose last part lies beyond the range is not counted.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.joining.map_or(self.start + self.at as u64, |joining| joining.from)
    }

    /// The next item, or `None` at the end of the range.
    #[expect(clippy::should_implement_trait, reason = "an item borrows from the reader")]
    pub fn next(&mut self) -> Option<Item<'_>> {
        loop {
            if self.at >= self.bytes.len() {
                return None;
            }
            let position = self.start + self.at as u64;
            let Some(unit) = self.unit(self.at) else {
                return Some(self.step_over(position));
            };
            let joins = unit.bits & BIT_PART != 0;
            let between_parts = matches!(unit.kind, KIND_OPENING | KIND_PAD);
            if !joins
                && !between_parts
                && let Some(joining) = self.joining.take()
            {
                return Some(Item::Damaged(joining.from, position));
            }
            let from = self.at;
            self.at += unit.bytes;
            match unit.kind {
                KIND_PAD => {}
                KIND_OPENING if self.joining.is_some() => {}
                KIND_OPENING => return Some(Item::Opening(self.anchor(from, unit.ticks))),
                _ if joins && self.joining.is_none() => {}
                _ if unit.bits & (BIT_PART | BIT_MORE) != 0 => {
                    if self.join(&unit, from) {
                        return Some(self.joined_record());
                    }
                }
                _ => {
                    let payload = &self.bytes[from + RECORD_HEADER_BYTES as usize..self.at];
                    let end = self.start + self.at as u64;
                    return Some(whole(payload, &unit, position, end));
                }
            }
        }
    }

    /// Reads and checks the unit at `at`, without believing its length until the check was right.
    fn unit(&self, at: usize) -> Option<Unit> {
        let word = |index: usize| {
            let chunk = self.bytes.get(at + index * 8..)?.first_chunk::<8>()?;
            Some(u64::from_le_bytes(*chunk))
        };
        let first = word(0)?;
        let (words, kind, bits) = (first as u16 as usize, (first >> 16) as u8, (first >> 24) as u8);
        let position = self.start + at as u64;
        let in_block = (self.shape.block_after(position) - position) as usize / 8;
        let is_possible = match kind {
            KIND_PAD => words == in_block,
            KIND_OPENING => {
                words * 8 == OPENING_BYTES as usize
                    && position.is_multiple_of(self.shape.block_bytes())
            }
            _ => kind >= KIND_MIN && words >= 2 && words <= in_block,
        };
        if !is_possible || at + words * 8 > self.bytes.len() {
            return None;
        }
        let top = first_word(words as u16, kind, bits);
        let (ticks, check) = if kind == KIND_PAD {
            let mut check = Check::new(position);
            check.word(top);
            (if words > 1 { word(1)? } else { 0 }, check.finish())
        } else {
            let ticks = word(1)?;
            let (body, _) = self.bytes[at + 16..at + words * 8].as_chunks::<8>();
            (ticks, Check::of_record(position, [top, ticks], body))
        };
        let is_right = check == (first >> 32) as u32;
        is_right.then_some(Unit { bytes: words * 8, kind, bits, ticks })
    }

    fn anchor(&self, from: usize, ticks: u64) -> Anchor {
        let word = |index: usize| {
            let chunk = self.bytes[from + index * 8..].first_chunk::<8>();
            chunk.map_or(0, |chunk| u64::from_le_bytes(*chunk))
        };
        Anchor { ticks, boot_ns: word(3), unix_ns: word(4) }
    }

    /// Adds a part; true when it was the last.
    fn join(&mut self, unit: &Unit, from: usize) -> bool {
        let payload = &self.bytes[from + RECORD_HEADER_BYTES as usize..self.at];
        if unit.bits & BIT_PART == 0 {
            self.joined.clear();
            let from = self.start + from as u64;
            self.joining =
                Some(Joining { from, kind: unit.kind, bits: unit.bits, ticks: unit.ticks });
        }
        self.joined.extend_from_slice(payload);
        unit.bits & BIT_MORE == 0
    }

    fn joined_record(&mut self) -> Item<'_> {
        let end = self.start + self.at as u64;
        let joining = self.joining.take();
        let joining = joining.unwrap_or(Joining { from: end, kind: 0, bits: 0, ticks: 0 });
        let unit = Unit { bytes: 0, kind: joining.kind, bits: joining.bits, ticks: joining.ticks };
        whole(&self.joined, &unit, joining.from, end)
    }

    /// Skips from a word that opens nothing to the next that does.
    fn step_over(&mut self, position: u64) -> Item<'_> {
        let from = self.joining.take().map_or(position, |joining| joining.from);
        self.at += 8;
        while self.at < self.bytes.len() && self.unit(self.at).is_none() {
            self.at += 8;
        }
        Item::Damaged(from, self.start + self.at as u64)
    }
}

/// Splits a whole payload into context and body.
fn whole<'a>(payload: &'a [u8], unit: &Unit, position: u64, end: u64) -> Item<'a> {
    let record = |context, body| {
        let level = unit.bits & BITS_LEVEL;
        Item::Record(Record { end, kind: unit.kind, level, ticks: unit.ticks, context, body })
    };
    if unit.bits & BIT_CONTEXT == 0 {
        return record(None, payload);
    }
    let split = payload.split_first_chunk::<8>().and_then(|(length, rest)| {
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        rest.split_at_checked(length)
    });
    split.map_or(Item::Damaged(position, end), |(context, body)| record(Some(context), body))
}
