//! Processes of the bench's own: a process has one global subscriber, and no memory of another system.
use crate::place::Place;
use anyhow::{Context as _, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Something that a process of its own finds out, or does until it is killed.
pub(crate) trait Errand: Serialize + DeserializeOwned {
    /// What the process is called with.
    const KIND: &'static str;
    type Found: Serialize + DeserializeOwned;

    /// Does it in this process; files go to `directory`.
    fn run(&self, directory: &Path) -> anyhow::Result<Self::Found>;
}

/// The first argument of a process that is sent.
pub(crate) const LIVE: &str = "live";

/// Standard error of such a process, in its directory.
const CONSOLE: &str = "console.log";

/// Has a process find out, whose files are gone afterwards.
pub(crate) fn ask<E: Errand>(errand: &E, place: Place) -> anyhow::Result<E::Found> {
    let directory = place.directory()?;
    run(command(errand, directory.path())?, E::KIND, directory.path())
}

/// Has a process begin, which somebody will kill.
pub(crate) fn send<E: Errand>(errand: &E, directory: &Path) -> anyhow::Result<Child> {
    let mut command = command(errand, directory)?;
    command.stdout(Stdio::null()).stderr(File::create(directory.join(CONSOLE))?);
    command.spawn().with_context(|| format!("cannot start the bench for {}", E::KIND))
}

/// Runs `command`, whose standard output is JSON, and whose standard error is the end of the error if it fails.
pub(crate) fn run<T: DeserializeOwned>(
    mut command: Command,
    what: &str,
    directory: &Path,
) -> anyhow::Result<T> {
    let console = directory.join(CONSOLE);
    let output = command.stderr(File::create(&console)?).output()?;
    if !output.status.success() {
        let said = std::fs::read_to_string(console)?;
        bail!("measuring {what}: {}: {}", output.status, said.lines().last().unwrap_or_default());
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("measuring {what}"))
}

fn command<E: Errand>(errand: &E, directory: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([LIVE, E::KIND, &serde_json::to_string(errand)?]).arg(directory);
    command.stdin(Stdio::null());
    Ok(command)
}

/// Does what [`ask`] or [`send`] asks for, if `kind` is that of `E`.
pub(crate) fn serve<E: Errand>(arguments: &[String]) -> anyhow::Result<bool> {
    match arguments {
        [kind, _, _] if kind != E::KIND => Ok(false),
        [_, errand, directory] => {
            let found = serde_json::from_str::<E>(errand)?.run(directory.as_ref())?;
            serde_json::to_writer(std::io::stdout(), &found)?;
            Ok(true)
        }
        _ => bail!("a process that is sent wants kind, errand and directory"),
    }
}
