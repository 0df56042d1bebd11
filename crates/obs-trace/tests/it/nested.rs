//! Other subscribers beside the process's own, and many threads.
use crate::recording::recorded;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use tracing::subscriber::{NoSubscriber, with_default};
use tracing::{Dispatch, Event, Metadata, Subscriber, dispatcher, info, info_span, span};

/// Counts what it is given.
#[derive(Default)]
struct Counts(Arc<AtomicU32>);

impl Subscriber for Counts {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn within_another_subscriber_events_are_that_ones_and_afterwards_ours_again() {
    let counted = Arc::new(AtomicU32::new(0));
    let lines = recorded("trace", || {
        let say = |text| info!(target: "app", "{text}");
        let outer = info_span!("ours").entered();
        say("before");
        with_default(Counts(Arc::clone(&counted)), || {
            say("theirs");
            let _span = info_span!("theirs").entered();
            say("theirs");
            with_default(NoSubscriber::default(), || say("nobody's"));
        });
        say("after");
        drop(outer);
    });
    assert_eq!(counted.load(Ordering::Relaxed), 2);
    let texts: Vec<_> = lines.lines().filter(|line| line.starts_with("info")).collect();
    assert_eq!(
        texts,
        [r#"info app message="before" in ours"#, r#"info app message="after" in ours"#]
    );
}

#[test]
fn our_own_dispatch_within_another_records_and_ends_spans_that_the_other_never_saw() {
    let lines = recorded("trace", || {
        let ours = dispatcher::get_default(Dispatch::clone);
        let span = info_span!("ours");
        with_default(NoSubscriber::default(), || {
            dispatcher::with_default(&ours, || info!(target: "app", parent: &span, "through ours"));
            drop(span);
        });
    });
    assert_eq!(lines, "begin ours\ninfo app message=\"through ours\" in ours\nend   ours\n");
}

#[test]
fn spans_that_are_handed_from_thread_to_thread_keep_their_places() {
    const THREADS: u64 = 8;
    let lines = recorded("trace", || {
        let start = Barrier::new(THREADS as usize);
        let root = info_span!("root");
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (start, root) = (&start, root.clone());
                scope.spawn(move || {
                    start.wait();
                    for number in 0..200 {
                        let span = info_span!(parent: &root, "step", thread);
                        span.in_scope(|| info!(target: "app", number, "work"));
                    }
                });
            }
        });
    });
    let count = |text| lines.lines().filter(|line| line.contains(text)).count() as u64;
    assert_eq!(count(r#"message="work" number="#), THREADS * 200);
    assert_eq!(count(" in step in root"), THREADS * 200);
    assert_eq!((count("begin step"), count("end   step")), (THREADS * 200, THREADS * 200));
    assert!(lines.ends_with("end   root\n"), "the last of all");
}
