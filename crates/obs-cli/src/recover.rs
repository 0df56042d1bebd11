//! `obs recover`: what a dead run left, made whole.
use crate::catalog::{self, Catalog};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::journal::{Journal, Reading};
use crate::options::RecoverOptions;
use crate::output::Output;
use crate::recovered::{Found, Report};
use crate::select;
use crate::spans::OpenSpan;
use crate::state::State;
use crate::tail::{self, Pick};
use obs_bundle::Cancel;
use obs_core::io::Disk;
use obs_core::record::{Fact, Record};
use obs_core::{Level, Settings, Value};
use obs_recorder::Summary;
use obs_recorder::recover::{RecoverError, Recovered};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

pub(crate) fn run(
    options: &RecoverOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    if let Some(word) = &options.run {
        let path = select::run(Some(word), settings, output)?;
        return one(&path, options, settings, output);
    }
    let dead = dead_runs(settings, output)?;
    if dead.is_empty() {
        output.note("there is nothing to recover")?;
        return Ok(Exit::Done);
    }
    if options.all {
        return all(&dead, options, settings, output);
    }
    one(&dead[0], options, settings, output)
}

/// The runs that want recovery, newest first.
fn dead_runs(settings: &Settings, output: &mut Output) -> Result<Vec<PathBuf>> {
    let runs = Catalog::read(settings, output)?.runs.into_iter().map(|run| run.path);
    Ok(runs.filter(|path| State::of(path).wants_recovery()).collect())
}

/// Recovers one after the other; one that cannot be does not stop the rest.
fn all(
    paths: &[PathBuf],
    options: &RecoverOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    let (mut done, mut failed) = (0, 0);
    let mut worst = Exit::Done;
    for path in paths {
        match one(path, options, settings, output) {
            Ok(Exit::Done) => done += 1,
            Ok(exit) => (done, worst) = (done + 1, exit),
            Err(Failure::ReaderGone) => return Err(Failure::ReaderGone),
            Err(failure) => {
                output.finish()?;
                output.say_failure(&failure);
                failed += 1;
            }
        }
    }
    Ok(match (done, failed) {
        (_, 0) => worst,
        (0, _) => Exit::Failed,
        _ => Exit::InPart,
    })
}

fn one(
    path: &Path,
    options: &RecoverOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    catalog::check_owner(path)?;
    let found = Found::look(path);
    let settings = settings_of(path, settings)?;
    let recovered = obs::recover(path, &settings).map_err(|error| refused(path, error))?;
    let after = obs::aftermath(path, &settings, &Cancel::default());
    let report = report(path, found, recovered)?.with_bundle(after.bundle);
    after.notes.iter().try_for_each(|note| output.note(note))?;
    if options.json {
        output.json(&report)?;
    } else {
        let text = report.text(output.colors());
        output.bytes(text.as_bytes())?;
    }
    Ok(if report.is_delivered() { Exit::Done } else { Exit::InPart })
}

fn refused(path: &Path, error: RecoverError) -> Failure {
    let message = format!("cannot recover \"{}\": {error}", path.display());
    match error {
        RecoverError::Busy => Failure::new(Exit::Alive, message)
            .hint(format!("`obs logs \"{}\"` shows a run that is alive", path.display())),
        RecoverError::NoRun(_) => Failure::new(Exit::NoRun, message),
        _ => Failure::new(Exit::Failed, message)
            .hint("what the run left is as it was; try again when the reason is gone"),
    }
}

/// The settings that the run's files were written with, as far as the record of its start tells.
fn settings_of(path: &Path, settings: &Settings) -> Result<Settings> {
    let mut start = Start { settings: settings.clone() };
    Journal::open(path)?.read(None, &mut start)?;
    Ok(start.settings)
}

struct Start {
    settings: Settings,
}

impl Reading for Start {
    fn take(&mut self, record: &Record<'_>) -> Result<ControlFlow<()>> {
        if let Fact::RunStart(fields) = &record.fact {
            let text = |name| match fields.value(name) {
                Some(Value::Text(text)) => Some(text.text),
                _ => None,
            };
            if let Some(level) = text("log_level").and_then(|level| level.parse::<Level>().ok()) {
                self.settings.log_level = level;
            }
            self.settings.log_file = text("files").is_none_or(|files| !files.starts_with("off"));
        }
        Ok(ControlFlow::Break(()))
    }
}

fn report(path: &Path, found: Found, recovered: Recovered) -> Result<Report> {
    let summary = Summary::load(&Disk::new(), path).map_err(|error| {
        Failure::cannot(format!("read run.json in \"{}\"", path.display()), error)
    })?;
    let count = usize::try_from(summary.open_spans).unwrap_or(usize::MAX);
    let spans = tail::last(&Journal::open(path)?, Unfinished, count)?;
    Ok(Report::new(path, summary, found, recovered, spans.into()))
}

/// The spans that a recovery has closed.
struct Unfinished;

impl Pick for Unfinished {
    type Picked = OpenSpan;

    fn pick(&mut self, record: &Record<'_>) -> Result<Option<OpenSpan>> {
        Ok(match &record.fact {
            Fact::SpanEnd(span) if span.is_unfinished => Some(OpenSpan::new(record, span)),
            _ => None,
        })
    }
}
