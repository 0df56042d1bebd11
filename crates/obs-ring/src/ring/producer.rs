//! The writing end of a ring.
use super::check::Check;
use super::{Ring, Shape, State};
use crate::clock::Anchor;
use crate::header::{BUSY, DRAINED, HEAD, HEADER_WORDS, REFUSED, TAIL};
use crate::sync::{Ordering, fence};

/// A record's header: word 0 (length, kind, bits, check) and the ticks.
pub(super) const RECORD_HEADER_BYTES: u64 = 16;
/// The record that opens a block: header, position, boot time, wall time.
pub(super) const OPENING_BYTES: u64 = 40;

pub(super) const KIND_PAD: u8 = 1;
pub(super) const KIND_OPENING: u8 = 2;
/// The smallest kind that the ring's users may use.
pub(super) const KIND_MIN: u8 = 16;

pub(super) const BITS_LEVEL: u8 = 0b0000_0111;
pub(super) const BIT_CONTEXT: u8 = 0b0010_0000;
/// The record goes on in the next block.
pub(super) const BIT_MORE: u8 = 0b0100_0000;
/// The record began in the block before.
pub(super) const BIT_PART: u8 = 0b1000_0000;

/// Words behind the newest record that are fetched for those to come; what lies before them was fetched for an earlier
/// one.
const FETCHED: std::ops::Range<usize> = 16..40;

/// The first level that may use the last eighth of a ring.
const LEVEL_URGENT: u8 = 4;

/// A record on its way into a ring. `context` and `body` are whole words long (multiples of 8 bytes).
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// What kind of record it is: 16 or more.
    pub kind: u8,
    /// Its level, 0 to 7. 4 (warn) and above may use the last eighth of the ring.
    pub level: u8,
    /// When it happened.
    pub ticks: u64,
    /// The attributes in scope, which the ring writes only where a reader would not know them.
    pub context: &'a [u8],
    /// Whether `context` differs from that of the record before it in this ring.
    pub context_changed: bool,
    /// The record itself; at most [`Shape::body_bytes_max`] together with the context.
    pub body: &'a [u8],
}

/// A record was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pushed {
    /// Nothing more to do.
    Quiet,
    /// The ring has just become three quarters full: the consumer wants waking.
    WakeConsumer,
}

/// There is no room: nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// The only writer of a ring.
#[derive(Debug)]
pub struct Producer {
    ring: Ring,
    /// Bytes committed; equal to the `head` word.
    head: u64,
    /// End of the block that `head` lies in.
    block_end: u64,
    /// The consumer's position as last seen; never ahead of it.
    drained: u64,
    /// Up to here a record can be written without looking at anything else.
    quick_end: u64,
    /// Where the ring is three quarters full.
    wake_at: u64,
    /// The open block does not tell the context of its last record: the next one does.
    context_unsaid: bool,
}

impl Producer {
    pub(super) fn new(ring: Ring) -> Self {
        let head = ring.memory[HEAD].load(Ordering::Relaxed);
        let block_end = ring.shape.block_at_or_after(head);
        let mut producer = Self {
            ring,
            head,
            block_end,
            drained: 0,
            quick_end: 0,
            wake_at: 0,
            context_unsaid: true,
        };
        producer.look();
        producer
    }

