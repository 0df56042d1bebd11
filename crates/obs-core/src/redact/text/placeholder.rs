//! What stands in the place of a secret without being one.
use super::super::is_marker;
use super::kinds::{self, CALL};

/// Longer values are not looked at: nobody writes such placeholders.
const LENGTH_MAX: usize = 64;

/// Words of states, types and examples, in lower case.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "null", "none", "nil", "undefined", "true", "false", "yes", "no", "n/a", "na", "empty", "unset", "redacted",
    "masked", "hidden", "filtered", "[filtered]", "omitted", "(none)", "not", "invalid", "missing", "required",
    "expired", "some", "ok", "string", "str", "bool", "int", "option", "changed", "found", "incorrect", "valid", "is",
    "was", "unknown", "any", "rejected", "refreshed", "revoked", "set", "provided", "present", "absent", "blank",
    "default", "for", "from", "and", "or", "the", "must", "cannot", "has", "will", "should",
];

/// Whether a value is a mask, a marker, a variable, or a word that says something about the secret.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    if value.is_empty() || value.starts_with(b"[REDACTED") || is_mask(value) {
        return true;
    }
    let text = || std::str::from_utf8(value).ok().filter(|text| text.len() <= LENGTH_MAX);
    match value[0] {
        b'$' | b'{' | b'%' | b'<' => text().is_some_and(is_variable),
        b'[' => text().is_some_and(|text| is_word(text) || is_marker(text)),
        b'*' | 0x80.. => text().is_some_and(|text| text.chars().all(is_masked)),
        b'a'..=b'z' | b'A'..=b'Z' | b'(' => text().is_some_and(is_word),
        _ => false,
    }
}

/// What is written in the place of a character.
fn is_masked(c: char) -> bool {
    matches!(c, '•' | '*' | '…' | '●' | '█' | '×')
}

fn is_word(text: &str) -> bool {
    let begins = FIRST_LETTERS.get(text.len()).copied().unwrap_or_default();
    let first = text.bytes().next().unwrap_or_default() | 0x20;
    begins >> (first % 32) & 1 == 1 && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// By length, the letters that words of that length begin with, a bit for each.
const FIRST_LETTERS: [u32; 11] = {
    let (mut letters, mut at) = ([0; 11], 0);
    while at < WORDS.len() {
        let word = WORDS[at].as_bytes();
        letters[word.len()] |= 1 << ((word[0] | 0x20) % 32);
        at += 1;
    }
    letters
};

/// Signs only, or one character over and over.
fn is_mask(value: &[u8]) -> bool {
    let is_sign = |byte: &u8| matches!(byte, b'*' | b'.' | b'-' | b'_' | b'?' | b'#');
    let same = |byte: &u8| byte.eq_ignore_ascii_case(&value[0]);
    value.iter().all(is_sign) || value.len() >= 3 && value.iter().all(same)
}

/// `${NAME}`, `$(name)`, `{{ name }}`, `<name>`, `%s`, `$NAME`: a template's way to name what belongs here.
fn is_variable(text: &str) -> bool {
    const OPENINGS: [&str; 5] = ["${", "$(", "{{", "%(", "<%"];
    let wrapped = |open, close| text.starts_with(open) && text.ends_with(close);
    let is_constant = |c: char| c.is_ascii_uppercase() || c == '_';
    OPENINGS.iter().any(|opening| text.starts_with(opening))
        || wrapped('<', '>')
        || wrapped('{', '}')
        || text.starts_with('%') && text.len() <= 3
        || text
            .strip_prefix('$')
            .is_some_and(|name| name.len() > 1 && name.chars().all(is_constant))
}

/// Whether a value is code that makes the secret: a name with an opening bracket behind.
pub(super) fn is_call(value: &[u8]) -> bool {
    let name = value.iter().position(|byte| !kinds::is(*byte, CALL)).unwrap_or(value.len());
    name > 0 && value[0].is_ascii_alphabetic() && value.get(name) == Some(&b'(')
}
