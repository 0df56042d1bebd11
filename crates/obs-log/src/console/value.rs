//! Values as people read them.
use obs_core::escape;
use obs_core::value::{Chain, Value};

/// How much of a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// All of it.
    Full,
    /// The start of it.
    Short,
}

const SHORT_CHARS: usize = 40;
const BYTES_MAX: usize = 32;

/// The bytes of which a word may consist that is shown as it is: nearly all are.
const WORD: [bool; 256] = {
    let mut is_word = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        is_word[byte as usize] = !matches!(byte, b'"' | b'=' | b'{' | b'}');
        byte += 1;
    }
    is_word
};

/// Appends what the value says, without quotes: the message of an event.
pub(super) fn plain(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Text(text) => {
            escape::terminal_into(out, text.text);
            cut(out, text.original_bytes);
        }
        Value::Error(chain) => escape::terminal_into(out, &told(*chain)),
        other => quoted(out, other, Width::Full),
    }
}

/// Appends the value, in quotes where its end could not be seen otherwise.
pub(super) fn quoted(out: &mut Vec<u8>, value: &Value<'_>, width: Width) {
    match value {
        Value::Bool(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::I64(number) => integer(out, *number),
        Value::U64(number) => integer(out, *number),
        Value::I128(number) => integer(out, *number),
        Value::U128(number) => integer(out, *number),
        Value::F64(number) => out.extend_from_slice(zmij::Buffer::new().format(*number).as_bytes()),
        Value::Text(text) => {
            words(out, text.text, width);
            cut(out, text.original_bytes);
        }
        Value::Bytes(bytes) => hexadecimal(out, bytes),
        Value::Error(chain) => words(out, &told(*chain), width),
        Value::Redacted(rule) => {
            out.extend_from_slice(b"[REDACTED:");
            escape::terminal_into(out, rule);
            out.push(b']');
        }
        Value::Panicked(text) => {
            words(out, text, width);
            out.extend_from_slice(b"[panicked]");
        }
        _ => {}
    }
}

fn integer(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// An error and its sources in one sentence.
fn told(chain: Chain<'_>) -> String {
    chain.messages().collect::<Vec<_>>().join(": caused by ")
}

/// Appends text, in quotes unless it is one word.
pub(super) fn words(out: &mut Vec<u8>, text: &str, width: Width) {
    let is_short = width == Width::Full || text.len() <= SHORT_CHARS;
    if is_short && !text.is_empty() && text.bytes().all(|byte| WORD[usize::from(byte)]) {
        return out.extend_from_slice(text.as_bytes());
    }
    let end = match is_short {
        true => None,
        false => text.char_indices().nth(SHORT_CHARS).map(|(at, _)| at),
    };
    let shown = &text[..end.unwrap_or(text.len())];
    let is_word =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '=' | '{' | '}');
    if !shown.is_empty() && shown.chars().all(is_word) {
        escape::terminal_into(out, shown);
    } else {
        out.push(b'"');
        for (index, piece) in shown.split('"').enumerate() {
            if index > 0 {
                out.extend_from_slice(b"\\\"");
            }
            escape::terminal_into(out, piece);
        }
        out.push(b'"');
    }
    if end.is_some() {
        out.extend_from_slice("…".as_bytes());
    }
}

fn cut(out: &mut Vec<u8>, original_bytes: Option<u64>) {
    if let Some(bytes) = original_bytes {
        out.extend_from_slice("…(".as_bytes());
        integer(out, bytes);
        out.extend_from_slice(b" bytes)");
    }
}

fn hexadecimal(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(b"0x");
    for byte in bytes.iter().take(BYTES_MAX) {
        let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
        out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    cut(out, (bytes.len() > BYTES_MAX).then_some(bytes.len() as u64));
}
