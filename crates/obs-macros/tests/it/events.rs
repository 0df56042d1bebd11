//! `log` and `ret`: events for how a call begins and ends.

use expect_test::expect;
use obs_macros::traced;

use crate::recording::{Yield, block_on, check};

#[traced(crate = crate::facade, log, level = "debug")]
fn square(n: u32) -> u32 {
    n * n
}

#[test]
fn log_tells_start_end_and_duration_at_the_level_of_the_span() {
    let value = check(
        || square(3),
        expect![[r#"
            span square [DEBUG events]
            > square
            event [DEBUG events] in square message=square started
            < square
            > square
            < square
            > square
            event [DEBUG events] in square message=square completed duration_ms=1.5f64
            < square
            close square
        "#]],
    );
    assert_eq!(value, 9);
}

#[traced(crate = crate::facade, log)]
async fn fetch(id: u32) -> Result<u32, String> {
    Yield::default().await;
    id.checked_sub(1).ok_or_else(|| "no such id".to_owned())
}

#[test]
fn log_tells_a_failure_with_its_error() {
    let value = check(
        || block_on(fetch(1)),
        expect![[r#"
            span fetch [INFO events]
            > fetch
            event [INFO events] in fetch message=fetch started
            < fetch
            > fetch
            < fetch
            > fetch
            < fetch
            > fetch
            event [INFO events] in fetch message=fetch completed duration_ms=1.5f64
            < fetch
            > fetch
            < fetch
            close fetch
        "#]],
    );
    assert_eq!(value, Ok(0));
    check(|| block_on(fetch(0)), expect![[r#"
        span fetch [INFO events]
        > fetch
        event [INFO events] in fetch message=fetch started
        < fetch
        > fetch
        < fetch
        > fetch
        < fetch
        record fetch otel.status_code="ERROR"
        > fetch
        event [ERROR events] in fetch message=fetch failed error=no such id error.type="alloc::string::String" duration_ms=1.5f64
        < fetch
        > fetch
        < fetch
        close fetch
    "#]]).unwrap_err();
}

#[traced(crate = crate::facade, log, err = false)]
fn discreet() -> Result<(), String> {
    Err("secret".to_owned())
}

#[test]
fn log_tells_a_failure_without_its_error_when_err_is_off() {
    check(
        discreet,
        expect![[r#"
            span discreet [INFO events]
            > discreet
            event [INFO events] in discreet message=discreet started
            < discreet
            > discreet
            < discreet
            > discreet
            event [INFO events] in discreet message=discreet failed duration_ms=1.5f64
            < discreet
            close discreet
        "#]],
    )
    .unwrap_err();
}

#[traced(crate = crate::facade, ret)]
fn debugged() -> Vec<u8> {
    vec![1, 2]
}

#[traced(crate = crate::facade, ret(Display, level = "trace"))]
fn displayed() -> &'static str {
    "plain"
}

#[traced(crate = crate::facade, ret)]
fn of_a_result(fail: bool) -> Result<u8, String> {
    if fail { Err("asked to".to_owned()) } else { Ok(4) }
}

#[traced(crate = crate::facade, ret, err = false)]
fn whole_result() -> Result<u8, String> {
    Err("kept".to_owned())
}

#[test]
fn ret_tells_the_value() {
    check(
        debugged,
        expect![[r#"
            span debugged [INFO events]
            > debugged
            < debugged
            > debugged
            event [INFO events] in debugged message=debugged returned return=[1, 2]
            < debugged
            close debugged
        "#]],
    );
    check(
        displayed,
        expect![[r#"
            span displayed [INFO events]
            > displayed
            < displayed
            > displayed
            event [TRACE events] in displayed message=displayed returned return=plain
            < displayed
            close displayed
        "#]],
    );
    check(
        || of_a_result(false),
        expect![[r#"
            span of_a_result [INFO events]
            > of_a_result
            < of_a_result
            > of_a_result
            event [INFO events] in of_a_result message=of_a_result returned return=4
            < of_a_result
            close of_a_result
        "#]],
    )
    .unwrap();
    check(|| of_a_result(true), expect![[r#"
        span of_a_result [INFO events]
        > of_a_result
        < of_a_result
        record of_a_result otel.status_code="ERROR"
        > of_a_result
        event [ERROR events] in of_a_result message=of_a_result failed error=asked to error.type="alloc::string::String"
        < of_a_result
        close of_a_result
    "#]]).unwrap_err();
    check(
        whole_result,
        expect![[r#"
            span whole_result [INFO events]
            > whole_result
            < whole_result
            > whole_result
            event [INFO events] in whole_result message=whole_result returned return=Err("kept")
            < whole_result
            close whole_result
        "#]],
    )
    .unwrap_err();
}

#[traced(crate = crate::facade, ret(Debug), log)]
fn both() -> Option<u8> {
    None
}

#[test]
fn log_and_ret_share_the_last_event() {
    check(
        both,
        expect![[r#"
            span both [INFO events]
            > both
            event [INFO events] in both message=both started
            < both
            > both
            < both
            > both
            event [INFO events] in both message=both completed duration_ms=1.5f64 return=None
            < both
            close both
        "#]],
    );
}

#[traced(crate = crate::facade, log, name = "load {batch}")]
fn braces() {}

#[test]
fn messages_use_the_name_given_as_it_is_written() {
    check(
        braces,
        expect![[r#"
            span load {batch} [INFO events]
            > load {batch}
            event [INFO events] in load {batch} message=load {batch} started
            < load {batch}
            > load {batch}
            < load {batch}
            > load {batch}
            event [INFO events] in load {batch} message=load {batch} completed duration_ms=1.5f64
            < load {batch}
            close load {batch}
        "#]],
    );
}
