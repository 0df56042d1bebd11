//! One work in bursts: what it costs the thread that does it.
use super::Part;
use crate::child::bursts::{Measured, Plan, measure};
use crate::instructions;
use crate::line::{Line, ratio};
use crate::sample::median;
use crate::scale::Scale;
use crate::system::Name;
use crate::system::ours::Manner;
use crate::work::Work;
use std::time::Duration;

/// A kind of work, and those who are asked for it in turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contest {
    pub(super) bench: &'static str,
    pub(super) workload: &'static str,
    pub(super) work: Work,
    pub(super) ours: Name,
    pub(super) peers: &'static [Name],
    pub(super) burst: u64,
    pub(super) pause: Duration,
    pub(super) threads: u32,
    pub(super) sinks: Option<u32>,
    /// Whether our instructions are counted, too.
    pub(super) is_counted: bool,
}

const EVENT_PEERS: &[Name] = &[
    Name::TracingJson,
    Name::OpentelemetryLogs,
    Name::SlogAsync,
    Name::Logforth,
    Name::EmitFile,
    Name::Spdlog,
    Name::Fastrace,
    Name::Floor,
];
const SPAN_PEERS: &[Name] = &[
    Name::TracingJson,
    Name::TracingOpentelemetry,
    Name::Fastrace,
    Name::EmitFile,
    Name::SlogAsync,
    Name::Logforth,
    Name::Spdlog,
    Name::Floor,
];

pub(super) const PLAIN: Contest = Contest {
    bench: "event",
    workload: "event",
    work: Work::Event,
    ours: Name::OBS,
    peers: EVENT_PEERS,
    burst: 256,
    pause: Duration::from_millis(3),
    threads: 1,
    sinks: None,
    is_counted: false,
};
const CROWD: Contest = Contest {
    workload: "event-threads",
    peers: &[Name::TracingJson, Name::SlogAsync, Name::Spdlog],
    ..PLAIN
};
const SPAN: Contest = Contest { bench: "span", peers: SPAN_PEERS, work: Work::Span, ..PLAIN };

/// As a layer, beside one that does nothing.
const LAYER: Contest = Contest {
    ours: Name::Ours(Manner::Layer),
    peers: &[Name::Registry, Name::FilteredRegistry],
    ..PLAIN
};
const SPAN_LAYER: Contest = Contest { bench: "span", work: Work::Span, ..LAYER };

const CONTESTS: &[Contest] = &[
    Contest { is_counted: true, ..PLAIN },
    Contest { workload: "event-burst", burst: 20, pause: Duration::from_millis(1), ..PLAIN },
    Contest { workload: "event-str", work: Work::EventStr, ..PLAIN },
    Contest { threads: 1, ..CROWD },
    Contest { threads: 2, ..CROWD },
    Contest { threads: 4, ..CROWD },
    Contest {
        workload: "event-disabled",
        work: Work::Disabled,
        burst: 1 << 16,
        pause: Duration::ZERO,
        ..PLAIN
    },
    Contest {
        workload: "event-nothing",
        ours: Name::Nothing,
        peers: &[],
        burst: 1 << 16,
        pause: Duration::ZERO,
        ..PLAIN
    },
    Contest { workload: "event-layer", ..LAYER },
    Contest { workload: "span", is_counted: true, ..SPAN },
    Contest { workload: "span-async", work: Work::SpanAsync, ..SPAN },
    Contest { workload: "span-deep", work: Work::SpanDeep, burst: 64, ..SPAN },
    Contest { workload: "span-layer", ..SPAN_LAYER },
    Contest { workload: "span-async-layer", work: Work::SpanAsync, ..SPAN_LAYER },
    Contest { workload: "span-deep-layer", work: Work::SpanDeep, burst: 64, ..SPAN_LAYER },
];

pub(super) fn parts() -> Vec<Part> {
    let part = |it: &Contest| {
        let contest = *it;
        Part::new(it.bench, it.workload, move |scale| contest.lines(scale))
    };
    CONTESTS.iter().map(part).collect()
}

impl Contest {
    /// Measures ours and every peer in turn, and compares.
    pub(super) fn lines(&self, scale: Scale) -> anyhow::Result<Vec<Line>> {
        Self::lines_of(std::slice::from_ref(self), scale)
    }

    /// Measures several contests round by round, so that they can be compared with each other, too.
    pub(super) fn lines_of(contests: &[Self], scale: Scale) -> anyhow::Result<Vec<Line>> {
        let mut measured: Vec<Vec<Vec<Measured>>> =
            contests.iter().map(|it| vec![Vec::new(); 1 + it.peers.len()]).collect();
        for _ in 0..scale.rounds() {
            for (contest, measured) in contests.iter().zip(&mut measured) {
                let plan = contest.plan(scale);
                for (system, measured) in contest.systems().zip(measured) {
                    measured.extend(measure(system, &plan)?);
                }
            }
        }
        let lines = |(it, measured): (&Self, &Vec<_>)| it.compared(measured, scale);
        let lines: anyhow::Result<Vec<_>> = contests.iter().zip(&measured).map(lines).collect();
        Ok(lines?.concat())
    }

    fn systems(&self) -> impl Iterator<Item = Name> {
        [self.ours].into_iter().chain(self.peers.iter().copied())
    }

    fn compared(&self, measured: &[Vec<Measured>], scale: Scale) -> anyhow::Result<Vec<Line>> {
        let is_counted = self.is_counted && scale == Scale::Full && instructions::can_count();
        let counted = is_counted.then(|| instructions::count(self.ours, self.work)).transpose()?;
        let (ours, peers) = measured.split_at(1);
        let alone = Line { instructions: counted, ..self.line(&ours[0]) };
        if self.peers.is_empty() {
            return Ok(vec![alone]);
        }
        let beside = |(peer, theirs): (&Name, &Vec<Measured>)| {
            let peer_median = median(theirs.iter().map(|it| it.ns));
            Line {
                peer: Some(peer.label()),
                peer_median,
                ratio: ratio(peer_median, alone.ours_median),
                ..alone.clone()
            }
        };
        Ok(self.peers.iter().zip(peers).map(beside).collect())
    }

    fn plan(&self, scale: Scale) -> Plan {
        let is_tight = self.pause.is_zero();
        let bursts = if is_tight { scale.of(2, 20, 20) } else { scale.of(2, 200, 200) };
        let burst = if is_tight { scale.of(1 << 10, self.burst, self.burst) } else { self.burst };
        let pause = scale.of(self.pause / 10, self.pause, self.pause);
        Plan { work: self.work, bursts, burst, pause, threads: self.threads }
    }

    /// Ours, without a peer.
    fn line(&self, ours: &[Measured]) -> Line {
        Line {
            bench: self.bench,
            workload: self.workload.to_owned(),
            ours: self.ours.label(),
            ours_median: median(ours.iter().map(|it| it.ns)),
            unit: "ns",
            lost: ours.iter().map(|it| it.lost).sum(),
            cpu_ns_per_event: median(ours.iter().map(|it| it.cpu_ns)),
            threads: Some(self.threads),
            sinks: self.sinks,
            ..Line::default()
        }
    }
}
