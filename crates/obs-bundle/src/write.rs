//! Writing a bundle.
use crate::archive::Archive;
use crate::ask::{Patience, ask};
use crate::choice;
use crate::collect::Status;
use crate::collection::{Collection, output_error};
use crate::collectors;
use crate::error::{BundleError, BundleErrorKind};
use crate::json;
use crate::manifest::{BundlePart, CollectorPart, Manifest, RunPart, State, WindowPart};
use crate::options::Options;
use crate::run::Run;
use crate::sums::{self, SUMS, SUPPORT};
use crate::target::{Opened, Target, sweep};
use crate::verify::{Limits, verify_file};
use crate::watched::Watched;
use obs_core::UnixNanos;
use obs_core::io::IoFile;
use obs_recorder::{Clock, SystemClock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A bundle that was written and verified.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Bundle {
    /// Where it is.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// What its `support.json` says.
    pub manifest: Manifest,
    /// Who was asked for files, in order, with the time that each took; times are not in the bundle, so that two
    /// bundles of one run that has ended are equal.
    pub collected: Vec<Collected>,
    /// What else went wrong, beside the bundle: a line each.
    pub notes: Vec<String>,
}

/// What came of a collector, and how long it took.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collected {
    /// Its name.
    pub name: String,
    /// What came of it.
    pub status: Status,
    /// How long it took.
    pub duration: Duration,
}

/// Puts the run in `run_directory` into one file: a run of this or another process that is alive, or one that has
/// ended, or one that died and was not recovered.
///
/// Of a live run it takes what is on the disk: the lines that are complete and the segments as they are, each up to
/// the length that the file has when its turn comes. What only rings and stage hold is not in it. A run that writes
/// on, rotates its log or drops old segments meanwhile does no harm.
///
/// What a collector cannot read is missing in the bundle, which says so; the bundle's state is then
/// [`State::Partial`]. So it is when a collector took too long, or [`Options::cancel`] ended the bundle early: what
/// was there by then is kept. Each collector runs on a thread of its own; one that hangs is left to itself. The file
/// gets its name when it is complete, has been read back and verified, and is synced; before that it is
/// `<name>.part`, with mode 0600. Parts that dead processes left in the run directory for more than an hour are
/// removed.
///
/// Takes as long as deflating all that goes in, at some 100 MB/s, and about 1 MiB of memory beside the list of files.
///
/// # Errors
///
/// [`BundleErrorKind::Run`] when the directory holds no run, [`BundleErrorKind::Output`] when the bundle cannot be
/// written, [`BundleErrorKind::Canceled`] when it was asked twice to end, [`BundleErrorKind::Check`] when what was
/// written does not verify. No file of the bundle stays then.
pub fn write(run_directory: &Path, options: &Options) -> Result<Bundle, BundleError> {
    let now = options.now.unwrap_or_else(|| UnixNanos(SystemClock::new().anchor().unix_ns));
    choice::check(&options.include, &options.exclude)?;
    let run = Arc::new(Run::open(Arc::clone(&options.io), run_directory)?);
    let (notes, (target, file)) = open(run_directory, options, now)?;
    let time = run.ended_at().unwrap_or(now);
    let file = Box::new(Watched { file, cancel: options.cancel.clone() });
    let written = fill(&run, options, Archive::new(file, time), time);
    let checked = written.and_then(|mut written| written.check().map(|size| (written, size)));
    let (mut written, size) = match checked {
        Ok(checked) => checked,
        Err(error) => return Err(target.discard(explained(error, options))),
    };
    let path = target.publish(written.file.as_mut()).map_err(|error| explained(error, options))?;
    let Written { manifest, collected, .. } = written;
    Ok(Bundle { path, size, manifest, collected, notes })
}

