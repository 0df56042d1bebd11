//! How long single events take at a steady 100,000 a second, by what goes on meanwhile. A line for each quantile.
use crate::child::steady::{Latencies, QUANTILES, Steady};
use crate::child::writing::Writing;
use crate::line::{Line, ratio};
use crate::place::Place;
use crate::process::{ask, send};
use crate::sample::median;
use crate::scale::Scale;
use crate::system::Name;
use std::process::Child;
use std::time::Duration;
use tempfile::TempDir;

const PERIOD: Duration = Duration::from_micros(10);
const PEERS: [Name; 3] = [Name::TracingJson, Name::SlogAsync, Name::Spdlog];
/// Longer than any measurement: a writer that nobody ends does not stay for ever.
const LONGEST: Duration = Duration::from_secs(600);
/// What the workload is called by quantile; the median has the bare name.
const SUFFIXES: [&str; 5] = ["", "-p90", "-p99", "-p999", "-p9999"];

pub(super) fn quiet(scale: Scale) -> anyhow::Result<Vec<Line>> {
    lines("latency", Place::Temporary, scale)
}

/// While our drain stands still: its ring full, a thread waits once, and refuses from then on. Beside the same with a
/// drain that goes on.
pub(super) fn beside_a_stalled_drain(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let (system, events) = (Name::ObsSinks(1), scale.of(20_000, 200_000, 400_000));
    let ask_one =
        |is_stalled| ask(&Steady { system, events, period: PERIOD, is_stalled }, Place::Temporary);
    let (mut stalled, mut going) = (Vec::new(), Vec::new());
    for _ in 0..scale.of(1, 1, 3) {
        stalled.push(ask_one(true)?);
        going.push(ask_one(false)?);
    }
    let line = |suffix: &str, take: &dyn Fn(&Latencies) -> Option<f64>| {
        let of = |all: &[Latencies]| median(all.iter().filter_map(take));
        let (ours_median, peer_median) = (of(&stalled), of(&going));
        Line {
            bench: "latency",
            workload: format!("latency-stalled-drain{suffix}"),
            ours: system.label(),
            peer: Some("the drain goes on".to_owned()),
            ours_median,
            peer_median,
            unit: "ns",
            ratio: ratio(peer_median, ours_median),
            lost: stalled.iter().map(|it| it.lost).sum(),
            threads: Some(1),
            ..Line::default()
        }
    };
    let quantiles = SUFFIXES.into_iter().enumerate();
    let mut lines: Vec<_> =
        quantiles.map(|(at, suffix)| line(suffix, &|it: &Latencies| it.quantiles[at])).collect();
    lines.push(line("-longest", &|it| Some(it.longest)));
    Ok(lines)
}

/// While another process writes to the same disk, and syncs all the time.
pub(super) fn beside_a_writer(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let writer = Writer::start()?;
    let lines = lines("latency-busy-disk", Place::Disk, scale);
    writer.end()?;
    lines
}

/// A process that keeps the disk busy.
struct Writer {
    process: Child,
    _directory: TempDir,
}

impl Writer {
    fn start() -> anyhow::Result<Self> {
        let directory = Place::Disk.directory()?;
        let writing = Writing { duration: LONGEST, blocks_a_sync: Some(16) };
        Ok(Self { process: send(&writing, directory.path())?, _directory: directory })
    }

    /// Fails if it has ended before: then nobody was busy.
    fn end(mut self) -> anyhow::Result<()> {
        if let Some(status) = self.process.try_wait()? {
            anyhow::bail!("what shall keep the disk busy has ended: {status}");
        }
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

fn lines(workload: &str, place: Place, scale: Scale) -> anyhow::Result<Vec<Line>> {
    let events = scale.of(20_000, 200_000, 400_000);
    let mut peers: Vec<Vec<Latencies>> = PEERS.map(|_| Vec::new()).into();
    let mut ours = Vec::new();
    for _ in 0..scale.of(1, 1, 3) {
        let ask_one =
            |system| ask(&Steady { system, events, period: PERIOD, is_stalled: false }, place);
        ours.push(ask_one(Name::OBS)?);
        for (peer, found) in PEERS.iter().zip(&mut peers) {
            found.push(ask_one(*peer)?);
        }
    }
    let quantile =
        |of: &[Latencies], at: usize| median(of.iter().filter_map(|it| it.quantiles[at]));
    let at = |part| QUANTILES.iter().position(|it| *it == part).and_then(|at| quantile(&ours, at));
    let mut lines = Vec::new();
    for (number, suffix) in SUFFIXES.into_iter().enumerate() {
        let ours_median = quantile(&ours, number);
        for (peer, theirs) in PEERS.iter().zip(&peers) {
            let peer_median = quantile(theirs, number);
            lines.push(Line {
                bench: "latency",
                workload: format!("{workload}{suffix}"),
                ours: Name::OBS.label(),
                peer: Some(peer.label()),
                ours_median,
                peer_median,
                unit: "ns",
                ratio: ratio(peer_median, ours_median),
                p99: at(0.99),
                p999: at(0.999),
                lost: ours.iter().map(|it| it.lost).sum(),
                cpu_ns_per_event: median(ours.iter().map(|it| it.cpu_ns)),
                threads: Some(1),
                ..Line::default()
            });
        }
    }
    Ok(lines)
}
