//! Making a bundle of a bundle: redacted once more, and with fewer files.
use crate::archive::Archive;
use crate::choice;
use crate::collect::{NewFile, PLAIN_BYTES_MAX};
use crate::collection::Collection;
use crate::error::{BundleError, BundleErrorKind};
use crate::fill::{Filled, close};
use crate::manifest::{CollectorPart, FilePart, FromPart, LeftOut, Manifest, RunPart, State};
use crate::notes::LEFT_OUT_MAX;
use crate::options::Options;
use crate::remote::{Answer, Ending};
use crate::run::{RUN, Run, SUMMARY_BYTES_MAX};
use crate::sums;
use crate::target::{Opened, Target, sweep};
use crate::verify::{Limits, Reader};
use crate::write::{Bundle, now, publish};
use obs_core::UnixNanos;
use obs_core::redact::Redactor;
use obs_recorder::key_bytes_of;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What the name of a bundle ends with that was made of another, but for its type.
const SUFFIX: &str = "-redacted";
/// Folders of what the toolkit itself writes in forms of its own.
const OWN: [&str; 3] = ["journal/", "cursors/", "run/profile/"];

/// A bundle that was made of another.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tightened {
    /// The new one.
    pub bundle: Bundle,
    /// How many secrets were taken out that the other still had: marks in texts, and frames of the journal.
    pub taken_out: u64,
    /// Files of the other that are not in it.
    pub left_out: u64,
    /// Whether the other was signed: that signature is not in the new one, which it would not fit.
    pub was_signed: bool,
}

/// Makes a bundle of the bundle in `reader`: every file is passed through the rules once more, which may be later ones
/// or more than those that it was made by; files that [`Options::include`] and [`Options::exclude`] do not let in stay
/// out, and so do such that are no text, unless [`Options::include_binary`] is set.
///
/// What it is made of is verified first, and read in place; nothing that may hold a secret is ever in a file. Marks of
/// redaction stay as they are. New ones have digits where `run_directory`, that of the bundle's run, still has the key;
/// else they have none. `support.json` says what it was made of, and what was left out. The time of the new bundle is
/// that of the other, so that the same bundle and the same options give the same bytes. Of the options those about
/// output, choice, rules, signing, encrypting, time and file system count; an output that is there already is never
/// replaced. By default it stands beside the other, as `<name>-redacted.zip`.
///
/// Memory does not grow with the bundle. A bundle that was asked to end leaves no file, asked once or twice.
///
/// # Errors
///
/// [`BundleErrorKind::Input`] when the bundle cannot be read, or another read like it; [`BundleErrorKind::Check`] when
/// it is not whole; [`BundleErrorKind::Run`] when `run_directory` is not that of its run, or its key cannot be read;
/// and those of [`crate::write()`].
///
/// ```no_run
/// use obs_bundle::{Limits, Options, Reader, tighten};
///
/// let mut reader = Reader::open("support.zip".as_ref(), &Limits::default())?;
/// let mut options = Options::default();
/// options.rules.names.push("badge_number".to_owned());
/// options.exclude.push("artifacts/*".parse()?);
/// let tightened = tighten(&mut reader, None, &options)?;
/// println!("{}: {} taken out", tightened.bundle.path.display(), tightened.taken_out);
/// # Ok::<(), obs_bundle::BundleError>(())
/// ```
pub fn tighten(
    reader: &mut Reader,
    run_directory: Option<&Path>,
    options: &Options,
) -> Result<Tightened, BundleError> {
    let report = reader.verify(&Limits::default())?;
    let source = report.manifest.clone().filter(|_| report.is_whole());
    let Some(source) = source else {
        let why = report.problems.first().map(ToString::to_string).unwrap_or_default();
        return Err(failed(BundleErrorKind::Check, "make a tighter bundle of", reader, &why));
    };
    check_choice(&source, options)?;
    let redactor = redactor(&source, run_directory, options)?;
    let created_at = source.bundle.created_at.parse();
    let time: UnixNanos = created_at.map_err(|_| {
        failed(BundleErrorKind::Check, "tell the time of", reader, "bundle.created_at is no time")
    })?;
    let (notes, opened) = open(reader, options)?;
    let mut taken_out = 0;
    let (path, filled) = publish(opened, options, &redactor, &mut |file| {
        let mut anew = Anew::new(reader, &source, options, &redactor);
        let filled = anew.fill(Archive::new(file, time))?;
        taken_out = anew.taken_out;
        Ok(filled)
    })?;
    let Filled { manifest, size, collected, .. } = filled;
    let left_out = (source.files.len() - manifest.files.len()) as u64;
    let bundle = Bundle { path, size, manifest, collected, notes };
    Ok(Tightened { bundle, taken_out, left_out, was_signed: report.signed.is_some() })
}

