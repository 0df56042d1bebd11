//! `obs sql import`: runs and bundles into the database.
use super::options::ImportOptions;
use super::wanted;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{self, Output};
use crate::{catalog, seal, select, send, view};
use obs::Patience;
use obs_core::io::Disk;
use obs_core::settings::otel::Destinations;
use obs_core::{Settings, SinkDelivery};
use obs_recorder::journal::{Fill, Reader};
use obs_recorder::layout::RunDirectory;
use obs_recorder::recover::run_id_of;
use obs_recorder::{Limits, Runner, Step, Summary, steady_ns};
use obs_sql_sink::{NAME, SqlSink};
use serde::Serialize;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What became of a run's records.
#[derive(Debug, Serialize)]
struct Imported {
    what: String,
    run_id: String,
    #[serde(flatten)]
    delivery: SinkDelivery,
}

pub(crate) fn run(
    options: &ImportOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    wanted(settings)?;
    // Nothing else is sent, whatever the environment says.
    let mut settings = settings.clone();
    let nowhere = Some(Destinations::default());
    (settings.otel.traces_exporter, settings.otel.logs_exporter) = (nowhere, nowhere);
    let (mut done, mut failed) = (0, 0);
    for what in &options.what {
        let path = Path::new(what);
        let outcome = match path.is_file() {
            true => of_bundle(path, options, &settings),
            false => of_run(what, options, &settings, output),
        };
        match outcome {
            Ok(imported) => {
                let is_whole = imported.delivery.is_complete();
                (done, failed) = (done + u32::from(is_whole), failed + u32::from(!is_whole));
                tell(&imported, options.json, output)?;
            }
            Err(failure) if options.what.len() == 1 => return Err(failure),
            Err(failure) => {
                failed += 1;
                output.note(&format!("{what}: {}", failure.message()))?;
            }
        }
    }
    Ok(match (done, failed) {
        (_, 0) => Exit::Done,
        (0, _) => Exit::Failed,
        _ => Exit::InPart,
    })
}

fn tell(imported: &Imported, is_json: bool, output: &mut Output) -> Result<()> {
    if is_json {
        return output.json(imported);
    }
    let SinkDelivery { delivered, lost, pending, error, .. } = &imported.delivery;
    let why = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    let line = format!(
        "{}  {delivered} records are there, {lost} lost, {pending} pending{why}\n",
        imported.run_id
    );
    output.bytes(
        &obs_core::escape::terminal(line.trim_end()).bytes().chain([b'\n']).collect::<Vec<_>>(),
    )
}

fn of_run(
    word: &str,
    options: &ImportOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Imported> {
    let path = select::run(Some(word), settings, output)?;
    catalog::check_owner(&path)?;
    let limit = options.patience;
    let patience = Patience::new(limit).telling(move |_, error| {
        output::say(&format!("{error}; tried for {limit:?} (--patience)"));
    });
    let sent = obs::send(&path, settings, patience).map_err(|error| send::refused(&path, error))?;
    let mut sinks = sent.delivery.sinks.into_iter();
    let delivery = sinks.find(|sink| sink.name == NAME).unwrap_or_default();
    Ok(Imported { what: path.display().to_string(), run_id: sent.run_id.to_string(), delivery })
}

fn of_bundle(zip: &Path, options: &ImportOptions, settings: &Settings) -> Result<Imported> {
    let cannot =
        |why: &dyn std::fmt::Display| Failure::cannot(format!("import \"{}\"", zip.display()), why);
    let mut bundle = seal::reader(zip, options.identity.as_deref())?;
    let (manifest, _) = view::whole(&mut bundle, zip)?;
    let unpacked = tempfile::tempdir().map_err(|error| cannot(&error))?;
    let directory = RunDirectory::new(unpacked.path());
    let (journal, mut segments) = (directory.journal(), 0);
    fs::create_dir(&journal).map_err(|error| cannot(&error))?;
    let paths: Vec<String> = bundle.paths().map(str::to_owned).collect();
    for path in &paths {
        let to = match (path.as_str(), path.strip_prefix("journal/")) {
            ("run/run.json", _) => unpacked.path().join("run.json"),
            (_, Some(segment)) => {
                segments += 1;
                journal.join(segment)
            }
            _ => continue,
        };
        let mut file = fs::File::create_new(&to).map_err(|error| cannot(&error))?;
        bundle
            .read(path, &mut |piece| file.write_all(piece))
            .map_err(|error| view::failed(&error))?;
    }
    if segments == 0 {
        let hint = "a bundle has the journal unless it was made with --no-journal";
        return Err(cannot(&"it has no journal").hint(hint));
    }
    let run_id = run_id_of(&Disk::new(), &directory)
        .or_else(|| manifest.run.as_ref().and_then(|run| run.id.parse().ok()))
        .ok_or_else(|| cannot(&"it does not say of which run it is"))?;
    let mut wanted = wanted(settings)?;
    let name = zip.file_name().unwrap_or_default().to_string_lossy();
    wanted.rejected = Some(zip.with_file_name(format!("{name}.rejected.jsonl")));
    let resource = Summary::load(&Disk::new(), unpacked.path()).map(|run| run.source());
    let sink = SqlSink::new(wanted, run_id, resource.unwrap_or_default());
    let reader = || Reader::new(Arc::new(Disk::new()), Some(journal.clone()), run_id, None);
    let last_seq = last_seq(reader()).map_err(|error| cannot(&error))?;
    let delivery = drive(sink, (reader(), last_seq), run_id, options.patience);
    Ok(Imported { what: zip.display().to_string(), run_id: run_id.to_string(), delivery })
}

/// Gives a sink all that a reader has; one that fails is tried for so long.
fn drive(
    sink: SqlSink,
    (reader, last_seq): (Reader, u64),
    run_id: obs_core::RunId,
    patience: Duration,
) -> SinkDelivery {
    let all = Limits { staged: u64::MAX, synced: u64::MAX };
    let mut runner = Runner::new(Box::new(sink), reader, Arc::new(Disk::new()), None, run_id);
    let state = runner.state();
    let patience_ns = u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX);
    let mut deadline_ns = steady_ns().saturating_add(patience_ns);
    loop {
        let wait_until_ns = match runner.step(all, steady_ns()) {
            Step::Progress => {
                deadline_ns = steady_ns().saturating_add(patience_ns);
                continue;
            }
            Step::Idle if runner.settle(all).is_ok() => break,
            Step::WaitUntil(until_ns) => until_ns,
            _ => steady_ns() + AGAIN_NS,
        };
        if steady_ns() >= deadline_ns {
            break;
        }
        let wait_ns = wait_until_ns.min(deadline_ns).saturating_sub(steady_ns());
        std::thread::sleep(Duration::from_nanos(wait_ns));
    }
    state.delivery(last_seq, 0)
}

/// A database that takes rows and cannot make them durable is asked again after this time.
const AGAIN_NS: u64 = 100_000_000;

/// The number of the last record that a journal has.
fn last_seq(mut reader: Reader) -> std::io::Result<u64> {
    while reader.fill(u64::MAX)? == Fill::Some {
        while reader.next().is_some() {}
    }
    Ok(reader.last_seq())
}
