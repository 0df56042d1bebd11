//! Settings that are lists with commas between.

use std::fmt;
use std::str::FromStr;

use crate::secret::Secret;

/// Names and values of request headers. The values are secret.
#[derive(Clone, Debug, Default)]
pub struct Headers(Vec<(String, Secret<String>)>);

/// Names of attributes, and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedValues(Vec<(String, String)>);

/// The headers by which traces and baggage enter and leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Propagators {
    /// `traceparent` and `tracestate`.
    pub trace_context: bool,
    /// `baggage`.
    pub baggage: bool,
}

/// Where one signal goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Destinations {
    /// To a receiver.
    pub otlp: bool,
    /// To the console.
    pub console: bool,
}

impl Headers {
    /// Headers, in this order.
    #[must_use]
    pub fn new(headers: impl IntoIterator<Item = (String, Secret<String>)>) -> Self {
        Self(headers.into_iter().collect())
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret<String>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl NamedValues {
    /// Attributes, in this order.
    #[must_use]
    pub fn new(attributes: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(attributes.into_iter().collect())
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of the attribute `name`; of two the later.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.iter().filter(|(known, _)| *known == name).map(|(_, value)| value).last()
    }
}

impl Destinations {
    /// A receiver alone.
    #[must_use]
    pub fn otlp() -> Self {
        Self { otlp: true, console: false }
    }
}

impl Default for Propagators {
    fn default() -> Self {
        Self { trace_context: true, baggage: true }
    }
}

/// Why a list could not be taken; as problems say it.
pub(super) type Why = &'static str;

/// The pairs of `name=value,name=value`, percent-decoded and trimmed.
fn pairs(text: &str) -> Result<Vec<(String, String)>, Why> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').ok_or("not pairs of name=value")?;
        let (name, value) = (decoded(name.trim())?, decoded(value.trim())?);
        if name.is_empty() { Err("a name is missing") } else { Ok((name, value)) }
    };
    parts.map(pair).collect()
}

/// The text that `%41` and its like stand for.
fn decoded(text: &str) -> Result<String, Why> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| !digits.starts_with('+'));
        let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(value.ok_or("a percent sign without two hexadecimal digits")?);
        rest = &behind[2..];
    }
    String::from_utf8(bytes).map_err(|_| "not UTF-8 behind its percent signs")
}

/// The text that [`pairs`] decodes to this one.
fn encoded(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for character in text.chars() {
        match character {
            ',' | '=' | '%' | ' ' => write!(f, "%{:02X}", u32::from(character))?,
            other => write!(f, "{other}")?,
        }
    }
    Ok(())
}

impl FromStr for Headers {
    type Err = Why;

    fn from_str(text: &str) -> Result<Self, Why> {
        let pairs = pairs(text)?;
        let is_name = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
        let fits = |c: u8| c == b'\t' || (b' '..=b'~').contains(&c);
        if !pairs.iter().all(|(name, _)| name.bytes().all(is_name)) {
            return Err("a name that no header can have");
        }
        if !pairs.iter().all(|(_, value)| value.bytes().all(fits)) {
            return Err("a value that no header can have");
        }
        Ok(Self::new(pairs.into_iter().map(|(name, value)| (name, Secret::new(value)))))
    }
}

/// Names alone, for the values are secret.
impl fmt::Display for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.iter().enumerate() {
            write!(f, "{}{name}={value}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for NamedValues {
    type Err = Why;

    fn from_str(text: &str) -> Result<Self, Why> {
        pairs(text).map(Self)
    }
}

impl fmt::Display for NamedValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "," })?;
            encoded(f, name)?;
            f.write_str("=")?;
            encoded(f, value)?;
        }
        Ok(())
    }
}

/// The words of a list, each of which `take` knows; `none` alone is none of them.
fn words(text: &str, mut take: impl FnMut(&str) -> bool) -> Result<(), Why> {
    let text = text.trim().to_ascii_lowercase();
    if text == "none" {
        return Ok(());
    }
    if text.split(',').map(str::trim).all(&mut take) { Ok(()) } else { Err("not understood") }
}

impl FromStr for Propagators {
    type Err = Why;

    fn from_str(text: &str) -> Result<Self, Why> {
        let mut found = Self { trace_context: false, baggage: false };
        words(text, |word| match word {
            "tracecontext" => {
                found.trace_context = true;
                true
            }
            "baggage" => {
                found.baggage = true;
                true
            }
            _ => false,
        })?;
        Ok(found)
    }
}

impl fmt::Display for Propagators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.trace_context, self.baggage) {
            (true, true) => "tracecontext,baggage",
            (true, false) => "tracecontext",
            (false, true) => "baggage",
            (false, false) => "none",
        })
    }
}

impl FromStr for Destinations {
    type Err = Why;

    fn from_str(text: &str) -> Result<Self, Why> {
        let mut found = Self::default();
        words(text, |word| match word {
            "otlp" => {
                found.otlp = true;
                true
            }
            "console" => {
                found.console = true;
                true
            }
            _ => false,
        })?;
        Ok(found)
    }
}

impl fmt::Display for Destinations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.otlp, self.console) {
            (true, true) => "otlp,console",
            (true, false) => "otlp",
            (false, true) => "console",
            (false, false) => "none",
        })
    }
}