fn failed(kind: BundleErrorKind, what: &str, reader: &Reader, why: &str) -> BundleError {
    BundleError::at(kind, what, reader.path(), why)
}

/// Refuses more patterns than a bundle can be verified with, those included by which it was made.
fn check_choice(source: &Manifest, options: &Options) -> Result<(), BundleError> {
    let bundle = &source.bundle;
    let from = bundle.from.iter().flat_map(|from| from.include.iter().chain(&from.exclude));
    let texts = bundle.include.iter().chain(&bundle.exclude).chain(from);
    let mut globs =
        texts.map(|text| text.parse()).collect::<Result<Vec<choice::Glob>, BundleError>>()?;
    globs.extend(options.include.iter().cloned());
    choice::check(&globs, &options.exclude)
}

/// The rules, with the key of the run if its directory is at hand.
fn redactor(
    source: &Manifest,
    run_directory: Option<&Path>,
    options: &Options,
) -> Result<Redactor, BundleError> {
    let Some(path) = run_directory else { return Ok(options.redactor(None)) };
    let run = Run::open(Arc::clone(&options.io), path)?;
    let refused = |why: &str| BundleError::at(BundleErrorKind::Run, "take the key of", path, why);
    let id = run.id().map(|id| id.to_string());
    if id.is_none() || id.as_ref() != source.run.as_ref().map(|run| &run.id) {
        return Err(refused("the bundle is of another run"));
    }
    match key_bytes_of(options.io.as_ref(), &run.directory) {
        Some(key) => Ok(options.redactor(Some(&key))),
        None => Err(refused("run.key cannot be read")),
    }
}

/// The file to write, and what went wrong when parts that were left there were removed.
fn open(reader: &Reader, options: &Options) -> Result<(Vec<String>, Opened), BundleError> {
    let (io, path) = (&options.io, reader.path());
    let beside = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Some(output) = options.output.as_deref().filter(|output| !output.is_dir()) {
        if output.symlink_metadata().is_ok() {
            let why = "a file of this name is there";
            return Err(BundleError::at(BundleErrorKind::Output, "write", output, why));
        }
        return Target::at(io, output).map(|opened| (Vec::new(), opened));
    }
    let directory = options.output.as_deref().unwrap_or(beside);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".age").unwrap_or(&name);
    let stem = format!("{}{SUFFIX}", name.strip_suffix(".zip").unwrap_or(name));
    let ending = if options.encrypt.is_some() { ".zip.age" } else { ".zip" };
    let first = format!("{stem}{ending}");
    let notes = sweep(io.as_ref(), directory, Some(first.as_ref()), now(options));
    Target::new_called(io, directory, (&stem, ending)).map(|opened| (notes, opened))
}

/// A bundle that is made anew.
struct Anew<'a> {
    reader: &'a mut Reader,
    source: &'a Manifest,
    options: &'a Options,
    redactor: &'a Redactor,
    taken_out: u64,
}

impl<'a> Anew<'a> {
    fn new(
        reader: &'a mut Reader,
        source: &'a Manifest,
        options: &'a Options,
        redactor: &'a Redactor,
    ) -> Self {
        Self { reader, source, options, redactor, taken_out: 0 }
    }

    fn fill(&mut self, archive: Archive) -> Result<Filled, BundleError> {
        let source = self.source;
        let options = Arc::new(self.options.clone());
        let mut collection = Collection::new(archive, options, None, self.redactor.clone());
        let texts = source.collectors.iter().flat_map(|part| {
            part.errors.iter().chain(part.left_out.iter().map(|left_out| &left_out.path))
        });
        collection.notes.text_bytes = texts.map(String::len).sum();
        let files: HashMap<&str, &FilePart> =
            source.files.iter().map(|file| (file.path.as_str(), file)).collect();
        let mut parts = Vec::new();
        for part in &source.collectors {
            for file in part.files.iter().filter_map(|path| files.get(path.as_str())) {
                self.check_cancel()?;
                self.add(file, &mut collection)?;
            }
            parts.push(joined(part, collection.part(part.name.clone(), None)));
        }
        let manifest = self.describe(&collection, parts)?;
        close(collection, manifest, Vec::new())
    }

