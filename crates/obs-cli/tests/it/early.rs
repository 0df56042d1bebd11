//! `obs bundle` that is ended by signals.
use crate::support::{Dir, arg};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// A run with an artefact of zeros that takes minutes to deflate, though the disk holds none of them.
fn with_endless_artifact(dir: &Dir) -> PathBuf {
    let program = dir.program("acm", "artifact");
    let artifact = program.run.join("report.txt");
    fs::File::create(&artifact).unwrap().set_len(64 << 30).unwrap();
    program.end()
}

/// Starts a bundle and waits until it reads the artefact.
fn begun(dir: &Dir, run: &Path, zip: &Path) -> Child {
    begun_with(dir, run, zip, &[])
}

fn begun_with(dir: &Dir, run: &Path, zip: &Path, options: &[&str]) -> Child {
    let all = ["bundle", "-o", arg(zip), "--artifacts-max", "64GiB"];
    let mut obs = dir.obs(&[&all, options].concat());
    let mut child = obs.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let descriptors = PathBuf::from(format!("/proc/{}/fd", child.id()));
    let artifact = run.join("report.txt").canonicalize().unwrap();
    let is_read = || {
        let mut all = fs::read_dir(&descriptors).ok()?.flatten();
        all.find(|entry| fs::read_link(entry.path()).is_ok_and(|path| path == artifact))
    };
    while is_read().is_none() {
        assert_eq!(child.try_wait().unwrap(), None, "it ended too soon");
        std::thread::yield_now();
    }
    child
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Stops all threads of it: a signal that comes next is handled together with those after it.
fn stop(child: &Child) {
    send(child, Signal::STOP);
    let (_, status) =
        waitpid(Some(Pid::from_child(child)), WaitOptions::UNTRACED).unwrap().unwrap();
    assert!(status.stopped(), "{status:?}");
}

fn ended(mut child: Child) -> (Option<i32>, String) {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

fn zips(dir: &Dir) -> Vec<String> {
    let names = fs::read_dir(dir.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    names.filter(|name| name.contains(".zip")).collect()
}

obstest!(a_signal_ends_a_bundle_with_what_is_there, |dir, obs| {
    let run = with_endless_artifact(&dir);
    for signal in [Signal::INT, Signal::TERM] {
        let zip = dir.path("support.zip");
        let child = begun(&dir, &run, &zip);
        send(&child, signal);
        let (code, said) = ended(child);
        assert_eq!(code, Some(5), "{said}");
        assert_eq!(said, "obs: ending with what is there; once more, and nothing is written\n");
        assert!(obs(&["bundle", "verify", arg(&zip)]).good().starts_with("OK"));
        assert_eq!(zips(&dir), ["support.zip"]);
    }
});

obstest!(a_second_signal_removes_the_bundle, |dir, _obs| {
    let run = with_endless_artifact(&dir);
    let child = begun(&dir, &run, &dir.path("support.zip"));
    stop(&child);
    send(&child, Signal::INT);
    send(&child, Signal::TERM);
    send(&child, Signal::CONT);
    let (code, said) = ended(child);
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("obs: no bundle was written: "), "{said}");
    assert_eq!(zips(&dir), [""; 0]);
});

obstest!(a_kill_leaves_nothing_in_the_clear_of_what_was_to_be_encrypted, |dir, _obs| {
    let run = with_endless_artifact(&dir);
    let to = obs_seal::Identity::generate().unwrap().recipient().to_string();
    let mut child = begun_with(&dir, &run, &dir.path("x.zip.age"), &["--encrypt-to", &to]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(zips(&dir), ["x.zip.age.part"]);
    assert_eq!(fs::metadata(dir.path("x.zip.age.part")).unwrap().len(), 0);
});

obstest!(what_a_kill_leaves_is_removed_by_the_next_bundle, |dir, obs| {
    let run = with_endless_artifact(&dir);
    let zip = dir.path("support.zip");
    let mut child = begun(&dir, &run, &zip);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(zips(&dir), ["support.zip.part"]);
    assert_eq!(obs(&["bundle", "-o", arg(&zip), "--artifacts-max", "1KiB"]).code, 5);
    assert_eq!(zips(&dir), ["support.zip"]);
    assert!(obs(&["bundle", "verify", arg(&zip)]).good().starts_with("OK"));
});
