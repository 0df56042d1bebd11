//! The example's program.
use obs_test::cargo::Example;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

static EXAMPLE: LazyLock<Example> = LazyLock::new(|| Example::build("quickstart").unwrap());

/// Runs the quickstart on `tree`, with its runs in `runs`.
pub(crate) fn run(tree: &Path, runs: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(EXAMPLE.program());
    command.arg(tree).args(options).stdin(Stdio::null()).env_clear().env("OBS_RUN_ROOT", runs);
    command.output().unwrap()
}

/// What stands behind `label` on the only line that begins with it.
pub(crate) fn labelled<'a>(text: &'a str, label: &str) -> &'a str {
    let found: Vec<_> = text.lines().filter_map(|line| line.strip_prefix(label)).collect();
    assert_eq!(found.len(), 1, "{label} in {text}");
    found[0].trim()
}
