//! The capture filter changes while a run is alive.
use crate::program::{Ended, Program, Running, now, tell, wait_for_test};
use obs::{Filter, Run};
use obs_test::lines::with;
use rustix::process::{Pid, Signal, kill_process};
use std::process::Stdio;
use std::time::Duration;
use tracing::{debug, info};

const LONG: Duration = Duration::from_secs(20);

fn filter(text: &str) -> Filter {
    Filter::parse(text).unwrap()
}

/// Waits until the filter is this one.
fn wait_for(run: &Run, expected: &str) {
    while run.filter().to_string() != expected {
        std::thread::yield_now();
    }
}

fn speak(when: &str) {
    debug!(target: "app::db", when, "from tracing");
    log::debug!(target: "app::db", when; "from log");
}

/// When the lines were said that the log has.
fn heard(ended: &Ended) -> Vec<(String, String)> {
    let text = |line: &serde_json::Map<String, serde_json::Value>, key| {
        line[key].as_str().unwrap().to_owned()
    };
    let log = ended.log();
    let said = log.iter().filter(|line| line.contains_key("when"));
    said.map(|line| (text(line, "when"), text(line, "event"))).collect()
}

/// What the log says of the filter's changes: what it is, what it was, who has changed it, and whether for a time.
fn changes(ended: &Ended) -> Vec<String> {
    let log = ended.log();
    let changes = with(&log, "event", "capture filter changed");
    let text = |line: &serde_json::Map<String, serde_json::Value>, key: &str| {
        line[key].as_str().unwrap().to_owned()
    };
    let said = changes.into_iter().map(|line| {
        let until = if line.contains_key("capture.until") { ", for a time" } else { "" };
        let [now, before, by] =
            ["capture", "capture.before", "capture.by"].map(|key| text(line, key));
        format!("{before} > {now} by {by}{until}")
    });
    said.collect()
}

#[test]
fn a_change_holds_for_tracing_and_log_at_once_and_is_recorded() {
    let ended = Program::of(|| {
        let run = obs::init("changes").unwrap();
        speak("before");
        let before = run.filter();
        run.set_filter(before.with("app::db=debug").unwrap());
        speak("between");
        run.set_filter(before.clone());
        run.set_filter(before);
        speak("after");
        run.finish(LONG);
    })
    .env("OBS_CAPTURE", "info")
    .env("OBS_LOG_LEVEL", "trace")
    .run()
    .well();
    let expected = ["from tracing", "from log"].map(|event| ("between".into(), event.into()));
    assert_eq!(heard(&ended), expected);
    assert_eq!(
        changes(&ended),
        ["info > info,app::db=debug by program", "info,app::db=debug > info by program",]
    );
}

#[test]
fn a_filter_for_a_time_takes_itself_back() {
    let ended = Program::of(|| {
        let run = obs::init("passes").unwrap();
        run.set_filter_for(filter("debug"), Duration::from_millis(50));
        speak("between");
        // The last thing that a change changes.
        while log::max_level() != log::LevelFilter::Info {
            std::thread::yield_now();
        }
        assert_eq!(run.filter().to_string(), "info");
        speak("after");
        run.set_filter_for(filter("trace"), LONG * 100);
        let ending = now();
        assert!(run.finish(LONG).is_complete());
        assert!(ending.elapsed() < LONG / 2, "the end does not wait for it");
    })
    .env("OBS_CAPTURE", "info")
    .env("OBS_LOG_LEVEL", "trace")
    .run()
    .well();
    assert!(heard(&ended).iter().all(|(when, _)| when == "between"), "{:?}", heard(&ended));
    assert_eq!(
        changes(&ended),
        [
            "info > debug by program, for a time",
            "debug > info by end of its time",
            "info > trace by program, for a time",
        ]
    );
}

#[test]
fn a_run_may_be_told_by_any_thread() {
    fn shared<T: Send + Sync>() {}
    shared::<Run>();
}

fn signal(running: &Running, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(running.id()).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

#[test]
fn a_signal_switches_the_filter_and_the_next_one_switches_it_back() {
    let mut running = Program::of(|| {
        let run = obs::init("signalled").unwrap();
        tell("ready");
        wait_for(&run, "debug,noise=off");
        tell("on");
        info!("still here");
        wait_for(&run, "info");
        tell("off");
        wait_for_test();
        run.finish(LONG);
        let again = obs::init("signalled").unwrap();
        tell("again");
        wait_for(&again, "debug,noise=off");
        again.finish(LONG);
        tell("over");
        wait_for_test();
    })
    .env("OBS_CAPTURE", "info")
    .env("OBS_FILTER_SIGNAL", "usr1")
    .env("OBS_CAPTURE_ON_SIGNAL", "debug,noise=off")
    .env("OBS_CAPTURE_ON_SIGNAL_FOR", "1h")
    .stdin(Stdio::piped())
    .start();
    running.told("ready");
    signal(&running, Signal::USR1);
    running.told("on");
    signal(&running, Signal::USR1);
    running.told("off");
    running.go_on();
    running.told("again");
    signal(&running, Signal::USR1);
    running.told("over");
    signal(&running, Signal::USR1);
    running.go_on();
    let ended = running.end().well();
    let first = crate::program::runs(ended.root.path())[0].clone();
    let log = obs_test::lines::read(&first.join("log.jsonl"));
    let by: Vec<_> = with(&log, "event", "capture filter changed");
    assert!(by.iter().all(|line| line["capture.by"] == "signal"), "{by:?}");
    assert_eq!(by.len(), 2);
}

#[test]
#[expect(unsafe_code, reason = "installing a signal handler")]
fn a_handler_of_the_programs_own_stays_and_a_warning_says_what_that_means() {
    extern "C" fn own(_: libc::c_int) {
        tell_from_handler();
    }
    fn tell_from_handler() {
        let written = rustix::io::write(std::io::stdout(), b"\n@own\n");
        assert_eq!(written, Ok(6));
    }
    let ended = Program::of(|| {
        // SAFETY: the handler makes one system call.
        let before = unsafe { libc::signal(libc::SIGUSR2, own as *const () as usize) };
        assert_eq!(before, libc::SIG_DFL);
        let run = obs::init("own-handler").unwrap();
        kill_process(rustix::process::getpid(), Signal::USR2).unwrap();
        assert_eq!(run.filter().to_string(), "info");
        run.finish(LONG);
    })
    .env("OBS_CAPTURE", "info")
    .env("OBS_FILTER_SIGNAL", "usr2")
    .run()
    .well();
    assert_eq!(ended.told("own").len(), 1);
    let words = "usr2 does not switch the capture filter: the program has a handler for it";
    assert_eq!(with(&ended.log(), "event", words).len(), 1, "{}", ended.shown());
}
