//! The sinks that send by OTLP, as the settings want them.
use crate::announce;
use obs_core::resource::Resource;
use obs_core::settings::otel::Signal;
use obs_core::{Settings, Sink};

/// Telemetry that leaves the process: its sinks, what the record of the run's start says of it, and what is wrong.
#[derive(Default)]
pub(crate) struct Sending {
    pub(crate) sinks: Vec<Box<dyn Sink>>,
    words: Vec<String>,
    problems: Vec<String>,
}

impl Sending {
    /// What the settings want, for the records of the source that `resource` describes.
    pub(crate) fn new(settings: &Settings, resource: &Resource) -> Self {
        let mut sending = Self::default();
        for signal in Signal::ALL {
            match settings.otel.export(signal) {
                Ok(Some(export)) => sending.add(settings, export, resource),
                Ok(None) => {}
                Err(error) => sending.problems.push(format!("{signal} are not sent: {error}")),
            }
        }
        sending
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
        if cfg!(not(feature = "otlp")) {
            return Vec::new();
        }
        let is_sent = |signal: &Signal| matches!(settings.otel.export(*signal), Ok(Some(_)));
        let name = |signal: Signal| match signal {
            Signal::Traces => "otlp-traces",
            _ => "otlp-logs",
        };
        Signal::ALL.into_iter().filter(is_sent).map(name).collect()
    }

    /// What is wrong, if anything is.
    pub(crate) fn problem(&self) -> Option<String> {
        (!self.problems.is_empty()).then(|| self.problems.join("; "))
    }

    /// For the record of the run's start.
    pub(crate) fn words(&self) -> String {
        if self.words.is_empty() { "off".to_owned() } else { self.words.join(", ") }
    }

    pub(crate) fn warn(&self) {
        self.problems.iter().for_each(|problem| announce::warn(problem));
    }
}
