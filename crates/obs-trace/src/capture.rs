//! What is captured: one filter for all front ends of the process, and how a change of it reaches every callsite.
//!
//! `tracing` keeps for each callsite whether anybody is interested, and asks again only when it is told to. A thread
//! that meets a callsite for the first time asks by itself and keeps the answer a moment later; if the filter changes
//! between, an answer of "never" would stay, and lose events without end. So only the thread that asks for all
//! callsites is answered so. Any other is told "sometimes", with which it asks for every event, until callsites are
//! settled.
use crate::callsite::{address_of, level_of};
use crate::log_level::{LogLevel, TakenBy};
use obs_core::{Filter, Level};
use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};
use tracing_core::dispatcher::{self, WeakDispatch};
use tracing_core::{Dispatch, Interest, LevelFilter, Metadata};

/// Callsites whose answers a thread remembers.
const REMEMBERED: usize = 64;

/// Told that callsites wait to be settled; by whatever thread meets a callsite, so it must not block.
pub type Wake = Box<dyn Fn() + Send + Sync>;

/// What is captured from now on, in all threads.
#[derive(Clone)]
pub struct Capture {
    shared: Arc<Shared>,
}

struct Shared {
    /// Nothing without a run.
    filter: RwLock<Option<Filter>>,
    /// How often the filter has changed.
    version: AtomicU64,
    /// Held while all callsites are asked for.
    asking: Mutex<Asked>,
    /// How often others have asked.
    strangers: AtomicU64,
    unsettled: AtomicBool,
    wake: RwLock<Option<Wake>>,
    members: Mutex<Vec<Member>>,
    log: Mutex<LogLevel>,
}

/// How things were when all callsites were asked for the last time.
#[derive(Debug, Default)]
struct Asked {
    version: u64,
    strangers: u64,
}

/// A dispatcher that a front end of ours is in.
struct Member {
    dispatch: WeakDispatch,
    is_in: fn(&Dispatch) -> bool,
    is_layer: bool,
}

/// What a thread remembers of a callsite.
#[derive(Clone, Copy)]
struct Answer {
    address: usize,
    version: u64,
    wanted: bool,
}

thread_local! {
    /// Whether this thread asks for all callsites just now.
    static ASKS: Cell<bool> = const { Cell::new(false) };
    static ANSWERS: [Cell<Answer>; REMEMBERED] = const {
        [const { Cell::new(Answer { address: 0, version: 0, wanted: false }) }; REMEMBERED]
    };
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture").field("filter", &self.filter()).finish_non_exhaustive()
    }
}

