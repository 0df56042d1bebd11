//! How much of the end of a file finds room, deflated.
use crate::deflate::Deflate;
use std::collections::VecDeque;
use std::io;

const CHUNK_BYTES_MIN: u64 = 4 << 10;
const CHUNK_BYTES_MAX: u64 = 64 << 10;
/// A room is measured in so many chunks at least, where they are not too small.
const CHUNKS_MIN: u64 = 16;
/// What deflates a little worse without what stood in front of it has this part of the room, and so many bytes.
const SLACK: u64 = 64;
const SLACK_BYTES: u64 = 256;

/// Deflates a file to nowhere and keeps of its end what each piece came to.
#[derive(Debug)]
pub(crate) struct Measure {
    deflate: Deflate,
    room: u64,
    chunk_bytes: u64,
    /// The last chunks: where each begins, and what it came to. Together they have more than enough for the room.
    chunks: VecDeque<(u64, u64)>,
    deflated: u64,
    /// Of the chunk that is being deflated.
    begin: u64,
    out: u64,
    /// All bytes of the file.
    total: u64,
}

impl Measure {
    /// For a file that may have so many bytes, deflated.
    pub(crate) fn new(room: u64) -> Self {
        let chunk_bytes = (room / CHUNKS_MIN).clamp(CHUNK_BYTES_MIN, CHUNK_BYTES_MAX);
        let (deflate, chunks) = (Deflate::new(), VecDeque::new());
        let room = room.saturating_sub(room / SLACK + SLACK_BYTES);
        Self { deflate, room, chunk_bytes, chunks, deflated: 0, begin: 0, out: 0, total: 0 }
    }

    /// Takes the next bytes of the file.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let left = self.begin + self.chunk_bytes - self.total;
            let now = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let out = &mut self.out;
            let mut count = |piece: &[u8]| {
                *out += piece.len() as u64;
                Ok(())
            };
            self.deflate.feed(&bytes[..now], &mut count)?;
            self.total += now as u64;
            bytes = &bytes[now..];
            if self.total == self.begin + self.chunk_bytes {
                self.deflate.sync(&mut count)?;
                self.end_chunk();
            }
        }
        Ok(())
    }

    fn end_chunk(&mut self) {
        self.chunks.push_back((self.begin, self.out));
        self.deflated += self.out;
        (self.begin, self.out) = (self.total, 0);
        while let Some((_, first)) = self.chunks.front().filter(|_| self.deflated > self.room) {
            self.deflated -= first;
            self.chunks.pop_front();
        }
    }

    /// The file has no more bytes.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        let out = &mut self.out;
        self.deflate.end(&mut |piece| {
            *out += piece.len() as u64;
            Ok(())
        })?;
        if self.total > self.begin {
            self.end_chunk();
        }
        Ok(())
    }

    /// All bytes of the file.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// How many bytes at the head are to be left out. `None` when not even the last chunk finds room.
    pub(crate) fn skip(&self) -> Option<u64> {
        self.chunks.front().map(|(begin, _)| *begin)
    }

    /// Leaves out more, because it came to so many bytes more than it may.
    pub(crate) fn shrink(&mut self, excess: u64) {
        let mut gone = 0;
        while gone <= excess {
            let Some((_, first)) = self.chunks.pop_front() else { return };
            gone += first;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Measure;

    /// Digits that hardly deflate below a half.
    fn noise(bytes: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let next = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            b"0123456789abcdef"[(state % 16) as usize]
        };
        (0..bytes).map(next).collect()
    }

    fn skip(bytes: &[u8], room: u64) -> Option<u64> {
        let mut measure = Measure::new(room);
        bytes.chunks(10_000).try_for_each(|piece| measure.push(piece)).unwrap();
        measure.end().unwrap();
        assert_eq!(measure.total(), bytes.len() as u64);
        measure.skip()
    }

    #[test]
    fn as_much_of_the_end_is_kept_as_finds_room() {
        let bytes = noise(1 << 20);
        let kept = bytes.len() as u64 - skip(&bytes, 100_000).unwrap();
        assert!((170_000..200_000).contains(&kept), "{kept}");
        assert_eq!(skip(&bytes, 1 << 20), Some(0));
        assert_eq!(skip(&bytes, 1_000), None);
        let ends_easily = [bytes, vec![b'x'; 10 << 20]].concat();
        let skipped = skip(&ends_easily, 100_000).unwrap();
        assert!((1 << 19..1 << 20).contains(&skipped), "{skipped}");
    }
}
