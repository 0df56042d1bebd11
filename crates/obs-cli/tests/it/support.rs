//! A directory with runs in it, and the command to look at them.
use crate::program::Program;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A test in a directory of its own, with the command at hand.
macro_rules! obstest {
    ($name:ident, |$dir:ident, $obs:ident| $body:block) => {
        #[test]
        fn $name() {
            let $dir = crate::support::Dir::new();
            let $obs = |arguments: &[&str]| $dir.obs(arguments).run();
            $body
        }
    };
}

/// A directory of run directories.
pub(crate) struct Dir {
    temporary: tempfile::TempDir,
}

impl Dir {
    pub(crate) fn new() -> Self {
        Self { temporary: tempfile::tempdir().unwrap() }
    }

    /// The root of the run directories.
    pub(crate) fn root(&self) -> PathBuf {
        self.temporary.path().join("runs")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temporary.path().join(name)
    }

    /// Runs a program of the service to the point where it says that it is ready.
    pub(crate) fn program(&self, service: &str, how: &str) -> Program {
        Program::start(&self.root(), service, how)
    }

    /// A run that did its work and was finished.
    pub(crate) fn finished(&self, service: &str) -> PathBuf {
        self.program(service, "work").end()
    }

    /// A run that was killed while it worked.
    pub(crate) fn killed(&self, service: &str) -> PathBuf {
        self.program(service, "work").kill()
    }

    /// The command, told where the runs are, and nothing else.
    pub(crate) fn obs(&self, arguments: &[&str]) -> Obs {
        let mut command = Command::new(env!("CARGO_BIN_EXE_obs"));
        command.env_clear().env("OBS_RUN_ROOT", self.root()).args(arguments).stdin(Stdio::null());
        Obs { command }
    }

    /// Text with what differs from run to run replaced.
    pub(crate) fn masked(&self, text: &str) -> String {
        let text = text.replace(&*self.temporary.path().to_string_lossy(), "DIR");
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find("20") {
            let (before, time) = rest.split_at(at);
            let length = time_bytes(time);
            out.push_str(before);
            out.push_str(if length > 0 { "TIME" } else { "20" });
            rest = &time[length.max(2)..];
        }
        out + rest
    }
}

/// The length of the time that a text begins with, in any of its forms.
fn time_bytes(text: &str) -> usize {
    let is_time = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | '.' | 'T' | ' ');
    match text.find(|c| !is_time(c)) {
        Some(end) if end >= 19 && text[end..].starts_with('Z') => end + 1,
        _ => 0,
    }
}

/// A call of the command.
pub(crate) struct Obs {
    pub(crate) command: Command,
}

impl Obs {
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn run(mut self) -> Ran {
        let output = self.command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let code = output.status.code().expect("an exit code");
        Ran { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

/// What a call came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output of a call that went well and had nothing else to say.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// Standard error of a call that ended with this code and showed nothing.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        self.err
    }

    /// The lines of standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

/// The value of a field as text.
pub(crate) fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().unwrap_or_else(|| panic!("{field} in {line}"))
}

/// The texts that say what happened.
pub(crate) fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| text(line, "event")).collect()
}

/// A path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}
