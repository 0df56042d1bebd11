//! A command line: how it runs, and how a person would type it.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// Whether cargo sets a variable for the program that it runs, to say which package that is. Build scripts ask for it:
/// a call that keeps it builds what a call without it has built.
fn is_of_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|prefix| name.starts_with(prefix))
}

/// A call of a program, cargo mostly, with variables of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invocation {
    program: String,
    args: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Invocation {
    pub(crate) fn cargo<S: Into<String>>(args: impl IntoIterator<Item = S>) -> Self {
        Self { args: args.into_iter().map(Into::into).collect(), ..Self::program("cargo") }
    }

    /// A call without arguments.
    pub(crate) fn program(program: impl Into<String>) -> Self {
        Self { program: program.into(), args: Vec::new(), variables: Vec::new() }
    }

    pub(crate) fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.push((variable.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(folder).stdin(Stdio::null());
        for name in std::env::vars_os().map(|(name, _)| name).filter(|name| is_of_package(name)) {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it in `folder`; what it prints goes where our own output goes.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub(crate) fn run(&self, folder: &Path) -> Result<ExitStatus> {
        self.command(folder).status().with_context(|| format!("cannot start `{self}`"))
    }

    /// Runs it in `folder` and returns what it printed.
    ///
    /// # Errors
    ///
    /// When it cannot be started, fails (with its own last words), or prints other than UTF-8.
    pub(crate) fn read(&self, folder: &Path) -> Result<String> {
        let output = self.command(folder).output();
        let output = output.with_context(|| format!("cannot start `{self}`"))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            bail!("`{self}` failed ({}): {}", output.status, words.trim());
        }
        String::from_utf8(output.stdout).with_context(|| format!("`{self}` printed no UTF-8"))
    }
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.variables {
            write!(f, "{name}={} ", quoted(value))?;
        }
        f.write_str(&quoted(&self.program))?;
        for arg in &self.args {
            write!(f, " {}", quoted(arg))?;
        }
        Ok(())
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::Invocation;

    #[test]
    fn it_prints_as_a_shell_would_read_it() {
        let doc = Invocation::cargo(["doc", "--no-deps"]).with("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(doc.to_string(), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps");
        let odd = Invocation::cargo(["run", "", "~0.20", "it's"]);
        assert_eq!(odd.to_string(), r"cargo run '' '~0.20' 'it'\''s'");
    }
}
