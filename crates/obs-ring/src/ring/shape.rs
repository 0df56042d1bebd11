//! Capacity and blocks of a ring.
use crate::header::HEADER_BYTES;

/// Blocks of a ring made by [`Shape::with_capacity`].
const BLOCKS: u64 = 16;
/// The smallest block that can hold its opening record and one more.
const BLOCK_BYTES_MIN: u64 = 128;

/// Capacity and block size of a ring, both powers of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    capacity: u64,
    block_bytes: u64,
}

impl Shape {
    /// A ring of `capacity` bytes in 16 blocks. `None` unless `capacity` is a power of two of at least 2 KiB.
    #[must_use]
    pub fn with_capacity(capacity: u64) -> Option<Self> {
        Self::new(capacity, capacity / BLOCKS)
    }

    /// A ring of `capacity` bytes in blocks of `block_bytes`. `None` unless both are powers of two, with at least two
    /// blocks of 128 bytes to 256 KiB.
    #[must_use]
    pub fn new(capacity: u64, block_bytes: u64) -> Option<Self> {
        let right = capacity.is_power_of_two()
            && block_bytes.is_power_of_two()
            && (BLOCK_BYTES_MIN..=256 << 10).contains(&block_bytes)
            && (2 * block_bytes..=1 << 32).contains(&capacity);
        right.then_some(Self { capacity, block_bytes })
    }

    /// Bytes of records that the ring holds.
    #[must_use]
    pub fn capacity(self) -> u64 {
        self.capacity
    }

    /// Bytes of one block.
    #[must_use]
    pub fn block_bytes(self) -> u64 {
        self.block_bytes
    }

    /// Bytes of the file or memory that holds such a ring.
    #[must_use]
    pub fn file_bytes(self) -> usize {
        HEADER_BYTES + self.capacity as usize
    }

    /// The longest body that a ring of this shape takes: five sixteenths of its capacity.
    #[must_use]
    pub fn body_bytes_max(self) -> usize {
        (self.capacity / 16 * 5) as usize
    }

    /// The start of the block after the one that `position` lies in, or `position` itself at the start of one.
    pub(super) fn block_at_or_after(self, position: u64) -> u64 {
        position.next_multiple_of(self.block_bytes)
    }

    /// The start of the first block after `position`.
    pub(super) fn block_after(self, position: u64) -> u64 {
        (position / self.block_bytes + 1) * self.block_bytes
    }
}
