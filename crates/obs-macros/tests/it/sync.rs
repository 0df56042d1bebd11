//! Plain functions: a guard around the body.

use std::panic::catch_unwind;

use expect_test::expect;
use obs_macros::traced;

use crate::recording::check;

#[traced(crate = crate::facade)]
fn add(a: u32, b: u32) -> u32 {
    tracing::info!("adding");
    a + b
}

#[test]
fn a_call_is_a_span_and_no_argument_is_recorded() {
    let sum = check(
        || add(2, 3),
        expect![[r#"
            span add [INFO sync]
            > add
            event [INFO sync] in add message=adding
            < add
            close add
        "#]],
    );
    assert_eq!(sum, 5);
}

#[traced(crate = crate::facade)]
fn first_even(numbers: &[u32]) -> Option<u32> {
    for number in numbers {
        if number % 2 == 0 {
            return Some(*number);
        }
    }
    None
}

#[test]
fn a_return_in_the_middle_closes_the_span() {
    let found = check(
        || first_even(&[1, 4, 6]),
        expect![[r#"
            span first_even [INFO sync]
            > first_even
            < first_even
            close first_even
        "#]],
    );
    assert_eq!(found, Some(4));
}

#[traced(crate = crate::facade)]
fn outer() {
    inner();
    inner();
}

#[traced(crate = crate::facade)]
fn inner() {}

#[test]
fn a_call_within_a_call_is_its_child() {
    check(
        outer,
        expect![[r#"
            span outer [INFO sync]
            > outer
            span inner [INFO sync] in outer
            > inner
            < inner
            close inner
            span inner [INFO sync] in outer
            > inner
            < inner
            close inner
            < outer
            close outer
        "#]],
    );
}

#[traced(crate = crate::facade)]
fn fails() {
    panic!("no luck");
}

#[test]
fn a_panic_leaves_and_closes_the_span() {
    let outcome = check(
        || catch_unwind(fails),
        expect![[r#"
            span fails [INFO sync]
            > fails
            < fails
            close fails
        "#]],
    );
    assert!(outcome.is_err());
}

#[traced(crate = crate::facade)]
fn names(span: u32, _entered: u32, output: u32, value: u32, error: u32) -> u32 {
    span + _entered + output + value + error
}

#[traced(crate = crate::facade, ret, log)]
fn names_in_a_closure(span: u32, stopwatch: u32, output: u32) -> Result<u32, ()> {
    Ok(span + stopwatch + output)
}

#[test]
fn names_of_the_expansion_do_not_hide_those_of_the_body() {
    assert_eq!(names(1, 2, 3, 4, 5), 15);
    assert_eq!(names_in_a_closure(1, 2, 3), Ok(6));
}
