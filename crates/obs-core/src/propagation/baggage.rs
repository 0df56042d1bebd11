//! The header `baggage`.
use super::percent::{decoded, encode, encoded_bytes, is_plain};
use std::fmt;

/// Members of a baggage.
pub const BAGGAGE_MEMBERS_MAX: usize = 64;
/// Bytes of a `baggage` header.
pub const BAGGAGE_BYTES_MAX: usize = 8192;

/// Keys and values that callers want everybody further on to know: the header `baggage` of W3C Baggage.
///
/// It is not part of any record, for whoever sends a request writes what he likes into it.
///
/// ```
/// use obs_core::propagation::Baggage;
///
/// let baggage = Baggage::parse("tenant=acme, name=J%C3%BCrgen;ttl=3, not a member");
/// assert_eq!(baggage.value("name"), Some("Jürgen"));
/// assert_eq!(baggage.left_out(), 1);
/// assert_eq!(baggage.to_string(), "tenant=acme,name=J%C3%BCrgen;ttl=3");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baggage {
    members: Vec<BaggageMember>,
    /// Of the header, with a comma behind every member.
    bytes: usize,
    left_out: usize,
}

/// A member of a [`Baggage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaggageMember {
    key: Box<str>,
    value: Box<str>,
    properties: Box<str>,
}

/// Why a member was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaggageError {
    /// The key is not a token of HTTP.
    #[error("a key of baggage is letters, digits and !#$%&'*+-.^_`|~")]
    Key,
    /// 64 members, or 8192 bytes.
    #[error("no room for another member: 64 and 8192 bytes are the most")]
    Full,
}

impl Baggage {
    /// Reads a header, or several joined by commas. Members that are none are counted, and so are those beyond 64 and
    /// beyond 8192 bytes; of members with one key the last counts.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut baggage = Self::default();
        for member in text.split(',').map(trimmed).filter(|member| !member.is_empty()) {
            let taken = BaggageMember::parse(member).is_some_and(|it| baggage.put(it).is_ok());
            baggage.left_out += usize::from(!taken);
        }
        baggage
    }

    /// Adds a member, or gives one another value and no properties.
    ///
    /// # Errors
    ///
    /// [`BaggageError`]: the key is none, or there is no room.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), BaggageError> {
        if !is_token(key) {
            return Err(BaggageError::Key);
        }
        if value.len() > BAGGAGE_BYTES_MAX {
            return Err(BaggageError::Full);
        }
        self.put(BaggageMember { key: key.into(), value: value.into(), properties: "".into() })
    }

    /// Takes a member out; whether it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        let at = self.members.iter().position(|member| *member.key == *key);
        let removed = at.map(|at| self.members.remove(at));
        self.bytes -= removed.as_ref().map_or(0, BaggageMember::bytes);
        removed.is_some()
    }

    fn put(&mut self, member: BaggageMember) -> Result<(), BaggageError> {
        let known = self.members.iter().position(|known| known.key == member.key);
        let before = known.map_or(0, |at| self.members[at].bytes());
        let bytes = self.bytes - before + member.bytes();
        let count = self.members.len() + usize::from(known.is_none());
        if bytes > BAGGAGE_BYTES_MAX + 1 || count > BAGGAGE_MEMBERS_MAX {
            return Err(BaggageError::Full);
        }
        self.bytes = bytes;
        match known {
            Some(at) => self.members[at] = member,
            None => self.members.push(member),
        }
        Ok(())
    }

    /// The members, in their order.
    #[must_use]
    pub fn members(&self) -> &[BaggageMember] {
        &self.members
    }

    /// The value of the member `key`.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.members.iter().find(|member| *member.key == *key).map(BaggageMember::value)
    }

    /// Members of the header that were not taken.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Whether it has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl BaggageMember {
    fn parse(text: &str) -> Option<Self> {
        let (pair, properties) = text.split_once(';').unwrap_or((text, ""));
        let (key, value) = pair.split_once('=')?;
        let (key, value, properties) = (trimmed(key), trimmed(value), trimmed(properties));
        let is_value = value.bytes().all(|byte| is_plain(byte) || byte == b'%');
        let are_properties = properties.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
        let fits = is_token(key) && is_value && are_properties && text.len() <= BAGGAGE_BYTES_MAX;
        let decoded = || decoded(value).as_ref().into();
        fits.then(|| Self { key: key.into(), value: decoded(), properties: properties.into() })
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value, decoded.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What was said of it behind its value, as it was written, without the first semicolon.
    #[must_use]
    pub fn properties(&self) -> &str {
        &self.properties
    }

    /// Bytes of it in a header, with a comma behind.
    fn bytes(&self) -> usize {
        let properties = if self.properties.is_empty() { 0 } else { self.properties.len() + 1 };
        self.key.len() + encoded_bytes(&self.value) + properties + 2
    }
}

impl fmt::Display for Baggage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, member) in self.members.iter().enumerate() {
            write!(f, "{}{}=", if at == 0 { "" } else { "," }, member.key)?;
            encode(f, &member.value)?;
            if !member.properties.is_empty() {
                write!(f, ";{}", member.properties)?;
            }
        }
        Ok(())
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn is_token(key: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !key.is_empty() && key.len() <= BAGGAGE_BYTES_MAX && key.bytes().all(fits)
}
