//! `obs bundle redact`, and what a bundle has of a journal that was written by other rules.
use crate::support::{Dir, arg, text};
use expect_test::expect;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The bytes of a file in a bundle, unpacked by somebody else's tool.
fn unpacked(zip: &Path, path: &str) -> Vec<u8> {
    Command::new("unzip").arg("-p").arg(zip).arg(path).output().unwrap().stdout
}

/// The bytes of all files.
fn all(zip: &Path) -> Vec<u8> {
    Command::new("unzip").arg("-p").arg(zip).output().unwrap().stdout
}

fn has(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

fn bundle(dir: &Dir) -> PathBuf {
    dir.finished("acm");
    let zip = dir.path("support.zip");
    dir.obs(&["bundle", "-o", arg(&zip)]).run().good();
    zip
}

obstest!(
    what_the_rules_of_today_know_is_in_no_file_of_a_bundle_not_even_in_the_journal,
    |dir, _obs| {
        let zip = bundle(&dir);
        for word in ["7f3a", "FD_FAN", "my data.csv"] {
            assert!(has(&all(&zip), word), "{word}");
        }
        let call = dir.obs(&["bundle", "-o", arg(&zip), "--json"]);
        call.env("OBS_REDACT", "equip_id, request_id, path").run().good();
        dir.obs(&["bundle", "verify", arg(&zip)]).run().good();
        for word in ["7f3a", "FD_FAN", "my data.csv"] {
            assert!(!has(&all(&zip), word), "{word}");
        }
        let segment = unpacked(&zip, "journal/000001.seg");
        assert!(has(&segment, "slack") || has(&segment, "slow disk"), "the journal is there");
    }
);

obstest!(a_bundle_is_made_tighter_beside_it, |dir, obs| {
    let zip = bundle(&dir);
    let call = [
        "bundle",
        "redact",
        arg(&zip),
        "--redact",
        "equip_id,request_id",
        "--exclude",
        "cursors/*",
    ];
    let said = dir.masked(&obs(&call).good());
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("DIR/support-redacted.zip  "), "{said}");
    assert!(lines[0].ends_with(" files, complete"), "{said}");
    assert!(lines[1].ends_with(" more secrets taken out, 2 files left out"), "{said}");
    let tight = dir.path("support-redacted.zip");
    obs(&["bundle", "verify", arg(&tight)]).good();
    assert!(!has(&all(&tight), "7f3a") && !has(&all(&tight), "FD_FAN"));
    let shown = obs(&["bundle", "view", arg(&tight)]).good();
    assert!(shown.lines().any(|line| line.starts_with("from     the bundle sha256:")), "{shown}");
    obs(&["bundle", "summary", arg(&tight)]).good();
    let log = obs(&["bundle", "view", arg(&tight), "run/log.jsonl"]).json();
    let marked = log.iter().filter(|line| line["equip_id"] == "[REDACTED:name:added]");
    assert!(marked.count() > 3, "{log:?}");
    let json = obs(&[&call[..], &["--json"]].concat()).json().remove(0);
    assert!(text(&json, "path").ends_with("support-redacted-2.zip"));
    let of =
        |path: &Path| -> Value { serde_json::from_slice(&unpacked(path, "support.json")).unwrap() };
    assert_eq!(json["from"][0]["id"], of(&zip)["bundle"]["id"]);
    assert_eq!(json["from"][0]["exclude"][0], "cursors/*");
    assert_eq!(fs::read(&tight).unwrap(), fs::read(text(&json, "path")).unwrap(), "twice the same");
    let twice = ["bundle", "redact", arg(&tight), "--redact", "equip_id,request_id", "-o"];
    let said = obs(&[&twice[..], &[arg(&dir.path("three.zip"))]].concat()).good();
    assert!(said.ends_with("\n0 more secrets taken out, 0 files left out\n"), "{said}");
});

obstest!(new_marks_have_the_digits_of_the_run_if_it_is_named, |dir, obs| {
    let zip = bundle(&dir);
    let out = dir.path("out.zip");
    let call =
        ["bundle", "redact", arg(&zip), "--redact", "equip_id", "--run", "acm", "-o", arg(&out)];
    obs(&call).good();
    let log = String::from_utf8(unpacked(&out, "run/log.jsonl")).unwrap();
    let marks = log.matches("[REDACTED:name:added#").count();
    assert!(marks > 3 && !log.contains("FD_FAN"), "{log}");
    dir.finished("other");
    let call = ["bundle", "redact", arg(&zip), "--run", "other"];
    let said = dir.masked(&obs(&call).failed(3));
    assert!(said.contains("the bundle is of another run"), "{said}");
});

obstest!(nothing_is_made_of_what_is_not_whole_or_in_the_place_of_another_file, |dir, obs| {
    let zip = bundle(&dir);
    let mut bytes = fs::read(&zip).unwrap();
    bytes[60] ^= 1;
    let broken = dir.path("broken.zip");
    fs::write(&broken, bytes).unwrap();
    obs(&["bundle", "redact", arg(&broken)]).failed(4);
    obs(&["bundle", "redact", arg(&dir.path("none.zip"))]).failed(1);
    obs(&["bundle", "redact", arg(&zip), "--redact", "=/x/"]).failed(2);
    let said = dir.masked(&obs(&["bundle", "redact", arg(&zip), "-o", arg(&zip)]).failed(1));
    expect![[r#"
        obs: no bundle was written: cannot write "DIR/support.zip": a file of this name is there
    "#]]
    .assert_eq(&said);
    obs(&["bundle", "verify", arg(&zip)]).good();
    let zips = fs::read_dir(dir.path(""))
        .unwrap()
        .filter(|it| it.as_ref().unwrap().file_name().to_string_lossy().contains("redacted"));
    assert_eq!(zips.count(), 0);
});

obstest!(a_journal_without_secrets_goes_in_byte_for_byte, |dir, obs| {
    let run = dir.program("acm", "busy").end();
    let zip = dir.path("support.zip");
    obs(&["bundle", "-o", arg(&zip)]).good();
    let segments = fs::read_dir(run.join("journal")).unwrap().map(|it| it.unwrap().path());
    let mut count = 0;
    for path in segments {
        let name = format!("journal/{}", path.file_name().unwrap().to_str().unwrap());
        assert!(fs::read(&path).unwrap() == unpacked(&zip, &name), "{name}");
        count += 1;
    }
    assert!(count > 3, "{count} segments");
});
