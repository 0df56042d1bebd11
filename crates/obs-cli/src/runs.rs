//! `obs runs`: what ran, when, and how it ended.
use crate::catalog::{Catalog, Listed};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::options::RunsOptions;
use crate::output::Output;
use crate::paint::Paint;
use crate::select;
use crate::state::{self, State};
use crate::table::{Column, Table};
use crate::{failures, like};
use obs_core::time::human_duration;
use obs_core::{Settings, UnixNanos};
use obs_recorder::{EndKind, Fingerprint, Recurrence, Summary};
use serde::Serialize;
use std::path::{Path, PathBuf};

const HEADS: [(&str, Column); 9] = [
    ("STARTED", Column::Left),
    ("SERVICE", Column::Flexible),
    ("OUTCOME", Column::Flexible),
    ("DURATION", Column::Right),
    ("RECORDS", Column::Right),
    ("ERRORS", Column::Right),
    ("LOST", Column::Right),
    ("LIKE", Column::Left),
    ("RUN", Column::Left),
];

pub(crate) fn run(options: &RunsOptions, settings: &Settings, output: &mut Output) -> Result<Exit> {
    let mut catalog = Catalog::read(settings, output)?;
    if options.failures {
        return failures::run(options, &catalog, output);
    }
    let like = match &options.like {
        Some(word) => Some(like::fingerprint(word, &catalog, settings, output)?),
        None => None,
    };
    if let Some(service) = &options.service {
        let all = std::mem::take(&mut catalog.runs);
        let (own, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|run| select::is_of_service(run, service));
        if own.is_empty() && !others.is_empty() {
            catalog.runs = others;
            return Err(select::unknown(&catalog, service));
        }
        catalog.runs = own;
    }
    if catalog.runs.is_empty() {
        return Err(select::none(&catalog));
    }
    if let Some(like) = like {
        only_like(like, &mut catalog)?;
    }
    let shown = catalog.runs.iter().take(options.count.unwrap_or(usize::MAX));
    let now = state::now();
    let rows = shown.map(|run| (run, State::of(&run.path)));
    if options.json {
        rows.into_iter().try_for_each(|(run, state)| output.json(&Row::new(run, &state, now)))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&HEADS);
    rows.into_iter().for_each(|(run, state)| add(&mut table, &catalog, run, &state, now));
    output.bytes(table.render(output.colors(), output.columns()).as_bytes())?;
    Ok(Exit::Done)
}

/// Keeps the runs that failed in this way.
fn only_like(like: Fingerprint, catalog: &mut Catalog) -> Result<()> {
    catalog.runs.retain(|run| like::of_run(run) == Some(like));
    if !catalog.runs.is_empty() {
        return Ok(());
    }
    let message = format!("no run is left of those that failed like {}", like.short());
    Err(Failure::new(Exit::NoRun, message).hint("`obs runs --failures` counts them all"))
}

/// A line of JSON. What is not known is left out.
#[derive(Debug, Serialize)]
struct Row<'a> {
    run_id: String,
    #[serde(flatten)]
    known: Option<Known<'a>>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(flatten)]
    counts: Option<Counts<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ns: Option<u64>,
    directory: &'a Path,
}

/// What is known of every run.
#[derive(Debug, Serialize)]
struct Known<'a> {
    service: &'a str,
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_run_id: Option<&'a str>,
    started_at: &'a str,
}

/// What is known of a run that has ended.
#[derive(Debug, Serialize)]
struct Counts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<&'a str>,
    end: &'a obs_recorder::End,
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<&'a Recurrence>,
    /// The bundle that was made without being asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<PathBuf>,
    records: u64,
    errors: u64,
    lost: u64,
    pending: u64,
    open_spans: u64,
}

impl<'a> Row<'a> {
    fn new(run: &'a Listed, state: &'a State, now: UnixNanos) -> Self {
        let known = state.summary().map(|summary| Known {
            service: &summary.service,
            pid: summary.pid,
            parent_run_id: summary.parent_run_id.as_deref(),
            started_at: &summary.started_at,
        });
        let problem = match state {
            State::Unknown(error) => Some(format!("cannot read run.json: {error}")),
            _ => None,
        };
        Self {
            run_id: run.id.to_string(),
            known,
            state: state.as_str(),
            problem,
            counts: counts(run, state),
            duration_ns: state::duration_ns(state, now),
            directory: &run.path,
        }
    }
}

