//! Beginning a new file, and removing the oldest.
use super::JsonlSink;
use super::names::{Form, Rotated};
use obs_core::{SinkError, UnixNanos};
use std::io::{self, ErrorKind};

impl JsonlSink {
    /// Whether the line that begins at `start` of the buffer, of a record of this time, belongs into a new file.
    /// Depends on records alone, so that it comes out the same whenever it is asked again.
    pub(super) fn is_rotation_due(&self, start: usize, time: UnixNanos) -> bool {
        let Some(current) = &self.file else { return false };
        let before = current.offset + start as u64;
        if before == 0 {
            return false;
        }
        let line_bytes = (self.buffer.len() - start) as u64;
        let bytes_max = self.options.rotate_bytes;
        let is_full = bytes_max > 0 && before + line_bytes > bytes_max;
        let last = self.pending.map(|(_, time)| time).or(current.time);
        let interval = |time: UnixNanos| self.options.interval(time.0);
        is_full || last.is_some_and(|last| interval(time) > interval(last))
    }

    /// Gives the file its number and begins a new one. The old one is durable before it is renamed, and its name
    /// before the new one is made: whatever happens in between, the last lines are at the end of one or the other.
    pub(super) fn rotate(&mut self) -> Result<(), SinkError> {
        self.sync()?;
        let number = self.state.last_number + 1;
        let rotated = Rotated { number, form: Form::Plain };
        let (from, to) = (self.names.current(), self.names.rotated(rotated));
        self.io.rename(&from, &to).map_err(|error| self.failed("rename", &from, &error))?;
        self.state.last_number = number;
        self.rotated.get_or_insert_default().push(rotated);
        self.file = None;
        self.state.is_compression_stuck = false;
        self.sync_directory()?;
        self.attach()?;
        if let Err(error) = self.remove_oldest() {
            self.state.trouble = Some(error);
        }
        Ok(())
    }

    fn remove_oldest(&mut self) -> Result<(), SinkError> {
        let files_max = self.options.files_max as usize;
        while let Some(rotated) = &self.rotated
            && files_max > 0
            && rotated.len() > files_max
        {
            let number = rotated[0].number;
            for form in [Form::Plain, Form::Gzip] {
                self.remove(Rotated { number, form })?;
            }
            self.note_form(number, None);
        }
        Ok(())
    }

    /// Removes a rotated file; one that is not there is fine.
    pub(super) fn remove(&self, rotated: Rotated) -> Result<(), SinkError> {
        let path = self.names.rotated(rotated);
        match self.io.remove(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(self.failed("remove", &path, &error))
            }
            _ => Ok(()),
        }
    }

    /// Finds the rotated files, and finishes what an earlier run of the sink left half done: a compressed file has
    /// its name only when it is whole and durable, so its original can go; one that is not whole is made anew.
    pub(super) fn sort_out(&mut self) -> Result<(), SinkError> {
        let found = self.names.list(self.io.as_ref());
        let found = found
            .map_err(|error: io::Error| self.failed("list", self.names.directory(), &error))?;
        let is_compressed = |number| found.contains(&Rotated { number, form: Form::Gzip });
        let (needed, rest): (Vec<_>, Vec<_>) =
            found.iter().copied().partition(|rotated| match rotated.form {
                Form::Plain => !is_compressed(rotated.number),
                Form::Gzip => true,
                Form::Unfinished => false,
            });
        self.state.last_number = found.last().map_or(0, |newest| newest.number);
        rest.into_iter().try_for_each(|rotated| self.remove(rotated))?;
        self.rotated = Some(needed);
        Ok(())
    }
}
