//! The command lines of the programs that judge the toolkit as a whole.
use serde::Serialize;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The name of a program, and its options with their values.
#[derive(Debug)]
pub struct Options<'a> {
    program: &'static str,
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Options<'a> {
    /// Reads pairs of an option of `known` and its value.
    ///
    /// # Errors
    ///
    /// What is no such pair.
    pub fn read(
        program: &'static str,
        known: &[&str],
        arguments: &[&'a str],
    ) -> Result<Self, String> {
        let pairs = arguments.chunks(2).map(|pair| match pair {
            [name, value] if known.contains(name) => Ok((*name, *value)),
            [name, _] => Err(format!("there is no {name}; there are {}", known.join(", "))),
            other => Err(format!("{} has no value", other.concat())),
        });
        Ok(Self { program, pairs: pairs.collect::<Result<_, _>>()? })
    }

    /// The value of an option.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.pairs.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The number that an option has, or `default`.
    ///
    /// # Errors
    ///
    /// When it is no number.
    pub fn number(&self, name: &str, default: u64) -> Result<u64, String> {
        let Some(value) = self.value(name) else { return Ok(default) };
        value.parse().map_err(|_| format!("{name} {value} is no number"))
    }

    /// What `--root` names, or a folder of this process's own.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        let own = || std::env::temp_dir().join(format!("{}-{}", self.program, std::process::id()));
        self.value("--root").map_or_else(own, PathBuf::from)
    }
}

/// Prints what came of it; removes `root` if that is good.
///
/// # Errors
///
/// Why the program fails.
pub fn end(verdict: &impl Serialize, is_good: bool, root: &Path) -> Result<(), String> {
    let text = serde_json::to_string(verdict).map_err(|error| error.to_string())?;
    report(&text);
    if !is_good {
        return Err(format!("a promise is broken, see {}", root.display()));
    }
    std::fs::remove_dir_all(root)
        .map_err(|error| format!("cannot remove {}: {error}", root.display()))
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "the outcome of a command")]
pub fn report(text: &str) {
    println!("{text}");
}

/// The exit code; says why where it is one of failure.
#[expect(clippy::print_stderr, reason = "why a command failed")]
pub fn exit(program: &str, outcome: Result<(), impl Display>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{program}: {why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn what_is_no_option_or_no_number_is_refused() {
        let read = |arguments: &[&'static str]| Options::read("x", &["--n", "--root"], arguments);
        let options = read(&["--n", "7", "--root", "somewhere"]).unwrap();
        assert_eq!(options.number("--n", 1), Ok(7));
        assert_eq!(options.root().to_str(), Some("somewhere"));
        let options = read(&["--n", "seven"]).unwrap();
        assert_eq!(options.number("--n", 1).unwrap_err(), "--n seven is no number");
        assert_eq!(read(&["--m", "1"]).unwrap_err(), "there is no --m; there are --n, --root");
        assert_eq!(read(&["--n"]).unwrap_err(), "--n has no value");
        assert_eq!(read(&[]).unwrap().number("--n", 1), Ok(1));
    }
}
