//! The layer beside others, each with what it is given.
use crate::recording::recorded;
use expect_test::{Expect, expect};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing::subscriber::with_default;
use tracing::{Level, Subscriber, debug, enabled, error, info, info_span, span_enabled, warn};
use tracing_error::{ErrorLayer, SpanTrace};
use tracing_log::LogTracer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{fmt, registry};

/// What the neighbour has printed.
#[derive(Debug, Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Printed {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Printed {
    fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        fmt::layer().without_time().with_ansi(false).with_writer(self.clone())
    }

    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

/// What a layer of ours for this test's registry is made of.
fn ours<S>() -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    obs_layer::layer(&obs_trace::beside())
}

/// What is recorded and what is printed, where `filter` is ours alone.
fn check(filter: &str, neighbour: LevelFilter, body: impl FnOnce(), expected: Expect) {
    let printed = Printed::default();
    let subscriber = registry()
        .with(printed.layer().with_filter(neighbour))
        .with(ErrorLayer::default())
        .with(ours());
    let lines = recorded(filter, || with_default(subscriber, body));
    expected.assert_eq(&format!("recorded\n{lines}printed\n{}", printed.take()));
}

fn speak() {
    let _outer = info_span!(target: "app", "outer", number = 1).entered();
    debug!(target: "app", "d");
    let _inner = info_span!(target: "db", "inner").entered();
    info!(target: "db", "i");
    warn!(target: "app", "w");
}

#[test]
fn each_layer_has_its_own_filter() {
    check(
        "debug,db=off",
        LevelFilter::WARN,
        speak,
        expect![[r#"
            recorded
            begin outer number=1
            debug app message="d" in outer
            warn app message="w" in outer
            end   outer number=1
            printed
             WARN app: w
        "#]],
    );
    check(
        "off",
        LevelFilter::INFO,
        speak,
        expect![[r#"
            recorded
            printed
             INFO outer{number=1}:inner: db: i
             WARN outer{number=1}:inner: app: w
        "#]],
    );
    check(
        "trace",
        LevelFilter::OFF,
        speak,
        expect![[r#"
            recorded
            begin outer number=1
            debug app message="d" in outer
            begin inner in outer
            info db message="i" in inner in outer
            warn app message="w" in inner in outer
            end   inner in outer
            end   outer number=1
            printed
        "#]],
    );
}

#[test]
fn a_question_alone_has_no_effect_on_the_event_that_follows_it() {
    let body = || {
        for _ in 0..3 {
            info!(target: "app", "before");
            assert!(enabled!(target: "app", Level::DEBUG), "the neighbour wants it");
            info!(target: "app", "after a question for an event");
            assert!(span_enabled!(target: "app", Level::DEBUG, "span"));
            drop(info_span!(target: "app", "after a question for a span"));
        }
    };
    let printed = Printed::default();
    let subscriber = registry().with(printed.layer()).with(ours());
    let lines = recorded("info", || with_default(subscriber, body));
    assert_eq!(lines.lines().count(), 3 * 4, "{lines}");
}

#[test]
fn a_span_that_is_not_captured_gives_its_place_to_the_nearest_that_is() {
    check(
        "info,noise=off",
        LevelFilter::OFF,
        || {
            let outer = info_span!(target: "app", "outer");
            let noise = info_span!(target: "noise", parent: &outer, "noise");
            let inner = info_span!(target: "app", parent: &noise, "inner");
            info!(target: "app", parent: &noise, "by name");
            let _in_noise = noise.enter();
            info!(target: "app", "by thread");
            inner.follows_from(&noise);
            inner.follows_from(&outer);
        },
        expect![[r#"
            recorded
            begin outer
            begin inner in outer
            info app message="by name" in outer
            info app message="by thread"
            link  inner follows outer
            end   inner in outer
            end   outer
            printed
        "#]],
    );
}

#[test]
fn a_trace_of_spans_for_an_error_has_what_its_layer_knows() {
    let mut trace = None;
    check(
        "off",
        LevelFilter::OFF,
        || {
            let _span = info_span!(target: "app", "failing", file = "a.csv").entered();
            trace = Some(SpanTrace::capture());
        },
        expect![[r#"
            recorded
            printed
        "#]],
    );
    let trace = trace.unwrap().to_string();
    assert!(trace.contains("app::failing") && trace.contains(r#"file="a.csv""#), "{trace}");
}

#[test]
fn an_event_that_a_filter_of_everybody_refuses_is_nobodys_and_the_next_one_is_ours() {
    let printed = Printed::default();
    let refuses = filter_fn(|metadata| metadata.target() != "refused");
    let subscriber = registry().with(refuses).with(printed.layer()).with(ours());
    let lines = recorded("info", || {
        with_default(subscriber, || {
            error!(target: "refused", "no");
            info!(target: "app", "yes");
        });
    });
    assert_eq!((&*lines, &*printed.take()), ("info app message=\"yes\"\n", " INFO app: yes\n"));
}

/// As programs have it whose registry was installed by its `init`.
#[test]
fn records_that_another_logger_makes_events_of_are_recorded_as_what_they_were() {
    let tracer = LogTracer::new();
    check(
        "info,legacy::db=debug",
        LevelFilter::DEBUG,
        || {
            let _span = info_span!(target: "app", "request").entered();
            for (target, level) in [
                ("legacy", log::Level::Info),
                ("legacy", log::Level::Debug),
                ("legacy::db", log::Level::Debug),
                ("legacy::db", log::Level::Trace),
            ] {
                let mut record = log::Record::builder();
                record.target(target).level(level).file(Some("legacy.rs")).line(Some(7));
                let key_values = [("rows", 3)];
                record.key_values(&key_values);
                log::Log::log(&tracer, &record.args(format_args!("{level}")).build());
            }
        },
        expect![[r#"
            recorded
            begin request
            info legacy message="INFO" in request
            debug legacy::db message="DEBUG" in request
            end   request
            printed
             INFO request: legacy: INFO
            DEBUG request: legacy: DEBUG
            DEBUG request: legacy::db: DEBUG
        "#]],
    );
}

#[test]
fn records_of_log_are_recorded_once_with_key_values_and_passed_on_to_all_layers() {
    check(
        "info",
        LevelFilter::DEBUG,
        || {
            log::info!(target: "legacy", rows = 3; "loaded");
            log::debug!(target: "legacy", rows = 4; "not captured");
            log::trace!(target: "legacy", "nobody's");
        },
        expect![[r#"
            recorded
            info legacy message="loaded" rows=3
            printed
             INFO legacy: loaded
            DEBUG legacy: not captured
        "#]],
    );
}

#[test]
fn a_value_that_itself_logs_is_recorded_within_its_event() {
    #[derive(Debug)]
    struct Speaks;
    impl std::fmt::Display for Speaks {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            log::info!(target: "legacy", "from within");
            let _span = info_span!(target: "app", "within").entered();
            f.write_str("value")
        }
    }
    let subscriber = registry().with(ours());
    let lines = recorded("info", || {
        with_default(subscriber, || info!(target: "app", value = %Speaks, "outer"));
    });
    assert!(lines.contains(r#"info app message="outer" value="value""#), "{lines}");
}
