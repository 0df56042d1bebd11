//! `run.json`: what is known of a run without reading its journal.
use crate::layout::RunDirectory;
use obs_core::io::{Io, Open, read, replace, replace_unsynced};
use obs_core::{Delivery, RunId};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// A longer file is not a summary.
const BYTES_MAX: u64 = 1 << 20;
/// The version that this build writes.
const FORMAT: u32 = 1;

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
    /// A panic ended the process.
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
}

impl End {
    /// An end.
    #[must_use]
    pub fn new(kind: EndKind, detail: impl Into<String>, evidence: Vec<String>) -> Self {
        Self { kind, detail: detail.into(), evidence }
    }
}

impl Summary {
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
            records: 0,
            errors: 0,
            open_spans: 0,
            delivery: Delivery::default(),
            rings: String::new(),
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
