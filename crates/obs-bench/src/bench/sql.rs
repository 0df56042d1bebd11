//! Rows into databases, from a journal and by hand; and how long others wait while old ones are removed.
mod by_hand;
mod cleanup;
mod target;

use crate::child::records::Records;
use crate::clock;
use crate::line::{Line, ratio};
use crate::place::Place;
use crate::process;
use crate::sample::median;
use crate::scale::Scale;
use by_hand::Rows;
use obs_core::RunId;
use obs_core::io::Disk;
use obs_recorder::journal::Reader;
use obs_recorder::layout::RunDirectory;
use obs_recorder::recover::run_id_of;
use obs_recorder::{Limits, Runner, Step, steady_ns};
use obs_sql_sink::{Database, SqlOptions, SqlSink};
use std::path::Path;
use std::sync::Arc;
use target::Target;

const PEER: &str = "by hand";

/// Rows a second: of a run's journal through the sink, and the same rows by hand.
pub(super) fn inserts(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let place = Place::Disk.directory()?;
    let root = place.path().join("runs");
    let spans = scale.of(50, 25_000, 50_000);
    let run = process::ask(&Records { spans, root }, Place::Temporary)?;
    let run_id = run_id_of(&Disk::new(), &RunDirectory::new(&run));
    let run_id = run_id.ok_or_else(|| anyhow::anyhow!("{} is no run", run.display()))?;
    let mut lines = Vec::new();
    for mut target in Target::all(place.path())? {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        // The first round warms up, and brings the rows that are then inserted by hand.
        let options = target.fresh()?;
        from_journal(&run, run_id, options.clone())?;
        let rows = Rows::read(&options.url)?;
        for _ in 0..scale.rounds() {
            let options = target.fresh()?;
            let begun = clock::now();
            from_journal(&run, run_id, options)?;
            ours.push(rows.count() as f64 / begun.elapsed().as_secs_f64());
            let options = target.fresh()?;
            Database::create(&options.url)?.migrate(&options)?;
            let begun = clock::now();
            rows.insert(&options.url)?;
            theirs.push(rows.count() as f64 / begun.elapsed().as_secs_f64());
        }
        let (ours_median, peer_median) = (median(ours), median(theirs));
        lines.push(Line {
            workload: format!("sql-{}", target.name()),
            peer: Some(PEER.to_owned()),
            ours_median,
            peer_median,
            ratio: ratio(ours_median, peer_median),
            unit: "rows/s",
            ..line()
        });
    }
    Ok(lines)
}

/// How long somebody else who writes waits at most while old rows are removed, in milliseconds.
pub(super) fn cleanups(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let place = Place::Disk.directory()?;
    let rows = scale.of(2_000, 200_000, 10_000_000);
    let mut lines = Vec::new();
    for mut target in Target::all(place.path())? {
        let options = target.fresh()?;
        let longest_ms = cleanup::longest_wait_ms(&options, rows)?;
        lines.push(Line {
            workload: format!("sql-cleanup-{}", target.name()),
            ours_median: Some(longest_ms),
            unit: "ms",
            ..line()
        });
    }
    Ok(lines)
}

fn line() -> Line {
    Line { bench: "sql", ours: "obs".to_owned(), threads: Some(1), ..Line::default() }
}

fn from_journal(run: &Path, run_id: RunId, options: SqlOptions) -> anyhow::Result<()> {
    let io = Arc::new(Disk::new());
    let reader = Reader::new(io.clone(), Some(RunDirectory::new(run).journal()), run_id, None);
    let sink = SqlSink::new(options, run_id, Default::default());
    let mut runner = Runner::new(Box::new(sink), reader, io, None, run_id);
    let all = Limits { staged: u64::MAX, synced: u64::MAX };
    loop {
        match runner.step(all, steady_ns()) {
            Step::Progress => {}
            Step::Idle => break,
            _ => anyhow::bail!("{:?}", runner.state().delivery(0, 0).error),
        }
    }
    runner.settle(all)?;
    Ok(())
}
