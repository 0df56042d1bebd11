//! How runs start, and what a start says.
use crate::program::{Program, now, order, runs, summary, tell, wait_for_test};
use obs::{InitErrorKind, Settings};
use obs_test::lines::{self, with};
use std::process::Stdio;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tracing::info;

const LONG: Duration = Duration::from_secs(20);

#[test]
fn the_first_line_names_directory_rings_filter_and_the_state_of_each_sink() {
    let ended = Program::of(|| {
        let run = obs::init("acm-batch").unwrap();
        tell(&format!("directory {}", run.dir().unwrap().display()));
        run.finish(LONG);
    })
    .env("OBS_CAPTURE", "info,app::db=debug")
    .env("OBS_LOG_LEVEL", "debug")
    .run()
    .well();
    let log = ended.log();
    let line = &log[0];
    assert_eq!(
        (line["event"].as_str(), line["level"].as_str()),
        (Some("run started"), Some("info"))
    );
    let expected = [
        ("service", "acm-batch"),
        ("directory", &ended.told("directory")[0]),
        ("capture", "info,app::db=debug"),
        ("console", "stderr, text"),
        ("files", "log.jsonl, spans.jsonl"),
        ("log_level", "debug"),
    ];
    for (key, value) in expected {
        assert_eq!(line[key], value, "{key}");
    }
    assert!(line["rings"].as_str().unwrap().contains(['(']), "{line:?}");
    assert!(!line.keys().any(|key| key.starts_with("field.")), "{line:?}");
    assert!(ended.shown().lines().next().unwrap().contains("run started  service=acm-batch"));
}

#[test]
fn sinks_that_are_off_are_said_to_be_off() {
    let ended = Program::of(|| {
        let run = obs::init("quiet").unwrap();
        run.finish(LONG);
    })
    .env("OBS_LOG_FILE", "false")
    .env("OBS_LOG_FORMAT", "json")
    .run()
    .well();
    let said = String::from_utf8(ended.stdout.clone()).unwrap();
    let first = said.lines().find(|line| line.contains("run started")).unwrap();
    assert!(first.contains(r#""console":"stdout, json","files":"off""#), "{first}");
    assert!(!ended.run().join("log.jsonl").exists());
}

#[test]
fn of_many_threads_that_start_a_run_one_does_and_the_others_leave_nothing() {
    let ended = Program::of(|| {
        for round in 0..10 {
            let (ready, started) = (Barrier::new(8), AtomicU32::new(0));
            let held = Barrier::new(8);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        ready.wait();
                        let run = obs::init("race");
                        held.wait();
                        match run {
                            Ok(run) => {
                                started.fetch_add(1, Ordering::Relaxed);
                                info!(round, "ours");
                                assert!(run.finish(LONG).is_complete());
                            }
                            Err(error) => {
                                assert_eq!(error.kind(), InitErrorKind::Occupied);
                                let text =
                                    "a run is alive in this process already: finish it first";
                                assert_eq!(
                                    error.to_string(),
                                    format!("cannot start a run: {text}")
                                );
                            }
                        }
                    });
                }
            });
            assert_eq!(started.into_inner(), 1);
        }
    })
    .env("OBS_CONSOLE", "false")
    .run()
    .well();
    let runs = runs(ended.root.path());
    assert_eq!(runs.len(), 10);
    for run in runs {
        assert_eq!(summary(&run)["end"]["kind"], "finished");
        assert_eq!(with(&lines::read(&run.join("log.jsonl")), "event", "ours").len(), 1);
    }
}

#[test]
fn another_subscriber_is_a_typed_error_and_keeps_its_place() {
    struct Other;
    impl tracing::Subscriber for Other {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            tell(&format!("other {}", event.metadata().target()));
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }
    let ended = Program::of(|| {
        tracing::subscriber::set_global_default(Other).unwrap();
        let error = obs::init("second").unwrap_err();
        assert_eq!(error.kind(), InitErrorKind::Subscriber);
        info!("goes to the other");
    })
    .run()
    .well();
    assert_eq!(ended.told("other").len(), 1);
    assert_eq!(runs(ended.root.path()).len(), 0);
}

