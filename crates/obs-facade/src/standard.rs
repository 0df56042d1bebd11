//! Standard output and error, as the console writes to them.
use rustix::fd::AsFd;
use std::io::{self, Write};

/// Standard output.
pub(crate) fn output() -> Box<dyn Write + Send> {
    chosen(io::stdout())
}

/// Standard error.
pub(crate) fn error() -> Box<dyn Write + Send> {
    chosen(io::stderr())
}

/// Lines of the program's own are not cut by ours as long as both are written under the standard library's lock. In a
/// forked child nobody may ever let go of that: it may be held by a thread that only the parent has.
fn chosen(stream: impl Write + AsFd + Send + 'static) -> Box<dyn Write + Send> {
    match obs_ring::fork::is_child() {
        true => Box::new(Unlocked(stream)),
        false => Box::new(stream),
    }
}

/// Writes without a lock.
#[derive(Debug)]
struct Unlocked<S>(S);

impl<S: AsFd> Write for Unlocked<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(&self.0, bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
