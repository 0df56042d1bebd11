//! The benches: which work, beside whom.
use crate::child::{Measured, Plan, measure};
use crate::line::{Line, write_head};
use crate::sample::Samples;
use crate::system::Name;
use crate::work::Work;
use anyhow::bail;
use std::io::Write;
use std::time::Duration;

/// A bench: one kind of work, and the peers that are asked for it in turn with ours.
#[derive(Debug, Clone, Copy)]
struct Bench {
    name: &'static str,
    work: Work,
    peers: &'static [Name],
    burst: u64,
    pause: Duration,
}

const PAUSE: Duration = Duration::from_millis(3);

const BENCHES: &[Bench] = &[
    Bench {
        name: "event",
        work: Work::Event,
        peers: &[Name::TracingJson, Name::SlogAsync],
        burst: 256,
        pause: PAUSE,
    },
    Bench {
        name: "event",
        work: Work::EventStr,
        peers: &[Name::TracingJson, Name::SlogAsync],
        burst: 256,
        pause: PAUSE,
    },
    Bench {
        name: "event",
        work: Work::Disabled,
        peers: &[Name::TracingJson, Name::SlogAsync],
        burst: 1 << 20,
        pause: Duration::ZERO,
    },
    Bench {
        name: "span",
        work: Work::Span,
        peers: &[Name::TracingJson, Name::TracingOpentelemetry, Name::Fastrace],
        burst: 256,
        pause: PAUSE,
    },
];

/// How often each system is measured, in turn with the others.
const ROUNDS: u32 = 3;
const ROUNDS_FULL: u32 = 9;
const BURSTS: u32 = 200;

/// Runs the benches that `arguments` name, or all, and writes a line for each peer.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> anyhow::Result<()> {
    let (options, names): (Vec<_>, Vec<_>) =
        arguments.iter().map(String::as_str).partition(|argument| argument.starts_with("--"));
    if let Some(unknown) = options.iter().find(|option| !["--json", "--full"].contains(option)) {
        bail!("no option `{unknown}`; there are --json and --full");
    }
    let is_wanted =
        |bench: &Bench, name: &str| bench.name == name || bench.work.to_string() == name;
    if let Some(unknown) =
        names.iter().find(|name| !BENCHES.iter().any(|bench| is_wanted(bench, name)))
    {
        let mut known: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
        known.dedup();
        bail!("no bench `{unknown}`; there are {}", known.join(", "));
    }
    let is_json = options.contains(&"--json");
    let rounds = if options.contains(&"--full") { ROUNDS_FULL } else { ROUNDS };
    if !is_json {
        write_head(out)?;
    }
    for bench in BENCHES {
        if names.is_empty() || names.iter().any(|name| is_wanted(bench, name)) {
            for line in bench.lines(rounds)? {
                if is_json {
                    line.write_json(out)?
                } else {
                    line.write_row(out)?
                }
                out.flush()?;
            }
        }
    }
    Ok(())
}

impl Bench {
    /// Measures ours and every peer in turn, and compares.
    fn lines(&self, rounds: u32) -> anyhow::Result<Vec<Line>> {
        let (work, burst, pause) = (self.work, self.burst, self.pause);
        let bursts = if pause.is_zero() { BURSTS / 10 } else { BURSTS };
        let plan = Plan { work, bursts, burst, pause };
        let systems: Vec<Name> = [Name::Ours].iter().chain(self.peers).copied().collect();
        let mut measured: Vec<Vec<Measured>> = vec![Vec::new(); systems.len()];
        for _ in 0..rounds {
            for (system, measured) in systems.iter().zip(&mut measured) {
                measured.extend(measure(*system, &plan)?);
            }
        }
        let (ours, peers) = measured.split_at(1);
        let lines = self.peers.iter().zip(peers);
        Ok(lines.map(|(peer, theirs)| self.line(&ours[0], *peer, theirs)).collect())
    }

    fn line(&self, ours: &[Measured], peer: Name, theirs: &[Measured]) -> Line {
        let median = |of: &[Measured], take: fn(&Measured) -> f64| {
            Samples::new(of.iter().map(take).collect()).median()
        };
        let ours_median = median(ours, |it| it.ns);
        let peer_median = median(theirs, |it| it.ns);
        Line {
            bench: self.name,
            workload: self.work.to_string(),
            ours: "obs",
            peer: Some(peer.to_string()),
            ours_median,
            peer_median,
            unit: "ns",
            ratio: ours_median.zip(peer_median).map(|(ours, theirs)| theirs / ours),
            lost: ours.iter().map(|it| it.lost).sum(),
            cpu_ns_per_event: median(ours, |it| it.cpu_ns),
            threads: Some(1),
            ..Line::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        for (argument, error) in [
            ("--fast", "no option `--fast`; there are --json and --full"),
            ("evnet", "no bench `evnet`; there are event, span"),
        ] {
            let mut out = Vec::new();
            let said = run(&[argument.to_owned()], &mut out).unwrap_err().to_string();
            assert_eq!(said, error);
            assert!(out.is_empty());
        }
    }
}
