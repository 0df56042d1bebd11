//! The archive's bytes: the one place that knows how a zip file is written.
//!
//! Every entry is a plain file with mode 0600, and all have the same time. Sizes and checksum stand in the local
//! header, which is filled in when the entry is complete; zip64 fields stand only where an entry or its place is too
//! large.
use obs_core::UnixNanos;
use obs_core::io::{IoFile, write_all};
use std::cell::Cell;
use std::io::{self, Seek, SeekFrom, Write};
use std::rc::Rc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

const BUFFER_BYTES: usize = 64 << 10;
/// The level is fixed, so that equal contents give equal bytes.
const LEVEL: i64 = 6;

/// An archive that is being written. After an error it takes nothing more.
pub(crate) struct Archive {
    zip: ZipWriter<Output>,
    options: SimpleFileOptions,
    error: Rc<Cell<Option<io::Error>>>,
}

/// How an entry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// Deflated, or as it is.
    pub(crate) is_deflated: bool,
    /// Whether it may be too large for the narrow fields.
    pub(crate) is_large: bool,
}

impl Archive {
    pub(crate) fn new(file: Box<dyn IoFile>, time: UnixNanos) -> Self {
        let options = SimpleFileOptions::default()
            .system(System::Unix)
            .unix_permissions(0o600)
            .last_modified_time(entry_time(time));
        let error = Rc::default();
        Self { zip: ZipWriter::new(Output::new(file, Rc::clone(&error))), options, error }
    }

    /// Begins an entry; the one before is then complete.
    pub(crate) fn start(&mut self, path: &str, form: Form) -> io::Result<()> {
        let deflated = (CompressionMethod::Deflated, Some(LEVEL));
        let stored = (CompressionMethod::Stored, None);
        let (method, level) = if form.is_deflated { deflated } else { stored };
        let options = self.options.compression_method(method).compression_level(level);
        self.zip.start_file(path, options.large_file(form.is_large))?;
        self.check()
    }

    /// Adds bytes to the entry.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.zip.write_all(bytes)?;
        self.check()
    }

    /// Writes the directory, and gives the file back.
    pub(crate) fn finish(self) -> io::Result<Box<dyn IoFile>> {
        let file = self.zip.finish()?.into_file();
        self.error.take().map_or(Ok(file), Err)
    }

    fn check(&self) -> io::Result<()> {
        self.error.take().map_or(Ok(()), Err)
    }
}

/// The time in an entry's header: of two seconds' precision, from 1980 to 2107.
pub(crate) fn entry_time(time: UnixNanos) -> DateTime {
    let text = time.rfc3339();
    let number = |at: usize, length: usize| {
        text[at..at + length].iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))
    };
    let part = |at| number(at, 2) as u8;
    let made = DateTime::from_date_and_time(
        number(0, 4),
        part(5),
        part(8),
        part(11),
        part(14),
        part(17) & !1,
    );
    made.unwrap_or(DateTime::DEFAULT)
}

/// The file below the archive. What goes wrong is kept for [`Archive`] to find: to the archive's own code every write
/// succeeds, because it completes an archive also when it is given up, and is not made for that to fail, too.
struct Output {
    file: Box<dyn IoFile>,
    buffer: Vec<u8>,
    /// Where the buffer's first byte belongs.
    start: u64,
    end: u64,
    is_broken: bool,
    error: Rc<Cell<Option<io::Error>>>,
}

impl Output {
    fn new(file: Box<dyn IoFile>, error: Rc<Cell<Option<io::Error>>>) -> Self {
        let buffer = Vec::with_capacity(BUFFER_BYTES);
        Self { file, buffer, start: 0, end: 0, is_broken: false, error }
    }

    fn position(&self) -> u64 {
        self.start + self.buffer.len() as u64
    }

    fn spill(&mut self) {
        if !self.is_broken
            && let Err((_, error)) = write_all(self.file.as_mut(), self.start, &self.buffer)
        {
            self.is_broken = true;
            self.error.set(Some(error));
        }
        self.start = self.position();
        self.buffer.clear();
    }

    fn into_file(mut self) -> Box<dyn IoFile> {
        self.spill();
        self.file
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() >= BUFFER_BYTES {
            self.spill();
        }
        let taken = bytes.len().min(BUFFER_BYTES - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        self.end = self.end.max(self.position());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spill();
        Ok(())
    }
}

impl Seek for Output {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position().checked_add_signed(by),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
        };
        let target = target.ok_or(io::ErrorKind::InvalidInput)?;
        if target != self.position() {
            self.spill();
            self.start = target;
        }
        Ok(target)
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        Ok(self.position())
    }
}
