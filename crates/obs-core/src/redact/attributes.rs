//! Takes secrets out of the attributes of a record.
use super::Redactor;
use crate::attributes::Attributes;
use crate::encode::Key;
use crate::rewrite::{Instead, Piece, rewritten};
use crate::value::Value;
use std::borrow::Cow;

/// Of a text that was cut, so much at the end may be part of a token.
const PART_BYTES_MAX: usize = 512;
/// The rule for bytes that are no text, or for what is cut in the middle.
const BYTES_RULE: &str = "shape:bytes";
const CUT_RULE: &str = "limit:cut";

impl Redactor {
    /// The list without its secrets, or `None` when there is none. `fields` are the names of the callsite's fields.
    ///
    /// Fields whose names are secret by the built-in rules never get into a record; here it is the names that the
    /// program's own rules add, and what stands in texts, in errors, in names, and in bytes that are text. A text that
    /// was cut at a limit loses what may be the first part of a token at its end.
    pub fn redact_attributes(&self, list: Attributes<'_>, fields: &[String]) -> Option<Vec<u8>> {
        let has_names = self.has_names();
        rewritten(list, |key, piece| match piece {
            Piece::Name(name) => self.instead(name).map(Instead::Text),
            Piece::Value(value) => {
                let name = || match key {
                    Key::Field(index) => fields.get(index).map_or("", String::as_str),
                    Key::Name(name) => name,
                };
                let rule = if has_names { self.added_rule(name(), value) } else { None };
                rule.or_else(|| self.rule_for_bytes(value)).map(Instead::Redacted)
            }
            Piece::Text(text, false) => self.instead(text).map(Instead::Text),
            Piece::Text(text, true) => {
                Some(self.cut(text)).filter(|new| new != text).map(Instead::Text)
            }
        })
    }

    fn instead(&self, text: &str) -> Option<String> {
        match self.redact(text) {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        }
    }

    fn added_rule(&self, name: &str, value: &Value<'_>) -> Option<String> {
        let is_shown = matches!(value, Value::Null | Value::Bool(_) | Value::Redacted(_));
        self.classify(name).rule().filter(|_| !is_shown).map(str::to_owned)
    }

    fn rule_for_bytes(&self, value: &Value<'_>) -> Option<String> {
        let Value::Bytes(bytes) = value else { return None };
        let has_secret = bytes.utf8_chunks().any(|chunk| self.has_secret(chunk.valid()));
        has_secret.then(|| BYTES_RULE.to_owned())
    }

    /// A text that was cut, redacted and cut back to where a token may have begun.
    fn cut(&self, text: &str) -> String {
        let redacted = self.redact(text);
        let is_part = |c: char| c.is_alphanumeric() || "_-+/=.:~%$@".contains(c);
        let kept = redacted.trim_end_matches(is_part);
        match redacted.len() - kept.len() {
            0 => redacted.into_owned(),
            part if part <= PART_BYTES_MAX => kept.to_owned(),
            _ => {
                let mut text = kept.to_owned();
                self.mark(&mut text, CUT_RULE, "");
                text
            }
        }
    }
}
