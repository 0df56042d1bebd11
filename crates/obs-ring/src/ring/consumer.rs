//! The reading end of a ring.
use super::{Records, Ring};
use crate::header::{BUSY, DRAINED, HEAD, HEADER_WORDS, POSITION_END, REFUSED, TAIL};
use crate::sync::{Ordering, fence};

/// The only reader that makes room in a ring. A ring opened from a file's bytes is read in the same way.
#[derive(Debug)]
pub struct Consumer {
    ring: Ring,
    position: u64,
}

impl Consumer {
    pub(super) fn new(ring: Ring, position: Option<u64>) -> Self {
        let position = position.unwrap_or_else(|| ring.memory[DRAINED].load(Ordering::Relaxed));
        Self { ring, position }
    }

    /// The ring itself.
    #[must_use]
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// Up to here everything was released.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Everything below is committed.
    #[inline]
    #[must_use]
    pub fn head(&self) -> u64 {
        // ordering: Acquire pairs with the Release in `Producer::commit`: the bytes below `head` are visible.
        self.ring.memory[HEAD].load(Ordering::Acquire)
    }

    /// The start of the oldest block that is still whole.
    #[must_use]
    pub fn tail(&self) -> u64 {
        self.ring.memory[TAIL].load(Ordering::Relaxed)
    }

    /// Whether `head` and `tail` can be those of a ring: of one that was found as a file, nothing is to be read
    /// otherwise. A live ring that is read meanwhile may seem not to be sound for a moment.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let (tail, head, shape) = (self.tail(), self.head(), self.ring.shape);
        tail <= head
            && head - tail <= shape.capacity()
            && head < POSITION_END
            && head.is_multiple_of(8)
            && tail.is_multiple_of(shape.block_bytes())
    }

    /// Whether the producer is within a push, or has announced one.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.ring.memory[BUSY].load(Ordering::Acquire) != 0
    }

    /// What the producer refused so far, by level.
    #[must_use]
    pub fn refused(&self) -> [u64; 8] {
        std::array::from_fn(|level| self.ring.memory[REFUSED + level].load(Ordering::Relaxed))
    }

    /// Where reading must begin to know the context of what follows `position`: the start of its block, if it is whole.
    #[must_use]
    pub fn context_start(&self) -> u64 {
        let block = self.position / self.ring.shape.block_bytes() * self.ring.shape.block_bytes();
        block.max(self.tail()).min(self.position)
    }

    /// Copies the bytes from `from` to `to` into `buffer`, replacing what it held, and returns the records in them.
    /// `to` is a `head` that was read, or the start of a block below it. Positions that no ring can have give no
    /// records.
    pub fn read<'a>(&self, from: u64, to: u64, buffer: &'a mut Vec<u8>) -> Records<'a> {
        let shape = self.ring.shape;
        if from <= to && to - from <= shape.capacity() && (from | to).is_multiple_of(8) {
            // Not cleared before: all of it is overwritten, and what was there need not be zeroed again.
            buffer.resize((to - from) as usize, 0);
            let start = (from & (shape.capacity() - 1)) as usize;
            let first = buffer.len().min(shape.capacity() as usize - start);
            let (before_end, from_start) = buffer.split_at_mut(first);
            self.ring.memory.load_bytes(HEADER_WORDS + start / 8, before_end);
            self.ring.memory.load_bytes(HEADER_WORDS, from_start);
            // ordering: a `tail` that is read after this is at least that which was in force when the bytes were read;
            // pairs with the fence in `Producer::open_block`.
            fence(Ordering::Acquire);
        } else {
            buffer.clear();
        }
        Records::new(buffer, from, shape)
    }

    /// The furthest end for one [`Consumer::read`] from `from`, given a `head`: at most half the ring, cut at the
    /// start of a block.
    #[must_use]
    pub fn read_end(&self, from: u64, head: u64) -> u64 {
        let shape = self.ring.shape;
        let far = from + shape.capacity() / 2;
        if head <= far { head } else { far / shape.block_bytes() * shape.block_bytes() }
    }

    /// Gives everything below `position` back to the producer.
    pub fn release(&mut self, position: u64) {
        self.position = position;
        // ordering: Release: we have read all bytes below; pairs with the Acquire in `Producer::look`.
        self.ring.memory[DRAINED].store(position, Ordering::Release);
    }
}
