//! Opening the file, and finding out what it holds.
use super::names::Form;
use super::tail::{self, LastLine, Rest};
use super::{Current, JsonlSink};
use obs_core::SinkError;
use obs_core::io::{IoFile, Open, read_up_to, write_all};
use std::io::{self, ErrorKind};

impl JsonlSink {
    /// Sees to it that lines can be appended to the file.
    pub(super) fn ready(&mut self) -> Result<(), SinkError> {
        let is_first = self.rotated.is_none();
        if is_first {
            self.sort_out()?;
        }
        let path = self.names.current();
        if let Some(current) = &mut self.file {
            // Else a write has failed half-way, or somebody else has changed the file.
            match current.file.length() {
                Ok(length) if length == current.offset => {}
                Ok(_) => self.file = None,
                Err(error) => return Err(self.failed("write", &path, &error)),
            }
        }
        if self.file.is_none() {
            self.attach()?;
        }
        if !self.state.is_last_known && self.last_seq == 0 {
            self.last_seq = self.last_rotated_seq()?;
        }
        self.state.is_last_known = true;
        Ok(())
    }

    /// Opens the file, makes it if it is not there, and cuts off what stands behind its last good line.
    pub(super) fn attach(&mut self) -> Result<(), SinkError> {
        let path = self.names.current();
        let found = self.find_end().map_err(|error| self.failed("open", &path, &error))?;
        let (mut file, last, length) = found;
        let end = last.map_or(0, |last| last.end);
        let rest = tail::rest(file.as_mut(), end, length);
        match rest.map_err(|error| self.failed("read", &path, &error))? {
            Rest::Nothing => {}
            Rest::Torn => {
                file.set_length(end).map_err(|error| self.failed("cut", &path, &error))?;
            }
            Rest::Damaged => return Err(self.keep_damaged(file, end, length)),
        }
        if length == 0 {
            self.sync_directory()?;
        }
        self.last_seq = self.last_seq.max(last.map_or(0, |last| last.seq));
        let synced = self.state.unchecked_from.take().unwrap_or(0).min(end);
        self.file = Some(Current { file, offset: end, synced, time: last.map(|last| last.time) });
        Ok(())
    }

    fn find_end(&self) -> io::Result<(Box<dyn IoFile>, Option<LastLine>, u64)> {
        let path = self.names.current();
        let mut file = self.io.open(&path, Open::Write)?;
        let length = file.length()?;
        let last = match self.state.unchecked_from {
            None => tail::last_line(file.as_mut(), length, self.run_id)?,
            Some(from) => match tail::verify_tail(self.io.as_ref(), &path, self.run_id, from)? {
                None => tail::last_line(file.as_mut(), from.min(length), self.run_id)?,
                last => last,
            },
        };
        Ok((file, last, length))
    }

    /// Moves what stands behind the last good line, or the whole file if it has none, out of the way without destroying
    /// it; and says so.
    fn keep_damaged(&mut self, file: Box<dyn IoFile>, end: u64, length: u64) -> SinkError {
        let path = self.names.current();
        let kept = match self.names.damaged(self.io.as_ref()) {
            Ok(kept) => kept,
            Err(error) => return self.failed("list", self.names.directory(), &error),
        };
        let outcome = if end == 0 {
            self.io
                .rename(&path, &kept)
                .and_then(|()| self.io.sync_directory(self.names.directory()))
        } else {
            self.move_rest(file, end, &kept)
        };
        if let Err(error) = outcome {
            return self.failed("repair", &path, &error);
        }
        self.state.is_given_up |= end == 0;
        SinkError::transient(format!(
            "{path:?} held {} bytes that are no lines of this run: they are now in {kept:?}",
            length - end
        ))
    }

    fn move_rest(
        &self,
        mut file: Box<dyn IoFile>,
        end: u64,
        kept: &std::path::Path,
    ) -> io::Result<()> {
        let mut copy = self.io.open(kept, Open::New)?;
        let (mut block, mut offset) = (vec![0; super::PIECE_BYTES], 0);
        loop {
            let read = read_up_to(file.as_mut(), end + offset, &mut block)?;
            if read == 0 {
                break;
            }
            write_all(copy.as_mut(), offset, &block[..read]).map_err(|(_, error)| error)?;
            offset += read as u64;
        }
        copy.sync()?;
        self.io.sync_directory(self.names.directory())?;
        file.set_length(end)
    }

    /// Looks whether somebody else has renamed, removed or replaced the file; then the lines to come go to a new one.
    pub(super) fn look_outside(&mut self) -> Result<(), SinkError> {
        let Some(current) = &mut self.file else { return Ok(()) };
        let path = self.names.current();
        let by_name = self.io.open(&path, Open::Read).and_then(|mut file| file.length());
        let is_same = match (by_name, current.file.length()) {
            (Ok(by_name), Ok(ours)) => by_name == ours,
            (Err(error), _) if error.kind() == ErrorKind::NotFound => false,
            (Err(error), _) | (_, Err(error)) => return Err(self.failed("open", &path, &error)),
        };
        if is_same {
            return Ok(());
        }
        self.sync()?;
        self.file = None;
        self.attach()
    }

    /// The number of the last record in the rotated files; 0 if there is none.
    fn last_rotated_seq(&self) -> Result<u64, SinkError> {
        for rotated in self.rotated.iter().flatten().rev() {
            let path = self.names.rotated(*rotated);
            let last = self.io.open(&path, Open::Read).and_then(|mut file| match rotated.form {
                Form::Plain => {
                    let length = file.length()?;
                    tail::last_line(file.as_mut(), length, self.run_id)
                }
                _ => super::compress::last_line(file, self.run_id),
            });
            match last {
                Ok(Some(last)) => return Ok(last.seq),
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(self.failed("read", &path, &error)),
            }
        }
        Ok(0)
    }

    pub(super) fn sync_directory(&self) -> Result<(), SinkError> {
        let directory = self.names.directory();
        let outcome = self.io.sync_directory(directory);
        outcome.map_err(|error| self.failed("sync", directory, &error))
    }
}
