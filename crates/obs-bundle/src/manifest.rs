//! `support.json`: what a bundle holds, where it comes from and what is missing.
use crate::collect::Status;
use crate::filter::Filter;
use crate::media;
use crate::run::{self, RUN};
use crate::window::Window;
use obs_core::redact::Redactor;
use obs_core::{Delivery, UnixNanos};
use obs_recorder::{End, Recurrence, Summary};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The name of this shape, in every `support.json`.
const SCHEMA: &str = "obs/support-manifest/v1";
/// The version that this build writes.
pub(crate) const FORMAT: u32 = 1;
/// What made the bundle.
const TOOL: &str = "obs";

/// What `support.json` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The name of this shape.
    pub schema: String,
    /// Its version.
    pub format: u32,
    /// The bundle itself.
    pub bundle: BundlePart,
    /// The run; missing where its `run.json` cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunPart>,
    /// Who was asked for files, in that order, and what came of it.
    pub collectors: Vec<CollectorPart>,
    /// The files, in the order of the archive: all but `support.json` and `SHA256SUMS`.
    pub files: Vec<FilePart>,
    /// What redaction left its marks in.
    pub redaction: RedactionPart,
}

/// The bundle itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BundlePart {
    /// The SHA-256 of the lines of `SHA256SUMS` for `files`: equal for equal contents.
    pub id: String,
    /// For a run that has ended its end, else when the bundle was made; RFC 3339. The time of all entries.
    pub created_at: String,
    /// What made it.
    pub tool: String,
    /// The tool's version.
    pub tool_version: String,
    /// Whether anything is missing.
    pub state: State,
    /// The part of the run's time that it is about, if not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowPart>,
    /// Patterns of which the path of each file fits one, if there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Patterns of which no file's path fits one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// How large it may be, if that is bounded; in one that was made of another, how large the first one might be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_max: Option<u64>,
    /// The bundles that it was made of, one of the other, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<FromPart>,
}

/// A bundle that another was made of: redacted once more, and perhaps without some of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FromPart {
    /// Its id.
    pub id: String,
    /// Patterns of which the path of each file that was kept fits one, if there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Patterns of which the path of no file that was kept fits one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

/// The part of a run's time that a bundle is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WindowPart {
    /// The first instant that is in it, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The first instant that is not in it any more, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Whether a bundle holds everything that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// Every collector did what it could.
    Complete,
    /// Some could not; the collectors say what is missing.
    Partial,
}

/// The run, as its `run.json` tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunPart {
    /// Its id.
    pub id: String,
    /// The run that started it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// The service that it is a run of.
    pub service: String,
    /// The process.
    pub pid: u32,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// When it ended, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// How it ended, and how that is known; missing while it is alive, or died and was not recovered. The counts are
    /// then those of its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
    /// Which of the runs it is that failed in the same way, once it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// Records, those included that were lost.
    pub records: u64,
    /// Events of level error and above.
    pub errors: u64,
    /// Spans that were open at the end.
    pub open_spans: u64,
    /// What became of the records: losses in all and by sink.
    pub delivery: Delivery,
}

/// One collector, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CollectorPart {
    /// Its name.
    pub name: String,
    /// In one word.
    pub status: Status,
    /// What is missing, and why; a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// The paths of its files.
    pub files: Vec<String>,
    /// What it had and is not in the bundle, because that was not asked for or has no room. At most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What else was left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out_more: u64,
}

/// A file that is not in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// The path that it would have had.
    pub path: String,
    /// Why it is not there.
    pub why: Why,
}

/// Why a file is not in a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Why {
    /// Its path is not among those asked for.
    Excluded,
    /// It is outside of the part of time asked for.
    Window,
    /// There was no room for it.
    Size,
    /// It is no text, so that nobody can tell whether secrets are in it.
    Binary,
    /// It is a segment of the journal that cannot be read, so that nobody can tell whether secrets are in it.
    Redaction,
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FilePart {
    /// Its path in the bundle.
    pub path: String,
    /// What it is: `log`, `spans`, `environment`, `run`, `journal`, for an artefact the role that the program gave it.
    pub role: String,
    /// What kind of bytes.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// In hexadecimal digits.
    pub sha256: String,
    /// Records, for a file of JSON lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// Marks of redaction, for a text that has any.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redactions: u64,
    /// Frames of a segment of the journal that were rewritten: they held secrets, or were damaged.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rewritten: u64,
    /// The part that was left out, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<Truncated>,
    /// The lines that were left out, where lines were chosen by their time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selected: Option<Selected>,
    /// For an artefact, the path that the program gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What was left out of a file of lines, because it is outside of the part of time asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Selected {
    /// Lines.
    pub lines_left_out: u64,
    /// Their bytes.
    pub bytes_left_out: u64,
}

