//! `err`: on by itself for functions that return a `Result`.

use std::error::Error;
use std::fmt::{self, Display};
use std::io;
use std::num::ParseIntError;

use expect_test::expect;
use obs_macros::traced;

use crate::recording::check;

#[derive(Debug)]
struct Unreadable(ParseIntError);

impl Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot read the count")
    }
}

impl Error for Unreadable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl From<ParseIntError> for Unreadable {
    fn from(error: ParseIntError) -> Self {
        Self(error)
    }
}

#[traced(crate = crate::facade)]
fn count(text: &str) -> Result<u32, Unreadable> {
    let count = text.parse()?;
    Ok(count)
}

#[test]
fn an_error_is_recorded_with_its_sources() {
    let value = check(
        || count("12"),
        expect![[r#"
            span count [INFO failures]
            > count
            < count
            close count
        "#]],
    )
    .unwrap();
    assert_eq!(value, 12);
    let outcome = check(
        || count("twelve"),
        expect![[r#"
            span count [INFO failures]
            > count
            < count
            record count otel.status_code="ERROR"
            > count
            event [ERROR failures] in count message=count failed error=error(cannot read the count <- invalid digit found in string) error.type="it::failures::Unreadable"
            < count
            close count
        "#]],
    );
    assert!(outcome.is_err());
}

#[traced(crate = crate::facade)]
fn boxed_shared(text: &str) -> Result<u32, Box<dyn Error + Send + Sync>> {
    Ok(count(text)?)
}

#[traced(crate = crate::facade)]
fn boxed(text: &str) -> Result<u32, Box<dyn Error>> {
    boxed_shared(text).map_err(|error| error as Box<dyn Error>)
}

#[test]
fn a_boxed_error_is_recorded_with_its_sources() {
    check(|| boxed("x"), expect![[r#"
        span boxed [INFO failures]
        > boxed
        span boxed_shared [INFO failures] in boxed
        > boxed_shared
        span count [INFO failures] in boxed_shared
        > count
        < count
        record count otel.status_code="ERROR"
        > count
        event [ERROR failures] in count message=count failed error=error(cannot read the count <- invalid digit found in string) error.type="it::failures::Unreadable"
        < count
        close count
        < boxed_shared
        record boxed_shared otel.status_code="ERROR"
        > boxed_shared
        event [ERROR failures] in boxed_shared message=boxed_shared failed error=error(cannot read the count <- invalid digit found in string) error.type="alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>"
        < boxed_shared
        close boxed_shared
        < boxed
        record boxed otel.status_code="ERROR"
        > boxed
        event [ERROR failures] in boxed message=boxed failed error=error(cannot read the count <- invalid digit found in string) error.type="alloc::boxed::Box<dyn core::error::Error>"
        < boxed
        close boxed
    "#]]).unwrap_err();
}

#[traced(crate = crate::facade)]
fn text_error() -> Result<(), String> {
    Err("disk\nfull".to_owned())
}

#[derive(Debug)]
struct OnlyDebug;

#[traced(crate = crate::facade)]
fn debug_error() -> Result<(), OnlyDebug> {
    Err(OnlyDebug)
}

struct Silent;

#[traced(crate = crate::facade)]
fn silent_error() -> Result<(), Silent> {
    Err(Silent)
}

#[test]
fn an_error_that_is_no_std_error_is_recorded_as_it_prints() {
    check(
        text_error,
        expect![[r#"
            span text_error [INFO failures]
            > text_error
            < text_error
            record text_error otel.status_code="ERROR"
            > text_error
            event [ERROR failures] in text_error message=text_error failed error=disk
            full error.type="alloc::string::String"
            < text_error
            close text_error
        "#]],
    )
    .unwrap_err();
    check(debug_error, expect![[r#"
        span debug_error [INFO failures]
        > debug_error
        < debug_error
        record debug_error otel.status_code="ERROR"
        > debug_error
        event [ERROR failures] in debug_error message=debug_error failed error=OnlyDebug error.type="it::failures::OnlyDebug"
        < debug_error
        close debug_error
    "#]]).unwrap_err();
    check(silent_error, expect![[r#"
        span silent_error [INFO failures]
        > silent_error
        < silent_error
        record silent_error otel.status_code="ERROR"
        > silent_error
        event [ERROR failures] in silent_error message=silent_error failed error.type="it::failures::Silent"
        < silent_error
        close silent_error
    "#]]).unwrap_err();
}

#[traced(crate = crate::facade)]
fn generic<E: Display>(error: E) -> Result<(), E> {
    Err(error)
}

#[traced(crate = crate::facade)]
fn unbounded<T, E>(outcome: Result<T, E>) -> Result<T, E> {
    outcome
}

#[traced(crate = crate::facade)]
fn borrowed(text: &str) -> Result<(), &str> {
    Err(text)
}

#[test]
fn an_error_type_that_is_generic_is_recorded_by_what_its_bounds_say() {
    check(|| generic(io::Error::other("broken")), expect![[r#"
        span generic [INFO failures]
        > generic
        < generic
        record generic otel.status_code="ERROR"
        > generic
        event [ERROR failures] in generic message=generic failed error=broken error.type="std::io::error::Error"
        < generic
        close generic
    "#]]).unwrap_err();
    check(
        || unbounded(Err::<u8, _>("why")),
        expect![[r#"
            span unbounded [INFO failures]
            > unbounded
            < unbounded
            record unbounded otel.status_code="ERROR"
            > unbounded
            event [ERROR failures] in unbounded message=unbounded failed error.type="&str"
            < unbounded
            close unbounded
        "#]],
    )
    .unwrap_err();
    check(
        || borrowed("short"),
        expect![[r#"
            span borrowed [INFO failures]
            > borrowed
            < borrowed
            record borrowed otel.status_code="ERROR"
            > borrowed
            event [ERROR failures] in borrowed message=borrowed failed error=short error.type="&str"
            < borrowed
            close borrowed
        "#]],
    )
    .unwrap_err();
}

#[traced(crate = crate::facade)]
fn alias() -> io::Result<()> {
    Err(io::ErrorKind::NotFound.into())
}

type Outcome = Result<u8, OnlyDebug>;

#[traced(crate = crate::facade)]
fn unread_alias() -> Outcome {
    Err(OnlyDebug)
}

#[traced(crate = crate::facade, err)]
fn named_alias() -> Outcome {
    Err(OnlyDebug)
}

#[test]
fn a_return_type_counts_as_a_result_when_it_reads_so_or_err_says_so() {
    check(alias, expect![[r#"
        span alias [INFO failures]
        > alias
        < alias
        record alias otel.status_code="ERROR"
        > alias
        event [ERROR failures] in alias message=alias failed error=error(entity not found) error.type="std::io::error::Error"
        < alias
        close alias
    "#]]).unwrap_err();
    check(
        unread_alias,
        expect![[r#"
            span unread_alias [INFO failures]
            > unread_alias
            < unread_alias
            close unread_alias
        "#]],
    )
    .unwrap_err();
    check(named_alias, expect![[r#"
        span named_alias [INFO failures]
        > named_alias
        < named_alias
        record named_alias otel.status_code="ERROR"
        > named_alias
        event [ERROR failures] in named_alias message=named_alias failed error=OnlyDebug error.type="it::failures::OnlyDebug"
        < named_alias
        close named_alias
    "#]]).unwrap_err();
}

#[traced(crate = crate::facade, err = false)]
fn off() -> Result<(), String> {
    Err("not told".to_owned())
}

#[traced(crate = crate::facade, err(level = "warn", Debug))]
fn warns() -> Result<(), String> {
    Err("quoted".to_owned())
}

#[traced(crate = crate::facade, err(Display))]
fn displays() -> Result<(), Unreadable> {
    count("x").map(drop)
}

#[test]
fn err_can_be_off_or_of_another_level_and_format() {
    check(
        off,
        expect![[r#"
            span off [INFO failures]
            > off
            < off
            close off
        "#]],
    )
    .unwrap_err();
    check(warns, expect![[r#"
        span warns [INFO failures]
        > warns
        < warns
        record warns otel.status_code="ERROR"
        > warns
        event [WARN failures] in warns message=warns failed error="quoted" error.type="alloc::string::String"
        < warns
        close warns
    "#]]).unwrap_err();
    check(displays, expect![[r#"
        span displays [INFO failures]
        > displays
        span count [INFO failures] in displays
        > count
        < count
        record count otel.status_code="ERROR"
        > count
        event [ERROR failures] in count message=count failed error=error(cannot read the count <- invalid digit found in string) error.type="it::failures::Unreadable"
        < count
        close count
        < displays
        record displays otel.status_code="ERROR"
        > displays
        event [ERROR failures] in displays message=displays failed error=cannot read the count error.type="it::failures::Unreadable"
        < displays
        close displays
    "#]]).unwrap_err();
}

#[traced(crate = crate::facade, fields(otel.status_code = "UNSET"))]
fn own_status() -> Result<(), String> {
    Err("late".to_owned())
}

#[test]
fn a_status_field_of_the_callers_own_is_not_declared_twice() {
    check(own_status, expect![[r#"
        span own_status [INFO failures] otel.status_code="UNSET"
        > own_status
        < own_status
        record own_status otel.status_code="ERROR"
        > own_status
        event [ERROR failures] in own_status message=own_status failed error=late error.type="alloc::string::String"
        < own_status
        close own_status
    "#]]).unwrap_err();
}

#[traced(crate = crate::facade)]
fn early(n: u8) -> Result<u8, String> {
    if n == 0 {
        return Err("zero".to_owned());
    }
    tracing::info!("still here");
    Ok(n)
}

#[test]
fn an_early_return_is_an_outcome_like_any_other() {
    check(|| early(0), expect![[r#"
        span early [INFO failures]
        > early
        < early
        record early otel.status_code="ERROR"
        > early
        event [ERROR failures] in early message=early failed error=zero error.type="alloc::string::String"
        < early
        close early
    "#]]).unwrap_err();
    let value = check(
        || early(1),
        expect![[r#"
            span early [INFO failures]
            > early
            event [INFO failures] in early message=still here
            < early
            close early
        "#]],
    );
    assert_eq!(value, Ok(1));
}
