//! Other people's tools read bundles.
use crate::fixture::{Run, contents};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a program; `None`, and a line that says so, where it is not installed.
fn run(program: &str, arguments: &[&str], folder: &Path) -> Option<String> {
    let started = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(child) = started else {
        println!("{program} is not installed: what it says of a bundle was not looked at");
        return None;
    };
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    Some(said)
}

#[test]
fn sha256sum_accepts_every_file_of_an_unpacked_bundle() {
    let fixture = Run::ended();
    let bundle = fixture.bundle();
    let folder = tempfile::tempdir().unwrap();
    let all = contents(&bundle.path);
    for (name, bytes) in &all {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let check = ["-c", "--strict", "SHA256SUMS"];
    let Some(said) = run("sha256sum", &check, folder.path()) else { return };
    let right: Vec<&str> = said.lines().filter_map(|line| line.strip_suffix(": OK")).collect();
    assert_eq!(right.len(), all.len() - 1, "{said}");
    assert!(right.contains(&"support.json"));
}

#[test]
fn unzip_python_and_bsdtar_accept_a_bundle() {
    let fixture = Run::ended();
    accept(&fixture.bundle().path);
}

/// Lets other readers of archives judge.
pub(crate) fn accept(bundle: &Path) {
    let path = bundle.to_str().unwrap();
    let here = bundle.parent().unwrap();
    if let Some(said) = run("unzip", &["-t", path], here) {
        assert!(said.contains("No errors detected"), "{said}");
    }
    run("python3", &["-m", "zipfile", "-t", path], here);
    if let Some(said) = run("bsdtar", &["-tf", path], here) {
        assert_eq!(said.lines().last(), Some("SHA256SUMS"));
    }
}
