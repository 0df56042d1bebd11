//! From the command line to the command.
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::options::{BundleCommand, Command};
use crate::output::Output;
use crate::{
    bundle, doctor, export, list, logs, recover, redact, runs, send, sql, summary, tighten, verify,
    view,
};
use obs_core::Settings;
use obs_core::settings::Problem;

/// Does what the command line asks for.
pub(crate) fn run(command: &Command, settings: &Settings, output: &mut Output) -> Result<Exit> {
    if let Command::Doctor(options) = command {
        // What is wrong with the settings is part of what it finds.
        return doctor::run(options, settings, output);
    }
    settings.problems.iter().try_for_each(|problem| output.note(&problem.to_string()))?;
    if lets_text_out(command) && settings.problems.iter().any(is_of_redaction) {
        let why = "what is secret by the setting `redact` is not understood: nothing is written";
        return Err(Failure::new(Exit::Failed, why));
    }
    match command {
        Command::Runs(options) => runs::run(options, settings, output),
        Command::Logs(options) => logs::run(options, settings, output),
        Command::Recover(options) => recover::run(options, settings, output),
        Command::Bundle(options) => match &options.command {
            Some(BundleCommand::List(options)) => list::run(options, settings, output),
            Some(BundleCommand::Verify(options)) => verify::run(options, output),
            Some(BundleCommand::Redact(options)) => tighten::run(options, settings, output),
            Some(BundleCommand::View(options)) => view::run(options, output),
            Some(BundleCommand::Summary(options)) => summary::run(options, output),
            None => bundle::run(&options.bundle, settings, output),
        },
        Command::Redact(options) => redact::run(options, settings, output),
        Command::Send(options) => send::run(options, settings, output),
        Command::Sql(options) => sql::run(options, settings, output),
        Command::Export(options) => export::run(options, settings, output),
        Command::Doctor(options) => doctor::run(options, settings, output),
    }
}

/// Whether others are to read what the command writes.
fn lets_text_out(command: &Command) -> bool {
    match command {
        Command::Redact(_) | Command::Export(_) => true,
        Command::Bundle(options) => {
            matches!(
                options.command,
                None | Some(BundleCommand::List(_) | BundleCommand::Redact(_))
            )
        }
        _ => false,
    }
}

fn is_of_redaction(problem: &Problem) -> bool {
    problem.name == "redact" || problem.name.ends_with("_REDACT")
}
