//! Finds secrets and takes them out.
//!
//! A secret is known by the name that it stands under, that of an attribute, a JSON key, a header, an environment
//! variable or a command-line flag: [`classify`] judges one. A [`Redactor`] does so for whole documents, and finds
//! secrets in free text, too; a [`RedactStream`] in what comes in pieces, and [`JsonLines`] in lines of JSON.

mod attributes;
mod counts;
mod digest;
mod json;
mod literals;
mod name;
mod redactor;
mod rules;
mod stream;
mod text;
mod vocabulary;
mod words;

use std::fmt;

pub use counts::RedactionCounts;
pub use digest::DigestKey;
pub use json::JsonLines;
pub use literals::{LiteralSearch, Literals};
pub use name::{Class, classify};
pub use redactor::Redactor;
pub use rules::{Pattern, PatternError, Rules};
pub use stream::RedactStream;

use crate::secret::REDACTED;

const MARKER_OPEN: &str = "[REDACTED:";

/// What stands in the place of a value taken out by a rule: `[REDACTED:name:password]`.
///
/// ```
/// let marker = obs_core::redact::marker("name:password").to_string();
/// assert_eq!(marker, "[REDACTED:name:password]");
/// assert!(obs_core::redact::is_marker(&marker));
/// ```
pub fn marker(rule: &str) -> impl fmt::Display {
    struct Marker<'a>(&'a str);

    impl fmt::Display for Marker<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{MARKER_OPEN}{}]", self.0)
        }
    }

    Marker(rule)
}

/// Whether a text is what redaction writes and nothing else: `[REDACTED]`, `[REDACTED:rule]` or
/// `[REDACTED:rule#8hex]`. Such a text is left alone, so that redacting twice is redacting once.
pub fn is_marker(text: &str) -> bool {
    let Some(inner) = text.strip_prefix(MARKER_OPEN).and_then(|rest| rest.strip_suffix(']')) else {
        return text == REDACTED;
    };
    let (rule, digest) = inner.split_once('#').unwrap_or((inner, "00000000"));
    let is_rule =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    rule.split(':').all(is_rule) && digest.len() == 8 && digest.bytes().all(is_digit)
}
