//! The program that is killed.
use super::Ledger;
use obs::{Context, Settings};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tracing::{info, info_span};

/// Events between two pauses, and the pause: some 20,000 events a second from each thread.
const BURST: u64 = 20;
const PAUSE: Duration = Duration::from_millis(1);
/// Events within one span.
const SPAN_EVENTS: u64 = 100;

/// Settings that make everything happen often.
pub(crate) fn settings(root: &Path) -> Settings {
    let mut settings = Settings::default();
    settings.service = "crash".into();
    settings.run_root = Some(root.into());
    settings.console = false;
    settings.log_rotate_bytes = 1 << 20;
    settings.log_files_max = 10_000;
    settings.log_gzip = false;
    settings.recover = false;
    settings
}

/// Logs from `threads` threads until it is killed, or dies in the way that `death` names after `after`.
///
/// # Panics
///
/// When the run cannot be started; and when that is how it is to die.
pub fn live(root: &Path, ledger: &Path, threads: usize, death: &str, after: Duration) {
    let ledger = Arc::new(Ledger::open(ledger).expect("the parent made the ledger"));
    let run = obs::init_with(settings(root)).expect("a run can start");
    run.set_context(&Context::new().with("equip_id", "FD_FAN"));
    for worker in 0..threads {
        let ledger = Arc::clone(&ledger);
        let builder = thread::Builder::new().name(format!("worker-{worker}"));
        builder.spawn(move || work(worker, &ledger)).expect("a thread can start");
    }
    let short_lived = thread::Builder::new().name("spawner".into()).spawn(|| {
        loop {
            let thread = thread::Builder::new().spawn(|| info!("a short life"));
            thread.expect("a thread can start").join().expect("it does not panic");
            thread::sleep(PAUSE);
        }
    });
    short_lived.expect("a thread can start");
    thread::sleep(after);
    match death {
        "abort" => std::process::abort(),
        "panic" => panic_and_abort(),
        "exit" => std::process::exit(7),
        _ => loop {
            thread::park();
        },
    }
}

/// What a program does that was built with `panic = "abort"`: it tells the panic, and nothing more of it runs.
fn panic_and_abort() -> ! {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tell(panic);
        std::process::abort();
    }));
    panic!("as planned");
}

fn work(worker: usize, ledger: &Ledger) {
    let mut number = 0;
    loop {
        let span = info_span!("batch", worker, first = number + 1);
        let _entered = span.enter();
        let request = Context::new().with("request_id", format!("{worker}-{number}"));
        let _context = request.enter();
        for _ in 0..SPAN_EVENTS {
            number += 1;
            let refused = obs_recorder::refused_here();
            info!(worker, number, "tick");
            if obs_recorder::refused_here() == refused {
                ledger.acknowledge(worker, number);
            } else {
                ledger.refuse(worker, number);
            }
            if number.is_multiple_of(BURST) {
                thread::sleep(PAUSE);
            }
        }
    }
}

/// Recovers the run in `directory`, as `obs recover` does.
///
/// # Errors
///
/// What it says.
pub fn recover(root: &Path, directory: &Path) -> Result<(), String> {
    obs::recover(directory, &settings(root)).map(drop).map_err(|error| error.to_string())
}
