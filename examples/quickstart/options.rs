//! What the command line asks for.
use anyhow::{Context as _, bail};
use std::ffi::OsString;
use std::io::{IsTerminal, stderr};
use std::num::NonZero;
use std::path::{Path, PathBuf};

pub(crate) const USAGE: &str = "\
usage: cargo run --release --example quickstart [-- [DIR] [OPTION]...]

Indexes the sources in DIR: by default those that cargo keeps in its registry, else this repository.

  --crash         kill the process half-way, and say how to see what it was doing
  --files-max N   at most N files; 1000000 by default
  --threads N     so many workers, at most 256; by default one a core, and at least two
";

const FILES_MAX: usize = 1_000_000;
const THREADS_MAX: usize = 256;

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) root: PathBuf,
    pub(crate) crash: bool,
    pub(crate) files_max: usize,
    pub(crate) threads: usize,
    pub(crate) shows_progress: bool,
}

impl Options {
    /// `None` when only the usage is asked for.
    pub(crate) fn parse(mut args: impl Iterator<Item = OsString>) -> anyhow::Result<Option<Self>> {
        let (mut root, mut crash) = (None, false);
        let (mut files_max, mut threads) = (FILES_MAX, cores().max(2));
        while let Some(arg) = args.next() {
            match arg.to_string_lossy().as_ref() {
                "--help" | "-h" => return Ok(None),
                "--crash" => crash = true,
                name @ "--files-max" => files_max = number(name, args.next(), FILES_MAX)?,
                name @ "--threads" => threads = number(name, args.next(), THREADS_MAX)?,
                name if name.starts_with('-') => bail!("no option {name}\n\n{USAGE}"),
                name if root.is_some() => bail!("one directory, not also {name}\n\n{USAGE}"),
                _ => root = Some(PathBuf::from(arg)),
            }
        }
        let root = root.unwrap_or_else(default_root);
        let root =
            root.canonicalize().with_context(|| format!("cannot find {}", root.display()))?;
        let shows_progress = stderr().is_terminal();
        Ok(Some(Self { root, crash, files_max, threads, shows_progress }))
    }
}

fn number(name: &str, value: Option<OsString>, max: usize) -> anyhow::Result<usize> {
    let text = value.with_context(|| format!("{name} needs a number"))?;
    let number = text.to_str().and_then(|text| text.parse().ok());
    let number = number.filter(|number| (1..=max).contains(number));
    number.with_context(|| format!("{name} takes a number from 1 to {max}, not {}", text.display()))
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

fn default_root() -> PathBuf {
    let registry = cargo_home().map(|home| home.join("registry").join("src"));
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    registry.filter(|path| path.is_dir()).unwrap_or(repository)
}

#[expect(clippy::disallowed_methods, reason = "CARGO_HOME is no setting of the toolkit")]
fn cargo_home() -> Option<PathBuf> {
    let set = std::env::var_os("CARGO_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    set.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}
