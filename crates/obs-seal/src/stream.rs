//! The payload of an encrypted file: chunks of 64 KiB, each with a sum and a number, the last one marked.
use crate::error::{SealError, SealErrorKind};
use crate::header::{self, HEADER_BYTES_MAX, derive};
use crate::keys::{Identity, Recipient, random};
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use zeroize::Zeroizing;

const CHUNK_BYTES: usize = 64 << 10;
const SUM_BYTES: usize = 16;
const SEALED_BYTES: u64 = (CHUNK_BYTES + SUM_BYTES) as u64;
const NONCE_BYTES: usize = 16;

/// Encrypts what `plain` holds to all of the recipients; memory does not grow with it.
///
/// # Errors
///
/// [`SealErrorKind::Key`] when there is no recipient, or one is no key; [`SealErrorKind::Io`] when reading, writing or
/// the system's random numbers fail. What was written by then is of no use.
pub fn encrypt(
    recipients: &[Recipient],
    plain: &mut dyn Read,
    sealed: &mut dyn Write,
) -> Result<(), SealError> {
    if recipients.is_empty() {
        return Err(SealError::new(SealErrorKind::Key, "there is no recipient"));
    }
    let write = |error: io::Error| SealError::io("write what is encrypted", &error);
    let (key, nonce) = (random()?, random::<NONCE_BYTES>()?);
    sealed.write_all(header::write(&key, recipients)?.as_bytes()).map_err(write)?;
    sealed.write_all(nonce.as_slice()).map_err(write)?;
    let cipher = cipher(&key, nonce.as_slice());
    let mut chunk = Zeroizing::new(Vec::new());
    let mut ahead = read_chunk(plain)?;
    for number in 0.. {
        std::mem::swap(&mut *chunk, &mut ahead);
        ahead = if chunk.len() == CHUNK_BYTES { read_chunk(plain)? } else { Vec::new() };
        let is_last = ahead.is_empty();
        let out = cipher.encrypt(&place(number, is_last).into(), chunk.as_slice());
        let out = out.map_err(|_| SealError::new(SealErrorKind::Io, "cannot encrypt a chunk"))?;
        sealed.write_all(&out).map_err(write)?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// The next chunk; shorter ones are the last.
fn read_chunk(plain: &mut dyn Read) -> Result<Vec<u8>, SealError> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    let read = plain.take(CHUNK_BYTES as u64).read_to_end(&mut chunk);
    read.map_err(|error| SealError::io("read what is to be encrypted", &error))?;
    Ok(chunk)
}

fn cipher(key: &[u8; 16], nonce: &[u8]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(derive(key, nonce, b"payload").as_ref().into())
}

/// What makes each chunk's encryption differ: its number, and whether it is the last.
fn place(number: u64, is_last: bool) -> [u8; 12] {
    let mut place = [0; 12];
    place[3..11].copy_from_slice(&number.to_be_bytes());
    place[11] = u8::from(is_last);
    place
}

/// Bytes that can be read anywhere.
pub trait ReadAt {
    /// Reads at an offset; 0 at the end, and perhaps less than asked for.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// How many bytes there are.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn length(&mut self) -> io::Result<u64>;
}

impl ReadAt for &[u8] {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        (&self[from..]).read(buffer)
    }

    fn length(&mut self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

/// An encrypted file that can be read anywhere, without decrypting all of it: one chunk is held at a time.
pub struct Decrypted<R> {
    sealed: R,
    cipher: ChaCha20Poly1305,
    /// Where the chunks begin.
    start: u64,
    chunks: u64,
    length: u64,
    /// The chunk that was read last.
    chunk: Option<(u64, Zeroizing<Vec<u8>>)>,
}

/// Opens an encrypted file. Its header and its last chunk are checked: it was not cut.
///
/// # Errors
///
/// [`SealErrorKind::Identity`] when none of the identities can decrypt it, [`SealErrorKind::Damaged`] when it is no
/// such file, was changed or cut, [`SealErrorKind::Io`] when it cannot be read.
pub fn decrypt<R: ReadAt>(
    identities: &[Identity],
    mut sealed: R,
) -> Result<Decrypted<R>, SealError> {
    let failed = |error: io::Error| SealError::io("read what is encrypted", &error);
    let damaged = || SealError::new(SealErrorKind::Damaged, "it was cut");
    let mut head = vec![0; HEADER_BYTES_MAX];
    let read = read_up_to(&mut sealed, 0, &mut head).map_err(failed)?;
    let (key, header) = header::read(&head[..read], identities)?;
    let nonce = head[..read].get(header..header + NONCE_BYTES).ok_or_else(damaged)?;
    let cipher = cipher(&key, nonce);
    let start = (header + NONCE_BYTES) as u64;
    let payload = sealed.length().map_err(failed)?.checked_sub(start).ok_or_else(damaged)?;
    let chunks = payload.div_ceil(SEALED_BYTES);
    let length = payload.checked_sub(chunks * SUM_BYTES as u64).filter(|_| chunks > 0);
    let length = length.ok_or_else(damaged)?;
    let mut decrypted = Decrypted { sealed, cipher, start, chunks, length, chunk: None };
    let last = decrypted.open(chunks - 1)?;
    if last.is_empty() && chunks > 1 {
        return Err(damaged());
    }
    Ok(decrypted)
}

impl<R: ReadAt> Decrypted<R> {
    /// How many bytes come out.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Reads at an offset; 0 at the end, and perhaps less than asked for.
    ///
    /// # Errors
    ///
    /// [`SealErrorKind::Damaged`] when the bytes there are not those that were encrypted, [`SealErrorKind::Io`] when
    /// they cannot be read.
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, SealError> {
        if offset >= self.length {
            return Ok(0);
        }
        let (number, from) = (offset / CHUNK_BYTES as u64, (offset % CHUNK_BYTES as u64) as usize);
        let chunk = self.open(number)?;
        let there = chunk.get(from..).unwrap_or_default();
        let length = there.len().min(buffer.len());
        buffer[..length].copy_from_slice(&there[..length]);
        Ok(length)
    }

    fn open(&mut self, number: u64) -> Result<&[u8], SealError> {
        if self.chunk.as_ref().is_none_or(|(held, _)| *held != number) {
            self.chunk = None;
            let chunk = self.decrypt(number)?;
            return Ok(&self.chunk.insert((number, chunk)).1);
        }
        Ok(self.chunk.as_ref().map(|(_, chunk)| chunk.as_slice()).unwrap_or_default())
    }

    fn decrypt(&mut self, number: u64) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut sealed = vec![0; SEALED_BYTES as usize];
        let read = read_up_to(&mut self.sealed, self.start + number * SEALED_BYTES, &mut sealed);
        let read = read.map_err(|error| SealError::io("read what is encrypted", &error))?;
        let place = place(number, number + 1 == self.chunks);
        let plain = self.cipher.decrypt(&place.into(), &sealed[..read]);
        let changed = |_| SealError::new(SealErrorKind::Damaged, "it was changed or cut");
        plain.map(Zeroizing::new).map_err(changed)
    }
}

impl<R> fmt::Debug for Decrypted<R> {
    /// Shows nothing of key and contents.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted").field("length", &self.length).finish_non_exhaustive()
    }
}

fn read_up_to(sealed: &mut impl ReadAt, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match sealed.read_at(offset + done as u64, &mut buffer[done..]) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
