//! Deflating, piece by piece.
use flate2::{Compress, Compression, FlushCompress, Status};
use std::io;

const BUFFER_BYTES: usize = 64 << 10;
/// The level is fixed, so that equal contents give equal bytes.
const LEVEL: u32 = 6;

/// Where deflated bytes go.
type Sink<'a> = &'a mut dyn FnMut(&[u8]) -> io::Result<()>;

/// Deflates one stream after the other.
#[derive(Debug)]
pub(crate) struct Deflate {
    state: Compress,
    buffer: Vec<u8>,
}

impl Deflate {
    pub(crate) fn new() -> Self {
        Self { state: Compress::new(Compression::new(LEVEL), false), buffer: vec![0; BUFFER_BYTES] }
    }

    /// Begins a stream.
    pub(crate) fn restart(&mut self) {
        self.state.reset();
    }

    /// Takes the next bytes of the stream.
    pub(crate) fn feed(&mut self, bytes: &[u8], sink: Sink<'_>) -> io::Result<()> {
        self.run(bytes, FlushCompress::None, sink)
    }

    /// Lets everything out that was taken so far.
    pub(crate) fn sync(&mut self, sink: Sink<'_>) -> io::Result<()> {
        self.run(&[], FlushCompress::Sync, sink)
    }

    /// Ends the stream.
    pub(crate) fn end(&mut self, sink: Sink<'_>) -> io::Result<()> {
        self.run(&[], FlushCompress::Finish, sink)
    }

    fn run(&mut self, mut bytes: &[u8], flush: FlushCompress, sink: Sink<'_>) -> io::Result<()> {
        loop {
            let (taken, given) = (self.state.total_in(), self.state.total_out());
            let status =
                self.state.compress(bytes, &mut self.buffer, flush).map_err(io::Error::other)?;
            bytes = &bytes[(self.state.total_in() - taken) as usize..];
            let given = (self.state.total_out() - given) as usize;
            sink(&self.buffer[..given])?;
            let is_drained = given < self.buffer.len() && bytes.is_empty();
            if status == Status::StreamEnd || is_drained && !matches!(flush, FlushCompress::Finish)
            {
                return Ok(());
            }
        }
    }
}
