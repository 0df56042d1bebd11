//! The program that sends.
use super::Said;
use super::content::Content;
use crate::spread::{Counts, Spread};
use obs::settings::Overflow;
use obs::{Delivery, Run, Settings};
use obs_recorder::steady_ns;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tracing::{info, info_span};

/// How long the end waits for receivers.
const PATIENCE: Duration = Duration::from_secs(120);
/// Producers of events.
const PRODUCERS: u64 = 2;
/// No phase: nothing is counted.
const REST: usize = usize::MAX;

/// What a child is to do.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "the arguments of a command")]
pub struct Load {
    /// Where its run goes.
    pub root: PathBuf,
    /// Spans a second from each of two producers, and as many events.
    pub spans_per_s: u64,
    /// Phases that are told apart.
    pub phases: usize,
}

/// Makes so many spans and log records as fast as it goes, and prints what became of them.
///
/// # Errors
///
/// What the system says.
///
/// # Panics
///
/// When the run cannot be started.
pub fn make(root: &Path, count: u64) -> io::Result<()> {
    let run = obs::init_with(settings(root)).expect("a run can start");
    say(&directory(&run))?;
    (1..=count).for_each(record);
    let delivery = run.finish(PATIENCE);
    let said = Said { made: count, ..said(&delivery) };
    say(&serde_json::to_string(&said)?)
}

/// Records at a steady rate until standard input ends. A number on standard input begins a phase, any other word is a
/// pause; `finish` waits for receivers, `leave` does not. Prints the run's directory first, and last what was counted.
///
/// # Errors
///
/// What the system says.
///
/// # Panics
///
/// When the run cannot be started.
pub fn live(load: &Load) -> io::Result<()> {
    let run = obs::init_with(settings(&load.root)).expect("a run can start");
    say(&directory(&run))?;
    let work = Arc::new(Work::new(load.phases));
    let mut producers = Vec::new();
    for _ in 0..PRODUCERS {
        let (work, rate) = (Arc::clone(&work), load.spans_per_s);
        producers.push(thread::Builder::new().spawn(move || work.produce(rate))?);
    }
    let (mut memory, mut patience) = (0, PATIENCE);
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line == "leave" {
            patience = Duration::ZERO;
        }
        if work.phase.swap(line.parse().unwrap_or(REST), Ordering::Relaxed) == 0 {
            memory = status_kib("VmRSS");
        }
    }
    work.is_over.store(true, Ordering::Relaxed);
    for producer in producers {
        producer.join().expect("a producer never panics");
    }
    let made = work.next.load(Ordering::Relaxed) - 1;
    let delivery = run.finish(patience);
    let events = work.events.iter().map(Counts::spread).collect::<Vec<Spread>>();
    let memory_kib = [memory, status_kib("VmHWM")];
    say(&serde_json::to_string(&Said { made, events, memory_kib, ..said(&delivery) })?)
}

fn directory(run: &Run) -> String {
    run.dir().map(|path| path.display().to_string()).unwrap_or_default()
}

/// What is sent, and where, the environment says.
fn settings(root: &Path) -> Settings {
    let mut settings = Settings::from_env();
    settings.service = "load".into();
    settings.run_root = Some(root.to_owned());
    settings.console = false;
    settings.recover = false;
    settings.overflow = Overflow::Block;
    settings.journal_bytes_max = 8 << 30;
    settings
}

fn said(delivery: &Delivery) -> Said {
    let sending = || delivery.sinks.iter().filter(|sink| obs::is_sending(&sink.name));
    Said {
        lost: sending().map(|sink| (sink.name.clone(), sink.lost)).collect(),
        pending: sending().map(|sink| sink.pending).sum(),
        ..Said::default()
    }
}

fn say(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    stdout.write_all(line.as_bytes())?;
    stdout.write_all(b"\n")?;
    stdout.flush()
}

/// A line of the process's status, in KiB.
fn status_kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Makes the span and the log record of a number.
fn record(number: u64) {
    let Content { number, text, int, float, flag } = Content::of(number);
    let span = info_span!("work", number, text, int, float, flag);
    let _entered = span.enter();
    info!(number, text, int, float, flag, "did");
}

/// What producers share.
struct Work {
    next: AtomicU64,
    phase: AtomicUsize,
    is_over: AtomicBool,
    events: Vec<Counts>,
}

impl Work {
    fn new(phases: usize) -> Self {
        Self {
            next: AtomicU64::new(1),
            phase: AtomicUsize::new(REST),
            is_over: AtomicBool::new(false),
            events: (0..phases).map(|_| Counts::new()).collect(),
        }
    }

    fn produce(&self, spans_per_s: u64) {
        const BURST: u64 = 10;
        let pause = BURST * 1_000_000_000 / spans_per_s.max(1);
        let mut due = steady_ns();
        while !self.is_over.load(Ordering::Relaxed) {
            for _ in 0..BURST {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                let content = Content::of(number);
                let begun = steady_ns();
                let Content { number, text, int, float, flag } = &content;
                let span = info_span!("work", number, text, int, float, flag);
                span.in_scope(|| info!(number, text, int, float, flag, "did"));
                drop(span);
                let took = steady_ns() - begun;
                if let Some(counts) = self.events.get(self.phase.load(Ordering::Relaxed)) {
                    counts.add(took);
                }
            }
            due += pause;
            thread::sleep(Duration::from_nanos(due.saturating_sub(steady_ns())));
        }
    }
}
