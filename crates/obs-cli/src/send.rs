//! `obs send`: what receivers have not got of a run.
use crate::catalog;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::options::SendOptions;
use crate::output::{self, Output};
use crate::select;
use obs::{Patience, RecoverError, SendError};
use obs_core::settings::otel::{Destinations, Endpoint};
use obs_core::{Delivery, Settings, SinkDelivery};
use obs_recorder::layout::RunDirectory;
use serde::Serialize;
use std::path::Path;

/// What became of the records.
#[derive(Debug, Serialize)]
struct Sent<'a> {
    run_id: String,
    records: u64,
    sinks: &'a [SinkDelivery],
}

pub(crate) fn run(options: &SendOptions, settings: &Settings, output: &mut Output) -> Result<Exit> {
    let path = select::run(options.run.as_deref(), settings, output)?;
    catalog::check_owner(&path)?;
    let settings = settings_of(options, settings)?;
    if options.again {
        forget(&path)?;
    }
    let limit = options.patience;
    let patience = Patience::new(options.patience).telling(move |name, error| {
        output::say(&format!("{name}: {error}; tried for {limit:?} (--patience)"));
    });
    let sent = obs::send(&path, &settings, patience).map_err(|error| refused(&path, error))?;
    let sinks = of_receivers(&sent.delivery);
    if options.json {
        let run_id = sent.run_id.to_string();
        output.json(&Sent { run_id, records: sent.delivery.emitted, sinks: &sinks })?;
    } else {
        for sink in &sinks {
            output.bytes(line(sink).as_bytes())?;
        }
    }
    let (mut all, mut any) = (true, false);
    for sink in &sinks {
        all &= sink.is_complete();
        any |= sink.delivered > 0;
    }
    Ok(match (all, any) {
        (true, _) => Exit::Done,
        (false, true) => Exit::InPart,
        (false, false) => Exit::Failed,
    })
}

fn line(sink: &SinkDelivery) -> String {
    let SinkDelivery { name, delivered, lost, pending, error, .. } = sink;
    let why = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    format!("{name}  {delivered} delivered, {lost} lost, {pending} pending{why}\n")
}

/// The shares of the sinks that send.
fn of_receivers(delivery: &Delivery) -> Vec<SinkDelivery> {
    let sinks = delivery.sinks.iter().filter(|sink| obs::is_sending(&sink.name));
    sinks.cloned().collect()
}

/// The settings, with what the command line says of the receiver.
fn settings_of(options: &SendOptions, settings: &Settings) -> Result<Settings> {
    let mut settings = settings.clone();
    let otel = &mut settings.otel;
    if let Some(endpoint) = &options.endpoint {
        let endpoint: Endpoint = endpoint.parse().map_err(|error| {
            Failure::new(Exit::Usage, format!("cannot send to \"{endpoint}\": {error}"))
        })?;
        otel.otlp.endpoint = Some(endpoint);
        (otel.otlp_traces.endpoint, otel.otlp_logs.endpoint) = (None, None);
        (otel.traces_exporter, otel.logs_exporter) =
            (Some(Destinations::otlp()), Some(Destinations::otlp()));
    }
    if let Some(protocol) = options.protocol {
        otel.otlp.protocol = Some(protocol);
        (otel.otlp_traces.protocol, otel.otlp_logs.protocol) = (None, None);
    }
    Ok(settings)
}

/// Lets receivers begin anew.
fn forget(path: &Path) -> Result<()> {
    let cursors = RunDirectory::new(path).cursors();
    let cannot = |what: &str, path: &Path, error: std::io::Error| {
        Failure::cannot(format!("{what} \"{}\"", path.display()), error)
    };
    let entries = match std::fs::read_dir(&cursors) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(cannot("read", &cursors, error)),
    };
    for entry in entries {
        let entry = entry.map_err(|error| cannot("read", &cursors, error))?;
        let name = entry.file_name();
        if name.to_string_lossy().strip_suffix(".cursor").is_some_and(obs::is_sending) {
            std::fs::remove_file(entry.path())
                .map_err(|error| cannot("remove", &entry.path(), error))?;
        }
    }
    Ok(())
}

pub(crate) fn refused(path: &Path, error: SendError) -> Failure {
    let message = format!("cannot send \"{}\": {error}", path.display());
    match error {
        SendError::Settings(_) => Failure::new(Exit::Failed, message)
            .hint("`--endpoint http://localhost:4318` names a receiver, and docs/otel.md the rest"),
        SendError::Run(RecoverError::Busy) => {
            Failure::new(Exit::Alive, message).hint("a run that is alive sends by itself")
        }
        SendError::Run(RecoverError::NoRun(_)) => Failure::new(Exit::NoRun, message),
        _ => Failure::new(Exit::Failed, message),
    }
}
