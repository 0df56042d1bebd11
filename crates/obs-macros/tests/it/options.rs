//! `name`, `level`, `target`, `parent`, `follows_from`.

use expect_test::expect;
use obs_macros::traced;
use tracing::{Level, Span};

use crate::recording::check;

const NAME: &str = "named by a constant";
const TARGET: &str = "targets::constant";
const LEVEL: Level = Level::TRACE;

#[traced("process_batch", crate = crate::facade, target = "jobs")]
fn by_position() {}

#[traced(crate = crate::facade, name = NAME, target = TARGET, level = LEVEL)]
fn by_constants() {}

#[traced(crate = crate::facade, level = WARN)]
fn by_word() {}

#[traced(crate = crate::facade, level = tracing::Level::ERROR, err(level = Level::WARN))]
fn by_path() -> Result<(), &'static str> {
    Err("low")
}

#[test]
fn name_level_and_target_are_texts_words_or_constants() {
    check(
        by_position,
        expect![[r#"
            span process_batch [INFO jobs]
            > process_batch
            < process_batch
            close process_batch
        "#]],
    );
    check(
        by_constants,
        expect![[r#"
            span named by a constant [TRACE constant]
            > named by a constant
            < named by a constant
            close named by a constant
        "#]],
    );
    check(
        by_word,
        expect![[r#"
            span by_word [WARN options]
            > by_word
            < by_word
            close by_word
        "#]],
    );
    check(
        by_path,
        expect![[r#"
            span by_path [ERROR options]
            > by_path
            < by_path
            record by_path otel.status_code="ERROR"
            > by_path
            event [WARN options] in by_path message=by_path failed error=low error.type="&str"
            < by_path
            close by_path
        "#]],
    )
    .unwrap_err();
}

#[traced(crate = crate::facade, parent = parent)]
fn child_of(parent: &Span) {}

#[traced(crate = crate::facade, parent = None)]
fn root() {}

#[test]
fn the_parent_can_be_given_or_denied() {
    check(
        || {
            let elsewhere = tracing::info_span!("elsewhere");
            let _here = tracing::info_span!("here").entered();
            child_of(&elsewhere);
            root();
        },
        expect![[r#"
            span elsewhere [INFO options]
            span here [INFO options]
            > here
            span child_of [INFO options] in elsewhere
            > child_of
            < child_of
            close child_of
            span root [INFO options]
            > root
            < root
            close root
            < here
            close here
            close elsewhere
        "#]],
    );
}

#[traced(crate = crate::facade, follows_from = causes)]
fn after(causes: &[Span]) {}

#[test]
fn a_span_can_follow_from_others() {
    check(
        || after(&[tracing::info_span!("one"), tracing::info_span!("two")]),
        expect![[r#"
            span one [INFO options]
            span two [INFO options]
            span after [INFO options]
            after follows from one
            after follows from two
            > after
            < after
            close after
            close one
            close two
        "#]],
    );
}
