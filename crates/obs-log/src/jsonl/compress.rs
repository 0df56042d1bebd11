//! Compressing rotated files, and reading them again.
use super::JsonlSink;
use super::names::{Form, Rotated};
use super::tail::{self, LastLine, TAIL_BYTES_MAX};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use obs_core::io::{IoFile, Open, read_up_to};
use obs_core::{RunId, SinkError};
use std::io::{self, ErrorKind, Read, Write};

/// No further file is begun when so much was compressed in one go.
const FLUSH_BYTES_MAX: u64 = 64 << 20;
const BLOCK_BYTES: usize = 256 << 10;
/// Under lasting load compressing lines costs more than making them. Level 4 makes them 4 % shorter, and takes a third
/// longer.
const LEVEL: u32 = 2;

impl JsonlSink {
    /// Compresses rotated files, oldest first: at least one, more if they are small. Waits while the file that lines
    /// are written to has none: the number of the last line is then looked up in the newest rotated file, which is
    /// faster where it is not compressed.
    pub(super) fn compress(&mut self) -> Result<(), SinkError> {
        self.remove_leftover()?;
        let has_lines = self.file.as_ref().is_some_and(|current| current.offset > 0);
        if !self.options.gzip || !has_lines || self.state.is_compression_stuck {
            return Ok(());
        }
        let mut done = 0;
        while let Some(rotated) = self.next_plain().filter(|_| done < FLUSH_BYTES_MAX) {
            match self.compress_file(rotated) {
                Ok(Some(bytes)) => {
                    done += bytes;
                    self.note_form(rotated.number, Some(Form::Gzip));
                    self.state.leftover.push(rotated);
                    self.remove_leftover()?;
                }
                Ok(None) => self.note_form(rotated.number, None),
                Err(error) => {
                    self.state.is_compression_stuck = true;
                    return Err(self.failed("compress", &self.names.rotated(rotated), &error));
                }
            }
        }
        Ok(())
    }

    fn next_plain(&self) -> Option<Rotated> {
        self.rotated.iter().flatten().find(|rotated| rotated.form == Form::Plain).copied()
    }

    /// Takes note of a file's form, or that it is gone.
    pub(super) fn note_form(&mut self, number: u64, form: Option<Form>) {
        let Some(rotated) = &mut self.rotated else { return };
        match form {
            Some(form) => rotated
                .iter_mut()
                .filter(|rotated| rotated.number == number)
                .for_each(|rotated| rotated.form = form),
            None => rotated.retain(|rotated| rotated.number != number),
        }
    }

    /// Returns the length of the original, or `None` if somebody else has taken it away.
    fn compress_file(&self, plain: Rotated) -> io::Result<Option<u64>> {
        let path = |form| self.names.rotated(Rotated { form, ..plain });
        let (from, new, to) = (path(Form::Plain), path(Form::Unfinished), path(Form::Gzip));
        let mut source = match self.io.open(&from, Open::Read) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let mut target = self.io.open(&new, Open::Write)?;
        target.set_length(0)?;
        let written = copy_compressed(source.as_mut(), target.as_mut());
        if let Err(error) = written.and_then(|()| target.sync()) {
            return Err(match self.io.remove(&new) {
                Ok(()) => error,
                Err(also) => io::Error::new(
                    error.kind(),
                    format!("{error}; and {new:?} cannot be removed: {also}"),
                ),
            });
        }
        let length = source.length()?;
        self.io.rename(&new, &to)?;
        Ok(Some(length))
    }

    /// Removes the originals of compressed files, once the names of those are durable.
    fn remove_leftover(&mut self) -> Result<(), SinkError> {
        if self.state.leftover.is_empty() {
            return Ok(());
        }
        self.sync_directory()?;
        self.state.leftover.iter().try_for_each(|original| self.remove(*original))?;
        self.sync_directory()?;
        self.state.leftover.clear();
        Ok(())
    }
}

fn copy_compressed(source: &mut dyn IoFile, target: &mut dyn IoFile) -> io::Result<()> {
    let mut encoder = GzEncoder::new(AtEnd { file: target, offset: 0 }, Compression::new(LEVEL));
    let mut block = vec![0; BLOCK_BYTES];
    let mut offset = 0;
    loop {
        let read = read_up_to(source, offset, &mut block)?;
        if read == 0 {
            break;
        }
        encoder.write_all(&block[..read])?;
        offset += read as u64;
    }
    encoder.finish().map(drop)
}

/// The last good line of a compressed file. A file that is cut off or damaged has those in front of the damage.
///
/// # Errors
///
/// What the system says.
pub(super) fn last_line(file: Box<dyn IoFile>, run_id: RunId) -> io::Result<Option<LastLine>> {
    let mut decoder = MultiGzDecoder::new(AtEnd { file, offset: 0 });
    let (mut bytes, mut start) = (Vec::new(), 0);
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match decoder.read(&mut block) {
            Ok(0) => break,
            Ok(read) => bytes.extend_from_slice(&block[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof
                ) =>
            {
                break;
            }
            Err(error) => return Err(error),
        }
        if bytes.len() as u64 > 2 * TAIL_BYTES_MAX {
            let cut = bytes.len() - TAIL_BYTES_MAX as usize;
            bytes.drain(..cut);
            start += cut as u64;
        }
    }
    Ok(tail::last_in(&bytes, start, run_id))
}

/// A file read or written from its start to its end.
struct AtEnd<F> {
    file: F,
    offset: u64,
}

impl Write for AtEnd<&mut dyn IoFile> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write_at(self.offset, bytes)?;
        self.offset += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for AtEnd<Box<dyn IoFile>> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(self.offset, buffer)?;
        self.offset += read as u64;
        Ok(read)
    }
}
