//! Other people's tools read bundles: each that a test makes is handed to those that are installed.
use crate::fixture::Run;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Tests archives whose paths it is given, a line each, with Python's own reader, and unpacks them into the folder
/// behind the path.
const PYTHON: &str = "
import sys, zipfile
for line in sys.stdin:
    path, folder = line.rstrip('\\n').split('\\t')
    try:
        with zipfile.ZipFile(path) as archive:
            bad = archive.testzip()
            archive.extractall(folder)
        print('ok' if bad is None else 'bad ' + bad, flush=True)
    except Exception as error:
        print(repr(error), flush=True)
";

/// Runs a program; `None`, and a line that says so once, where it is not installed.
fn run(program: &'static str, arguments: &[&str], folder: &Path) -> Option<String> {
    let started = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(child) = started else {
        say_missing(program);
        return None;
    };
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    Some(said)
}

fn say_missing(program: &'static str) {
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(program) {
        println!("{program} is not installed: what it says of bundles was not looked at");
    }
}

/// A Python that has started already: that takes longer than what it is asked.
struct Python {
    _child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    fn start() -> Option<Mutex<Self>> {
        let mut command = Command::new("python3");
        command.args(["-c", PYTHON]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut child) = command.spawn() else {
            say_missing("python3");
            return None;
        };
        let questions = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Some(Mutex::new(Self { _child: child, questions, answers }))
    }

    /// Tests an archive, and unpacks it.
    fn unpack(path: &str, folder: &Path) {
        static PYTHON: OnceLock<Option<Mutex<Python>>> = OnceLock::new();
        let Some(python) = PYTHON.get_or_init(Self::start) else { return };
        let mut python = python.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answer = String::new();
        writeln!(python.questions, "{path}\t{}", folder.display()).unwrap();
        python.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "ok\n", "python3 of {path}");
    }
}

/// Lets other readers of archives judge.
#[track_caller]
pub(crate) fn accept(bundle: &Path) {
    let path = bundle.to_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    if let Some(said) = run("unzip", &["-tq", path], folder.path()) {
        assert!(said.contains("No errors detected"), "{said}");
    }
    Python::unpack(path, folder.path());
    if let Some(said) = run("bsdtar", &["-tf", path], folder.path()) {
        assert!(said.lines().any(|line| line == "SHA256SUMS"), "{said}");
    }
    if !folder.path().join("SHA256SUMS").exists() {
        run("unzip", &["-q", path], folder.path());
    }
    let listed = fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap_or_default();
    let Some(said) = run("sha256sum", &["-c", "--strict", "SHA256SUMS"], folder.path()) else {
        return;
    };
    let right = said.lines().filter(|line| line.ends_with(": OK")).count();
    assert!(right > 0 && right == listed.lines().count(), "{said}");
}

#[test]
fn unzip_python_bsdtar_and_sha256sum_accept_a_bundle_and_every_file_is_among_the_sums() {
    let fixture = Run::ended();
    let bundle = fixture.bundle();
    accept(&bundle.path);
    let all = crate::fixture::contents(&bundle.path);
    let sums = String::from_utf8(all["SHA256SUMS"].clone()).unwrap();
    assert_eq!(sums.lines().count(), all.len() - 1);
    assert!(sums.contains("  support.json\n"));
}
