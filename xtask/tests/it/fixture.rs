//! Workspaces for one test each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) const ROOT: &str = "\
[workspace]
resolver = \"3\"
members = [\"crates/*\"]

[workspace.package]
version = \"0.1.0\"
edition = \"2024\"
license = \"MIT\"
publish = false

[workspace.lints.rust]
missing_docs = \"deny\"
";

/// A manifest that breaks no rule.
pub(crate) fn manifest(name: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion.workspace = true\nedition.workspace = true\n\
         license.workspace = true\npublish.workspace = true\nrust-version = \"1.95\"\n\n\
         [lints]\nworkspace = true\n"
    )
}

/// A folder below cargo's target directory, emptied when it is made.
#[derive(Debug)]
pub(crate) struct Fixture {
    root: PathBuf,
}

/// What a call of ours printed and how it ended.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

impl Fixture {
    /// A folder named as the test, with `files` in it.
    pub(crate) fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if root.exists() {
            fs::remove_dir_all(&root).expect("an old fixture can be removed");
        }
        for (path, text) in files {
            let path = root.join(path);
            let folder = path.parent().expect("a file stands in a folder");
            fs::create_dir_all(folder).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
        Self { root }
    }

    /// A workspace of one library that breaks no rule.
    pub(crate) fn clean(name: &str) -> Self {
        let lib = "//! Nothing.\n#![forbid(unsafe_code)]\n";
        let files = [
            ("Cargo.toml", ROOT),
            ("crates/obs-core/Cargo.toml", &manifest("obs-core")),
            ("crates/obs-core/src/lib.rs", lib),
        ];
        Self::new(name, &files)
    }

    /// Calls `cargo xtask` with `args` in the workspace.
    pub(crate) fn call(&self, args: &[&str]) -> Call {
        call_in(&self.root, args)
    }
}

/// Calls `cargo xtask` with `args` in our own workspace.
pub(crate) fn call(args: &[&str]) -> Call {
    call_in(Path::new(env!("CARGO_MANIFEST_DIR")), args)
}

fn call_in(folder: &Path, args: &[&str]) -> Call {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(args).current_dir(folder).env_remove("CARGO_TARGET_DIR").stdin(Stdio::null());
    let output = command.output().expect("xtask starts");
    let text = |bytes| String::from_utf8(bytes).expect("xtask prints UTF-8");
    let code = output.status.code().expect("xtask is not killed");
    Call { out: text(output.stdout), err: text(output.stderr), code }
}
