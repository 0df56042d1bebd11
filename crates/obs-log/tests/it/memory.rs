//! A file system in memory that can be killed, fail, or lose its power at any operation.
use obs_core::io::{Io, IoFile, Open};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// The unit in which unsynced contents are lost or kept in a power cut.
const PAGE_BYTES: usize = 512;

#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    /// What was done to names since the last sync.
    changes: Vec<Change>,
    files: Vec<Contents>,
    operations: u64,
    fault: Fault,
}

#[derive(Debug)]
enum Change {
    Make(PathBuf, usize),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

impl Change {
    /// Does it; false if there is no such name.
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) -> bool {
        match self {
            Self::Make(path, file) => {
                names.insert(path.clone(), *file);
                true
            }
            Self::Rename(from, to) => {
                let file = names.remove(from);
                file.map(|file| names.insert(to.clone(), file)).is_some()
            }
            Self::Remove(path) => names.remove(path).is_some(),
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Contents {
    bytes: Vec<u8>,
    synced: Vec<u8>,
    /// Pages that the next sync will write.
    dirty: BTreeSet<usize>,
}

/// What goes wrong, and at which operation from now on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Fault {
    #[default]
    None,
    /// The process is gone: this operation and all later ones are not done, or a write half.
    Kill(u64),
    /// One operation fails; a write is done half.
    Fail(u64, ErrorKind),
    /// One write is short, without an error.
    Short(u64),
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn set_fault(&self, fault: Fault) {
        let mut state = self.state();
        (state.operations, state.fault) = (0, fault);
    }

    /// How many operations there were since the fault was set.
    pub(crate) fn operations(&self) -> u64 {
        self.state().operations
    }

    pub(crate) fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let state = self.state();
        let file =
            |(path, file): (&PathBuf, &usize)| (path.clone(), state.files[*file].bytes.clone());
        state.names.iter().map(file).collect()
    }

    pub(crate) fn put(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.state();
        let file = state.create(path);
        state.files[file].bytes = bytes.to_vec();
    }

    /// The machine loses its power: of what was done to names and contents since they were synced, some has reached the
    /// disk, as `chance` says, in no order.
    pub(crate) fn cut_power(&self, chance: &mut dyn FnMut() -> bool) {
        let mut state = self.state();
        let mut names = std::mem::take(&mut state.durable_names);
        for change in state.changes.drain(..).filter(|_| chance()) {
            change.apply(&mut names);
        }
        (state.names, state.durable_names) = (names.clone(), names);
        for file in &mut state.files {
            let mut bytes = file.synced.clone();
            if chance() {
                bytes.resize(file.bytes.len(), 0);
            }
            for (new, written) in bytes.chunks_mut(PAGE_BYTES).zip(file.bytes.chunks(PAGE_BYTES)) {
                if chance() {
                    let length = new.len().min(written.len());
                    new[..length].copy_from_slice(&written[..length]);
                }
            }
            (file.bytes, file.synced) = (bytes.clone(), bytes);
            file.dirty.clear();
        }
    }

    /// Counts an operation; an error if it is not to be done.
    fn step(&self) -> Result<()> {
        let mut state = self.state();
        let number = state.operations;
        state.operations += 1;
        match state.fault {
            Fault::Kill(at) if number >= at => Err(Error::other("killed")),
            Fault::Fail(at, kind) if number == at => Err(kind.into()),
            _ => Ok(()),
        }
    }
}

impl State {
    fn create(&mut self, path: &Path) -> usize {
        if let Some(file) = self.names.get(path) {
            return *file;
        }
        self.files.push(Contents::default());
        let file = self.files.len() - 1;
        self.change(Change::Make(path.to_owned(), file));
        file
    }

    fn change(&mut self, change: Change) -> bool {
        let is_done = change.apply(&mut self.names);
        self.changes.push(change);
        is_done
    }
}

impl Io for Memory {
    fn open(&self, path: &Path, how: Open) -> Result<Box<dyn IoFile>> {
        self.step()?;
        let mut state = self.state();
        let file = match (how, state.names.get(path)) {
            (Open::New, Some(_)) => return Err(ErrorKind::AlreadyExists.into()),
            (Open::Read, None) => return Err(ErrorKind::NotFound.into()),
            (_, Some(file)) => *file,
            (_, None) => state.create(path),
        };
        Ok(Box::new(MemoryFile { memory: self.clone(), file }))
    }

    fn list(&self, directory: &Path) -> Result<Vec<PathBuf>> {
        self.step()?;
        let within = |path: &&PathBuf| path.parent() == Some(directory);
        Ok(self.state().names.keys().filter(within).cloned().collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.step()?;
        let is_done = self.state().change(Change::Rename(from.to_owned(), to.to_owned()));
        is_done.then_some(()).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn remove(&self, path: &Path) -> Result<()> {
        self.step()?;
        let is_done = self.state().change(Change::Remove(path.to_owned()));
        is_done.then_some(()).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn make_directory(&self, _: &Path) -> Result<()> {
        self.step()
    }

    fn remove_directory(&self, _: &Path) -> Result<()> {
        self.step()
    }

    fn sync_directory(&self, _: &Path) -> Result<()> {
        self.step()?;
        let mut state = self.state();
        state.durable_names = state.names.clone();
        state.changes.clear();
        Ok(())
    }
}

#[derive(Debug)]
struct MemoryFile {
    memory: Memory,
    file: usize,
}

impl IoFile for MemoryFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        self.memory.step()?;
        let state = self.memory.state();
        let rest = state.files[self.file].bytes.get(offset as usize..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<usize> {
        let outcome = self.memory.step();
        let mut state = self.memory.state();
        let is_half = match state.fault {
            Fault::Short(at) => at + 1 == state.operations,
            Fault::Kill(at) => at + 1 == state.operations,
            _ => outcome.is_err(),
        };
        let length = if is_half { bytes.len().div_ceil(2) } else { bytes.len() };
        if outcome.is_ok() || is_half {
            let (file, start) = (&mut state.files[self.file], offset as usize);
            let end = start + length;
            file.bytes.resize(file.bytes.len().max(end), 0);
            file.bytes[start..end].copy_from_slice(&bytes[..length]);
            file.dirty.extend(start / PAGE_BYTES..end.div_ceil(PAGE_BYTES));
        }
        outcome.map(|()| length)
    }

    fn length(&mut self) -> Result<u64> {
        self.memory.step()?;
        Ok(self.memory.state().files[self.file].bytes.len() as u64)
    }

    fn set_length(&mut self, length: u64) -> Result<()> {
        self.memory.step()?;
        self.memory.state().files[self.file].bytes.resize(length as usize, 0);
        Ok(())
    }

    /// As on Linux: after a failure the pages count as written, although they are not.
    fn sync(&mut self) -> Result<()> {
        let outcome = self.memory.step();
        let Contents { bytes, synced, dirty } = &mut self.memory.state().files[self.file];
        let pages = std::mem::take(dirty);
        if outcome.is_ok() {
            synced.resize(bytes.len(), 0);
            for page in pages {
                let end = bytes.len().min((page + 1) * PAGE_BYTES);
                let range = end.min(page * PAGE_BYTES)..end;
                synced[range.clone()].copy_from_slice(&bytes[range]);
            }
        }
        outcome
    }
}
