//! Which traces are sent, by two services that call each other.
use crate::program::{Program, now, order, tell, wait_for_test};
use obs::propagation::{Remote, TraceParent};
use obs_receiver::{Receiver, attribute};
use obs_recorder::Cursor;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tracing::{error, info, info_span};

const PATIENCE: Duration = Duration::from_secs(60);
const TRACES: usize = 20_000;

/// The callers' trace parents, a line each.
const CALLS: &str = "calls.txt";

/// Spans of one trace that a service sends.
type Traces = BTreeMap<String, Vec<String>>;

/// One service of the two: the first begins traces and notes what it would send along, the second goes on with them.
fn work(name: &str) {
    let run = obs::init(name).unwrap();
    let calls = Path::new(&order("DIRECTORY")).join(CALLS);
    if name == "first" {
        call(&calls)
    } else {
        answer(&calls)
    }
    let delivery = run.finish(PATIENCE);
    assert!(delivery.is_complete(), "{delivery}");
}

/// What one of the services sends.
fn sent(name: &str, (program, directory): (Program, &Path), vars: &[(&str, &str)]) -> Traces {
    let receiver = Receiver::start().unwrap();
    let program = vars.iter().fold(program, |program, (name, value)| program.env(name, value));
    program
        .env("NAME", name)
        .env("DIRECTORY", directory.to_str().unwrap())
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint("http"))
        .env("OTEL_LOGS_EXPORTER", "none")
        .env("OBS_CONSOLE", "false")
        .env("OBS_OVERFLOW", "block")
        .run()
        .well();
    let mut traces = Traces::new();
    for span in &receiver.store().spans {
        let hex = span.item.trace_id.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        traces.entry(hex).or_default().push(span.item.name.clone());
    }
    for names in traces.values_mut() {
        names.sort();
    }
    traces
}

fn call(calls: &Path) {
    let mut sent = String::new();
    for number in 0..TRACES {
        let _request = info_span!("request", number).entered();
        let _call = info_span!("call").entered();
        writeln!(sent, "{}", obs::current_trace().unwrap()).unwrap();
    }
    std::fs::write(calls, sent).unwrap();
}

fn answer(calls: &Path) {
    for (number, line) in std::fs::read_to_string(calls).unwrap().lines().enumerate() {
        let parent: TraceParent = line.parse().unwrap();
        let remote = Remote { parent: Some(parent), ..Remote::default() };
        let _context = obs::Context::new().with_remote(remote).enter();
        let _answer = info_span!("answer", number).entered();
        info_span!("step").in_scope(|| {
            if number % 100 == 0 {
                error!("no such article");
            }
        });
        info_span!("other step").in_scope(|| info!("done"));
    }
}

fn ids(traces: &Traces) -> BTreeSet<&String> {
    traces.keys().collect()
}

