//! The fixed part of a ring's or stage's file header: what a reader checks before it believes anything else.
use crate::Memory;
use crate::sync::Ordering;

/// Length of the header in bytes; data starts here.
pub(crate) const HEADER_BYTES: usize = 4096;
/// Words of the header.
pub(crate) const HEADER_WORDS: usize = HEADER_BYTES / 8;
/// No position reaches this, so that sums of positions and lengths never overflow.
pub(crate) const POSITION_END: u64 = 1 << 62;
/// The version that this build writes: major in the upper half. A reader refuses another major version.
pub(crate) const VERSION: u32 = 0x0001_0000;

const ENDIAN: u32 = 0x0102_0304;
const CRC_WORD: usize = 15;

/// Words of the part that changes, one cache line pair each (see FORMAT.md).
pub(crate) const STATE: usize = 32;
pub(crate) const THREAD: usize = 33;
pub(crate) const THREAD_NAME: std::ops::Range<usize> = 34..38;
pub(crate) const HEAD: usize = 64;
pub(crate) const BUSY: usize = 65;
pub(crate) const TAIL: usize = 80;
pub(crate) const DRAINED: usize = 96;
pub(crate) const REFUSED: usize = 112;

/// What a file of ours belongs to, as stored in its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identity {
    /// The run, as the 16 bytes of its UUID.
    pub run_id: [u8; 16],
    /// The boot of the machine that the file was made in; all zeros where the system does not tell.
    pub boot_id: [u8; 16],
    /// The process that made it.
    pub pid: u32,
    /// Its number among its kind within the run.
    pub number: u32,
}

/// Why a file is not a ring or stage of ours that this build can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The file is shorter than its header, or than the header says.
    #[error("the file is shorter than its header says")]
    Short,
    /// Another kind of file, or the magic bytes are damaged.
    #[error("the magic bytes are not those of this kind of file")]
    Magic,
    /// Written by an incompatible version.
    #[error("written in format version {}.{}, this build reads {}.x", .0 >> 16, .0 & 0xffff, VERSION >> 16)]
    Version(u32),
    /// Written on a machine of another byte order.
    #[error("written in another byte order")]
    Endian,
    /// The checksum over the fixed part does not match.
    #[error("the header's checksum does not match")]
    Checksum,
    /// Sizes or positions that no writer of ours produces.
    #[error("the header's sizes or positions contradict each other")]
    Geometry,
}

/// The fixed part of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) identity: Identity,
    pub(crate) capacity: u64,
    pub(crate) block_bytes: u32,
    pub(crate) features: u32,
    pub(crate) tick_source: u32,
}

/// The two kinds of file, by their magic bytes (stored inverted, so that a scan of this program's own image finds
/// none).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ring,
    Stage,
}

impl Kind {
    fn magic(self) -> [u64; 2] {
        let text: &[u8; 16] = match self {
            Self::Ring => b"OBSRING\0obs-ring",
            Self::Stage => b"OBSSTAGE\0obs-stg",
        };
        pair(text).map(|word| !word)
    }
}

impl Header {
    /// Stores the fixed part; the checksum last, so that a half-written header is refused.
    pub(crate) fn store(&self, memory: &Memory, kind: Kind) {
        let bytes = self.encode(kind);
        memory.store_bytes(0, &bytes);
        memory[CRC_WORD].store(u64::from(crc32c::crc32c(&bytes)), Ordering::Release);
    }

    /// Checks and reads the fixed part. Positions and counters are the caller's to check.
    pub(crate) fn load(memory: &Memory, kind: Kind) -> Result<Self, HeaderError> {
        if memory.len() <= HEADER_WORDS {
            return Err(HeaderError::Short);
        }
        let mut bytes = [0; CRC_WORD * 8];
        memory.load_bytes(0, &mut bytes);
        let word = |index: usize| memory[index].load(Ordering::Relaxed);
        let half = |index: usize| [word(index) as u32, (word(index) >> 32) as u32];
        if [word(0), word(1)] != kind.magic() {
            return Err(HeaderError::Magic);
        }
        let [version, endian] = half(2);
        if endian != ENDIAN {
            return Err(HeaderError::Endian);
        }
        if version >> 16 != VERSION >> 16 {
            return Err(HeaderError::Version(version));
        }
        if word(CRC_WORD) != u64::from(crc32c::crc32c(&bytes)) {
            return Err(HeaderError::Checksum);
        }
        let [block_bytes, features] = half(5);
        let [pid, number] = half(6);
        let identity = Identity {
            run_id: unpair([word(7), word(8)]),
            boot_id: unpair([word(9), word(10)]),
            pid,
            number,
        };
        let capacity = word(4);
        if memory.len() as u64 * 8 < capacity.saturating_add(HEADER_BYTES as u64) {
            return Err(HeaderError::Short);
        }
        Ok(Self { identity, capacity, block_bytes, features, tick_source: half(11)[0] })
    }

    /// Whether the bytes are those of a file that was just being made: nothing is in it yet, nor behind its header.
    pub(crate) fn is_half_made(bytes: &[u8]) -> bool {
        let behind =
            bytes.get(CRC_WORD * 8..).is_some_and(|rest| rest.iter().all(|byte| *byte == 0));
        bytes.is_empty() || behind
    }

    fn encode(&self, kind: Kind) -> Vec<u8> {
        let [run_low, run_high] = pair(&self.identity.run_id);
        let [boot_low, boot_high] = pair(&self.identity.boot_id);
        let words = [
            kind.magic()[0],
            kind.magic()[1],
            join(VERSION, ENDIAN),
            join(HEADER_BYTES as u32, 8),
            self.capacity,
            join(self.block_bytes, self.features),
            join(self.identity.pid, self.identity.number),
            run_low,
            run_high,
            boot_low,
            boot_high,
            join(self.tick_source, 0),
            0,
            0,
            0,
        ];
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}

fn join(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

fn pair(bytes: &[u8; 16]) -> [u64; 2] {
    let (chunks, _) = bytes.as_chunks::<8>();
    [u64::from_le_bytes(chunks[0]), u64::from_le_bytes(chunks[1])]
}

fn unpair(words: [u64; 2]) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&words[0].to_le_bytes());
    bytes[8..].copy_from_slice(&words[1].to_le_bytes());
    bytes
}
