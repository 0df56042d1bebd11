//! `obs bundle list`, `view` and `summary`: what is, or would be, in a bundle.
use crate::support::{Dir, arg, text};
use expect_test::expect;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

fn support(zip: &std::path::Path) -> Value {
    let unzipped = Command::new("unzip").arg("-p").arg(zip).arg("support.json").output();
    serde_json::from_slice(&unzipped.unwrap().stdout).unwrap()
}

/// A run whose lines are made to look like something else.
fn hostile(dir: &Dir) -> PathBuf {
    let run = dir.finished("acm");
    let mut lines = fs::read_to_string(run.join("log.jsonl")).unwrap();
    let line = |level: &str, event: &str| {
        let event = serde_json::to_string(event).unwrap();
        let time = "2026-11-22T10:00:00.000000000Z";
        format!(
            "{{\"timestamp\":\"{time}\",\"level\":\"{level}\",\"event\":{event},\"logger\":\"app\"}}\n"
        )
    };
    lines +=
        &line("error", "x`\n## Forged\n- @everybody [a](http://b) <img src=x>\u{202e}").repeat(3);
    lines += &line("error", "```\n# Out");
    lines += &line("fatal", &"long ".repeat(10_000));
    lines += "no line at all\n";
    fs::write(run.join("log.jsonl"), lines).unwrap();
    run
}

obstest!(what_is_listed_is_what_is_written, |dir, obs| {
    let run = dir.finished("acm");
    let zip = dir.path("support.zip");
    for options in [
        &[][..],
        &["--no-journal"],
        &["--exclude", "journal/*", "--exclude", "run/env.json"],
        &["--since", "2020-01-01", "--until", "2021-01-01"],
        &["--max-size", "12KiB"],
    ] {
        let ran = obs(&[&["bundle", "list", "--json"], options].concat());
        assert!(!ran.out.is_empty(), "{options:?}: {}", ran.err);
        let listed = ran.json().remove(0);
        assert!(!fs::read_dir(&run).unwrap().any(|it| it.unwrap().path().ends_with("zip")));
        let wrote = obs(&[&["bundle", "-o", arg(&zip)], options].concat());
        assert_eq!(ran.code, wrote.code, "{options:?}: {}", wrote.err);
        let support = support(&zip);
        assert_eq!(listed["files"], support["files"]);
        assert_eq!(listed["collectors"], support["collectors"]);
        assert_eq!(listed["id"], support["bundle"]["id"]);
        assert_eq!(listed["bytes"], fs::metadata(&zip).unwrap().len());
    }
});

obstest!(the_list_says_what_is_there_and_what_is_not, |dir, obs| {
    let run = dir.finished("acm");
    fs::write(run.join("log.jsonl"), "{\"event\":\"x\"}\n{\"event\":").unwrap();
    let out = obs(&["bundle", "list", "--exclude", "journal/*", "--include", "run/*"]).good();
    let rows: Vec<String> =
        out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(rows[0], "PATH ROLE SIZE TYPE REDACTED NOTE");
    let row = |start: &str| rows.iter().find(|row| row.starts_with(start)).unwrap().as_str();
    expect!["run/log.jsonl log 14 B application/x-ndjson 0 tail cut off of 23 B"]
        .assert_eq(row("run/log.jsonl"));
    expect!["journal/000001.seg journal - - - left out: excluded"].assert_eq(row("journal/"));
    assert!(rows.last().unwrap().contains(" files, and 2 that describe them: "), "{out}");
});

