//! `env.json`: the machine, the process and the program that a run is one of.
mod accelerators;
mod build;
mod container;
mod machine;
mod process;
mod redact;
mod source;
mod variables;

pub use build::Build;

use obs_core::Settings;
use serde_json::{Map, Value, json};
use source::Source;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The version of the shape of `env.json`.
const FORMAT: u32 = 1;
/// A larger section is left out.
const SECTION_BYTES_MAX: usize = 1 << 20;

/// Where the facts come from; assign fields after [`Probe::default`], which is this machine.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Probe {
    /// Where the file system begins whose `proc`, `sys` and `etc` are read. Default `/`.
    pub root: PathBuf,
    /// The program that is asked about NVIDIA's accelerators, on machines that have their driver; `None` asks nobody.
    /// Default `nvidia-smi`, as the search path finds it.
    pub nvidia_smi: Option<PathBuf>,
    /// How long it may take. Default 2 s.
    pub nvidia_smi_timeout: Duration,
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            root: PathBuf::from("/"),
            nvidia_smi: Some(PathBuf::from("nvidia-smi")),
            nvidia_smi_timeout: Duration::from_secs(2),
        }
    }
}

/// What the program knows of itself; assign fields after [`Given::default`].
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Given<'a> {
    /// How it was built.
    pub build: Option<Build>,
    /// The settings that hold.
    pub settings: Option<&'a Settings>,
    /// Where rings and stage are, for people.
    pub ring_place: String,
    /// The counter that ticks are read from, for people.
    pub tick_source: String,
    /// The beginnings of names of environment variables that may be shown, beside the usual ones: that of the
    /// program's own settings.
    pub variable_prefixes: Vec<String>,
    /// What the program adds, by name.
    pub sections: BTreeMap<String, Value>,
}

/// What `env.json` says. Everything in it is redacted.
#[derive(Debug, Clone)]
pub struct Environment {
    value: Value,
    rules: redact::Rules,
}

impl PartialEq for Environment {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Environment {
    /// As JSON: an object with the keys `format`, `os`, `cpu`, `memory`, `container`, `limits`, `process`, `variables`,
    /// `build`, `accelerators`, `clock`, `toolkit` and `sections`; those of which nothing is known are not there.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The bytes of `env.json`.
    ///
    /// # Errors
    ///
    /// Of no known kind: a value in memory can be written as JSON.
    pub fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        Ok(crate::json::document(&self.value)?)
    }

    /// Adds what the program says under `sections`, in the place of what stood there under this name. It is redacted
    /// first; one of more than 1 MiB is left out, and that is what stands there then.
    pub fn set_section(&mut self, name: &str, mut section: Value) {
        self.rules.redact_under(name, &mut section);
        let bytes = section.to_string().len();
        if bytes > SECTION_BYTES_MAX {
            let error = format!("{bytes} bytes, at most {SECTION_BYTES_MAX} are kept");
            section = json!({ "error": error });
        }
        if let Some(sections) = self.value["sections"].as_object_mut() {
            sections.insert(name.to_owned(), section);
        }
    }
}

/// Describes the environment. Nothing stops it: what cannot be read is left out, or says why as `error`. Takes about a
/// millisecond, but on machines with NVIDIA's driver as long as `nvidia-smi` takes.
#[must_use]
pub fn environment(probe: &Probe, given: &Given<'_>) -> Environment {
    let (source, rules) = (Source::new(&probe.root), redact::Rules::default());
    let mut all = Map::new();
    all.insert("format".to_owned(), FORMAT.into());
    let parts = [
        ("os", machine::os(&source)),
        ("cpu", machine::cpu(&source)),
        ("memory", machine::memory(&source)),
        ("container", container::container(&source)),
        ("limits", process::limits(&source)),
        ("process", process::process(&source, &rules)),
        ("variables", variables::variables(&source, &rules, &given.variable_prefixes)),
        ("build", given.build.as_ref().map(Build::to_value)),
        ("accelerators", Some(accelerators::accelerators(&source, probe))),
        ("clock", machine::clock(&source, &given.tick_source)),
        ("toolkit", Some(toolkit(given))),
        ("sections", Some(json!({}))),
    ];
    for (name, part) in parts {
        if let Some(mut part) = part {
            rules.redact(&mut part);
            all.insert(name.to_owned(), part);
        }
    }
    let mut environment = Environment { value: Value::Object(all), rules };
    for (name, section) in &given.sections {
        environment.set_section(name, section.clone());
    }
    environment
}

fn toolkit(given: &Given<'_>) -> Value {
    let mut settings = Map::new();
    for setting in given.settings.iter().flat_map(|settings| settings.all()) {
        let origin = setting.origin.to_string();
        let what = json!({ "value": setting.value, "origin": origin });
        settings.insert(setting.name.to_owned(), what);
    }
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "ring_place": given.ring_place,
        "settings": settings,
    })
}
