//! Which span of ours a span of the registry is.
use obs_trace::spans::OpenSpan;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing_core::span::Id;

/// Lines of the table; a power of two.
const LINES: usize = 2048;
const PAIRS: usize = 4;
/// Upper bits of an id that only say how often the registry has used its slot; see the test below.
const USE_BITS: u32 = 13;

/// A table of open spans. A span has its place in the line that its id says, or, when that is full, among the others:
/// looking it up takes no lock as long as some thousands are open, and reads one line of the processor's cache.
///
/// Who asks for a span has its id, and got it after the span was added; so each pair is only ever compared by all, and
/// read by those that its id was handed to.
#[derive(Debug)]
pub(crate) struct Names {
    lines: Box<[Line]>,
    others: Mutex<HashMap<u64, OpenSpan>>,
    others_count: AtomicUsize,
}

#[derive(Debug, Default)]
#[repr(align(64))]
struct Line {
    pairs: [Pair; PAIRS],
}

#[derive(Debug, Default)]
struct Pair {
    /// The registry's id; 0 where there is room.
    id: AtomicU64,
    /// Ours.
    span: AtomicU64,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self {
            lines: (0..LINES).map(|_| Line::default()).collect(),
            others: Mutex::default(),
            others_count: AtomicUsize::new(0),
        }
    }

    /// The span is one of ours from now on.
    pub(crate) fn add(&self, id: &Id, span: OpenSpan) {
        let id = id.into_u64();
        let free = self.line(id).pairs.iter().find(|pair| pair.take(id));
        match free {
            Some(pair) => pair.span.store(span.to_bits(), Ordering::Relaxed),
            None => {
                self.others().insert(id, span);
                self.others_count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The span, if it is one of ours.
    #[inline]
    pub(crate) fn span(&self, id: &Id) -> Option<OpenSpan> {
        let id = id.into_u64();
        let pair = self.line(id).pairs.iter().find(|pair| pair.is(id));
        match pair {
            Some(pair) => Some(OpenSpan::from_bits(pair.span.load(Ordering::Relaxed))),
            None if self.others_count.load(Ordering::Relaxed) == 0 => None,
            None => self.others().get(&id).copied(),
        }
    }

    /// The span is none of ours any more.
    pub(crate) fn remove(&self, id: &Id) -> Option<OpenSpan> {
        let id = id.into_u64();
        if let Some(pair) = self.line(id).pairs.iter().find(|pair| pair.is(id)) {
            let span = OpenSpan::from_bits(pair.span.load(Ordering::Relaxed));
            // ordering: Release keeps the load above before the pair is another's.
            pair.id.store(0, Ordering::Release);
            return Some(span);
        }
        if self.others_count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let removed = self.others().remove(&id);
        if removed.is_some() {
            self.others_count.fetch_sub(1, Ordering::Relaxed);
        }
        removed
    }

    #[inline]
    fn line(&self, id: u64) -> &Line {
        // The same slot has the same line: a thread that opens and closes spans has it in its cache.
        let slot = id << USE_BITS;
        // Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4): ids that follow each other lie far apart.
        let hash = slot.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - LINES.ilog2());
        &self.lines[hash as usize % LINES]
    }

    fn others(&self) -> MutexGuard<'_, HashMap<u64, OpenSpan>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pair {
    #[inline]
    fn is(&self, id: u64) -> bool {
        self.id.load(Ordering::Relaxed) == id
    }

    fn take(&self, id: u64) -> bool {
        self.is(0)
            // ordering: Acquire pairs with the Release of who had the pair before.
            && self.id.compare_exchange(0, id, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use tracing::Span;
    use tracing_subscriber::layer::SubscriberExt;

    /// Closes spans, as a registry does only below a layer.
    struct Idle;

    impl<S: tracing_core::Subscriber> tracing_subscriber::Layer<S> for Idle {}

    #[test]
    fn spans_in_the_same_slot_of_the_registry_have_the_same_line() {
        let names = Names::new();
        let lines = |spans: &mut dyn Iterator<Item = Span>| -> HashSet<*const Line> {
            let ids = spans.filter_map(|span| span.id());
            ids.map(|id| std::ptr::from_ref(names.line(id.into_u64()))).collect()
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Idle), || {
            let short = lines(&mut (0..1000).map(|_| tracing::info_span!("short")));
            assert!(short.len() <= 2, "{} lines", short.len());
            let open: Vec<_> = (0..1000).map(|_| tracing::info_span!("long")).collect();
            assert!(lines(&mut open.iter().cloned()).len() > 500);
        });
    }

    #[test]
    fn more_spans_than_the_table_has_room_for_are_found_until_they_end() {
        const COUNT: u64 = (LINES * PAIRS * 2) as u64;
        let names = Names::new();
        let span = |number: u64| OpenSpan::from_bits(number << 7);
        let ids = || (1..=COUNT).map(Id::from_u64);
        ids().for_each(|id| names.add(&id, span(id.into_u64())));
        assert!(ids().all(|id| names.span(&id) == Some(span(id.into_u64()))));
        for id in ids().filter(|id| id.into_u64().is_multiple_of(3)) {
            assert_eq!(names.remove(&id), Some(span(id.into_u64())));
            assert_eq!((names.span(&id), names.remove(&id)), (None, None));
        }
        let is_open = |id: &Id| !id.into_u64().is_multiple_of(3);
        assert!(ids().all(|id| names.span(&id).is_some() == is_open(&id)));
        ids().filter(is_open).for_each(|id| assert!(names.remove(&id).is_some()));
        assert_eq!((names.others().len(), names.others_count.load(Ordering::Relaxed)), (0, 0));
    }
}