/// The file to write, and what went wrong when parts that were left there were removed.
fn open(
    run_directory: &Path,
    options: &Options,
    now: UnixNanos,
) -> Result<(Vec<String>, Opened), BundleError> {
    let io = &options.io;
    let path = options.output.as_deref();
    let Some(path) = path.filter(|path| !path.is_dir()) else {
        let directory = path.unwrap_or(run_directory);
        let notes = sweep(io.as_ref(), directory, None, now);
        return Target::new_in(io, directory, now).map(|opened| (notes, opened));
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let notes = match directory.unwrap_or(Path::new(".")) {
        directory if directory.is_dir() => sweep(io.as_ref(), directory, path.file_name(), now),
        _ => Vec::new(),
    };
    Target::at(io, path).map(|opened| (notes, opened))
}

/// What fails once nothing is to stay fails because of that.
fn explained(error: BundleError, options: &Options) -> BundleError {
    if !options.cancel.is_asked_twice() {
        return error;
    }
    BundleError::new(BundleErrorKind::Canceled, error.to_string())
}

/// A complete archive that has no name yet.
struct Written {
    file: Box<dyn IoFile>,
    manifest: Manifest,
    collected: Vec<Collected>,
}

fn fill(
    run: &Arc<Run>,
    options: &Options,
    archive: Archive,
    time: UnixNanos,
) -> Result<Written, BundleError> {
    let options = Arc::new(options.clone());
    let mut collection = Collection::new(archive, Arc::clone(&options));
    let patience = Patience { limit: options.collector_timeout, cancel: options.cancel.clone() };
    let (mut parts, mut collected): (Vec<CollectorPart>, Vec<Collected>) = Default::default();
    for source in collectors::all(run, &options) {
        let begun = obs_recorder::steady_ns();
        let part = ask(&mut collection, source, &patience)?;
        let took = obs_recorder::steady_ns().saturating_sub(begun);
        let duration = Duration::from_nanos(took);
        collected.push(Collected { name: part.name.clone(), status: part.status, duration });
        parts.push(part);
    }
    let mut manifest = describe(run, &collection, parts, time);
    manifest.bundle.window = WindowPart::of(&options.window);
    manifest.bundle.include = choice::texts(&options.include);
    manifest.bundle.exclude = choice::texts(&options.exclude);
    close(collection, manifest, collected)
}

fn describe(
    run: &Run,
    collection: &Collection,
    collectors: Vec<CollectorPart>,
    time: UnixNanos,
) -> Manifest {
    let complete = collectors.iter().all(|part| part.status.is_complete());
    let state = if complete { State::Complete } else { State::Partial };
    let id = sums::id(&sums::lines(&collection.files));
    let bundle = BundlePart::new(id, time.to_string(), state);
    let mut manifest = Manifest::new(bundle, run.summary.as_ref().map(RunPart::from));
    manifest.collectors = collectors;
    manifest.files.clone_from(&collection.files);
    manifest.redaction.counts.clone_from(&collection.redactions);
    manifest
}

/// Adds `support.json` and `SHA256SUMS`, and completes the archive.
fn close(
    mut collection: Collection,
    manifest: Manifest,
    collected: Vec<Collected>,
) -> Result<Written, BundleError> {
    let support = json::document(&manifest)
        .map_err(|error| BundleError::new(BundleErrorKind::Output, error.to_string()))?;
    let own = sums::line(&crate::content::sha256(&support), SUPPORT);
    collection.add_own(SUPPORT, &support)?;
    collection.add_own(SUMS, (sums::lines(&manifest.files) + &own).as_bytes())?;
    let file = collection.into_archive().finish().map_err(|error| output_error(&error))?;
    Ok(Written { file, manifest, collected })
}

impl Written {
    /// Reads everything back; returns the size.
    fn check(&mut self) -> Result<u64, BundleError> {
        let report = verify_file(self.file.as_mut(), &Limits::unbounded());
        let report = report.map_err(|error| output_error(&error))?;
        match report.problems.first() {
            None => self.file.length().map_err(|error| output_error(&error)),
            Some(problem) => {
                let message = format!("the finished bundle does not verify: {problem}");
                Err(BundleError::new(BundleErrorKind::Check, message))
            }
        }
    }
}