/// The part of a file that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Truncated {
    /// Which end is missing: `tail`, as a line that is still being written, or `head`.
    pub from: String,
    /// Bytes before, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_size: Option<u64>,
}

/// What redaction left its marks in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RedactionPart {
    /// How secrets were recognised: `text`, by the rules for free text and by the names that they stand under.
    pub by: String,
    /// Whether the finished bundle was read back and no more secrets found in it.
    #[serde(default)]
    pub self_check: bool,
    /// Marks in all text files together, by rule.
    pub counts: BTreeMap<String, u64>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Manifest {
    pub(crate) fn new(bundle: BundlePart, run: Option<RunPart>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            format: FORMAT,
            bundle,
            run,
            collectors: Vec::new(),
            files: Vec::new(),
            redaction: RedactionPart {
                by: "text".to_owned(),
                self_check: true,
                counts: BTreeMap::new(),
            },
        }
    }
}

impl Manifest {
    /// Takes secrets out of what programs and systems say in it, but for the run, which is told from redacted bytes.
    pub(crate) fn redact(&mut self, redactor: &Redactor) {
        let clean = |text: &mut String| {
            if let Cow::Owned(redacted) = redactor.redact(text) {
                *text = redacted;
            }
        };
        for part in &mut self.collectors {
            part.errors.iter_mut().for_each(clean);
            part.left_out.iter_mut().for_each(|left_out| clean(&mut left_out.path));
        }
        for file in &mut self.files {
            file.source.iter_mut().for_each(clean);
            clean(&mut file.role);
        }
    }
}

impl BundlePart {
    pub(crate) fn new(id: String, created_at: String, state: State) -> Self {
        let tool_version = env!("CARGO_PKG_VERSION").to_owned();
        let tool = TOOL.to_owned();
        let (window, include, exclude, bytes_max, from) = Default::default();
        Self {
            id,
            created_at,
            tool,
            tool_version,
            state,
            window,
            include,
            exclude,
            bytes_max,
            from,
        }
    }
}

impl WindowPart {
    /// `None` for all of time.
    pub(crate) fn of(window: &Window) -> Option<Self> {
        let text = |time: Option<UnixNanos>| time.map(|time| time.to_string());
        let part = Self { from: text(window.from), until: text(window.until) };
        (!window.is_unbounded()).then_some(part)
    }
}

impl Why {
    /// The word for it in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Excluded => "excluded",
            Self::Window => "window",
            Self::Size => "size",
            Self::Binary => "binary",
            Self::Redaction => "redaction",
        }
    }
}

impl LeftOut {
    pub(crate) fn new(path: impl Into<String>, why: Why) -> Self {
        Self { path: path.into(), why }
    }
}

impl Truncated {
    /// The head is missing.
    #[must_use]
    pub fn head(original_size: u64) -> Self {
        Self { from: "head".to_owned(), original_size: Some(original_size) }
    }

    /// The end is missing.
    #[must_use]
    pub fn tail(original_size: Option<u64>) -> Self {
        Self { from: "tail".to_owned(), original_size }
    }
}

impl RunPart {
    /// What the bytes of a `run.json` say of the run when their secrets are taken out, as they are in the bundle.
    pub(crate) fn of(bytes: &[u8], redactor: &Redactor) -> Option<Self> {
        let mut filter = Filter::of(RUN, media::JSON, redactor);
        let clean = [filter.pass(bytes), filter.finish()].concat();
        run::summary(&clean).ok().as_ref().map(Self::from)
    }

    /// The same without its secrets, where there is no `run.json` to tell it from.
    pub(crate) fn without_secrets(&self, redactor: &Redactor) -> Option<Self> {
        let mut value = serde_json::to_value(self).ok()?;
        redactor.redact_json(&mut value);
        serde_json::from_value(value).ok()
    }
}

impl From<&Summary> for RunPart {
    fn from(summary: &Summary) -> Self {
        Self {
            id: summary.run_id.clone(),
            parent_id: summary.parent_run_id.clone(),
            service: summary.service.clone(),
            pid: summary.pid,
            started_at: summary.started_at.clone(),
            ended_at: summary.ended_at.clone(),
            end: summary.end.clone(),
            recurrence: summary.recurrence.clone(),
            records: summary.records,
            errors: summary.errors,
            open_spans: summary.open_spans,
            delivery: summary.delivery.clone(),
        }
    }
}
