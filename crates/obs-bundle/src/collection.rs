//! The files of a bundle as collectors add them.
use crate::archive::{Archive, Form};
use crate::collect::{NewFile, PLAIN_BYTES_MAX, Status};
use crate::content::Tally;
use crate::error::{BundleError, BundleErrorKind};
use crate::lines::Lines;
use crate::manifest::{CollectorPart, FilePart, LeftOut, Truncated, Why};
use crate::media;
use crate::names::{self, Clash, Taken};
use crate::options::Options;
use crate::remote::{Answer, Ending};
use crate::sums::{SUMS, SUPPORT};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// More files than this are refused; with `support.json` and `SHA256SUMS` they are what a verifier takes.
pub(crate) const FILES_MAX: usize = 9_998;
/// What `support.json` may say about the files, roughly; a verifier reads 8 MiB.
const DESCRIBED_BYTES_MAX: usize = 6 << 20;
/// What it says of any file beside its texts.
const DESCRIBED_BYTES: usize = 350;
/// More errors of one collector are only counted.
const ERRORS_MAX: usize = 100;
/// More files that one collector left out are only counted.
const LEFT_OUT_MAX: usize = 1_000;
/// What `support.json` says of such a file beside its path.
const LEFT_OUT_BYTES: usize = 80;
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
    open: Option<Opened>,
    options: Arc<Options>,
    /// How many of the files a collector's part names already.
    told: usize,
    missing: Vec<String>,
    missing_more: usize,
    left_out: Vec<LeftOut>,
    left_out_more: u64,
    /// Why the archive takes nothing more.
    broken: Option<BundleError>,
}

/// The file that is being added.
struct Opened {
    file: NewFile,
    tally: Tally,
    /// Where the file consists of lines.
    lines: Option<Lines>,
}

impl Collection {
    pub(crate) fn new(archive: Archive, options: Arc<Options>) -> Self {
        let mut taken = Taken::default();
        let own = taken.take(SUPPORT).and_then(|()| taken.take(SUMS));
        debug_assert_eq!(own, Ok(()));
        Self {
            archive,
            options,
            taken,
            files: Vec::new(),
            redactions: BTreeMap::new(),
            described_bytes: 0,
            open: None,
            told: 0,
            missing: Vec::new(),
            missing_more: 0,
            left_out: Vec::new(),
            left_out_more: 0,
            broken: None,
        }
    }

    /// What came of the collector that was asked last. `ended` says how it was ended, if it did not end by itself.
    pub(crate) fn part(&mut self, name: String, ended: Option<Status>) -> CollectorPart {
        let files: Vec<String> = self.files[self.told..].iter().map(|f| f.path.clone()).collect();
        self.told = self.files.len();
        let mut errors = std::mem::take(&mut self.missing);
        if self.missing_more > 0 {
            errors.push(format!("{} more", std::mem::take(&mut self.missing_more)));
        }
        let status = ended.unwrap_or(match (errors.is_empty(), files.is_empty()) {
            (true, false) => Status::Ok,
            (true, true) => Status::Skipped,
            (false, false) => Status::Partial,
            (false, true) => Status::Failed,
        });
        let left_out = std::mem::take(&mut self.left_out);
        let left_out_more = std::mem::take(&mut self.left_out_more);
        CollectorPart { name, status, errors, files, left_out, left_out_more }
    }

    /// Why the archive takes nothing more, if it does not.
    pub(crate) fn broken(&self) -> Option<BundleError> {
        self.broken.clone()
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

    /// Begins a file.
    pub(crate) fn begin(&mut self, mut file: NewFile) -> Result<Answer, BundleError> {
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
        if !self.options.wants(&file.path) {
            self.note_left_out(LeftOut::new(file.path, Why::Excluded));
            return Ok(Answer::LeaveOut);
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
        let window = Some(self.options.window).filter(|window| !window.is_unbounded());
        let lines = (file.media_type == media::LINES)
            .then(|| window.zip(file.times).map_or_else(Lines::default, Lines::in_window));
        self.open = Some(Opened { file, tally, lines });
        Ok(Answer::Go)
    }

    /// Takes the next bytes of the file that is being added. All bytes of all files pass here.
    pub(crate) fn copy(&mut self, piece: &[u8]) -> Result<(), BundleError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let Some(lines) = &mut open.lines else { return self.put(piece) };
        let whole = lines.pass(piece).to_owned();
        self.put(&whole)
    }

    /// Counts and writes what is to stand in the bundle.
    fn put(&mut self, bytes: &[u8]) -> Result<(), BundleError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.tally.update(bytes);
        let written = self.archive.write(bytes);
        written.map_err(|error| self.note_broken(&error))
    }

    /// Completes the file that is being added, all of whose bytes were taken.
    pub(crate) fn end(&mut self, ending: Ending) -> Result<(), BundleError> {
        match ending {
            Ending::Whole => {
                let lines = self.open.as_mut().and_then(|open| open.lines.as_mut());
                let rest = lines.map(Lines::finish).unwrap_or_default();
                self.put(&rest)?;
                self.close(None);
                Ok(())
            }
            Ending::Bound(bytes_max) => {
                let path = self.close(Some(Truncated::tail(None)));
                self.note_missing(format!("\"{path}\" is cut after {bytes_max} bytes"));
                Ok(())
            }
            Ending::Failed(why) => {
                let path = self.close(Some(Truncated::tail(None)));
                let message = format!("cannot read all of \"{path}\": {why}");
                Err(BundleError::new(BundleErrorKind::Source, message))
            }
        }
    }

    /// Completes the file that is being added, if one is, and returns its path.
    pub(crate) fn close(&mut self, truncated: Option<Truncated>) -> String {
        let Some(Opened { file, tally, lines }) = self.open.take() else { return String::new() };
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
            selected: lines.and_then(|lines| lines.selected()),
            source: file.source,
        });
        file.path
    }

    /// Notes that something is not in the bundle, and why.
    pub(crate) fn note_missing(&mut self, what: String) {
        if self.missing.len() < ERRORS_MAX {
            self.missing.push(shortened(&what));
        } else {
            self.missing_more += 1;
        }
    }

    /// Notes that a file is not in the bundle because it was not asked for.
    pub(crate) fn note_left_out(&mut self, left_out: LeftOut) {
        if self.left_out.len() < LEFT_OUT_MAX {
            self.described_bytes += LEFT_OUT_BYTES + left_out.path.len();
            self.left_out.push(left_out);
        } else {
            self.left_out_more += 1;
        }
    }

    fn note_broken(&mut self, error: &io::Error) -> BundleError {
        self.open = None;
        self.broken.insert(output_error(error)).clone()
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
