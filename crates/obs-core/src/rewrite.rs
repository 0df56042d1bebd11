//! Replacing texts in a list of attributes.
use crate::attributes::Attributes;
use crate::encode::{END, END_CUT, Key, NAMED, tag};
use crate::value::{Cursor, Value};

/// A part of an attribute that may be replaced.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Piece<'a> {
    /// The name, where it stands in the record itself.
    Name(&'a str),
    /// The whole value, before its texts are.
    Value(&'a Value<'a>),
    /// A text of the value: there are several in an error. The flag says that it was cut.
    Text(&'a str, bool),
}

/// What comes in the place of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instead {
    /// This text, for a name or a text.
    Text(String),
    /// The marker of this rule, for a value.
    Redacted(String),
}

/// The list with its pieces replaced, or `None` when none was, or when the bytes make no sense.
///
/// Everything else stays byte by byte. Allocates only when something is replaced.
pub fn rewritten<'a>(
    list: Attributes<'a>,
    mut instead: impl FnMut(Key<'_>, Piece<'_>) -> Option<Instead>,
) -> Option<Vec<u8>> {
    let mut out = Out { whole: list.as_bytes(), copied: 0, bytes: Vec::new() };
    let mut cursor = Cursor { bytes: out.whole };
    loop {
        let key_at = out.at(&cursor);
        let key = match cursor.u8()? {
            END => break,
            END_CUT => {
                cursor.u16()?;
                break;
            }
            NAMED => {
                let length = cursor.u16()?;
                let name = std::str::from_utf8(cursor.take(usize::from(length))?).ok()?;
                if let Some(Instead::Text(text)) = instead(Key::Name(name), Piece::Name(name)) {
                    out.copy_to(key_at + 1);
                    out.name(&text);
                    out.copied = out.at(&cursor);
                }
                Key::Name(name)
            }
            index => Key::Field(usize::from(index)),
        };
        let at = out.at(&cursor);
        let value = cursor.value()?;
        let end = out.at(&cursor);
        match instead(key, Piece::Value(&value)) {
            Some(Instead::Redacted(rule)) => {
                out.copy_to(at);
                out.bytes.push(tag::REDACTED);
                out.text(&rule);
                out.copied = end;
            }
            _ => out.texts(at, &value, |text, is_cut| instead(key, Piece::Text(text, is_cut))),
        }
    }
    let end = out.at(&cursor);
    (out.copied > 0).then(|| {
        out.copy_to(end);
        out.bytes
    })
}

/// A list that says no more than how many attributes were left out, those included that `list` left out itself. It is
/// no longer than any list that has an attribute.
#[must_use]
pub fn left_out(list: Attributes<'_>) -> [u8; 3] {
    let mut rest = list.iter();
    let count = rest.by_ref().count();
    let before = rest.left_out().unwrap_or_default();
    let [low, high] = u16::try_from(count).unwrap_or(u16::MAX).saturating_add(before).to_le_bytes();
    [END_CUT, low, high]
}

/// The list as it becomes.
struct Out<'a> {
    whole: &'a [u8],
    /// So much of it is in `bytes`, or was replaced.
    copied: usize,
    bytes: Vec<u8>,
}

impl Out<'_> {
    fn at(&self, cursor: &Cursor<'_>) -> usize {
        self.whole.len() - cursor.bytes.len()
    }

    fn copy_to(&mut self, end: usize) {
        self.bytes.extend_from_slice(&self.whole[self.copied..end]);
        self.copied = end;
    }

    fn name(&mut self, text: &str) {
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(&text.as_bytes()[..usize::from(length)]);
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Replaces texts of the value whose tag is at `at`.
    fn texts(
        &mut self,
        at: usize,
        value: &Value<'_>,
        mut instead: impl FnMut(&str, bool) -> Option<Instead>,
    ) {
        let mut replace = |out: &mut Self, at: usize, text: &str, is_cut: bool| {
            if let Some(Instead::Text(new)) = instead(text, is_cut) {
                out.copy_to(at);
                out.text(&new);
                out.copied = at + 4 + text.len();
            }
        };
        match value {
            Value::Text(text) if text.original_bytes.is_none() => {
                replace(self, at + 1, text.text, false);
            }
            Value::Text(text) => replace(self, at + 1 + 8, text.text, true),
            Value::Panicked(text) => replace(self, at + 1, text, false),
            Value::Error(chain) => {
                let mut at = at + 1 + 2;
                for message in chain.messages() {
                    replace(self, at, message, false);
                    at += 4 + message.len();
                }
            }
            _ => {}
        }
    }
}
