//! `obs recover`.
use crate::program::Program;
use crate::support::{arg, events, text};
use expect_test::expect;
use std::fs;

/// Replaces what a recovery measures.
fn steady(text: &str) -> String {
    let steady_line = |line: &str| match line.trim_start().split_once(' ') {
        Some(("found", _)) => "  found      FOUND".to_owned(),
        Some(("records", _)) => "  records    RECORDS".to_owned(),
        Some(("time", _)) => "  time       TIMES".to_owned(),
        Some((name @ ("job" | "step"), rest)) => {
            let (_, fields) = rest.split_once("program::").unwrap();
            format!("    {name} AGE program::{fields}")
        }
        _ => line.to_owned(),
    };
    text.lines().map(|line| steady_line(line) + "\n").collect()
}

obstest!(a_killed_run_is_recovered_with_the_spans_that_were_open, |dir, obs| {
    let run = dir.killed("acm");
    let id = Program::id(&run);
    let said = obs(&["recover"]).good();
    expect![[r#"
        acm ID  killed: SIGKILL, or a signal that nothing handled
          evidence   run.lock was free, and no end, exit or fatal signal was noted
                     last record at TIME
          like       723ec662: the first that ended like this
          time       TIMES
          found      FOUND
          records    RECORDS
          open spans 1
            SPAN  OPEN FOR  THREAD                             FIELDS
            job AGE program::child_of_the_other_tests  id=7
          files      DIR/runs/TIME_ID/log.jsonl
                     DIR/runs/TIME_ID/spans.jsonl
                     DIR/runs/TIME_ID/journal
    "#]]
    .assert_eq(&steady(&dir.masked(&said)).replace(id, "ID"));
    let lines = obs(&["logs", "--json", "--target", "app"]).json();
    let all = ["batch loaded", "slow disk", "cannot save", "cache warm", "fine print", "ready"];
    assert_eq!(events(&lines), all);
    let log = fs::read_to_string(run.join("log.jsonl")).unwrap();
    assert!(log.contains("cache warm"), "the log keeps to the level that the run had");
    assert!(!log.contains("fine print"), "the log keeps to the level that the run had");
    let spans = fs::read_to_string(run.join("spans.jsonl")).unwrap();
    assert!(
        spans
            .lines()
            .any(|line| line.contains("\"name\":\"job\"") && line.contains("\"unfinished\":true"))
    );
    let outcome = obs(&["runs"]).good();
    assert!(outcome.contains("  killed  "), "{outcome}");
});

obstest!(a_run_whose_summary_went_with_the_machine_is_known_by_its_directory, |dir, obs| {
    let run = dir.killed("acm");
    fs::write(run.join("run.json"), "").unwrap();
    let said = obs(&["recover", arg(&run)]).good();
    assert!(said.contains(Program::id(&run)) && said.contains("  records    "), "{said}");
    assert!(fs::read_to_string(run.join("log.jsonl")).unwrap().contains("cache warm"));
});

obstest!(json_tells_the_same, |dir, obs| {
    let run = dir.killed("acm");
    let ran = obs(&["recover", "acm", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report = &ran.json()[0];
    let keys: Vec<&str> = report.as_object().unwrap().keys().map(String::as_str).collect();
    expect![[r#"
        delivery
        directory
        end
        ended_at
        errors
        files
        found
        lost
        open_spans
        open_spans_count
        records
        records_added
        recurrence
        run_id
        service
        started_at"#]]
    .assert_eq(&keys.join("\n"));
    assert_eq!(text(report, "run_id"), Program::id(&run));
    assert_eq!(report["end"]["kind"], "killed");
    assert_eq!(report["open_spans_count"], 1);
    let span = &report["open_spans"][0];
    assert_eq!((text(span, "name"), text(span, "logger")), ("job", "app"));
    assert_eq!(
        (text(span, "thread"), &span["fields"]["id"]),
        ("program::child_of_the_other_tests", &"7".into())
    );
    assert!(span["age_ns"].as_u64().unwrap() > 0);
});

obstest!(a_recovery_can_be_asked_for_again, |dir, obs| {
    let run = dir.killed("acm");
    let first = obs(&["recover", arg(&run), "--json"]).json().remove(0);
    let second = obs(&["recover", arg(&run), "--json"]).json().remove(0);
    assert_eq!(first["end"]["detail"], second["end"]["detail"]);
    for key in ["run_id", "records", "lost", "open_spans", "open_spans_count"] {
        assert_eq!(first[key], second[key], "{key}");
    }
    assert_eq!(second["records_added"], 0);
});

obstest!(every_way_to_die_is_told_apart, |dir, obs| {
    for (how, outcome) in [("abort", "signal"), ("exit", "exited"), ("work", "finished")] {
        let run = dir.program("acm", how).end();
        let report = obs(&["recover", arg(&run), "--json"]).json().remove(0);
        assert_eq!(report["end"]["kind"], outcome, "{report}");
    }
});

obstest!(a_run_that_is_alive_is_not_recovered, |dir, obs| {
    let program = dir.program("acm", "work");
    let said = obs(&["recover", "acm"]).failed(6);
    let run = dir.masked(arg(&program.run));
    expect![[r#"
        obs: cannot recover "RUN": the run is alive, or is being recovered
        hint: `obs logs "RUN"` shows a run that is alive
    "#]]
    .assert_eq(&dir.masked(&said).replace(&run, "RUN"));
    let ran = obs(&["recover"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, "obs: there is nothing to recover\n"));
    program.end();
});

obstest!(all_dead_runs_are_recovered_and_a_broken_one_does_not_stop_the_rest, |dir, obs| {
    let first = dir.killed("acm");
    let broken = dir.killed("acm");
    let last = dir.killed("ledger");
    let alive = dir.program("ledger", "work");
    fs::remove_dir_all(broken.join("cursors")).unwrap();
    fs::write(broken.join("cursors"), "in the way").unwrap();
    let ran = obs(&["recover", "--all", "--json"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    let ids: Vec<String> = ran.json().iter().map(|it| text(it, "run_id").to_owned()).collect();
    assert_eq!(ids, [Program::id(&last), Program::id(&first)]);
    assert!(ran.err.starts_with("obs: cannot recover "), "{}", ran.err);
    fs::remove_file(broken.join("cursors")).unwrap();
    let ran = obs(&["recover", "--all", "--json"]);
    assert_eq!((ran.code, ran.json().len()), (0, 1), "{}", ran.err);
    alive.end();
});

obstest!(a_directory_that_is_no_run_is_not_recovered, |dir, obs| {
    let plain = dir.path("plain");
    fs::create_dir(&plain).unwrap();
    expect![[r#"
        obs: cannot find a run in "DIR/plain": it is not the directory of a run
        hint: a run's directory is named <time>_<id>, and holds run.json
    "#]]
    .assert_eq(&dir.masked(&obs(&["recover", arg(&plain)]).failed(3)));
    assert_eq!(fs::read_dir(&plain).unwrap().count(), 0, "nothing was left in it");
});
