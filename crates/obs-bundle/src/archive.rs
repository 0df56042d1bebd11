//! The archive's bytes: the one place that knows how a zip file is written.
//!
//! Every entry is a plain file with mode 0600, and all have the same time. Sizes and checksum stand in the local
//! header, which is filled in when the entry is complete; zip64 fields stand only where an entry or its place is too
//! large. An entry can be taken back as long as no other was begun behind it.
use crate::deflate::Deflate;
use crate::output::Output;
use flate2::Crc;
use obs_core::UnixNanos;
use obs_core::io::IoFile;
use std::io;

/// Stands in a narrow field whose value is in the zip64 field.
const WIDE: u32 = u32::MAX;
const UNIX: u16 = 3 << 8;
const MODE: u32 = 0o100_600 << 16;
/// A header of the directory without name and extra field.
const HEADER_BYTES: u64 = 46;
/// The end of an archive, its wide form included.
const END_BYTES: u64 = 22 + 56 + 20;

/// An archive that is being written. After an error it takes nothing more.
#[derive(Debug)]
pub(crate) struct Archive {
    output: Output,
    deflate: Deflate,
    stamp: Stamp,
    /// The headers of complete entries.
    directory: Vec<u8>,
    entries: u64,
    open: Option<Entry>,
}

/// How an entry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// Deflated, or as it is.
    pub(crate) is_deflated: bool,
    /// Whether it may be too large for the narrow fields.
    pub(crate) is_large: bool,
}

/// Time and date as DOS has them: of two seconds' precision, from 1980 to 2107.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) time: u16,
    pub(crate) date: u16,
}

/// The entry that is being written.
#[derive(Debug)]
struct Entry {
    name: String,
    form: Form,
    /// Where its local header begins, and its bytes.
    header: u64,
    start: u64,
    size: u64,
    crc: Crc,
    /// Whether its bytes are complete.
    is_flushed: bool,
}

impl Archive {
    pub(crate) fn new(file: Box<dyn IoFile>, time: UnixNanos) -> Self {
        Self {
            output: Output::new(file),
            deflate: Deflate::new(),
            stamp: Stamp::of(time),
            directory: Vec::new(),
            entries: 0,
            open: None,
        }
    }

    /// Begins an entry. The one before is to be complete.
    pub(crate) fn start(&mut self, path: &str, form: Form) -> io::Result<()> {
        let header = self.output.position();
        let mut entry = Entry {
            name: path.to_owned(),
            form,
            header,
            start: 0,
            size: 0,
            crc: Crc::new(),
            is_flushed: false,
        };
        self.output.write(&entry.local(self.stamp, 0))?;
        entry.start = self.output.position();
        self.deflate.restart();
        self.open = Some(entry);
        Ok(())
    }

    /// Adds bytes to the entry.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(entry) = &mut self.open else { return Ok(()) };
        entry.size += bytes.len() as u64;
        entry.crc.update(bytes);
        if !entry.form.is_deflated {
            return self.output.write(bytes);
        }
        self.deflate.feed(bytes, &mut |deflated| self.output.write(deflated))
    }

    /// Completes the entry's bytes. It can still be taken back.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match &mut self.open {
            Some(entry) if entry.form.is_deflated && !entry.is_flushed => {
                entry.is_flushed = true;
                self.deflate.end(&mut |deflated| self.output.write(deflated))
            }
            _ => Ok(()),
        }
    }

    /// Puts the entry, whose bytes are complete, into the directory.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        let Some(entry) = self.open.take() else { return Ok(()) };
        let compressed = self.output.position() - entry.start;
        self.output.write_at(entry.header, &entry.local(self.stamp, compressed))?;
        self.directory.extend_from_slice(&entry.central(self.stamp, compressed));
        self.entries += 1;
        Ok(())
    }

    /// Takes the entry back, as if it had never been begun.
    pub(crate) fn take_back(&mut self) -> io::Result<()> {
        match self.open.take() {
            Some(entry) => self.output.go_back(entry.header),
            None => Ok(()),
        }
    }

    /// How long the archive would be by now, with its end, as far as bytes have come out of deflating.
    pub(crate) fn bytes(&self) -> u64 {
        let name =
            self.open.as_ref().map_or(0, |entry| HEADER_BYTES + 28 + entry.name.len() as u64);
        self.output.position() + self.directory.len() as u64 + name + END_BYTES
    }

    /// Writes the directory, and gives the file back.
    pub(crate) fn finish(mut self) -> io::Result<Box<dyn IoFile>> {
        let start = self.output.position();
        let directory = std::mem::take(&mut self.directory);
        self.output.write(&directory)?;
        let end = self.output.position();
        let bytes = directory.len() as u64;
        let is_wide = start >= WIDE.into() || bytes >= WIDE.into();
        if is_wide {
            let version = UNIX | 45;
            let mut wide = b"PK\x06\x06".to_vec();
            put64(&mut wide, &[44]);
            put16(&mut wide, &[version, version]);
            put32(&mut wide, &[0, 0]);
            put64(&mut wide, &[self.entries, self.entries, bytes, start]);
            wide.extend_from_slice(b"PK\x06\x07");
            put32(&mut wide, &[0]);
            put64(&mut wide, &[end]);
            put32(&mut wide, &[1]);
            self.output.write(&wide)?;
        }
        let mut narrow = b"PK\x05\x06".to_vec();
        let count = self.entries.min(u16::MAX.into()) as u16;
        put16(&mut narrow, &[0, 0, count, count]);
        let narrow_bytes = if is_wide { WIDE } else { bytes as u32 };
        put32(&mut narrow, &[narrow_bytes, start.min(WIDE.into()) as u32]);
        put16(&mut narrow, &[0]);
        self.output.write(&narrow)?;
        self.output.into_file()
    }
}

