//! Programs whose records go to databases, which are read back by the databases' own clients.
//!
//! What is in the tables must be what is in the files, each record once: of a million records of all sorts, of ten
//! programs that begin at once, when programs are killed at any moment, and when servers stop, crash, lose their
//! connections or are locked.
mod child;
mod compare;
mod faults;
mod place;

pub use child::{flood, make};
pub use compare::Compared;
pub use faults::{Faults, Kills, endure, kill};
pub use place::Place;

use obs_core::Settings;
use serde::Serialize;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// What came of one database.
#[derive(Debug, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "the parts of a verdict")]
pub struct Went {
    /// What it is.
    pub database: String,
    /// Many records of all sorts.
    pub content: Compared,
    /// Ten programs at once, on tables that are yet to be made.
    pub together: Compared,
    /// Programs that were killed.
    pub kills: Kills,
    /// A database that was stopped, killed, locked, and lost its connections.
    pub faults: Faults,
}

impl Went {
    /// Whether every record is there once, and as it was made.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let all = [&self.content, &self.together, &self.kills.compared, &self.faults.compared];
        all.iter().all(|compared| compared.is_good())
    }
}

/// How many programs begin at once.
const TOGETHER: usize = 10;
const RECORDS_TOGETHER: u64 = 200;

/// Has one program make so many records of all sorts, and compares.
///
/// # Errors
///
/// What the system says, or a program.
pub fn content(place: &Place, records: u64, root: &Path) -> io::Result<Compared> {
    let mut compared = Compared::default();
    let run = ended(program(place, &["make"], root)?.arg(records.to_string()))?;
    compared.run(place, run.as_ref())?;
    Ok(compared)
}

/// Has ten programs begin at once, and compares.
///
/// # Errors
///
/// What the system says, or a program.
pub fn together(place: &Place, root: &Path) -> io::Result<Compared> {
    let mut compared = Compared::default();
    let mut programs = Vec::new();
    for _ in 0..TOGETHER {
        let mut program = program(place, &["make"], root)?;
        let program = program.arg(RECORDS_TOGETHER.to_string()).stdout(Stdio::piped());
        programs.push(program.spawn()?);
    }
    for program in programs {
        let output = program.wait_with_output()?;
        compared.run(place, said(&output.status, &output.stdout)?.as_ref())?;
    }
    let runs = place.count("obs_runs")?;
    compared.expect(runs == TOGETHER as u64, || format!("{runs} runs of {TOGETHER}"));
    Ok(compared)
}

/// This program again, as a child whose records go to the database.
fn program(place: &Place, words: &[&str], root: &Path) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(words).arg(root).env("OBS_SQL_URL", &place.url).stdin(Stdio::null());
    Ok(command)
}

/// The directory of the run of a program that has ended well.
fn ended(program: &mut Command) -> io::Result<String> {
    let output = program.stderr(Stdio::inherit()).output()?;
    said(&output.status, &output.stdout)
}

fn said(status: &std::process::ExitStatus, stdout: &[u8]) -> io::Result<String> {
    if !status.success() {
        return Err(io::Error::other(format!("a program ended with {status}")));
    }
    Ok(String::from_utf8_lossy(stdout).lines().next().unwrap_or_default().to_owned())
}

/// Settings by which a run that has ended is sent to the database.
fn settings(place: &Place, root: &Path) -> Settings {
    let mut settings = Settings::from_vars([("OBS_SQL_URL", place.url.as_str())]);
    settings.run_root = Some(root.to_owned());
    settings
}