    /// The ring itself.
    #[must_use]
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// Writes and commits one record. Costs a copy and one store that other threads can see, unless a block opens.
    /// `anchor` is read then, once a block.
    ///
    /// # Errors
    ///
    /// [`Full`] when the consumer has not made room, or the record is longer than the ring takes.
    #[expect(
        clippy::inline_always,
        reason = "part of every record's path, and too long for a guess"
    )]
    #[inline(always)]
    pub fn push(
        &mut self,
        entry: &Entry<'_>,
        anchor: impl FnOnce() -> Anchor,
    ) -> Result<Pushed, Full> {
        let end = self.head + RECORD_HEADER_BYTES + entry.body.len() as u64;
        if entry.context_changed || end > self.quick_end {
            return self.push_slowly(*entry, anchor);
        }
        self.write_body(Top::of(entry), entry.body);
        self.commit();
        Ok(Pushed::Quiet)
    }

    /// Counts a record of `level` that the caller gave up on. The count is in the header, so it outlives the process.
    pub fn count_refused(&self, level: u8) {
        self.ring.count_refused(level);
    }

    /// All that [`Producer::count_refused`] ever counted in this ring, by level.
    #[must_use]
    pub fn refused(&self) -> [u64; 8] {
        std::array::from_fn(|level| self.ring.memory[REFUSED + level].load(Ordering::Relaxed))
    }

    /// How far the consumer is.
    #[must_use]
    pub fn drained(&self) -> u64 {
        self.ring.memory[DRAINED].load(Ordering::Relaxed)
    }

    /// Says that the owner is between looking whether it may write and having written; see [`crate::fork`] and the
    /// closing of a run. A plain store: whoever wants to rely on it makes the other side pay for the ordering.
    #[inline]
    pub fn set_busy(&self, busy: bool) {
        self.ring.memory[BUSY].store(u64::from(busy), Ordering::Relaxed);
    }

    /// Whether the owner is within a push, as it sees it itself (a signal handler asks).
    #[inline]
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.ring.memory[BUSY].load(Ordering::Relaxed) != 0
    }

    #[cold]
    fn push_slowly(
        &mut self,
        entry: Entry<'_>,
        anchor: impl FnOnce() -> Anchor,
    ) -> Result<Pushed, Full> {
        let entry = &entry;
        let shape = self.ring.shape;
        if entry.context.len() + entry.body.len() > shape.body_bytes_max() {
            return Err(Full);
        }
        self.look();
        let with_context = entry.context_changed || self.context_unsaid;
        let end_here = self.head + RECORD_HEADER_BYTES + payload_bytes(entry, with_context);
        let parts = parts_in_new_blocks(shape, payload_bytes(entry, !entry.context.is_empty()));
        let stays = end_here <= self.block_end;
        let end = if stays { end_here } else { self.block_end + parts * shape.block_bytes() };
        if end - self.drained > self.allowed(entry.level) {
            return Err(Full);
        }
        if stays {
            self.write_whole(entry, with_context);
            self.context_unsaid = false;
        } else {
            self.write_in_new_blocks(entry, &anchor(), parts);
        }
        self.commit();
        Ok(self.judge_fill())
    }

    fn allowed(&self, level: u8) -> u64 {
        let capacity = self.ring.shape.capacity();
        if level >= LEVEL_URGENT { capacity } else { capacity - capacity / 8 }
    }

    /// Reads how far the consumer is, and sets the bounds of the quick path by it.
    fn look(&mut self) {
        // ordering: Acquire pairs with the Release in `Consumer::release`: the consumer has read what we now overwrite.
        let drained = self.ring.memory[DRAINED].load(Ordering::Acquire);
        self.drained = drained.clamp(self.drained, self.head);
        let capacity = self.ring.shape.capacity();
        self.wake_at = self.drained + capacity / 4 * 3;
        let informal_end = self.drained + capacity - capacity / 8;
        let quick_end = self.block_end.min(self.wake_at).min(informal_end);
        self.quick_end = if self.context_unsaid { 0 } else { quick_end };
    }

    /// Tells the crossing of three quarters once, then again only after another block.
    fn judge_fill(&mut self) -> Pushed {
        self.look();
        let crossed = self.head >= self.wake_at;
        if crossed && !self.context_unsaid {
            self.quick_end = self.block_end.min(self.drained + self.allowed(0));
        }
        if crossed { Pushed::WakeConsumer } else { Pushed::Quiet }
    }

    fn write_in_new_blocks(&mut self, entry: &Entry<'_>, anchor: &Anchor, parts: u64) {
        let with_context = !entry.context.is_empty();
        self.open_block(anchor);
        self.context_unsaid = parts > 1 && with_context;
        if parts == 1 {
            return self.write_whole(entry, with_context);
        }
        let mut payload = Payload::new(entry, with_context);
        for part in 0..parts {
            if part > 0 {
                self.open_block(anchor);
            }
            let room = (self.block_end - self.head - RECORD_HEADER_BYTES) as usize;
            let (bits, words) = (payload.bits(part), payload.left().min(room) / 8);
            let bits = if words * 8 < payload.left() { bits | BIT_MORE } else { bits };
            let top = Top::of(entry);
            self.write_record(Top { bits: top.bits | bits, ..top }, words, || payload.next());
        }
    }

    /// Fills the open block up and opens the next one.
    fn open_block(&mut self, anchor: &Anchor) {
        let start = self.block_end;
        self.pad_to(start);
        self.block_end = start + self.ring.shape.block_bytes();
        let oldest = self.block_end.saturating_sub(self.ring.shape.capacity());
        self.ring.memory[TAIL].store(oldest, Ordering::Relaxed);
        // ordering: whoever sees a byte of the new block also sees that the old one is gone; pairs with reading `tail`
        // after the bytes.
        fence(Ordering::Release);
        let mut words = [start, anchor.boot_ns, anchor.unix_ns].into_iter();
        let top = Top { kind: KIND_OPENING, bits: 0, ticks: anchor.ticks };
        self.write_record(top, 3, || words.next().unwrap_or(0));
    }

    fn pad_to(&mut self, end: u64) {
        let words = (end - self.head) / 8;
        if words > 0 {
            let mut check = Check::new(self.head);
            let first = first_word(words as u16, KIND_PAD, 0);
            check.word(first);
            self.store(self.head, first | u64::from(check.finish()) << 32);
            self.head = end;
        }
    }

    fn write_whole(&mut self, entry: &Entry<'_>, with_context: bool) {
        let mut top = Top::of(entry);
        if !with_context {
            return self.write_body(top, entry.body);
        }
        let mut payload = Payload::new(entry, true);
        let count = payload.left() / 8;
        top.bits |= BIT_CONTEXT;
        self.write_record(top, count, || payload.next());
    }

    /// As [`Producer::write_record`], of words that lie there one after the other.
    #[expect(
        clippy::inline_always,
        reason = "part of every record's path, and too long for a guess"
    )]
    #[inline(always)]
    fn write_body(&mut self, top: Top, body: &[u8]) {
        let (body, _) = body.as_chunks::<8>();
        let words = body.len();
        let first = first_word((words + 2) as u16, top.kind, top.bits);
        let at = self.index(self.head);
        let record = &self.ring.memory[at..at + 2 + words];
        let check = Check::store_record(self.head, [first, top.ticks], body, &record[2..]);
        record[1].store(top.ticks, Ordering::Relaxed);
        record[0].store(first | u64::from(check) << 32, Ordering::Relaxed);
        self.head += (words as u64 + 2) * 8;
    }

    #[inline]
    fn write_record(&mut self, top: Top, words: usize, mut next: impl FnMut() -> u64) {
        let first = first_word((words + 2) as u16, top.kind, top.bits);
        let mut check = Check::new(self.head);
        check.word(first);
        check.word(top.ticks);
        let at = self.index(self.head);
        self.ring.memory[at + 1].store(top.ticks, Ordering::Relaxed);
        for slot in &self.ring.memory[at + 2..at + 2 + words] {
            let word = next();
            check.word(word);
            slot.store(word, Ordering::Relaxed);
        }
        self.ring.memory[at].store(first | u64::from(check.finish()) << 32, Ordering::Relaxed);
        self.head += (words as u64 + 2) * 8;
    }

    #[inline]
    fn commit(&self) {
        // ordering: Release publishes every word of the record; pairs with the Acquire in `Consumer::head`.
        self.ring.memory[HEAD].store(self.head, Ordering::Release);
        // The consumer has read what stands there, on another processor as a rule.
        let next = self.index(self.head);
        self.ring.memory.expect_stores(next + FETCHED.start..next + FETCHED.end);
    }

    #[inline]
    fn index(&self, position: u64) -> usize {
        HEADER_WORDS + (position & (self.ring.shape.capacity() - 1)) as usize / 8
    }

    #[inline]
    fn store(&self, position: u64, word: u64) {
        self.ring.memory[self.index(position)].store(word, Ordering::Relaxed);
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        if self.ring.state() == State::Live {
            self.ring.set_state(State::Exited);
        }
    }
}

