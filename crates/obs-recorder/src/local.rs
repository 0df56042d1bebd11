//! What a thread keeps to itself: its ring, the callsites it has met, and the memory it writes records in.
use crate::callsites::{Key, Known};
use crate::recorder::{CHILD, GENERATION, Recorder};
use crate::thread_ring::ThreadRing;
use obs_core::Callsite;
use obs_core::encode::{Encoder, Key as Attribute};
use obs_core::own::is_own_thread;
use obs_core::wire::{Kind, body};
use obs_ring::clock::TickSource;
use obs_ring::ring::Owner;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Callsites that a thread finds without asking anyone; a power of two.
const CACHE: usize = 256;

thread_local! {
    static LOCAL: Local = const { Local::new() };
}

struct Local {
    generation: Cell<u64>,
    /// Address and number of callsites; the number's upper half says whether it has secret fields.
    cache: [Cell<(usize, u64)>; CACHE],
    scratch: Cell<Option<Box<Encoder>>>,
    /// The run whose rings take what the scratch memory holds.
    scratch_generation: Cell<u64>,
    ring: RefCell<Option<ThreadRing>>,
    refused: Cell<u64>,
}

/// What one record is about to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Making {
    pub(crate) kind: Kind,
    pub(crate) level: u8,
}

/// What became of a record that a callsite made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    /// The callsite's number.
    pub(crate) callsite: u32,
    /// When it was made.
    pub(crate) ticks: u64,
}

/// A callsite as a front end knows it.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) address: usize,
    pub(crate) describe: &'a dyn Fn() -> Callsite,
}

/// The records that this thread could not write since it began, because its ring was full or none was to be had.
#[must_use]
pub fn refused_here() -> u64 {
    LOCAL.try_with(|local| local.refused.get()).unwrap_or(0)
}

/// The counter that ticks are read from.
#[inline]
pub(crate) fn source() -> TickSource {
    static SOURCE: std::sync::OnceLock<TickSource> = std::sync::OnceLock::new();
    *SOURCE.get_or_init(TickSource::best)
}

/// Writes one record of a callsite. `fill` writes its body; it is given the callsite's number, and the callsite
/// itself if it has secret fields. `None` where no run is alive that could take it, or the callsite has no number.
pub(crate) fn record(
    making: Making,
    site: Site<'_>,
    fill: impl FnOnce(&mut Encoder, u32, Option<&Known>),
) -> Option<Made> {
    let generation = GENERATION.load(Ordering::Relaxed);
    if generation == 0 {
        return None;
    }
    let mut fill = Some(fill);
    let done = LOCAL.try_with(|local| {
        let Some((callsite, known)) = local.known(generation, site) else {
            local.refuse_unknown(generation, making.level);
            return None;
        };
        let fill = fill.take()?;
        let ticks =
            local.write(generation, making, |encoder| fill(encoder, callsite, known.as_deref()));
        Some(Made { callsite, ticks })
    });
    match (done, fill) {
        (Err(_), Some(fill)) => record_without_local(generation, making, site, fill),
        (made, _) => made.ok().flatten(),
    }
}

/// Writes one record that belongs to no callsite, and consists of attributes.
pub(crate) fn record_plain(making: Making, fill: impl FnOnce(&mut Encoder)) {
    let generation = GENERATION.load(Ordering::Relaxed);
    if generation == 0 {
        return;
    }
    let mut fill = Some(fill);
    let done = LOCAL.try_with(|local| {
        if let Some(fill) = fill.take() {
            local.write(generation, making, fill);
        }
    });
    if let (Err(_), Some(fill)) = (done, fill)
        && let Some(recorder) = Recorder::of(generation)
    {
        let mut encoder = Encoder::new(recorder.body_bytes_max());
        fill(&mut encoder);
        recorder.write_shared(making, encoder.finish());
    }
}

/// Writes one record whose body is made: whole words, and not longer than any ring takes.
#[inline]
pub(crate) fn record_fixed(making: Making, body: &[u8]) {
    let generation = GENERATION.load(Ordering::Relaxed);
    if generation == 0 {
        return;
    }
    let ticks = source().now();
    let done = LOCAL.try_with(|local| local.commit(generation, making, ticks, body));
    if done.is_err() {
        fixed_without_local(generation, making, body);
    }
}

#[cold]
fn fixed_without_local(generation: u64, making: Making, body: &[u8]) {
    if let Some(recorder) = Recorder::of(generation) {
        recorder.write_shared(making, body);
    }
}

/// While a thread's local data is being destroyed, records go through a shared ring.
#[cold]
fn record_without_local(
    generation: u64,
    making: Making,
    site: Site<'_>,
    fill: impl FnOnce(&mut Encoder, u32, Option<&Known>),
) -> Option<Made> {
    let recorder = Recorder::of(generation)?;
    let known = recorder.callsites().of(&Key::Address(site.address), site.describe);
    let mut encoder = Encoder::new(recorder.body_bytes_max());
    fill(&mut encoder, known.number, Some(&known));
    recorder.write_shared(making, encoder.finish());
    Some(Made { callsite: known.number, ticks: source().now() })
}

