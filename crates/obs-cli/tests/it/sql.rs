//! `obs sql`: the database that records are kept in.
use crate::program::Program;
use crate::support::{Dir, Ran, arg, text};
use expect_test::expect;

/// The command, with a database of SQLite's.
fn sql(dir: &Dir, words: &[&str]) -> Ran {
    sql_at(dir, "logs.db", words)
}

fn sql_at(dir: &Dir, file: &str, words: &[&str]) -> Ran {
    let url = format!("sqlite://{}", dir.path(file).display());
    dir.obs(&[&["sql"], words].concat()).env("OBS_SQL_URL", url).run()
}

/// What a question gives, one object a row.
fn asked(dir: &Dir, words: &[&str]) -> Vec<serde_json::Value> {
    let ran = sql(dir, &[&["query"], words, &["--format", "json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.json()
}

obstest!(runs_are_brought_in_once_and_asked_about, |dir, obs| {
    let run = dir.finished("acm");
    let dead = dir.killed("shop");
    let said = sql(&dir, &["import", "acm", arg(&dead)]).good();
    assert_eq!(said.matches(" 0 lost, 0 pending\n").count(), 2, "{said}");
    assert_eq!(sql(&dir, &["import", "acm", "shop"]).good(), said, "nothing comes twice");
    let runs = asked(&dir, &["runs"]);
    let told = |field| runs.iter().map(|row| text(row, field)).collect::<Vec<_>>();
    assert_eq!(told("service"), ["shop", "acm"]);
    assert_eq!(told("outcome"), ["killed", "finished"]);
    assert_eq!(told("run"), [Program::id(&dead), Program::id(&run)]);
    let lines = obs(&["logs", "acm", "--json", "--level", "info"]).good().lines().count();
    let count = obs(&["logs", "acm", "--json", "--level", "error"]).json().len();
    assert!(lines > count && count > 0);
    assert_eq!(asked(&dir, &["errors", "--service", "acm"]).len(), count);
    assert_eq!(asked(&dir, &["errors", "--run", Program::id(&run), "-n", "1"]).len(), 1);
    assert_eq!(asked(&dir, &["errors", "--until", "2020-01-01"]).len(), 0);
    let spans = asked(&dir, &["slow-spans", "--service", "shop"]);
    assert!(spans.iter().any(|row| text(row, "span") == "job"), "{spans:?}");
    let trace = asked(&dir, &["trace", text(&spans[0], "trace")]);
    assert!(trace.iter().any(|row| text(row, "what") == "span"), "{trace:?}");
    assert!(trace.is_sorted_by_key(|row| text(row, "time").to_owned()));
});

obstest!(a_bundle_is_brought_in_from_its_journal, |dir, obs| {
    let run = dir.finished("acm");
    let zip = dir.path("support.zip");
    obs(&["bundle", "acm", "-o", arg(&zip)]).good();
    sql(&dir, &["import", arg(&zip)]).good();
    sql_at(&dir, "other.db", &["import", "acm"]).good();
    let rows = |file| {
        let ran = sql_at(&dir, file, &["query", "runs", "--format", "csv"]);
        ran.good()
    };
    assert_eq!(rows("logs.db"), rows("other.db"));
    sql(&dir, &["import", arg(&run)]).good();
    assert_eq!(rows("logs.db"), rows("other.db"), "the run itself has nothing new");
    let without = dir.path("without.zip");
    obs(&["bundle", "acm", "--no-journal", "-o", arg(&without)]).good();
    let said = sql(&dir, &["import", arg(&without)]).failed(1);
    assert!(said.contains("it has no journal"), "{said}");
    std::fs::write(dir.path("no.zip"), "no bundle").unwrap();
    sql(&dir, &["import", arg(&dir.path("no.zip"))]).failed(4);
});

obstest!(what_a_database_that_is_away_did_not_get_is_counted, |dir, obs| {
    dir.finished("acm");
    let zip = dir.path("support.zip");
    obs(&["bundle", "acm", "-o", arg(&zip)]).good();
    let records = obs(&["runs", "--json"]).json()[0]["records"].clone();
    for what in [arg(&zip), "acm"] {
        let url = "postgres://ada@127.0.0.1:1/logs";
        let ran = obs(&["sql", "--url", url, "import", what, "--patience", "300ms", "--json"]);
        let told = ran.json();
        assert_eq!((ran.code, told.len()), (1, 1), "{}", ran.err);
        assert_eq!((&told[0]["pending"], &told[0]["delivered"]), (&records, &0.into()), "{told:?}");
        assert!(text(&told[0], "error").contains("refused"), "{told:?}");
    }
});

obstest!(a_run_that_is_alive_is_left_to_itself, |dir, _obs| {
    let program = dir.program("acm", "work");
    let said = sql(&dir, &["import", "acm"]).failed(6);
    assert!(said.contains("a run that is alive sends by itself"), "{said}");
    program.end();
    sql(&dir, &["import", "acm"]).good();
});

obstest!(tables_are_shown_before_they_are_made, |dir, _obs| {
    let statements = sql(&dir, &["migrate", "--dry-run"]).good();
    assert!(statements.contains("CREATE TABLE obs_logs (\n"), "{statements}");
    assert!(statements.contains("CREATE INDEX \"obs_logs_request_id\""), "{statements}");
    assert_eq!(sql(&dir, &["migrate", "--dry-run"]).good(), statements, "nothing was made");
    let ran = sql(&dir, &["migrate"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let ran = sql(&dir, &["migrate"]);
    assert_eq!(ran.err, "obs: the tables are as they should be\n");
    assert_eq!(asked(&dir, &["runs"]).len(), 0);
});

obstest!(old_records_are_counted_and_removed, |dir, _obs| {
    dir.finished("acm");
    sql(&dir, &["import", "acm"]).good();
    let would = sql(&dir, &["cleanup", "--older-than", "0", "--dry-run", "--json"]).json();
    let gone = sql(&dir, &["cleanup", "--older-than", "0", "--json"]).json();
    let count = |told: &[serde_json::Value], what: &str| told[0][what].as_u64().unwrap();
    for what in ["logs", "spans", "actions", "runs"] {
        assert_eq!(count(&would, what), count(&gone, what), "{what}");
    }
    assert!(count(&gone, "logs") > 0 && count(&gone, "runs") == 1);
    let left = dir.masked(&sql(&dir, &["cleanup", "--older-than", "30d"]).good());
    expect![[r#"
        removed, of before TIME: 0 log records, 0 spans, 0 actions, 0 runs
    "#]]
    .assert_eq(&left);
});

obstest!(what_cannot_be_used_is_told_with_a_hint_and_without_a_password, |dir, obs| {
    let said = obs(&["sql", "query", "runs"]).failed(1);
    assert!(said.contains("no database is named\nhint: OBS_SQL_URL or `--url`"), "{said}");
    let said = sql(&dir, &["query", "runs"]).failed(1);
    assert!(said.contains("there is no file"), "{said}");
    assert!(!dir.path("logs.db").exists());
    std::fs::write(dir.path("logs.db"), "").unwrap();
    let said = sql(&dir, &["query", "runs"]).failed(1);
    assert!(said.contains("there are no tables of obs in it"), "{said}");
    let wrong = ["postgres://ada:s3cret@127.0.0.1:1/logs", "mysql://ada:s3cret@127.0.0.1:1/logs"];
    for url in wrong {
        let said = obs(&["sql", "--url", url, "query", "runs"]).failed(1);
        assert!(said.contains("ada:[REDACTED]@127.0.0.1:1/logs: "), "{said}");
        assert!(said.contains("refused") && !said.contains("s3cret"), "{said}");
    }
    let said = obs(&["sql", "--url", "redis://ada:s3cret@db", "query", "runs"]).failed(2);
    assert!(said.contains("it does not begin with sqlite://") && !said.contains("s3c"), "{said}");
});
