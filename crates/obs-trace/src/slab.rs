//! Open spans as `tracing` names them: slots that are used again, each use with a generation of its own.
use crate::stack::Around;
use obs_core::Level;
use obs_core::wire::body::{SpanFlags, SpanRef};
use obs_core::{SpanId, TraceId};
use obs_recorder::emit::Started;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

/// Slots of one chunk, and chunks in all: a million open spans.
const CHUNK_SLOTS: usize = 1024;
const CHUNKS: usize = 1024;
/// Free slots that a thread keeps, and how many it takes or gives at once.
const FREE_KEPT: usize = 64;
const FREE_MOVED: usize = 32;

/// The part of a slot's state that counts holders.
const HOLDERS: u64 = 0xffff_ffff;

const NOT_SAMPLED: u32 = 1 << 8;
const PARENT_REMOTE: u32 = 1 << 9;

/// All open spans of the process.
#[derive(Debug)]
pub(crate) struct Slab {
    chunks: [OnceLock<Box<[Slot]>>; CHUNKS],
    used: AtomicU32,
    free: Mutex<Vec<u32>>,
}

/// One open span. Written by the thread that opens it before anyone else knows its id.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    /// Generation in the upper half, holders in the lower.
    state: AtomicU64,
    span: AtomicU64,
    trace: [AtomicU64; 2],
    parent: AtomicU64,
    generation: AtomicU64,
    ticks: AtomicU64,
    callsite: AtomicU32,
    /// The level, and [`NOT_SAMPLED`] and [`PARENT_REMOTE`].
    level_and_flags: AtomicU32,
    metadata: AtomicUsize,
}

/// What is known of an open span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) span: SpanRef,
    pub(crate) parent: Option<SpanId>,
    pub(crate) flags: SpanFlags,
    pub(crate) started: Started,
    pub(crate) level: Level,
    /// The address of its metadata.
    pub(crate) metadata: usize,
}

thread_local! {
    static FREE: Free = const { Free { slots: RefCell::new(Vec::new()) } };
}

/// Slots that this thread may use without asking.
struct Free {
    slots: RefCell<Vec<u32>>,
}

static SLAB: Slab = Slab {
    chunks: [const { OnceLock::new() }; CHUNKS],
    used: AtomicU32::new(0),
    free: Mutex::new(Vec::new()),
};

/// The slab of the process.
pub(crate) fn slab() -> &'static Slab {
    &SLAB
}

impl Slab {
    /// Puts a span into a slot, with one holder, and returns its id; `None` when a million are open.
    pub(crate) fn insert(&self, open: &Open) -> Option<u64> {
        let index = self.take_free()?;
        let slot = self.slot(index)?;
        slot.write(open);
        let generation = ((slot.state.load(Ordering::Relaxed) >> 32) + 1) & 0xffff_ffff;
        // ordering: Release publishes the fields to whoever is handed the id and reads the slot by it.
        slot.state.store(generation << 32 | 1, Ordering::Release);
        Some((generation << 32) | (u64::from(index) + 1))
    }

    /// What is known of an open span.
    pub(crate) fn open(&self, id: u64) -> Option<Open> {
        self.live(id)?.0.read()
    }

    /// What it is to spans within it.
    #[inline]
    pub(crate) fn around(&self, id: u64) -> Option<Around> {
        let slot = self.live(id)?.0;
        let bits = slot.level_and_flags.load(Ordering::Relaxed);
        Some(Around::new(slot.span_ref()?, bits & NOT_SAMPLED == 0, false))
    }

