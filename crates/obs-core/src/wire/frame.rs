//! Frames: records on their way from the drain to every sink, in the stage and in the journal's segments.
use super::Kind;

/// Length of a frame's header in bytes.
pub const HEADER_BYTES: usize = 40;
/// No frame is longer.
pub const FRAME_BYTES_MAX: usize = 1 << 20;

/// The frame repeats what was said before, so that a segment can be read alone. It is not a record of its own.
pub const FLAG_CHECKPOINT: u8 = 1;

/// In place of the number of a context that could not be read. No context gets this number.
pub const CONTEXT_LOST: u32 = u32::MAX;

/// What a frame's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a format of version 1")]
pub struct Header {
    /// What the frame is.
    pub kind: Kind,
    /// The record's level, 1 to 6; 0 for kinds that have none.
    pub level: u8,
    /// [`FLAG_CHECKPOINT`] or 0.
    pub flags: u8,
    /// The ring that it came from; `u32::MAX` for none.
    pub ring: u32,
    /// The record's number within the run, from 1; 0 for frames that are no records.
    pub seq: u64,
    /// Nanoseconds since 1970.
    pub unix_ns: u64,
    /// The lower half of the position behind the record in its ring, with bit 0 set; 0 for frames that took nothing
    /// from a ring. Whoever knows an earlier position of that ring knows the whole one, and where to read on.
    pub ring_end: u32,
    /// The number of the context in force, or that this frame defines; 0 for none, [`CONTEXT_LOST`] where nobody knows.
    pub context: u32,
}

/// A frame, borrowed from the bytes that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a format of version 1")]
pub struct Frame<'a> {
    /// Its header.
    pub header: Header,
    /// Its body: whole words.
    pub body: &'a [u8],
}

impl Header {
    /// What [`Header::ring_end`] says of a position.
    #[must_use]
    pub fn ring_end_of(position: u64) -> u32 {
        position as u32 | 1
    }

    /// The position in the ring behind the record, for a reader who knows that `before` was reached before it.
    #[must_use]
    pub fn ring_position(&self, before: u64) -> Option<u64> {
        let low = self.ring_end & !1;
        let ahead = u64::from(low.wrapping_sub(before as u32));
        (self.ring_end & 1 == 1).then(|| before.saturating_add(ahead))
    }
}

/// The ring number of frames that come from no ring.
pub const NO_RING: u32 = u32::MAX;

/// Appends a frame that will stand at journal position `position`. `body` writes the body, which is filled up to whole
/// words. Returns the frame's length.
pub fn append(
    out: &mut Vec<u8>,
    position: u64,
    header: &Header,
    body: impl FnOnce(&mut Vec<u8>),
) -> usize {
    let start = out.len();
    let head = [header.kind as u8, header.level, header.flags, 0];
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&head);
    out.extend_from_slice(&header.ring.to_le_bytes());
    out.extend_from_slice(&header.seq.to_le_bytes());
    out.extend_from_slice(&header.unix_ns.to_le_bytes());
    let last = u64::from(header.context) | u64::from(header.ring_end) << 32;
    out.extend_from_slice(&last.to_le_bytes());
    body(out);
    out.resize(start + (out.len() - start).next_multiple_of(8), 0);
    let length = out.len() - start;
    out[start..start + 4].copy_from_slice(&(length as u32).to_le_bytes());
    let crc = checksum(position, length as u32, &out[start + 8..]);
    out[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
    length
}

/// The length of the frame that `bytes` begin with, unchecked. `None` when there are too few bytes to tell.
#[must_use]
pub fn length(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().map(|length| u32::from_le_bytes(*length) as usize)
}

/// Reads and checks the frame that `bytes` begin with, which is to stand at `position`. `Ok(None)` for a good frame
/// of a kind that this build does not know. Returns the frame's length, too.
///
/// # Errors
///
/// [`Broken`] when the bytes are not a whole frame of this position.
#[inline]
pub fn decode(bytes: &[u8], position: u64) -> Result<(usize, Option<Frame<'_>>), Broken> {
    let frame = whole(bytes)?;
    let crc = u32::from_le_bytes([frame[4], frame[5], frame[6], frame[7]]);
    if crc != checksum(position, frame.len() as u32, &frame[8..]) {
        return Err(Broken::Damaged);
    }
    Ok((frame.len(), read(frame)))
}

/// Like [`decode`], for bytes that were checked before: their checksum is not looked at.
///
/// # Errors
///
/// [`Broken`] when the bytes are not a whole frame.
#[inline]
pub fn decode_again(bytes: &[u8]) -> Result<(usize, Option<Frame<'_>>), Broken> {
    whole(bytes).map(|frame| (frame.len(), read(frame)))
}

