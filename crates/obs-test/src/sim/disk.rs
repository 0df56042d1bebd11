//! A disk that keeps only what was synced, and fails as told.
use super::Dice;
use obs_core::io::{Io, IoFile, Open};
use obs_ring::Memory;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::panic::panic_any;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is kept or lost together when the power goes.
const SECTOR_BYTES: usize = 512;

/// The payload of the panic by which a kill ends whatever is running.
#[derive(Debug, Clone, Copy)]
pub(super) struct Killed;

/// How often things go wrong: once in so many operations, 0 for never.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Faults {
    pub(super) short_write: u64,
    pub(super) io_error: u64,
    pub(super) sync_error: u64,
    /// The disk fills up, and has room again, this often.
    pub(super) full: u64,
}

/// A disk. Clones are the same disk.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    files: BTreeMap<u64, File>,
    names: BTreeMap<PathBuf, u64>,
    durable_names: BTreeMap<PathBuf, u64>,
    /// Changes of names since the last sync of a directory, in order: the journal of a file system keeps a prefix of
    /// them.
    changes: Vec<Change>,
    next_file: u64,
    dice: Dice,
    faults: Faults,
    is_full: bool,
    operations: u64,
    kill_at: Option<u64>,
    /// Memory that outlives a kill, and the file that it is.
    mapped: Vec<(PathBuf, Arc<Memory>)>,
}

#[derive(Debug, Clone, Default)]
struct File {
    cache: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Pending>,
}

#[derive(Debug, Clone)]
enum Pending {
    Write(u64, Vec<u8>),
    Length(u64),
}

#[derive(Debug, Clone)]
enum Change {
    Made(PathBuf, u64),
    Renamed(PathBuf, PathBuf),
    Removed(PathBuf),
}

