//! Files of JSON lines.
mod attach;
mod compress;
mod line;
mod names;
mod options;
mod rotate;
mod tail;

use crate::JsonLines;
use names::{FileNames, Rotated};
use obs_core::io::{Io, IoFile, write_all};
use obs_core::record::{Fact, Record};
use obs_core::wire::Kind;
use obs_core::{Batch, Level, RunId, Sink, SinkError, UnixNanos};
pub use options::JsonlOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
pub use tail::{LastLine, verify_tail};

/// The names of the sinks whose files are in the run directory: `log.jsonl` and `spans.jsonl`.
pub const FILE_SINKS: [&str; 2] = ["log", "spans"];

/// What is written at once at most, give or take a line.
const PIECE_BYTES: usize = 256 << 10;
/// The least time between two writes of lines, unless many wait.
const PAUSE: Duration = Duration::from_millis(20);

/// Writes records to a file of JSON lines, begins a new file when the old one is large or old, compresses the old
/// ones and removes the oldest.
///
/// No line comes twice and none is torn, whatever goes wrong in between: a record whose line is in the file already is
/// passed over by its number, and what stands behind the last whole line is cut off before writing goes on. See the
/// [crate's documentation](crate) for what happens when.
///
/// All errors are transient: the disk may have room again, the directory may come back.
#[derive(Debug)]
pub struct JsonlSink {
    io: Arc<dyn Io>,
    name: &'static str,
    names: FileNames,
    run_id: RunId,
    lines: JsonLines,
    /// Events below are left out; `None` for files that have no events.
    level: Option<Level>,
    options: JsonlOptions,
    /// What the directory held when the sink began, and what has become of it since; in the order of the numbers.
    rotated: Option<Vec<Rotated>>,
    file: Option<Current>,
    /// The number of the last record whose line is in a file.
    last_seq: u64,
    /// Lines that are rendered and not yet written.
    buffer: Vec<u8>,
    /// The last of them.
    pending: Option<(u64, UnixNanos)>,
    state: State,
}

/// What is known or wrong besides the files.
#[derive(Debug, Default)]
struct State {
    /// The number of the file that was rotated last, whether it is still there or not.
    last_number: u64,
    /// All lines of the file in front of this offset are good. Those behind it are to be checked when the file is
    /// opened; `None` when they need not be.
    unchecked_from: Option<u64>,
    /// The number of the last line was looked for.
    is_last_known: bool,
    /// A sync failed: the system may have forgotten what was written since the last good one.
    is_unsure: bool,
    /// A file was given up because it held no line of this run.
    is_given_up: bool,
    /// Originals whose compressed file is there, and that could not be removed yet.
    leftover: Vec<Rotated>,
    /// Compression failed, and waits for the next rotation.
    is_compression_stuck: bool,
    /// What could not be done without harm to the lines, to be told at the next flush.
    trouble: Option<SinkError>,
}

/// The file that lines are written to.
#[derive(Debug)]
struct Current {
    file: Box<dyn IoFile>,
    /// The end of its last line.
    offset: u64,
    /// What was written up to here is durable.
    synced: u64,
    /// The time of its last line.
    time: Option<UnixNanos>,
}

impl JsonlSink {
    /// The sink of `log.jsonl` in `directory`, which must be there: events, losses, and what happens to the run.
    #[must_use]
    pub fn log(
        io: Arc<dyn Io>,
        directory: impl Into<PathBuf>,
        run_id: RunId,
        options: JsonlOptions,
    ) -> Self {
        let level = Some(options.level);
        let names = FileNames::new(directory.into(), FILE_SINKS[0]);
        Self { level, ..Self::new(io, names, JsonLines::log(run_id), (run_id, options)) }
    }

    /// The sink of `spans.jsonl` in `directory`, which must be there: spans that have ended.
    #[must_use]
    pub fn spans(
        io: Arc<dyn Io>,
        directory: impl Into<PathBuf>,
        run_id: RunId,
        options: JsonlOptions,
    ) -> Self {
        let names = FileNames::new(directory.into(), FILE_SINKS[1]);
        Self::new(io, names, JsonLines::spans(run_id), (run_id, options))
    }

    fn new(
        io: Arc<dyn Io>,
        names: FileNames,
        lines: JsonLines,
        (run_id, options): (RunId, JsonlOptions),
    ) -> Self {
        Self {
            io,
            name: names.stem(),
            names,
            run_id,
            lines,
            level: None,
            rotated: None,
            file: None,
            last_seq: 0,
            buffer: Vec::new(),
            pending: None,
            state: State { unchecked_from: Some(0), ..State::default() },
            options,
        }
    }