obstest!(a_bundle_is_looked_into_without_unpacking_it, |dir, obs| {
    let run = dir.finished("acm");
    let zip = dir.path("support.zip");
    obs(&["bundle", "-o", arg(&zip)]).good();
    let shown = obs(&["bundle", "view", arg(&zip)]).good();
    for needed in ["whole: ", "service  acm", "end      finished", "run/log.jsonl", "complete"] {
        assert!(shown.contains(needed), "{needed} in {shown}");
    }
    let log = obs(&["bundle", "view", arg(&zip), "run/log.jsonl"]).good();
    assert_eq!(log, fs::read_to_string(run.join("log.jsonl")).unwrap());
    let said = obs(&["bundle", "view", arg(&zip), "run/none"]).failed(1);
    expect![[r#"
        obs: cannot read from "DIR/support.zip": there is no "run/none" in it
    "#]]
    .assert_eq(&dir.masked(&said));
    let mut bytes = fs::read(&zip).unwrap();
    let at = bytes.windows(13).position(|it| it == b"run/log.jsonl").unwrap() + 100;
    bytes[at] ^= 1;
    fs::write(&zip, bytes).unwrap();
    obs(&["bundle", "view", arg(&zip), "run/log.jsonl"]).failed(4);
    obs(&["bundle", "view", arg(&zip), "run/run.json"]).good();
    obs(&["bundle", "view", arg(&zip)]).failed(4);
    obs(&["bundle", "summary", arg(&zip)]).failed(4);
});

obstest!(the_summary_is_a_page_that_nothing_in_the_run_can_forge, |dir, obs| {
    hostile(&dir);
    let zip = dir.path("support.zip");
    obs(&["bundle", "-o", arg(&zip), "--no-journal"]).good();
    let page = obs(&["bundle", "summary", arg(&zip), "--markdown"]).good();
    assert_eq!(page, obs(&["bundle", "summary", arg(&zip)]).good());
    assert!(page.len() < 65_536);
    let heads: Vec<&str> = page.lines().filter(|line| line.contains("##")).collect();
    let own: Vec<&&str> = heads.iter().filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        own,
        [
            &"## Run of `acm`",
            &"### bundle id",
            &"### Log lines by level",
            &"### Last errors",
            &"### Environment"
        ]
    );
    let errors: Vec<&str> = page.lines().filter(|line| line.contains("10:00:00")).collect();
    expect![[r#"
        - `2026-11-22T10:00:00.000000000Z` `error` ```` ```\n# Out ```` in `app`
        - `2026-11-22T10:00:00.000000000Z` `error` ``x`\n## Forged\n- @everybody [a](http://b) <img src=x>\u{202e}`` in `app`, 3 times since `2026-11-22T10:00:00.000000000Z`"#]]
    .assert_eq(&errors[1..3].join("\n"));
    assert!(errors[0].contains("`fatal` ` long long ") && errors[0].len() < 500, "{}", errors[0]);
    assert!(page.contains("- `error`: "), "{page}");
    let json = obs(&["bundle", "summary", arg(&zip), "--json"]).json().remove(0);
    assert_eq!(json["lines_unread"], 1);
    assert_eq!(json["errors"][2]["count"], 3);
    assert_eq!(text(&json["run"], "service"), "acm");
});

obstest!(the_summary_of_a_run_that_died_names_open_spans_and_what_is_missing, |dir, obs| {
    let run = dir.killed("acm");
    obs(&["recover", arg(&run)]);
    let noise = (0_u64..20_000).map(|n| ((n * n * 2_654_435_761) >> 7) as u8).collect::<Vec<_>>();
    fs::write(run.join("journal/000099.seg"), noise).unwrap();
    let zip = dir.path("support.zip");
    let ran = obs(&["bundle", "-o", arg(&zip), "--max-size", "12KiB"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    let page = obs(&["bundle", "summary", arg(&zip)]).good();
    for needed in [
        "### Not in the bundle",
        "journal (partial): \"journal/000099.seg\" may hold",
        "end: `killed",
    ] {
        assert!(page.contains(needed), "{needed} in {page}");
    }
    fs::remove_file(run.join("journal/000099.seg")).unwrap();
    obs(&["bundle", "-o", arg(&zip)]).good();
    let page = obs(&["bundle", "summary", arg(&zip)]).good();
    assert!(page.contains("### Spans that were open\n\n- `job`"), "{page}");
});
