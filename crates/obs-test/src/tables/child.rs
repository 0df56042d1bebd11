//! The program whose records go to a database.
use crate::sim::Dice;
use obs::settings::Overflow;
use obs::{Context, Settings};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;
use tracing::{info, info_span, warn};

/// How long the end waits for the database.
const PATIENCE: Duration = Duration::from_secs(600);

/// Makes so many records of all sorts as fast as it goes, and waits until they are in the database. Prints the run's
/// directory.
///
/// # Errors
///
/// What the system says, or what is not delivered.
///
/// # Panics
///
/// When the run cannot be started.
pub fn make(root: &Path, records: u64) -> io::Result<()> {
    let run = obs::init_with(settings(root)).expect("a run can start");
    say(&run)?;
    let mut dice = Dice::new(records);
    (1..=records).for_each(|number| record(number, &mut dice));
    let delivery = run.finish(PATIENCE);
    match delivery.is_complete() {
        true => Ok(()),
        false => Err(io::Error::other(format!("not all is delivered: {delivery}"))),
    }
}

/// Makes records, so many each millisecond, until standard input ends; then as [`make`].
///
/// # Errors
///
/// What the system says, or what is not delivered.
///
/// # Panics
///
/// When the run cannot be started.
pub fn flood(root: &Path, per_ms: u64) -> io::Result<()> {
    let run = obs::init_with(settings(root)).expect("a run can start");
    say(&run)?;
    let over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let told = std::sync::Arc::clone(&over);
    let wait = move || {
        let _ended = io::stdin().read_to_end(&mut Vec::new()).is_ok();
        told.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    std::thread::Builder::new().name("wait".to_owned()).spawn(wait)?;
    let (mut dice, mut number) = (Dice::new(7), 0);
    while !over.load(std::sync::atomic::Ordering::Relaxed) {
        for _ in 0..per_ms {
            number += 1;
            record(number, &mut dice);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let delivery = run.finish(PATIENCE);
    match delivery.is_complete() {
        true => Ok(()),
        false => Err(io::Error::other(format!("not all is delivered: {delivery}"))),
    }
}

/// The database is named by the environment.
fn settings(root: &Path) -> Settings {
    let mut settings = Settings::from_env();
    settings.service = "tables".into();
    settings.run_root = Some(root.to_owned());
    settings.console = false;
    settings.recover = false;
    settings.overflow = Overflow::Block;
    settings.journal_bytes_max = 16 << 30;
    settings.runs_bytes_max = 0;
    settings.runs_count_max = 0;
    settings.log_rotate_bytes = 0;
    // What is synced goes to the database: often, so that a kill finds it at work.
    settings.sync_interval = Duration::from_millis(20);
    settings
}

fn say(run: &obs::Run) -> io::Result<()> {
    let directory = run.dir().map(|path| path.display().to_string()).unwrap_or_default();
    let mut stdout = io::stdout();
    stdout.write_all(directory.as_bytes())?;
    stdout.write_all(b"\n")?;
    stdout.flush()
}

const TEXTS: [&str; 12] = [
    "plain",
    "'; DROP TABLE obs_logs; --",
    "\"quoted\" and `quoted` and \\ and \\' and $1 ? %s",
    "a\0b\0",
    "␀␛NaN",
    "NaN",
    "grüße, 界, 𝄞, e\u{301}, \u{202e}gnp.exe",
    "tab\tline\nreturn\r\u{1b}[31m",
    "",
    "   ",
    "{\"a\":{\"b\":[1,[2,[3,[4,[5,[6,[7,[8,[9,[10,[11,[12]]]]]]]]]]]]}}",
    "\\N",
];
const INTEGERS: [i64; 5] = [0, -1, i64::MIN, i64::MAX, 1 << 53];
const FLOATS: [f64; 8] =
    [0.5, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 5e-324, 0.1];

/// One record in so many holds a text of 64 KiB.
const LONG_ONE_IN: u64 = 1_000;
/// One in so many is deep JSON.
const DEEP_ONE_IN: u64 = 500;

/// Makes one record: an event, or now and then a span.
fn record(number: u64, dice: &mut Dice) {
    let text = TEXTS[dice.below(TEXTS.len() as u64) as usize];
    let (int, uint) = (INTEGERS[dice.below(5) as usize], u64::MAX - dice.below(3));
    let (float, flag) = (FLOATS[dice.below(8) as usize], number.is_multiple_of(2));
    if number.is_multiple_of(LONG_ONE_IN) {
        let long = ["a", "ü", "界", "𝄞"][dice.below(4) as usize].repeat(16 << 10);
        info!(number, long = long.as_str(), "long");
    } else if number.is_multiple_of(DEEP_ONE_IN) {
        let deep = format!("{}7{}", "{\"a\":[".repeat(200), "]}".repeat(200));
        info!(number, deep, "deep");
    } else if number.is_multiple_of(8) {
        let span = info_span!("work", number, text, int, float, flag);
        let _entered = span.enter();
    } else if number.is_multiple_of(5) {
        let _context = Context::current().with("request_id", text).enter();
        warn!(number, float, flag, action = text, success = flag, latency_ms = 0.25, "{text}");
    } else {
        info!(number, text, int, uint, float, flag, big = u128::MAX, "did {text}");
    }
}
