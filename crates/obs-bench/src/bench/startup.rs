//! How long it takes to start, and to end with little to write.
use crate::child::startup::{Ends, Startup};
use crate::line::{Line, ratio};
use crate::place::Place;
use crate::process::ask;
use crate::sample::median;
use crate::scale::Scale;
use crate::system::Name;

const PEERS: [Name; 5] =
    [Name::TracingJson, Name::SlogAsync, Name::Logforth, Name::EmitFile, Name::Spdlog];

pub(super) fn lines(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let mut ours = Vec::new();
    let mut peers: Vec<Vec<Ends>> = PEERS.map(|_| Vec::new()).into();
    for _ in 0..scale.of(1, 5, 21) {
        ours.push(ask(&Startup { system: Name::OBS }, Place::Temporary)?);
        for (peer, found) in PEERS.iter().zip(&mut peers) {
            found.push(ask(&Startup { system: *peer }, Place::Temporary)?);
        }
    }
    let start = |ends: &Ends| ends.start_ms;
    let finish = |ends: &Ends| ends.finish_ms;
    let mut lines = compared("startup-init", &ours, &peers, start);
    lines.extend(compared("startup-finish", &ours, &peers, finish));
    Ok(lines)
}

fn compared(
    workload: &str,
    ours: &[Ends],
    peers: &[Vec<Ends>],
    take: fn(&Ends) -> f64,
) -> Vec<Line> {
    let ours_median = median(ours.iter().map(take));
    let line = |(peer, theirs): (&Name, &Vec<Ends>)| {
        let peer_median = median(theirs.iter().map(take));
        Line {
            bench: "startup",
            workload: workload.to_owned(),
            ours: Name::OBS.label(),
            peer: Some(peer.label()),
            ours_median,
            peer_median,
            unit: "ms",
            ratio: ratio(peer_median, ours_median),
            lost: ours.iter().map(|it| it.lost).sum(),
            ..Line::default()
        }
    };
    PEERS.iter().zip(peers).map(line).collect()
}
