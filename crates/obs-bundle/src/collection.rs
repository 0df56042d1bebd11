//! The files of a bundle as collectors add them.
use crate::archive::{Archive, Form};
use crate::collect::{Collector, Files, NewFile, PLAIN_BYTES_MAX, Status};
use crate::content::{PIECE_BYTES, Tally};
use crate::error::{BundleError, BundleErrorKind};
use crate::manifest::{CollectorPart, FilePart, Truncated};
use crate::media;
use crate::names::{self, Clash, Taken};
use crate::sums::{SUMS, SUPPORT};
use std::any::Any;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// More files than this are refused; with `support.json` and `SHA256SUMS` they are what a verifier takes.
pub(crate) const FILES_MAX: usize = 9_998;
/// What `support.json` may say about the files, roughly; a verifier reads 8 MiB.
const DESCRIBED_BYTES_MAX: usize = 6 << 20;
/// What it says of any file beside its texts.
const DESCRIBED_BYTES: usize = 350;
/// More errors of one collector are only counted.
const ERRORS_MAX: usize = 100;
/// Longer texts are cut.
const TEXT_CHARS_MAX: usize = 500;

/// The files so far, on their way into the archive.
pub(crate) struct Collection {
    archive: Archive,
    taken: Taken,
    pub(crate) files: Vec<FilePart>,
    pub(crate) redactions: BTreeMap<String, u64>,
    described_bytes: usize,
    /// The file that is being added.
    open: Option<(NewFile, Tally)>,
    missing: Vec<String>,
    missing_more: usize,
    /// Why the archive takes nothing more.
    broken: Option<BundleError>,
}

impl Collection {
    pub(crate) fn new(archive: Archive) -> Self {
        let mut taken = Taken::default();
        let own = taken.take(SUPPORT).and_then(|()| taken.take(SUMS));
        debug_assert_eq!(own, Ok(()));
        Self {
            archive,
            taken,
            files: Vec::new(),
            redactions: BTreeMap::new(),
            described_bytes: 0,
            open: None,
            missing: Vec::new(),
            missing_more: 0,
            broken: None,
        }
    }

    /// Asks one collector for its files. Its failure or panic is its own; only a broken archive ends the bundle.
    pub(crate) fn ask(&mut self, collector: &dyn Collector) -> Result<CollectorPart, BundleError> {
        let before = self.files.len();
        let outcome = catch_unwind(AssertUnwindSafe(|| collector.collect(self)));
        let failure = match outcome {
            Ok(result) => result.err().map(|error| error.to_string()),
            Err(payload) => Some(format!("panicked: {}", panic_text(payload.as_ref()))),
        };
        self.close(Some(Truncated::tail(None)));
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        let paths: Vec<String> = self.files[before..].iter().map(|f| f.path.clone()).collect();
        if let Some(error) = failure {
            self.missing(error);
        }
        let mut errors = std::mem::take(&mut self.missing);
        if self.missing_more > 0 {
            errors.push(format!("{} more", std::mem::take(&mut self.missing_more)));
        }
        let status = match (errors.is_empty(), paths.is_empty()) {
            (true, false) => Status::Ok,
            (true, true) => Status::Skipped,
            (false, false) => Status::Partial,
            (false, true) => Status::Failed,
        };
        Ok(CollectorPart { name: collector.name().to_owned(), status, errors, files: paths })
    }

    /// Adds one of the bundle's own two files, which no list of files names.
    pub(crate) fn add_own(&mut self, path: &str, bytes: &[u8]) -> Result<(), BundleError> {
        let form = Form { is_deflated: true, is_large: false };
        let written = self.archive.start(path, form).and_then(|()| self.archive.write(bytes));
        written.map_err(|error| output_error(&error))
    }

    pub(crate) fn into_archive(self) -> Archive {
        self.archive
    }

