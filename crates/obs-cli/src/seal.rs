//! Signing, encrypting and what undoes them, as the command line asks for it.
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::options::SealOptions;
use crate::view;
use obs_bundle::{Encrypt, Limits, Options, Reader, Sign};
use obs_core::io::{Disk, Io, IoFile, Open};
use obs_seal::{Decrypted, Identity, PublicKey, ReadAt, Recipient, SigningKey};
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

/// The beginning of every file that age encrypted.
const AGE: [u8; 21] = *b"age-encryption.org/v1";
/// A key file is not longer.
const KEY_BYTES_MAX: u64 = 64 << 10;

/// Tells a bundle how it is to be signed and encrypted. Keys are read before anything is written.
pub(crate) fn apply(options: &SealOptions, wanted: &mut Options) -> Result<()> {
    if let Some(path) = &options.sign_key {
        let password = options.sign_password_env.as_deref().map(password).transpose()?;
        let key = SigningKey::read(&text(path)?, password.as_deref())
            .map_err(|error| Failure::cannot(format!("sign with \"{}\"", path.display()), error))?;
        wanted.sign = Some(Arc::new(Signs { key }));
    }
    if !options.encrypt_to.is_empty() {
        let recipients = options.encrypt_to.iter().map(|text| text.parse());
        let recipients: Vec<Recipient> =
            recipients.collect::<std::result::Result<_, _>>().map_err(Failure::usage)?;
        wanted.encrypt = Some(Arc::new(Encrypts { recipients }));
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the command line names the variable")]
fn password(variable: &str) -> Result<String> {
    std::env::var(variable)
        .map_err(|error| Failure::cannot(format!("read the password from {variable}"), error))
}

/// The text of a key file.
fn text(path: &Path) -> Result<String> {
    let failed = |error: io::Error| Failure::cannot(format!("read \"{}\"", path.display()), error);
    let file = fs::File::open(path).map_err(failed)?;
    let mut text = String::new();
    file.take(KEY_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Reads a key from the command line, or from the file that it names.
pub(crate) fn public_key(word: &str) -> Result<PublicKey> {
    let text = if Path::new(word).is_file() { text(Path::new(word))? } else { word.to_owned() };
    text.parse().map_err(Failure::usage)
}

#[derive(Debug)]
struct Signs {
    key: SigningKey,
}

impl Sign for Signs {
    fn sign(&self, sums: &[u8], comment: &str) -> std::result::Result<Vec<u8>, String> {
        Ok(self.key.sign(sums, comment).into_bytes())
    }
}

#[derive(Debug)]
struct Encrypts {
    recipients: Vec<Recipient>,
}

impl Encrypt for Encrypts {
    fn encrypt(
        &self,
        plain: &mut dyn Read,
        sealed: &mut dyn Write,
    ) -> std::result::Result<(), String> {
        obs_seal::encrypt(&self.recipients, plain, sealed).map_err(|error| error.to_string())
    }
}

/// Whether a file begins as age's do.
pub(crate) fn is_encrypted(path: &Path) -> bool {
    let mut head = [0; AGE.len()];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == AGE
}

/// A bundle that is read in place, decrypted where an identity is given.
pub(crate) fn reader(path: &Path, identity: Option<&Path>) -> Result<Reader> {
    let limits = Limits::default();
    let reader = match identity {
        Some(identity) => Reader::of(open(path, identity)?, path, &limits),
        None if is_encrypted(path) => {
            let message = format!("\"{}\" is encrypted", path.display());
            let hint = "`--identity FILE` reads it with an identity of age";
            return Err(Failure::new(Exit::Failed, message).hint(hint));
        }
        None => Reader::open(path, &limits),
    };
    reader.map_err(|error| view::failed(&error))
}

/// Opens an encrypted bundle to be read; nothing is decrypted but what is read, and nothing is written.
pub(crate) fn open(path: &Path, identity: &Path) -> Result<Box<dyn IoFile>> {
    let what = || format!("decrypt \"{}\"", path.display());
    let identities = Identity::read_all(&text(identity)?)
        .map_err(|error| Failure::cannot(format!("use \"{}\"", identity.display()), error))?;
    let real = path.canonicalize().map_err(|error| Failure::cannot(what(), error))?;
    let file =
        Disk::new().open(&real, Open::Read).map_err(|error| Failure::cannot(what(), error))?;
    let opened = obs_seal::decrypt(&identities, Locked { file });
    let opened = opened.map_err(|error| Failure::cannot(what(), error))?;
    Ok(Box::new(Unlocked { opened }))
}

/// The file as it is on the disk.
#[derive(Debug)]
struct Locked {
    file: Box<dyn IoFile>,
}

impl ReadAt for Locked {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn length(&mut self) -> io::Result<u64> {
        self.file.length()
    }
}

/// The file as it was before it was encrypted; it can only be read.
#[derive(Debug)]
struct Unlocked {
    opened: Decrypted<Locked>,
}

impl IoFile for Unlocked {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.opened.read_at(offset, buffer).map_err(io::Error::other)
    }

    fn write_at(&mut self, _: u64, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn length(&mut self) -> io::Result<u64> {
        Ok(self.opened.length())
    }

    fn set_length(&mut self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
