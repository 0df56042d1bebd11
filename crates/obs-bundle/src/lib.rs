//! What of a run can be handed to somebody else: the description of its environment, and the support bundle.
//!
//! [`environment()`] describes machine, process and program, for `env.json`. [`write()`] puts a run directory into
//! one zip file, whether the run is alive, ended or dead; [`verify()`] says whether such a file is whole.
//!
//! A bundle holds `run/` (log, spans, environment and summary of the run), `artifacts/`, `journal/` and `cursors/`,
//! then `support.json`, which describes each of these files, and as its last entry `SHA256SUMS`, which lists all
//! others: after unpacking, `sha256sum -c SHA256SUMS` checks them with no tool of ours. With [`Options::sign`] a
//! signature of that list follows; without one, that a bundle is whole does not say who made it.
//!
//! What goes in is chosen by name; the rings, `run.key`, `run.lock` and other bundles never do. Records were redacted
//! before they reached the journal, and so was the environment; whatever text goes in is redacted once more on its way,
//! and the finished bundle is read back by the same rules. In the journal's segments that is done frame by frame: what
//! an older build, or one with other rules, has left in them is taken out in its place. What is no text is left out
//! unless it is asked for, but for what the toolkit itself writes.
//!
//! Memory does not grow with the size of a run: files are read, hashed and compressed in pieces of 64 KiB.
//!
//! ```
//! use obs_bundle::{Limits, Options, State};
//!
//! # let folder = tempfile::tempdir()?;
//! # let run_directory = folder.path();
//! # std::fs::write(run_directory.join("log.jsonl"), "{\"event\":\"loaded\"}\n")?;
//! let bundle = obs_bundle::write(run_directory, &Options::default())?;
//! for part in bundle.manifest.collectors.iter().filter(|part| !part.status.is_complete()) {
//!     println!("{}: {} {:?}", part.name, part.status.as_str(), part.errors);
//! }
//! # assert_eq!(bundle.manifest.bundle.state, State::Partial);
//!
//! let report = obs_bundle::verify(&bundle.path, &Limits::default())?;
//! assert!(report.is_whole(), "{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod adding;
mod archive;
mod ask;
mod cancel;
mod choice;
mod collect;
mod collection;
mod collectors;
mod content;
mod deflate;
mod environment;
mod error;
mod fill;
mod filter;
mod hash;
mod json;
mod lines;
mod manifest;
mod marks;
mod measure;
mod media;
mod names;
mod notes;
mod opened;
mod options;
mod output;
mod preview;
mod recheck;
mod remote;
mod room;
mod run;
mod seal;
mod segment;
mod sums;
mod target;
mod tighten;
mod verify;
mod watched;
mod window;
mod write;

pub use cancel::Cancel;
pub use choice::Glob;
pub use collect::{Collector, Files, NewFile, Status};
pub use environment::{Build, Environment, Given, Probe, environment};
pub use error::{BundleError, BundleErrorKind};
pub use fill::Collected;
pub use manifest::{
    BundlePart, CollectorPart, FilePart, FromPart, LeftOut, Manifest, RedactionPart, RunPart,
    Selected, State, Truncated, Why, WindowPart,
};
pub use options::{Artifact, Options};
pub use preview::{Preview, preview};
pub use seal::{Encrypt, Sign};
pub use tighten::{Tightened, tighten};
pub use verify::{Limits, Problem, ProblemKind, Reader, Report, Signed, verify, verify_file};
pub use window::Window;
pub use write::{Bundle, write};
