//! The files of a bundle as collectors add them.
use crate::archive::{Archive, Form};
use crate::collect::{NewFile, Status};
use crate::error::{BundleError, BundleErrorKind};
use crate::manifest::{CollectorPart, FilePart};
use crate::names::{self, Clash, Taken};
use crate::notes::{Notes, shortened};
use crate::opened::Opened;
use crate::options::Options;
use crate::room::Room;
use crate::sums::{SIGNATURE, SUMS, SUPPORT};
use obs_core::redact::Redactor;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// More files than this are refused; with `support.json` and `SHA256SUMS` they are what a verifier takes.
pub(crate) const FILES_MAX: usize = 9_998;
/// What `support.json` may say about the files, roughly; a verifier reads 8 MiB.
const DESCRIBED_BYTES_MAX: usize = 6 << 20;
/// What it says of any file beside its texts.
const DESCRIBED_BYTES: usize = 350;
/// The files so far, on their way into the archive.
pub(crate) struct Collection {
    pub(crate) archive: Archive,
    taken: Taken,
    pub(crate) files: Vec<FilePart>,
    pub(crate) redactions: BTreeMap<String, u64>,
    pub(crate) redactor: Redactor,
    described_bytes: usize,
    /// The file that is being added.
    pub(crate) open: Option<Opened>,
    pub(crate) options: Arc<Options>,
    /// How many of the files a collector's part names already.
    told: usize,
    pub(crate) notes: Notes,
    /// Where the archive may not be longer than so much.
    pub(crate) room: Option<Room>,
    /// Why the archive takes nothing more.
    broken: Option<BundleError>,
}

impl Collection {
    pub(crate) fn new(
        archive: Archive,
        options: Arc<Options>,
        room: Option<Room>,
        redactor: Redactor,
    ) -> Self {
        let mut taken = Taken::default();
        let own = [SUPPORT, SUMS, SIGNATURE].into_iter().try_for_each(|path| taken.take(path));
        debug_assert_eq!(own, Ok(()));
        Self {
            archive,
            options,
            taken,
            files: Vec::new(),
            redactions: BTreeMap::new(),
            redactor,
            described_bytes: 0,
            open: None,
            told: 0,
            notes: Notes::default(),
            room,
            broken: None,
        }
    }

    /// Sets room aside for collectors that will be asked later, who have so many bytes each.
    pub(crate) fn share(&mut self, later: &[u64]) {
        let own_bytes = self.notes.text_bytes as u64;
        if let Some(room) = &mut self.room {
            room.share(self.archive.bytes(), own_bytes, later);
        }
    }

    /// What came of the collector that was asked last. `ended` says how it was ended, if it did not end by itself.
    pub(crate) fn part(&mut self, name: String, ended: Option<Status>) -> CollectorPart {
        let files: Vec<String> = self.files[self.told..].iter().map(|f| f.path.clone()).collect();
        self.told = self.files.len();
        self.notes.part(name, files, ended)
    }

    /// Why the archive takes nothing more, if it does not.
    pub(crate) fn broken(&self) -> Option<BundleError> {
        self.broken.clone()
    }

    /// Adds one of the bundle's own two files, which no list of files names.
    pub(crate) fn add_own(&mut self, path: &str, bytes: &[u8]) -> Result<(), BundleError> {
        let form = Form { is_deflated: true, is_large: false };
        let started = self.archive.start(path, form).and_then(|()| self.archive.write(bytes));
        let ended = started.and_then(|()| self.archive.flush()).and_then(|()| self.archive.end());
        ended.map_err(|error| output_error(&error))
    }

    pub(crate) fn into_archive(self) -> Archive {
        self.archive
    }

    /// Whether a file may be added, and how long the archive may become by it, if that is bounded.
    pub(crate) fn admit(&mut self, file: &mut NewFile) -> Result<Option<u64>, BundleError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        for text in [&mut file.role, &mut file.media_type].into_iter().chain(&mut file.source) {
            *text = shortened(text);
        }
        let refused = |why: &str| {
            let message = format!("cannot add \"{}\": {why}", file.path.escape_debug());
            BundleError::new(BundleErrorKind::Refused, message)
        };
        if self.redactor.has_secret(&file.path) {
            let message = "cannot add a file whose path looks like a secret";
            return Err(BundleError::new(BundleErrorKind::Refused, message));
        }
        if let Some(fault) = names::fault(&file.path) {
            return Err(refused(&format!("its path {fault}")));
        }
        let texts = [&file.path, &file.path, &file.role, &file.media_type];
        let texts = texts.into_iter().chain(&file.source).map(String::len).sum::<usize>();
        let described_bytes = self.described_bytes + DESCRIBED_BYTES + texts;
        let is_full = self.files.len() >= FILES_MAX
            || described_bytes + self.notes.text_bytes > DESCRIBED_BYTES_MAX;
        if is_full {
            return Err(refused("the bundle is full"));
        }
        self.taken.take(&file.path).map_err(|clash| match clash {
            Clash::Same => refused("the path is taken"),
            Clash::Like => refused("a path is taken that differs in case alone, or is its folder"),
        })?;
        self.described_bytes = described_bytes;
        let own_bytes = self.notes.text_bytes as u64;
        Ok(self.room.as_mut().map(|room| {
            let limit = room.limit(own_bytes, texts);
            room.describe(texts);
            limit
        }))
    }

    pub(crate) fn note_broken(&mut self, error: &io::Error) -> BundleError {
        self.open = None;
        self.broken.insert(output_error(error)).clone()
    }
}

pub(crate) fn output_error(error: &io::Error) -> BundleError {
    BundleError::new(BundleErrorKind::Output, format!("cannot write the bundle: {error}"))
}
