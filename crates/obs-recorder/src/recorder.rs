//! The recorder of the run that is alive: where every thread of the process finds its ring.
use crate::callsites::Callsites;
use crate::control::Control;
use crate::local::{Making, current_owner, introduction};
use crate::pool::Pool;
use obs_core::encode::Encoder;
use obs_core::settings::Overflow;
use obs_core::wire::Kind;
use obs_core::{Context, RunId};
use obs_ring::clock::TickSource;
use obs_ring::fork;
use obs_ring::ring::{Entry, Pushed};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, compiler_fence};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockWriteGuard, TryLockError};
use std::thread::Thread;

/// Which run is alive: 0 for none. Each run has a number of its own; a forked child has its parent's with [`CHILD`]
/// set.
pub(crate) static GENERATION: AtomicU64 = AtomicU64::new(0);
static LAST_GENERATION: AtomicU64 = AtomicU64::new(0);
static CURRENT: RwLock<Option<Arc<Recorder>>> = RwLock::new(None);

/// Marks the generation that a forked child sees.
pub(crate) const CHILD: u64 = 1 << 63;
/// How many forks lie between a process and the run's own: a child's child writes to a ring of its own, too.
const FORK: u64 = 1 << 48;
/// The number of the run alone.
const RUN: u64 = FORK - 1;

/// How often the lock around the current recorder is tried, where it cannot be waited for.
const TRIES: u32 = 1_000;

/// What all threads of a run share.
#[derive(Debug)]
pub(crate) struct Recorder {
    generation: u64,
    /// The process whose run it is: forked children hold a copy.
    pid: u32,
    run_id: RunId,
    source: TickSource,
    overflow: Overflow,
    callsites: Arc<Callsites>,
    pool: Pool,
    drain: OnceLock<Thread>,
    /// Whether the drain sleeps so long that the next record must wake it.
    drain_sleeps: AtomicBool,
    /// Whether there may be forked children, which write to rings and cannot wake the drain.
    has_forked: AtomicBool,
    control: OnceLock<Arc<Control>>,
}

/// A run is alive already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occupied;

impl Recorder {
    pub(crate) fn new(run_id: RunId, source: TickSource, overflow: Overflow, pool: Pool) -> Self {
        let generation = LAST_GENERATION.fetch_add(1, Ordering::Relaxed) + 1;
        let callsites = Arc::new(Callsites::new());
        Self {
            generation,
            pid: std::process::id(),
            run_id,
            source,
            overflow,
            callsites,
            pool,
            drain: OnceLock::new(),
            drain_sleeps: AtomicBool::new(false),
            has_forked: AtomicBool::new(false),
            control: OnceLock::new(),
        }
    }

    /// Makes this the recorder of the process. In a forked child it takes the place of the parent's.
    pub(crate) fn install(self: &Arc<Self>) -> Result<(), Occupied> {
        let mut current = Self::try_write().ok_or(Occupied)?;
        if current.as_ref().is_some_and(|current| current.is_of_this_process()) {
            return Err(Occupied);
        }
        fork::set_hooks(before_fork, in_child);
        // What a child has of its parent's recorder is used by its threads, and is not its own to take down.
        std::mem::forget(current.replace(Arc::clone(self)));
        GENERATION.store(self.generation, Ordering::Release);
        Ok(())
    }

