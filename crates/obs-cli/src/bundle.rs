//! `obs bundle`: a run in one file.
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::options::WriteOptions;
use crate::otlp::{OtlpCollector, Wanted};
use crate::output::Output;
use crate::paint::Paint;
use crate::seal;
use crate::select;
use crate::signals;
use crate::size;
use crate::state::State;
use crate::table::{Column, Table};
use obs_bundle::{Bundle, BundleError, BundleErrorKind, Options, State as Wholeness, Status};
use obs_core::time::human_duration;
use obs_core::{Level, Settings};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// What is added to the niceness of the process.
const LESS_URGENT: i32 = 10;
/// What is said when a bundle is asked to end.
pub(crate) const SAID: &str = "ending with what is there; once more, and nothing is written";

pub(crate) fn run(
    options: &WriteOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    let path = select::run(options.run.as_deref(), settings, output)?;
    tell_what_is_missing(&path, output)?;
    let wanted = options_of(options, settings, &path)?;
    give_way(output)?;
    signals::listen(wanted.cancel.clone(), SAID)?;
    let bundle = obs_bundle::write(&path, &wanted).map_err(|error| failed(&error))?;
    bundle.notes.iter().try_for_each(|note| output.note(note))?;
    let written = Written::new(&bundle);
    if options.json {
        output.json(&written)?;
    } else {
        let text = written.text(output);
        output.bytes(text.as_bytes())?;
    }
    Ok(if written.is_whole() { Exit::Done } else { Exit::InPart })
}

/// Lets other processes go first, those that are bundled above all: making a bundle takes all that a core has.
pub(crate) fn give_way(output: &mut Output) -> Result<()> {
    match rustix::process::nice(LESS_URGENT) {
        Ok(_) => Ok(()),
        Err(error) => output.note(&format!("cannot lower the priority: {error}")),
    }
}

pub(crate) fn options_of(
    options: &WriteOptions,
    settings: &Settings,
    path: &Path,
) -> Result<Options> {
    let mut wanted = Options::default();
    wanted.rules.clone_from(&settings.redact);
    wanted.output.clone_from(&options.output);
    wanted.include_journal = !options.no_journal;
    wanted.include_binary = options.include_binary;
    if let Some(bytes) = options.artifacts_max {
        (wanted.artifact_bytes_max, wanted.artifacts_bytes_max) = (bytes, bytes);
    }
    if let Some(timeout) = options.timeout {
        wanted.collector_timeout = timeout;
    }
    (wanted.window.from, wanted.window.until) = options.time.bounds()?;
    wanted.bytes_max = options.max_size;
    wanted.include.clone_from(&options.include);
    wanted.exclude.clone_from(&options.exclude);
    wanted.collectors.push(Arc::new(OtlpCollector {
        path: path.to_owned(),
        wanted: Wanted { level: Level::Trace, time: options.time.range()? },
    }));
    seal::apply(&options.seal, &mut wanted)?;
    Ok(wanted)
}

pub(crate) fn tell_what_is_missing(path: &Path, output: &mut Output) -> Result<()> {
    let shown = path.display();
    match State::of(path) {
        State::Dead(_) => output.note(&format!(
            "the run died and was not recovered: run `obs recover \"{shown}\"` first, and the bundle has what its \
             rings hold, too"
        )),
        State::Alive(_) => output.note("the run is alive: the bundle has what is on the disk by now"),
        State::Ended(_) | State::Unknown(_) => Ok(()),
    }
}

pub(crate) fn failed(error: &BundleError) -> Failure {
    match error.kind() {
        BundleErrorKind::Run => Failure::new(Exit::NoRun, error.to_string()),
        BundleErrorKind::Pattern => Failure::usage(error),
        BundleErrorKind::Canceled => {
            Failure::new(Exit::Ended, format!("no bundle was written: {error}"))
        }
        _ => Failure::new(Exit::Failed, format!("no bundle was written: {error}")),
    }
}

/// A bundle that was written.
#[derive(Debug, Serialize)]
struct Written<'a> {
    path: &'a Path,
    bytes: u64,
    id: &'a str,
    state: Wholeness,
    files: usize,
    collectors: Vec<Part<'a>>,
}

/// What came of one collector.
#[derive(Debug, Serialize)]
struct Part<'a> {
    name: &'a str,
    status: Status,
    files: usize,
    bytes: u64,
    duration_ns: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [String],
}

impl<'a> Written<'a> {
    fn new(bundle: &'a Bundle) -> Self {
        let manifest = &bundle.manifest;
        let parts = manifest.collectors.iter().zip(&bundle.collected);
        let collectors = parts.map(|(part, collected)| {
            let own = manifest.files.iter().filter(|file| part.files.contains(&file.path));
            Part {
                name: &part.name,
                status: part.status,
                files: part.files.len(),
                bytes: own.map(|file| file.size).sum(),
                duration_ns: u64::try_from(collected.duration.as_nanos()).unwrap_or(u64::MAX),
                errors: &part.errors,
            }
        });
        Self {
            path: &bundle.path,
            bytes: bundle.size,
            id: &manifest.bundle.id,
            state: manifest.bundle.state,
            files: manifest.files.len(),
            collectors: collectors.collect(),
        }
    }

    fn is_whole(&self) -> bool {
        self.state == Wholeness::Complete
    }

    fn text(&self, output: &Output) -> String {
        let (colors, mut out) = (output.colors(), String::new());
        colors.paint(&mut out, Paint::Bold, &self.path.display().to_string());
        let (size, files) = (size::human(self.bytes), self.files);
        let (state, paint) = match self.is_whole() {
            true => ("complete", Paint::Good),
            false => ("in part", Paint::Doubtful),
        };
        out.push_str(&format!("  {size}, {files} files, "));
        colors.paint(&mut out, paint, state);
        out.push('\n');
        out.push_str(&self.table().render(colors, output.columns()));
        for part in &self.collectors {
            for error in part.errors {
                colors.paint(&mut out, Paint::Plain, &format!("{}: {error}", part.name));
                out.push('\n');
            }
        }
        out
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&[
            ("COLLECTOR", Column::Flexible),
            ("STATUS", Column::Left),
            ("FILES", Column::Right),
            ("SIZE", Column::Right),
            ("TIME", Column::Right),
        ]);
        for part in &self.collectors {
            let paint = match part.status {
                Status::Ok => Paint::Good,
                Status::Skipped => Paint::Dim,
                _ => Paint::Doubtful,
            };
            table.row([
                (part.name, Paint::Plain),
                (part.status.as_str(), paint),
                (&part.files.to_string(), Paint::Plain),
                (&size::human(part.bytes), Paint::Plain),
                (&human_duration(part.duration_ns), Paint::Plain),
            ]);
        }
        table
    }
}
