//! The rings of a run: one for each thread, used again when a thread ends; a few shared ones for whoever finds none.
use crate::place::Place;
use obs_ring::Identity;
use obs_ring::clock::TickSource;
use obs_ring::ring::{Owner, Producer, Ring, Shape, State};
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, TryLockError};

/// Rings that several threads share.
const SHARED_RINGS: usize = 4;
const SHARED_RING_BYTES: u64 = 1 << 20;
/// Rings that are kept for forked children.
const SPARE_RINGS: usize = 4;
/// How often a shared ring's lock is tried before the record is counted as lost.
const SHARED_TRIES: u32 = 2_000;

/// The rings of a run.
#[derive(Debug)]
pub(crate) struct Pool {
    place: Place,
    shape: Shape,
    identity: Identity,
    source: TickSource,
    rings_max: usize,
    state: Mutex<Rings>,
    news: AtomicBool,
    shared: [OnceLock<Shared>; SHARED_RINGS],
    spares: OnceLock<Vec<Ring>>,
}

#[derive(Debug, Default)]
struct Rings {
    /// All rings that were made, those for threads first come first served.
    made: Vec<Ring>,
    /// Rings whose threads have ended, longest ago first.
    exited: VecDeque<Ring>,
    /// Rings that the drain has not been told of.
    unannounced: Vec<Ring>,
    own: usize,
}

/// A ring that several threads write to, one at a time.
#[derive(Debug)]
pub(crate) struct Shared {
    ring: Ring,
    writer: Mutex<SharedWriter>,
}

/// The right to write to a shared ring.
#[derive(Debug)]
pub(crate) struct SharedWriter {
    pub(crate) producer: Producer,
    /// The thread that the journal knows as the ring's.
    pub(crate) tid: u32,
}

impl Pool {
    pub(crate) fn new(
        place: Place,
        shape: Shape,
        identity: Identity,
        source: TickSource,
        rings_max: usize,
    ) -> Self {
        Self {
            place,
            shape,
            identity,
            source,
            rings_max,
            state: Mutex::default(),
            news: AtomicBool::new(false),
            shared: Default::default(),
            spares: OnceLock::new(),
        }
    }

    /// The shape of a thread's ring.
    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    /// A ring for a thread: that of a thread that has ended, or a new one. `None` when there are as many as there may
    /// be, or the place is full.
    pub(crate) fn acquire(&self, owner: &Owner) -> Option<Producer> {
        let mut rings = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(ring) = rings.exited.pop_front() {
            if let Some(producer) = ring.claim(State::Exited, State::Live, owner) {
                return Some(producer);
            }
        }
        if rings.own >= self.rings_max {
            return None;
        }
        let ring = self.make(&mut rings, self.shape, State::Fresh)?;
        rings.own += 1;
        ring.claim(State::Fresh, State::Live, owner)
    }

    /// Takes the ring of a thread that has ended.
    pub(crate) fn release(&self, producer: Producer) {
        let ring = producer.ring().clone();
        drop(producer);
        self.state.lock().unwrap_or_else(PoisonError::into_inner).exited.push_back(ring);
    }

    /// Makes what is needed when it is too late to make it: a shared ring, and rings for forked children.
    pub(crate) fn prepare(&self) {
        self.spares.get_or_init(|| {
            let mut rings = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (0..SPARE_RINGS)
                .map_while(|_| self.make(&mut rings, self.shape, State::Spare))
                .collect()
        });
        self.shared(0);
    }

    /// A ring for a forked child, which may take no lock and allocate no memory.
    pub(crate) fn acquire_in_child(&self, owner: &Owner) -> Option<Producer> {
        let spares = self.spares.get()?;
        let spare = spares.iter().find_map(|ring| ring.claim(State::Spare, State::Child, owner));
        spare.or_else(|| {
            let claim = |ring: &Ring| ring.claim_if(State::Child, State::Child, owner, is_gone);
            spares.iter().find_map(claim)
        })
    }

    /// Takes the rings of forked children that have ended back: one that was killed within a push says for ever that
    /// it is.
    pub(crate) fn take_orphans_back(&self) {
        for ring in self.spares.get().into_iter().flatten() {
            let owner = Owner::default();
            if let Some(producer) = ring.claim_if(State::Child, State::Spare, &owner, is_gone) {
                producer.set_busy(false);
            }
        }
    }

    /// Rings that were made since this was asked last.
    pub(crate) fn take_news(&self) -> Vec<Ring> {
        if !self.news.swap(false, Ordering::Acquire) {
            return Vec::new();
        }
        std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).unannounced)
    }

    /// All rings.
    pub(crate) fn all(&self) -> Vec<Ring> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).made.clone()
    }

    /// One of the shared rings. It is on the heap if the place is full.
    pub(crate) fn shared(&self, index: usize) -> &Shared {
        self.shared[index % SHARED_RINGS].get_or_init(|| {
            let shape = Shape::with_capacity(SHARED_RING_BYTES).unwrap_or(self.shape);
            let mut rings = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let made = self.make(&mut rings, shape, State::Fresh);
            let ring = made.unwrap_or_else(|| self.make_on_heap(&mut rings));
            let producer = loop {
                if let Some(producer) = ring.claim(State::Fresh, State::Live, &Owner::default()) {
                    break producer;
                }
            };
            Shared { ring, writer: Mutex::new(SharedWriter { producer, tid: 0 }) }
        })
    }

    fn make(&self, rings: &mut Rings, shape: Shape, state: State) -> Option<Ring> {
        let number = rings.made.len() as u32;
        let memory =
            self.place.memory(|directory| directory.ring(number), shape.file_bytes()).ok()?;
        self.announce(
            rings,
            Ring::create(memory, shape, self.identity(number), self.source).ok()?,
            state,
        )
    }

    fn make_on_heap(&self, rings: &mut Rings) -> Ring {
        let memory = obs_ring::Memory::heap(self.shape.file_bytes());
        let identity = self.identity(rings.made.len() as u32);
        let made = Ring::create(memory, self.shape, identity, self.source).ok();
        let announced = made.and_then(|ring| self.announce(rings, ring, State::Fresh));
        announced.unwrap_or_else(|| unreachable!("memory of the shape's own size holds a ring"))
    }

    fn identity(&self, number: u32) -> Identity {
        Identity { number, ..self.identity }
    }

    fn announce(&self, rings: &mut Rings, ring: Ring, state: State) -> Option<Ring> {
        ring.set_state(state);
        rings.made.push(ring.clone());
        rings.unannounced.push(ring.clone());
        self.news.store(true, Ordering::Release);
        Some(ring)
    }
}

/// Whether a process has ended.
fn is_gone(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_none_or(|pid| test_kill_process(pid) == Err(Errno::SRCH))
}

impl Shared {
    /// Counts a record that no ring could take; any thread may.
    pub(crate) fn count_refused(&self, level: u8) {
        self.ring.count_refused(level);
    }

    /// Calls `body` with the right to write, or counts a record of `level` as refused when that is not to be had in
    /// time.
    pub(crate) fn write(&self, level: u8, body: impl FnOnce(&mut SharedWriter) -> bool) -> bool {
        for _ in 0..SHARED_TRIES {
            match self.writer.try_lock() {
                Ok(mut writer) => return body(&mut writer),
                Err(TryLockError::Poisoned(writer)) => return body(&mut writer.into_inner()),
                Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
            }
        }
        self.ring.count_refused(level);
        false
    }
}
