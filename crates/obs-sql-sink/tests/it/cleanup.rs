//! What is old is removed, and nothing else.
use crate::places::Place;
use crate::program::{Program, make};
use crate::rows::{check, logs, spans};
use obs_core::UnixNanos;
use obs_core::settings::SqlPartition;
use obs_databases::Product;
use obs_sql_sink::{Cleaned, Database};
use std::ops::ControlFlow;
use std::time::Duration;

fn count(place: &Place, table: &str) -> u64 {
    place.ask(&format!("SELECT COUNT(*) FROM {table}")).trim().parse().unwrap()
}

fn cleaned(place: &Place, before: UnixNanos) -> Cleaned {
    let mut database = Database::open(&place.url.parse().unwrap()).unwrap();
    let due = database.due(before).unwrap();
    let mut told = Vec::new();
    let cleaned = database
        .cleanup(before, &mut |so_far| {
            told.push(*so_far);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(told.is_sorted_by_key(|so_far| so_far.logs), "{told:?}");
    if cleaned.partitions == 0 {
        assert_eq!(due, cleaned, "{place}");
    }
    cleaned
}

/// The time of a line.
fn time(line: &str) -> UnixNanos {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["timestamp"].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_run_that_is_older_goes_and_a_newer_one_stays_whole() {
    for place in Place::all() {
        let program = Program::start(&place);
        make(1..=2_000);
        let old = program.finish_whole();
        let program = Program::start(&place);
        make(1..=500);
        let new = program.finish_whole();
        let before = time(&new.log[0]);
        assert_eq!(cleaned(&place, time(&old.log[0])).logs, 0, "{place}");
        let gone = cleaned(&place, before);
        assert_eq!(gone.logs, old.log.len() as u64, "{place}");
        assert_eq!((gone.spans, gone.actions, gone.runs), (2_000, 0, 1), "{place}");
        check(&place, &logs(&place, new.run_id), &new.log);
        check(&place, &spans(&place, new.run_id), &new.spans);
        assert_eq!((count(&place, "obs_runs"), count(&place, "obs_spans")), (1, 500), "{place}");
        assert_eq!(cleaned(&place, before), Cleaned::default(), "{place}");
    }
}

#[test]
fn a_clean_up_ends_when_it_is_told_to_and_goes_on_later() {
    for place in Place::all() {
        let program = Program::start(&place);
        make(1..=2_000);
        program.finish_whole();
        let mut database = Database::open(&place.url.parse().unwrap()).unwrap();
        let some = database.cleanup(UnixNanos::MAX, &mut |_| ControlFlow::Break(())).unwrap();
        assert!((1..2_000).contains(&some.logs), "{place} {some:?}");
        assert_eq!(count(&place, "obs_logs"), 2_002 - some.logs, "{place}");
        let far = UnixNanos(u64::MAX / 2);
        database.cleanup(far, &mut |_| ControlFlow::Continue(())).unwrap();
        let left = ["obs_logs", "obs_spans", "obs_runs"].map(|table| count(&place, table));
        assert_eq!(left, [0; 3], "{place}");
    }
}

#[test]
fn a_partition_goes_as_a_whole() {
    let Some(place) = Place::of(Product::Postgres) else { return };
    let mut options = place.options();
    options.partition = SqlPartition::Day;
    let program = Program::with(options);
    make(1..=100);
    let lines = program.finish_whole();
    place.ask(
        "CREATE TABLE obs_logs_p2020_02_29 PARTITION OF obs_logs \
         FOR VALUES FROM ('2020-02-29Z') TO ('2020-03-01Z'); \
         INSERT INTO obs_logs SELECT run_id, seq + 1000, '2020-02-29 12:00Z', nanos, level, \
         logger, event, trace_id, span_id, attributes FROM obs_logs",
    );
    let before = "2020-03-01T00:00:00Z".parse().unwrap();
    assert_eq!(cleaned(&place, before).partitions, 1);
    check(&place, &logs(&place, lines.run_id), &lines.log);
}

#[test]
fn a_sink_removes_what_is_older_than_it_is_to_keep() {
    for place in Place::all() {
        let program = Program::start(&place);
        make(1..=100);
        program.finish_whole();
        let mut options = place.options();
        options.age_max = Duration::from_nanos(1);
        let program = Program::with(options);
        make(1..=100);
        let lines = program.finish_whole();
        let newest = lines.log.iter().map(|line| time(line)).max().unwrap();
        assert_eq!(time(lines.log.last().unwrap()), newest);
        assert!(count(&place, "obs_logs") <= 102, "{place}");
        assert_eq!(
            place.ask(&format!("SELECT COUNT(*) FROM obs_runs WHERE run_id <> '{}'", lines.run_id)),
            "0\n"
        );
    }
}
