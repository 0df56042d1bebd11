//! The file below the archive: written in large pieces, from its first byte to its last, but for what is filled in.
use obs_core::io::{IoFile, write_all};
use std::io;

const BUFFER_BYTES: usize = 64 << 10;

/// A file that is written through a buffer.
#[derive(Debug)]
pub(crate) struct Output {
    file: Box<dyn IoFile>,
    buffer: Vec<u8>,
    /// Where the buffer's first byte belongs.
    start: u64,
}

impl Output {
    pub(crate) fn new(file: Box<dyn IoFile>) -> Self {
        Self { file, buffer: Vec::with_capacity(BUFFER_BYTES), start: 0 }
    }

    /// Where the next byte goes.
    pub(crate) fn position(&self) -> u64 {
        self.start + self.buffer.len() as u64
    }

    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.buffer.len() == BUFFER_BYTES {
                self.spill()?;
            }
            let (now, rest) = bytes.split_at(bytes.len().min(BUFFER_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = rest;
        }
        Ok(())
    }

    /// Overwrites bytes that were written before.
    pub(crate) fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let within = at.checked_sub(self.start).map(|from| from as usize);
        match within.and_then(|from| self.buffer.get_mut(from..from + bytes.len())) {
            Some(place) => {
                place.copy_from_slice(bytes);
                Ok(())
            }
            None => {
                self.spill()?;
                write_all(self.file.as_mut(), at, bytes).map_err(|(_, error)| error)
            }
        }
    }

    /// Forgets what was written from `at` on.
    pub(crate) fn go_back(&mut self, at: u64) -> io::Result<()> {
        self.spill()?;
        self.start = at;
        self.file.set_length(at)
    }

    pub(crate) fn into_file(mut self) -> io::Result<Box<dyn IoFile>> {
        self.spill()?;
        Ok(self.file)
    }

    fn spill(&mut self) -> io::Result<()> {
        write_all(self.file.as_mut(), self.start, &self.buffer).map_err(|(_, error)| error)?;
        self.start = self.position();
        self.buffer.clear();
        Ok(())
    }
}
