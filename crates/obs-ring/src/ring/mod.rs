//! A thread's ring: the newest records it committed, in memory that outlives the process.
//!
//! Positions count bytes since the ring was made and never wrap; the byte at position `p` lies at `p % capacity`. The
//! capacity is divided into blocks. A record never crosses the end of a block; one that is longer than half a block is
//! written as parts in consecutive blocks. Every block opens with an anchor (ticks, boot time, wall time), so that a
//! reader can begin at any block it finds.
//!
//! *Commit*: `head` is stored once per record, after all its bytes. What lies below `head` is complete; what lies above
//! was never promised. *Room*: the producer writes only where the consumer has been, so a record that was not refused
//! is never lost to a later one. Draining erases nothing: the newest records stay until their block is needed.
//!
//! *Check*: each record carries 32 bits over its words and its position. Neither a flipped bit nor a page of an earlier
//! lap passes for a record.

mod check;
mod consumer;
mod producer;
mod records;
mod shape;

pub use consumer::Consumer;
pub use producer::{Entry, Full, Producer, Pushed};
pub use records::{Item, Record, Records};
pub use shape::Shape;

use crate::header::{Header, Kind};
use crate::sync::Ordering;
use crate::{HeaderError, Identity, Memory, clock::TickSource};
use std::sync::Arc;

/// A ring's memory and the numbers that describe it; producers and consumers are made from it.
#[derive(Debug, Clone)]
pub struct Ring {
    memory: Arc<Memory>,
    shape: Shape,
    identity: Identity,
    source: u32,
}

/// What a ring is doing, as its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Nobody's, and never used.
    Fresh,
    /// A live thread of the process that made it writes to it.
    Live,
    /// Its thread has ended; it may be given to another.
    Exited,
    /// Kept for a forked child.
    Spare,
    /// A forked child writes to it.
    Child,
}

/// The thread that a ring belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owner {
    /// The thread's process.
    pub pid: u32,
    /// The thread's number in the system.
    pub tid: u32,
    /// The thread's name, or nothing; longer than 32 bytes is cut in the header.
    pub name: String,
}

impl Ring {
    /// Makes an empty ring in `memory`, which must be zeroed and of the size that `shape` asks for.
    ///
    /// # Errors
    ///
    /// [`HeaderError::Short`] when the memory is smaller than that.
    pub fn create(
        memory: Memory,
        shape: Shape,
        identity: Identity,
        source: TickSource,
    ) -> Result<Self, HeaderError> {
        if memory.len() * 8 < shape.file_bytes() {
            return Err(HeaderError::Short);
        }
        let header = Header {
            identity,
            capacity: shape.capacity(),
            block_bytes: shape.block_bytes() as u32,
            features: 0,
            tick_source: source.code(),
        };
        header.store(&memory, Kind::Ring);
        Ok(Self { memory: Arc::new(memory), shape, identity, source: source.code() })
    }

    /// Whether a file holds a ring that its process did not live to finish. No thread has had it.
    #[must_use]
    pub fn is_half_made(bytes: &[u8]) -> bool {
        Header::is_half_made(bytes)
    }

    /// Opens what a ring file held. Only its fixed header is trusted afterwards, and positions are checked where they
    /// are used.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] when the bytes are not a ring that this build can read.
    pub fn open(bytes: &[u8]) -> Result<Self, HeaderError> {
        let memory = Memory::from_bytes(bytes);
        let header = Header::load(&memory, Kind::Ring)?;
        let shape = Shape::new(header.capacity, u64::from(header.block_bytes))
            .ok_or(HeaderError::Geometry)?;
        Ok(Self {
            memory: Arc::new(memory),
            shape,
            identity: header.identity,
            source: header.tick_source,
        })
    }

    /// Whose ring it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Capacity and blocks.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The code of the tick source that its records were stamped with (see [`TickSource::code`]).
    #[must_use]
    pub fn source_code(&self) -> u32 {
        self.source
    }

