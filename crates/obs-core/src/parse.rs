//! The error of every text that is read as a value: a level, a time, a duration, a size.

use std::borrow::Cow;
use std::fmt;

use crate::escape;

/// At most this many characters of the text are shown in the message.
const TEXT_CHARS_MAX: usize = 80;

/// Why a text could not be read as a value.
///
/// The message names the text (cut at 80 characters, made safe for a terminal), what it should have
/// been, and what is wrong with it: `cannot read "2026-13-01" as a time: month 13 is not in
/// 1..=12`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read \"{text}\" as {what}: {why}")]
pub struct ParseError {
    kind: ParseErrorKind,
    what: &'static str,
    text: String,
    why: Cow<'static, str>,
}

/// What kind of fault a [`ParseError`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The text does not have the form of such a value.
    Form,
    /// The form is right, but the value is outside of what can be held or exists in the calendar.
    Range,
}

impl ParseError {
    /// What kind of fault it is.
    pub fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// What is wrong with the text, without the text itself (which may be secret).
    pub fn why(&self) -> &str {
        &self.why
    }

    pub(crate) fn form(what: &'static str, text: &str, why: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: ParseErrorKind::Form, what, text: shown(text), why: why.into() }
    }

    pub(crate) fn range(what: &'static str, text: &str, why: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: ParseErrorKind::Range, what, text: shown(text), why: why.into() }
    }
}

/// `text` as it may stand in a message: safe for a terminal and of bounded length.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == TEXT_CHARS_MAX {
            out.push('…');
            break;
        }
        out.push(c);
    }
    escape::terminal(&out).into_owned()
}

/// Writes a list of words as `a, b or c`.
pub(crate) struct OneOf<'a>(pub(crate) &'a [&'a str]);

impl fmt::Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.0.iter().enumerate() {
            match at {
                0 => f.write_str(word)?,
                _ if at + 1 == self.0.len() => write!(f, " or {word}")?,
                _ => write!(f, ", {word}")?,
            }
        }
        Ok(())
    }
}
