//! How far a sink has come, kept on disk.
use obs_core::io::{Io, read, replace};
use obs_core::{RunId, wire};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const MAGIC: [u8; 8] = *b"OBSCUR\0\x01";
const BYTES: usize = 64;

/// How far a sink has come. All positions below `position` have been offered to it, and it has taken them or they are
/// lost for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Cursor {
    /// The journal position.
    pub position: u64,
    /// The number of the last record below it.
    pub seq: u64,
    /// Records among them that the sink never got.
    pub lost: u64,
    /// The number of the first record that the sink still needs of those: it is told them once more by whoever goes on
    /// after the process's death. 0 for none.
    pub keeps_from: u64,
}

impl Cursor {
    /// The cursor's bytes: 64 of them.
    #[must_use]
    pub fn encode(&self, run_id: RunId) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[16..32].copy_from_slice(&run_id.to_bytes());
        for (at, word) in
            [(32, self.position), (40, self.seq), (48, self.lost), (56, self.keeps_from)]
        {
            bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
        }
        let crc = wire::checksum(&bytes[16..]);
        bytes[8..12].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads a cursor of the run; `None` when the bytes are not one.
    #[must_use]
    pub fn decode(bytes: &[u8], run_id: RunId) -> Option<Self> {
        let bytes: &[u8; BYTES] = bytes.try_into().ok()?;
        let word =
            |at: usize| bytes[at..].first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk));
        let right = bytes[..8] == MAGIC
            && bytes[16..32] == run_id.to_bytes()
            && word(8) == u64::from(wire::checksum(&bytes[16..]));
        right.then(|| Self {
            position: word(32),
            seq: word(40),
            lost: word(48),
            keeps_from: word(56),
        })
    }

    /// Reads the cursor file at `path`. One that is damaged counts as none: the sink is then offered everything again.
    ///
    /// # Errors
    ///
    /// What the system says, but that there is no such file.
    pub fn load(io: &dyn Io, path: &Path, run_id: RunId) -> io::Result<Option<Self>> {
        match read(io, path, BYTES as u64) {
            Ok(bytes) => Ok(Self::decode(&bytes, run_id)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::FileTooLarge
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the cursor file, all at once.
    ///
    /// # Errors
    ///
    /// What the system says; the old cursor then stays.
    pub fn save(&self, io: &dyn Io, path: &Path, run_id: RunId) -> io::Result<()> {
        replace(io, path, &self.encode(run_id))
    }
}

/// A sink's cursor and the file it is kept in. The sink's thread says how far the sink was flushed; saving that can be
/// left to another thread, so that a disk that hangs holds up no sink.
#[derive(Debug)]
pub(crate) struct CursorFile {
    io: Arc<dyn Io>,
    /// `None` without a run directory: then nothing is kept.
    path: Option<PathBuf>,
    run_id: RunId,
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    flushed: Cursor,
    saved: Cursor,
}

impl CursorFile {
    pub(crate) fn new(io: Arc<dyn Io>, path: Option<PathBuf>, run_id: RunId) -> Self {
        Self { io, path, run_id, state: Mutex::default() }
    }

    /// The cursor that was saved; the start of the journal if there is none.
    pub(crate) fn load(&self) -> io::Result<Cursor> {
        let Some(path) = &self.path else { return Ok(Cursor::default()) };
        let cursor = Cursor::load(self.io.as_ref(), path, self.run_id);
        let cursor = cursor.map_err(|error| named("read", path, &error))?.unwrap_or_default();
        *self.state() = State { flushed: cursor, saved: cursor };
        Ok(cursor)
    }

    /// Notes that the sink was flushed up to here.
    pub(crate) fn note(&self, flushed: Cursor) {
        self.state().flushed = flushed;
    }

    /// Whether the sink was flushed since its cursor was saved.
    pub(crate) fn is_unsaved(&self) -> bool {
        let state = *self.state();
        self.path.is_some() && state.flushed != state.saved
    }

    /// Saves the cursor, unless it is saved already or points into a part of the journal that is not synced.
    ///
    /// # Errors
    ///
    /// What the system says; the cursor that was saved before then stays.
    pub(crate) fn save(&self, synced: u64) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let flushed = self.state().flushed;
        if !self.is_unsaved() || flushed.position > synced {
            return Ok(());
        }
        let saved = flushed.save(self.io.as_ref(), path, self.run_id);
        saved.map_err(|error| named("write", path, &error))?;
        self.state().saved = flushed;
        Ok(())
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn named(what: &str, path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {what} {}: {error}", path.display()))
}
