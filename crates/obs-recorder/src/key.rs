//! `run.key`: random bytes that make the digits in the run's markers. They leave the machine with nothing.
use crate::layout::RunDirectory;
use obs_core::io::{Io, Open, read, write_all};
use obs_core::redact::DigestKey;
use rustix::rand::{GetRandomFlags, getrandom};
use std::io;

const BYTES: usize = 32;
/// A longer file is none.
const BYTES_MAX: u64 = 4 << 10;

/// A new key, kept in the directory if there is one. `None` on a machine that has just been started and has no random
/// bytes yet: markers then have no digits, and the program starts none the later.
///
/// # Errors
///
/// What the system says when the file cannot be written.
pub(crate) fn make(io: &dyn Io, directory: Option<&RunDirectory>) -> io::Result<Option<DigestKey>> {
    let mut key = [0; BYTES];
    if getrandom(&mut key, GetRandomFlags::NONBLOCK) != Ok(BYTES) {
        return Ok(None);
    }
    if let Some(directory) = directory {
        let mut file = io.open(&directory.key(), Open::New)?;
        write_all(file.as_mut(), 0, &key).map_err(|(_, error)| error)?;
    }
    Ok(Some(DigestKey::new(&key)))
}

/// The key of a run that was; `None` when it cannot be read, and its markers then have no digits.
#[must_use]
pub fn key_of(io: &dyn Io, directory: &RunDirectory) -> Option<DigestKey> {
    key_bytes_of(io, directory).map(|key| DigestKey::new(&key))
}

/// The bytes of that key, which nothing that leaves the machine may hold.
#[must_use]
pub fn key_bytes_of(io: &dyn Io, directory: &RunDirectory) -> Option<Vec<u8>> {
    read(io, &directory.key(), BYTES_MAX).ok().filter(|key| key.len() >= BYTES)
}
