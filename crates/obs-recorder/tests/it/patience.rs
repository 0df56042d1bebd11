//! What a recovery does with sinks that fail.
use obs_core::io::Disk;
use obs_core::redact::Rules;
use obs_core::sink::Batch;
use obs_core::{Delivery, RunId, Sink, SinkError};
use obs_recorder::journal::WriterLimits;
use obs_recorder::layout::RunDirectory;
use obs_recorder::recover::{Patience, Recovery, recover};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happened, in order.
type Told = Arc<Mutex<Vec<String>>>;

/// A sink that fails until it was called so often.
struct Failing {
    name: &'static str,
    left: u32,
    told: Told,
    /// Set when it is called.
    stop: Option<Arc<AtomicBool>>,
}

impl Sink for Failing {
    fn name(&self) -> &str {
        self.name
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        if let Some(stop) = &self.stop {
            stop.store(true, Ordering::Relaxed);
        }
        if self.left == 0 {
            while batch.next().is_some() {}
            return Ok(());
        }
        self.left -= 1;
        self.told.lock().unwrap().push(format!("{} called", self.name));
        Err(SinkError::transient(format!("{} is away", self.name)))
    }
}

/// Recovers a run that left nothing but its directory, so that its end is all there is to be told.
fn recover_with(sinks: Vec<Failing>, patience: Patience) -> Delivery {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("2026-11-22T09-58-03Z_{}", RunId::new(3, 4)));
    std::fs::create_dir(&path).unwrap();
    let sinks = sinks.into_iter().map(|sink| Box::new(sink) as Box<dyn Sink>).collect();
    let recovery = Recovery {
        directory: RunDirectory::new(path),
        sinks,
        io: Arc::new(Disk::new()),
        rules: Rules::default(),
        limits: WriterLimits::new(1 << 20),
        patience,
    };
    recover(recovery).unwrap().delivery
}

fn telling(told: &Told) -> impl FnMut(&str, &str) + 'static {
    let told = Arc::clone(told);
    move |name, why| told.lock().unwrap().push(format!("told: {name}: {why}"))
}

#[test]
fn sinks_are_tried_by_turns_and_each_failure_is_told_once_when_it_begins() {
    let told = Told::default();
    let sink = |name, left| Failing { name, left, told: Arc::clone(&told), stop: None };
    let patience = Patience::new(Duration::from_secs(60)).telling(telling(&told));
    let delivery = recover_with(vec![sink("a", 2), sink("b", 2), sink("c", 0)], patience);
    let states: Vec<_> = delivery.sinks.iter().map(|it| (it.name.as_str(), it.pending)).collect();
    assert_eq!(states, [("a", 0), ("b", 0), ("c", 0)], "{delivery}");
    let told = told.lock().unwrap();
    let first = ["a called", "told: a: a is away", "b called", "told: b: b is away"];
    assert_eq!(told[..4], first);
    let mut rest: Vec<&str> = told[4..].iter().map(String::as_str).collect();
    rest.sort_unstable();
    assert_eq!(rest, ["a called", "b called"]);
}

#[test]
fn without_patience_each_sink_is_tried_once_and_nothing_is_told_of_later_tries() {
    let told = Told::default();
    let sink = |name| Failing { name, left: 9, told: Arc::clone(&told), stop: None };
    let patience = Patience::new(Duration::ZERO).telling(telling(&told));
    let delivery = recover_with(vec![sink("a"), sink("b")], patience);
    assert_eq!(*told.lock().unwrap(), ["a called", "b called"]);
    for sink in &delivery.sinks {
        assert_eq!(sink.error, Some(format!("{} is away", sink.name)));
        assert!(sink.pending > 0 && sink.delivered == 0, "{delivery}");
    }
}

#[test]
fn who_ends_it_early_need_not_wait() {
    let (told, stop) = (Told::default(), Arc::new(AtomicBool::new(false)));
    let name = "a";
    let sink = Failing { name, left: 9, told, stop: Some(Arc::clone(&stop)) };
    let patience = Patience::new(Duration::MAX).ended_by(stop);
    assert!(recover_with(vec![sink], patience).sinks[0].pending > 0);
}
