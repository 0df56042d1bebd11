//! The examples of the workspace as cargo builds them, for tests that run them.
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What cargo sets for the tests that it runs. A build from within a test that keeps it builds half of everything anew,
/// and so does the next one from outside: build scripts ask for some of it.
const SET_FOR_TESTS: &[&str] = &[
    "CARGO_BIN_",
    "CARGO_CRATE_NAME",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_TMPDIR",
];

/// An example, and what it was made of.
#[derive(Debug)]
pub struct Example {
    program: PathBuf,
    /// Cargo's messages.
    messages: Vec<Value>,
}

impl Example {
    /// Builds all programs and examples, as the tests of the whole workspace have built them: alone this one would have
    /// other features, and make half of what it depends on anew.
    ///
    /// # Errors
    ///
    /// When cargo cannot build it, or does not say where it is.
    pub fn build(name: &str) -> Result<Self, String> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--workspace", "--message-format=json"]);
        cargo.args(["--bins", "--examples"]);
        cargo.args((!cfg!(debug_assertions)).then_some("--release"));
        let said = said(&mut cargo)?;
        let messages: Result<Vec<Value>, _> = said.lines().map(serde_json::from_str).collect();
        let messages = messages.map_err(|error| format!("cargo says something else: {error}"))?;
        let program = |message: &Value| {
            let is_it = message["target"]["name"] == name;
            is_it.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
        };
        let program = messages.iter().find_map(program).ok_or("cargo built no program")?;
        Ok(Self { program, messages })
    }

    /// Where the program is.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Builds the source of the example anew with an option of the compiler, into `out`. It uses these libraries.
    ///
    /// # Errors
    ///
    /// When a library is not there once, or the compiler fails.
    pub fn rebuild(&self, libraries: &[&str], option: &str, out: &Path) -> Result<(), String> {
        let is_example =
            |message: &&Value| message["executable"].as_str().map(Path::new) == Some(&self.program);
        let source = self.messages.iter().find(is_example);
        let source = source.and_then(|message| message["target"]["src_path"].as_str());
        let dependencies = self.program.ancestors().nth(2).map(|target| target.join("deps"));
        let (Some(source), Some(dependencies)) = (source, dependencies) else {
            return Err("cargo does not say what the example is made of".to_owned());
        };
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition=2024", source, option, "-o"]).arg(out);
        rustc.arg("-L").arg(prefixed("dependency=", &dependencies));
        for library in libraries {
            let path = self.library(library)?;
            rustc.arg("--extern").arg(prefixed(&format!("{library}="), &path));
        }
        said(&mut rustc).map(drop)
    }

    fn library(&self, name: &str) -> Result<PathBuf, String> {
        let is_it = |message: &&Value| {
            message["reason"] == "compiler-artifact" && message["target"]["name"] == name
        };
        let files =
            self.messages.iter().filter(is_it).flat_map(|message| message["filenames"].as_array());
        let paths = files.flatten().filter_map(Value::as_str).map(PathBuf::from);
        let libraries: Vec<_> =
            paths.filter(|path| path.extension() == Some(OsStr::new("rlib"))).collect();
        match libraries.as_slice() {
            [library] => Ok(library.clone()),
            all => Err(format!("there is not one `{name}` but these: {all:?}")),
        }
    }
}

fn prefixed(prefix: &str, path: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from(prefix);
    argument.push(path);
    argument
}

/// What a command prints that runs in this workspace as one typed there does.
fn said(command: &mut Command) -> Result<String, String> {
    let own = std::env::vars_os().map(|(name, _)| name);
    let set_for_tests = own.filter(|name| {
        let name = name.to_string_lossy();
        SET_FOR_TESTS.iter().any(|prefix| name.starts_with(prefix))
    });
    for name in set_for_tests {
        command.env_remove(name);
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => String::from_utf8(output.stdout).map_err(|error| format!("{command:?}: {error}")),
        false => Err(format!("{command:?}: {}", output.status)),
    }
}