    /// The memory, as another process would find it.
    #[must_use]
    pub fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }

    /// What the ring is doing now.
    #[must_use]
    pub fn state(&self) -> State {
        match self.memory[crate::header::STATE].load(Ordering::Acquire) as u8 {
            1 => State::Live,
            2 => State::Exited,
            3 => State::Spare,
            4 => State::Child,
            _ => State::Fresh,
        }
    }

    /// The thread that owns the ring, or owned it last.
    #[must_use]
    pub fn owner(&self) -> Owner {
        let ids = self.memory[crate::header::THREAD].load(Ordering::Relaxed);
        let mut name =
            [0; crate::header::THREAD_NAME.end * 8 - crate::header::THREAD_NAME.start * 8];
        self.memory.load_bytes(crate::header::THREAD_NAME.start, &mut name);
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        let name = String::from_utf8_lossy(&name[..end]).into_owned();
        Owner { pid: (ids >> 32) as u32, tid: ids as u32, name }
    }

    /// Takes the ring for a thread, going from state `from` to `to`. `None` when it is no longer in state `from`: of
    /// several that try, in one process or in several, one succeeds.
    #[must_use]
    pub fn claim(&self, from: State, to: State, owner: &Owner) -> Option<Producer> {
        self.claim_if(from, to, owner, |_| true)
    }

    /// Like [`Ring::claim`], if `may` says so of the process that claimed it last: its number, of which 24 bits are
    /// kept. Nobody else has claimed it since `may` was asked when this succeeds.
    #[must_use]
    pub fn claim_if(
        &self,
        from: State,
        to: State,
        owner: &Owner,
        may: impl FnOnce(u32) -> bool,
    ) -> Option<Producer> {
        let word = &self.memory[crate::header::STATE];
        let old = word.load(Ordering::Relaxed);
        let generation = (old >> 32).wrapping_add(1);
        if old as u8 != code(from) || !may(old as u32 >> 8) {
            return None;
        }
        // ordering: Acquire sees all that the owner before us stored; pairs with the Release in `set_state`.
        word.compare_exchange(
            old,
            generation << 32 | u64::from(owner.pid << 8) | u64::from(code(to)),
            Ordering::Acquire,
            Ordering::Relaxed,
        )
        .ok()?;
        self.memory[crate::header::THREAD]
            .store(u64::from(owner.pid) << 32 | u64::from(owner.tid), Ordering::Relaxed);
        let mut name = [0; 32];
        let length = floor_char_boundary(&owner.name, name.len());
        name[..length].copy_from_slice(&owner.name.as_bytes()[..length]);
        self.memory.store_bytes(crate::header::THREAD_NAME.start, &name);
        Some(Producer::new(self.clone()))
    }

    /// Puts the ring into another state, after everything that its owner did.
    pub fn set_state(&self, state: State) {
        let word = &self.memory[crate::header::STATE];
        let generation = word.load(Ordering::Relaxed) >> 32;
        word.store(generation << 32 | u64::from(code(state)), Ordering::Release);
    }

    /// Counts a record of `level` that was given up on. Any thread may call this, also beside
    /// [`Producer::count_refused`] for a ring that several threads share under a lock of their own.
    pub fn count_refused(&self, level: u8) {
        self.memory[crate::header::REFUSED + usize::from(level & 7)]
            .fetch_add(1, Ordering::Relaxed);
    }

    /// A consumer that begins at `position`, or at what was drained before when that is `None`.
    #[must_use]
    pub fn consumer(&self, position: Option<u64>) -> Consumer {
        Consumer::new(self.clone(), position)
    }
}

fn code(state: State) -> u8 {
    match state {
        State::Fresh => 0,
        State::Live => 1,
        State::Exited => 2,
        State::Spare => 3,
        State::Child => 4,
    }
}

fn floor_char_boundary(text: &str, max: usize) -> usize {
    (0..=max.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
