//! The systems by name.
use super::obs_sql::{ObsSql, State};
use super::ours::Manner;
use super::{System, emit_file, fastrace, floor, json_files, logforth, nothing, obs_sinks};
use super::{
    opentelemetry_logs, ours, registry, slog_async, spdlog, tracing_json, tracing_opentelemetry,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Name {
    Ours(Manner),
    /// Ours, with so many sinks.
    ObsSinks(u32),
    /// Ours, with a database.
    ObsSql(State),
    TracingJson,
    /// tracing-subscriber, with so many files.
    JsonFiles(u32),
    OpentelemetryLogs,
    SlogAsync,
    Logforth,
    EmitFile,
    Spdlog,
    Fastrace,
    TracingOpentelemetry,
    /// No peer: a registry with an idle layer.
    Registry,
    /// No peer: a registry with an idle layer that has a filter of its own.
    FilteredRegistry,
    /// No peer: what anybody's event costs at least.
    Floor,
    /// No peer: `tracing`'s macros without a subscriber.
    Nothing,
}

impl Name {
    pub(crate) const OBS: Self = Self::Ours(Manner::Default);

    /// Starts the system; its files go to `directory`.
    pub(crate) fn start(self, directory: &Path) -> anyhow::Result<Box<dyn System>> {
        Ok(match self {
            Self::Ours(manner) => Box::new(ours::Ours::start(directory, manner)?),
            Self::ObsSinks(count) => Box::new(obs_sinks::ObsSinks::start(directory, count)?),
            Self::ObsSql(state) => Box::new(ObsSql::start(directory, state)?),
            Self::TracingJson => Box::new(tracing_json::TracingJson::start(directory)?),
            Self::JsonFiles(count) => Box::new(json_files::JsonFiles::start(directory, count)?),
            Self::OpentelemetryLogs => {
                Box::new(opentelemetry_logs::OpentelemetryLogs::start(directory)?)
            }
            Self::SlogAsync => Box::new(slog_async::SlogAsync::start(directory)?),
            Self::Logforth => Box::new(logforth::Logforth::start(directory)?),
            Self::EmitFile => Box::new(emit_file::EmitFile::start(directory)?),
            Self::Spdlog => Box::new(spdlog::Spdlog::start(directory)?),
            Self::Fastrace => Box::new(fastrace::Fastrace::start(directory)?),
            Self::TracingOpentelemetry => {
                Box::new(tracing_opentelemetry::TracingOpentelemetry::start(directory)?)
            }
            Self::Registry => Box::new(registry::Registry::start()?),
            Self::FilteredRegistry => Box::new(registry::Registry::start_filtered()?),
            Self::Floor => Box::new(floor::Floor::start()?),
            Self::Nothing => Box::new(nothing::Nothing),
        })
    }

    /// Whether what it records is in files when the process has died.
    pub(crate) fn has_files(self) -> bool {
        !matches!(
            self,
            Self::OpentelemetryLogs
                | Self::Fastrace
                | Self::TracingOpentelemetry
                | Self::Registry
                | Self::FilteredRegistry
                | Self::Floor
                | Self::Nothing
        )
    }

    fn text(self) -> String {
        let name = match self {
            Self::Ours(Manner::Default) => "obs",
            Self::Ours(Manner::Bounded) => "obs-bounded",
            Self::Ours(Manner::Whole) => "obs-whole",
            Self::Ours(Manner::Layer) => "obs-layer",
            Self::ObsSinks(count) => return format!("obs-sinks-{count}"),
            Self::ObsSql(state) => state.text(),
            Self::TracingJson => "tracing-subscriber-json",
            Self::JsonFiles(count) => return format!("tracing-subscriber-json-{count}"),
            Self::OpentelemetryLogs => "opentelemetry-appender-tracing",
            Self::SlogAsync => "slog-async",
            Self::Logforth => "logforth",
            Self::EmitFile => "emit-file",
            Self::Spdlog => "spdlog-rs",
            Self::Fastrace => "fastrace",
            Self::TracingOpentelemetry => "tracing-opentelemetry",
            Self::Registry => "registry",
            Self::FilteredRegistry => "registry-filtered",
            Self::Floor => "floor",
            Self::Nothing => "no-subscriber",
        };
        name.to_owned()
    }

    /// What lines call it: how many sinks there are is a column of its own.
    pub(crate) fn label(self) -> String {
        match self {
            Self::Ours(Manner::Layer) => self.text(),
            Self::Ours(_) | Self::ObsSinks(_) => Self::OBS.text(),
            Self::JsonFiles(_) => Self::TracingJson.text(),
            other => other.text(),
        }
    }
}

/// Those that are told apart by a word alone.
const SINGLE: [Name; 16] = [
    Name::OBS,
    Name::Ours(Manner::Bounded),
    Name::Ours(Manner::Whole),
    Name::Ours(Manner::Layer),
    Name::TracingJson,
    Name::OpentelemetryLogs,
    Name::SlogAsync,
    Name::Logforth,
    Name::EmitFile,
    Name::Spdlog,
    Name::Fastrace,
    Name::TracingOpentelemetry,
    Name::Registry,
    Name::FilteredRegistry,
    Name::Floor,
    Name::Nothing,
];

impl FromStr for Name {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let counted = |start: &str| text.strip_prefix(start)?.parse().ok();
        let found = SINGLE.into_iter().find(|name| name.text() == text);
        found
            .or_else(|| counted("obs-sinks-").map(Self::ObsSinks))
            .or_else(|| State::ALL.into_iter().map(Self::ObsSql).find(|it| it.text() == text))
            .or_else(|| counted("tracing-subscriber-json-").map(Self::JsonFiles))
            .ok_or_else(|| anyhow::anyhow!("there is no system `{text}`"))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, SINGLE, State};

    #[test]
    fn every_name_leads_back_to_its_system() {
        for name in SINGLE.into_iter().chain([
            Name::ObsSinks(6),
            Name::JsonFiles(4),
            Name::ObsSql(State::Away),
        ]) {
            assert_eq!(name.to_string().parse::<Name>().unwrap(), name);
        }
        let error = "obs-sinks-many".parse::<Name>().unwrap_err().to_string();
        assert_eq!(error, "there is no system `obs-sinks-many`");
    }
}
