//! Finds secrets by the names that they stand under, and takes them out.
//!
//! A name is that of an attribute, a JSON key, a header, an environment variable or a command-line
//! flag. [`classify`] judges one; [`redact_json`] applies it to a whole document. Text is not
//! searched for secrets here.

mod counts;
mod json;
mod name;
mod words;

use std::fmt;

pub use counts::RedactionCounts;
pub use json::redact_json;
pub use name::{Class, classify};

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
