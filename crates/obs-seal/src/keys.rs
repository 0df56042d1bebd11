//! Whom something is encrypted to, and who can decrypt it.
use crate::error::{SealError, SealErrorKind};
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use std::fmt;
use std::str::FromStr;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

const RECIPIENT: &str = "age";
const IDENTITY: &str = "age-secret-key-";

/// Whom something is encrypted to: `age1…`, as `age-keygen` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Recipient {
    pub(crate) key: PublicKey,
}

/// Who can decrypt something: `AGE-SECRET-KEY-1…`.
#[derive(Clone)]
pub struct Identity {
    pub(crate) key: StaticSecret,
}

impl FromStr for Recipient {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        let bytes = decoded(text, RECIPIENT).ok_or_else(|| {
            let shown = text.escape_debug();
            let message = format!("cannot read \"{shown}\" as a recipient: expected age1…");
            SealError::new(SealErrorKind::Key, message)
        })?;
        Ok(Self { key: PublicKey::from(*bytes) })
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = Hrp::parse(RECIPIENT).map_err(|_| fmt::Error)?;
        let text = bech32::encode::<Bech32>(prefix, self.key.as_bytes()).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Identity {
    /// A new one.
    ///
    /// # Errors
    ///
    /// [`SealErrorKind::Io`] when the system gives no random numbers.
    pub fn generate() -> Result<Self, SealError> {
        Ok(Self { key: StaticSecret::from(*random()?) })
    }

    /// The identities in a file as `age-keygen` writes it: one a line, comments begin with `#`.
    ///
    /// # Errors
    ///
    /// [`SealErrorKind::Key`] when a line is none, or there are none.
    pub fn read_all(text: &str) -> Result<Vec<Self>, SealError> {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let identities: Vec<Self> = lines.map(Self::read).collect::<Result<_, _>>()?;
        if identities.is_empty() {
            return Err(SealError::new(SealErrorKind::Key, "there is no identity in it"));
        }
        Ok(identities)
    }

    fn read(line: &str) -> Result<Self, SealError> {
        let bytes = decoded(line, IDENTITY).ok_or_else(|| {
            let message = "a line is no identity: expected AGE-SECRET-KEY-1…";
            SealError::new(SealErrorKind::Key, message)
        })?;
        Ok(Self { key: StaticSecret::from(*bytes) })
    }

    /// Whom it decrypts for.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient { key: PublicKey::from(&self.key) }
    }
}

impl fmt::Debug for Identity {
    /// Shows nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// The 32 bytes of a key with this prefix.
fn decoded(text: &str, prefix: &str) -> Option<Zeroizing<[u8; 32]>> {
    let checked = CheckedHrpstring::new::<Bech32>(text).ok()?;
    if !checked.hrp().as_str().eq_ignore_ascii_case(prefix) {
        return None;
    }
    let bytes = Zeroizing::new(checked.byte_iter().collect::<Vec<u8>>());
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, SealError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut()).map_err(|error| SealError::io("get random numbers", &error))?;
    Ok(bytes)
}
