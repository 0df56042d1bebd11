//! Signatures of minisign: Ed25519 over the BLAKE2b digest of a message, with a comment that is signed, too.
//!
//! After <https://jedisct1.github.io/minisign/>, version 0.11; the derivation of keys from passwords is that of
//! libsodium's `crypto_pwhash_scryptsalsa208sha256`.
use crate::error::{SealError, SealErrorKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Blake2b512, Digest};
use ed25519_dalek::Signer;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

const ALGORITHM: &[u8] = b"Ed";
/// With the message's digest in its place.
const ALGORITHM_HASHED: &[u8] = b"ED";
const SCRYPT: &[u8] = b"Sc";
const UNENCRYPTED: &[u8] = &[0, 0];
const BLAKE2: &[u8] = b"B2";
const UNTRUSTED: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";
/// Algorithms, salt, limits; then number, key and sum, which a password encrypts.
const SECRET_BYTES: usize = 158;
const LOCKED: std::ops::Range<usize> = 54..SECRET_BYTES;
/// Scrypt with more memory than this is refused: what minisign uses for its keys.
const MEMORY_BYTES_MAX: u64 = 1 << 30;
const OPERATIONS_MAX: u64 = 1 << 25;

/// A key that signs: the secret key of `minisign -G`.
pub struct SigningKey {
    number: [u8; 8],
    key: ed25519_dalek::SigningKey,
}

/// A key that signatures are checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    number: [u8; 8],
    key: ed25519_dalek::VerifyingKey,
}

fn bad_key(why: &str) -> SealError {
    SealError::new(SealErrorKind::Key, format!("cannot read the secret key: {why}"))
}

impl SigningKey {
    /// Reads the text of a key file. Deriving the key from a password takes seconds and up to 1 GiB of memory, as
    /// minisign has it.
    ///
    /// # Errors
    ///
    /// [`SealErrorKind::Key`] when the text is no such key; [`SealErrorKind::Password`] when the password is wrong, or
    /// missing, or one is given for a key that has none.
    pub fn read(text: &str, password: Option<&str>) -> Result<Self, SealError> {
        let line = text.lines().nth(1).filter(|_| text.starts_with(UNTRUSTED));
        let line = line.ok_or_else(|| bad_key("it is not as minisign writes it"))?;
        let bytes = STANDARD.decode(line.trim()).map(Zeroizing::new).ok();
        let bytes = bytes.filter(|bytes| bytes.len() == SECRET_BYTES);
        let mut bytes = bytes.ok_or_else(|| bad_key("it has another length"))?;
        if &bytes[..2] != ALGORITHM || &bytes[4..6] != BLAKE2 {
            return Err(bad_key("it is of another kind"));
        }
        match (&bytes[2..4], password) {
            (UNENCRYPTED, None) => {}
            (SCRYPT, Some(password)) => unlock(&mut bytes, password)?,
            (SCRYPT, None) => {
                let message = "the secret key has a password, and none is given";
                return Err(SealError::new(SealErrorKind::Password, message));
            }
            (UNENCRYPTED, Some(_)) => {
                let message = "a password is given, and the secret key has none";
                return Err(SealError::new(SealErrorKind::Password, message));
            }
            _ => return Err(bad_key("its password is of another kind")),
        }
        Self::unlocked(&bytes, password.is_some())
    }

    fn unlocked(bytes: &[u8], has_password: bool) -> Result<Self, SealError> {
        let (number, key, sum) = (&bytes[54..62], &bytes[62..126], &bytes[126..]);
        let expected = Blake2b::<U32>::new().chain_update(&bytes[..2]).chain_update(number);
        let is_right = expected.chain_update(key).finalize().as_slice() == sum;
        // minisign leaves the sum of a key without a password empty.
        if !is_right && (has_password || sum.iter().any(|byte| *byte != 0)) {
            return Err(SealError::new(SealErrorKind::Password, "the password is wrong"));
        }
        let pair = key
            .first_chunk()
            .and_then(|key| ed25519_dalek::SigningKey::from_keypair_bytes(key).ok());
        let key = pair.ok_or_else(|| bad_key("its halves do not belong together"))?;
        let mut own = [0; 8];
        own.copy_from_slice(number);
        Ok(Self { number: own, key })
    }

    /// The text of a signature file. Equal messages and comments give equal signatures. Line breaks in the comment
    /// become blanks.
    #[must_use]
    pub fn sign(&self, message: &[u8], trusted_comment: &str) -> String {
        let comment = trusted_comment.replace(['\n', '\r'], " ");
        let signature = self.key.sign(&Blake2b512::digest(message)).to_bytes();
        let both = [&signature[..], comment.as_bytes()].concat();
        let outer = STANDARD.encode(self.key.sign(&both).to_bytes());
        let inner = STANDARD.encode([ALGORITHM_HASHED, &self.number, &signature].concat());
        format!("{UNTRUSTED}signature of obs\n{inner}\n{TRUSTED}{comment}\n{outer}\n")
    }