    fn take(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        while let Some(record) = batch.next() {
            let last_seq = self.pending.map_or(self.last_seq, |(seq, _)| seq);
            if record.seq <= last_seq || !self.is_kept(&record) {
                continue;
            }
            let start = self.buffer.len();
            if self.lines.line(&record, &mut self.buffer) {
                self.place(start, (record.seq, record.time))?;
            }
        }
        self.write_out(self.buffer.len())
    }

    fn is_kept(&self, record: &Record<'_>) -> bool {
        match (&record.fact, self.level) {
            (Fact::Event(event), Some(level)) => event.callsite.level >= level,
            _ => true,
        }
    }

    /// Decides to which file the line goes that begins at `start` of the buffer.
    fn place(&mut self, start: usize, (seq, time): (u64, UnixNanos)) -> Result<(), SinkError> {
        if self.is_rotation_due(start, time) {
            self.write_out(start)?;
            self.rotate()?;
        }
        self.pending = Some((seq, time));
        if self.buffer.len() >= PIECE_BYTES {
            self.write_out(self.buffer.len())?;
        }
        Ok(())
    }

    /// Writes the first `length` bytes of the buffer, which are whole lines, the last of them the pending one.
    fn write_out(&mut self, length: usize) -> Result<(), SinkError> {
        let Some((seq, time)) = self.pending.filter(|_| length > 0) else { return Ok(()) };
        let Some(current) = &mut self.file else {
            return Err(self.failed(
                "write",
                &self.names.current(),
                &io::ErrorKind::NotFound.into(),
            ));
        };
        let bytes = &self.buffer[..length];
        if let Err((_, error)) = write_all(current.file.as_mut(), current.offset, bytes) {
            return Err(self.failed("write", &self.names.current(), &error));
        }
        current.offset += length as u64;
        current.time = Some(time);
        self.last_seq = seq;
        self.buffer.drain(..length);
        self.pending = None;
        Ok(())
    }

    /// Makes what was written durable.
    fn sync(&mut self) -> Result<(), SinkError> {
        let Some(current) = self.file.as_mut().filter(|current| current.synced != current.offset)
        else {
            return Ok(());
        };
        let outcome = current.sync(self.state.is_unsure);
        self.state.is_unsure = outcome.is_err();
        if outcome.is_err() {
            // What is still there of the lines behind it is found out when the file is opened again.
            (self.state.unchecked_from, self.last_seq) = (Some(current.synced), 0);
            self.state.is_last_known = false;
            self.file = None;
        }
        outcome.map_err(|error| self.failed("sync", &self.names.current(), &error))
    }

    fn failed(&self, what: &str, path: &Path, error: &io::Error) -> SinkError {
        SinkError::transient(format!("cannot {what} {path:?}: {error}"))
    }
}

impl Current {
    /// After a failed sync the system takes what was not written for clean: it is written again first.
    fn sync(&mut self, is_unsure: bool) -> io::Result<()> {
        if is_unsure {
            self.write_again()?;
        }
        self.file.sync()?;
        self.synced = self.offset;
        Ok(())
    }

    fn write_again(&mut self) -> io::Result<()> {
        let mut block = vec![0; PIECE_BYTES];
        let mut offset = self.synced;
        while offset < self.offset {
            let length = block.len().min((self.offset - offset) as usize);
            let read = self.file.read_at(offset, &mut block[..length])?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            write_all(self.file.as_mut(), offset, &block[..read]).map_err(|(_, error)| error)?;
            offset += read as u64;
        }
        Ok(())
    }
}

impl Sink for JsonlSink {
    fn name(&self) -> &str {
        self.name
    }

    fn is_in_run_directory(&self) -> bool {
        true
    }

    /// Many lines at once cost much less than each by itself.
    fn pause(&self) -> Duration {
        PAUSE
    }

    fn wants(&self, kind: Kind) -> bool {
        // A log tells of everything, if only that it could not be read.
        self.level.is_some() || kind == Kind::SpanEnd
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        self.lines.forget();
        self.ready()?;
        let outcome = self.take(batch);
        self.buffer.clear();
        self.pending = None;
        outcome
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        if self.rotated.is_none() {
            return Ok(());
        }
        if self.file.is_none() {
            let path = self.names.current();
            return Err(self.failed("flush", &path, &io::Error::other("it is to be opened anew")));
        }
        self.look_outside()?;
        self.sync()?;
        self.compress()?;
        self.state.trouble.take().map_or(Ok(()), Err)
    }

    fn resume(&mut self) -> Result<Option<u64>, SinkError> {
        self.ready()?;
        let State { is_given_up, is_unsure, .. } = self.state;
        let holds_nothing = self.options.is_after_power_loss || is_given_up || is_unsure;
        Ok(Some(self.last_seq).filter(|seq| *seq > 0 || holds_nothing))
    }
}
