//! Programs whose records go to a database, one that is there or one that is not.
use crate::program::{Program, order, tell, wait_for_test, wait_until};
use obs_sql_sink::{Database, Question, SqlValue, Topic};
use obs_test::lines::with;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tracing::{error, info, info_span};

const PATIENCE: Duration = Duration::from_secs(30);
const AWAY: &str = "postgres://ada:Zebra-lantern-41@127.0.0.1:1/logs";

fn url(directory: &TempDir) -> String {
    format!("sqlite://{}", directory.path().join("logs.db").display())
}

fn keeping(program: Program, url: &str) -> Program {
    program.env("OBS_SQL_URL", url).env("OBS_SYNC_INTERVAL", "10ms")
}

fn do_some_work() {
    for number in 0..50_u64 {
        let _span = info_span!("job", number).entered();
        info!(number, "done");
    }
    error!("the end of it");
}

/// A column of what a question gives.
fn column(url: &str, topic: Topic, name: &str) -> Vec<String> {
    let mut database = Database::open(&url.parse().unwrap()).unwrap();
    let answer = database.ask(&Question::new(topic)).unwrap();
    let place = answer.columns.iter().position(|column| *column == name).unwrap();
    let text = |row: &Vec<SqlValue>| match &row[place] {
        SqlValue::Text(text) => text.clone(),
        other => format!("{other:?}"),
    };
    answer.rows.iter().map(text).collect()
}

/// All bytes of all files below a directory.
fn bytes_below(directory: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => all.extend(bytes_below(&entry.path())),
            false => all.extend(std::fs::read(entry.path()).unwrap()),
        }
    }
    all
}

#[test]
fn nothing_of_the_writing_itself_is_recorded() {
    let directory = TempDir::new().unwrap();
    let program = Program::of(|| {
        let run = obs::init("shop").unwrap();
        for _ in 0..5 {
            do_some_work();
            wait_until(|| {
                let delivery = run.delivery();
                let sink = delivery.sinks.iter().find(|sink| sink.name == "sql").unwrap();
                sink.delivered > 0 && sink.pending == 0
            });
        }
        assert!(run.finish(PATIENCE).is_complete());
    });
    let program = keeping(program, &url(&directory));
    let ended = program.env("RUST_LOG", "trace").env("OBS_LOG_LEVEL", "trace").run().well();
    let loggers: BTreeSet<String> =
        ended.log().iter().map(|line| line["logger"].as_str().unwrap().to_owned()).collect();
    assert!(loggers.iter().eq(["it::sql", "obs"]), "{loggers:?}");
    assert_eq!(column(&url(&directory), Topic::Runs, "outcome"), ["finished"]);
    assert_eq!(column(&url(&directory), Topic::Errors, "event").len(), 5);
}

#[test]
fn a_database_that_is_not_there_costs_the_end_no_time_and_its_password_is_nowhere() {
    let program = Program::of(|| {
        let run = obs::init("shop").unwrap();
        do_some_work();
        wait_until(|| {
            let log = run.dir().unwrap().join("log.jsonl");
            std::fs::read_to_string(log).unwrap_or_default().contains("its records wait")
        });
        run.bundle(&obs::bundle::Options::default()).unwrap();
        let delivery = run.finish(Duration::from_millis(300));
        assert_eq!(delivery.lost, 0);
        tell(&format!("said {delivery}"));
    });
    let ended = keeping(program, AWAY).run().well();
    let log = ended.log();
    let shown = "postgres://ada:[REDACTED]@127.0.0.1:1/logs";
    let started = with(&log, "event", "run started")[0];
    assert_eq!(started["sql"], shown);
    let sinks = ended.summary()["delivery"]["sinks"].clone();
    let is_pending =
        |sink: &&serde_json::Value| sink["name"] == "sql" && sink["pending"].as_u64() > Some(100);
    assert_eq!(sinks.as_array().unwrap().iter().filter(is_pending).count(), 1, "{sinks}");
    let said = format!("{:?} {}", ended.told("said"), ended.shown());
    assert!(said.contains(shown) && !said.contains("lantern"), "{said}");
    let all = bytes_below(&ended.run());
    let found = all.windows(7).filter(|bytes| *bytes == b"lantern").count();
    assert_eq!(found, 0);
}

#[test]
fn what_a_dead_run_had_not_brought_the_next_start_of_the_service_brings_as_that_runs_own() {
    let part = |part: &'static str, url: &str| {
        let program = Program::of(|| {
            let run = obs::init("shop").unwrap();
            tell(&format!("run {}", run.id()));
            if order("PART") == "die" {
                do_some_work();
                let _open = info_span!("unfinished").entered();
                std::process::abort();
            }
            wait_for_test();
        });
        keeping(program, url).env("PART", part)
    };
    let directory = TempDir::new().unwrap();
    let url = url(&directory);
    let dead = part("die", AWAY).run();
    let died = dead.told("run")[0].clone();
    let next = part("next", &url).root(dead.root.path());
    let mut next = next.stdin(Stdio::piped()).start();
    let lives = next.told("run");
    let spans = || match directory.path().join("logs.db").exists() {
        true => Database::open(&url.parse().unwrap())
            .and_then(|mut database| database.ask(&Question::new(Topic::SlowSpans)))
            .map_or(0, |answer| answer.rows.len()),
        false => 0,
    };
    wait_until(|| spans() == 51);
    next.go_on();
    next.end().well();
    let outcomes = column(&url, Topic::Runs, "outcome");
    let runs = column(&url, Topic::Runs, "run");
    let of = |run: &str| outcomes[runs.iter().position(|known| known == run).unwrap()].clone();
    assert_eq!((of(&died), of(&lives)), ("signal".to_owned(), "finished".to_owned()));
    assert_eq!(column(&url, Topic::Errors, "run"), [died]);
}
