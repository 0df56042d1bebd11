//! The process that kills.
use super::{Death, Ledger, Verdict};
use crate::sim::Dice;
use obs_recorder::steady_ns;
use rustix::process::{Pid, Signal, kill_process};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Children live this long at most, in microseconds. Many die while they begin.
const LIFE_US_MAX: u64 = 400_000;
const INIT_US_MAX: u64 = 6_000;
/// Recoveries that are killed die within this time.
const RECOVERY_US_MAX: u64 = 30_000;

/// What is to be done.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "the arguments of a command")]
pub struct Plan {
    /// How many children.
    pub kills: u64,
    /// What their ends depend on.
    pub seed: u64,
    /// Threads of each.
    pub threads: usize,
    /// Where their runs go: an empty directory.
    pub root: PathBuf,
}

/// Kills children, one after the other, and judges what is left of each.
///
/// # Errors
///
/// What the system says, or what a recovery says that should have worked.
pub fn kill_many(plan: &Plan) -> io::Result<Verdict> {
    let mut verdict = Verdict::default();
    let mut dice = Dice::new(plan.seed);
    let mut lived_ns = 0;
    for kill in 0..plan.kills {
        let death = Death::ALL[kill as usize % Death::ALL.len()];
        let root = plan.root.join(kill.to_string());
        std::fs::create_dir_all(&root)?;
        lived_ns += kill_one(plan, &root, death, &mut dice, &mut verdict)?;
        verdict.kills += 1;
        std::fs::remove_dir_all(&root)?;
    }
    let events = u128::from(verdict.acknowledged + verdict.refused) * 1_000_000_000;
    verdict.events_per_s = (events / u128::from(lived_ns.max(1))) as u64;
    Ok(verdict)
}

fn kill_one(
    plan: &Plan,
    root: &Path,
    death: Death,
    dice: &mut Dice,
    verdict: &mut Verdict,
) -> io::Result<u64> {
    let path = root.join("ledger");
    let ledger = Ledger::create(&path)?;
    let longest = if dice.once_in(8) { INIT_US_MAX } else { LIFE_US_MAX };
    let life = dice.below(longest);
    let started_ns = steady_ns();
    let mut child = start(&[
        "live",
        &text(root),
        &text(&path),
        &plan.threads.to_string(),
        death.name(),
        &life.to_string(),
    ])?;
    if matches!(death, Death::Kill | Death::Segv) {
        thread::sleep(Duration::from_micros(life));
        let how = if death == Death::Kill { Signal::KILL } else { Signal::SEGV };
        signal(&child, how)?;
        // Before the run has begun, Rust's own handler lets the first fault that was only sent pass.
        while child.try_wait()?.is_none() {
            thread::sleep(Duration::from_millis(5));
            signal(&child, how)?;
        }
    }
    child.wait()?;
    let lived_ns = steady_ns() - started_ns;
    let runs = std::fs::read_dir(root)?.collect::<io::Result<Vec<_>>>()?;
    let Some(run) = runs.iter().map(std::fs::DirEntry::path).find(|path| path.is_dir()) else {
        return Ok(lived_ns);
    };
    recover(root, &run, dice, verdict)?;
    verdict.judge(&run, &ledger, plan.threads)?;
    Ok(lived_ns)
}

/// Recovers the run. Two recoveries of three are killed before one is let through.
fn recover(root: &Path, run: &Path, dice: &mut Dice, verdict: &mut Verdict) -> io::Result<()> {
    for _ in 0..dice.below(3) {
        let mut child = start(&["recover", &text(root), &text(run)])?;
        thread::sleep(Duration::from_micros(dice.below(RECOVERY_US_MAX)));
        signal(&child, Signal::KILL)?;
        verdict.recoveries_killed += u64::from(!child.wait()?.success());
    }
    let started_ns = steady_ns();
    super::recover(root, run).map_err(io::Error::other)?;
    let took_ms = (steady_ns() - started_ns) / 1_000_000;
    verdict.recover_ms_max = verdict.recover_ms_max.max(took_ms);
    Ok(())
}

fn start(arguments: &[&str]) -> io::Result<Child> {
    let program = std::env::current_exe()?;
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// A child that is gone already needs no signal.
fn signal(child: &Child, signal: Signal) -> io::Result<()> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    match pid.map(|pid| kill_process(pid, signal)) {
        Some(Err(error)) if error != rustix::io::Errno::SRCH => Err(error.into()),
        _ => Ok(()),
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