fn counts<'a>(run: &Listed, state: &'a State) -> Option<Counts<'a>> {
    let State::Ended(summary) = state else { return None };
    let root = run.path.parent()?;
    Some(Counts {
        ended_at: summary.ended_at.as_deref(),
        end: summary.end.as_ref()?,
        recurrence: summary.recurrence.as_ref(),
        bundle: obs::automatic_bundle(root, run.id),
        records: summary.records,
        errors: summary.errors,
        lost: state::lost(summary),
        pending: state::pending(summary),
        open_spans: summary.open_spans,
    })
}

/// Adds the run's row.
fn add(table: &mut Table, catalog: &Catalog, run: &Listed, state: &State, now: UnixNanos) {
    let summary = state.summary();
    let started = match summary.and_then(|summary| summary.started_at.parse::<UnixNanos>().ok()) {
        Some(time) => to_the_second(time),
        None => "-".to_owned(),
    };
    let service = select::service_of(run).unwrap_or_else(|| "-".to_owned());
    let duration = state::duration_ns(state, now).map_or_else(|| "-".to_owned(), human_duration);
    let counts = counts(run, state);
    let count = |count: fn(&Counts<'_>) -> u64| {
        counts.as_ref().map_or_else(|| "-".to_owned(), |counts| count(counts).to_string())
    };
    let bad_if_any = |count: fn(&Counts<'_>) -> u64| match counts.as_ref().map(count) {
        None | Some(0) => Paint::Plain,
        Some(_) => Paint::Bad,
    };
    let (mut outcome, paint) = outcome(state);
    if counts.as_ref().is_some_and(|counts| counts.bundle.is_some()) {
        outcome.push_str(", bundled");
    }
    let like = counts.as_ref().and_then(|counts| counts.end.fingerprint);
    let like = like.map_or_else(|| "-".to_owned(), |like| like.short());
    table.row([
        (&started, Paint::Plain),
        (&service, Paint::Plain),
        (&outcome, paint),
        (&duration, Paint::Plain),
        (&count(|counts| counts.records), Paint::Plain),
        (&count(|counts| counts.errors), bad_if_any(|counts| counts.errors)),
        (&count(|counts| counts.lost), bad_if_any(|counts| counts.lost)),
        (&like, Paint::Plain),
        (&catalog.short_id(run), Paint::Dim),
    ]);
}

/// `2026-11-22 09:58:03Z`.
pub(crate) fn to_the_second(time: UnixNanos) -> String {
    let text = time.to_string();
    format!("{} {}Z", &text[..10], &text[11..19])
}

/// How the run ended, in a few words.
fn outcome(state: &State) -> (String, Paint) {
    match state {
        State::Alive(_) => ("alive".to_owned(), Paint::Alive),
        State::Dead(_) => ("not recovered yet".to_owned(), Paint::Doubtful),
        State::Unknown(error) => (format!("run.json: {error}"), Paint::Doubtful),
        State::Ended(summary) => ended(summary),
    }
}

fn ended(summary: &Summary) -> (String, Paint) {
    let Some(end) = &summary.end else { return ("-".to_owned(), Paint::Plain) };
    let (words, paint) = match end.kind {
        EndKind::Finished => (words(end.kind), Paint::Good),
        EndKind::Exited => (words(end.kind), Paint::Doubtful),
        // `killed by SIGSEGV at address 0x10 in thread 7`: what comes first says most.
        EndKind::Signal => (end.detail.split(" in thread").next().unwrap_or("killed"), Paint::Bad),
        kind => (words(kind), Paint::Bad),
    };
    match state::pending(summary) {
        0 => (words.to_owned(), paint),
        pending => (format!("{words}, {pending} pending"), Paint::Doubtful),
    }
}

/// The words for an end.
pub(crate) fn words(kind: EndKind) -> &'static str {
    match kind {
        EndKind::OutOfMemory => "out of memory",
        EndKind::MachineGone => "machine gone",
        other => other.as_str(),
    }
}