    /// The key that checks its signatures.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey { number: self.number, key: self.key.verifying_key() }
    }
}

impl fmt::Debug for SigningKey {
    /// Shows nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

/// Takes the password off number, key and sum.
fn unlock(bytes: &mut [u8], password: &str) -> Result<(), SealError> {
    let word = |at: usize| bytes[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
    let (operations, memory) = (word(38), word(46));
    if operations > OPERATIONS_MAX || memory > MEMORY_BYTES_MAX {
        return Err(bad_key("its password takes too much to check"));
    }
    let (rounds_log, parallel) = scrypt_parameters(operations, memory);
    let parameters = scrypt::Params::new(rounds_log, 8, parallel, 32);
    let parameters = parameters.map_err(|_| bad_key("its password cannot be checked"))?;
    let mut stream = Zeroizing::new([0; SECRET_BYTES - LOCKED.start]);
    let derived = scrypt::scrypt(password.as_bytes(), &bytes[6..38], &parameters, stream.as_mut());
    derived.map_err(|_| bad_key("its password cannot be checked"))?;
    let locked = bytes[LOCKED].iter_mut();
    locked.zip(stream.iter()).for_each(|(byte, mask)| *byte ^= mask);
    Ok(())
}

/// The logarithm of the rounds, and how many run beside each other, as libsodium picks them for its limits.
fn scrypt_parameters(operations: u64, memory: u64) -> (u8, u32) {
    let operations = operations.max(32_768);
    let log = |rounds_max: u64| (1..63_u8).find(|log| 1 << log > rounds_max / 2).unwrap_or(63);
    if operations < memory / 32 {
        return (log(operations / 32), 1);
    }
    let rounds_log = log(memory / 1_024);
    let parallel = ((operations / 4) >> rounds_log).min(0x3fff_ffff) / 8;
    (rounds_log, parallel as u32)
}

impl PublicKey {
    /// Checks the text of a signature file. Returns the comment that was signed with the message.
    ///
    /// # Errors
    ///
    /// [`SealErrorKind::Signature`] when it is no signature, one of another key, or one of another message.
    pub fn verify(&self, message: &[u8], signature: &str) -> Result<String, SealError> {
        let wrong = |why: &str| SealError::new(SealErrorKind::Signature, why);
        let parts = Parts::read(signature);
        let parts = parts.ok_or_else(|| wrong("the signature is not as minisign writes it"))?;
        if parts.number != self.number {
            return Err(wrong("the signature is by another key"));
        }
        let right = self.key.verify_strict(&Blake2b512::digest(message), &parts.inner);
        right.map_err(|_| wrong("the signature is of something else"))?;
        let both = [&parts.inner.to_bytes(), parts.comment.as_bytes()].concat();
        let right = self.key.verify_strict(&both, &parts.outer);
        right.map_err(|_| wrong("the signature's comment was changed"))?;
        Ok(parts.comment.to_owned())
    }
}

/// A signature, taken apart.
struct Parts<'a> {
    number: [u8; 8],
    inner: ed25519_dalek::Signature,
    comment: &'a str,
    outer: ed25519_dalek::Signature,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut lines = text.lines();
        lines.next()?.strip_prefix(UNTRUSTED)?;
        let inner = STANDARD.decode(lines.next()?).ok()?;
        let comment = lines.next()?.strip_prefix(TRUSTED)?;
        let outer: [u8; 64] = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
        let rest = inner.strip_prefix(ALGORITHM_HASHED)?;
        let (number, inner) = rest.split_first_chunk::<8>()?;
        let inner: [u8; 64] = inner.try_into().ok()?;
        let signature = |bytes: &[u8; 64]| ed25519_dalek::Signature::from_bytes(bytes);
        let is_all = lines.next().is_none();
        is_all.then(|| Self {
            number: *number,
            inner: signature(&inner),
            comment,
            outer: signature(&outer),
        })
    }
}

impl FromStr for PublicKey {
    type Err = SealError;

    /// Reads the key itself, or the text of a key file.
    fn from_str(text: &str) -> Result<Self, SealError> {
        let line = match text.strip_prefix(UNTRUSTED) {
            Some(rest) => rest.lines().nth(1).unwrap_or_default(),
            None => text,
        };
        let key = STANDARD.decode(line.trim()).ok().and_then(|bytes| {
            let (number, key) = bytes.strip_prefix(ALGORITHM)?.split_first_chunk::<8>()?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
            Some(Self { number: *number, key })
        });
        let message = "cannot read the public key: it is not as minisign writes it";
        key.ok_or_else(|| SealError::new(SealErrorKind::Key, message))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode([ALGORITHM, &self.number, self.key.as_bytes()].concat()))
    }
}
