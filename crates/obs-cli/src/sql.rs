//! `obs sql`: the database that records are kept in.
mod answer;
mod cleanup;
mod import;
mod migrate;
pub(crate) mod options;
mod question;

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Output;
use obs_core::Settings;
use obs_core::settings::{SqlUrl, SqlUrlError};
use obs_sql_sink::{Database, SqlError, SqlErrorKind, SqlOptions};
use options::{SqlCommand, SqlCommandOptions};

pub(crate) fn run(
    options: &SqlCommandOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    let mut settings = settings.clone();
    if let Some(url) = &options.url {
        // What is no address may be one with a password that has a typo, so it is not repeated.
        settings.sql = Some(url.parse().map_err(|error: SqlUrlError| {
            Failure::usage(format!("--url cannot be used: {error}"))
        })?);
    }
    match &options.command {
        SqlCommand::Migrate(options) => migrate::run(options, &settings, output),
        SqlCommand::Cleanup(options) => cleanup::run(options, &settings, output),
        SqlCommand::Import(options) => import::run(options, &settings, output),
        SqlCommand::Query(options) => question::run(options, &settings, output),
    }
}

/// The database, and what the settings say of it.
fn wanted(settings: &Settings) -> Result<SqlOptions> {
    SqlOptions::from_settings(settings).ok_or_else(|| {
        Failure::new(Exit::Failed, "no database is named")
            .hint("OBS_SQL_URL or `--url` name one, such as sqlite://logs.db")
    })
}

fn open(url: &SqlUrl) -> Result<Database> {
    Database::open(url).map_err(|error| failed(&error))
}

fn failed(error: &SqlError) -> Failure {
    let failure = Failure::new(Exit::Failed, error.to_string());
    match error.kind() {
        SqlErrorKind::Other | SqlErrorKind::NoTables | SqlErrorKind::Newer => failure,
        _ => failure.hint("`obs doctor` says what to do about it"),
    }
}
