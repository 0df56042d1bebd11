//! The tools whose formats are written and read: minisign and age.
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a tool in `folder`. `None` where it is not there, with a word on that.
pub(crate) fn run(
    tool: &str,
    arguments: &[impl AsRef<OsStr>],
    input: &str,
    folder: &Path,
) -> Option<(bool, String)> {
    let mut command = Command::new(tool);
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("{tool} is not there: not tested");
        return None;
    };
    // A tool may end before it has read all.
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap_or_default();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}
