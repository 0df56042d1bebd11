//! Spans of `tracing`.
use crate::recording::{Alone, recorded};
use expect_test::{Expect, expect};
use std::thread;
use tracing::{Span, field, info, info_span};

fn check(body: impl FnOnce(), expected: Expect) {
    expected.assert_eq(&recorded("trace", body));
}

#[test]
fn a_span_begins_gets_attributes_and_ends_with_them() {
    check(
        || {
            let span = info_span!("load", rows = field::Empty, file = "a.csv");
            span.record("rows", 3);
            span.in_scope(|| info!(target: "app", "within"));
            span.record("file", "b.csv");
            span.record("unknown", 1);
        },
        expect![[r#"
            begin load file="a.csv"
            info app message="within" in load
            end   load file="a.csv" rows=3 file="b.csv"
        "#]],
    );
}

#[test]
fn a_parent_is_the_span_entered_or_the_one_named_or_none() {
    check(
        || {
            let (a, b) = (info_span!("a"), info_span!("b"));
            a.in_scope(|| {
                drop(info_span!("of the entered"));
                drop(info_span!(parent: &b, "of the named"));
                drop(info_span!(parent: None, "of none"));
            });
        },
        expect![[r#"
            begin a
            begin b
            begin of the entered in a
            end   of the entered in a
            begin of the named in b
            end   of the named in b
            begin of none
            end   of none
            end   b
            end   a
        "#]],
    );
}

#[test]
fn a_span_ends_with_its_last_handle_wherever_that_is_dropped() {
    check(
        || {
            let span = info_span!("shared");
            let clone = span.clone();
            drop(span);
            info!(target: "app", "still open");
            thread::Builder::new().spawn(move || drop(clone)).unwrap().join().unwrap();
            info!(target: "app", "closed elsewhere");
        },
        expect![[r#"
            begin shared
            info app message="still open"
            end   shared
            info app message="closed elsewhere"
        "#]],
    );
}

#[test]
fn an_entered_span_stays_open_until_it_is_left() {
    check(
        || {
            let span = info_span!("entered");
            let entered = span.clone().entered();
            drop(span);
            info!(target: "app", "within");
            drop(entered);
            info!(target: "app", "after");
        },
        expect![[r#"
            begin entered
            info app message="within" in entered
            end   entered
            info app message="after"
        "#]],
    );
}

#[test]
fn spans_may_be_left_in_any_order() {
    check(
        || {
            let (a, b, c) = (info_span!("a"), info_span!("b"), info_span!("c"));
            let (in_a, in_b, in_c) = (a.enter(), b.enter(), c.enter());
            drop(in_b);
            info!(target: "app", "in c and a");
            drop(in_c);
            info!(target: "app", "in a");
            drop(in_a);
            info!(target: "app", "in none");
            let (once, again) = (a.enter(), a.enter());
            drop(once);
            info!(target: "app", "in a again");
            drop(again);
        },
        expect![[r#"
            begin a
            begin b
            begin c
            info app message="in c and a" in c
            info app message="in a" in a
            info app message="in none"
            info app message="in a again" in a
            end   c
            end   b
            end   a
        "#]],
    );
}

#[test]
fn a_span_follows_from_others() {
    check(
        || {
            let (cause, effect) = (info_span!("cause"), info_span!("effect"));
            effect.follows_from(&cause);
            effect.follows_from(Span::none());
        },
        expect![[r#"
            begin cause
            begin effect
            link  effect follows cause
            end   effect
            end   cause
        "#]],
    );
}

#[test]
fn the_current_span_is_known_by_name() {
    recorded("trace", || {
        assert!(Span::current().is_none());
        let _outer = info_span!("outer", rows = field::Empty).entered();
        assert_eq!(Span::current().metadata().map(|metadata| metadata.name()), Some("outer"));
        Span::current().record("rows", 1);
    });
}

#[test]
fn thousands_of_spans_are_open_at_once_and_their_places_are_used_again() {
    const COUNT: usize = 5_000;
    let lines = recorded("trace", || {
        for _ in 0..3 {
            let spans: Vec<_> = (0..COUNT).map(|number| info_span!("many", number)).collect();
            let (last, middle) = (&spans[COUNT - 1], &spans[COUNT / 2]);
            last.in_scope(|| middle.in_scope(|| info!(target: "app", "deep")));
            let (even, odd): (Vec<_>, Vec<_>) =
                spans.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
            thread::Builder::new().spawn(move || drop(even)).unwrap().join().unwrap();
            drop(odd);
        }
    });
    let count = |start| lines.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("begin many"), count("end   many")), (3 * COUNT, 3 * COUNT));
    assert_eq!(count("info app message=\"deep\" in many"), 3);
}

#[test]
fn a_thousand_levels_of_spans_are_no_deeper_than_one() {
    let lines = recorded("trace", || {
        let entered: Vec<_> = (0..1_000).map(|depth| info_span!("deep", depth).entered()).collect();
        info!(target: "app", "bottom");
        entered.into_iter().rev().for_each(drop);
        info!(target: "app", "top");
    });
    assert_eq!(lines.lines().filter(|line| line.starts_with("end   deep")).count(), 1_000);
    let bottom = lines.lines().find(|line| line.contains("bottom")).unwrap();
    assert_eq!(bottom.matches(" in deep").count(), 1_000);
    assert!(lines.ends_with("info app message=\"top\"\n"));
}

#[test]
fn a_span_of_an_earlier_run_is_nobody_in_the_next() {
    let mut kept = None;
    let alone = Alone::new();
    let first = alone.recorded("trace", || kept = Some(info_span!("kept", rows = field::Empty)));
    assert_eq!(first, "begin kept\n");
    let second = alone.recorded("trace", || {
        let span = kept.take().unwrap();
        span.record("rows", 1);
        span.in_scope(|| info!(target: "app", "in an old span"));
        drop(span);
        drop(info_span!("new"));
    });
    expect![[r#"
        info app message="in an old span"
        begin new
        end   new
    "#]]
    .assert_eq(&second);
}