#[test]
fn a_tenth_of_the_traces_is_sent_whole_by_both_services_and_nothing_of_the_others() {
    for second in ["parentbased_always_on", "traceidratio"] {
        let directory = tempfile::tempdir().unwrap();
        let ratio = ("OTEL_TRACES_SAMPLER_ARG", "0.1");
        let called = sent(
            "first",
            (Program::of(|| work(&order("NAME"))), directory.path()),
            &[("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ratio],
        );
        let answered = sent(
            "second",
            (Program::of(|| work(&order("NAME"))), directory.path()),
            &[("OTEL_TRACES_SAMPLER", second), ratio],
        );
        assert!((1_800..=2_200).contains(&called.len()), "{}", called.len());
        assert!(called.values().all(|names| *names == ["call", "request"]));
        assert_eq!(ids(&called), ids(&answered));
        assert!(answered.values().all(|names| *names == ["answer", "other step", "step"]));
    }
}

#[test]
fn a_trace_with_an_error_is_sent_whole_by_the_process_that_saw_it_sampled_or_not() {
    let directory = tempfile::tempdir().unwrap();
    let ratio = [
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.1"),
        ("OBS_TRACES_KEEP_ERRORS", "true"),
    ];
    let called = sent("first", (Program::of(|| work(&order("NAME"))), directory.path()), &ratio);
    let answered = sent("second", (Program::of(|| work(&order("NAME"))), directory.path()), &ratio);
    let calls = std::fs::read_to_string(directory.path().join(CALLS)).unwrap();
    let failed: BTreeSet<String> =
        calls.lines().step_by(100).map(|line| line[3..35].to_owned()).collect();
    let expected: BTreeSet<&String> = called.keys().chain(&failed).collect();
    assert_eq!(ids(&answered), expected);
    assert!(answered.values().all(|names| *names == ["answer", "other step", "step"]));
}

#[test]
fn no_more_traces_begin_sampled_than_a_second_has_room_for() {
    let directory = tempfile::tempdir().unwrap();
    let begun = now();
    let called = sent(
        "first",
        (Program::of(|| work(&order("NAME"))), directory.path()),
        &[("OBS_TRACES_PER_SECOND_MAX", "100")],
    );
    let most = 200 + 100 * begun.elapsed().as_secs() as usize;
    assert!((100..=most).contains(&called.len()), "{} of {most}", called.len());
    let answered = sent("second", (Program::of(|| work(&order("NAME"))), directory.path()), &[]);
    assert_eq!(ids(&called), ids(&answered));
}

#[test]
fn what_a_dead_process_had_seen_of_open_spans_and_of_waiting_traces_is_in_what_the_next_sends() {
    let program = |receiver: &Receiver| {
        let program = Program::of(|| {
            let run = obs::init("shop").unwrap();
            if order("PART") == "next" {
                tell("there");
                return wait_for_test();
            }
            info_span!("early").in_scope(|| info!("in a span that ends early"));
            let parent: TraceParent =
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00".parse().unwrap();
            let remote = Remote { parent: Some(parent), ..Remote::default() };
            let _context = obs::Context::new().with_remote(remote).enter();
            let _open = info_span!("open").entered();
            info!("before the end");
            info_span!("inner").in_scope(|| info!("deep within"));
            let cursor = run.dir().unwrap().join("cursors/otlp-traces.cursor");
            let begun = now();
            // Everything up to here is dealt with, says the cursor.
            while !std::fs::read(&cursor)
                .is_ok_and(|bytes| Cursor::decode(&bytes, run.id()).is_some_and(|it| it.seq >= 9))
            {
                assert!(begun.elapsed() < PATIENCE);
                info!("the run goes on");
                std::thread::park_timeout(Duration::from_millis(5));
            }
            tell("dealt with");
            std::process::abort();
        });
        program
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint("http"))
            .env("OTEL_LOGS_EXPORTER", "none")
            .env("OBS_TRACES_KEEP_ERRORS", "true")
            .env("OBS_SYNC_INTERVAL", "10ms")
    };
    let first = Receiver::start().unwrap();
    let died = program(&first).env("PART", "first").run();
    let names = |receiver: &Receiver| {
        let store = receiver.store();
        store.spans.iter().map(|span| span.item.name.clone()).collect::<BTreeSet<_>>()
    };
    assert!(names(&first).iter().eq(["early"]), "{:?}", names(&first));
    let next = Receiver::start().unwrap();
    let program = program(&next).env("PART", "next").root(died.root.path());
    let mut program = program.stdin(Stdio::piped()).start();
    program.told("there");
    let begun = now();
    while next.store().spans.len() < 2 {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::park_timeout(Duration::from_millis(5));
    }
    program.go_on();
    program.end().well();
    assert!(names(&next).iter().eq(["inner", "open"]), "{:?}", names(&next));
    let store = next.store();
    let open = store.spans.iter().find(|span| span.item.name == "open").unwrap();
    assert_eq!(attribute(&open.item.attributes, "obs.unfinished").unwrap(), "true");
    assert_eq!(open.item.events[0].name, "before the end");
    let inner = store.spans.iter().find(|span| span.item.name == "inner").unwrap();
    assert_eq!(inner.item.events[0].name, "deep within");
    assert_eq!(attribute(&inner.item.attributes, "obs.sampling").unwrap(), "error");
}
