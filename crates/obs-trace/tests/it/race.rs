//! A thread comes to a line for the first time while the filter changes.
use crate::recording::Alone;
use obs_core::Filter;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use tracing::{Dispatch, Event, Metadata, Subscriber, debug, span, subscriber::Interest};

/// Asked after ours whether it is interested in a callsite, and takes its time where the thread is called so.
struct Slow {
    asked: Sender<()>,
    may_answer: Mutex<Receiver<()>>,
}

impl Subscriber for Slow {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        if thread::current().name() == Some("slow") {
            self.asked.send(()).unwrap();
            self.may_answer.lock().unwrap_or_else(PoisonError::into_inner).recv().unwrap();
        }
        Interest::never()
    }
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn an_answer_from_before_a_change_that_is_kept_after_it_loses_nothing() {
    let line = |number: u64| debug!(target: "race", number, "line");
    let (asked, is_asked) = channel();
    let (answer, may_answer) = channel();
    let alone = Alone::new();
    let recording = alone.start("info,other=debug");
    let slow = Dispatch::new(Slow { asked, may_answer: Mutex::new(may_answer) });
    thread::scope(|scope| {
        let first = thread::Builder::new().name("slow".into());
        let first = first.spawn_scoped(scope, || line(1)).unwrap();
        is_asked.recv().unwrap();
        recording.capture.set(Some(Filter::parse("race=debug").unwrap()));
        answer.send(()).unwrap();
        first.join().unwrap();
    });
    line(2);
    drop(slow);
    let lines = recording.finish();
    assert!(lines.ends_with("debug race message=\"line\" number=2\n"), "{lines}");
}
