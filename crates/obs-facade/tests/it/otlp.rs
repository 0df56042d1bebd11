//! Programs whose telemetry goes to a receiver, one that is there or one that is not.
use crate::program::{Program, now, order, tell, wait_for_test, wait_until};
use obs_receiver::{Behaviour, Receiver, attribute};
use obs_test::lines::with;
use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;
use tracing::{info, info_span};

const PATIENCE: Duration = Duration::from_secs(30);
const NOBODY: &str = "http://127.0.0.1:1";

/// A program that sends to this endpoint, and syncs its journal all the time.
fn sending(program: Program, protocol: &str, endpoint: &str) -> Program {
    program
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
        .env("OBS_SYNC_INTERVAL", "10ms")
}

fn do_some_work() {
    for number in 0..50_u64 {
        let _span = info_span!("job", number).entered();
        info!(number, "done");
    }
}

#[test]
fn nothing_of_the_sending_itself_is_recorded() {
    let program = Program::of(|| {
        let run = obs::init("shop").unwrap();
        // Several requests, one after the other: what one of them said would be in the next.
        for _ in 0..5 {
            do_some_work();
            wait_until(|| {
                let delivery = run.delivery();
                let sinks = delivery.sinks.iter().filter(|sink| sink.name.starts_with("otlp-"));
                sinks.filter(|sink| sink.delivered > 0 && sink.pending == 0).count() == 2
            });
        }
        assert!(run.finish(PATIENCE).is_complete());
    });
    let receiver = Receiver::start().unwrap();
    let program = sending(program, "grpc", &receiver.endpoint("grpc"));
    let ended = program.env("RUST_LOG", "trace").env("OBS_LOG_LEVEL", "trace").run().well();
    let loggers: BTreeSet<String> =
        ended.log().iter().map(|line| line["logger"].as_str().unwrap().to_owned()).collect();
    let expected = ["it::otlp", "obs"];
    assert!(loggers.iter().eq(expected), "{loggers:?}");
    let store = receiver.store();
    let scopes: BTreeSet<&str> = store.logs.iter().map(|log| log.scope.as_str()).collect();
    assert!(scopes.into_iter().eq(expected));
    assert!(store.spans.iter().all(|span| span.scope == "it::otlp"));
    assert_eq!(store.spans.len(), 250);
}

#[test]
fn nothing_of_the_sending_over_http_is_recorded_either() {
    let program = Program::of(|| {
        let run = obs::init("shop").unwrap();
        do_some_work();
        assert!(run.finish(PATIENCE).is_complete());
    });
    let receiver = Receiver::start().unwrap();
    receiver.behave_for(3, Behaviour::unavailable());
    let program = sending(program, "http/protobuf", &receiver.endpoint("http"));
    let ended = program.env("RUST_LOG", "trace").env("OBS_LOG_LEVEL", "trace").run().well();
    let mut loggers = ended.log().into_iter().map(|line| line["logger"].clone());
    assert!(loggers.all(|logger| logger == "it::otlp" || logger == "obs"));
    assert!(receiver.store().requests > 3, "some were refused");
}

#[test]
fn a_receiver_that_is_not_there_is_told_once_and_delays_nothing() {
    let program = Program::of(|| {
        let run = obs::init("shop").unwrap();
        do_some_work();
        wait_until(|| {
            let log =
                std::fs::read_to_string(run.dir().unwrap().join("log.jsonl")).unwrap_or_default();
            log.matches("its records wait").count() == 2
        });
        let begun = now();
        let delivery = run.finish(Duration::from_millis(300));
        assert!(begun.elapsed() < Duration::from_millis(400), "{:?}", begun.elapsed());
        assert_eq!(delivery.lost, 0);
    });
    let ended = sending(program, "http/protobuf", NOBODY).run().well();
    let log = ended.log();
    for signal in ["traces", "logs"] {
        let said = format!(
            "sink otlp-{signal} fails, its records wait: {NOBODY}/v1/{signal}: Connection refused \
             (os error 111)"
        );
        assert_eq!(with(&log, "event", &said).len(), 1);
    }
    let started = with(&log, "event", "run started")[0];
    let words = "traces to http://127.0.0.1:1/v1/traces by http/protobuf, logs to \
                 http://127.0.0.1:1/v1/logs by http/protobuf";
    assert_eq!(started["otlp"], words);
    let sinks = ended.summary()["delivery"]["sinks"].clone();
    let pending = sinks.as_array().unwrap().iter().filter(|sink| {
        sink["name"].as_str().unwrap().starts_with("otlp-") && sink["pending"].as_u64() > Some(100)
    });
    assert_eq!(pending.count(), 2, "{sinks}");
}

#[test]
fn what_a_dead_run_had_not_sent_the_next_start_of_the_service_sends_as_that_runs_own() {
    let part = |part: &'static str, endpoint: &str| {
        let program = Program::of(|| {
            let run = obs::init("shop").unwrap();
            tell(&format!("run {}", run.id()));
            if order("PART") == "die" {
                do_some_work();
                let _open = info_span!("unfinished").entered();
                std::process::abort();
            }
            wait_for_test();
        });
        sending(program, "http/protobuf", endpoint).env("PART", part)
    };
    let receiver = Receiver::start().unwrap();
    let dead = part("die", NOBODY).run();
    let died = dead.told("run")[0].clone();
    let next = part("next", &receiver.endpoint("http")).root(dead.root.path());
    let mut next = next.stdin(Stdio::piped()).start();
    let lives = next.told("run");
    let is_of_dead = |log: &obs_receiver::Received<_>| {
        attribute(&log.resource.attributes, "obs.run.id").as_ref() == Some(&died)
    };
    wait_until(|| receiver.store().logs.iter().filter(|log| is_of_dead(log)).count() >= 52);
    wait_until(|| receiver.store().spans.len() >= 51);
    next.go_on();
    next.end().well();
    let store = receiver.store();
    assert_eq!(store.spans.len(), 51);
    let unfinished = store.spans.iter().find(|span| span.item.name == "unfinished").unwrap();
    assert_eq!(attribute(&unfinished.item.attributes, "obs.unfinished").unwrap(), "true");
    assert_eq!(unfinished.item.status.as_ref().unwrap().code, 2);
    let pid = |log: &obs_receiver::Received<_>| attribute(&log.resource.attributes, "process.pid");
    let pids: BTreeSet<_> = store.logs.iter().map(pid).collect();
    assert_eq!(pids.len(), 2, "each run is its own source");
    assert_ne!(lives, died);
}
