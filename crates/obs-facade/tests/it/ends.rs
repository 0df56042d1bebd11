//! Programs that end at once: their last lines are on the terminal, in order.
use crate::program::{Program, tell};
use crate::terminal::Terminal;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use tracing::{error, info};

/// Starts a run that is never finished, and says a few lines.
fn speak() {
    std::mem::forget(obs::init("ends").unwrap());
    (0..100).for_each(|number| info!(number, "work"));
    error!("last words");
}

fn assert_all_is_shown(shown: &str) {
    let lines = shown.lines().filter(|line| line.contains("  work  ") && line.contains("number"));
    assert_eq!(lines.count(), 100, "{shown}");
    assert_eq!(shown.matches("last words").count(), 1, "{shown}");
}

#[test]
fn what_was_said_before_exit_is_on_the_terminal() {
    let (terminal, stderr) = Terminal::new();
    let ended = Program::of(|| {
        speak();
        std::process::exit(1)
    })
    .stderr(stderr)
    .run();
    assert_eq!(ended.status.code(), Some(1));
    let shown = terminal.shown();
    assert_all_is_shown(&shown);
    assert!(shown.trim_end().lines().last().unwrap().contains("process exits"), "{shown}");
}

#[test]
fn an_exit_in_a_thread_shows_the_lines_of_all_threads() {
    let ended = Program::of(|| {
        speak();
        let exit = || {
            error!("from a thread");
            std::process::exit(3)
        };
        std::thread::Builder::new().spawn(exit).unwrap().join().unwrap()
    })
    .run();
    assert_eq!(ended.status.code(), Some(3));
    assert_all_is_shown(&ended.shown());
    assert!(ended.shown().contains("from a thread"));
}

#[test]
fn a_panic_is_shown_behind_what_came_before_it() {
    let ended = Program::of(|| {
        let panicking = || {
            speak();
            panic!("no way out")
        };
        let panicked = std::thread::Builder::new().name("worker".into()).spawn(panicking);
        tell(&format!("{:?}", panicked.unwrap().join().is_err()));
    })
    .run()
    .well();
    let shown = ended.shown();
    assert_all_is_shown(&shown);
    let ours = shown.find("panicked: no way out").unwrap();
    let library = shown.find("thread 'worker'").unwrap();
    assert!(shown.find("last words").unwrap() < ours && ours < library, "{shown}");
    assert!(shown.contains("panic.thread=worker"), "{shown}");
}

#[test]
fn a_panic_while_panicking_aborts_with_everything_shown() {
    struct Worse;
    impl Drop for Worse {
        fn drop(&mut self) {
            error!("on the way down");
            panic!("and worse");
        }
    }
    let ended = Program::of(|| {
        speak();
        let _worse = Worse;
        panic!("bad");
    })
    .run();
    assert_eq!(ended.status.signal(), Some(libc::SIGABRT));
    assert_all_is_shown(&ended.shown());
    for line in ["panicked: bad", "on the way down", "panicked: and worse"] {
        assert!(ended.shown().contains(line), "{line} in {}", ended.shown());
    }
}

#[test]
fn a_program_that_is_built_to_abort_on_panic_shows_its_last_lines() {
    let (terminal, stderr) = Terminal::new();
    let root = tempfile::tempdir().unwrap();
    // The programs of other tests unwind.
    let program = root.path().join("aborts");
    let example = obs_test::cargo::Example::build("last_words").unwrap();
    example.rebuild(&["obs", "tracing"], "-Cpanic=abort", &program).unwrap();
    let mut command = Command::new(program);
    command.arg("--panic").env_clear().env("OBS_RUN_ROOT", root.path().join("runs"));
    let rings = crate::program::rings();
    command.envs(rings.iter().map(|rings| ("XDG_RUNTIME_DIR", rings.path())));
    command.stdin(Stdio::null()).stderr(stderr);
    let mut child = command.spawn().unwrap();
    drop(command);
    assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGABRT));
    let shown = terminal.shown();
    assert!(shown.contains("before the end"), "{shown}");
    let ours = shown.find("panicked: last words").unwrap();
    assert!(ours < shown.find("thread 'main'").unwrap(), "{shown}");
}

#[test]
fn a_span_that_ended_last_is_not_found_open_behind_a_kill_or_a_new_segment() {
    let died = Program::of(|| {
        let mut settings = obs::Settings::from_env();
        (settings.segment_bytes, settings.overflow) = (1 << 20, obs::settings::Overflow::Block);
        let run = obs::init_with(settings).unwrap();
        let text = "x".repeat(1_000);
        for number in 0..2_000 {
            drop(tracing::info_span!("done", number, text));
        }
        std::mem::forget(run);
        std::process::abort();
    })
    .run();
    let run = died.run();
    let settings = obs::Settings::from_vars(std::iter::empty::<(String, String)>());
    let recovered = obs::recover(&run, &settings).unwrap();
    assert_eq!(recovered.open_spans, 0);
    let spans = obs_test::lines::read(&run.join("spans.jsonl"));
    let mut numbers: Vec<u64> = spans.iter().map(|span| span["number"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(0..2_000), "{} spans", numbers.len());
    assert!(spans.iter().all(|span| !span.contains_key("unfinished")));
}
