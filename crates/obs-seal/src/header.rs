//! The header of an encrypted file: for each recipient the file's key, encrypted, and a sum over all of it.
//!
//! After the specification age-encryption.org/v1.
use crate::error::{SealError, SealErrorKind};
use crate::keys::{Identity, Recipient, random};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::Zeroizing;

const VERSION: &str = "age-encryption.org/v1";
const STANZA: &str = "-> ";
const X25519: &str = "X25519";
const END: &str = "---";
const INFO: &[u8] = b"age-encryption.org/v1/X25519";
/// A body is wrapped into lines of so many characters; a shorter one is its last.
const LINE_CHARS: usize = 64;
/// A longer header is not read.
pub(crate) const HEADER_BYTES_MAX: usize = 64 << 10;

/// The key of one file.
pub(crate) type FileKey = Zeroizing<[u8; 16]>;

/// A key that is derived from another.
pub(crate) fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    // 32 bytes are never too many for SHA-256: the limit is 255 times as much.
    let expanded = Hkdf::<Sha256>::new(Some(salt), secret).expand(info, key.as_mut());
    debug_assert!(expanded.is_ok());
    key
}

/// The header of a file with this key.
pub(crate) fn write(key: &FileKey, recipients: &[Recipient]) -> Result<String, SealError> {
    let mut text = format!("{VERSION}\n");
    for recipient in recipients {
        let secret = StaticSecret::from(*random()?);
        let share = PublicKey::from(&secret);
        let wrap = wrapping(&secret.diffie_hellman(&recipient.key), &share, &recipient.key)
            .ok_or_else(|| SealError::new(SealErrorKind::Key, "a recipient is no key"))?;
        let body = wrap.encrypt(&Default::default(), key.as_slice());
        let body = body.map_err(|_| SealError::new(SealErrorKind::Io, "cannot encrypt a key"))?;
        let (share, body) =
            (STANDARD_NO_PAD.encode(share.as_bytes()), STANDARD_NO_PAD.encode(body));
        text.push_str(&format!("{STANZA}{X25519} {share}\n{body}\n"));
    }
    text.push_str(END);
    let sum = STANDARD_NO_PAD.encode(sum(key, text.as_bytes())?.finalize().into_bytes());
    text.push_str(&format!(" {sum}\n"));
    Ok(text)
}

/// Finds the file's key. `bytes` are the beginning of the file; returns also the length of the header.
pub(crate) fn read(bytes: &[u8], identities: &[Identity]) -> Result<(FileKey, usize), SealError> {
    let damaged = |why: &str| SealError::new(SealErrorKind::Damaged, why);
    let header =
        Header::parse(bytes).ok_or_else(|| damaged("it is not encrypted as age does it"))?;
    let keys = identities.iter().flat_map(|own| header.stanzas.iter().map(move |it| it.open(own)));
    let key = keys.flatten().next().ok_or_else(|| {
        SealError::new(SealErrorKind::Identity, "it is encrypted to somebody else")
    })?;
    let is_right = sum(&key, header.summed)?.verify_slice(&header.sum).is_ok();
    if is_right { Ok((key, header.length)) } else { Err(damaged("its header was changed")) }
}

/// A header, taken apart.
struct Header<'a> {
    stanzas: Vec<Stanza>,
    summed: &'a [u8],
    sum: Vec<u8>,
    length: usize,
}

/// The file's key for one recipient.
struct Stanza {
    share: PublicKey,
    body: Vec<u8>,
}

impl<'a> Header<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut next = || -> Option<&'a str> {
            let end = rest.iter().position(|byte| *byte == b'\n')?;
            let line = std::str::from_utf8(&rest[..end]).ok()?;
            rest = &rest[end + 1..];
            Some(line)
        };
        if next()? != VERSION {
            return None;
        }
        let mut stanzas = Vec::new();
        let mut length = VERSION.len() + 1;
        loop {
            let line = next()?;
            if let Some(sum) = line.strip_prefix(END).and_then(|rest| rest.strip_prefix(' ')) {
                let summed = &bytes[..length + END.len()];
                let sum = STANDARD_NO_PAD.decode(sum).ok()?;
                return Some(Self { stanzas, summed, sum, length: length + line.len() + 1 });
            }
            length += line.len() + 1;
            let head = line.strip_prefix(STANZA)?;
            let mut body = String::new();
            loop {
                let line = next()?;
                length += line.len() + 1;
                body.push_str(line);
                if line.len() < LINE_CHARS {
                    break;
                }
            }
            stanzas.extend(Stanza::parse(head, &body));
        }
    }
}

impl Stanza {
    /// `None` for those of other kinds.
    fn parse(head: &str, body: &str) -> Option<Self> {
        let share = head.strip_prefix(X25519)?.strip_prefix(' ')?;
        let share: [u8; 32] = STANDARD_NO_PAD.decode(share).ok()?.try_into().ok()?;
        let body = STANDARD_NO_PAD.decode(body).ok().filter(|body| body.len() == 32)?;
        Some(Self { share: PublicKey::from(share), body })
    }

    fn open(&self, identity: &Identity) -> Option<FileKey> {
        let shared = identity.key.diffie_hellman(&self.share);
        let wrap = wrapping(&shared, &self.share, &identity.recipient().key)?;
        let key = Zeroizing::new(wrap.decrypt(&Default::default(), self.body.as_slice()).ok()?);
        key.as_slice().try_into().ok().map(Zeroizing::new)
    }
}

/// What the file's key is encrypted with; `None` for a share that leads to no secret.
fn wrapping(
    shared: &SharedSecret,
    share: &PublicKey,
    recipient: &PublicKey,
) -> Option<ChaCha20Poly1305> {
    let salt = [*share.as_bytes(), *recipient.as_bytes()].concat();
    let key = derive(shared.as_bytes(), &salt, INFO);
    shared.was_contributory().then(|| ChaCha20Poly1305::new(key.as_ref().into()))
}

fn sum(key: &FileKey, bytes: &[u8]) -> Result<Hmac<Sha256>, SealError> {
    let key = derive(key.as_slice(), &[], b"header");
    let sum = <Hmac<Sha256> as Mac>::new_from_slice(key.as_ref());
    let mut sum = sum.map_err(|error| SealError::io("sum the header up", &error))?;
    sum.update(bytes);
    Ok(sum)
}
