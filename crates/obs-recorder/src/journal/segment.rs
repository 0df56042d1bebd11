//! Segment files: header, checkpoint, frames.
use obs_core::RunId;
use obs_core::io::{Io, IoFile, Open, read_up_to};
use std::io;
use std::path::{Path, PathBuf};

/// Length of a segment's header in bytes.
pub(super) const HEADER_BYTES: usize = 72;
/// Positions of the frames of a checkpoint begin here: they are part of their checksums like those of others.
pub(crate) const CHECKPOINT_POSITION: u64 = 1 << 63;
/// A checkpoint that claims to be longer is not one.
const CHECKPOINT_BYTES_MAX: u64 = 256 << 20;

const MAGIC: [u8; 8] = *b"OBSSEG\0\x01";
const VERSION: u32 = 1;

/// A segment file that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Segment {
    /// Where it is.
    pub path: PathBuf,
    /// Its number: from 1, in the order in which they were made.
    pub number: u64,
    /// The position of its first frame.
    pub first: u64,
    /// Bytes of the checkpoint between header and first frame.
    pub checkpoint_bytes: u64,
    /// The run that it belongs to.
    pub run_id: RunId,
    /// Bytes of the file.
    pub length: u64,
}

impl Segment {
    /// Where in the file the first frame begins.
    #[must_use]
    pub fn body_start(&self) -> u64 {
        HEADER_BYTES as u64 + self.checkpoint_bytes
    }

    /// The position behind the last byte of the file.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first + self.length.saturating_sub(self.body_start())
    }

    /// The header's bytes.
    pub(super) fn header(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&(HEADER_BYTES as u32).to_le_bytes());
        bytes[16..32].copy_from_slice(&self.run_id.to_bytes());
        bytes[32..40].copy_from_slice(&self.number.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.first.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.checkpoint_bytes.to_le_bytes());
        let crc = crc(&bytes[..64]);
        bytes[64..68].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn decode(path: &Path, length: u64, bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let word =
            |at: usize| bytes[at..].first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk));
        let crc_right = word(64) as u32 == crc(&bytes[..64]);
        let [version, header_bytes] = [word(8) as u32, (word(8) >> 32) as u32];
        let mut run_id = [0; 16];
        run_id.copy_from_slice(&bytes[16..32]);
        let segment = Self {
            path: path.to_owned(),
            number: word(32),
            first: word(40),
            checkpoint_bytes: word(48),
            run_id: RunId::from_bytes(run_id),
            length,
        };
        let ours = bytes[..8] == MAGIC
            && version == VERSION
            && header_bytes as usize == HEADER_BYTES
            && crc_right;
        (ours
            && segment.checkpoint_bytes <= CHECKPOINT_BYTES_MAX
            && segment.body_start() <= length
            && segment.first < CHECKPOINT_POSITION)
            .then_some(segment)
    }

    /// Looks at a file. `Ok(None)` when it is no whole segment header of this version.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn open(io: &dyn Io, path: &Path) -> io::Result<Option<Self>> {
        let mut file = io.open(path, Open::Read)?;
        let length = file.length()?;
        let mut bytes = [0; HEADER_BYTES];
        if read_up_to(file.as_mut(), 0, &mut bytes)? < HEADER_BYTES {
            return Ok(None);
        }
        Ok(Self::decode(path, length, &bytes))
    }

    /// The bytes of the checkpoint.
    ///
    /// # Errors
    ///
    /// What the system says; [`io::ErrorKind::UnexpectedEof`] when the file ends before the checkpoint does.
    pub fn checkpoint(&self, io: &dyn Io) -> io::Result<Vec<u8>> {
        let mut file = io.open(&self.path, Open::Read)?;
        let mut bytes = vec![0; self.checkpoint_bytes.min(self.length) as usize];
        let read = read_up_to(file.as_mut(), HEADER_BYTES as u64, &mut bytes)?;
        if (read as u64) < self.checkpoint_bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }

    /// Appends up to `bytes_max` bytes of frames from position `from` on to `out`, as they stand, unchecked. Returns
    /// how many.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn read(
        &self,
        file: &mut dyn IoFile,
        from: u64,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> io::Result<usize> {
        let before = out.len();
        out.resize(before + bytes_max, 0);
        let offset = self.body_start() + (from - self.first);
        let read = read_up_to(file, offset, &mut out[before..]);
        out.truncate(before + *read.as_ref().unwrap_or(&0));
        read
    }
}

/// The segments of a run, in the order of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segments {
    segments: Vec<Segment>,
    /// The highest number that any file in the directory has, readable or not.
    pub(super) last_number: u64,
}

impl Segments {
    /// Looks at all segment files in `directory`. Files that are none, or of another run, are left out. No directory
    /// means no segments.
    ///
    /// # Errors
    ///
    /// What the system says, but that the directory is not there.
    pub fn open(io: &dyn Io, directory: &Path, run_id: RunId) -> io::Result<Self> {
        let paths = match io.list(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        let mut found = Self::default();
        for path in paths {
            let Some(number) = number_of(&path) else { continue };
            found.last_number = found.last_number.max(number);
            match Segment::open(io, &path) {
                Ok(Some(segment)) if segment.run_id == run_id && segment.number == number => {
                    found.segments.push(segment);
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        found.segments.sort_by_key(|segment| segment.number);
        Ok(found)
    }

    /// The segments, lowest number first.
    #[must_use]
    pub fn all(&self) -> &[Segment] {
        &self.segments
    }

    /// The segment that counts at `position`, and where the next one takes over. When none holds it, the one with the
    /// lowest first position above.
    #[must_use]
    pub fn at(&self, position: u64) -> Option<(&Segment, u64)> {
        let holds = |segment: &&Segment| segment.first <= position && position < segment.end();
        let here = self.segments.iter().rev().find(holds);
        let later = || {
            self.segments
                .iter()
                .filter(|segment| segment.first > position)
                .min_by_key(|it| it.first)
        };
        let segment = here.or_else(later)?;
        let takes_over = self.segments.iter().filter(|other| {
            other.number > segment.number && other.first > segment.first.max(position)
        });
        Some((segment, takes_over.map(|other| other.first).min().unwrap_or(u64::MAX)))
    }

    /// The number of the next segment.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.last_number + 1
    }
}

/// The name of the segment file with this number.
pub(super) fn file_name(number: u64) -> String {
    format!("{number:06}.seg")
}

fn number_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(".seg")?.parse().ok()
}

fn crc(bytes: &[u8]) -> u32 {
    obs_core::wire::checksum(bytes)
}