    /// The right to change the current recorder. A forked child may have inherited a lock that nobody will open.
    fn try_write() -> Option<RwLockWriteGuard<'static, Option<Arc<Self>>>> {
        for _ in 0..TRIES {
            match CURRENT.try_write() {
                Ok(current) => return Some(current),
                Err(TryLockError::Poisoned(current)) => return Some(current.into_inner()),
                Err(TryLockError::WouldBlock) => std::thread::yield_now(),
            }
        }
        None
    }

    /// Whether it is the recorder of this very process, not of one that this was forked from.
    pub(crate) fn is_of_this_process(&self) -> bool {
        self.pid == std::process::id()
    }

    /// Whether a run of this process is alive, or not yet taken down.
    pub(crate) fn is_occupied() -> bool {
        Self::peek().is_some_and(|current| current.is_of_this_process())
    }

    /// The run of the process that this one was forked from, while it has none of its own.
    pub(crate) fn inherited() -> Option<RunId> {
        let current = Self::peek().filter(|current| !current.is_of_this_process());
        current.map(|current| current.run_id)
    }

    /// Takes no records from now on. When this returns, every record is either in its ring or will never be, but for
    /// those of threads that are within a push (see [`obs_ring::ring::Consumer::is_busy`]).
    pub(crate) fn close(&self) {
        if GENERATION
            .compare_exchange(self.generation, 0, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
            && !fork::fence_all_threads()
        {
            // Without the system call, a thread that saw the old generation has long announced itself after this.
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }

    /// Makes room for another run.
    pub(crate) fn uninstall(&self) {
        let mut current = CURRENT.write().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|current| current.generation == self.generation) {
            *current = None;
        }
    }

    /// The recorder of a generation, if it is still the current one.
    pub(crate) fn of(generation: u64) -> Option<Arc<Self>> {
        Self::peek().filter(|current| current.generation == generation & RUN)
    }

    /// The recorder that is installed, as far as that can be found out without waiting for long.
    fn peek() -> Option<Arc<Self>> {
        for _ in 0..TRIES {
            match CURRENT.try_read() {
                Ok(current) => return current.clone(),
                Err(TryLockError::Poisoned(current)) => return current.into_inner().clone(),
                Err(TryLockError::WouldBlock) => std::thread::yield_now(),
            }
        }
        None
    }

    /// The recorder of the run that is alive.
    pub(crate) fn current() -> Option<Arc<Self>> {
        Self::of(GENERATION.load(Ordering::Relaxed))
    }

    pub(crate) fn run_id(&self) -> RunId {
        self.run_id
    }

    pub(crate) fn source(&self) -> TickSource {
        self.source
    }

    pub(crate) fn overflow(&self) -> Overflow {
        self.overflow
    }

    pub(crate) fn callsites(&self) -> &Arc<Callsites> {
        &self.callsites
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The longest body of a record: 64 KiB, or what the rings take.
    pub(crate) fn body_bytes_max(&self) -> usize {
        let context = obs_core::context::CONTEXT_BYTES_MAX + 8;
        // A text of 64 KiB, and what is around it.
        (72 << 10).min(self.pool.shape().body_bytes_max() - context)
    }

    pub(crate) fn set_control(&self, control: Arc<Control>) {
        self.control.get_or_init(|| control);
    }

    pub(crate) fn control(&self) -> Option<&Arc<Control>> {
        self.control.get()
    }

    pub(crate) fn set_drain(&self, thread: Thread) {
        self.drain.get_or_init(|| thread);
    }

    pub(crate) fn wake_drain(&self) {
        if let Some(drain) = self.drain.get() {
            drain.unpark();
        }
    }

    /// From now on whoever writes a record wakes the drain, which looks at all rings once more after this. False where
    /// the system has no means to make sure of that.
    pub(crate) fn let_drain_sleep(&self) -> bool {
        // ordering: the fence in all threads makes the pair of `after_push`: a thread that does not see this store has
        // committed its record before the fence, so the drain's next look sees that.
        self.drain_sleeps.store(true, Ordering::Relaxed);
        fork::fence_all_threads()
    }

    /// The drain looks at the rings by itself again.
    pub(crate) fn keep_drain_awake(&self) {
        self.drain_sleeps.store(false, Ordering::Relaxed);
    }

    /// Whether nobody has woken the drain since it was let sleep.
    pub(crate) fn drain_sleeps(&self) -> bool {
        self.drain_sleeps.load(Ordering::Relaxed)
    }

    /// Whether the process was ever forked.
    pub(crate) fn has_forked(&self) -> bool {
        self.has_forked.load(Ordering::Relaxed)
    }

    /// A record was committed: wakes the drain if it sleeps for long. One load, but for the first record after a pause.
    #[inline]
    pub(crate) fn after_push(&self) {
        // ordering: the load stays behind the commit in the program; the drain pays for the rest (`let_drain_sleep`).
        compiler_fence(Ordering::SeqCst);
        if self.drain_sleeps.load(Ordering::Relaxed) {
            self.rouse_drain();
        }
    }

    #[cold]
    fn rouse_drain(&self) {
        if self.drain_sleeps.swap(false, Ordering::Relaxed) {
            self.wake_drain();
        }
    }

    /// Counts a record that no ring could take.
    pub(crate) fn count_refused(&self, level: u8) {
        self.pool.shared(0).count_refused(level);
    }

    /// Writes a record for a thread that has no ring it could use.
    pub(crate) fn write_shared(&self, making: Making, body: &[u8]) -> bool {
        let owner = current_owner();
        let context = Context::current();
        let source = self.source;
        let mut encoder = Encoder::new(1024);
        introduction(&mut encoder, &owner);
        let introduced = encoder.finish();
        let level = making.level;
        self.pool.shared(owner.tid as usize).write(making.level, |writer| {
            let entry = |kind: Kind, body| Entry {
                kind: kind as u8,
                level,
                ticks: source.now(),
                context: context.as_bytes(),
                context_changed: true,
                body,
            };
            if writer.tid != owner.tid
                && writer
                    .producer
                    .push(&entry(Kind::Thread, introduced), || source.anchor())
                    .is_ok()
            {
                writer.tid = owner.tid;
            }
            match writer.producer.push(&entry(making.kind, body), || source.anchor()) {
                Ok(Pushed::Quiet) => {
                    self.after_push();
                    true
                }
                Ok(_) => {
                    self.wake_drain();
                    true
                }
                Err(_) => {
                    self.wake_drain();
                    writer.producer.count_refused(making.level);
                    false
                }
            }
        })
    }
}

/// Whether this process is a forked child of the run's own.
pub(crate) fn is_child() -> bool {
    GENERATION.load(Ordering::Relaxed) & CHILD != 0
}

/// Runs before a fork: the child finds the rings that are kept for it, however early it is made.
fn before_fork() {
    if let Some(recorder) = Recorder::current()
        && !is_child()
    {
        recorder.pool().prepare();
        // From now on the drain sleeps no longer than a child's records may wait.
        if !recorder.has_forked.swap(true, Ordering::Relaxed) {
            recorder.wake_drain();
        }
    }
}

/// Runs in a forked child: from here on every thread of it finds that it has no ring.
fn in_child() {
    let generation = GENERATION.load(Ordering::Relaxed);
    if generation != 0 {
        GENERATION.store(generation.wrapping_add(FORK) | CHILD, Ordering::Relaxed);
    }
}
