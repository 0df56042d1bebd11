//! Programs that are killed, and databases that are not there.
use super::compare::Compared;
use super::place::Place;
use super::{program, settings};
use crate::sim::Dice;
use obs::Patience;
use serde::Serialize;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// What came of programs that were killed.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Kills {
    /// How many.
    pub kills: u64,
    /// Of how many the database had a part when they died.
    pub in_the_middle: u64,
    /// What is in the database in the end.
    pub compared: Compared,
}

/// What came of a database with faults.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Faults {
    /// What was done to it, in this order.
    pub done: Vec<String>,
    /// What is in the database in the end.
    pub compared: Compared,
}

/// A program lives this long at most once its run has begun.
const LIFE_MS_MAX: u64 = 600;
const SEND_PATIENCE: Duration = Duration::from_secs(60);
/// Records of a program each millisecond.
const RATE: &str = "8";

/// Kills programs at random moments, sends what they left, and compares.
///
/// # Errors
///
/// What the system says, or a recovery.
pub fn kill(place: &Place, kills: u64, seed: u64, root: &Path) -> io::Result<Kills> {
    let (mut went, mut dice) = (Kills::default(), Dice::new(seed));
    for _ in 0..kills {
        let (mut child, directory) = begin(place, root)?;
        sleep(Duration::from_millis(dice.below(LIFE_MS_MAX)));
        child.kill()?;
        child.wait()?;
        went.kills += 1;
        // The tables may not be there yet.
        let before = place.count("obs_logs").unwrap_or_default();
        let sent = obs::send(&directory, &settings(place, root), Patience::new(SEND_PATIENCE));
        let sent = sent.map_err(io::Error::other)?;
        let pending: u64 = sent.delivery.sinks.iter().map(|sink| sink.pending).sum();
        went.compared.expect(pending == 0, || format!("{} is not sent", directory.display()));
        went.in_the_middle += u64::from(before > went.compared.logs);
        went.compared.run(place, &directory)?;
        std::fs::remove_dir_all(&directory)?;
    }
    let rows = place.count("obs_logs")?;
    let logs = went.compared.logs;
    went.compared.expect(rows == logs, || format!("{rows} rows of all runs, not {logs}"));
    Ok(went)
}

/// Stops, kills and starts the server of a database while a program writes, ends its connections, and holds a lock for
/// so long; then compares.
///
/// # Errors
///
/// What the system says, the server, or the program.
pub fn endure(place: &mut Place, lock: Duration, root: &Path) -> io::Result<Faults> {
    const MOMENT: Duration = Duration::from_millis(700);
    let mut went = Faults::default();
    let (mut child, directory) = begin(place, root)?;
    sleep(MOMENT);
    if let Some(server) = place.server_mut() {
        for round in 0..3 {
            for _ in 0..8 {
                server.disconnect_all()?;
                sleep(Duration::from_millis(60));
            }
            let how = if round % 2 == 0 { "killed" } else { "stopped" };
            if round % 2 == 0 {
                server.kill()?
            } else {
                server.stop()?
            }
            sleep(MOMENT);
            server.restart()?;
            sleep(MOMENT);
            went.done.push(format!("connections ended 8 times, {how} and started"));
        }
    }
    let held = place.lock()?;
    sleep(lock);
    drop(held);
    went.done.push(format!("locked for {} s", lock.as_secs()));
    sleep(MOMENT);
    drop(child.stdin.take());
    let status = child.wait()?;
    went.compared.expect(status.success(), || format!("the program ended with {status}"));
    went.compared.run(place, &directory)?;
    Ok(went)
}

/// A program that makes records until its input ends, once its run has begun.
fn begin(place: &Place, root: &Path) -> io::Result<(Child, PathBuf)> {
    let mut program = program(place, &["flood"], root)?;
    let program = program.arg(RATE).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = program.spawn()?;
    let mut directory = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut directory)?;
    }
    Ok((child, directory.trim().into()))
}
