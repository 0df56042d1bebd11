//! What is lost of a program that is killed: calls that had returned, without what is found in files afterwards.
use crate::child::doomed::Doomed;
use crate::found::found_in;
use crate::line::{Line, ratio};
use crate::place::Place;
use crate::process::send;
use crate::sample::median;
use crate::scale::Scale;
use crate::system::Name;
use crate::system::ours::{Manner, settings};
use anyhow::{Context as _, bail, ensure};
use obs_test::crash::Ledger;
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{iter, thread};

const OURS: Name = Name::Ours(Manner::Whole);
const PEERS: [Name; 6] = [
    Name::TracingJson,
    Name::SlogAsync,
    Name::Logforth,
    Name::EmitFile,
    Name::Spdlog,
    Name::OpentelemetryLogs,
];
/// A child that has not logged so long after its start never will.
const PATIENCE: Duration = Duration::from_secs(10);
const NAP: Duration = Duration::from_millis(1);

/// How a child logs, and for how long at least and at most.
struct Life {
    burst: u64,
    pause: Duration,
    shortest: Duration,
    spread: Duration,
}

/// Without a pause: queues are full.
pub(super) fn flat_out(scale: Scale) -> anyhow::Result<Vec<Line>> {
    lines("loss", u64::MAX, Duration::ZERO, scale)
}

/// Some 20,000 events a second, with which everybody keeps up.
pub(super) fn paced(scale: Scale) -> anyhow::Result<Vec<Line>> {
    lines("loss-paced", 20, Duration::from_millis(1), scale)
}

fn lines(workload: &str, burst: u64, pause: Duration, scale: Scale) -> anyhow::Result<Vec<Line>> {
    let shortest =
        scale.of(Duration::from_millis(20), Duration::from_millis(300), Duration::from_millis(500));
    let life = Life { burst, pause, shortest, spread: shortest };
    let mut lost: Vec<Vec<f64>> = vec![Vec::new(); PEERS.len() + 1];
    for _ in 0..scale.of(1, 3, 5) {
        for (system, lost) in iter::once(&OURS).chain(&PEERS).zip(&mut lost) {
            if system.has_files() {
                lost.push(lost_of(*system, &life)? as f64);
            }
        }
    }
    let medians: Vec<Option<f64>> = lost.into_iter().map(median).collect();
    let line = |(peer, peer_median): (&Name, &Option<f64>)| Line {
        bench: "loss",
        workload: workload.to_owned(),
        ours: OURS.label(),
        peer: Some(peer.label()),
        ours_median: medians[0],
        peer_median: *peer_median,
        unit: "events",
        ratio: ratio(*peer_median, medians[0]),
        lost: medians[0].map(|lost| lost as u64),
        threads: Some(1),
        ..Line::default()
    };
    Ok(PEERS.iter().zip(&medians[1..]).map(line).collect())
}

/// Kills one, and counts.
fn lost_of(system: Name, life: &Life) -> anyhow::Result<u64> {
    let directory = Place::Temporary.directory()?;
    let place = directory.path();
    let path = place.join("ledger");
    let ledger = Ledger::create(&path).context("cannot make the ledger")?;
    let doomed = Doomed { system, ledger: path, burst: life.burst, pause: life.pause };
    let mut process = send(&doomed, place)?;
    let begun = wait_for_the_first(&ledger);
    thread::sleep(life.shortest + life.spread.mul_f64(random_part()));
    process.kill()?;
    let status = process.wait()?;
    begun.with_context(|| format!("{system} is not seen logging: {status}"))?;
    let acknowledged = ledger.thread(0).0;
    if matches!(system, Name::Ours(_)) {
        let run = run_in(place)?;
        obs::recover(&run, &settings(place, Manner::Whole))?;
        return Ok(acknowledged.saturating_sub(found_in(&run)?));
    }
    Ok(acknowledged.saturating_sub(found_in(place)?))
}

fn wait_for_the_first(ledger: &Ledger) -> anyhow::Result<()> {
    for _ in 0..PATIENCE.as_millis() / NAP.as_millis() {
        if ledger.thread(0).0 > 0 {
            return Ok(());
        }
        thread::sleep(NAP);
    }
    bail!("it has logged nothing")
}

/// From 0 to 1.
fn random_part() -> f64 {
    (RandomState::new().hash_one(0) >> 11) as f64 / (1_u64 << 53) as f64
}

fn run_in(place: &Path) -> anyhow::Result<PathBuf> {
    let paths = fs::read_dir(place)?.map(|entry| entry.map(|entry| entry.path()));
    let mut runs = paths.collect::<std::io::Result<Vec<_>>>()?;
    runs.retain(|path| path.is_dir());
    ensure!(runs.len() == 1, "{} runs are in {}", runs.len(), place.display());
    runs.pop().context("it is there")
}

#[cfg(test)]
mod tests {
    use super::random_part;

    #[test]
    fn chance_stays_between_0_and_1() {
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random_part())));
    }
}
