//! The sinks whose records leave the run directory, as the settings want them: by OTLP, and into a database.
use crate::announce;
use obs_core::resource::Resource;
use obs_core::settings::otel::Signal;
use obs_core::{RunId, Settings, Sink};
use std::path::Path;

/// The name of the sink that keeps records in a database.
const SQL: &str = "sql";
/// How the names of the sinks begin that send by OTLP.
const OTLP: &str = "otlp-";

/// Whether the sink of this name takes records out of the run directory: to a receiver, or into a database. What it has
/// not got stays in the journal, for [`send`](crate::send).
#[must_use]
pub fn is_sending(sink: &str) -> bool {
    sink == SQL || sink.starts_with(OTLP)
}

/// The run whose records are sent.
pub(crate) struct Source<'a> {
    pub(crate) run_id: RunId,
    pub(crate) resource: &'a Resource,
    pub(crate) directory: Option<&'a Path>,
}

/// Telemetry that leaves the process: its sinks, what the record of the run's start says of it, and what is wrong.
#[derive(Default)]
pub(crate) struct Sending {
    pub(crate) sinks: Vec<Box<dyn Sink>>,
    /// By OTLP.
    words: Vec<String>,
    /// The database.
    database: Option<String>,
    problems: Vec<String>,
}

impl Sending {
    /// What the settings want, for the records of this run.
    pub(crate) fn new(settings: &Settings, source: &Source<'_>) -> Self {
        let mut sending = Self::default();
        for signal in Signal::ALL {
            match settings.otel.export(signal) {
                Ok(Some(export)) => sending.add(settings, export, source.resource),
                Ok(None) => {}
                Err(error) => sending.problems.push(format!("{signal} are not sent: {error}")),
            }
        }
        sending.add_database(settings, source);
        sending
    }

    #[cfg(feature = "sql")]
    fn add_database(&mut self, settings: &Settings, source: &Source<'_>) {
        let Some(mut options) = obs_sql_sink::SqlOptions::from_settings(settings) else { return };
        self.database = Some(options.url.to_string());
        options.rejected = source.directory.map(|directory| directory.join("rejected.jsonl"));
        let sink = obs_sql_sink::SqlSink::new(options, source.run_id, source.resource.clone());
        self.sinks.push(Box::new(sink));
    }

    #[cfg(not(feature = "sql"))]
    fn add_database(&mut self, settings: &Settings, source: &Source<'_>) {
        let _of_nobody = (source.run_id, source.directory);
        if let Some(url) = &settings.sql {
            self.problems.push(format!(
                "nothing is kept in {url}: the program is built without the feature `sql` of obs"
            ));
        }
    }

    #[cfg(feature = "otlp")]
    fn add(
        &mut self,
        settings: &Settings,
        export: obs_core::settings::otel::Export,
        resource: &Resource,
    ) {
        let (signal, endpoint) = (export.signal, export.endpoint.to_string());
        let words = format!("{signal} to {endpoint} by {}", export.protocol);
        let source = obs_otlp::Resource::new(resource);
        let mut options = obs_otlp::OtlpOptions::new(export, &settings.otel, source);
        options.level = settings.log_level;
        options.tail = obs_otlp::TailRules::new(settings);
        match obs_otlp::OtlpSink::new(options) {
            Ok(sink) => {
                self.words.push(words);
                self.sinks.push(Box::new(sink));
            }
            Err(error) => self.problems.push(format!("{signal} are not sent: {error}")),
        }
    }

    #[cfg(not(feature = "otlp"))]
    fn add(&mut self, _: &Settings, export: obs_core::settings::otel::Export, _: &Resource) {
        let signal = export.signal;
        self.problems.push(format!(
            "{signal} are not sent: the program is built without the feature `otlp` of obs"
        ));
    }

    /// The names of the sinks that the settings want.
    pub(crate) fn names(settings: &Settings) -> Vec<&'static str> {
        let database = (cfg!(feature = "sql") && settings.sql.is_some()).then_some(SQL);
        if cfg!(not(feature = "otlp")) {
            return Vec::from_iter(database);
        }
        let is_sent = |signal: &Signal| matches!(settings.otel.export(*signal), Ok(Some(_)));
        let name = |signal: Signal| match signal {
            Signal::Traces => "otlp-traces",
            _ => "otlp-logs",
        };
        Signal::ALL.into_iter().filter(is_sent).map(name).chain(database).collect()
    }

    /// What is wrong, if anything is.
    pub(crate) fn problem(&self) -> Option<String> {
        (!self.problems.is_empty()).then(|| self.problems.join("; "))
    }

    /// For the record of the run's start.
    pub(crate) fn words(&self) -> [(String, String); 2] {
        let otlp = if self.words.is_empty() { "off".to_owned() } else { self.words.join(", ") };
        let database = self.database.clone().unwrap_or_else(|| "off".to_owned());
        [("otlp", otlp), (SQL, database)].map(|(name, words)| (name.to_owned(), words))
    }

    pub(crate) fn warn(&self) {
        self.problems.iter().for_each(|problem| announce::warn(problem));
    }
}