/// The bytes of the frame that `bytes` begin with, as its length has it.
#[inline]
fn whole(bytes: &[u8]) -> Result<&[u8], Broken> {
    let length = length(bytes).ok_or(Broken::Short)?;
    if !(HEADER_BYTES..=FRAME_BYTES_MAX).contains(&length) || !length.is_multiple_of(8) {
        return Err(Broken::Damaged);
    }
    bytes.get(..length).ok_or(Broken::Short)
}

/// The frame that these bytes are, if its kind is known.
#[inline]
fn read(frame: &[u8]) -> Option<Frame<'_>> {
    let (header, body) = frame.split_first_chunk::<HEADER_BYTES>()?;
    let (words, _) = header.as_chunks::<8>();
    let word = |index: usize| u64::from_le_bytes(words[index]);
    Some(Frame {
        header: Header {
            kind: Kind::from_number(header[8])?,
            level: header[9],
            flags: header[10],
            ring: (word(1) >> 32) as u32,
            seq: word(2),
            unix_ns: word(3),
            context: word(4) as u32,
            ring_end: (word(4) >> 32) as u32,
        },
        body,
    })
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// They end before the frame does.
    Short,
    /// Length or checksum are wrong.
    Damaged,
}

/// Frames in a range of bytes. Damage is stepped over, word by word, until a frame with a right checksum begins: the
/// position is part of the checksum, so nothing else passes for one.
#[derive(Debug, Clone)]
pub struct Frames<'a> {
    bytes: &'a [u8],
    start: u64,
    at: usize,
    is_open: bool,
    /// Whether all of it is known to be right.
    is_checked: bool,
}

/// What comes next in a range of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// So many bytes that hold no whole frame.
    Damaged(usize),
}

impl<'a> Frames<'a> {
    /// The frames in `bytes`, the first of which stands at `position`.
    #[must_use]
    pub fn new(bytes: &'a [u8], position: u64) -> Self {
        Self { bytes, start: position, at: 0, is_open: false, is_checked: false }
    }

    /// Like [`Frames::new`], for bytes that were found to be whole, right frames before: no checksum is looked at.
    #[must_use]
    pub fn again(bytes: &'a [u8], position: u64) -> Self {
        Self { is_checked: true, ..Self::new(bytes, position) }
    }

    /// Like [`Frames::new`], for bytes behind which there are more: ends where a frame may go on there.
    #[must_use]
    pub fn open(bytes: &'a [u8], position: u64) -> Self {
        Self { is_open: true, ..Self::new(bytes, position) }
    }

    /// Takes the frames for right without looking at their checksums, if `is_trusted`: those of a drain that is alive
    /// in this very process.
    #[must_use]
    pub fn trusted(self, is_trusted: bool) -> Self {
        Self { is_checked: is_trusted, ..self }
    }

    /// Up to here, everything has been returned.
    #[must_use]
    pub fn reached(&self) -> u64 {
        self.start + self.at as u64
    }

    /// Where the next frame begins, when none does here.
    fn next_start(&self) -> Option<usize> {
        for at in (self.at + 8..self.bytes.len()).step_by(8) {
            match decode(&self.bytes[at..], self.start + at as u64) {
                Ok(_) => return Some(at),
                Err(Broken::Short) if self.is_open => return None,
                Err(_) => {}
            }
        }
        None
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Item<'a>;

    /// The next frame or stretch of damage. Ends before a frame that is cut off at the end of the bytes; what is left
    /// behind it is then not a whole frame, or [`Frames::reached`] is the end.
    fn next(&mut self) -> Option<Item<'a>> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            let decoded =
                if self.is_checked { decode_again(rest) } else { decode(rest, self.reached()) };
            match decoded {
                Ok((length, frame)) => {
                    self.at += length;
                    if let Some(frame) = frame {
                        return Some(Item::Frame(frame));
                    }
                }
                Err(Broken::Short) if self.is_open => return None,
                Err(_) => {
                    let next = self.next_start()?;
                    let skipped = next - self.at;
                    self.at = next;
                    return Some(Item::Damaged(skipped));
                }
            }
        }
    }
}

/// Begins with a number that no other frame near has, and goes over the bytes once.
#[inline]
fn checksum(position: u64, length: u32, rest: &[u8]) -> u32 {
    let word = position / 8;
    let start = word as u32 ^ ((word >> 32) as u32).rotate_left(16) ^ length;
    crc32c::crc32c_append(start, rest)
}
