//! What is captured: the filter, asked once for each callsite.
use crate::recording::{Alone, recorded};
use expect_test::expect;
use obs_core::Filter;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tracing::level_filters::LevelFilter;
use tracing::{Level, debug, debug_span, enabled, error, info, trace};

/// One event a level and target, always from the same callsites.
fn speak() {
    error!(target: "hyper", "e");
    info!(target: "app", "i");
    debug!(target: "app", "d");
    debug!(target: "app::db", "d");
    trace!(target: "app::db::pool", "t");
    drop(debug_span!(target: "app", "span"));
}

#[test]
fn directives_choose_by_target_and_level() {
    let kept = |filter| {
        recorded(filter, speak).lines().map(|line| format!("  {line}\n")).collect::<String>()
    };
    let all: String =
        ["info", "app=debug", "warn,app::db=trace", "trace,hyper=off,app::db=off", "off"]
            .map(|filter| format!("{filter}\n{}", kept(filter)))
            .concat();
    expect![[r#"
        info
          error hyper message="e"
          info app message="i"
        app=debug
          info app message="i"
          debug app message="d"
          debug app::db message="d"
          begin span
          end   span
        warn,app::db=trace
          error hyper message="e"
          debug app::db message="d"
          trace app::db::pool message="t"
        trace,hyper=off,app::db=off
          info app message="i"
          debug app message="d"
          begin span
          end   span
        off
    "#]]
    .assert_eq(&all);
}

#[test]
fn a_change_of_the_filter_reaches_callsites_that_were_refused_before() {
    let alone = Alone::new();
    let recording = alone.start("info");
    speak();
    recording.capture.set(Some(Filter::parse("app::db=trace").unwrap()));
    speak();
    recording.capture.set(Some(Filter::parse("error").unwrap()));
    speak();
    let lines = recording.finish();
    expect![[r#"
        error hyper message="e"
        info app message="i"
        debug app::db message="d"
        trace app::db::pool message="t"
        error hyper message="e"
    "#]]
    .assert_eq(&lines);
}

#[test]
fn values_of_what_is_not_captured_are_never_made() {
    let made = Cell::new(0);
    let value = || {
        made.set(made.get() + 1);
        made.get()
    };
    let lines = recorded("info,app=debug", || {
        for _ in 0..3 {
            debug!(target: "app", made = value(), "yes");
            debug!(target: "other", made = value(), "no");
            trace!(target: "app", made = value(), "no");
        }
    });
    assert_eq!((made.get(), lines.lines().count()), (3, 3));
}

#[test]
fn the_most_verbose_directive_is_the_bound_for_all() {
    let alone = Alone::new();
    let recording = alone.start("warn,app=debug");
    assert_eq!(LevelFilter::current(), LevelFilter::DEBUG);
    assert!(enabled!(target: "app", Level::DEBUG) && !enabled!(target: "other", Level::INFO));
    recording.capture.set(None);
    assert_eq!(LevelFilter::current(), LevelFilter::OFF);
    assert!(!enabled!(target: "app", Level::ERROR));
    recording.finish();
}

#[test]
fn what_is_installed_is_installed_once_and_takes_log_records() {
    let alone = Alone::new();
    let recording = alone.start("info");
    let again = obs_trace::install().unwrap();
    assert!(again.has_log());
    again.set(Some(Filter::parse("off").unwrap()));
    info!(target: "app", "refused by the same capture");
    assert_eq!(recording.finish(), "");
}

#[test]
fn log_records_that_are_not_captured_cost_a_look_at_their_level() {
    let alone = Alone::new();
    let recording = alone.start("warn,legacy::db=debug");
    assert!(log::log_enabled!(target: "legacy::db", log::Level::Debug));
    assert!(!log::log_enabled!(target: "other", log::Level::Info));
    assert_eq!(log::max_level(), log::LevelFilter::Debug);
    recording.finish();
    assert_eq!(log::max_level(), log::LevelFilter::Off);
}

#[test]
fn who_waits_for_callsites_is_told_of_those_that_have_asked_before() {
    let alone = Alone::new();
    let recording = alone.start("info,app=debug");
    debug!(target: "met before anybody waits", "no");
    let told = Arc::new(AtomicU32::new(0));
    let tell = Arc::clone(&told);
    recording.capture.on_unsettled(Some(Box::new(move || {
        tell.fetch_add(1, Ordering::Relaxed);
    })));
    assert_eq!(told.load(Ordering::Relaxed), 1);
    recording.capture.on_unsettled(None);
    recording.finish();
}

#[test]
fn callsites_are_settled_when_they_have_asked() {
    let alone = Alone::new();
    let recording = alone.start("info,app=debug");
    let told = Arc::new(AtomicU32::new(0));
    let tell = Arc::clone(&told);
    recording.capture.on_unsettled(Some(Box::new(move || {
        tell.fetch_add(1, Ordering::Relaxed);
    })));
    let met = || debug!(target: "met for the first time", "no");
    for _ in 0..3 {
        met();
        debug!(target: "another, in the same swarm", "no");
    }
    assert_eq!(told.load(Ordering::Relaxed), 1);
    recording.capture.settle();
    met();
    info!(target: "wanted", "yes");
    assert_eq!(told.load(Ordering::Relaxed), 1);
    recording.capture.on_unsettled(None);
    assert_eq!(recording.finish(), "info wanted message=\"yes\"\n");
}
