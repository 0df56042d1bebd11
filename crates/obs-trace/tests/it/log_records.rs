//! Records of the `log` crate.
use crate::recording::recorded;
use expect_test::{Expect, expect};
use log::kv::{Error, Key, Source, Value, VisitSource};
use tracing::info_span;

fn check(filter: &str, body: impl FnOnce(), expected: Expect) {
    expected.assert_eq(&recorded(filter, body));
}

#[test]
fn key_values_keep_their_types() {
    check(
        "trace",
        || {
            log::info!(
                target: "legacy", rows = 3, less = -1, part = 0.5, yes = true, text = "t",
                debug:? = Some(1), none = Value::null(), wide = u128::MAX;
                "loaded {}", "all"
            );
            log::error!(target: "legacy", password = "hunter2"; "secret");
            log::trace!(target: "legacy", "plain");
        },
        expect![[r#"
            info legacy message="loaded all" rows=3 less=-1 part=0.5 yes=true text="t" debug="Some(1)" none=Null wide=U128(340282366920938463463374607431768211455)
            error legacy message="secret" password=Redacted("name:password")
            trace legacy message="plain"
        "#]],
    );
}

#[test]
fn records_are_in_the_span_and_context_of_their_thread() {
    check(
        "trace",
        || {
            let _span = info_span!("request").entered();
            let _context = obs_core::Context::new().with("tenant", "acm").enter();
            log::warn!(target: "legacy", "slow");
        },
        expect![[r#"
            begin request
            warn legacy message="slow" in request within tenant="acm"
            end   request
        "#]],
    );
}

#[test]
fn the_filter_holds_for_log_records_too() {
    check(
        "warn,legacy::db=debug",
        || {
            log::info!(target: "legacy", "no");
            log::debug!(target: "legacy::db", "yes");
            log::trace!(target: "legacy::db", "no");
            assert!(log::log_enabled!(target: "legacy::db", log::Level::Debug));
        },
        expect![[r#"
            debug legacy::db message="yes"
        "#]],
    );
}

/// As bridges from other languages make them: without anything static.
#[test]
fn records_that_are_built_at_run_time_have_callsites_of_their_own() {
    check(
        "trace",
        || {
            for (target, line) in [("a", 1), ("b", 1), ("a", 2), ("a", 1)] {
                let file = format!("{target}.py");
                let mut record = log::Record::builder();
                record.level(log::Level::Info).target(target).file(Some(&file)).line(Some(line));
                log::logger().log(&record.args(format_args!("{target}{line}")).build());
            }
        },
        expect![[r#"
            info a message="a1"
            info b message="b1"
            info a message="a2"
            info a message="a1"
        "#]],
    );
}

#[test]
fn a_source_of_key_values_that_fails_or_panics_loses_only_the_rest_of_them() {
    struct Panics;
    impl Source for Panics {
        fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
            visitor.visit_pair(Key::from("first"), Value::from(1))?;
            panic!("in a source")
        }
    }
    struct Fails;
    impl Source for Fails {
        fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
            visitor.visit_pair(Key::from("first"), Value::from(1))?;
            Err(Error::msg("no more"))
        }
    }
    let lines = recorded("trace", || {
        for source in [&Fails as &dyn Source, &Panics] {
            let mut record = log::Record::builder();
            record.level(log::Level::Info).target("app").key_values(&source);
            log::logger().log(&record.args(format_args!("half")).build());
        }
    });
    let (panics, records): (Vec<_>, Vec<_>) =
        lines.lines().partition(|line| line.starts_with("error panic"));
    assert_eq!(panics.len(), 1);
    let expected = [
        r#"info app message="half" first=1 log.kv_error="no more""#,
        r#"info app message="half" first=1 log.kv_error="the source of the key-values panicked""#,
    ];
    assert_eq!(records, expected);
}
