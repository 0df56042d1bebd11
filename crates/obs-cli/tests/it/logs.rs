//! `obs logs` of runs that have ended.
use crate::support::{arg, events, text};
use expect_test::{Expect, expect};
use serde_json::Value;

obstest!(a_runs_records_are_shown_in_their_order, |dir, obs| {
    dir.finished("acm");
    let shown = obs(&["logs"]).good();
    let (first, rest) = shown.split_once('\n').unwrap();
    assert!(first.contains("run started  service=acm"), "{first}");
    expect![[r#"
        TIME INFO  obs  run context changed  equip_id=FD_FAN
        TIME INFO  app  batch loaded  rows=1500 ratio=0.25  job{id=7}
        TIME WARN  app::disk  slow disk  attempt=2 path="my data.csv"  request_id=7f3a  job{id=7}:step{name=load}
        TIME ERROR app  cannot save  error="disk on fire"  job{id=7}
        TIME DEBUG app::cache  cache warm  hits=3 level=gold  job{id=7}
        TIME TRACE app::cache  fine print  job{id=7}
        TIME INFO  app  ready  job{id=7}
        TIME INFO  obs  run ended  kind=finished detail="finished by the program"
    "#]].assert_eq(&dir.masked(rest));
});

obstest!(json_lines_are_those_of_the_log_file, |dir, obs| {
    let run = dir.finished("acm");
    let file = std::fs::read_to_string(run.join("log.jsonl")).unwrap();
    let shown = obs(&["logs", "--json", "--level", "debug"]).good();
    assert!(file.lines().count() >= 8);
    assert_eq!(shown, file);
    let spans = std::fs::read_to_string(run.join("spans.jsonl")).unwrap();
    let shown = obs(&["logs", "--json", "--spans", "level>=info", "name!=nothing"]).good();
    let shown: Vec<&str> = shown.lines().filter(|line| line.contains("\"start\":")).collect();
    assert_eq!(shown, spans.lines().collect::<Vec<_>>());
});

obstest!(filters_choose_records, |dir, obs| {
    dir.finished("acm");
    let table: [(&[&str], &str); 24] = [
        (&["rows=1500"], "batch loaded"),
        (&["rows>1000", "ratio<1"], "batch loaded"),
        (&["rows>1500"], ""),
        (&["-f", "rows>=1500"], "batch loaded"),
        (&["acm", "attempt=2"], "slow disk"),
        (&["acm", "attempt=2", "-f", "rows=1500"], ""),
        (&["path=my data.csv"], "slow disk"),
        (&["path~data"], "slow disk"),
        (&["request_id=7f3a"], "slow disk"),
        (&["name=load"], "slow disk"),
        (&["id=7", "level>=warn"], "slow disk, cannot save"),
        (&["equip_id=FD_FAN", "event~cache"], "cache warm"),
        (&["equip_id!=FD_FAN"], "run started"),
        (&["event=ready"], "ready"),
        (&["logger=app::cache"], "cache warm, fine print"),
        (&["level=error"], "cannot save"),
        (&["field.level=gold"], "cache warm"),
        (&["error~fire"], "cannot save"),
        (&["trace_id=0123"], ""),
        (&["thread=program::child_of_the_other_tests", "level=trace"], "fine print"),
        (&["--level", "error"], "cannot save"),
        (&["--level", "warn", "--target", "app::"], "slow disk"),
        (&["--target", "app::cache", "--level", "debug"], "cache warm"),
        (&["--target", "obs", "event~ended"], "run ended"),
    ];
    for (arguments, expected) in table {
        let ran = obs(&[&["logs", "--json"][..], arguments].concat());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
        let expected: Vec<&str> = expected.split(", ").filter(|text| !text.is_empty()).collect();
        assert_eq!(events(&ran.json()), expected, "{arguments:?}");
    }
});

obstest!(a_time_and_a_number_choose_records_too, |dir, obs| {
    dir.finished("acm");
    let lines = obs(&["logs", "--json"]).json();
    let at = |event: &str| {
        let line = lines.iter().find(|line| line["event"] == event).unwrap();
        (text(line, "timestamp").to_owned(), line["seq"].to_string())
    };
    let (warm, seq) = at("cache warm");
    let (ready, _) = at("ready");
    let shown = obs(&["logs", "--json", "--since", &warm, "--until", &ready]).json();
    assert_eq!(events(&shown), ["cache warm", "fine print"]);
    assert_eq!(events(&obs(&["logs", "--json", &format!("seq={seq}")]).json()), ["cache warm"]);
    assert_eq!(obs(&["logs", "--json", "--since", "-1h"]).json(), lines);
    assert_eq!(obs(&["logs", "--until", "1h"]).good(), "");
});

obstest!(the_tail_is_the_end_of_what_passes, |dir, obs| {
    dir.finished("acm");
    let all = obs(&["logs"]).good();
    let lines: Vec<&str> = all.lines().collect();
    for count in [0, 1, 3, 1000] {
        let shown = obs(&["logs", "--tail", &count.to_string()]).good();
        let expected = &lines[lines.len().saturating_sub(count)..];
        assert_eq!(shown.lines().collect::<Vec<_>>(), expected);
    }
    let shown = obs(&["logs", "--tail", "2", "--json", "logger~app", "level<=info"]).json();
    assert_eq!(events(&shown), ["fine print", "ready"]);
});

obstest!(the_tail_of_many_segments_is_that_of_the_whole, |dir, obs| {
    let run = dir.program("acm", "busy").end();
    let segments = std::fs::read_dir(run.join("journal")).unwrap().count();
    assert!(segments > 3, "{segments}");
    let all = obs(&["logs", "--json"]).good();
    let lines: Vec<&str> = all.lines().collect();
    assert!(lines.len() > 60_000, "{}", lines.len());
    for count in [1, 100, 30_000, 59_000] {
        let shown = obs(&["logs", "--json", "--tail", &count.to_string()]).good();
        assert!(shown.lines().eq(lines[lines.len() - count..].iter().copied()), "{count}");
    }
    let first: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(first["seq"], 1);
});

obstest!(spans_are_shown_where_they_ended, |dir, obs| {
    dir.finished("acm");
    let shown = obs(&["logs", "--spans", "--target", "app"]).good();
    let spans: Vec<&str> = shown.lines().filter(|line| line.contains("  span ")).collect();
    assert_eq!(spans.len(), 2, "{shown}");
    assert!(
        spans[0].contains("INFO  app::disk  span step ended after ")
            && spans[0].ends_with("  name=load")
    );
    assert!(spans[1].contains("INFO  app  span job ended after ") && spans[1].ends_with("  id=7"));
});

obstest!(records_whose_segment_is_gone_are_shown_as_lost, |dir, obs| {
    let run = dir.program("acm", "busy").end();
    std::fs::remove_file(run.join("journal/000001.seg")).unwrap();
    let lines = obs(&["logs", "--json", "event=no such event"]).json();
    let lost = |line: &Value| format!("{} {}", line["event"], line["lost.first_seq"]);
    assert_eq!(lines.iter().map(lost).collect::<Vec<_>>(), ["\"records lost\" 1"]);
    std::fs::remove_file(run.join("journal/000003.seg")).unwrap();
    let lines = obs(&["logs", "--json", "event=no such event"]).json();
    assert_eq!(events(&lines), ["records lost", "records lost"]);
});

obstest!(a_run_without_a_journal_says_so, |dir, obs| {
    let run = dir.finished("acm");
    std::fs::remove_dir_all(run.join("journal")).unwrap();
    let ran = obs(&["logs", arg(&run)]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.ends_with("has no journal\n"), "{}", ran.err);
});

fn check_colors(arguments: &[&str], environment: &[(&str, &str)], expected: &Expect) {
    let dir = crate::support::Dir::new();
    dir.finished("acm");
    let call = dir.obs(&[&["logs", "event=ready"][..], arguments].concat());
    let call = environment.iter().fold(call, |call, (name, value)| call.env(name, value));
    expected.assert_eq(&dir.masked(&call.run().good()).replace('\u{1b}', "ESC"));
}

#[test]
fn colours_are_for_terminals_or_whoever_asks_for_them() {
    check_colors(
        &[],
        &[],
        &expect![[r#"
        TIME INFO  app  ready  job{id=7}
    "#]],
    );
    check_colors(
        &["--color", "always"],
        &[],
        &expect![[r#"
        ESC[2mTIMEESC[0m ESC[32mINFOESC[0m  ESC[2mappESC[0m  ready  ESC[2mjobESC[0m{ESC[36midESC[0m=7}
    "#]],
    );
    check_colors(
        &["--color", "always"],
        &[("NO_COLOR", "1")],
        &expect![[r#"
        ESC[2mTIMEESC[0m ESC[32mINFOESC[0m  ESC[2mappESC[0m  ready  ESC[2mjobESC[0m{ESC[36midESC[0m=7}
    "#]],
    );
    check_colors(
        &[],
        &[("OBS_COLOR", "always")],
        &expect![[r#"
        ESC[2mTIMEESC[0m ESC[32mINFOESC[0m  ESC[2mappESC[0m  ready  ESC[2mjobESC[0m{ESC[36midESC[0m=7}
    "#]],
    );
    check_colors(
        &[],
        &[("NO_COLOR", "1")],
        &expect![[r#"
        TIME INFO  app  ready  job{id=7}
    "#]],
    );
    check_colors(
        &["--color=never"],
        &[("OBS_COLOR", "always")],
        &expect![[r#"
        TIME INFO  app  ready  job{id=7}
    "#]],
    );
}
