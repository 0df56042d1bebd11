//! Values as JSON.
use super::keys::{CAUSES, TRUNCATED};
use obs_core::escape;
use obs_core::value::{Chain, Text, Value};

/// Appends a member whose key, `,"key":`, is given; and those that belong to it. Nothing for a value that was never
/// given.
#[inline]
pub(super) fn member(out: &mut Vec<u8>, key: &[u8], value: &Value<'_>) {
    match value {
        Value::Text(Text { text, original_bytes: None, .. }) => {
            out.extend_from_slice(key);
            out.push(b'"');
            escape::json(out, text);
            out.push(b'"');
        }
        Value::U64(number) => {
            out.extend_from_slice(key);
            integer(out, *number);
        }
        Value::I64(number) => {
            out.extend_from_slice(key);
            integer(out, *number);
        }
        Value::F64(number) if number.is_finite() => {
            out.extend_from_slice(key);
            float(out, *number);
        }
        Value::Bool(truth) => {
            out.extend_from_slice(key);
            out.extend_from_slice(if *truth { b"true" } else { b"false" });
        }
        Value::Null => {}
        other => rarer_member(out, key, other),
    }
}

fn rarer_member(out: &mut Vec<u8>, key: &[u8], value: &Value<'_>) {
    out.extend_from_slice(key);
    match value {
        Value::I128(number) => integer(out, *number),
        Value::U128(number) => integer(out, *number),
        _ => {
            out.push(b'"');
            text(out, value);
            out.push(b'"');
        }
    }
    companions(out, key, value);
}

/// Appends what the value says, as the contents of a string.
pub(super) fn text(out: &mut Vec<u8>, value: &Value<'_>) {
    text_by(out, value, escape::json);
}

/// Appends what the value says, as it is: what stands in a line as the event's text, without its quotes and escapes.
pub fn plain(out: &mut Vec<u8>, value: &Value<'_>) {
    text_by(out, value, |out, text| out.extend_from_slice(text.as_bytes()));
}

fn text_by(out: &mut Vec<u8>, value: &Value<'_>, put: fn(&mut Vec<u8>, &str)) {
    match value {
        Value::Bool(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::I64(number) => integer(out, *number),
        Value::U64(number) => integer(out, *number),
        Value::I128(number) => integer(out, *number),
        Value::U128(number) => integer(out, *number),
        Value::F64(number) => float(out, *number),
        Value::Text(text) => put(out, text.text),
        Value::Bytes(bytes) => {
            let start = out.len();
            out.resize(start + 2 * bytes.len(), 0);
            hex(bytes, &mut out[start..]);
        }
        Value::Error(chain) => put(out, chain.messages().next().unwrap_or_default()),
        Value::Redacted(rule) => {
            out.extend_from_slice(b"[REDACTED:");
            put(out, rule);
            out.push(b']');
        }
        Value::Panicked(text) => {
            put(out, text);
            out.extend_from_slice(b"[panicked]");
        }
        _ => {}
    }
}

/// Appends the members that tell more of the value: the length of a text before it was cut, the sources of an error.
pub(super) fn companions(out: &mut Vec<u8>, key: &[u8], value: &Value<'_>) {
    match value {
        Value::Text(Text { original_bytes: Some(bytes), .. }) => {
            companion_key(out, key, TRUNCATED);
            integer(out, *bytes);
        }
        Value::Error(chain) if chain.messages().nth(1).is_some() => causes(out, key, *chain),
        _ => {}
    }
}

fn causes(out: &mut Vec<u8>, key: &[u8], chain: Chain<'_>) {
    companion_key(out, key, CAUSES);
    for (index, message) in chain.messages().skip(1).enumerate() {
        out.extend_from_slice(if index == 0 { b"[\"" } else { b",\"" });
        escape::json(out, message);
        out.push(b'"');
    }
    out.push(b']');
}

fn companion_key(out: &mut Vec<u8>, key: &[u8], suffix: &str) {
    out.extend_from_slice(key.strip_suffix(b"\":").unwrap_or(key));
    out.extend_from_slice(suffix.as_bytes());
    out.extend_from_slice(b"\":");
}

#[inline]
pub(super) fn integer(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn float(out: &mut Vec<u8>, number: f64) {
    let text = match number {
        _ if number.is_nan() => "NaN",
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        _ => return out.extend_from_slice(zmij::Buffer::new().format_finite(number).as_bytes()),
    };
    out.extend_from_slice(text.as_bytes());
}

/// Writes two digits for each byte.
#[inline]
pub(super) fn hex(bytes: &[u8], digits: &mut [u8]) {
    for (two, byte) in digits.as_chunks_mut().0.iter_mut().zip(bytes) {
        *two = DIGITS[usize::from(*byte)];
    }
}

const DIGITS: [[u8; 2]; 256] = {
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [b"0123456789abcdef"[byte >> 4], b"0123456789abcdef"[byte & 15]];
        byte += 1;
    }
    digits
};
