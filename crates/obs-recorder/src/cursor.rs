//! How far a sink has come, kept on disk.
use obs_core::io::{Io, read, replace};
use obs_core::{RunId, wire};
use std::io;
use std::path::Path;

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
}

impl Cursor {
    /// The cursor's bytes: 64 of them.
    #[must_use]
    pub fn encode(&self, run_id: RunId) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[16..32].copy_from_slice(&run_id.to_bytes());
        for (at, word) in [(32, self.position), (40, self.seq), (48, self.lost)] {
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
        right.then(|| Self { position: word(32), seq: word(40), lost: word(48) })
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
