//! Who made a file, and who can read it: signatures as [minisign](https://jedisct1.github.io/minisign/) makes them, and
//! encryption as [age](https://age-encryption.org/v1) does it, both in the formats of these tools, so that they check
//! and decrypt what is made here, and the other way round.
//!
//! Of minisign: signatures over the BLAKE2b digest of a message (`ED`), deterministic; keys with a password or without.
//! Of age: version 1 with X25519 recipients, which is what `age-keygen` makes, without armour and passphrases.
//!
//! Keys are wiped from memory when they are dropped. Nothing here reads files or the environment.
//!
//! ```
//! use obs_seal::{Identity, Recipient, decrypt, encrypt};
//! use std::io::{Read, Write};
//!
//! let identity = Identity::generate()?;
//! let recipient: Recipient = identity.recipient().to_string().parse()?;
//! let mut sealed = Vec::new();
//! encrypt(&[recipient], &mut b"of the run".as_slice(), &mut sealed)?;
//! let mut opened = decrypt(&[identity], sealed.as_slice())?;
//! let mut bytes = [0; 16];
//! let length = opened.read_at(0, &mut bytes)?;
//! assert_eq!(&bytes[..length], b"of the run");
//! # Ok::<(), obs_seal::SealError>(())
//! ```
#![forbid(unsafe_code)]

mod error;
mod header;
mod keys;
mod sign;
mod stream;

pub use error::{SealError, SealErrorKind};
pub use keys::{Identity, Recipient};
pub use sign::{PublicKey, SigningKey};
pub use stream::{Decrypted, ReadAt, decrypt, encrypt};
