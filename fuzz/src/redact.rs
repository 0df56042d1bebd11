//! Redaction of text, of text in pieces and of lines of JSON.
use obs_core::redact::{JsonLines, RedactStream, Redactor};
use serde_json::Value;

/// Takes the bytes for a text.
///
/// # Panics
///
/// When a stream gives something else than the whole, or a line of JSON is none any more.
pub fn check(bytes: &[u8]) {
    let redactor = Redactor::new();
    let whole = streamed(&redactor, bytes, bytes.len().max(1));
    for piece in [1, 7] {
        assert!(streamed(&redactor, bytes, piece) == whole, "in pieces of {piece}");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    assert_eq!(redactor.redact(text).as_bytes(), whole, "as text");
    let mut lines = JsonLines::new(&redactor);
    let line = lines.redact(text).into_owned();
    let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
    assert!(!is_json(text) || is_json(&line), "{line} is not JSON");
}

fn streamed(redactor: &Redactor, bytes: &[u8], piece: usize) -> Vec<u8> {
    let (mut stream, mut out) = (RedactStream::new(redactor), Vec::new());
    bytes.chunks(piece).for_each(|piece| stream.write(piece, |bytes| out.extend_from_slice(bytes)));
    stream.finish(|bytes| out.extend_from_slice(bytes));
    out
}