impl Entry {
    fn version(&self) -> u16 {
        match (self.form.is_large, self.form.is_deflated) {
            (true, _) => 45,
            (false, true) => 20,
            (false, false) => 10,
        }
    }

    /// What local header and directory have in common: from the version that unpacking needs to the length of the name.
    fn shared(&self, stamp: Stamp, compressed: u64) -> Vec<u8> {
        let mut out = Vec::new();
        let method = if self.form.is_deflated { 8 } else { 0 };
        put16(&mut out, &[self.version(), 0, method, stamp.time, stamp.date]);
        let narrow = |size: u64| if self.form.is_large { WIDE } else { size as u32 };
        put32(&mut out, &[self.crc.sum(), narrow(compressed), narrow(self.size)]);
        put16(&mut out, &[self.name.len() as u16]);
        out
    }

    fn local(&self, stamp: Stamp, compressed: u64) -> Vec<u8> {
        let mut out = b"PK\x03\x04".to_vec();
        out.extend(self.shared(stamp, compressed));
        put16(&mut out, &[if self.form.is_large { 20 } else { 0 }]);
        out.extend_from_slice(self.name.as_bytes());
        if self.form.is_large {
            put16(&mut out, &[1, 16]);
            put64(&mut out, &[self.size, compressed]);
        }
        out
    }

    fn central(&self, stamp: Stamp, compressed: u64) -> Vec<u8> {
        let mut extra = Vec::new();
        if self.form.is_large {
            put64(&mut extra, &[self.size, compressed]);
        }
        if self.header >= WIDE.into() {
            put64(&mut extra, &[self.header]);
        }
        if !extra.is_empty() {
            let length = extra.len() as u16;
            let head = [1, length].map(u16::to_le_bytes).concat();
            extra.splice(0..0, head);
        }
        let mut out = b"PK\x01\x02".to_vec();
        put16(&mut out, &[UNIX | self.version()]);
        out.extend(self.shared(stamp, compressed));
        put16(&mut out, &[extra.len() as u16, 0, 0, 0]);
        put32(&mut out, &[MODE, self.header.min(WIDE.into()) as u32]);
        out.extend_from_slice(self.name.as_bytes());
        out.extend(extra);
        out
    }
}

impl Stamp {
    /// The nearest time that can be told.
    pub(crate) fn of(time: UnixNanos) -> Self {
        let text = time.rfc3339();
        let number = |at: usize, length: usize| {
            text[at..at + length].iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))
        };
        let year = number(0, 4);
        if !(1980..=2107).contains(&year) {
            return Self { time: 0, date: 1 << 5 | 1 };
        }
        let date = (year - 1980) << 9 | number(5, 2) << 5 | number(8, 2);
        Self { time: number(11, 2) << 11 | number(14, 2) << 5 | (number(17, 2) / 2), date }
    }
}

fn put16(out: &mut Vec<u8>, numbers: &[u16]) {
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, numbers: &[u32]) {
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
}

fn put64(out: &mut Vec<u8>, numbers: &[u64]) {
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
}
