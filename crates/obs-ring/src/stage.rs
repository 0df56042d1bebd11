//! A run's stage: the newest frames, written by one thread and read by many, in memory that outlives the process.
//!
//! Positions count bytes of the run's whole journal and never wrap; the byte at position `p` lies at `p % capacity`.
//! The writer publishes batches: everything below `head` is complete, everything from `tail` on is not yet overwritten.
//! A reader that is overtaken while it copies learns so, and has copied nothing.
use crate::header::{HEAD, HEADER_BYTES, HEADER_WORDS, Header, Kind, POSITION_END, TAIL};
use crate::sync::{Ordering, fence};
use crate::{HeaderError, Identity, Memory};
use std::sync::Arc;

/// How far the journal's writer has come, in a word of its own so that another process can see it.
const MOVED: usize = 96;
/// How far the journal's writer has copied, likewise.
const HELD: usize = 97;

/// A stage's memory. Clones share it.
#[derive(Debug, Clone)]
pub struct Stage {
    memory: Arc<Memory>,
    capacity: u64,
    identity: Identity,
    is_live: bool,
}

/// A read that came too late: the bytes from here to `tail` are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lapped {
    /// The oldest position that can still be read.
    pub tail: u64,
}

impl Stage {
    /// Bytes of the file or memory that holds a stage of `capacity` bytes.
    #[must_use]
    pub const fn file_bytes(capacity: u64) -> usize {
        HEADER_BYTES + capacity as usize
    }

    /// Makes a stage in `memory` (zeroed, of the right size) whose first byte has the position `start`.
    ///
    /// # Errors
    ///
    /// [`HeaderError::Geometry`] unless `capacity` is a power of two of 4 KiB to 4 GiB and `start` a multiple of 8;
    /// [`HeaderError::Short`] when the memory is too small.
    pub fn create(
        memory: Memory,
        capacity: u64,
        identity: Identity,
        start: u64,
    ) -> Result<Self, HeaderError> {
        if !is_capacity(capacity) || !start.is_multiple_of(8) {
            return Err(HeaderError::Geometry);
        }
        if memory.len() * 8 < Self::file_bytes(capacity) {
            return Err(HeaderError::Short);
        }
        for word in [HEAD, TAIL, MOVED, HELD] {
            memory[word].store(start, Ordering::Relaxed);
        }
        Header { identity, capacity, block_bytes: 0, features: 0, tick_source: 0 }
            .store(&memory, Kind::Stage);
        Ok(Self { memory: Arc::new(memory), capacity, identity, is_live: true })
    }

    /// Opens what a stage file held.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] when the bytes are not a stage that this build can read, or its positions cannot be.
    pub fn open(bytes: &[u8]) -> Result<Self, HeaderError> {
        let memory = Memory::from_bytes(bytes);
        let header = Header::load(&memory, Kind::Stage)?;
        let [tail, head] = [TAIL, HEAD].map(|word| memory[word].load(Ordering::Relaxed));
        if !is_capacity(header.capacity)
            || tail > head
            || head - tail > header.capacity
            || head >= POSITION_END
            || !(head | tail).is_multiple_of(8)
        {
            return Err(HeaderError::Geometry);
        }
        let (capacity, identity) = (header.capacity, header.identity);
        Ok(Self { memory: Arc::new(memory), capacity, identity, is_live: false })
    }

