//! Files in memory, for formats whose readers want a file system.
use obs_core::io::{Io, IoFile, Open};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The bytes of files, by path.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A file system that is nothing but a map. Clones share it; directories are there when asked for.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: Arc<Mutex<Files>>,
}

impl Memory {
    /// A file system that holds these files.
    #[must_use]
    pub fn new(files: Files) -> Self {
        Self { files: Arc::new(Mutex::new(files)) }
    }

    /// One that holds one file.
    #[must_use]
    pub fn of(path: impl Into<PathBuf>, bytes: &[u8]) -> Self {
        Self::new(Files::from([(path.into(), bytes.to_vec())]))
    }

    /// A copy of all files.
    #[must_use]
    pub fn files(&self) -> Files {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Io for Memory {
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn IoFile>> {
        let mut files = self.lock();
        match (how, files.contains_key(path)) {
            (Open::New, true) => return Err(ErrorKind::AlreadyExists.into()),
            (Open::Read, false) => return Err(ErrorKind::NotFound.into()),
            (_, true) => {}
            (_, false) => drop(files.insert(path.to_owned(), Vec::new())),
        }
        Ok(Box::new(File { memory: self.clone(), path: path.to_owned() }))
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let files = self.lock();
        Ok(files.keys().filter(|path| path.parent() == Some(directory)).cloned().collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = self.lock();
        let bytes = files.remove(from).ok_or(ErrorKind::NotFound)?;
        files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.lock().remove(path).map(drop).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn make_directory(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove_directory(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn sync_directory(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct File {
    memory: Memory,
    path: PathBuf,
}

impl File {
    fn with<T>(&self, act: impl FnOnce(&mut Vec<u8>) -> T) -> io::Result<T> {
        self.memory.lock().get_mut(&self.path).map(act).ok_or_else(|| ErrorKind::NotFound.into())
    }
}

impl IoFile for File {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.with(|bytes| {
            let from = usize::try_from(offset).map_or(bytes.len(), |at| at.min(bytes.len()));
            let count = buffer.len().min(bytes.len() - from);
            buffer[..count].copy_from_slice(&bytes[from..from + count]);
            count
        })
    }

    fn write_at(&mut self, offset: u64, new: &[u8]) -> io::Result<usize> {
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        self.with(|bytes| {
            bytes.resize(bytes.len().max(from + new.len()), 0);
            bytes[from..from + new.len()].copy_from_slice(new);
            new.len()
        })
    }

    fn length(&mut self) -> io::Result<u64> {
        self.with(|bytes| bytes.len() as u64)
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        self.with(|bytes| bytes.resize(length, 0))
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
