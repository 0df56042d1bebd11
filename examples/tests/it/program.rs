//! The example's program.
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(build);

/// Runs the quickstart on `tree`, with its runs in `runs`.
pub(crate) fn run(tree: &Path, runs: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(&*PROGRAM);
    command.arg(tree).args(options).stdin(Stdio::null()).env_clear().env("OBS_RUN_ROOT", runs);
    command.output().unwrap()
}

/// What stands behind `label` on the only line that begins with it.
pub(crate) fn labelled<'a>(text: &'a str, label: &str) -> &'a str {
    let found: Vec<_> = text.lines().filter_map(|line| line.strip_prefix(label)).collect();
    assert_eq!(found.len(), 1, "{label} in {text}");
    found[0].trim()
}

/// Builds the example with the features that a build of the whole workspace has, as the README's command does, and asks
/// cargo where it is.
fn build() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--workspace", "--message-format=json"]);
    cargo.args(["--example", "quickstart"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output();
    let built = built.unwrap();
    assert!(built.status.success(), "{:?}", built.status);
    let messages = String::from_utf8(built.stdout).unwrap();
    let mut programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).unwrap();
        let is_ours = message["target"]["name"] == "quickstart";
        is_ours.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
    });
    programs.next().unwrap()
}
