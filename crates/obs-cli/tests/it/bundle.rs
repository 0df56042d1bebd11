//! `obs bundle` and `obs bundle verify`.
use crate::support::{Dir, arg, text};
use expect_test::expect;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The bundle of a run that has ended.
fn bundle(dir: &Dir) -> PathBuf {
    dir.finished("acm");
    let zip = dir.path("support.zip");
    let ran = dir.obs(&["bundle", "-o", arg(&zip)]).run();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    zip
}

obstest!(a_bundle_is_written_where_it_is_wanted_and_verifies, |dir, obs| {
    let zip = bundle(&dir);
    let said = obs(&["bundle", "verify", arg(&zip)]).good();
    let said = dir.masked(&said);
    assert!(said.starts_with("OK  DIR/support.zip  whole: "), "{said}");
    assert!(said.ends_with("; not signed, so this does not say who made it\n"), "{said}");
    let report = obs(&["bundle", "verify", arg(&zip), "--json"]).json().remove(0);
    assert_eq!((&report["is_whole"], &report["is_signed"]), (&true.into(), &false.into()));
    assert_eq!(report["problems"], serde_json::json!([]));
});

obstest!(the_collectors_are_listed_with_their_status, |dir, obs| {
    let run = dir.finished("acm");
    let shown = dir.masked(&obs(&["bundle", "acm"]).good());
    let status = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let table: Vec<String> = shown.lines().skip(1).map(status).collect();
    expect![[r#"
        COLLECTOR STATUS
        run ok
        env ok
        metrics skipped
        diagnostics skipped
        log ok
        spans ok
        telemetry skipped
        profile skipped
        artifacts skipped
        journal ok
        cursors ok
        otlp ok"#]]
    .assert_eq(&table.join("\n"));
    let first = shown.lines().next().unwrap();
    assert!(first.ends_with(" files, complete"), "{first}");
    let zips = |run: &Path| {
        let names = fs::read_dir(run).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with("support_")).count()
    };
    assert_eq!(zips(&run), 1);
});

obstest!(the_journal_can_be_left_out, |dir, obs| {
    dir.finished("acm");
    let folder = dir.path("folder");
    fs::create_dir(&folder).unwrap();
    let ran = obs(&["bundle", "--no-journal", "--output", arg(&folder), "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let written = &ran.json()[0];
    assert!(text(written, "path").starts_with(arg(&folder)));
    let names = written["collectors"].as_array().unwrap().iter().map(|it| text(it, "name"));
    assert!(names.clone().any(|name| name == "log"));
    assert!(!names.clone().any(|name| name == "journal"));
});

obstest!(a_bundle_that_lacks_something_is_told_from_a_complete_one, |dir, obs| {
    dir.program("acm", "missing-artifact").end();
    let ran = obs(&["bundle", "--json"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert_eq!(ran.json()[0]["state"], "partial");
    let ran = obs(&["bundle"]);
    assert_eq!(ran.code, 5);
    assert!(ran.out.contains("files, in part\n"), "{}", ran.out);
    assert!(
        ran.out
            .lines()
            .any(|line| line.starts_with("artifacts: ") && line.contains("/nowhere/at/all")),
        "{}",
        ran.out
    );
});

obstest!(a_part_of_a_run_is_bundled_by_time_and_by_path, |dir, obs| {
    dir.finished("acm");
    let zip = dir.path("part.zip");
    let paths = |arguments: &[&str]| {
        let all = [&["bundle", "-o", arg(&zip)], arguments].concat();
        assert_eq!(obs(&all).good().lines().next().unwrap().rsplit(", ").next(), Some("complete"));
        obs(&["bundle", "verify", arg(&zip)]).good();
        let support = Command::new("unzip").arg("-p").arg(&zip).arg("support.json").output();
        let support: serde_json::Value = serde_json::from_slice(&support.unwrap().stdout).unwrap();
        let records =
            |file: &serde_json::Value| (text(file, "path").to_owned(), file["records"].as_u64());
        support["files"].as_array().unwrap().iter().map(records).collect::<Vec<_>>()
    };
    let log = ["--include", "run/log*", "--include", "run/spans*", "--exclude", "*spans*"];
    let lines = paths(&log).remove(0).1.unwrap();
    assert!(lines > 0);
    assert_eq!(paths(&log), [("run/log.jsonl".to_owned(), Some(lines))]);
    let of = |since: &str, until: &str| {
        paths(&[&log[..], &["--since", since, "--until", until]].concat()).remove(0).1.unwrap()
    };
    assert_eq!(of("-1h", "now"), lines);
    assert_eq!(of("-2h", "-1h"), 0);
    let said = obs(&["bundle", "--since", "soon"]).failed(2);
    assert!(said.starts_with("obs: cannot read \"soon\" as a time"), "{said}");
    assert!(obs(&["bundle", "--exclude", "a["]).failed(2).contains("as a pattern"));
});

obstest!(a_bundle_is_no_larger_than_it_may_be, |dir, obs| {
    let run = dir.finished("acm");
    let lines =
        (0_u64..50_000).map(|n| format!("{{\"event\":\"{}\"}}\n", n * n)).collect::<String>();
    fs::write(run.join("log.jsonl"), lines).unwrap();
    let zip = dir.path("small.zip");
    let ran = obs(&["bundle", "-o", arg(&zip), "--max-size", "64KiB"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.out.contains("log: \"run/log.jsonl\" has room for the last "), "{}", ran.out);
    let size = fs::metadata(&zip).unwrap().len();
    assert!((40_000..=65_536).contains(&size), "{size}");
    assert!(obs(&["bundle", "verify", arg(&zip)]).good().starts_with("OK"));
    let said = obs(&["bundle", "--max-size", "100"]).failed(1);
    expect![[r#"
        obs: no bundle was written: 100 bytes are too little for what describes the run and the bundle
    "#]]
    .assert_eq(&said);
});

obstest!(artefacts_are_bounded, |dir, obs| {
    let program = dir.program("acm", "artifact");
    fs::write(program.run.join("report.txt"), "x".repeat(5000)).unwrap();
    program.end();
    assert_eq!(obs(&["bundle", "--artifacts-max", "5000"]).code, 0);
    assert_eq!(obs(&["bundle", "--artifacts-max", "4KiB"]).code, 5);
});

obstest!(a_dead_or_live_run_is_bundled_with_a_word_on_what_is_missing, |dir, obs| {
    let program = dir.program("acm", "work");
    let ran = obs(&["bundle"]);
    expect![[r#"
        obs: the run is alive: the bundle has what is on the disk by now
    "#]]
    .assert_eq(&ran.err);
    program.kill();
    let ran = obs(&["bundle"]);
    assert!(ran.err.contains("`obs recover ") && ran.err.contains("` first"), "{}", ran.err);
});

obstest!(a_bundle_that_was_changed_does_not_verify, |dir, obs| {
    let zip = bundle(&dir);
    let whole = fs::read(&zip).unwrap();
    let changes: [fn(&mut Vec<u8>); 4] = [
        |bytes| bytes[200] ^= 1,
        |bytes| bytes.truncate(bytes.len() - 30),
        |bytes| bytes.extend_from_slice(b"more"),
        |bytes| *bytes = b"no archive".to_vec(),
    ];
    for change in changes {
        let mut bytes = whole.clone();
        change(&mut bytes);
        fs::write(&zip, bytes).unwrap();
        let ran = obs(&["bundle", "verify", arg(&zip)]);
        assert_eq!((ran.code, ran.err.as_str()), (4, ""));
        assert!(
            dir.masked(&ran.out).starts_with("NOT OK  DIR/support.zip  not whole: "),
            "{}",
            ran.out
        );
        let ran = obs(&["bundle", "verify", arg(&zip), "--json"]);
        assert_eq!((ran.code, &ran.json()[0]["is_whole"]), (4, &false.into()));
    }
    let said = obs(&["bundle", "verify", arg(&dir.path("nothing.zip"))]).failed(1);
    expect![[r#"
        obs: cannot read "DIR/nothing.zip": No such file or directory (os error 2)
    "#]]
    .assert_eq(&dir.masked(&said));
});

obstest!(other_tools_find_a_bundle_whole, |dir, _obs| {
    let zip = bundle(&dir);
    let is_there = |tool: &str| Command::new(tool).arg("--help").output().is_ok();
    if !is_there("unzip") || !is_there("sha256sum") {
        eprintln!("unzip or sha256sum is not there: not tested");
        return;
    }
    let folder = dir.path("unpacked");
    let unzipped = Command::new("unzip").arg("-q").arg(&zip).arg("-d").arg(&folder).output();
    assert!(unzipped.unwrap().status.success());
    let sums = Command::new("sha256sum")
        .args(["--strict", "-c", "SHA256SUMS"])
        .current_dir(&folder)
        .output();
    let sums = sums.unwrap();
    assert!(sums.status.success(), "{}", String::from_utf8_lossy(&sums.stderr));
});
