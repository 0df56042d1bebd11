//! Traces that come in from other processes and go out to them.
use crate::recording::{Alone, recorded};
use expect_test::{Expect, expect};
use obs_core::propagation::{Remote, TraceParent};
use obs_core::settings::{Otel, Sampler};
use obs_core::{Context, InContext};
use obs_trace::{current_trace, propagators, set_otel, trace_of};
use std::thread;
use tracing::{info, info_span, trace_span};

const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const NOT_SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02";

fn remote(text: &str) -> Context {
    Context::new().with_remote(Remote { parent: text.parse().ok(), ..Remote::default() })
}

fn check(body: impl FnOnce(), expected: Expect) {
    expected.assert_eq(&recorded("info", body));
}

/// What `body` leaves in a run under a sampler.
fn sampled(sampler: Sampler, ratio: Option<f64>, body: impl FnOnce()) -> String {
    let alone = Alone::new();
    let mut otel = Otel::default();
    (otel.traces_sampler, otel.traces_sampler_arg) = (sampler, ratio);
    set_otel(&otel);
    let lines = alone.recorded("info", body);
    set_otel(&Otel::default());
    lines
}

#[test]
fn a_root_continues_the_trace_that_its_context_names_and_spans_within_follow_it() {
    check(
        || {
            let root = remote(NOT_SAMPLED).in_scope(|| info_span!("root"));
            root.in_scope(|| {
                drop(info_span!("child"));
                drop(info_span!(parent: None, "a root of its own"));
                remote(SAMPLED).in_scope(|| drop(info_span!("child in another context")));
                remote(SAMPLED).in_scope(|| drop(info_span!(parent: None, "another root")));
            });
            drop(info_span!(parent: &root, "child of the named"));
        },
        expect![[r#"
            begin root from afar, not sampled
            begin child in root, not sampled
            end   child in root, not sampled
            begin a root of its own
            end   a root of its own
            begin child in another context in root, not sampled
            end   child in another context in root, not sampled
            begin another root from afar
            end   another root from afar
            begin child of the named in root, not sampled
            end   child of the named in root, not sampled
            end   root from afar, not sampled
        "#]],
    );
}

#[test]
fn a_span_is_in_the_context_that_it_began_in_wherever_it_ends() {
    check(
        || {
            let request = |id: &str| Context::new().with("request_id", id);
            let outside = request("one").in_scope(|| info_span!("ends outside"));
            let elsewhere = request("two").in_scope(|| info_span!("ends in another thread"));
            let other = request("three").in_scope(|| info_span!("ends in another context"));
            let none = info_span!("begins without");
            drop(outside);
            thread::Builder::new().spawn(move || drop(elsewhere)).unwrap().join().unwrap();
            request("four").in_scope(|| drop((other, none)));
        },
        expect![[r#"
            begin ends outside within request_id="one"
            begin ends in another thread within request_id="two"
            begin ends in another context within request_id="three"
            begin begins without
            end   ends outside within request_id="one"
            end   ends in another thread within request_id="two"
            end   ends in another context within request_id="three"
            end   begins without
        "#]],
    );
}

#[test]
fn what_is_in_no_context_is_in_that_of_the_span_around_it() {
    check(
        || {
            let request = |id: &str| Context::new().with("request_id", id);
            let root = request("one").in_scope(|| info_span!("root"));
            let elsewhere = move || {
                let _entered = root.enter();
                info!("an event");
                let child = info_span!("child");
                child.in_scope(|| info!("an event in a child"));
                request("two").in_scope(|| info!("an event in another context"));
                info!(parent: None, "an event in no span");
                drop(info_span!(parent: None, "another root"));
            };
            thread::Builder::new().spawn(elsewhere).unwrap().join().unwrap();
        },
        expect![[r#"
            begin root within request_id="one"
            info it::traces message="an event" in root within request_id="one"
            begin child in root within request_id="one"
            info it::traces message="an event in a child" in child in root within request_id="one"
            info it::traces message="an event in another context" in root within request_id="two"
            info it::traces message="an event in no span"
            begin another root
            end   another root
            end   child in root within request_id="one"
            end   root within request_id="one"
        "#]],
    );
}

#[test]
fn a_span_keeps_its_trace_in_whatever_thread_it_ends() {
    check(
        || {
            let root = remote(NOT_SAMPLED).in_scope(|| info_span!("root"));
            let end = move || root.in_scope(|| drop(info_span!("child")));
            thread::Builder::new().spawn(end).unwrap().join().unwrap();
        },
        expect![[r#"
            begin root from afar, not sampled
            begin child in root, not sampled
            end   child in root, not sampled
            end   root from afar, not sampled
        "#]],
    );
}

#[test]
fn a_sampler_that_is_not_parent_based_does_not_ask_the_caller() {
    let body = || {
        drop(info_span!("begun here"));
        remote(SAMPLED).in_scope(|| drop(info_span!("sampled")));
        remote(NOT_SAMPLED).in_scope(|| drop(info_span!("not sampled")));
    };
    let sampled = |sampler, ratio| {
        let lines = sampled(sampler, ratio, body);
        let begins = lines.lines().filter(|line| line.starts_with("begin"));
        begins.map(|line| !line.ends_with(", not sampled")).collect::<Vec<_>>()
    };
    for (sampler, ratio, expected) in [
        (Sampler::ParentBasedAlwaysOn, None, [true, true, false]),
        (Sampler::ParentBasedAlwaysOff, None, [false, true, false]),
        (Sampler::ParentBasedTraceIdRatio, Some(0.0), [false, true, false]),
        (Sampler::AlwaysOn, None, [true, true, true]),
        (Sampler::AlwaysOff, None, [false, false, false]),
        (Sampler::TraceIdRatio, Some(0.0), [false, false, false]),
        // The trace's lower half is 8448eb211c80319c: 0.5167 of all.
        (Sampler::TraceIdRatio, Some(0.516), [true, false, false]),
        (Sampler::TraceIdRatio, Some(0.517), [true, true, true]),
    ] {
        let found = sampled(sampler, ratio);
        // What becomes of a trace that begins here is a matter of its id.
        let of_id = ratio.is_some_and(|ratio| ratio > 0.0);
        assert_eq!(
            found[usize::from(of_id)..],
            expected[usize::from(of_id)..],
            "{sampler} {ratio:?}"
        );
    }
}

#[test]
fn what_goes_out_names_the_innermost_span_or_what_came_in() {
    recorded("info", || {
        assert_eq!(current_trace(), None);
        let came: TraceParent = NOT_SAMPLED.parse().unwrap();
        let context = remote(NOT_SAMPLED);
        let _context = context.enter();
        assert_eq!(current_trace(), Some(came), "no span: it is passed on");
        let root = info_span!("root").entered();
        let out = current_trace().unwrap();
        assert_eq!((out.trace, out.is_sampled, out.is_random), (came.trace, false, true));
        assert_ne!(out.span, came.span);
        assert_eq!(root.id().and_then(|id| trace_of(&id)), Some(out));
        let child = info_span!("child");
        assert_ne!(child.id().and_then(|id| trace_of(&id)), Some(out));
        assert_eq!(current_trace(), Some(out), "it is not entered");
        trace_span!("not captured").in_scope(|| assert_eq!(current_trace(), Some(out)));
        Context::new().in_scope(|| assert!(!current_trace().unwrap().is_random, "nobody knows"));
        let id = child.id().unwrap();
        drop(child);
        assert_eq!(trace_of(&id), None, "it has ended");
    });
}

#[test]
fn without_a_run_what_came_in_goes_out() {
    let _alone = Alone::new();
    remote(SAMPLED).in_scope(|| {
        let _span = info_span!("of nobody").entered();
        assert_eq!(current_trace(), SAMPLED.parse().ok());
    });
}

#[test]
fn a_future_takes_the_remote_parent_along() {
    check(
        || {
            let future = async { drop(info_span!("in a future")) }.in_context(remote(SAMPLED));
            let mut future = std::pin::pin!(future);
            let mut waker = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(future.as_mut().poll(&mut waker).is_ready());
        },
        expect![[r#"
            begin in a future from afar
            end   in a future from afar
        "#]],
    );
}

#[test]
fn the_propagators_are_those_of_the_settings() {
    let _alone = Alone::new();
    let mut otel = Otel::default();
    for word in ["tracecontext", "baggage", "none", "tracecontext,baggage"] {
        otel.propagators = word.parse().unwrap();
        set_otel(&otel);
        assert_eq!(propagators().to_string(), word);
    }
}
