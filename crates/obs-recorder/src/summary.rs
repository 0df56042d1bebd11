//! `run.json`: what is known of a run without reading its journal.
use crate::fingerprint::Fingerprint;
use crate::layout::RunDirectory;
use crate::system;
use obs_core::io::{Io, Open, read, replace, replace_unsynced};
use obs_core::resource::Resource;
use obs_core::{Delivery, RunId};
use serde::{Deserialize, Deserializer, Serialize};
use std::io;
use std::path::Path;

/// A longer file is not a summary.
const BYTES_MAX: u64 = 1 << 20;
/// The version that this build writes.
const FORMAT: u32 = 1;
/// What others said of an end is cut behind so much.
const SAID_BYTES_MAX: usize = 1_000;
/// The evidence where the run itself has said how it ended.
pub(crate) const END_RECORD: &str = "run end record";

/// What is known of a run without reading its journal. Written when the run begins, and again when it has ended or was
/// recovered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// The version of this format.
    pub format: u32,
    /// The run's id, as text.
    pub run_id: String,
    /// The run that started this one, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_run_id: Option<String>,
    /// The service that it is a run of.
    pub service: String,
    /// The process.
    pub pid: u32,
    /// The boot of the machine.
    pub boot_id: String,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// When it ended, RFC 3339; for a run that died the time of its last sign of life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// How it ended; missing while it is alive, or was not recovered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
    /// When the program finished it, RFC 3339, if the time it gave for that was too short; the rest is done by whoever
    /// recovers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// Whether it was a panic that finished it then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub panicked: bool,
    /// Which of the runs it is that ended like this, once it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// Records of the run, those included that were lost.
    pub records: u64,
    /// Events of level error and above.
    pub errors: u64,
    /// Spans that were open at the end.
    pub open_spans: u64,
    /// What became of the records.
    pub delivery: Delivery,
    /// Where rings and stage lived.
    pub rings: String,
    /// What describes the source of its records: service, process, host. Empty in what older builds wrote.
    #[serde(default, skip_serializing_if = "Resource::is_empty")]
    pub resource: Resource,
    /// How many processes of its memory group had been killed for want of memory when it began, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oom_kills: Option<u64>,
}

/// How a run ended, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct End {
    /// In one word.
    pub kind: EndKind,
    /// What a person wants to read: `killed by SIGSEGV at 0x0 in thread "worker"`.
    pub detail: String,
    /// What that is concluded from.
    pub evidence: Vec<String>,
    /// What it has in common with the ends of other runs that failed in the same way; none for a run that did not fail:
    /// it was finished, or exited with status 0. None in what older builds wrote.
    #[serde(default, deserialize_with = "if_known", skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
}

/// Which of several runs one is that all ended in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recurrence {
    /// Its number among them in the order in which they were counted, from 1.
    pub number: u64,
    /// When the first one ended, RFC 3339.
    pub first_at: String,
    /// The first one.
    pub first_run_id: String,
}

impl Recurrence {
    /// That of the run that is counted as `number`.
    #[must_use]
    pub fn new(number: u64, first_at: impl Into<String>, first_run_id: impl Into<String>) -> Self {
        Self { number, first_at: first_at.into(), first_run_id: first_run_id.into() }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndKind {
    /// The program finished it.
    Finished,
    /// The process exited without finishing it.
    Exited,
    /// A panic ended the process, or the part of it that held the run.
    Panicked,
    /// A fatal signal that the process could note: a fault or an abort.
    Signal,
    /// The kernel killed it for want of memory.
    OutOfMemory,
    /// It was killed without a chance to note anything: SIGKILL, or a signal that nobody handled.
    Killed,
    /// The machine went down, or its container with the memory that held the rings.
    MachineGone,
}

impl EndKind {
    /// The word for it in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Exited => "exited",
            Self::Panicked => "panicked",
            Self::Signal => "signal",
            Self::OutOfMemory => "out_of_memory",
            Self::Killed => "killed",
            Self::MachineGone => "machine_gone",
        }
    }

    /// Whether a run that ended so may have failed. It has if its end has a fingerprint.
    #[must_use]
    pub fn is_failure(self) -> bool {
        self != Self::Finished
    }
}

impl End {
    /// An end.
    #[must_use]
    pub fn new(kind: EndKind, detail: impl Into<String>, evidence: Vec<String>) -> Self {
        Self { kind, detail: detail.into(), evidence, fingerprint: None }
    }

    /// The same end, with its fingerprint.
    #[must_use]
    pub fn with_fingerprint(self, fingerprint: Fingerprint) -> Self {
        Self { fingerprint: Some(fingerprint), ..self }
    }

    /// The program finished the run.
    pub(crate) fn finished() -> Self {
        let evidence = vec![END_RECORD.to_owned()];
        Self::new(EndKind::Finished, "finished by the program", evidence)
    }

    /// A detail of bounded length: `said` by others, and what is said `then`.
    pub(crate) fn brief(said: &str, then: &str) -> String {
        if said.len() <= SAID_BYTES_MAX {
            return format!("{said}{then}");
        }
        let kept = &said[..said.floor_char_boundary(SAID_BYTES_MAX)];
        format!("{}…{then}", without_cut_mark(kept))
    }

