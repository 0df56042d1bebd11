//! A disk that gets into trouble when it is told to, and out of it again.
use obs_core::io::{Disk, Io, IoFile, Open};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What is wrong with the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Trouble {
    /// Nothing.
    #[default]
    None,
    /// Nothing can be added: writes and new files fail with "no space left".
    Full,
    /// Nothing can be changed: what changes files or names fails as on a file system mounted for reading alone.
    ReadOnly,
    /// Every call waits until the trouble is over.
    Stalled,
}

/// The real file system, with a switch for trouble with what lies below a directory. Clones share the switch.
#[derive(Debug, Clone)]
pub struct TroubledDisk {
    root: PathBuf,
    switch: Arc<Switch>,
}

#[derive(Debug, Default)]
struct Switch {
    trouble: Mutex<Trouble>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Look,
    Change,
    Add,
}

impl TroubledDisk {
    /// A disk without trouble, which is mounted at `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), switch: Arc::default() }
    }

    /// Brings trouble, or ends it: calls that wait go on.
    pub fn set(&self, trouble: Trouble) {
        *self.switch.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        self.switch.changed.notify_all();
    }

    fn pass(&self, path: &Path, act: Act) -> io::Result<()> {
        if path.starts_with(&self.root) { self.switch.pass(act) } else { Ok(()) }
    }
}

impl Switch {
    fn pass(&self, act: Act) -> io::Result<()> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let is_stalled = |trouble: &mut Trouble| *trouble == Trouble::Stalled;
        let trouble = self.changed.wait_while(trouble, is_stalled);
        match (*trouble.unwrap_or_else(PoisonError::into_inner), act) {
            (Trouble::Full, Act::Add) => Err(ErrorKind::StorageFull.into()),
            (Trouble::ReadOnly, Act::Add | Act::Change) => {
                Err(ErrorKind::ReadOnlyFilesystem.into())
            }
            _ => Ok(()),
        }
    }
}

impl Io for TroubledDisk {
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn IoFile>> {
        let is_there = how != Open::New && path.exists();
        self.pass(
            path,
            match how {
                Open::Read => Act::Look,
                _ if is_there => Act::Change,
                _ => Act::Add,
            },
        )?;
        let file = Disk::new().open(path, how)?;
        if !path.starts_with(&self.root) {
            return Ok(file);
        }
        Ok(Box::new(TroubledFile { file, switch: Arc::clone(&self.switch) }))
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        self.pass(directory, Act::Look)?;
        Disk::new().list(directory)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.pass(from, Act::Change)?;
        Disk::new().rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.pass(path, Act::Change)?;
        Disk::new().remove(path)
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        self.pass(path, Act::Add)?;
        Disk::new().make_directory(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        self.pass(path, Act::Change)?;
        Disk::new().remove_directory(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.pass(path, Act::Look)?;
        Disk::new().sync_directory(path)
    }
}

#[derive(Debug)]
struct TroubledFile {
    file: Box<dyn IoFile>,
    switch: Arc<Switch>,
}

impl IoFile for TroubledFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.switch.pass(Act::Look)?;
        self.file.read_at(offset, buffer)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.switch.pass(Act::Add)?;
        self.file.write_at(offset, bytes)
    }

    fn length(&mut self) -> io::Result<u64> {
        self.switch.pass(Act::Look)?;
        self.file.length()
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.switch.pass(Act::Change)?;
        self.file.set_length(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.switch.pass(Act::Look)?;
        self.file.sync()
    }
}
