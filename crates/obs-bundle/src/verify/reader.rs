//! Reading a bundle in place.
use super::directory::Entry;
use super::limits::Limits;
use super::problem::{Problem, Problems};
use super::report::Report;
use super::{content, structure, verify_file};
use crate::error::{BundleError, BundleErrorKind};
use crate::hash::Hash;
use crate::manifest::Manifest;
use crate::sums::{self, SIGNATURE, SUMS};
use obs_core::io::{Disk, Io, IoFile, Open};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

/// Takes the bytes of a file, piece by piece.
type Take<'a> = &'a mut dyn FnMut(&[u8]) -> io::Result<()>;

/// A bundle that is read without unpacking it: its directory is in order, and every file is compared with `SHA256SUMS`
/// before a byte of it is given out.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    file: Box<dyn IoFile>,
    entries: Vec<Entry>,
    manifest: Manifest,
    digests: HashMap<String, String>,
}

impl Reader {
    /// Opens a bundle and reads its description. Contents are not looked at yet.
    ///
    /// # Errors
    ///
    /// [`BundleErrorKind::Input`] when the file cannot be read, [`BundleErrorKind::Check`] when its directory is not
    /// that of a bundle, or it has no description that can be read.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, BundleError> {
        let unreadable = |error| BundleError::at(BundleErrorKind::Input, "read", path, error);
        let real = path.canonicalize().map_err(unreadable)?;
        let file = Disk::new().open(&real, Open::Read).map_err(unreadable)?;
        Self::of(file, path, limits)
    }

    /// Reads a bundle in an open file, as [`Reader::open`] does; errors call it by `path`.
    ///
    /// # Errors
    ///
    /// Those of [`Reader::open`].
    pub fn of(
        mut file: Box<dyn IoFile>,
        path: &Path,
        limits: &Limits,
    ) -> Result<Self, BundleError> {
        let unreadable = |error| BundleError::at(BundleErrorKind::Input, "read", path, error);
        let mut problems = Problems::default();
        let entries = structure(file.as_mut(), limits, &mut problems).map_err(unreadable)?;
        let mut described = None;
        if let Some(entries) = &entries {
            described =
                content::described(file.as_mut(), entries, &mut problems).map_err(unreadable)?;
        }
        let first = problems.finish().0.into_iter().next();
        let (None, Some(entries), Some((manifest, sums))) = (&first, entries, described) else {
            return Err(Self::refused(path, first));
        };
        let lines = sums::parse(&sums).flatten();
        let digests = lines.map(|(digest, path)| (path.to_owned(), digest.to_owned())).collect();
        Ok(Self { path: path.to_owned(), file, entries, manifest, digests })
    }

    fn refused(path: &Path, problem: Option<Problem>) -> BundleError {
        let why = problem.map_or_else(|| "it is no bundle".to_owned(), |it| it.to_string());
        BundleError::at(BundleErrorKind::Check, "read", path, why)
    }

    /// What its `support.json` says: to be trusted as far as the bundle is whole, which [`crate::verify()`] tells.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Checks all of it, as [`crate::verify()`] does.
    ///
    /// # Errors
    ///
    /// [`BundleErrorKind::Input`] when the file cannot be read.
    pub fn verify(&mut self, limits: &Limits) -> Result<Report, BundleError> {
        verify_file(self.file.as_mut(), limits)
            .map_err(|error| BundleError::at(BundleErrorKind::Input, "read", &self.path, error))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The paths of its files, the last ones, which describe the others, included.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// Gives out the bytes of a file in pieces of 64 KiB at most. They are read twice: first to see whether they are
    /// those that `SHA256SUMS` lists.
    ///
    /// # Errors
    ///
    /// [`BundleErrorKind::Input`] when there is no such file, or it cannot be read, or `take` fails;
    /// [`BundleErrorKind::Check`] when its bytes are not those that were put in: then none were given out.
    pub fn read(&mut self, path: &str, take: Take<'_>) -> Result<(), BundleError> {
        let Some(entry) = self.entries.iter().find(|entry| entry.name == path).cloned() else {
            let why = format!("there is no \"{}\" in it", path.escape_debug());
            return Err(BundleError::at(BundleErrorKind::Input, "read from", &self.path, why));
        };
        let digest = self.digest(&entry, &mut |_| Ok(()))?;
        if path != SUMS && path != SIGNATURE && self.digests.get(path) != Some(&digest) {
            let why = format!("\"{path}\" is not what {SUMS} lists");
            return Err(BundleError::at(BundleErrorKind::Check, "read from", &self.path, why));
        }
        if self.digest(&entry, take)? != digest {
            let why = format!("\"{path}\" changed while it was read");
            return Err(BundleError::at(BundleErrorKind::Check, "read from", &self.path, why));
        }
        Ok(())
    }

    /// Reads an entry once and returns its digest.
    fn digest(&mut self, entry: &Entry, take: Take<'_>) -> Result<String, BundleError> {
        let at = |kind, why: &str| BundleError::at(kind, "read from", &self.path, why);
        let (mut hash, mut failure) = (Hash::new(), None);
        let mut both = |piece: &[u8]| {
            hash.update(piece);
            if failure.is_none() {
                failure = take(piece).err();
            }
        };
        let fault = content::read(self.file.as_mut(), entry, &mut both)
            .map_err(|error| at(BundleErrorKind::Input, &error.to_string()))?;
        if let Some(error) = failure {
            return Err(at(BundleErrorKind::Input, &error.to_string()));
        }
        match fault {
            Some(what) => Err(at(BundleErrorKind::Check, &format!("{}: {what}", entry.name))),
            None => Ok(hash.finish()),
        }
    }

    /// All bytes of a file.
    ///
    /// # Errors
    ///
    /// Those of [`Reader::read`]; [`BundleErrorKind::Input`] when there are more than `bytes_max`.
    pub fn bytes(&mut self, path: &str, bytes_max: usize) -> Result<Vec<u8>, BundleError> {
        let mut bytes = Vec::new();
        self.read(path, &mut |piece| {
            if bytes.len() + piece.len() > bytes_max {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }
}
