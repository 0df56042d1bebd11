//! A load, and what became of it.
use crate::load::{self, Answered};
use crate::options::LoadOptions;
use crate::processes::{Pair, say};
use crate::store::{Status, Store};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

pub(crate) async fn run(load: &LoadOptions) -> anyhow::Result<ExitCode> {
    let directory = tempfile::tempdir()?;
    let pair = Pair::start(directory.path(), &[]).await?;
    let answered = load::send(&pair.service.address, load.requests, load.at_once).await?;
    let runs = pair.end().await?;
    let jobs = Store::open(&directory.path().join("jobs.sqlite")).await?.jobs().await?;
    let mut counts = BTreeMap::new();
    for job in &jobs {
        *counts.entry(job.status.as_str()).or_insert(0) += 1;
    }
    for line in tell(&answered) {
        say(&line)?;
    }
    for (status, count) in counts {
        say(&format!("{count:>6} jobs {status}"))?;
    }
    for run in runs {
        say(&format!("see {run}"))?;
    }
    let is_over = jobs.iter().all(|job: &crate::store::Job| Status::is_over(job.status));
    Ok(if is_over { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(answered: &[Answered]) -> Vec<String> {
    let mut statuses = BTreeMap::new();
    for answer in answered {
        *statuses.entry(answer.status).or_insert(0) += 1;
    }
    let counts = statuses.iter().map(|(status, count)| format!("{count:>6} answers {status}"));
    let mut times: Vec<Duration> = answered.iter().map(|answer| answer.took).collect();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    let times = format!("   half within {:?}, 99 of 100 within {:?}", at(50), at(99));
    counts.chain([times]).collect()
}