impl Capture {
    pub(crate) fn new() -> Self {
        let shared = Shared {
            filter: RwLock::new(None),
            version: AtomicU64::new(1),
            asking: Mutex::default(),
            strangers: AtomicU64::new(0),
            unsettled: AtomicBool::new(false),
            wake: RwLock::new(None),
            members: Mutex::new(Vec::new()),
            log: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Captures what `filter` lets through from now on; `None` captures nothing. When this returns, nothing that is
    /// captured is lost any more. Asks for every callsite of the process once, which takes some 50 ns for each, and
    /// waits for other threads that do so.
    ///
    /// Within an event of a scoped subscriber, as in `Debug` of one of its fields, callsites cannot be asked for: that
    /// is done when they are settled.
    pub fn set(&self, filter: Option<Filter>) {
        self.put(filter);
        self.ask_all();
    }

    /// The first half of [`set`](Self::set), which takes no longer than a moment: the filter is in force for all who
    /// ask, but not everybody does before the second half, [`ask_all`](Self::ask_all).
    pub fn put(&self, filter: Option<Filter>) {
        let mut current = self.shared.filter.write().unwrap_or_else(PoisonError::into_inner);
        *current = filter;
        // ordering: Release publishes the filter with its version to `wants_callsite`.
        self.shared.version.fetch_add(1, Ordering::Release);
        drop(current);
    }

    /// The filter that is in force; `None` without a run.
    #[must_use]
    pub fn filter(&self) -> Option<Filter> {
        self.shared.filter.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether `log` records come here; not when another logger was there first.
    #[must_use]
    pub fn has_log(&self) -> bool {
        lock(&self.shared.log).taken_by != TakenBy::Unknown
    }

    /// Has `wake` told when callsites wait to be settled, at once if some do already, in place of any other before;
    /// `None` ends that.
    pub fn on_unsettled(&self, wake: Option<Wake>) {
        *self.shared.wake.write().unwrap_or_else(PoisonError::into_inner) = wake;
        // ordering: SeqCst pairs with the fence in `tell`: whoever could not tell the wake is seen here.
        fence(Ordering::SeqCst);
        if self.shared.unsettled.load(Ordering::Relaxed) {
            self.tell();
        }
    }

    /// Asks for every callsite once, if some wait for it: what is not captured costs nothing afterwards. To be called a
    /// moment after the wake-up, for callsites come in swarms.
    pub fn settle(&self) {
        if self.shared.unsettled.load(Ordering::Relaxed) {
            self.ask_all();
        }
    }

    /// Whether a record of this target and level is captured. Takes a lock that is held for moments.
    #[must_use]
    pub fn wants(&self, target: &str, level: Level) -> bool {
        let filter = self.shared.filter.read().unwrap_or_else(PoisonError::into_inner);
        filter.as_ref().is_some_and(|filter| filter.enabled(target, level))
    }

    pub(crate) fn wants_metadata(&self, metadata: &Metadata<'_>) -> bool {
        self.wants(metadata.target(), level_of(metadata))
    }

    /// Whether records of this callsite are captured; remembered by the thread until the filter changes.
    #[inline]
    #[must_use]
    pub fn wants_callsite(&self, metadata: &'static Metadata<'static>) -> bool {
        let address = address_of(metadata);
        // ordering: Acquire pairs with the Release in `set`: whoever sees a version sees its filter.
        let version = self.shared.version.load(Ordering::Acquire);
        let place = |answers: &[Cell<Answer>; REMEMBERED]| answers[place_of(address)].get();
        match ANSWERS.try_with(place) {
            Ok(answer) if answer.address == address && answer.version == version => answer.wanted,
            _ => self.remember(metadata),
        }
    }

    #[cold]
    fn remember(&self, metadata: &'static Metadata<'static>) -> bool {
        let filter = self.shared.filter.read().unwrap_or_else(PoisonError::into_inner);
        let version = self.shared.version.load(Ordering::Relaxed);
        let wanted = filter
            .as_ref()
            .is_some_and(|filter| filter.enabled(metadata.target(), level_of(metadata)));
        drop(filter);
        let address = address_of(metadata);
        let answer = Answer { address, version, wanted };
        let remembered = ANSWERS.try_with(|answers| answers[place_of(address)].set(answer));
        debug_assert!(remembered.is_ok() || ANSWERS.try_with(|_| ()).is_err(), "at a thread's end");
        wanted
    }

    /// The most detailed level that is captured of anything.
    #[must_use]
    pub fn level_hint(&self) -> LevelFilter {
        if !ASKS.get() {
            self.shared.strangers.fetch_add(1, Ordering::Relaxed);
        }
        match self.max_level() {
            None => LevelFilter::OFF,
            Some(Level::Trace) => LevelFilter::TRACE,
            Some(Level::Debug) => LevelFilter::DEBUG,
            Some(Level::Info) => LevelFilter::INFO,
            Some(Level::Warn) => LevelFilter::WARN,
            Some(_) => LevelFilter::ERROR,
        }
    }

    fn max_level(&self) -> Option<Level> {
        let filter = self.shared.filter.read().unwrap_or_else(PoisonError::into_inner);
        filter.as_ref().and_then(Filter::max_level)
    }

    /// What a callsite is told that asks whether it is captured.
    pub fn interest(&self, metadata: &'static Metadata<'static>) -> Interest {
        let is_stranger = !ASKS.get();
        if is_stranger {
            self.shared.strangers.fetch_add(1, Ordering::Relaxed);
        }
        match self.wants_metadata(metadata) {
            true => Interest::always(),
            false if is_stranger => {
                self.unsettle();
                Interest::sometimes()
            }
            false => Interest::never(),
        }
    }

    /// Takes note of a dispatcher that a front end of ours is in, which `is_in` finds.
    pub(crate) fn join(&self, dispatch: &Dispatch, is_in: fn(&Dispatch) -> bool) {
        let dispatch = dispatch.downgrade();
        lock(&self.shared.members).push(Member { dispatch, is_in, is_layer: false });
    }

    /// Takes note of a dispatcher that a layer of ours is in, which `is_in` finds.
    pub fn join_layer(&self, dispatch: &Dispatch, is_in: fn(&Dispatch) -> bool) {
        let dispatch = dispatch.downgrade();
        lock(&self.shared.members).push(Member { dispatch, is_in, is_layer: true });
    }

    /// The records of `log` are taken by us alone.
    pub(crate) fn take_log(&self) {
        lock(&self.shared.log).taken_by = TakenBy::Us;
    }

    /// The records of `log` come to us, and go from us to every layer of the program's subscriber.
    pub fn take_log_for_layers(&self) {
        let mut log = lock(&self.shared.log);
        log.taken_by = TakenBy::UsAndLayers;
        log.follow(self.max_level(), true);
    }

    fn unsettle(&self) {
        if !self.shared.unsettled.swap(true, Ordering::Relaxed) {
            self.tell();
        }
    }

    fn tell(&self) {
        // ordering: SeqCst pairs with the fence in `on_unsettled`.
        fence(Ordering::SeqCst);
        let wake = match self.shared.wake.try_read() {
            Ok(wake) => wake,
            Err(TryLockError::Poisoned(wake)) => wake.into_inner(),
            // Who puts another in its place looks afterwards.
            Err(TryLockError::WouldBlock) => return,
        };
        if let Some(wake) = wake.as_ref() {
            wake();
        }
    }

    /// Asks for every callsite, again where the filter has changed meanwhile. One thread at a time: an earlier answer
    /// must not be kept after a later one.
    pub fn ask_all(&self) {
        if ASKS.get() {
            // This thread is about to ask again.
            return;
        }
        let shared = &*self.shared;
        let mut asked = lock(&shared.asking);
        loop {
            let version = shared.version.load(Ordering::Acquire);
            let strangers = shared.strangers.load(Ordering::Relaxed);
            let before = std::mem::replace(&mut *asked, Asked { version, strangers });
            shared.unsettled.store(false, Ordering::Relaxed);
            let has_layer = self.rebuild();
            lock(&shared.log).follow(self.max_level(), has_layer);
            // Who asked shortly before the filter changed may keep an old answer of "always" only now.
            if before.version != version
                && before.strangers != shared.strangers.load(Ordering::Relaxed)
            {
                self.unsettle();
            }
            if version == shared.version.load(Ordering::Acquire) {
                return;
            }
        }
    }

    /// Has `tracing` ask for every callsite. Whether layers of ours are in any dispatcher.
    ///
    /// As long as there is only one dispatcher, `tracing` takes the thread's own for that one. A thread without any
    /// must take one, or all callsites are off for everybody.
    fn rebuild(&self) -> bool {
        let _asks = Asks::begin();
        let mut members = Vec::new();
        let mut has_layer = false;
        lock(&self.shared.members).retain(|member| match member.dispatch.upgrade() {
            Some(dispatch) => {
                has_layer |= member.is_layer;
                members.push((dispatch, member.is_in));
                true
            }
            None => false,
        });
        let Some((first, _)) = members.first() else { return has_layer };
        let is_here = |dispatch: &Dispatch| members.iter().any(|(_, is_in)| is_in(dispatch));
        match dispatcher::get_current(is_here) {
            Some(true) => tracing_core::callsite::rebuild_interest_cache(),
            Some(false) => {
                dispatcher::with_default(first, tracing_core::callsite::rebuild_interest_cache)
            }
            // Within an event of a scoped dispatcher another one must not take its place.
            None => self.unsettle(),
        }
        has_layer
    }
}

/// While it lives, the thread asks for all callsites.
struct Asks;

impl Asks {
    fn begin() -> Self {
        ASKS.set(true);
        Self
    }
}

impl Drop for Asks {
    fn drop(&mut self) {
        ASKS.set(false);
    }
}

#[inline]
fn place_of(address: usize) -> usize {
    // Metadata is some 100 bytes long, and stands side by side.
    (address >> 7 ^ address >> 3) % REMEMBERED
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
