//! What a span of OpenTelemetry's API says.
use crate::recording::{Alone, recorded};
use expect_test::{Expect, expect};
use obs_core::Context;
use obs_core::settings::{Otel, Sampler};
use opentelemetry::trace::{Link, Span, SpanBuilder, SpanContext, SpanKind, Status, Tracer};
use opentelemetry::trace::{SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Array, KeyValue, StringValue, Value, global};
use std::time::{Duration, UNIX_EPOCH};

fn check(body: impl FnOnce(), expected: Expect) {
    expected.assert_eq(&recorded("info", body));
}

fn remote(flags: TraceFlags) -> opentelemetry::Context {
    let context = SpanContext::new(
        TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c),
        SpanId::from(0xb7ad_6b71_6920_3331),
        flags,
        true,
        TraceState::default(),
    );
    opentelemetry::Context::new().with_remote_span_context(context)
}

#[test]
fn attributes_of_every_type_events_status_and_name_are_recorded() {
    check(
        || {
            let tracer = global::tracer("their-crate");
            let text = |text: &'static str| StringValue::from(text);
            let mut span =
                tracer.build(SpanBuilder::from_name("query").with_kind(SpanKind::Client));
            span.set_attribute(KeyValue::new("db.system", "sqlite"));
            span.set_attributes([
                KeyValue::new("rows", 3),
                KeyValue::new("ratio", 0.5),
                KeyValue::new("cached", true),
                KeyValue::new("ids", Value::Array(Array::I64(vec![1, -2]))),
                KeyValue::new("names", Value::Array(Array::String(vec![text("a"), text("b\"")]))),
            ]);
            span.set_attribute(KeyValue::new("db.password", "hunter2"));
            span.add_event("retried", vec![KeyValue::new("attempt", 2)]);
            span.record_error(&std::io::Error::other("disk on fire"));
            span.set_status(Status::error("gave up"));
            span.set_status(Status::Unset);
            span.update_name("query of orders");
            span.end();
            span.set_attribute(KeyValue::new("too", "late"));
            assert!(!span.is_recording());
        },
        expect![[r#"
            begin query otel.kind="client"
            info their-crate message="retried" attempt=2 in query
            error their-crate message="exception" exception.message="disk on fire" in query
            end   query otel.kind="client" db.system="sqlite" rows=3 ratio=0.5 cached=true ids="[1, -2]" names="[\"a\",\"b\\\"\"]" db.password=Redacted("name:password") otel.status_code="error" otel.status_description="gave up" otel.name="query of orders"
        "#]],
    );
}

#[test]
fn an_error_is_taken_back_by_success_and_by_nothing_else() {
    let lines = recorded("info", || {
        let mut span = global::tracer("their-crate").start("work");
        span.set_status(Status::error("at first"));
        span.set_status(Status::Ok);
        span.set_status(Status::error("too late"));
    });
    let end = lines.lines().last().unwrap();
    assert!(end.ends_with("otel.status_code=\"ok\""), "{end}");
}

#[test]
fn times_that_are_given_go_along() {
    let lines = recorded("info", || {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let builder = SpanBuilder::from_name("replayed").with_start_time(at(1_000));
        let mut span = global::tracer("their-crate").build(builder);
        span.add_event_with_timestamp("then", at(1_001), Vec::new());
        span.end_with_timestamp(at(1_002));
    });
    for (name, time) in [
        ("start_time_unix_nano", 1_000_000_000_000_u64),
        ("time_unix_nano", 1_001_000_000_000),
        ("end_time_unix_nano", 1_002_000_000_000),
    ] {
        assert!(lines.contains(&format!("otel.{name}={time}")), "{lines}");
    }
}

#[test]
fn a_remote_parent_is_followed_as_far_as_its_sampling() {
    check(
        || {
            let tracer = global::tracer("their-crate");
            for flags in [TraceFlags::SAMPLED, TraceFlags::default()] {
                let span = tracer.start_with_context("served", &remote(flags));
                let context = span.span_context();
                assert_eq!(context.is_sampled(), flags == TraceFlags::SAMPLED);
                assert_eq!(
                    context.trace_id(),
                    TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c)
                );
            }
        },
        expect![[r#"
            begin served from afar
            end   served from afar
            begin served from afar, not sampled
            end   served from afar, not sampled
        "#]],
    );
}

#[test]
fn links_are_kept_and_the_samplers_word_is_handed_on() {
    let alone = Alone::new();
    let mut otel = Otel::default();
    otel.traces_sampler = Sampler::AlwaysOff;
    obs_trace::set_otel(&otel);
    let lines = alone.recorded("info", || {
        let tracer = global::tracer("their-crate");
        let first = tracer.start("first");
        assert!(!first.span_context().is_sampled() && first.is_recording());
        let link = Link::with_context(first.span_context().clone());
        let second = tracer.build(SpanBuilder::from_name("second").with_links(vec![link]));
        drop(second);
    });
    obs_trace::set_otel(&Otel::default());
    assert!(lines.contains("link  second follows first"), "{lines}");
    assert_eq!(lines.matches("not sampled").count(), 4, "{lines}");
}

#[test]
fn what_is_not_captured_hands_its_parent_on_and_records_nothing() {
    let lines = recorded("info,noisy=off", || {
        let span =
            global::tracer("noisy").start_with_context("hidden", &remote(TraceFlags::SAMPLED));
        assert!(!span.is_recording());
        assert_eq!(span.span_context().span_id(), SpanId::from(0xb7ad_6b71_6920_3331));
        let suppressed = opentelemetry::Context::enter_telemetry_suppressed_scope();
        drop(global::tracer("their-crate").start("of an SDK"));
        drop(suppressed);
    });
    assert_eq!(lines, "");
}

#[test]
fn without_a_run_spans_hand_on_what_came_in() {
    let alone = Alone::new();
    alone.recorded("info", || {});
    let span =
        global::tracer("their-crate").start_with_context("served", &remote(TraceFlags::SAMPLED));
    assert_eq!(
        span.span_context().trace_id(),
        TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c)
    );
    assert!(!span.is_recording());
}

#[test]
fn the_attributes_in_scope_are_on_spans_and_a_remote_of_the_context_is_their_parent() {
    let lines = recorded("info", || {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00".parse().ok();
        let remote = obs_core::propagation::Remote { parent, ..Default::default() };
        Context::new().with("request_id", "r1").with_remote(remote).in_scope(|| {
            drop(global::tracer("their-crate").start("inner"));
        });
    });
    assert!(
        lines.contains("begin inner from afar, not sampled within request_id=\"r1\""),
        "{lines}"
    );
}