impl Disk {
    pub(super) fn new(dice: Dice, faults: Faults) -> Self {
        let state = State {
            files: BTreeMap::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            changes: Vec::new(),
            next_file: 0,
            dice,
            faults,
            is_full: false,
            operations: 0,
            kill_at: None,
            mapped: Vec::new(),
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Memory that a kill leaves behind as the file `path`.
    pub(super) fn map(&self, path: PathBuf, memory: Arc<Memory>) {
        self.state().mapped.push((path, memory));
    }

    /// Kills at the given number of operations from now.
    pub(super) fn kill_in(&self, operations: u64) {
        let mut state = self.state();
        state.kill_at = Some(state.operations + operations);
    }

    /// Counts one operation, and kills if it is the one.
    pub(super) fn tick(&self) {
        self.state().tick();
    }

    pub(super) fn set_faults(&self, faults: Faults) {
        let mut state = self.state();
        state.faults = faults;
        state.is_full = false;
    }

    /// After a kill: what was mapped is left as files, and nothing is killed any more.
    pub(super) fn survive_kill(&self) {
        let mut state = self.state();
        state.kill_at = None;
        state.mapped.clear();
    }

    /// After a power cut: what was not synced is there in part, and what was mapped is gone.
    pub(super) fn survive_power_cut(&self, gone: &Path) {
        let mut state = self.state();
        state.kill_at = None;
        state.mapped.clear();
        state.lose_power();
        state.names.retain(|path, _| !path.starts_with(gone));
        state.durable_names = state.names.clone();
    }
}

impl State {
    fn tick(&mut self) {
        self.operations += 1;
        if self.kill_at.is_some_and(|at| self.operations >= at) {
            self.kill_at = None;
            for (path, memory) in std::mem::take(&mut self.mapped) {
                let bytes = memory.snapshot();
                let file = File { cache: bytes.clone(), durable: bytes, pending: Vec::new() };
                self.next_file += 1;
                self.files.insert(self.next_file, file);
                self.names.insert(path, self.next_file);
            }
            panic_any(Killed);
        }
    }

    /// An operation that may fail.
    fn attempt(&mut self) -> io::Result<()> {
        self.tick();
        let faults = self.faults;
        if self.dice.once_in(faults.full) {
            self.is_full = !self.is_full;
        }
        if self.dice.once_in(faults.io_error) {
            return Err(io::Error::other("simulated input/output error"));
        }
        Ok(())
    }

    fn lose_power(&mut self) {
        let kept = self.dice.below(self.changes.len() as u64 + 1) as usize;
        let mut names = std::mem::take(&mut self.durable_names);
        for change in self.changes.drain(..).take(kept) {
            apply(&mut names, change);
        }
        self.names = names;
        for file in self.files.values_mut() {
            let mut bytes = std::mem::take(&mut file.durable);
            for pending in file.pending.drain(..) {
                keep_some(&mut bytes, &pending, &mut self.dice);
            }
            file.cache.clone_from(&bytes);
            file.durable = bytes;
        }
    }

    fn file(&mut self, number: u64) -> io::Result<&mut File> {
        self.files.get_mut(&number).ok_or_else(|| ErrorKind::NotFound.into())
    }
}

fn apply(names: &mut BTreeMap<PathBuf, u64>, change: Change) {
    match change {
        Change::Made(path, number) => {
            names.insert(path, number);
        }
        Change::Renamed(from, to) => {
            if let Some(number) = names.remove(&from) {
                names.insert(to, number);
            }
        }
        Change::Removed(path) => {
            names.remove(&path);
        }
    }
}

/// Keeps each sector of a write, or not.
fn keep_some(bytes: &mut Vec<u8>, pending: &Pending, dice: &mut Dice) {
    match pending {
        Pending::Length(length) => {
            if dice.once_in(2) {
                bytes.resize(*length as usize, 0);
            }
        }
        Pending::Write(offset, written) => {
            let mut at = 0;
            while at < written.len() {
                let sector_end = SECTOR_BYTES - (*offset as usize + at) % SECTOR_BYTES;
                let end = (at + sector_end).min(written.len());
                if dice.once_in(2) {
                    put(bytes, *offset as usize + at, &written[at..end]);
                }
                at = end;
            }
        }
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, written: &[u8]) {
    if bytes.len() < offset + written.len() {
        bytes.resize(offset + written.len(), 0);
    }
    bytes[offset..offset + written.len()].copy_from_slice(written);
}

impl Io for Disk {
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn IoFile>> {
        let mut state = self.state();
        state.attempt()?;
        let known = state.names.get(path).copied();
        let number = match (known, how) {
            (Some(_), Open::New) => return Err(ErrorKind::AlreadyExists.into()),
            (Some(number), _) => number,
            (None, Open::Read) => return Err(ErrorKind::NotFound.into()),
            (None, _) if state.is_full => return Err(ErrorKind::StorageFull.into()),
            (None, _) => {
                state.next_file += 1;
                let number = state.next_file;
                state.files.insert(number, File::default());
                state.names.insert(path.to_owned(), number);
                state.changes.push(Change::Made(path.to_owned(), number));
                number
            }
        };
        Ok(Box::new(Handle { disk: self.clone(), number }))
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let mut state = self.state();
        state.attempt()?;
        let within = |path: &&PathBuf| path.parent() == Some(directory);
        let found: Vec<PathBuf> = state.names.keys().filter(within).cloned().collect();
        if found.is_empty() { Err(ErrorKind::NotFound.into()) } else { Ok(found) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.attempt()?;
        let number = state.names.remove(from).ok_or(ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), number);
        state.changes.push(Change::Renamed(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.attempt()?;
        state.names.remove(path).ok_or(ErrorKind::NotFound)?;
        state.changes.push(Change::Removed(path.to_owned()));
        Ok(())
    }

    fn make_directory(&self, _: &Path) -> io::Result<()> {
        self.state().attempt()
    }

    fn remove_directory(&self, _: &Path) -> io::Result<()> {
        self.state().attempt()
    }

    fn sync_directory(&self, _: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.attempt()?;
        state.changes.clear();
        state.durable_names = state.names.clone();
        Ok(())
    }
}

#[derive(Debug)]
struct Handle {
    disk: Disk,
    number: u64,
}

impl IoFile for Handle {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.disk.state();
        state.attempt()?;
        let file = state.file(self.number)?;
        let rest = file.cache.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.disk.state();
        state.attempt()?;
        if state.is_full {
            return Err(ErrorKind::StorageFull.into());
        }
        let faults = state.faults;
        let count = if state.dice.once_in(faults.short_write) {
            state.dice.below(bytes.len() as u64) as usize
        } else {
            bytes.len()
        };
        let file = state.file(self.number)?;
        put(&mut file.cache, offset as usize, &bytes[..count]);
        file.pending.push(Pending::Write(offset, bytes[..count].to_vec()));
        if count == 0 && !bytes.is_empty() { Err(ErrorKind::Interrupted.into()) } else { Ok(count) }
    }

    fn length(&mut self) -> io::Result<u64> {
        let mut state = self.disk.state();
        state.attempt()?;
        Ok(state.file(self.number)?.cache.len() as u64)
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.attempt()?;
        let file = state.file(self.number)?;
        file.cache.resize(length as usize, 0);
        file.pending.push(Pending::Length(length));
        Ok(())
    }

    /// A sync that fails leaves the pages marked as clean: what was written may stay readable, but reaches the disk
    /// never; or it is not even readable any more.
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        state.attempt()?;
        let faults = state.faults;
        let fails = state.dice.once_in(faults.sync_error);
        let forgets = state.dice.once_in(3);
        let file = state.file(self.number)?;
        if fails {
            file.pending.clear();
            if forgets {
                file.cache.clone_from(&file.durable);
            }
            return Err(io::Error::other("simulated failure to sync"));
        }
        file.pending.clear();
        file.durable.clone_from(&file.cache);
        Ok(())
    }
}
