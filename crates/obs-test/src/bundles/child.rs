//! The program that is bundled while it works.
use super::SECRETS;
use crate::spread::{Counts, Spread};
use obs::{Context, Settings};
use obs_recorder::steady_ns;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tracing::{info, info_span, warn};

/// Producers of events.
const PRODUCERS: u64 = 2;
/// Events between two pauses.
const BURST: u64 = 20;
/// One event in so many has a secret in it.
const SECRET_EACH: u64 = 50;
/// No phase: nothing is counted.
const REST: usize = usize::MAX;
const MIB: u64 = 1 << 20;

/// What a child is to do.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "the arguments of a command")]
pub struct Load {
    /// Where its run goes.
    pub root: PathBuf,
    /// Events a second from each producer.
    pub events_per_s: u64,
    /// What log and journal may hold, each.
    pub kept_mib: u64,
    /// Phases that are told apart.
    pub phases: usize,
}

/// Logs until standard input ends. Says the run's directory first; a number on standard input begins a phase, any other
/// word is a pause. Prints what was counted in each phase as its last line.
///
/// # Errors
///
/// What the system says.
///
/// # Panics
///
/// When the run cannot be started.
pub fn live(load: &Load) -> io::Result<()> {
    let run = obs::init_with(settings(load)).expect("a run can start");
    let directory = run.dir().expect("it has a directory").to_owned();
    run.set_context(&Context::new().with("equip_id", "FD_FAN"));
    let phase = Arc::new(AtomicUsize::new(REST));
    let counts: Arc<Vec<Timed>> = Arc::new((0..load.phases).map(|_| Timed::new()).collect());
    for producer in 0..PRODUCERS {
        let (phase, counts, rate) = (Arc::clone(&phase), Arc::clone(&counts), load.events_per_s);
        let body = move || produce(producer, rate, &phase, &counts);
        thread::Builder::new().name(format!("producer-{producer}")).spawn(body)?;
    }
    say(&directory.display().to_string())?;
    for line in io::stdin().lock().lines() {
        phase.store(line?.parse().unwrap_or(REST), Ordering::Relaxed);
    }
    phase.store(REST, Ordering::Relaxed);
    let spreads = counts.iter().map(|timed| (timed.events.spread(), timed.late.spread()));
    say(&serde_json::to_string(&spreads.collect::<Vec<(Spread, Spread)>>())?)
}

/// What was taken the time of in a phase.
struct Timed {
    events: Counts,
    /// How much later than planned bursts began.
    late: Counts,
}

impl Timed {
    fn new() -> Self {
        Self { events: Counts::new(), late: Counts::new() }
    }
}

fn settings(load: &Load) -> Settings {
    let mut settings = Settings::default();
    settings.service = "load".into();
    settings.run_root = Some(load.root.clone());
    settings.console = false;
    settings.recover = false;
    settings.log_gzip = false;
    settings.log_files_max = 4;
    settings.log_rotate_bytes = load.kept_mib * MIB / 4;
    settings.segment_bytes = (load.kept_mib * MIB / 4).max(MIB);
    settings.journal_bytes_max = load.kept_mib * MIB;
    settings
}

fn say(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    stdout.write_all(line.as_bytes())?;
    stdout.write_all(b"\n")?;
    stdout.flush()
}

fn produce(producer: u64, events_per_s: u64, phase: &AtomicUsize, counts: &[Timed]) {
    let pause = Duration::from_nanos(BURST * 1_000_000_000 / events_per_s.max(1));
    let mut next = steady_ns();
    for burst in 0.. {
        let span = info_span!("batch", producer, burst);
        let _entered = span.enter();
        if let Some(timed) = counts.get(phase.load(Ordering::Relaxed)) {
            timed.late.add(steady_ns().saturating_sub(next));
        }
        for number in burst * BURST..(burst + 1) * BURST {
            let started = steady_ns();
            log(number);
            let took = steady_ns() - started;
            if let Some(timed) = counts.get(phase.load(Ordering::Relaxed)) {
                timed.events.add(took);
            }
        }
        next += pause.as_nanos() as u64;
        thread::sleep(Duration::from_nanos(next.saturating_sub(steady_ns())));
    }
}

fn log(number: u64) {
    let path = "/api/v1/items";
    if !number.is_multiple_of(SECRET_EACH) {
        info!(number, path, status = 200, elapsed_us = number % 977, "request served");
        return;
    }
    let [github, amazon, gitlab, pass, word, web] = SECRETS;
    match number / SECRET_EACH % 4 {
        0 => warn!(number, db_password = pass, "cannot connect with password={word}"),
        1 => warn!(number, "refused: token {github}, key {amazon}"),
        2 => warn!(number, url = %format_args!("https://ada:{word}@host/x"), header = web, "sent"),
        _ => warn!(number, error = %format_args!("git said {gitlab}"), "clone failed"),
    }
}
