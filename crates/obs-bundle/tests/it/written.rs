//! What a bundle holds.
use crate::fixture::{Run, assert_whole, contents, entries, lines, names, now, options, outcome};
use expect_test::expect;
use obs_bundle::{BundleError, BundleErrorKind, Collector, Files, NewFile, State, write};
use obs_recorder::{End, EndKind};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_bundle_of_a_run_that_ended_holds_what_others_may_see() {
    let run = Run::ended();
    let bundle = run.bundle();
    assert_eq!(bundle.path, run.path.join("support_2026-11-22T10-59-07Z.zip"));
    assert_eq!(bundle.size, fs::metadata(&bundle.path).unwrap().len());
    let names: Vec<String> = entries(&bundle.path).into_iter().map(|(name, _)| name).collect();
    expect![[r#"
        run/run.json
        run/env.json
        run/metrics.om
        run/internal.log
        run/rejected.jsonl
        run/log.0001.jsonl
        run/log.jsonl
        run/spans.jsonl
        run/profile/cpu.folded
        artifacts/model/model.onnx
        journal/000001.seg
        cursors/jsonl
        support.json
        SHA256SUMS"#]]
    .assert_eq(&names.join("\n"));
    for (name, bytes) in contents(&bundle.path) {
        if let Some(own) = name.strip_prefix("run/").filter(|own| *own != "run.json") {
            if own == "log.0001.jsonl" {
                assert_eq!(bytes, lines(2).as_bytes(), "inflated");
                continue;
            }
            assert_eq!(bytes, fs::read(run.path.join(own)).unwrap(), "{name}");
        }
    }
    assert_eq!(bundle.manifest.bundle.state, State::Complete);
    assert_eq!(bundle.notes, [""; 0]);
    assert_whole(&bundle.path);
}

#[test]
fn support_json_says_what_is_in_and_where_it_comes_from() {
    let run = Run::ended();
    let bundle = run.bundle();
    let all = contents(&bundle.path);
    let mut support: Value = serde_json::from_slice(&all["support.json"]).unwrap();
    assert_eq!(support, serde_json::to_value(&bundle.manifest).unwrap());
    for file in support["files"].as_array_mut().unwrap() {
        file["sha256"].take();
        if file["source"].is_string() {
            file["source"] = "(a path)".into();
        }
    }
    support["bundle"]["id"].take();
    support["files"].as_array_mut().unwrap().retain(|file| file["path"] != "run/run.json");
    expect_test::expect_file!["./support.json"].assert_eq(&format!("{support:#}\n"));
}

#[test]
fn the_sums_list_everything_else_in_order() {
    let run = Run::ended();
    let bundle = run.bundle();
    let all = entries(&bundle.path);
    let sums = String::from_utf8(all.last().unwrap().1.clone()).unwrap();
    let listed: Vec<&str> = sums.lines().map(|line| &line[66..]).collect();
    let names: Vec<&str> = all[..all.len() - 1].iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(listed, names);
}

#[test]
fn two_bundles_of_a_run_that_ended_are_equal_to_the_byte() {
    let run = Run::ended();
    let first = run.bundle();
    let mut later = options();
    later.now = Some(now().saturating_add(Duration::from_secs(86_400)));
    let second = write(&run.path, &later).unwrap();
    assert_ne!(first.path, second.path);
    assert_eq!(fs::read(&first.path).unwrap(), fs::read(&second.path).unwrap());
}

#[test]
fn bundles_of_one_second_do_not_replace_each_other() {
    let run = Run::ended();
    let paths: Vec<String> = (0..3)
        .map(|_| run.bundle().path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "support_2026-11-22T10-59-07Z.zip",
            "support_2026-11-22T10-59-07Z-2.zip",
            "support_2026-11-22T10-59-07Z-3.zip",
        ]
    );
}

#[test]
fn a_named_output_is_replaced() {
    let run = Run::ended();
    let mut options = options();
    let output = run.folder.path().join("for support.zip");
    fs::write(&output, "old").unwrap();
    options.output = Some(output.clone());
    assert_eq!(write(&run.path, &options).unwrap().path, output);
    assert_whole(&output);
    assert_eq!(crate::fixture::names(run.folder.path()).len(), 3, "run, model, bundle");
    options.output = Some(run.folder.path().to_owned());
    let inside = run.folder.path().join("support_2026-11-22T10-59-07Z.zip");
    assert_eq!(write(&run.path, &options).unwrap().path, inside);
    assert_eq!(fs::metadata(&inside).unwrap().permissions().mode() & 0o7777, 0o600);
}

#[test]
fn a_journal_that_is_not_wanted_stays_out_but_its_artefacts_do_not() {
    let run = Run::ended();
    let mut options = options();
    options.include_journal = false;
    let bundle = write(&run.path, &options).unwrap();
    let all = contents(&bundle.path);
    assert!(all.keys().all(|name| !name.starts_with("journal/") && !name.starts_with("cursors/")));
    assert_eq!(all["artifacts/model/model.onnx"], b"\0model\xff");
    assert_eq!(bundle.manifest.bundle.state, State::Complete);
    assert_whole(&bundle.path);
}

#[test]
fn a_dead_run_that_was_not_recovered_is_bundled_as_it_is() {
    let run = Run::empty();
    run.save(None);
    run.put("log.jsonl", &(lines(2) + "{\"level\":\"info\",\"ev"));
    let bundle = run.bundle();
    let part = bundle.manifest.run.as_ref().unwrap();
    assert_eq!((&part.end, &part.ended_at), (&None, &None));
    assert_eq!(bundle.manifest.bundle.created_at, "2026-11-22T10:59:07.000000000Z");
    assert_eq!(contents(&bundle.path)["run/log.jsonl"], lines(2).as_bytes());
    assert_whole(&bundle.path);
}

#[test]
fn a_run_without_a_summary_is_bundled_and_says_so() {
    let run = Run::empty();
    run.put("log.jsonl", &lines(1));
    run.put("run.json", "{\"format\": 99}");
    let model = run.folder.path().join("m");
    fs::write(&model, "m").unwrap();
    run.declare(&[(model.to_str().unwrap(), "model")]);
    let bundle = run.bundle();
    assert_eq!(bundle.manifest.run, None);
    let (status, errors) = outcome(&bundle, "run");
    assert_eq!(status, "failed");
    assert!(errors[0].starts_with("cannot read run.json: missing field"), "{errors:?}");
    assert_eq!(outcome(&bundle, "artifacts"), ("ok".to_owned(), vec![]), "id from the name");
    assert_eq!(bundle.manifest.bundle.state, State::Partial);
    assert_whole(&bundle.path);
}

#[test]
fn an_end_by_a_signal_and_its_evidence_are_told() {
    let run = Run::empty();
    let evidence = vec!["lock free".to_owned(), "no final record".to_owned()];
    let end = End::new(EndKind::Killed, "killed", evidence);
    run.save(Some(end.clone()));
    let bundle = run.bundle();
    assert_eq!(bundle.manifest.run.as_ref().unwrap().end, Some(end));
    assert_eq!(bundle.manifest.bundle.created_at, crate::fixture::ENDED);
    assert_whole(&bundle.path);
}

#[test]
fn an_environment_of_another_hand_is_redacted_on_its_way_in() {
    let run = Run::ended();
    run.put("env.json", r#"{"format":1,"sections":{"mail":{"password":"hunter2","user":"ada"}}}"#);
    let bundle = run.bundle();
    let text = String::from_utf8(contents(&bundle.path).remove("run/env.json").unwrap()).unwrap();
    assert!(!text.contains("hunter2") && text.contains("ada"), "{text}");
    assert_eq!(bundle.manifest.redaction.counts["name:password"], 1);
    run.put("env.json", "password = hunter2");
    let bundle = run.bundle();
    assert_eq!(outcome(&bundle, "env").0, "failed");
    assert!(!contents(&bundle.path).contains_key("run/env.json"));
}

#[test]
fn links_and_pipes_in_the_place_of_files_are_neither_followed_nor_waited_for() {
    let run = Run::ended();
    for name in ["log.jsonl", "run.json", "env.json"] {
        fs::remove_file(run.path.join(name)).unwrap();
    }
    symlink("/etc/passwd", run.path.join("log.jsonl")).unwrap();
    symlink("/etc/passwd", run.path.join("run.json")).unwrap();
    let made = Command::new("mkfifo").arg(run.path.join("env.json")).status();
    let bundle = run.bundle();
    assert_eq!(outcome(&bundle, "log").0, "failed");
    assert_eq!(outcome(&bundle, "run").0, "failed");
    if made.is_ok_and(|status| status.success()) {
        let (status, errors) = outcome(&bundle, "env");
        let error = "cannot read env.json: not a regular file";
        assert_eq!((status.as_str(), errors[0].as_str()), ("failed", error));
    }
    assert!(contents(&bundle.path).values().all(|bytes| !bytes.starts_with(b"root:")));
    assert_whole(&bundle.path);
}

#[test]
fn an_entry_in_the_wide_form_is_one_that_others_can_read() {
    let run = Run::ended();
    let mut options = options();
    options.collectors = vec![Arc::new(Wide)];
    let bundle = write(&run.path, &options).unwrap();
    assert_eq!(contents(&bundle.path)["extra/wide.txt"], b"wide");
    assert_whole(&bundle.path);
    crate::tools::accept(&bundle.path);
}

#[derive(Debug)]
struct Wide;

impl Collector for Wide {
    fn name(&self) -> &str {
        "wide"
    }

    fn collect(&self, files: &mut dyn Files) -> Result<(), BundleError> {
        let mut file = NewFile::new("extra/wide.txt", "extra");
        file.bytes_max = u64::MAX;
        files.add(file, &mut "wide".as_bytes())
    }
}

#[test]
fn what_is_no_run_is_refused() {
    let run = Run::empty();
    run.put("notes.txt", "x");
    let error = write(&run.path, &options()).unwrap_err();
    assert_eq!(error.kind(), BundleErrorKind::Run);
    let text = error.to_string();
    assert!(text.ends_with("\": neither run.json nor journal nor log.jsonl is in it"), "{text}");
    let error = write(&run.path.join("no"), &options()).unwrap_err();
    assert_eq!(error.kind(), BundleErrorKind::Run);
    assert!(error.to_string().contains("No such file or directory"), "{error}");
    assert_eq!(run.names(), ["notes.txt"]);
}

#[test]
fn parts_that_dead_processes_left_are_removed_and_others_are_not() {
    let run = Run::ended();
    let part = "support_2026-11-22T10-59-07Z.zip.part";
    run.put(part, "of another process");
    let writing = fs::File::open(run.path.join(part)).unwrap();
    writing.lock().unwrap();
    let first = run.bundle();
    assert!(first.path.ends_with("support_2026-11-22T10-59-07Z-2.zip"));
    assert!(run.names().contains(&part.to_owned()), "its writer is alive");
    // As at its writer's end. A drop would not do: a child that another test is starting holds the lock until it runs.
    writing.unlock().unwrap();
    let second = write(&run.path, &options()).unwrap();
    assert_eq!(second.notes, [""; 0]);
    assert!(!run.names().iter().any(|name| name.ends_with(".part")));
}

#[test]
fn parts_beside_an_output_of_ones_own_are_removed_too() {
    let run = Run::ended();
    let mut options = options();
    let folder = run.folder.path();
    options.output = Some(folder.join("mine.zip"));
    for name in ["mine.zip.part", "mine.zip-2.part", "yours.zip.part", "mine.zip.x.part"] {
        fs::write(folder.join(name), "left").unwrap();
    }
    write(&run.path, &options).unwrap();
    let left: Vec<_> = names(folder).into_iter().filter(|name| name.contains("zip")).collect();
    assert_eq!(left, ["mine.zip", "mine.zip.x.part", "yours.zip.part"]);
}