    /// Whose stage it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether it was made here, and not found.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.is_live
    }

    /// Bytes that the stage holds.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// The memory, as another process would find it.
    #[must_use]
    pub fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }

    /// Everything below is complete.
    #[must_use]
    pub fn head(&self) -> u64 {
        // ordering: Acquire pairs with the Release in `Writer::commit`.
        self.memory[HEAD].load(Ordering::Acquire)
    }

    /// Everything below is gone, or about to go.
    #[must_use]
    pub fn tail(&self) -> u64 {
        self.memory[TAIL].load(Ordering::Relaxed)
    }

    /// How far the journal's writer has come.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.memory[MOVED].load(Ordering::Acquire)
    }

    /// Notes how far the journal's writer has come.
    pub fn set_moved(&self, position: u64) {
        self.memory[MOVED].store(position, Ordering::Release);
    }

    /// Everything below was moved, or is held by the journal's writer until it can be, at some time since.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.memory[HELD].load(Ordering::Acquire)
    }

    /// Notes how far the journal's writer has copied. It never goes back.
    pub fn set_held(&self, position: u64) {
        self.memory[HELD].store(position.max(self.held()), Ordering::Release);
    }

    /// Copies the bytes from `from` to `to` to `out`, replacing what it held. `to` is at most a `head` that was read.
    ///
    /// # Errors
    ///
    /// [`Lapped`] when some of them were overwritten before the copy ended; `out` is then empty.
    pub fn copy(&self, from: u64, to: u64, out: &mut Vec<u8>) -> Result<(), Lapped> {
        if self.tail() <= from && from <= to && to - from <= self.capacity {
            // Not cleared before: all of it is overwritten, and what was there need not be zeroed again.
            out.resize((to - from) as usize, 0);
            let start = (from & (self.capacity - 1)) as usize;
            let first = out.len().min(self.capacity as usize - start);
            let (before_end, from_start) = out.split_at_mut(first);
            self.memory.load_bytes(HEADER_WORDS + start / 8, before_end);
            self.memory.load_bytes(HEADER_WORDS, from_start);
            // ordering: if a byte above was already that of a later lap, the `tail` below is too; pairs with the
            // fence in `Writer::make_room`.
            fence(Ordering::Acquire);
            if self.tail() <= from {
                return Ok(());
            }
        }
        out.clear();
        Err(Lapped { tail: self.tail() })
    }

    /// The writing end. There must be one only.
    #[must_use]
    pub fn writer(&self) -> Writer {
        let head = self.head();
        Writer { stage: self.clone(), head, tail: self.tail() }
    }
}

/// The only writer of a stage.
#[derive(Debug)]
pub struct Writer {
    stage: Stage,
    head: u64,
    tail: u64,
}

impl Writer {
    /// The position that the next byte gets.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head
    }

    /// The oldest position that is still there.
    #[must_use]
    pub fn tail(&self) -> u64 {
        self.tail
    }

    /// Bytes that the stage holds.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        self.stage.capacity
    }

    /// Bytes that can be appended before something must go.
    #[must_use]
    pub fn room(&self) -> u64 {
        self.stage.capacity - (self.head - self.tail)
    }

    /// Whether a part of the stage would not outlive the process; see [`Memory::shortage`].
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.stage.memory.is_short()
    }

    /// How far the journal's writer has come.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.stage.moved()
    }

    /// The word at `position`, which lies between tail and head.
    #[must_use]
    pub fn word_at(&self, position: u64) -> u64 {
        let at = HEADER_WORDS + (position & (self.stage.capacity - 1)) as usize / 8;
        self.stage.memory[at].load(Ordering::Relaxed)
    }

    /// Gives up everything below `tail`, which must be the start of a frame.
    pub fn make_room(&mut self, tail: u64) {
        self.tail = tail.clamp(self.tail, self.head);
        self.stage.memory[TAIL].store(self.tail, Ordering::Relaxed);
        // ordering: whoever sees a byte that is stored from now on also sees this `tail`; pairs with the fence in
        // `Stage::copy`.
        fence(Ordering::Release);
    }

    /// Appends whole words and publishes them, all at once. False, and nothing done, when there is no room.
    #[must_use]
    pub fn append(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() as u64 > self.room() || !bytes.len().is_multiple_of(8) {
            return false;
        }
        let start = (self.head & (self.stage.capacity - 1)) as usize;
        let first = bytes.len().min(self.stage.capacity as usize - start);
        self.stage.memory.provide(HEADER_BYTES + start + first);
        self.stage.memory.store_bytes(HEADER_WORDS + start / 8, &bytes[..first]);
        self.stage.memory.store_bytes(HEADER_WORDS, &bytes[first..]);
        self.head += bytes.len() as u64;
        // ordering: Release publishes the bytes; pairs with the Acquire in `Stage::head`.
        self.stage.memory[HEAD].store(self.head, Ordering::Release);
        true
    }
}

fn is_capacity(capacity: u64) -> bool {
    capacity.is_power_of_two() && (4096..=1 << 32).contains(&capacity)
}