/// What a record's first two words say besides its length and check.
#[derive(Clone, Copy)]
struct Top {
    kind: u8,
    bits: u8,
    ticks: u64,
}

impl Top {
    #[inline]
    fn of(entry: &Entry<'_>) -> Self {
        Self { kind: entry.kind, bits: entry.level & BITS_LEVEL, ticks: entry.ticks }
    }
}

/// Bits 0 to 31 of a record's first word: length in words, kind, level and flags. The check goes above.
#[inline]
pub(super) fn first_word(words: u16, kind: u8, bits: u8) -> u64 {
    u64::from(words) | u64::from(kind) << 16 | u64::from(bits) << 24
}

#[inline]
fn payload_bytes(entry: &Entry<'_>, with_context: bool) -> u64 {
    let context = if with_context { 8 + entry.context.len() } else { 0 };
    (context + entry.body.len()) as u64
}

/// How many blocks a record takes that does not fit the open one.
fn parts_in_new_blocks(shape: Shape, payload: u64) -> u64 {
    payload.div_ceil(shape.block_bytes() - OPENING_BYTES - RECORD_HEADER_BYTES).max(1)
}

/// The words of a record's payload, one after the other: length of the context, context, body.
struct Payload<'a> {
    context: Option<&'a [u8]>,
    length_given: bool,
    rest: [&'a [u8]; 2],
}

impl<'a> Payload<'a> {
    fn new(entry: &Entry<'a>, with_context: bool) -> Self {
        let context = with_context.then_some(entry.context);
        Self { context, length_given: !with_context, rest: [context.unwrap_or(&[]), entry.body] }
    }

    fn left(&self) -> usize {
        self.rest[0].len() + self.rest[1].len() + if self.length_given { 0 } else { 8 }
    }

    fn bits(&self, part: u64) -> u8 {
        let context = if self.context.is_some() { BIT_CONTEXT } else { 0 };
        if part == 0 { context } else { BIT_PART }
    }

    fn next(&mut self) -> u64 {
        if !self.length_given {
            self.length_given = true;
            return self.rest[0].len() as u64;
        }
        let source = usize::from(self.rest[0].is_empty());
        let Some((word, rest)) = self.rest[source].split_first_chunk::<8>() else {
            return 0;
        };
        self.rest[source] = rest;
        u64::from_le_bytes(*word)
    }
}
