//! The filter changes a thousand times while threads come to lines that nobody has come to before.
use crate::program::{Ended, Program, tell};
use obs::{Filter, Run};
use obs_test::lines::numbers;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use tracing::callsite::{Callsite, DefaultCallsite};
use tracing::field::{Field, Value};
use tracing::level_filters::LevelFilter;
use tracing::metadata::Kind;
use tracing::{Event, Level, Metadata, info};
use tracing_core::metadata;

const FLIPS: u64 = 1_000;
const THREADS: u64 = 4;
/// Events of a thread in a phase that lets them through, at most.
const EVENTS: u64 = 20;

/// What lets lines through, and what does not: by level, by target, and altogether.
const ON: [&str; 2] = ["info", "warn,flip=info"];
const OFF: [&str; 3] = ["trace,flip=off", "off", "debug,flip=warn"];

/// Ten times what is given: each callsite in it is one of its own.
macro_rules! ten {
    ($($it:tt)*) => {
        [
            $($it)*, $($it)*, $($it)*, $($it)*, $($it)*,
            $($it)*, $($it)*, $($it)*, $($it)*, $($it)*,
        ]
    };
}

/// A line as `info!` makes one, in a fraction of the time that a compiler takes for that.
macro_rules! callsite {
    () => {
        |number| {
            static CALLSITE: DefaultCallsite = DefaultCallsite::new(&METADATA);
            static METADATA: Metadata<'static> = metadata! {
                name: "line",
                target: "flip",
                level: Level::INFO,
                fields: &["message", "number"],
                callsite: &CALLSITE,
                kind: Kind::EVENT
            };
            say(&CALLSITE, number);
        }
    };
}

type Line = fn(u64);

/// A hundred lines by the macro, and more that do what it does.
static MACROS: [[Line; 10]; 10] = ten!(ten!(|number| info!(target: "flip", number, "line")));
static LINES: [[[Line; 10]; 10]; 10] = ten!(ten!(ten!(callsite!())));
static LOG_LINES: [Line; 10] = ten!(|number| log::info!(target: "flip", number; "line"));

/// A hundred lines of `tracing` for one of `log`.
fn line(at: u64) -> Line {
    let at = at as usize;
    match (at % 101, at / 100 % 10, at / 10 % 10, at % 10) {
        (100, ..) => LOG_LINES[at / 101 % 10],
        (_, 9, tens, ones) => MACROS[tens][ones],
        (_, hundreds, tens, ones) => LINES[hundreds][tens][ones],
    }
}

/// What `info!` does with a callsite.
fn say(callsite: &'static DefaultCallsite, number: u64) {
    if LevelFilter::current() < Level::INFO {
        return;
    }
    let (interest, metadata) = (callsite.interest(), callsite.metadata());
    let is_enabled = || tracing::dispatcher::get_default(|it| it.enabled(metadata));
    if interest.is_always() || !interest.is_never() && is_enabled() {
        let fields = metadata.fields();
        let [Some(message), Some(named)] = ["message", "number"].map(|name| fields.field(name))
        else {
            panic!("these are its fields");
        };
        let values: [(&Field, Option<&dyn Value>); 2] =
            [(&message, Some(&format_args!("line"))), (&named, Some(&number))];
        Event::dispatch(metadata, &fields.value_set(&values));
    }
}

/// How far the flips are.
#[derive(Default)]
struct Phase {
    /// Odd while lines are let through, and nobody changes that.
    number: AtomicU64,
    /// How many events began and ended within such a phase.
    kept: AtomicU64,
}

impl Phase {
    fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// Lasts until an event began and ended in it.
    fn let_through(&self) {
        let kept = self.kept.load(Ordering::Acquire);
        self.number.fetch_add(1, Ordering::AcqRel);
        while self.kept.load(Ordering::Acquire) == kept {
            thread::yield_now();
        }
        self.number.fetch_add(1, Ordering::AcqRel);
    }
}

/// Flips under load; tells the numbers of all events that began after a flip had returned, and ended before the next.
fn flip(run: &Run) {
    let phase = &Phase::default();
    let kept: Vec<Vec<u64>> = thread::scope(|scope| {
        let speaker = |thread| scope.spawn(move || speak(thread, phase));
        let speakers: Vec<_> = (0..THREADS).map(speaker).collect();
        for flip in 0..FLIPS {
            let filter = |all: &[&str]| Filter::parse(all[flip as usize % all.len()]).unwrap();
            run.set_filter(filter(&ON));
            phase.let_through();
            run.set_filter(filter(&OFF));
        }
        speakers.into_iter().map(|speaker| speaker.join().unwrap()).collect()
    });
    let kept = kept.concat();
    tell(&format!("kept {}", kept.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")));
}

/// Comes to ever more lines, the further the flips are; some in every phase.
fn speak(thread: u64, phase: &Phase) -> Vec<u64> {
    let mut kept = Vec::new();
    let (mut number, mut said) = (thread << 32, 0);
    let mut before = phase.number();
    while before < 2 * FLIPS {
        let lets_through = before % 2 == 1;
        let speaks = !lets_through || said < EVENTS;
        if speaks {
            number += 1;
            let known = before * 1_010 / (2 * FLIPS) + 1;
            line((number.wrapping_mul(0x9e37_79b9) >> 8) % known)(number);
        } else {
            thread::yield_now();
        }
        let after = phase.number();
        if speaks && lets_through && after == before {
            phase.kept.fetch_add(1, Ordering::AcqRel);
            kept.push(number);
        }
        said = if after == before { said + 1 } else { 0 };
        before = after;
    }
    kept
}

fn judge(ended: &Ended) {
    let kept: Vec<u64> =
        ended.told("kept")[0].split(' ').map(|number| number.parse().unwrap()).collect();
    let there: HashSet<u64> = numbers(&ended.log(), "number").into_iter().collect();
    let lost: Vec<_> = kept.iter().filter(|number| !there.contains(number)).collect();
    assert_eq!(lost, Vec::<&u64>::new(), "of {}", kept.len());
    assert!(kept.len() as u64 >= FLIPS, "{}", kept.len());
}

#[test]
fn no_event_is_lost_that_the_filter_lets_through() {
    let program = Program::of(|| {
        let run = obs::init("flips").unwrap();
        flip(&run);
        assert!(run.finish(Duration::from_secs(30)).is_complete());
    });
    let program = program.env("OBS_CONSOLE", "false").env("OBS_OVERFLOW", "block");
    judge(&program.run().well());
}

#[cfg(feature = "layer")]
#[test]
fn no_event_is_lost_that_the_filter_lets_through_to_the_layer() {
    use tracing_subscriber::layer::{Layer, SubscriberExt};
    let program = Program::of(|| {
        let run = obs::init_beside("flips").unwrap();
        let fmt = tracing_subscriber::fmt::layer().with_writer(std::io::sink);
        let warnings = tracing_subscriber::filter::LevelFilter::WARN;
        let registry =
            tracing_subscriber::registry().with(fmt.with_filter(warnings)).with(obs::layer(&run));
        tracing::subscriber::set_global_default(registry).unwrap();
        obs::install_logger(&run).unwrap();
        flip(&run);
        assert!(run.finish(Duration::from_secs(30)).is_complete());
    });
    let program = program.env("OBS_CONSOLE", "false").env("OBS_OVERFLOW", "block");
    judge(&program.run().well());
}