    fn check_cancel(&self) -> Result<(), BundleError> {
        match self.options.cancel.is_asked() {
            true => Err(BundleError::new(BundleErrorKind::Canceled, "it was asked to end")),
            false => Ok(()),
        }
    }

    /// Adds a file, if it is wanted.
    fn add(&mut self, file: &FilePart, collection: &mut Collection) -> Result<(), BundleError> {
        match collection.begin(new_file(file)) {
            Ok(Answer::Go) => {}
            Err(error) if error.kind() == BundleErrorKind::Refused => {
                collection.notes.missing(&error.to_string());
                return Ok(());
            }
            other => return other.map(|_| ()),
        }
        let mut failure = None;
        let read = self.reader.read(&file.path, &mut |piece| {
            collection.copy(piece).map(|_| ()).map_err(|error| {
                failure = Some(error);
                io::Error::other("it cannot be written")
            })
        });
        failure.map_or(read, Err)?;
        let before = collection.files.len();
        collection.end(Ending::Whole).transpose()?;
        if let Some(new) = collection.files.get_mut(before) {
            let marks = new.redactions.saturating_sub(file.redactions);
            self.taken_out += marks + new.rewritten;
            new.rewritten += file.rewritten;
            new.selected.clone_from(&file.selected);
        }
        Ok(())
    }

    fn describe(
        &mut self,
        collection: &Collection,
        collectors: Vec<CollectorPart>,
    ) -> Result<Manifest, BundleError> {
        let mut manifest = self.source.clone();
        let texts = |globs: &[choice::Glob]| choice::texts(globs);
        let (include, exclude) = (texts(&self.options.include), texts(&self.options.exclude));
        let bundle = &mut manifest.bundle;
        let id = sums::id(&sums::lines(&collection.files));
        let id = std::mem::replace(&mut bundle.id, id);
        bundle.from.push(FromPart { id, include, exclude });
        bundle.tool_version = env!("CARGO_PKG_VERSION").to_owned();
        let is_complete = collectors.iter().all(|part| part.status.is_complete());
        bundle.state = if is_complete { State::Complete } else { State::Partial };
        let has_run = collection.files.iter().any(|file| file.path == RUN);
        manifest.run = match &self.source.run {
            Some(_) if has_run => {
                let bytes = self.reader.bytes(RUN, SUMMARY_BYTES_MAX as usize)?;
                RunPart::of(&bytes, self.redactor)
            }
            Some(run) => run.without_secrets(self.redactor),
            None => None,
        };
        manifest.collectors = collectors;
        manifest.files.clone_from(&collection.files);
        manifest.redact(self.redactor);
        manifest.redaction.counts.clone_from(&collection.redactions);
        Ok(manifest)
    }
}

fn new_file(file: &FilePart) -> NewFile {
    let mut new = NewFile::new(&file.path, &file.role);
    new.media_type.clone_from(&file.media_type);
    new.truncated.clone_from(&file.truncated);
    new.source.clone_from(&file.source);
    new.is_own = OWN.iter().any(|folder| file.path.starts_with(folder));
    // Marks may be longer than what they stand for.
    new.bytes_max = if file.size > PLAIN_BYTES_MAX / 2 { u64::MAX } else { PLAIN_BYTES_MAX };
    new
}

/// What came of a collector: what it had to say when it was asked, and what is left out now.
fn joined(old: &CollectorPart, new: CollectorPart) -> CollectorPart {
    let mut all = old.clone();
    all.status = if old.status.is_complete() { new.status } else { old.status };
    all.errors.extend(new.errors);
    all.files = new.files;
    let room = LEFT_OUT_MAX.saturating_sub(all.left_out.len());
    let told: Vec<LeftOut> = new.left_out.iter().take(room).cloned().collect();
    all.left_out_more += new.left_out_more + (new.left_out.len() - told.len()) as u64;
    all.left_out.extend(told);
    all
}
