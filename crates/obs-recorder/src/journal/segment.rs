//! Segment files: header, checkpoint, frames.
use obs_core::RunId;
use obs_core::io::{Io, IoFile, Open, read, read_up_to};
use obs_core::join::Join;
use obs_core::wire::Kind;
use obs_core::wire::frame::{Frames, Item};
use std::io;
use std::path::{Path, PathBuf};

pub(super) const HEADER_BYTES: usize = Segment::HEADER_BYTES;
/// What positions of frames of a checkpoint have and others have not.
const CHECKPOINT_BIT: u64 = 1 << 63;
/// No segment begins at such a position, so that sums of positions and lengths never overflow.
const FIRST_END: u64 = 1 << 62;
/// A checkpoint that claims to be longer is not one.
const CHECKPOINT_BYTES_MAX: u64 = 256 << 20;

const MAGIC: [u8; 8] = *b"OBSSEG\0\x01";
const VERSION: u32 = 1;

/// A sink that says it has reached a higher position is not believed: no run writes as much.
pub(crate) const REACHED_MAX: u64 = FIRST_END / 2;

/// The position of the first frame of the checkpoint of a segment that begins at `first`. It is part of the frames'
/// checksums like that of others, so what stands in the checkpoint of another segment is not taken for one's own.
pub(crate) fn checkpoint_position(first: u64) -> u64 {
    CHECKPOINT_BIT | first
}

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
    /// Length of a segment's header in bytes.
    pub const HEADER_BYTES: usize = 72;

    /// The position of the first frame of its checkpoint.
    #[must_use]
    pub fn checkpoint_position(&self) -> u64 {
        checkpoint_position(self.first)
    }

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

    /// The segment whose file, of `length` bytes, begins with these. `None` when they are no header of this version, or
    /// the checkpoint would not end before the file does.
    #[must_use]
    pub fn decode(path: &Path, length: u64, bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let word =
            |at: usize| bytes[at..].first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk));
        let crc_right = word(64) == u64::from(crc(&bytes[..64]));
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
            && segment.first < FIRST_END)
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

    /// Whether nothing of the checkpoint is damaged.
    ///
    /// # Errors
    ///
    /// Those of [`Segment::checkpoint`].
    pub(crate) fn has_whole_checkpoint(&self, io: &dyn Io) -> io::Result<bool> {
        let checkpoint = self.checkpoint(io)?;
        let position = checkpoint_position(self.first);
        let mut frames = Frames::new(&checkpoint, position);
        let is_whole = frames.all(|item| matches!(item, Item::Frame(_)));
        Ok(is_whole && frames.reached() == position + self.checkpoint_bytes)
    }

    /// The number of the last record before the segment, as its checkpoint says; `None` when that is damaged.
    ///
    /// # Errors
    ///
    /// Those of [`Segment::checkpoint`].
    pub(crate) fn seq_before(&self, io: &dyn Io) -> io::Result<Option<u64>> {
        let checkpoint = self.checkpoint(io)?;
        Ok(match Frames::new(&checkpoint, checkpoint_position(self.first)).next() {
            Some(Item::Frame(frame)) if frame.header.kind == Kind::Positions => {
                Some(frame.header.seq)
            }
            _ => None,
        })
    }

    /// What the whole frames of the segment define.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn definitions(&self, io: &dyn Io) -> io::Result<Join> {
        let mut join = Join::new();
        let bytes = read(io, &self.path, u64::MAX)?;
        let (top, frames) = bytes.split_at((self.body_start() as usize).min(bytes.len()));
        let checkpoint = top.get(HEADER_BYTES..).unwrap_or_default();
        let start = checkpoint_position(self.first);
        for (bytes, position) in [(checkpoint, start), (frames, self.first)] {
            for item in Frames::new(bytes, position) {
                if let Item::Frame(frame) = item
                    && matches!(frame.header.kind, Kind::Callsite | Kind::Context)
                {
                    join.apply(&frame);
                }
            }
        }
        Ok(join)
    }

    /// Reads up to `bytes_max` bytes of frames from position `from` on into `out`, replacing what it held, as they
    /// stand, unchecked. Returns how many.
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
        // Not cleared before: nearly all of it is overwritten, and what was there need not be zeroed again.
        out.resize(bytes_max, 0);
        let offset = self.body_start() + (from - self.first);
        let read = read_up_to(file, offset, out);
        out.truncate(*read.as_ref().unwrap_or(&0));
        read
    }
}

/// The segments of a run, in the order of their numbers.
///
/// Each position belongs to one segment at most: a segment that was begun later counts from its first position on,
/// whatever earlier ones hold there. So all readers read the same, also where a writer that could not sync went back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segments {
    segments: Vec<Segment>,
    /// Where each segment that counts is among them, and the position from which on it does not; by first position.
    ranges: Vec<(usize, u64)>,
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
        found.ranges = ranges(&found.segments);
        Ok(found)
    }

    /// The segments, lowest number first.
    #[must_use]
    pub fn all(&self) -> &[Segment] {
        &self.segments
    }

    /// The segment that counts at `position`, and the position from which on it does not. When none holds `position`,
    /// the next one above.
    #[must_use]
    pub fn at(&self, position: u64) -> Option<(&Segment, u64)> {
        let mut ranges = self.ranges.iter().map(|(index, until)| (&self.segments[*index], *until));
        ranges.find(|(segment, until)| position < segment.end().min(*until))
    }

    /// The segment that tells what a reader knows at `position`: one that holds it, or ends there.
    #[must_use]
    pub fn around(&self, position: u64) -> Option<&Segment> {
        self.before(position).filter(|segment| position <= segment.end())
    }

    /// The segment that counts at `position`, or the last one below.
    #[must_use]
    pub fn before(&self, position: u64) -> Option<&Segment> {
        self.counting().rfind(|segment| segment.first <= position)
    }

    /// Where reading can begin, lowest first.
    pub fn starts(&self) -> impl Iterator<Item = u64> {
        self.counting().map(|segment| segment.first)
    }

    /// The segments that count, lowest position first.
    pub fn counting(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.ranges.iter().map(|(index, _)| &self.segments[*index])
    }

    /// The number of the next segment.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.last_number + 1
    }
}

/// Which of the segments, in the order of their numbers, count, and up to where.
fn ranges(segments: &[Segment]) -> Vec<(usize, u64)> {
    let mut ranges = Vec::new();
    let mut until = u64::MAX;
    for (index, segment) in segments.iter().enumerate().rev() {
        if segment.first < until {
            ranges.push((index, until));
            until = segment.first;
        }
    }
    ranges.reverse();
    ranges
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