    /// The body of the record that says so.
    pub(crate) fn record(&self) -> Vec<u8> {
        let (fingerprint, evidence) = (self.fingerprint, self.evidence.join("; "));
        let fingerprint = fingerprint.map(|fingerprint| fingerprint.to_string());
        let mut pairs = vec![("kind", self.kind.as_str()), ("detail", &self.detail)];
        pairs.extend(fingerprint.iter().map(|text| ("fingerprint", text.as_str())));
        if evidence != END_RECORD {
            pairs.push(("evidence", &evidence));
        }
        system::attributes(&pairs)
    }
}

impl Summary {
    /// What describes the source of the run's records; of runs that did not say, service and run alone.
    #[must_use]
    pub fn source(&self) -> Resource {
        let mut source = self.resource.clone();
        let mut put = |name: &str, value: &str| {
            source.entry(name.to_owned()).or_insert_with(|| value.into());
        };
        put("service.name", &self.service);
        put("service.instance.id", &self.run_id);
        put("obs.run.id", &self.run_id);
        put("telemetry.sdk.name", "obs");
        put("telemetry.sdk.language", "rust");
        put("telemetry.sdk.version", env!("CARGO_PKG_VERSION"));
        source
    }

    /// The summary of a run that begins.
    #[must_use]
    pub fn new(run_id: RunId, service: impl Into<String>) -> Self {
        Self {
            format: FORMAT,
            run_id: run_id.to_string(),
            parent_run_id: None,
            service: service.into(),
            pid: 0,
            boot_id: String::new(),
            started_at: String::new(),
            ended_at: None,
            end: None,
            finished_at: None,
            panicked: false,
            recurrence: None,
            records: 0,
            errors: 0,
            open_spans: 0,
            delivery: Delivery::default(),
            rings: String::new(),
            resource: Resource::default(),
            oom_kills: None,
        }
    }

    /// Reads the summary of the run in `directory`.
    ///
    /// # Errors
    ///
    /// What the system says; [`io::ErrorKind::InvalidData`] when the file is not a summary that this build can read.
    pub fn load(io: &dyn Io, directory: &Path) -> io::Result<Self> {
        let bytes = read(io, &RunDirectory::new(directory).summary(), BYTES_MAX)?;
        let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
        let summary: Self =
            serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
        if summary.format != FORMAT {
            return Err(invalid(format!(
                "run.json has format {}, this build reads {FORMAT}",
                summary.format
            )));
        }
        Ok(summary)
    }

    /// Writes the summary into `directory`, all at once.
    ///
    /// # Errors
    ///
    /// What the system says; the old summary then stays.
    pub fn save(&self, io: &dyn Io, directory: &Path) -> io::Result<()> {
        replace(io, &RunDirectory::new(directory).summary(), &self.text()?)
    }

    /// As [`save`](Self::save), without waiting for the disk; see [`sync`](Self::sync).
    pub(crate) fn save_unsynced(&self, io: &dyn Io, directory: &Path) -> io::Result<()> {
        replace_unsynced(io, &RunDirectory::new(directory).summary(), &self.text()?)
    }

    /// Has the disk keep what [`save_unsynced`](Self::save_unsynced) wrote, if nobody has removed it.
    pub(crate) fn sync(io: &dyn Io, directory: &Path) -> io::Result<()> {
        match io.open(&RunDirectory::new(directory).summary(), Open::Read) {
            Ok(mut file) => file.sync()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
        io.sync_directory(directory)
    }

    fn text(&self) -> io::Result<Vec<u8>> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        Ok(obs_core::escape::json_document(&text))
    }
}

/// A mark of redaction at the end of a text that was cut is whole, or goes.
fn without_cut_mark(text: &str) -> &str {
    const MARK: &str = "[REDACTED:";
    let is_cut =
        |mark: &str| !mark.contains(']') && (mark.starts_with(MARK) || MARK.starts_with(mark));
    match text.rfind('[') {
        Some(at) if is_cut(&text[at..]) => &text[..at],
        _ => text,
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A fingerprint in a form of a later build is none, and no reason to refuse the rest.
fn if_known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Fingerprint>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::End;

    #[test]
    fn what_was_said_of_an_end_is_cut_before_a_mark_of_redaction_and_at_no_other_bracket() {
        let long = |end: &str| format!("{}{end}", "x".repeat(1_000 - end.len()));
        for (said, expected) in [
            (long(""), long("")),
            (long("[REDACTED:key#0a1b2c3d]"), long("[REDACTED:key#0a1b2c3d]")),
            (long("a [1, 2") + "3]", long("a [1, 2") + "…"),
            (long("a [REDACTED:key#0a1b") + "2c3d]", "x".repeat(980) + "a …"),
            (long("a [REDA") + "CTED:key]", "x".repeat(993) + "a …"),
            (long("") + "é", long("") + "…"),
            ("é".repeat(1_000), "é".repeat(500) + "…"),
        ] {
            assert_eq!(End::brief(&said, ", then"), expected + ", then");
        }
    }
}
