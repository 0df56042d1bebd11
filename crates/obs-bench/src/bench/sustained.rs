//! Two threads that log as fast as they can, up to the last byte that is written; and how the work divides between
//! threads.
use crate::child::flood::{Flood, Flow};
use crate::child::writing::Writing;
use crate::line::{Line, ratio};
use crate::place::Place;
use crate::process::ask;
use crate::sample::median;
use crate::scale::Scale;
use crate::system::Name;
use crate::system::ours::Manner;
use std::collections::BTreeMap;
use std::time::Duration;

const THREADS: u32 = 2;
/// Threads with less than this part of the CPU time are the rest.
const LEAST_PART: u64 = 100;
const PEERS: [Name; 3] = [Name::TracingJson, Name::SlogAsync, Name::Spdlog];

pub(super) fn in_memory(scale: Scale) -> anyhow::Result<Vec<Line>> {
    lines("sustained", Place::Memory, scale)
}

/// Beside what the disk takes from who does nothing else.
pub(super) fn on_disk(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let mut lines = lines("sustained-disk", Place::Disk, scale)?;
    let writing = Writing { duration: seconds(scale) / 2, blocks_a_sync: None };
    lines.push(Line {
        bench: "sustained",
        workload: "sustained-disk-plain-writing".to_owned(),
        ours: "64 KiB blocks, synced at the end".to_owned(),
        ours_median: Some(ask(&writing, Place::Disk)?),
        unit: "MiB/s",
        threads: Some(1),
        ..Line::default()
    });
    Ok(lines)
}

fn seconds(scale: Scale) -> Duration {
    scale.of(Duration::from_millis(100), Duration::from_secs(2), Duration::from_secs(10))
}

fn lines(workload: &str, place: Place, scale: Scale) -> anyhow::Result<Vec<Line>> {
    let ask_one =
        |system| ask(&Flood { system, threads: THREADS, duration: seconds(scale) }, place);
    let ours = ask_one(Name::Ours(Manner::Bounded))?;
    let alone = alone(workload, &ours);
    let mut lines = Vec::new();
    for peer in PEERS {
        let peer_median = Some(rate(&ask_one(peer)?));
        lines.push(Line {
            peer: Some(peer.label()),
            peer_median,
            ratio: ratio(alone.ours_median, peer_median),
            ..alone.clone()
        });
    }
    lines.extend(divided(&alone, &ours));
    Ok(lines)
}

fn alone(workload: &str, flow: &Flow) -> Line {
    Line {
        bench: "sustained",
        workload: workload.to_owned(),
        ours: Name::OBS.label(),
        ours_median: Some(rate(flow)),
        unit: "events/s",
        lost: flow.lost,
        cpu_ns_per_event: Some(flow.cpu_ns as f64 / flow.events as f64),
        threads: Some(THREADS),
        ..Line::default()
    }
}

/// Events that arrived, a second.
fn rate(flow: &Flow) -> f64 {
    flow.arrived as f64 / flow.seconds
}

/// A line for each kind of thread: its CPU time for each event.
fn divided(alone: &Line, flow: &Flow) -> Vec<Line> {
    let mut times: BTreeMap<&str, u64> = BTreeMap::new();
    let mut rest = flow.cpu_ns;
    for (name, ns) in &flow.threads {
        if name != "obs-bench" && ns * LEAST_PART > flow.cpu_ns {
            times.insert(name.trim_start_matches("obs-"), *ns);
            rest = rest.saturating_sub(*ns);
        }
    }
    times.insert("rest", rest);
    let line = |(name, ns): (&str, u64)| Line {
        workload: format!("{}-cpu-{name}", alone.workload),
        ours_median: median([ns as f64 / flow.events as f64]),
        unit: "ns",
        lost: None,
        cpu_ns_per_event: None,
        ..alone.clone()
    };
    times.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{alone, divided, rate};
    use crate::child::flood::Flow;
    use std::collections::BTreeMap;

    #[test]
    fn the_cpu_time_divides_among_threads_and_the_rest() {
        let threads =
            [("obs-drain", 3_000), ("producer", 5_000), ("obs-bench", 500), ("obs-env", 90)];
        let threads: BTreeMap<_, _> =
            threads.into_iter().map(|(name, ns)| (name.to_owned(), ns)).collect();
        let flow = Flow {
            events: 100,
            arrived: 90,
            seconds: 0.5,
            lost: Some(10),
            cpu_ns: 10_000,
            threads,
        };
        assert_eq!(rate(&flow), 180.0);
        let lines = divided(&alone("sustained", &flow), &flow);
        let said: Vec<_> =
            lines.iter().map(|line| (line.workload.as_str(), line.ours_median)).collect();
        assert_eq!(
            said,
            [
                ("sustained-cpu-drain", Some(30.0)),
                ("sustained-cpu-producer", Some(50.0)),
                ("sustained-cpu-rest", Some(20.0)),
            ]
        );
    }
}
