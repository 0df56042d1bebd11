//! Secrets that a live run has logged, and one that is killed.
use crate::kinds::{PASSWORDS, PREFIXED, shaped, token};
use crate::live::until;
use crate::program::{KNOWN, SEED};
use crate::support::arg;
use std::fs;
use std::path::{Path, PathBuf};

/// A part of each secret that no output may hold. One password looks like a day, and is one elsewhere.
fn planted() -> Vec<String> {
    let bodies = shaped().into_iter();
    let bodies = bodies.map(|(_, secret)| secret[secret.len() - 26..secret.len() - 4].to_owned());
    let passwords = PASSWORDS.iter().filter(|password| **password != "20261122");
    let passwords = passwords.map(|password| (*password).to_owned());
    let body = |kind: &(&str, _, _)| token(kind, SEED)[kind.0.len()..][..12].to_owned();
    let tokens = PREFIXED.iter().map(body);
    bodies.chain(passwords).chain(tokens).chain([KNOWN.1.to_owned()]).collect()
}

#[track_caller]
fn check(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found: Vec<String> = planted().into_iter().filter(|secret| text.contains(secret)).collect();
    assert!(found.is_empty(), "{what} holds {found:?}");
}

/// All files below, but the rings and the names in them: those are in memory, and hold what was logged as it is.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false if name.ends_with(".ring") || name == "callsites" => {}
            false => all.push(path),
        }
    }
    all
}

obstest!(a_live_run_and_one_that_was_killed_show_no_secret, |dir, obs| {
    let program = dir.program("leaky", "secrets");
    until(&dir, &program, "ready");
    let run = program.run.clone();
    for arguments in [&[][..], &["--json"], &["--json", "--target", "leak"]] {
        let ran = dir.obs(&[&["logs", arg(&run)][..], arguments].concat()).run();
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert!(ran.out.matches("[REDACTED:").count() > 2 * shaped().len(), "{}", ran.out);
        check("the live run", ran.out.as_bytes());
    }
    let live = files(&run);
    assert!(live.iter().any(|path| path.ends_with("stage")), "{live:?}");
    live.iter().for_each(|path| check(arg(path), &fs::read(path).unwrap()));
    let killed = program.kill();
    obs(&["recover", arg(&killed)]);
    let left = files(&killed);
    assert!(left.iter().any(|path| path.ends_with("log.jsonl")), "{left:?}");
    left.iter().for_each(|path| check(arg(path), &fs::read(path).unwrap()));
    let ran = dir.obs(&["logs", arg(&killed), "--json", "--target", "leak"]).run();
    assert!(ran.json().len() > 3 * shaped().len());
    assert!(ran.out.contains("known [REDACTED:literal:environment"), "{}", ran.out);
    check("the run that was killed", ran.out.as_bytes());
});

obstest!(rules_that_are_not_understood_let_nothing_out, |dir, obs| {
    let run = dir.finished("acm");
    for arguments in [&["redact"][..], &["bundle", arg(&run)], &["bundle", "list", arg(&run)]] {
        for rules in ["/[0-9]{4}/", "id=/[0-9]+/", "id=/ACM(/"] {
            let ran = dir.obs(arguments).env("OBS_REDACT", rules).run();
            assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{arguments:?}");
            assert!(ran.err.contains("OBS_REDACT") && ran.err.contains("nothing is written"));
        }
    }
    assert!(obs(&["logs", arg(&run)]).out.contains("batch loaded"), "others go on");
});
