//! What logging costs in memory, and what it costs a program that does nothing.
use crate::child::growth::Growth;
use crate::child::idle::Idle;
use crate::child::threads::Threads;
use crate::line::{Line, ratio};
use crate::place::Place;
use crate::process::ask;
use crate::sample::median;
use crate::scale::Scale;
use crate::system::Name;
use crate::system::ours::Manner;
use std::time::Duration;

/// A program that nobody looks at shows what its threads cost by themselves.
const PEERS: [Name; 3] = [Name::TracingJson, Name::SlogAsync, Name::Nothing];

fn line(workload: &str, unit: &'static str) -> Line {
    Line {
        bench: "memory",
        workload: workload.to_owned(),
        ours: Name::OBS.label(),
        unit,
        ..Line::default()
    }
}

/// KiB that each thread needs which has logged an event.
pub(super) fn threads(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for threads in [1, 64, 1_000] {
        let ask_some = |system: Name| {
            let ask_one = |_| ask(&Threads { system, threads }, Place::Temporary);
            (0..scale.of(1, 1, 3)).map(ask_one).collect::<anyhow::Result<Vec<_>>>()
        };
        let ours_median = median(ask_some(Name::OBS)?);
        for peer in PEERS {
            let peer_median = median(ask_some(peer)?);
            lines.push(Line {
                peer: Some(peer.label()),
                ours_median,
                peer_median,
                ratio: ratio(peer_median, ours_median),
                threads: Some(threads),
                ..line("memory-threads", "KiB")
            });
        }
    }
    Ok(lines)
}

/// KiB that come on while many events are written within one span.
pub(super) fn one_span(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let events = scale.of(10_000, 1_000_000, 10_000_000);
    let grown = ask(&Growth { system: Name::Ours(Manner::Bounded), events }, Place::Memory)?;
    Ok(vec![Line {
        ours_median: Some(grown.kib),
        lost: grown.lost,
        threads: Some(1),
        ..line("memory-one-span", "KiB")
    }])
}

/// CPU time and memory of a program that has logged one event.
pub(super) fn idle(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let duration =
        scale.of(Duration::from_millis(100), Duration::from_secs(2), Duration::from_secs(10));
    let ask_one = |system| ask(&Idle { system, duration }, Place::Temporary);
    let ours = ask_one(Name::OBS)?;
    let (mut cpu, mut memory) = (Vec::new(), Vec::new());
    for peer in [Name::TracingJson, Name::SlogAsync] {
        let theirs = ask_one(peer)?;
        let beside = |ours, theirs, line| Line {
            peer: Some(peer.label()),
            ours_median: Some(ours),
            peer_median: Some(theirs),
            ratio: ratio(Some(theirs), Some(ours)),
            ..line
        };
        cpu.push(beside(ours.cpu_percent, theirs.cpu_percent, line("idle-cpu", "%")));
        memory.push(beside(ours.kib, theirs.kib, line("idle-memory", "KiB")));
    }
    Ok([cpu, memory].concat())
}