    fn begin(&mut self, mut file: NewFile) -> Result<(), BundleError> {
        for text in [&mut file.role, &mut file.media_type].into_iter().chain(&mut file.source) {
            *text = shortened(text);
        }
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        let refused = |why: &str| {
            let message = format!("cannot add \"{}\": {why}", file.path.escape_debug());
            BundleError::new(BundleErrorKind::Refused, message)
        };
        if let Some(fault) = names::fault(&file.path) {
            return Err(refused(&format!("its path {fault}")));
        }
        let texts = [&file.path, &file.path, &file.role, &file.media_type];
        let texts = texts.into_iter().chain(&file.source).map(String::len).sum::<usize>();
        self.described_bytes += DESCRIBED_BYTES + texts;
        if self.files.len() >= FILES_MAX || self.described_bytes > DESCRIBED_BYTES_MAX {
            return Err(refused("the bundle is full"));
        }
        self.taken.take(&file.path).map_err(|clash| match clash {
            Clash::Same => refused("the path is taken"),
            Clash::Like => refused("a path is taken that differs in case alone, or is its folder"),
        })?;
        let form = Form {
            is_deflated: !media::is_compressed(&file.media_type),
            is_large: file.bytes_max > PLAIN_BYTES_MAX,
        };
        let started = self.archive.start(&file.path, form);
        started.map_err(|error| self.note_broken(&error))?;
        let tally = Tally::new(&file.media_type);
        self.open = Some((file, tally));
        Ok(())
    }

    fn copy(&mut self, content: &mut dyn Read) -> Result<(), BundleError> {
        let mut piece = vec![0; PIECE_BYTES];
        let bytes_max = self.open.as_ref().map_or(0, |(file, _)| file.bytes_max);
        let mut room = bytes_max;
        loop {
            let wanted = usize::try_from(room.saturating_add(1)).unwrap_or(usize::MAX);
            let length = piece.len().min(wanted);
            let read = match content.read(&mut piece[..length]) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.cut_short(&error)),
            };
            let kept = read.min(usize::try_from(room).unwrap_or(usize::MAX));
            if let Some((_, tally)) = &mut self.open {
                tally.update(&piece[..kept]);
            }
            let written = self.archive.write(&piece[..kept]);
            written.map_err(|error| self.note_broken(&error))?;
            room -= kept as u64;
            if kept < read {
                let path = self.close(Some(Truncated::tail(None)));
                self.missing(format!("\"{path}\" is cut after {bytes_max} bytes"));
                return Ok(());
            }
        }
    }

    fn cut_short(&mut self, error: &io::Error) -> BundleError {
        let path = self.close(Some(Truncated::tail(None)));
        let message = format!("cannot read all of \"{path}\": {error}");
        BundleError::new(BundleErrorKind::Source, message)
    }

    /// Completes the file that is being added, if one is, and returns its path.
    fn close(&mut self, truncated: Option<Truncated>) -> String {
        let Some((file, tally)) = self.open.take() else { return String::new() };
        let content = tally.finish();
        for (rule, count) in &content.redactions {
            *self.redactions.entry(rule.clone()).or_default() += count;
        }
        self.files.push(FilePart {
            path: file.path.clone(),
            role: file.role,
            media_type: file.media_type,
            size: content.size,
            sha256: content.sha256,
            records: content.records,
            redactions: content.redactions.values().sum(),
            truncated: truncated.or(file.truncated),
            source: file.source,
        });
        file.path
    }

    fn note_broken(&mut self, error: &io::Error) -> BundleError {
        self.open = None;
        self.broken.insert(output_error(error)).clone()
    }
}

impl Files for Collection {
    fn add(&mut self, file: NewFile, content: &mut dyn Read) -> Result<(), BundleError> {
        self.begin(file)?;
        self.copy(content)?;
        self.close(None);
        Ok(())
    }

    fn missing(&mut self, what: String) {
        if self.missing.len() < ERRORS_MAX {
            self.missing.push(shortened(&what));
        } else {
            self.missing_more += 1;
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

pub(crate) fn output_error(error: &io::Error) -> BundleError {
    BundleError::new(BundleErrorKind::Output, format!("cannot write the bundle: {error}"))
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
