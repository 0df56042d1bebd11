//! The example service under load: with everything of ours, with nothing, and with what is glued together today.
use crate::child::calls::{CallCosts, Calls};
use crate::child::own::{ThreadTimes, look_at_threads};
use crate::child::web::{ADDRESS, JOBS, Web};
use crate::line::{Line, ratio};
use crate::place::Place;
use crate::process::{ask, send};
use crate::sample::{Samples, median};
use crate::scale::Scale;
use crate::web::Observer;
use crate::web::load::{Load, Loaded};
use crate::web::receiver::Receiver;
use anyhow::Context as _;
use std::fs;
use std::process::Child;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

const ALL: [Observer; 3] = [Observer::Nothing, Observer::Ours, Observer::Peer];
const CONNECTIONS: u32 = 16;
/// How long a service may take to start.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two requests that come by no network, the thread waits so long.
const REST_US: u64 = 20;
const POLL: Duration = Duration::from_millis(5);

/// What was found of one observer, a number for each round.
#[derive(Debug, Default)]
struct Found {
    /// Requests a second.
    rates: Vec<f64>,
    /// Microseconds of CPU time for each request.
    cpu: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    /// Spans and log records that came to the receiver for each request.
    records: Vec<f64>,
}

/// As many requests as are answered, then half as many as are answered with everything of ours on.
pub(super) fn lines(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let duration = Duration::from_millis(scale.of(200, 4_000, 8_000));
    let saturating = Load { connections: CONNECTIONS, duration, rate: None };
    let saturated = rounds(saturating, scale)?;
    let [nothing, ours, theirs] = &saturated;
    let rate = of(&ours.rates).map(|rate| rate / 2.0);
    let half = rounds(Load { rate, ..saturating }, scale)?;
    let calls = calls(scale)?;
    let mut lines = Vec::new();
    for (label, other) in [(Observer::Nothing, nothing), (Observer::Peer, theirs)] {
        let (ours_median, peer_median) = (of(&ours.rates), of(&other.rates));
        let ratio = ratio(ours_median, peer_median);
        lines.push(line("http-saturated", "req/s", label, [ours_median, peer_median], ratio));
    }
    let overhead = |found: &Found| Some(1e6 / of(&found.rates)? - 1e6 / of(&nothing.rates)?);
    lines.push(costs("http-saturated-added", [overhead(ours), overhead(theirs)]));
    let records = [of(&ours.records), of(&theirs.records)];
    let arrived = ratio(records[0], records[1]);
    lines.push(line("http-saturated-arrived", "records", Observer::Peer, records, arrived));
    let cpu = |all: &[Found; 3], found: &Found| Some(of(&found.cpu)? - of(&all[0].cpu)?);
    lines.push(costs("http-saturated-cpu", [ours, theirs].map(|found| cpu(&saturated, found))));
    lines.push(costs("http-half-cpu", [&half[1], &half[2]].map(|found| cpu(&half, found))));
    let [nothing, ours, theirs] = &calls;
    let above = |found: fn(&CallFound) -> &Vec<f64>, all: &CallFound| {
        Some(of(found(all))? - of(found(nothing))?)
    };
    for (workload, found) in [
        ("http-call-thread", (|found| &found.thread) as fn(&CallFound) -> &Vec<f64>),
        ("http-call-cpu", |found| &found.cpu),
    ] {
        lines.push(costs(workload, [above(found, ours), above(found, theirs)]));
    }
    for (workload, take) in [
        ("http-half", (|found| &found.p50) as fn(&Found) -> &Vec<f64>),
        ("http-half-p99", |found| &found.p99),
    ] {
        for (label, other) in [(Observer::Nothing, &half[0]), (Observer::Peer, &half[2])] {
            let (ours_median, peer_median) = (of(take(&half[1])), of(take(other)));
            let ratio = ratio(peer_median, ours_median);
            lines.push(line(workload, "us", label, [ours_median, peer_median], ratio));
        }
    }
    Ok(lines)
}

fn of(found: &[f64]) -> Option<f64> {
    median(found.iter().copied())
}

fn line(
    workload: &str,
    unit: &'static str,
    peer: Observer,
    [ours_median, peer_median]: [Option<f64>; 2],
    ratio: Option<f64>,
) -> Line {
    Line {
        bench: "http",
        workload: workload.to_owned(),
        ours: Observer::Ours.label().to_owned(),
        peer: Some(peer.label().to_owned()),
        ours_median,
        peer_median,
        unit,
        ratio,
        ..Line::default()
    }
}

