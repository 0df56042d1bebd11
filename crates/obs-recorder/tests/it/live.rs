//! Runs that live and finish.
use crate::support::{Shelf, events, start, start_with};
use obs_core::record::Fact;
use obs_core::settings::Overflow;
use obs_core::{Batch, Delivery, Sink, SinkError};
use obs_recorder::StartError;
use obs_test::bare::{alone, say, settings};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(10);

#[test]
fn what_threads_say_arrives_once_and_in_the_order_of_each_thread() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let shelf = Shelf::default();
    let mut settings = settings();
    settings.overflow = Overflow::Block;
    let mut run = start(Some(directory.path()), &settings, &shelf);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let builder = std::thread::Builder::new().name(format!("speaker {thread}"));
            builder
                .spawn_scoped(scope, || (0..5_000).for_each(|number| say("event", number)))
                .unwrap();
        }
    });
    let delivery = run.finish(LONG);
    assert!(delivery.is_complete(), "{delivery}");
    let events = events(&shelf);
    assert_eq!(events.len(), 20_000);
    for thread in 0..4 {
        let numbers: Vec<u64> = events
            .iter()
            .filter(|event| event.thread == format!("speaker {thread}"))
            .map(|event| event.number)
            .collect();
        assert!(numbers.iter().copied().eq(0..5_000), "speaker {thread}");
    }
    let seqs: Vec<u64> = shelf.lock().unwrap().iter().map(|kept| kept.seq).collect();
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "every number once");
    assert_eq!(delivery.emitted, seqs.len() as u64);
}

#[test]
fn what_a_thread_did_after_it_had_seen_another_comes_after_that_ones() {
    let _alone = alone();
    let shelf = Shelf::default();
    let mut settings = settings();
    settings.overflow = Overflow::Block;
    let mut run = start(None, &settings, &shelf);
    // Two threads throw a ball to and fro as fast as they can, and tell of every throw.
    let (ball, throws) = (AtomicU64::new(0), 50_000);
    let play = |first: u64| {
        for throw in (first..throws).step_by(2) {
            while ball.load(Ordering::Acquire) != throw {
                std::hint::spin_loop();
            }
            say("event", throw);
            ball.store(throw + 1, Ordering::Release);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| play(0));
        play(1);
    });
    assert!(run.finish(LONG).is_complete());
    let told: Vec<u64> = events(&shelf).iter().map(|event| event.number).collect();
    let first_wrong = told.iter().zip(0..).find(|(told, throw)| *told != throw);
    assert_eq!((told.len() as u64, first_wrong), (throws, None));
}

#[test]
fn a_second_run_is_refused_while_one_is_alive_and_welcome_afterwards() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let shelf = Shelf::default();
    let mut run = start(Some(directory.path()), &settings(), &shelf);
    let another = tempfile::tempdir().unwrap();
    let refused =
        std::panic::catch_unwind(|| start(Some(another.path()), &settings(), &Shelf::default()));
    assert!(refused.is_err(), "{:?}", StartError::Occupied);
    run.finish(LONG);
    let mut second = start(Some(another.path()), &settings(), &shelf);
    say("event", 7);
    assert!(second.finish(LONG).is_complete());
    assert_eq!(events(&shelf).len(), 1);
}

#[test]
fn without_a_directory_records_still_reach_the_sinks() {
    let _alone = alone();
    let shelf = Shelf::default();
    let mut run = start(None, &settings(), &shelf);
    (0..1_000).for_each(|number| say("event", number));
    let delivery = run.finish(LONG);
    assert!(delivery.is_complete(), "{delivery}");
    assert_eq!(events(&shelf).len(), 1_000);
}

/// A sink whose flushes with these numbers, from 1, fail. It tells of each.
struct Moody {
    fails: RangeInclusive<u32>,
    flushes: u32,
    told: Sender<()>,
}

impl Sink for Moody {
    fn name(&self) -> &str {
        "moody"
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        while batch.next().is_some() {}
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.flushes += 1;
        self.told.send(()).unwrap();
        let fails = self.fails.contains(&self.flushes);
        if fails { Err(SinkError::transient("not today")) } else { Ok(()) }
    }
}

/// A run with a moody sink, which says something before and after the first flush, and ends.
fn end_with_moods(fails: RangeInclusive<u32>, timeout: Duration) -> Delivery {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let (told, flushed) = channel();
    let sink = Moody { fails, flushes: 0, told };
    let mut run = start_with(Some(directory.path()), &settings(), Box::new(sink));
    say("event", 0);
    flushed.recv().unwrap();
    say("event", 1);
    let delivery = run.finish(timeout);
    drop(flushed);
    delivery
}

