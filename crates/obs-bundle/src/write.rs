//! Writing a bundle.
use crate::choice;
use crate::collection::output_error;
use crate::error::{BundleError, BundleErrorKind};
use crate::fill::{Collected, Filled, fill, redactor};
use crate::manifest::Manifest;
use crate::options::Options;
use crate::output::Output;
use crate::recheck::recheck;
use crate::run::Run;
use crate::seal::{Encrypt, Plain, Sealed};
use crate::target::{Opened, Target, sweep};
use crate::verify::{Limits, verify_file};
use crate::watched::Watched;
use obs_core::UnixNanos;
use obs_core::io::IoFile;
use obs_core::redact::Redactor;
use obs_recorder::{Clock, SystemClock};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Fills an empty file.
type Fill<'a> = &'a mut dyn FnMut(Box<dyn IoFile>) -> Result<Filled, BundleError>;

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

/// Puts the run in `run_directory` into one file: a run of this or another process that is alive, or one that has
/// ended, or one that died and was not recovered.
///
/// Of a live run it takes what is on the disk: the lines that are complete and the segments as they are, each up to
/// the length that the file has when its turn comes. What only rings and stage hold is not in it. A run that writes
/// on, rotates its log or drops old segments meanwhile does no harm.
///
/// What a collector cannot read is missing in the bundle, which says so; the bundle's state is then
/// [`crate::State::Partial`]. So it is when a collector took too long, or [`Options::cancel`] ended the bundle early:
/// what was there by then is kept. Each collector runs on a thread of its own; one that hangs is left to itself. The
/// file gets its name when it is complete, has been read back and verified, and is synced; before that it is
/// `<name>.part`, with mode 0600. Parts that dead processes left where it is to stand are removed.
///
/// Takes as long as deflating all that goes in, at some 100 MB/s, and about 1 MiB of memory beside the list of files.
///
/// # Errors
///
/// [`BundleErrorKind::Run`] when the directory holds no run, [`BundleErrorKind::Output`] when the bundle cannot be
/// written, [`BundleErrorKind::Size`] when [`Options::bytes_max`] is too little, [`BundleErrorKind::Canceled`] when
/// it was asked twice to end, [`BundleErrorKind::Seal`] when it cannot be signed or encrypted,
/// [`BundleErrorKind::Check`] when what was written does not verify. No file of the bundle stays then.
pub fn write(run_directory: &Path, options: &Options) -> Result<Bundle, BundleError> {
    let now = now(options);
    choice::check(&options.include, &options.exclude)?;
    let run = Arc::new(Run::open(Arc::clone(&options.io), run_directory)?);
    let (notes, (target, file)) = open(run_directory, options, now)?;
    let time = run.ended_at().unwrap_or(now);
    let redactor = redactor(&run, options);
    let (path, filled) =
        publish((target, file), options, &redactor, &mut |file| fill(&run, options, file, time))?;
    let Filled { manifest, collected, size, .. } = filled;
    Ok(Bundle { path, size, manifest, collected, notes })
}

/// Lets `fill` fill a file, reads it back, encrypts it where that is asked for, and gives it its name.
pub(crate) fn publish(
    (target, file): Opened,
    options: &Options,
    redactor: &Redactor,
    fill: Fill<'_>,
) -> Result<(PathBuf, Filled), BundleError> {
    let watched = |file| Box::new(Watched { file, cancel: options.cancel.clone() });
    let filled = match &options.encrypt {
        None => whole(fill, watched(file), redactor),
        Some(encrypt) => target
            .nameless()
            .and_then(|plain| whole(fill, watched(plain), redactor))
            .and_then(|filled| seal(encrypt.as_ref(), filled, watched(file))),
    };
    let mut filled = match filled {
        Ok(filled) => filled,
        Err(error) => return Err(target.discard(error.if_ended(&options.cancel))),
    };
    let path =
        target.publish(filled.file.as_mut()).map_err(|error| error.if_ended(&options.cancel))?;
    Ok((path, filled))
}

/// The time that counts as now.
pub(crate) fn now(options: &Options) -> UnixNanos {
    options.now.unwrap_or_else(|| UnixNanos(SystemClock::new().anchor().unix_ns))
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
        let ending = if options.encrypt.is_some() { ".zip.age" } else { ".zip" };
        return Target::new_in(io, directory, (now, ending)).map(|opened| (notes, opened));
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let notes = match directory.unwrap_or(Path::new(".")) {
        directory if directory.is_dir() => sweep(io.as_ref(), directory, path.file_name(), now),
        _ => Vec::new(),
    };
    Target::at(io, path).map(|opened| (notes, opened))
}

/// A bundle that was read back.
fn whole(
    fill: Fill<'_>,
    file: Box<dyn IoFile>,
    redactor: &Redactor,
) -> Result<Filled, BundleError> {
    let mut filled = fill(file)?;
    check(filled.file.as_mut())?;
    recheck(filled.file.as_mut(), &filled.manifest, redactor)?;
    Ok(filled)
}

/// Puts it into `file`, encrypted.
fn seal(
    encrypt: &dyn Encrypt,
    mut filled: Filled,
    file: Box<dyn IoFile>,
) -> Result<Filled, BundleError> {
    let mut sealed = Sealed { output: Output::new(file) };
    let mut plain = Plain { file: filled.file.as_mut(), at: 0 };
    encrypt.encrypt(&mut plain, &mut sealed).map_err(|why| {
        BundleError::new(BundleErrorKind::Seal, format!("cannot encrypt the bundle: {why}"))
    })?;
    filled.file = sealed.output.into_file().map_err(|error| output_error(&error))?;
    filled.size = filled.file.length().map_err(|error| output_error(&error))?;
    Ok(filled)
}

/// Reads everything back.
fn check(file: &mut dyn IoFile) -> Result<(), BundleError> {
    let report = verify_file(file, &Limits::unbounded());
    let report = report.map_err(|error| output_error(&error))?;
    report.problems.first().map_or(Ok(()), |problem| {
        let message = format!("the finished bundle does not verify: {problem}");
        Err(BundleError::new(BundleErrorKind::Check, message))
    })
}
