//! Hostile text, readers that go away, and full disks.
use crate::program::Program;
use crate::support::{Dir, arg};
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

/// No character that moves a cursor, hides or reorders text; of those only line breaks, and what colours need.
#[track_caller]
fn assert_harmless(text: &str) {
    for c in text.chars() {
        let is_dangerous = c.is_control() && c != '\n'
            || matches!(
                c,
                '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{feff}'
            )
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c);
        assert!(!is_dangerous, "{c:?} in {text:?}");
    }
}

#[track_caller]
fn check_harmless(dir: &Dir, arguments: &[&str]) {
    let ran = dir.obs(arguments).run();
    assert!(!ran.out.is_empty() || !ran.err.is_empty(), "{arguments:?}");
    assert_harmless(&ran.out);
    assert_harmless(&ran.err);
    assert!(!ran.out.lines().any(|line| line.starts_with("forged")), "{}", ran.out);
}

obstest!(hostile_text_never_reaches_the_terminal_as_it_is, |dir, obs| {
    let service = "acm\u{1b}[2J\u{202e}\nforged";
    let run = dir.program(service, "hostile").kill();
    for arguments in [
        &["runs"][..],
        &["runs", "--json"],
        &["logs"],
        &["logs", "--json"],
        &["logs", "no\u{1b}such\u{202e}run"],
        &["logs", "event~\u{1b}"],
        &["recover"],
        &["recover", arg(&run), "--json"],
        &["logs", "--spans"],
        &["logs", "--spans", "--json"],
        &["bundle"],
        &["bundle", "--json"],
        &["bundle", "verify", "no\u{1b}such.zip"],
    ] {
        check_harmless(&dir, arguments);
    }
    let shown = obs(&["logs", "event~lines", "--json"]);
    assert_eq!(shown.json().len(), 1, "{}", shown.out);
});

obstest!(hostile_words_of_a_summary_are_harmless_too, |dir, obs| {
    let run = dir.killed("acm");
    obs(&["recover", "acm"]).good();
    let summary = fs::read_to_string(run.join("run.json")).unwrap();
    let detail = "killed: SIGKILL, or a signal that nothing handled";
    assert!(summary.contains(detail));
    let hostile = r"\u001b]0;x\u0007\nforged \u202e";
    let summary = summary.replace(detail, hostile).replace("\"killed\"", "\"signal\"");
    fs::write(run.join("run.json"), summary).unwrap();
    check_harmless(&dir, &["runs"]);
    check_harmless(&dir, &["runs", "--json"]);
    check_harmless(&dir, &["recover", "acm"]);
});

obstest!(a_reader_that_goes_away_is_no_error, |dir, _obs| {
    dir.program("acm", "busy").end();
    for arguments in [&["logs"][..], &["logs", "--json"], &["logs", "--tail", "50000"]] {
        let mut command = dir.obs(arguments).command;
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        assert_ne!(reader.read_line(&mut line).unwrap(), 0);
        drop(reader);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0));
        assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");
    }
});

/// Gives a directory to another user, if this one may do that.
fn give_away(path: &Path) -> bool {
    let is_given = std::os::unix::fs::chown(path, Some(65_534), None).is_ok();
    if !is_given {
        eprintln!("a directory cannot be given away by this user: not tested");
    }
    is_given
}

obstest!(a_run_of_another_user_is_not_recovered, |dir, obs| {
    let run = dir.killed("acm");
    if !give_away(&run) {
        return;
    }
    let said = obs(&["recover", arg(&run)]).failed(1);
    assert!(said.contains(": it belongs to user 65534, and this is user "), "{said}");
    assert!(run.join("rings/stage").exists(), "nothing was touched");
});

obstest!(services_in_a_directory_of_another_user_are_passed_over, |dir, _obs| {
    let temporary = dir.path("tmp");
    let call = || {
        let call = dir.obs(&["runs"]).without_env("OBS_RUN_ROOT");
        call.env("XDG_STATE_HOME", dir.path("state")).env("TMPDIR", &temporary).run()
    };
    let searched = call().failed(3);
    let base = searched.lines().next().unwrap().rsplit_once(", ").unwrap().1;
    Program::start(&Path::new(base).join("acm/runs"), "acm", "work").end();
    assert!(call().good().contains("  acm "));
    if give_away(Path::new(base)) {
        let said = call().failed(3);
        assert!(said.contains("it belongs to user 65534\n"), "{said}");
    }
});

obstest!(a_full_disk_is_an_error, |dir, _obs| {
    dir.finished("acm");
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        eprintln!("/dev/full is not there: not tested");
        return;
    };
    let ended = dir.obs(&["runs"]).command.stdout(full).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.starts_with("obs: cannot write to standard output: "), "{said}");
});