#[test]
fn a_sink_that_failed_and_does_no_more_is_not_said_to_fail() {
    let delivery = end_with_moods(2..=2, LONG);
    assert!(delivery.is_complete(), "{delivery}");
    assert_eq!(delivery.sinks[0].error, None);
}

#[test]
fn a_sink_that_still_fails_at_the_end_says_why_and_what_it_took_is_pending() {
    let delivery = end_with_moods(2..=u32::MAX, Duration::from_millis(200));
    assert_eq!(delivery.sinks[0].error.as_deref(), Some("not today"), "{delivery}");
    assert!(delivery.sinks[0].pending > 0, "{delivery}");
}

/// A sink of the run directory that takes its time over every record.
struct Slow {
    taken: Arc<AtomicU64>,
}

impl Sink for Slow {
    fn name(&self) -> &str {
        "slow"
    }

    fn is_in_run_directory(&self) -> bool {
        true
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        while let Some(record) = batch.next() {
            let started = obs_recorder::steady_ns();
            while obs_recorder::steady_ns() - started < 100_000 {
                std::hint::spin_loop();
            }
            self.taken
                .fetch_add(u64::from(matches!(record.fact, Fact::Event(_))), Ordering::Relaxed);
        }
        Ok(())
    }
}

#[test]
fn threads_that_block_wait_for_a_slow_file_of_the_run_rather_than_outrun_the_journal() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let mut settings = settings();
    settings.overflow = Overflow::Block;
    (settings.segment_bytes, settings.journal_bytes_max) = (1 << 20, 4 << 20);
    let taken = Arc::new(AtomicU64::new(0));
    let sink = Slow { taken: Arc::clone(&taken) };
    let mut run = start_with(Some(directory.path()), &settings, Box::new(sink));
    let text = "8 KiB of text ".repeat(585);
    (0..4_000).for_each(|number| say(&text, number));
    let delivery = run.finish(LONG);
    assert!(delivery.is_complete(), "{delivery}");
    assert_eq!(taken.load(Ordering::Relaxed), 4_000);
}

/// A sink of the run directory that panics.
struct Panicking;

impl Sink for Panicking {
    fn name(&self) -> &str {
        "panicking"
    }

    fn is_in_run_directory(&self) -> bool {
        true
    }

    fn write(&mut self, _: &mut dyn Batch) -> Result<(), SinkError> {
        panic!("as it shall")
    }
}

#[test]
fn threads_that_block_do_not_wait_for_a_sink_that_panicked() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let mut settings = settings();
    settings.overflow = Overflow::Block;
    (settings.segment_bytes, settings.journal_bytes_max) = (1 << 20, 4 << 20);
    let mut run = start_with(Some(directory.path()), &settings, Box::new(Panicking));
    let (told, said) = channel();
    let speaker = std::thread::Builder::new().spawn(move || {
        let text = "8 KiB of text ".repeat(585);
        (0..2_000).for_each(|number| say(&text, number));
        told.send(()).unwrap();
    });
    assert!(speaker.is_ok());
    let waited = said.recv_timeout(Duration::from_secs(30));
    let delivery = run.finish(Duration::from_millis(200));
    assert_eq!(waited, Ok(()), "{delivery}");
    assert_eq!(delivery.sinks[0].error.as_deref(), Some("the sink panicked"), "{delivery}");
}

#[test]
fn while_the_drain_stands_still_a_thread_waits_once_and_every_refusal_is_told() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let shelf = Shelf::default();
    let mut run = start(Some(directory.path()), &settings(), &shelf);
    say("event", 0);
    run.stall_drain(true);
    let began = obs_recorder::steady_ns();
    let refused_before = obs_recorder::refused_here();
    (1..100_000).for_each(|number| say("event", number));
    let took = Duration::from_nanos(obs_recorder::steady_ns() - began);
    let refused = obs_recorder::refused_here() - refused_before;
    run.stall_drain(false);
    // Each of them would have waited for ten milliseconds.
    assert!(refused > 50_000 && took < Duration::from_secs(5), "{refused} refused in {took:?}");
    let delivery = run.finish(LONG);
    let told: u64 = shelf
        .lock()
        .unwrap()
        .iter()
        .filter(|kept| kept.text.starts_with("lost"))
        .map(|kept| kept.number)
        .sum();
    assert_eq!((delivery.lost, told), (refused, refused), "{delivery}");
    assert_eq!(events(&shelf).len() as u64, 100_000 - refused);
}
