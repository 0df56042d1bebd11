//! Values as short text: what an open span was about.
use obs_core::Value;

/// Longer texts are cut.
const CHARS_MAX: usize = 60;

/// What the value says, cut to a short text. It is not made safe yet.
pub(crate) fn short(value: &Value<'_>) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::I64(number) => number.to_string(),
        Value::U64(number) => number.to_string(),
        Value::I128(number) => number.to_string(),
        Value::U128(number) => number.to_string(),
        Value::F64(number) => number.to_string(),
        Value::Text(text) => quoted(text.text),
        Value::Error(chain) => quoted(chain.messages().next().unwrap_or_default()),
        Value::Redacted(rule) => format!("[REDACTED:{rule}]"),
        Value::Panicked(text) => quoted(text) + "[panicked]",
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        _ => String::new(),
    }
}

fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(CHARS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    let is_word = |c: char| !c.is_whitespace() && !matches!(c, '"' | '=');
    if !short.is_empty() && short.chars().all(is_word) { short } else { format!("\"{short}\"") }
}
