//! What a database has no way to hold, written with characters that it has.
//!
//! | in a record | as written |
//! |---|---|
//! | U+0000 | `␀` (U+2400) |
//! | `␀`, `␛` | `␛␀`, `␛␛` |
//! | the numbers that JSON, or its form in some database, has no word for | `NaN`, `inf`, `-inf`, `-0.0` as text |
//! | a text that says just that | `␛NaN`, `␛inf`, `␛-inf`, `␛-0.0` |
//!
//! So `␛` (U+241B) makes what follows it mean itself, and nothing is lost: [`read`] is the way back.
use obs_core::value::{Text, Value};
use std::borrow::Cow;

/// Stands for U+0000.
const NUL: &str = "\u{2400}";
/// In front of what means itself.
const ESCAPE: &str = "\u{241b}";
/// What both begin with, in UTF-8.
const START: [u8; 2] = [0xe2, 0x90];
/// U+0000 within a JSON text, as [`obs_core::escape::json`] writes it.
const NUL_IN_JSON: &[u8] = b"\\u0000";
/// `ESCAPE` in JSON, as [`json`] does not touch it.
const ESCAPE_IN_JSON: &[u8] = b"\\u241b";

/// The text with marks in place of what a database cannot hold.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    if !text.contains('\0') && !has_marks(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut marked = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\0' => marked.push_str(NUL),
            '\u{2400}' | '\u{241b}' => {
                marked.push_str(ESCAPE);
                marked.push(character);
            }
            _ => marked.push(character),
        }
    }
    Cow::Owned(marked)
}

/// What [`text`] was given.
#[must_use]
pub fn read(marked: &str) -> Cow<'_, str> {
    if !has_marks(marked.as_bytes()) {
        return Cow::Borrowed(marked);
    }
    let mut text = String::with_capacity(marked.len());
    let mut characters = marked.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{2400}' => text.push('\0'),
            '\u{241b}' => text.extend(characters.next()),
            _ => text.push(character),
        }
    }
    Cow::Owned(text)
}

/// Puts marks into the JSON that begins at `start`.
pub(crate) fn json(out: &mut Vec<u8>, start: usize) {
    let written = &out[start..];
    if !has_marks(written) && memchr::memmem::find(written, NUL_IN_JSON).is_none() {
        return;
    }
    let written = out.split_off(start);
    let mut rest = written.as_slice();
    while let Some(byte) = rest.first() {
        let length = match byte {
            b'\\' if rest.starts_with(NUL_IN_JSON) => {
                out.extend_from_slice(NUL.as_bytes());
                rest = &rest[NUL_IN_JSON.len()..];
                continue;
            }
            b'\\' => 2,
            0xe2 if rest.starts_with(NUL.as_bytes()) || rest.starts_with(ESCAPE.as_bytes()) => {
                out.extend_from_slice(ESCAPE.as_bytes());
                3
            }
            _ => 1,
        };
        let (one, behind) = rest.split_at(length.min(rest.len()));
        out.extend_from_slice(one);
        rest = behind;
    }
}

/// Whether there may be something among these members that [`word`] writes.
pub(crate) fn may_have_words(members: &[u8]) -> bool {
    let words: [&[u8]; 5] = [b":\"NaN\"", b":\"inf\"", b":\"-inf\"", b":\"-0.0\"", b":-0.0"];
    words.iter().any(|word| memchr::memmem::find(members, word).is_some())
}

/// Appends the member of a number that is written as text, or of a text that could be taken for one. False for any
/// other value.
pub(crate) fn word(out: &mut Vec<u8>, key: &[u8], value: &Value<'_>) -> bool {
    let (escape, text) = match value {
        Value::Text(Text {
            text: text @ ("NaN" | "inf" | "-inf" | "-0.0"),
            original_bytes: None,
            ..
        }) => (ESCAPE_IN_JSON, *text),
        Value::F64(number) if *number == 0.0 && number.is_sign_negative() => (&b""[..], "-0.0"),
        _ => return false,
    };
    for part in [key, b"\"", escape, text.as_bytes(), b"\""] {
        out.extend_from_slice(part);
    }
    true
}

fn has_marks(text: &[u8]) -> bool {
    memchr::memmem::find(text, &START).is_some()
}

#[cfg(test)]
mod tests {
    use super::{json, read, text};

    #[test]
    fn marks_are_read_as_what_they_stand_for() {
        for (plain, marked) in [
            ("", ""),
            ("plain ─ text", "plain ─ text"),
            ("a\0b\0", "a␀b␀"),
            ("␀ and ␛", "␛␀ and ␛␛"),
            ("\0␛\0", "␀␛␛␀"),
            ("␐", "␐"),
        ] {
            assert_eq!(text(plain), marked);
            assert_eq!(read(marked), plain);
        }
        assert_eq!(read("␛NaN"), "NaN");
    }

    #[test]
    fn json_has_the_marks_of_its_texts() {
        for plain in ["", "a\0b", "␀␛", "\\u0000", "\\\0", "\\\\u0000", "\"\0\"", "␐\u{1b}"] {
            let mut out = b"before".to_vec();
            let start = out.len();
            out.push(b'"');
            obs_core::escape::json(&mut out, plain);
            out.push(b'"');
            json(&mut out, start);
            assert_eq!(&out[..start], b"before");
            let marked: String = serde_json::from_slice(&out[start..]).unwrap();
            assert_eq!(marked, text(plain), "{plain:?}");
        }
    }
}
