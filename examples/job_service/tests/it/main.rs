//! The program as somebody who tries it sees it.
use std::process::{Command, Output};

fn job_service(arguments: &[&str], runs: &tempfile::TempDir) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_job_service"));
    command.args(arguments).env("OBS_RUN_ROOT", runs.path());
    command.env_remove("OTEL_EXPORTER_OTLP_ENDPOINT").output().expect("it cannot be started")
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn without_arguments_it_does_some_work_and_tells_what_became_of_it() {
    let runs = tempfile::tempdir().unwrap();
    let output = job_service(&["--requests", "50"], &runs);
    let (stdout, stderr) = said(&output);
    assert!(output.status.success(), "{stdout}{stderr}");
    for line in ["    40 answers 202 Accepted", "    10 answers 422 Unprocessable Entity"] {
        assert!(stdout.lines().any(|said| said == line), "{stdout}");
    }
    let directories: Vec<&str> =
        stdout.lines().filter_map(|line| line.strip_prefix("see ")).collect();
    assert_eq!(directories.len(), 2, "{stdout}");
    for directory in directories {
        let log = std::fs::read_to_string(format!("{directory}/log.jsonl")).unwrap();
        assert!(log.lines().any(|line| line.contains("\"request_id\":\"client-2\"")), "{log}");
    }
}

#[test]
fn each_request_is_one_trace_with_one_id_in_both_processes() {
    let runs = tempfile::tempdir().unwrap();
    let output = job_service(&["check", "--requests", "100"], &runs);
    let (stdout, stderr) = said(&output);
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stdout.ends_with("each is one trace with one id\n"), "{stdout}");
}

#[test]
fn a_collector_that_does_not_listen_is_named() {
    let runs = tempfile::tempdir().unwrap();
    let output = job_service(&["check", "--collector", "false {in} {out}"], &runs);
    let (_, stderr) = said(&output);
    assert!(!output.status.success());
    assert!(stderr.contains("the collector ended with exit status: 1"), "{stderr}");
}

#[test]
fn a_check_without_a_request_proves_nothing() {
    let runs = tempfile::tempdir().unwrap();
    let output = job_service(&["check", "--requests", "0"], &runs);
    assert!(!output.status.success());
    assert!(said(&output).0.ends_with("that is not as it should be\n"));
}
