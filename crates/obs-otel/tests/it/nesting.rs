//! Spans of both APIs within each other.
use crate::recording::recorded;
use expect_test::{Expect, expect};
use opentelemetry::global;
use opentelemetry::trace::{FutureExt, TraceContextExt, Tracer};
use tracing::{Instrument, info, info_span};

fn check(body: impl FnOnce(), expected: Expect) {
    expected.assert_eq(&recorded("info", body));
}

#[test]
fn spans_of_either_nest_in_the_other_as_deep_as_it_goes() {
    check(
        || {
            let _request = info_span!("request").entered();
            global::tracer("their-crate").in_span("query", |_| {
                info!("in the query");
                let _parse = info_span!("parse").entered();
                info!("in the parser");
                global::tracer("their-crate").in_span("fetch", |context| {
                    info!("in the fetch");
                    context.span().add_event("page", Vec::new());
                });
                info!("in the parser again");
            });
            info!("in the request");
        },
        expect![[r#"
            begin request
            begin query in request
            info it::nesting message="in the query" in query in request
            begin parse in query
            info it::nesting message="in the parser" in parse in query in request
            begin fetch in parse
            info it::nesting message="in the fetch" in fetch in parse in query in request
            info their-crate message="page" in fetch in parse in query in request
            end   fetch in parse
            info it::nesting message="in the parser again" in parse in query in request
            end   parse in query
            end   query in request
            info it::nesting message="in the request" in request
            end   request
        "#]],
    );
}

#[test]
fn a_root_of_theirs_is_the_root_of_ours_within_and_not_after_it() {
    check(
        || {
            global::tracer("their-crate").in_span("consume", |_| {
                drop(info_span!("handle"));
            });
            drop(info_span!("after"));
        },
        expect![[r#"
            begin consume
            begin handle in consume
            end   handle in consume
            end   consume
            begin after
            end   after
        "#]],
    );
}

#[test]
fn futures_keep_their_places_though_they_take_turns_on_one_thread() {
    let lines = recorded("info", || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let turn = |name: &'static str| async move {
                for _ in 0..3 {
                    info!("in {name}");
                    tokio::task::yield_now().await;
                }
            };
            let tracer = global::tracer("their-crate");
            let theirs = opentelemetry::Context::current_with_span(tracer.start("theirs"));
            let ours = turn("ours").instrument(info_span!("ours"));
            tokio::join!(turn("theirs").with_context(theirs), ours, turn("none"));
        });
    });
    let count = |text: &str| lines.lines().filter(|line| line.ends_with(text)).count();
    assert_eq!(count("message=\"in theirs\" in theirs"), 3, "{lines}");
    assert_eq!(count("message=\"in ours\" in ours"), 3, "{lines}");
    assert_eq!(count("message=\"in none\""), 3, "{lines}");
}
