//! Programs with a `tracing` registry of their own.
use crate::program::{Program, runs, tell};
use obs::{Context, InitErrorKind};
use obs_test::lines::{self, with};
use std::time::Duration;
use tracing::subscriber::set_global_default;
use tracing::{debug, info, info_span, warn};
use tracing_error::{ErrorLayer, SpanTrace};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

const LONG: Duration = Duration::from_secs(20);

#[test]
fn events_spans_context_and_key_values_arrive_beside_fmt_and_error_layer() {
    let ended = Program::of(|| {
        let run = obs::init_beside("own-registry").unwrap();
        let registry = tracing_subscriber::registry()
            .with(fmt::layer().with_ansi(false).with_writer(std::io::stderr))
            .with(ErrorLayer::default())
            .with(obs::layer(&run));
        set_global_default(registry).unwrap();
        obs::install_logger(&run).unwrap();
        run.set_context(&Context::new().with("equip_id", "FD_FAN"));
        let outer = info_span!("batch", number = 7);
        let _request = Context::new().with("request_id", "7f3a").enter();
        outer.in_scope(|| {
            info!(rows = 1500, "batch loaded");
            log::warn!(target: "legacy", attempts = 3; "from log");
            tell(&format!("trace {}", SpanTrace::capture().to_string().contains("number=7")));
        });
        info!(parent: &outer, "by name");
        drop(outer);
        let panicked = std::panic::catch_unwind(|| panic!("no way"));
        assert!(panicked.is_err());
        assert!(run.finish(LONG).is_complete());
    })
    .env("OBS_CONSOLE", "false")
    .run()
    .well();
    let log = ended.log();
    for (event, key, value) in [
        ("batch loaded", "rows", 1500),
        ("batch loaded", "number", 7),
        ("from log", "attempts", 3),
        ("from log", "number", 7),
        ("by name", "number", 7),
    ] {
        let said = with(&log, "event", event);
        assert_eq!(said.len(), 1, "{event}: {log:?}");
        assert_eq!(said[0][key], value, "{event}: {key}");
        assert_eq!(
            (&said[0]["equip_id"], &said[0]["request_id"]),
            (&"FD_FAN".into(), &"7f3a".into())
        );
    }
    assert_eq!(with(&log, "event", "panicked: no way").len(), 1);
    let spans = lines::read(&ended.run().join("spans.jsonl"));
    assert_eq!(with(&spans, "name", "batch").len(), 1);
    assert_eq!(ended.told("trace"), ["true"]);
    let shown = ended.shown();
    assert!(shown.contains("batch{number=7}: it::registry: batch loaded rows=1500"), "{shown}");
    assert!(shown.contains("WARN batch{number=7}: legacy: from log"), "{shown}");
}

#[test]
fn a_registry_that_is_installed_by_its_init_brings_log_records_without_key_values() {
    let ended = Program::of(|| {
        let run = obs::init_beside("init").unwrap();
        tracing_subscriber::registry().with(obs::layer(&run)).init();
        log::info!(target: "legacy::db", rows = 3; "from log");
        log::debug!(target: "legacy::db", "not yet");
        run.set_filter(run.filter().with("legacy=debug").unwrap());
        log::debug!(target: "legacy::db", "captured now");
        let error = obs::install_logger(&run).unwrap_err();
        tell(&format!("error {error}"));
        assert!(run.finish(LONG).is_complete());
    })
    .env("OBS_LOG_LEVEL", "trace")
    .run()
    .well();
    let log = ended.log();
    let said = with(&log, "logger", "legacy::db");
    let events: Vec<_> = said.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["from log", "captured now"]);
    assert!(!said[0].contains_key("rows") && !said[0].contains_key("log.target"), "{said:?}");
    assert!(ended.told("error")[0].starts_with("cannot take the records of `log`: another logger"));
    assert!(with(&log, "level", "warn").is_empty(), "{log:?}");
}

#[test]
fn runs_follow_each_other_and_the_registry_stays() {
    let ended = Program::of(|| {
        let first = obs::init_beside("runs").unwrap();
        let registry = tracing_subscriber::registry().with(obs::layer(&first));
        set_global_default(registry).unwrap();
        let kept = info_span!("kept");
        kept.in_scope(|| info!(run = 1, "in a span"));
        assert!(first.finish(LONG).is_complete());
        info!(run = 0, "between runs");
        let between = info_span!("between");
        let second = obs::init_beside("runs").unwrap();
        kept.in_scope(|| info!(run = 2, "in a span of the first"));
        between.in_scope(|| info!(run = 2, "in a span of none"));
        info_span!("new").in_scope(|| debug!(run = 2, "not captured"));
        drop((kept, between));
        assert!(second.finish(LONG).is_complete());
    })
    .env("OBS_CAPTURE", "info")
    .run()
    .well();
    let logs: Vec<_> =
        runs(ended.root.path()).iter().map(|run| lines::read(&run.join("log.jsonl"))).collect();
    let said = logs.iter().map(|log| lines::numbers(log, "run"));
    assert_eq!(said.collect::<Vec<_>>(), [vec![1], vec![2, 2]]);
    let spans = lines::read(&runs(ended.root.path())[1].join("spans.jsonl"));
    let names: Vec<_> = spans.iter().map(|span| span["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["new"]);
}

#[test]
fn a_scoped_registry_is_heard_when_another_thread_changes_the_filter() {
    let ended = Program::of(|| {
        let run = obs::init_beside("scoped").unwrap();
        let registry = tracing_subscriber::registry().with(obs::layer(&run));
        let _guard = tracing::subscriber::set_default(registry);
        let speak = |number: u64| info!(target: "app", number, "in scope");
        speak(1);
        std::thread::scope(|scope| {
            scope.spawn(|| run.set_filter(obs::Filter::parse("debug").unwrap()));
        });
        speak(2);
        run.set_filter_for(obs::Filter::parse("off").unwrap(), Duration::from_millis(1));
        let is_back = || tracing::level_filters::LevelFilter::current() == tracing::Level::DEBUG;
        while run.filter().to_string() == "off" || !is_back() {
            std::thread::yield_now();
        }
        speak(3);
        warn!("done");
        assert!(run.finish(LONG).is_complete());
    })
    .run()
    .well();
    assert_eq!(lines::numbers(&ended.log(), "number"), [1, 2, 3]);
}

#[test]
fn the_error_of_a_start_where_another_subscriber_is_says_what_to_do() {
    let ended = Program::of(|| {
        set_global_default(tracing_subscriber::registry()).unwrap();
        let error = obs::init("second").unwrap_err();
        assert_eq!(error.kind(), InitErrorKind::Subscriber);
        tell(&format!("error {error}"));
        assert!(obs::init_beside("second").unwrap().finish(LONG).is_complete());
    })
    .run()
    .well();
    assert_eq!(
        ended.told("error"),
        ["cannot start a run: another tracing subscriber is installed for the whole process; \
          `obs::init_beside` starts a run that leaves it there, and `obs::layer` records what it \
          is given (feature `layer`)"]
    );
    assert_eq!(ended.summary()["end"]["kind"], "finished");
}
