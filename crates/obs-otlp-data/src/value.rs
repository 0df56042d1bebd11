//! Values of attributes.
use crate::proto::Message;
use obs_core::value::{Text, Value};
use std::borrow::Cow;

/// The fields of `AnyValue`.
mod any {
    pub(super) const TEXT: u32 = 1;
    pub(super) const BOOL: u32 = 2;
    pub(super) const INT: u32 = 3;
    pub(super) const DOUBLE: u32 = 4;
    pub(super) const ARRAY: u32 = 5;
    pub(super) const BYTES: u32 = 7;
    /// The field of `ArrayValue`.
    pub(super) const VALUES: u32 = 1;
}

/// The fields of `KeyValue`.
const KEY: u32 = 1;
const VALUE: u32 = 2;

/// What an attribute of several parts has behind its name.
const TRUNCATED: &str = ".original_bytes";
const CAUSES: &str = ".causes";

/// Writes the attribute into the field `field` of a message, and those that tell more of it: the length of a text
/// before it was cut, the sources of an error. Texts are cut behind `length_max` characters.
pub(crate) fn attribute(
    to: &mut Message,
    field: u32,
    name: &str,
    value: &Value<'_>,
    length_max: usize,
) {
    pair(to, field, name, |to| any_value(to, value, length_max));
    match value {
        Value::Text(Text { original_bytes: Some(bytes), .. }) => {
            pair(to, field, &format!("{name}{TRUNCATED}"), |to| integer(to, (*bytes).into()));
        }
        Value::Error(chain) if chain.messages().nth(1).is_some() => {
            let causes = chain.messages().skip(1);
            pair(to, field, &format!("{name}{CAUSES}"), |to| texts(to, causes, length_max));
        }
        _ => {}
    }
}

/// Writes an attribute whose value `write` makes.
pub(crate) fn pair(to: &mut Message, field: u32, name: &str, write: impl FnOnce(&mut Message)) {
    to.message(field, |to| {
        to.text(KEY, name);
        to.message(VALUE, write);
    });
}

/// Writes an attribute that is text.
pub(crate) fn text_attribute(to: &mut Message, field: u32, name: &str, text: &str) {
    pair(to, field, name, |to| to.text(any::TEXT, text));
}

/// Writes an attribute that is a whole number.
pub(crate) fn integer_attribute(to: &mut Message, field: u32, name: &str, number: u64) {
    pair(to, field, name, |to| integer(to, number.into()));
}

/// Writes the fields of an `AnyValue`.
pub(crate) fn any_value(to: &mut Message, value: &Value<'_>, length_max: usize) {
    match value {
        Value::Bool(truth) => to.varint(any::BOOL, u64::from(*truth)),
        Value::I64(number) => integer(to, (*number).into()),
        Value::U64(number) => integer(to, (*number).into()),
        Value::I128(number) => integer(to, *number),
        Value::U128(number) => match i128::try_from(*number) {
            Ok(number) => integer(to, number),
            Err(_) => to.text(any::TEXT, &number.to_string()),
        },
        Value::F64(number) => to.fixed64(any::DOUBLE, number.to_bits()),
        Value::Bytes(bytes) => to.bytes(any::BYTES, bytes),
        other => to.text(any::TEXT, cut(&text(other), length_max)),
    }
}

/// What a value says, as text.
#[must_use]
pub fn text<'a>(value: &Value<'a>) -> Cow<'a, str> {
    match value {
        Value::Text(text) => text.text.into(),
        Value::Error(chain) => chain.messages().next().unwrap_or_default().into(),
        Value::Redacted(rule) => format!("[REDACTED:{rule}]").into(),
        Value::Panicked(text) => format!("{text}[panicked]").into(),
        Value::Bool(truth) => truth.to_string().into(),
        Value::I64(number) => number.to_string().into(),
        Value::U64(number) => number.to_string().into(),
        Value::I128(number) => number.to_string().into(),
        Value::U128(number) => number.to_string().into(),
        Value::F64(number) => number.to_string().into(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        _ => "".into(),
    }
}

/// A whole number, as text where 64 bits do not hold it.
fn integer(to: &mut Message, number: i128) {
    match i64::try_from(number) {
        Ok(number) => to.varint(any::INT, number as u64),
        Err(_) => to.text(any::TEXT, &number.to_string()),
    }
}

fn texts<'a>(to: &mut Message, texts: impl Iterator<Item = &'a str>, length_max: usize) {
    to.message(any::ARRAY, |to| {
        texts.for_each(|text| {
            to.message(any::VALUES, |to| to.text(any::TEXT, cut(text, length_max)));
        });
    });
}

/// The text up to so many characters.
pub(crate) fn cut(text: &str, length_max: usize) -> &str {
    if text.len() <= length_max {
        return text;
    }
    text.char_indices().nth(length_max).map_or(text, |(end, _)| &text[..end])
}