/// The system lets the process have only so many threads.
#[test]
fn a_run_whose_threads_cannot_be_made_leaves_nothing_behind() {
    let program = Program::of(|| {
        let error = obs::init("no-threads").unwrap_err();
        tell(&format!("error {:?} {error}", error.kind()));
        let again = obs::init("no-threads").unwrap_err();
        assert_eq!(again.kind(), InitErrorKind::System, "{again}");
        info!("nobody listens, and nobody minds");
        let root = order("OBS_RUN_ROOT");
        tell(&format!("left {}", std::fs::read_dir(root).unwrap().count()));
        tell(&format!(
            "rings {}",
            std::fs::read_dir("/dev/shm/obs-64321").map_or(0, Iterator::count)
        ));
    });
    let words =
        ["setpriv", "--reuid=64321", "--regid=64321", "--clear-groups", "prlimit", "--nproc=4"];
    let probe = std::process::Command::new(words[0]).args(&words[1..]).arg("true").status();
    if !probe.is_ok_and(|status| status.success()) {
        println!("no other user can be taken here (setpriv, prlimit): not tested");
        return;
    }
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(root.path(), Some(64_321), Some(64_321)).unwrap();
    let ended = program.copied().root(root.path()).through(&words).run().well();
    assert!(ended.told("error")[0].starts_with("System cannot start a run: cannot start a thread"));
    assert_eq!(
        (ended.told("left"), ended.told("rings")),
        (vec!["0".to_owned()], vec!["0".to_owned()])
    );
}

#[test]
fn a_run_that_died_is_told_of_in_the_next_ones_log_also_without_a_console() {
    let part = |part: &'static str| {
        let program = Program::of(|| {
            let run = obs::init("told").unwrap();
            if order("PART") == "dies" {
                info!("about to die");
                tell("ready");
                wait_for_test();
            }
            assert!(run.finish(LONG).is_complete());
        });
        program.env("PART", part).env("OBS_CONSOLE", "false").stdin(Stdio::piped())
    };
    let mut dies = part("dies").start();
    dies.told("ready");
    let root = dies.kill();
    let died = runs(root.path())[0].clone();
    let ended = part("next").root(root.path()).run().well();
    assert_eq!(ended.shown(), "");
    let next = runs(root.path())[1].clone();
    let log = lines::read(&next.join("log.jsonl"));
    let words = format!("recovered {}: killed", died.display());
    let told = log.iter().find(|line| line["event"].as_str().unwrap().starts_with(&words));
    assert_eq!(told.map(|line| line["level"].clone()), Some("warn".into()), "{log:?}");
    assert_eq!(with(&lines::read(&died.join("log.jsonl")), "event", "about to die").len(), 1);
}

#[test]
fn what_recovery_returns_can_be_named_and_asked() {
    let part = |part: &'static str| {
        let program = Program::of(|| {
            if order("PART") == "recovers" {
                let path = runs(std::path::Path::new(&order("OBS_RUN_ROOT")))[0].clone();
                let settings = Settings::default();
                let recovered: obs::Recovered = obs::recover(&path, &settings).unwrap();
                let end: &obs::End = &recovered.end;
                assert_eq!(end.kind, obs::EndKind::Killed);
                assert_eq!(recovered.open_spans, 1);
                let error: obs::RecoverError =
                    obs::recover(&path.join("no"), &settings).unwrap_err();
                tell(&format!("error {error}"));
                return;
            }
            let run = obs::init("recovers").unwrap();
            let _open = tracing::info_span!("open").entered();
            info!("within");
            tell("ready");
            wait_for_test();
            drop(run);
        });
        program.env("PART", part).stdin(Stdio::piped())
    };
    let mut dies = part("dies").start();
    dies.told("ready");
    let root = dies.kill();
    let ended = part("recovers").root(root.path()).run().well();
    assert!(ended.told("error")[0].ends_with("is not the directory of a run"));
}

#[test]
fn a_start_and_an_end_take_no_longer_than_a_person_notices() {
    let ended = Program::of(|| {
        let started = now();
        let run = obs::init("quick").unwrap();
        let started = started.elapsed();
        info!("one line");
        let ending = now();
        assert!(run.finish(LONG).is_complete());
        tell(&format!(
            "init {} us, finish {} us",
            started.as_micros(),
            ending.elapsed().as_micros()
        ));
    })
    .run()
    .well();
    println!("init {}", ended.told("init")[0]);
}
