//! A thread's ring, and what the thread has told it.
use crate::local::{Making, current_owner, introduction};
use crate::recorder::{CHILD, GENERATION, Recorder};
use obs_core::Context;
use obs_core::encode::Encoder;
use obs_core::settings::Overflow;
use obs_core::wire::Kind;
use obs_ring::clock::TickSource;
use obs_ring::ring::{Entry, Owner, Producer, Pushed};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How long a thread waits for room in its ring, in nanoseconds, before it gives up.
const WAIT_NS_MAX: u64 = 10_000_000;
/// How often it looks without letting go of the processor, and how often it only offers it to others.
const SPINS: u32 = 200;
const YIELDS: u32 = 50;

/// A thread's ring and what it has told it.
pub(crate) struct ThreadRing {
    generation: u64,
    recorder: Arc<Recorder>,
    producer: Option<Producer>,
    source: TickSource,
    context: Context,
    context_told: bool,
    /// Refusals that no record in the ring tells of.
    untold: bool,
    /// After a wait in vain: where the consumer was. Until it moves there is no waiting.
    stuck_at: Option<u64>,
}

impl ThreadRing {
    /// Gets the thread a ring of this run.
    #[cold]
    pub(crate) fn attach(generation: u64) -> Option<Self> {
        let recorder = Recorder::of(generation)?;
        let owner = current_owner();
        let producer = if generation & CHILD == 0 {
            recorder.pool().acquire(&owner)
        } else {
            recorder.pool().acquire_in_child(&owner)
        };
        let source = recorder.source();
        let mut ring = Self {
            generation,
            recorder,
            producer,
            source,
            context: Context::new(),
            context_told: true,
            untold: false,
            stuck_at: None,
        };
        ring.introduce(&owner);
        Some(ring)
    }

    /// Whether it is a ring of this run.
    #[inline]
    pub(crate) fn is_of(&self, generation: u64) -> bool {
        self.generation == generation
    }

    /// Says whose records follow.
    fn introduce(&mut self, owner: &Owner) {
        if self.producer.is_some() {
            let mut encoder = Encoder::new(1024);
            introduction(&mut encoder, owner);
            self.write_again(Making { kind: Kind::Thread, level: 4 }, encoder.finish());
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "there is one place where it matters, and all others are cold"
    )]
    #[inline(always)]
    pub(crate) fn write(&mut self, making: Making, ticks: u64, body: &[u8]) -> bool {
        let Some(producer) = &mut self.producer else {
            return self.write_elsewhere(making, body);
        };
        producer.set_busy(true);
        if GENERATION.load(Ordering::Relaxed) != self.generation {
            producer.set_busy(false);
            return true;
        }
        if Context::current_id() != self.context.id() {
            self.context = Context::current();
            self.context_told = false;
        }
        let source = self.source;
        let entry = Entry {
            kind: making.kind as u8,
            level: making.level,
            ticks,
            context: self.context.as_bytes(),
            context_changed: !self.context_told,
            body,
        };
        let pushed = if self.untold {
            Err(obs_ring::ring::Full)
        } else {
            producer.push(&entry, || source.anchor())
        };
        match pushed {
            Ok(pushed) => {
                self.context_told = true;
                if pushed == Pushed::Quiet {
                    self.recorder.after_push();
                } else {
                    self.recorder.wake_drain();
                }
                producer.set_busy(false);
                true
            }
            Err(_) => {
                let written = self.write_slowly(making, body);
                if let Some(producer) = &self.producer {
                    producer.set_busy(false);
                }
                written
            }
        }
    }

    /// [`ThreadRing::write`] where it does not matter.
    #[cold]
    pub(crate) fn write_again(&mut self, making: Making, body: &[u8]) -> bool {
        self.write(making, self.source.now(), body)
    }

    /// There was no room: tells of earlier refusals, waits as the policy says, or refuses.
    #[cold]
    fn write_slowly(&mut self, making: Making, body: &[u8]) -> bool {
        if self.try_write(making, body) {
            self.stuck_at = None;
            return true;
        }
        let drained = self.producer.as_ref().map_or(0, Producer::drained);
        if self.stuck_at != Some(drained) && self.wait(making, body) {
            return true;
        }
        self.refuse(making.level)
    }

    /// Waits for room as long as the policy allows. Until the consumer moves, there is no second time.
    #[cold]
    fn wait(&mut self, making: Making, body: &[u8]) -> bool {
        self.recorder.wake_drain();
        let started = TickSource::Monotonic.now();
        let mut tries = 0;
        while self.may_wait(started) {
            tries += 1;
            if tries < SPINS {
                std::hint::spin_loop();
            } else if tries < SPINS + YIELDS {
                std::thread::yield_now();
            } else {
                // On a busy machine the drain needs this very processor.
                std::thread::sleep(std::time::Duration::from_micros(50));
            }
            if self.try_write(making, body) {
                self.stuck_at = None;
                return true;
            }
        }
        false
    }

    fn try_write(&mut self, making: Making, body: &[u8]) -> bool {
        let Some(producer) = &mut self.producer else { return false };
        let source = self.source;
        if self.untold {
            let refused = producer.refused().map(u64::to_le_bytes);
            let entry = Entry {
                kind: Kind::Lost as u8,
                level: 4,
                ticks: source.now(),
                context: self.context.as_bytes(),
                context_changed: !self.context_told,
                body: refused.as_flattened(),
            };
            if producer.push(&entry, || source.anchor()).is_err() {
                return false;
            }
            (self.untold, self.context_told) = (false, true);
        }
        let entry = Entry {
            kind: making.kind as u8,
            level: making.level,
            ticks: source.now(),
            context: self.context.as_bytes(),
            context_changed: !self.context_told,
            body,
        };
        let pushed = producer.push(&entry, || source.anchor()).is_ok();
        self.context_told |= pushed;
        pushed
    }

    /// Whether to go on waiting for room: never when the run is being closed.
    fn may_wait(&mut self, started: u64) -> bool {
        if GENERATION.load(Ordering::Relaxed) != self.generation {
            return false;
        }
        let goes_on = match self.recorder.overflow() {
            Overflow::Block => return true,
            Overflow::Shed => false,
            _ => TickSource::Monotonic.now().saturating_sub(started) < WAIT_NS_MAX,
        };
        let drained = self.producer.as_ref().map_or(0, Producer::drained);
        self.stuck_at = if goes_on { None } else { Some(drained) };
        goes_on
    }

    fn refuse(&mut self, level: u8) -> bool {
        if let Some(producer) = &self.producer {
            producer.count_refused(level);
        }
        self.untold = true;
        false
    }

    /// No ring of its own: tries now and then to get one, else shares.
    #[cold]
    fn write_elsewhere(&mut self, making: Making, body: &[u8]) -> bool {
        if self.generation & CHILD == 0 {
            let owner = current_owner();
            self.producer = self.recorder.pool().acquire(&owner);
            if self.producer.is_some() {
                self.introduce(&owner);
                return self.write_again(making, body);
            }
            return self.recorder.write_shared(making, body);
        }
        self.recorder.count_refused(making.level);
        false
    }
}

impl Drop for ThreadRing {
    fn drop(&mut self) {
        let Some(producer) = self.producer.take() else { return };
        if !self.recorder.is_of_this_process() {
            // The thread that forked has it still, in the parent; and a lock of the pool may be held for ever here.
            std::mem::forget(producer);
        } else {
            self.recorder.pool().release(producer);
        }
    }
}
