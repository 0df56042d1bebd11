//! `obs export`: a run's records as files for other tools.
use crate::catalog;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::journal::Journal;
use crate::logs;
use crate::options::{ExportFormat, ExportOptions};
use crate::otlp::{self, Wanted};
use crate::output::Output;
use crate::select;
use crate::size;
use obs_core::io::Disk;
use obs_core::redact::{JsonLines, Redactor};
use obs_core::{Level, Settings};
use obs_recorder::key_of;
use obs_recorder::layout::RunDirectory;
use obs_report::{FILE_BYTES_MAX, OtlpFile};
use serde::Serialize;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What was written.
#[derive(Debug, Serialize)]
struct Exported {
    run_id: String,
    files: Vec<Written>,
}

#[derive(Debug, Serialize)]
struct Written {
    path: PathBuf,
    records: u64,
    bytes: usize,
}

pub(crate) fn run(
    options: &ExportOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    let path = select::run(options.run.as_deref(), settings, output)?;
    catalog::check_owner(&path)?;
    let journal = Journal::open(&path)?;
    logs::tell_what_is_missing(&journal, &path, output)?;
    let ExportFormat::OtlpJson = options.format;
    let wanted =
        Wanted { level: options.level.unwrap_or(Level::Trace), time: options.time.range()? };
    let directory = options.output.clone().unwrap_or_else(|| PathBuf::from("."));
    make(&directory.join("otlp"))?;
    let mut redactor = Redactor::with_rules(settings.redact.clone());
    if let Some(key) = key_of(&Disk::new(), &RunDirectory::new(&path)) {
        redactor = redactor.with_key(key);
    }
    let mut lines = JsonLines::new(&redactor);
    let mut exported = Exported { run_id: journal.run_id().to_string(), files: Vec::new() };
    let mut put = |name: String, file: OtlpFile| {
        let path = directory.join(name);
        let json = lines.redact(&file.json);
        write(&path, json.as_bytes())?;
        exported.files.push(Written { path, records: file.records, bytes: json.len() });
        Ok(())
    };
    otlp::files(&journal, (&path, None), &wanted, &mut put)?;
    tell(&exported, options.json, output)?;
    Ok(Exit::Done)
}

fn make(directory: &Path) -> Result<()> {
    let cannot = |error| Failure::cannot(format!("make \"{}\"", directory.display()), error);
    fs::create_dir_all(directory).map_err(cannot)?;
    let mut entries = fs::read_dir(directory).map_err(cannot)?;
    match entries.next() {
        None => Ok(()),
        Some(_) => {
            let message = format!("\"{}\" is not empty: nothing is written", directory.display());
            Err(Failure::new(Exit::Failed, message).hint("`--output DIR` names another place"))
        }
    }
}

/// Writes a file that only its owner can read, as the run's own.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    let written = opened.and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| {
        let failure = Failure::cannot(format!("write \"{}\"", path.display()), &error);
        match error.kind() {
            ErrorKind::StorageFull => failure.hint("what is there by now is whole, but not all"),
            _ => failure,
        }
    })
}

fn tell(exported: &Exported, is_json: bool, output: &mut Output) -> Result<()> {
    if is_json {
        return output.json(exported);
    }
    if exported.files.is_empty() {
        output.note("the run has no such records")?;
    }
    for Written { path, records, bytes } in &exported.files {
        if *bytes > FILE_BYTES_MAX {
            output.note(&format!(
                "\"{}\" holds a record that is larger than usual",
                path.display()
            ))?;
        }
        let line =
            format!("{}  {records} records, {}\n", path.display(), size::human(*bytes as u64));
        output.bytes(line.as_bytes())?;
    }
    Ok(())
}