/// What ours and the peer add to a request, in microseconds.
fn costs(workload: &str, added: [Option<f64>; 2]) -> Line {
    line(workload, "us", Observer::Peer, added, ratio(added[1], added[0]))
}

/// What requests cost that come by no network, in microseconds, a number for each round.
#[derive(Debug, Default)]
struct CallFound {
    /// What the thread pays that handles the request.
    thread: Vec<f64>,
    /// What all threads pay.
    cpu: Vec<f64>,
}

fn calls(scale: Scale) -> anyhow::Result<[CallFound; 3]> {
    let mut all = [CallFound::default(), CallFound::default(), CallFound::default()];
    for _ in 0..scale.of(1, 3, 5) {
        for (observer, found) in ALL.into_iter().zip(&mut all) {
            let receiver = Receiver::start()?;
            let (requests, rest_us) = (scale.of(1_000, 50_000, 200_000), REST_US);
            let calls = Calls { observer, endpoint: receiver.endpoint.clone(), requests, rest_us };
            let CallCosts { calls, cpu } = ask(&calls, Place::Temporary)?;
            found.thread.extend(Samples::new(calls).median().map(|ns| ns / 1e3));
            found.cpu.push(cpu / 1e3);
        }
    }
    Ok(all)
}

/// Each observer in turn, round by round.
fn rounds(load: Load, scale: Scale) -> anyhow::Result<[Found; 3]> {
    let mut all = [Found::default(), Found::default(), Found::default()];
    for round in 0..scale.of(1, 3, 7) {
        for turn in 0..ALL.len() {
            // Nobody is always the one that comes after the same other.
            let at = (turn + round) % ALL.len();
            measure(ALL[at], load, &mut all[at])
                .with_context(|| format!("the service with {}", ALL[at].label()))?;
        }
    }
    Ok(all)
}

fn measure(observer: Observer, load: Load, found: &mut Found) -> anyhow::Result<()> {
    let receiver = Receiver::start()?;
    let mut service = Service::start(observer, &receiver.endpoint)?;
    let path = format!("/jobs/{}", JOBS / 2);
    let warming = Load { duration: load.duration / 4, ..load };
    let warmed = warming.send(&service.address, &path)?.latencies.len();
    let before = service.cpu_ns()?;
    let Loaded { rate, latencies } = load.send(&service.address, &path)?;
    let cpu = service.cpu_ns()? - before;
    let records = receiver.records(observer != Observer::Nothing)?;
    service.end()?;
    found.records.push(records as f64 / (warmed + latencies.len()) as f64);
    found.rates.push(rate);
    found.cpu.push(cpu as f64 / 1e3 / latencies.len() as f64);
    let latencies = Samples::new(latencies);
    found.p50.extend(latencies.median());
    found.p99.extend(latencies.quantile(0.99));
    Ok(())
}

/// A process that serves.
struct Service {
    process: Child,
    address: String,
    _directory: TempDir,
}

impl Service {
    fn start(observer: Observer, endpoint: &str) -> anyhow::Result<Self> {
        let directory = Place::Temporary.directory()?;
        let web = Web { observer, endpoint: endpoint.to_owned() };
        let mut process = send(&web, directory.path())?;
        let path = directory.path().join(ADDRESS);
        let mut polls = PATIENCE.as_millis() / POLL.as_millis();
        while !path.exists() {
            polls = polls.saturating_sub(1);
            let ended = process.try_wait()?;
            if ended.is_some() || polls == 0 {
                // It may have ended by itself.
                drop(process.kill());
                let said = fs::read_to_string(directory.path().join("console.log"))?;
                anyhow::bail!("it does not start ({ended:?}): {said}");
            }
            thread::sleep(POLL);
        }
        Ok(Self { process, address: fs::read_to_string(path)?, _directory: directory })
    }

    /// CPU time of all its threads so far.
    fn cpu_ns(&self) -> anyhow::Result<u64> {
        let mut times = ThreadTimes::new();
        look_at_threads(&self.process.id().to_string(), &mut times)?;
        Ok(times.values().map(|(_, ns)| ns).sum())
    }

    fn end(&mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It has ended already where all went well.
        drop(self.end());
    }
}
