//! Events of `tracing`.
use crate::recording::{Alone, recorded};
use expect_test::{Expect, expect};
use std::fmt;
use tracing::{Level, debug, error, event, info, info_span, trace, warn};

fn check(body: impl FnOnce(), expected: Expect) {
    expected.assert_eq(&recorded("trace", body));
}

#[test]
fn values_keep_their_types() {
    let error = std::io::Error::other("disk on fire");
    check(
        || {
            info!(
                target: "app",
                yes = true, less = -1, more = u64::MAX, wide = u128::MAX, part = 0.25, nan = f64::NAN,
                text = "t", debug = ?Some("d"), display = %"shown", bytes = &b"\xff\x00"[..],
                error = &error as &(dyn std::error::Error + 'static), none = None::<u8>,
                "all of them: {}", 7
            );
        },
        expect![[r#"
            info app message="all of them: 7" yes=true less=-1 more=18446744073709551615 wide=U128(340282366920938463463374607431768211455) part=0.25 nan=NaN text="t" debug="Some(\"d\")" display="shown" bytes=Bytes([255, 0]) error=["disk on fire"]
        "#]],
    );
}

#[test]
fn levels_targets_and_names_are_those_of_the_callsite() {
    check(
        || {
            error!(target: "a", "e");
            warn!(target: "b::c", "w");
            info!(target: "", "i");
            debug!(target: "a b", "d");
            trace!(target: "t", "t");
            event!(name: "named", target: "n", Level::INFO, rows = 3);
        },
        expect![[r#"
            error a message="e"
            warn b::c message="w"
            info  message="i"
            debug a b message="d"
            trace t message="t"
            info n (named) rows=3
        "#]],
    );
}

#[test]
fn an_event_is_in_the_span_that_is_entered_or_named_or_in_none() {
    check(
        || {
            let (outer, other) = (info_span!("outer"), info_span!("other"));
            let _outer = outer.enter();
            let _inner = info_span!("inner").entered();
            info!(target: "app", "entered");
            info!(target: "app", parent: &other, "named");
            info!(target: "app", parent: None, "none");
        },
        expect![[r#"
            begin outer
            begin other
            begin inner in outer
            info app message="entered" in inner in outer
            info app message="named" in other
            info app message="none"
            end   inner in outer
            end   other
            end   outer
        "#]],
    );
}

#[test]
fn secrets_never_reach_a_record() {
    check(
        || {
            info!(target: "app", password = "hunter2", api_key = 42, user = "ann", token_count = 7, "login");
        },
        expect![[r#"
            info app message="login" password=Redacted("name:password") api_key=Redacted("name:api_key") user="ann" token_count=7
        "#]],
    );
}

/// Formatting a value can record something, fail, or panic.
#[test]
fn a_value_that_speaks_or_panics_while_it_is_formatted_harms_nobody() {
    struct Speaks;
    impl fmt::Debug for Speaks {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let _span = info_span!("formatting").entered();
            info!(target: "app", nested = ?1, "from within");
            f.write_str("spoken")
        }
    }
    struct Fails;
    impl fmt::Display for Fails {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            Err(fmt::Error)
        }
    }
    check(
        || info!(target: "app", speaks = ?Speaks, fails = %Fails, after = 1, "outer"),
        expect![[r#"
            begin formatting
            info app message="from within" nested="1" in formatting
            end   formatting
            info app message="outer" speaks="spoken" fails=Panicked("half") after=1
        "#]],
    );
}

#[test]
fn the_same_callsite_keeps_its_fields_apart_in_two_runs() {
    let body = || (0..2).for_each(|number| info!(target: "app", number, "again"));
    let first = recorded("info", body);
    assert_eq!(first, recorded("info", body));
    assert_eq!(first.lines().count(), 2);
}

#[test]
fn without_a_run_nothing_is_asked_for() {
    let alone = Alone::new();
    alone.recorded("trace", || {});
    let asked = std::cell::Cell::new(0);
    let ask = || asked.set(asked.get() + 1);
    info!(asked = ?ask(), "nobody listens");
    let inside =
        alone.recorded("trace", || info!(target: "app", asked = ?ask(), "somebody listens"));
    info!(asked = ?ask(), "nobody listens any more");
    assert_eq!((asked.get(), inside.lines().count()), (1, 1));
}