    /// One holder more.
    pub(crate) fn hold(&self, id: u64) {
        if let Some((slot, _)) = self.live(id) {
            slot.state.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One holder less. The last one gets what is known of the span, and the slot is free.
    pub(crate) fn release(&self, id: u64) -> Option<Open> {
        let (slot, state) = self.live(id)?;
        // Nobody can take hold of a span whose only holder lets go of it just now.
        if state & HOLDERS == 1 {
            slot.state.store(state - 1, Ordering::Relaxed);
        } else {
            // ordering: Release keeps what this holder did before, Acquire sees what the others did.
            let before = slot.state.fetch_sub(1, Ordering::AcqRel);
            if before & HOLDERS != 1 {
                return None;
            }
        }
        let open = slot.read();
        self.give_free(index_of(id));
        open
    }

    /// The slot of an open span, and its state.
    #[inline]
    fn live(&self, id: u64) -> Option<(&Slot, u64)> {
        let slot = self.slot(index_of(id))?;
        // ordering: Acquire pairs with the Release in `insert`, and with that of holders that let go.
        let state = slot.state.load(Ordering::Acquire);
        (state >> 32 == id >> 32 && state & HOLDERS != 0).then_some((slot, state))
    }

    #[inline]
    fn slot(&self, index: u32) -> Option<&Slot> {
        let chunk = self.chunks.get(index as usize / CHUNK_SLOTS)?.get()?;
        chunk.get(index as usize % CHUNK_SLOTS)
    }

    fn take_free(&self) -> Option<u32> {
        let own = FREE.try_with(|free| {
            let mut slots = free.slots.try_borrow_mut().ok()?;
            if slots.is_empty()
                && let Ok(mut shared) = self.free.try_lock()
            {
                let from = shared.len().saturating_sub(FREE_MOVED);
                slots.extend(shared.drain(from..));
            }
            slots.pop()
        });
        own.ok().flatten().or_else(|| self.take_new())
    }

    #[cold]
    fn take_new(&self) -> Option<u32> {
        let new = |used: u32| ((used as usize) < CHUNKS * CHUNK_SLOTS).then_some(used + 1);
        let index = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, new).ok();
        let index = index.or_else(|| self.free.lock().ok()?.pop())?;
        let chunk = &self.chunks[index as usize / CHUNK_SLOTS];
        chunk.get_or_init(|| (0..CHUNK_SLOTS).map(|_| Slot::default()).collect());
        Some(index)
    }

    fn give_free(&self, index: u32) {
        let kept = FREE.try_with(|free| {
            let Ok(mut slots) = free.slots.try_borrow_mut() else { return false };
            if slots.len() >= FREE_KEPT
                && let Ok(mut shared) = self.free.try_lock()
            {
                shared.extend(slots.drain(..FREE_MOVED));
            }
            slots.push(index);
            true
        });
        if !kept.unwrap_or(false)
            && let Ok(mut shared) = self.free.lock()
        {
            shared.push(index);
        }
    }
}

impl Drop for Free {
    fn drop(&mut self) {
        if let Ok(mut shared) = SLAB.free.lock() {
            shared.append(&mut self.slots.borrow_mut());
        }
    }
}

fn index_of(id: u64) -> u32 {
    (id as u32).wrapping_sub(1)
}

impl Slot {
    fn write(&self, open: &Open) {
        let trace = open.span.trace.to_bits();
        self.span.store(open.span.span.to_bits(), Ordering::Relaxed);
        self.trace[0].store(trace as u64, Ordering::Relaxed);
        self.trace[1].store((trace >> 64) as u64, Ordering::Relaxed);
        self.parent.store(open.parent.map_or(0, SpanId::to_bits), Ordering::Relaxed);
        self.generation.store(open.started.generation, Ordering::Relaxed);
        self.ticks.store(open.started.ticks, Ordering::Relaxed);
        self.callsite.store(open.started.callsite, Ordering::Relaxed);
        let not_sampled = if open.flags.is_sampled { 0 } else { NOT_SAMPLED };
        let remote = if open.flags.is_parent_remote { PARENT_REMOTE } else { 0 };
        let bits = u32::from(open.level as u8) | not_sampled | remote;
        self.level_and_flags.store(bits, Ordering::Relaxed);
        self.metadata.store(open.metadata, Ordering::Relaxed);
    }

    fn span_ref(&self) -> Option<SpanRef> {
        let [low, high] =
            [&self.trace[0], &self.trace[1]].map(|half| u128::from(half.load(Ordering::Relaxed)));
        let span = SpanId::new(self.span.load(Ordering::Relaxed))?;
        Some(SpanRef { span, trace: TraceId::new(high << 64 | low)? })
    }

    fn read(&self) -> Option<Open> {
        let bits = self.level_and_flags.load(Ordering::Relaxed);
        Some(Open {
            span: self.span_ref()?,
            parent: SpanId::new(self.parent.load(Ordering::Relaxed)),
            flags: SpanFlags {
                is_sampled: bits & NOT_SAMPLED == 0,
                is_parent_remote: bits & PARENT_REMOTE != 0,
            },
            started: Started {
                generation: self.generation.load(Ordering::Relaxed),
                callsite: self.callsite.load(Ordering::Relaxed),
                ticks: self.ticks.load(Ordering::Relaxed),
            },
            level: Level::from_u8(bits as u8)?,
            metadata: self.metadata.load(Ordering::Relaxed),
        })
    }
}
