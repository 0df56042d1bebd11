//! Records on a terminal, or wherever standard error and output go.
mod paint;
mod span;
mod text;
mod trees;
mod value;

use crate::JsonLines;
use obs_core::record::Record;
use obs_core::{Batch, Level, Sink, SinkError};
use std::io::{ErrorKind, Write};
pub use text::TextLines;
pub use trees::SpanTrees;

/// What is written at once at most, give or take a line.
const PIECE_BYTES: usize = 256 << 10;

/// Shows records as they come in, as text or as JSON. A batch is one write where it fits into 256 KiB.
///
/// When the other end takes no more for now (`WouldBlock`, a full disk), the error is transient: what could not be
/// written is kept, and goes out first the next time; no line comes twice. When the other end is gone (`EPIPE`), the
/// error is permanent: from then on all records are lost here, and counted by whoever drives the sink. The program
/// itself notices neither.
#[derive(Debug)]
pub struct ConsoleSink<W> {
    out: W,
    lines: Lines,
    level: Level,
    name: &'static str,
    /// Lines that are rendered and not yet written.
    buffer: Vec<u8>,
    /// The number of the last record that was rendered.
    last_seq: u64,
    is_gone: bool,
}

/// The form of the lines.
#[derive(Debug)]
#[non_exhaustive]
pub enum Lines {
    /// For people.
    Text(TextLines),
    /// For programs.
    Json(Box<JsonLines>),
    /// Traces, for people.
    Trees(Box<SpanTrees>),
}

impl Lines {
    fn line(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> bool {
        match self {
            Self::Text(lines) => lines.line(record, out),
            Self::Json(lines) => lines.line(record, out),
            Self::Trees(trees) => trees.line(record, out),
        }
    }
}

impl From<TextLines> for Lines {
    fn from(lines: TextLines) -> Self {
        Self::Text(lines)
    }
}

impl From<JsonLines> for Lines {
    fn from(lines: JsonLines) -> Self {
        Self::Json(Box::new(lines))
    }
}

impl From<SpanTrees> for Lines {
    fn from(trees: SpanTrees) -> Self {
        Self::Trees(Box::new(trees))
    }
}

impl<W: Write + Send> ConsoleSink<W> {
    /// A sink that shows events from `level` on, and always what is missing.
    pub fn new(out: W, lines: impl Into<Lines>, level: Level) -> Self {
        Self {
            out,
            lines: lines.into(),
            level,
            name: "console",
            buffer: Vec::new(),
            last_seq: 0,
            is_gone: false,
        }
    }

    /// The same under a name of its own, where a run has several.
    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// Where the lines go.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn send(&mut self) -> Result<(), SinkError> {
        let mut sent = 0;
        let mut outcome = Ok(());
        while sent < self.buffer.len() && outcome.is_ok() {
            match self.out.write(&self.buffer[sent..]) {
                Ok(0) => outcome = Err(ErrorKind::WriteZero.into()),
                Ok(count) => sent += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => outcome = Err(error),
            }
        }
        self.buffer.drain(..sent);
        outcome.map_err(|error| self.failed(&error))
    }

    fn failed(&mut self, error: &std::io::Error) -> SinkError {
        if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) {
            self.is_gone = true;
            self.buffer = Vec::new();
            return SinkError::permanent(format!("cannot write to the console: {error}"));
        }
        SinkError::transient(format!("cannot write to the console: {error}"))
    }
}

impl<W: Write + Send> Sink for ConsoleSink<W> {
    fn name(&self) -> &str {
        self.name
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        if self.is_gone {
            return Err(SinkError::permanent("the other end of the console is closed"));
        }
        if let Lines::Json(lines) = &mut self.lines {
            lines.forget();
        }
        self.send()?;
        while let Some(record) = batch.next() {
            if record.seq <= self.last_seq || !record.is_shown(self.level) {
                continue;
            }
            self.last_seq = record.seq;
            self.lines.line(&record, &mut self.buffer);
            if self.buffer.len() >= PIECE_BYTES {
                self.send()?;
            }
        }
        self.send()
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        if self.is_gone {
            return Ok(());
        }
        self.send()?;
        self.out.flush().map_err(|error| self.failed(&error))
    }
}