impl Local {
    const fn new() -> Self {
        Self {
            generation: Cell::new(0),
            cache: [const { Cell::new((0, 0)) }; CACHE],
            scratch: Cell::new(None),
            scratch_generation: Cell::new(0),
            ring: RefCell::new(None),
            refused: Cell::new(0),
        }
    }

    /// The number of a callsite, and the callsite itself if it has secret fields.
    #[inline]
    fn known(&self, generation: u64, site: Site<'_>) -> Option<(u32, Option<Arc<Known>>)> {
        let slot = &self.cache[(site.address >> 4) % CACHE];
        let (address, number) = slot.get();
        if address == site.address && self.generation.get() == generation && number >> 32 == 0 {
            return Some((number as u32, None));
        }
        self.ask(generation, site)
    }

    #[cold]
    fn ask(&self, generation: u64, site: Site<'_>) -> Option<(u32, Option<Arc<Known>>)> {
        if is_own_thread() {
            return None;
        }
        let recorder = Recorder::of(generation)?;
        if self.generation.replace(generation) != generation {
            self.cache.iter().for_each(|slot| slot.set((0, 0)));
        }
        let key = Key::Address(site.address);
        let known = if generation & CHILD == 0 {
            recorder.callsites().of(&key, site.describe)
        } else {
            recorder.callsites().try_of(&key)?
        };
        let secret = u64::from(known.has_secrets) << 32;
        self.cache[(site.address >> 4) % CACHE]
            .set((site.address, u64::from(known.number) | secret));
        Some((known.number, known.has_secrets.then_some(known)))
    }

    /// A forked child met a callsite that its parent had not. What the toolkit's own threads do is not recorded.
    #[cold]
    fn refuse_unknown(&self, generation: u64, level: u8) {
        if let Some(recorder) = Recorder::of(generation)
            && !is_own_thread()
        {
            recorder.count_refused(level);
            self.refused.set(self.refused.get() + 1);
        }
    }

    /// Writes one record, and says when. Foreign code that runs within `fill` may write others: they come first.
    #[inline]
    fn write(&self, generation: u64, making: Making, fill: impl FnOnce(&mut Encoder)) -> u64 {
        let kept = self.scratch.take();
        let fits = self.scratch_generation.replace(generation) == generation;
        let mut encoder = kept.filter(|_| fits).unwrap_or_else(|| new_scratch(generation));
        encoder.clear();
        fill(&mut encoder);
        let ticks = source().now();
        self.commit(generation, making, ticks, encoder.finish());
        self.scratch.set(Some(encoder));
        ticks
    }

    /// Puts a record into the thread's ring, or counts it as refused.
    #[expect(
        clippy::inline_always,
        reason = "a body of fixed size is copied and checked without a loop then"
    )]
    #[inline(always)]
    fn commit(&self, generation: u64, making: Making, ticks: u64, body: &[u8]) {
        let written = match self.ring.try_borrow_mut() {
            Ok(mut slot) => match slot.as_mut() {
                Some(ring) if ring.is_of(generation) => ring.write(making, ticks, body),
                _ => attached(&mut slot, generation)
                    .is_none_or(|ring| ring.write_again(making, body)),
            },
            // A signal handler within a push.
            Err(_) => {
                Recorder::of(generation).is_none_or(|recorder| recorder.write_shared(making, body))
            }
        };
        if !written {
            self.refused.set(self.refused.get() + 1);
        }
    }
}

/// Gets the thread a ring of this run.
#[cold]
fn attached(slot: &mut Option<ThreadRing>, generation: u64) -> Option<&mut ThreadRing> {
    if is_own_thread() {
        return None;
    }
    // The old one goes first: its ring may be the only one to be had.
    *slot = None;
    ThreadRing::attach(generation).map(|ring| slot.insert(ring))
}

#[cold]
fn new_scratch(generation: u64) -> Box<Encoder> {
    Box::new(Encoder::new(
        Recorder::of(generation).map_or(256, |recorder| recorder.body_bytes_max()),
    ))
}

/// The body that says whose records follow.
pub(crate) fn introduction(encoder: &mut Encoder, owner: &Owner) {
    body::begin_attributes(encoder);
    encoder.u64(Attribute::Name("pid"), owner.pid.into());
    encoder.u64(Attribute::Name("tid"), owner.tid.into());
    encoder.text(Attribute::Name("name"), &owner.name);
}

/// The thread that this is.
pub(crate) fn current_owner() -> Owner {
    // At the very end of a thread the library refuses to say which it is; the system still knows.
    let is_ending = LOCAL.try_with(|_| ()).is_err();
    let name = if is_ending {
        rustix::thread::name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    } else {
        std::thread::current().name().unwrap_or_default().to_owned()
    };
    Owner {
        pid: rustix::process::getpid().as_raw_pid() as u32,
        tid: rustix::thread::gettid().as_raw_pid() as u32,
        name,
    }
}
