//! Filling an archive: the collectors one after the other, then what describes their files.
use crate::archive::Archive;
use crate::ask::{Patience, ask};
use crate::choice;
use crate::collect::Status;
use crate::collection::{Collection, output_error};
use crate::collectors;
use crate::error::{BundleError, BundleErrorKind};
use crate::hash::Hash;
use crate::json;
use crate::manifest::{BundlePart, CollectorPart, Manifest, RunPart, State, Why, WindowPart};
use crate::options::Options;
use crate::room::Room;
use crate::run::Run;
use crate::sums::{self, SIGNATURE, SIGNATURE_BYTES_MAX, SUMS, SUPPORT};
use obs_core::UnixNanos;
use obs_core::io::IoFile;
use obs_core::redact::Redactor;
use obs_recorder::key_bytes_of;
use std::sync::Arc;
use std::time::Duration;

/// How many times too large the estimate of what describes the files is made, when it was too small before.
const FACTORS: [u64; 6] = [1, 2, 4, 8, 16, 32];
/// What a signature takes with its headers.
const SIGNATURE_ROOM_BYTES: u64 = 600;
/// So many collectors, the first ones, bring the documents without which a bundle says nothing.
const DOCUMENTS: usize = 2;

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

/// A complete archive that has no name yet.
pub(crate) struct Filled {
    pub(crate) file: Box<dyn IoFile>,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) manifest: Manifest,
    pub(crate) collected: Vec<Collected>,
}

/// Fills `file`, which is empty.
pub(crate) fn fill(
    run: &Arc<Run>,
    options: &Options,
    mut file: Box<dyn IoFile>,
    time: UnixNanos,
) -> Result<Filled, BundleError> {
    let options = Arc::new(options.clone());
    let bytes_max = options.bytes_max.unwrap_or(u64::MAX);
    let signature = if options.sign.is_some() { SIGNATURE_ROOM_BYTES } else { 0 };
    for factor in FACTORS {
        let room = options
            .bytes_max
            .map(|bytes_max| Room::new(bytes_max.saturating_sub(signature), factor));
        let filled = fill_once(run, &options, Archive::new(file, time), (room, time))?;
        if filled.size <= bytes_max {
            return Ok(filled);
        }
        file = filled.file;
        file.set_length(0).map_err(|error| output_error(&error))?;
    }
    Err(too_little(bytes_max))
}

fn too_little(bytes_max: u64) -> BundleError {
    let message =
        format!("{bytes_max} bytes are too little for what describes the run and the bundle");
    BundleError::new(BundleErrorKind::Size, message)
}

fn fill_once(
    run: &Arc<Run>,
    options: &Arc<Options>,
    archive: Archive,
    (room, time): (Option<Room>, UnixNanos),
) -> Result<Filled, BundleError> {
    let redactor = redactor(run, options);
    let mut collection = Collection::new(archive, Arc::clone(options), room, redactor);
    collection.notes.text_bytes = run.summary_bytes.as_ref().map_or(0, Vec::len);
    let patience = Patience { limit: options.collector_timeout, cancel: options.cancel.clone() };
    let sources = collectors::all(run, options);
    let bytes: Vec<u64> = match options.bytes_max {
        Some(_) => sources.iter().map(|source| source.bytes()).collect(),
        None => vec![0; sources.len()],
    };
    let (mut parts, mut collected): (Vec<CollectorPart>, Vec<Collected>) = Default::default();
    for (index, source) in sources.into_iter().enumerate() {
        collection.share(&bytes[index + 1..]);
        let (part, took) = timed(|| ask(&mut collection, source, &patience))?;
        let lacks_room = part.left_out.iter().any(|left_out| left_out.why == Why::Size);
        if lacks_room && index < DOCUMENTS {
            return Err(too_little(options.bytes_max.unwrap_or(u64::MAX)));
        }
        collected.push(Collected { name: part.name.clone(), status: part.status, duration: took });
        parts.push(part);
    }
    let manifest = describe(run, &collection, parts, time);
    close(collection, manifest, collected)
}

/// The rules of the run, with its key.
pub(crate) fn redactor(run: &Run, options: &Options) -> Redactor {
    options.redactor(key_bytes_of(run.io.as_ref(), &run.directory).as_deref())
}

/// What comes of something, and how long it takes.
fn timed<T>(ask: impl FnOnce() -> Result<T, BundleError>) -> Result<(T, Duration), BundleError> {
    let begun = obs_recorder::steady_ns();
    let answer = ask()?;
    let took = obs_recorder::steady_ns().saturating_sub(begun);
    Ok((answer, Duration::from_nanos(took)))
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
    let mut bundle = BundlePart::new(id, time.to_string(), state);
    let options = &collection.options;
    bundle.window = WindowPart::of(&options.window);
    bundle.include = choice::texts(&options.include);
    bundle.exclude = choice::texts(&options.exclude);
    bundle.bytes_max = options.bytes_max;
    let summary = run.summary_bytes.as_deref().ok();
    let part = summary.and_then(|bytes| RunPart::of(bytes, &collection.redactor));
    let mut manifest = Manifest::new(bundle, part);
    manifest.collectors = collectors;
    manifest.files.clone_from(&collection.files);
    manifest.redact(&collection.redactor);
    manifest.redaction.counts.clone_from(&collection.redactions);
    manifest
}

/// The signature of the sums, if there is to be one.
fn sign(
    options: &Options,
    manifest: &Manifest,
    sums: &str,
) -> Result<Option<Vec<u8>>, BundleError> {
    let Some(sign) = &options.sign else { return Ok(None) };
    let run = manifest.run.as_ref().map_or("unknown", |run| run.id.as_str());
    let comment = format!("obs bundle of run {run} made {}", manifest.bundle.created_at);
    let signature = sign.sign(sums.as_bytes(), &comment).and_then(|signature| {
        let is_short = signature.len() as u64 <= SIGNATURE_BYTES_MAX;
        if is_short { Ok(signature) } else { Err("the signature is too long".to_owned()) }
    });
    let failed =
        |why| BundleError::new(BundleErrorKind::Seal, format!("cannot sign the bundle: {why}"));
    signature.map(Some).map_err(failed)
}

/// Adds `support.json` and `SHA256SUMS`, and completes the archive.
pub(crate) fn close(
    mut collection: Collection,
    manifest: Manifest,
    collected: Vec<Collected>,
) -> Result<Filled, BundleError> {
    let support = json::document(&manifest)
        .map_err(|error| BundleError::new(BundleErrorKind::Output, error.to_string()))?;
    let own = sums::line(&Hash::of(&support), SUPPORT);
    collection.add_own(SUPPORT, &support)?;
    let sums = sums::lines(&manifest.files) + &own;
    collection.add_own(SUMS, sums.as_bytes())?;
    if let Some(signature) = sign(&collection.options, &manifest, &sums)? {
        collection.add_own(SIGNATURE, &signature)?;
    }
    let mut file = collection.into_archive().finish().map_err(|error| output_error(&error))?;
    let size = file.length().map_err(|error| output_error(&error))?;
    Ok(Filled { file, size, manifest, collected })
}
