//! Whether a value looks as if nobody had thought it up.

/// Letters, digits and the signs of base64 and of tokens' parts: both letters and digits, or too many of one kind to be
/// a word or a number.
pub(super) fn is_token(value: &[u8], length_min: usize) -> bool {
    let padding = value.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = &value[..value.len() - padding];
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-+/.~:%|".contains(byte);
    let is_mixed =
        || body.iter().any(u8::is_ascii_digit) && body.iter().any(u8::is_ascii_alphabetic);
    value.len() >= length_min && body.iter().all(is_part) && (is_mixed() || is_gibberish(body))
}

/// Letters of one case, letters whose case changes all the time, or digits: more than any word or number has.
fn is_gibberish(value: &[u8]) -> bool {
    const CAPITALS_MIN: usize = 20;
    const SMALL_MIN: usize = 24;
    const DIGITS_MIN: usize = 22;
    let all = |kind: fn(&u8) -> bool| value.iter().all(kind);
    let is_turn = |pair: &&[u8]| pair[0].is_ascii_lowercase() != pair[1].is_ascii_lowercase();
    if !all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let turns = || value.windows(2).filter(is_turn).count();
    match value.len() {
        length if length >= SMALL_MIN && all(u8::is_ascii_lowercase) => true,
        length if length >= DIGITS_MIN && all(u8::is_ascii_digit) => true,
        length if length >= CAPITALS_MIN && all(u8::is_ascii_uppercase) => true,
        length => length >= CAPITALS_MIN && all(u8::is_ascii_alphabetic) && turns() * 3 >= length,
    }
}

/// The same, and more: enough digits, no path, no time and no UUID. For values under names that say little.
pub(super) fn is_random(value: &[u8]) -> bool {
    const LENGTH_MIN: usize = 16;
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    is_token(value, LENGTH_MIN)
        && !is_uuid(value)
        && (digits * 8 >= value.len() || is_gibberish(value))
        && !value.iter().any(|byte| matches!(byte, b'/' | b':'))
}

/// Letters with many signs among them and no blanks: somebody, or something, made a password of it.
pub(super) fn is_scrambled(value: &[u8]) -> bool {
    const LENGTH_MIN: usize = 10;
    const SIGNS_MIN: usize = 4;
    let signs = value.iter().filter(|byte| b"!@#$%^&*{}[]()<>?~\xbf".contains(byte)).count();
    let has_blank = value.iter().any(u8::is_ascii_whitespace);
    value.len() >= LENGTH_MIN && signs >= SIGNS_MIN && !has_blank
}

pub(super) fn is_uuid(value: &[u8]) -> bool {
    const DASHES: [usize; 4] = [8, 13, 18, 23];
    let fits = |(at, byte): (usize, &u8)| match DASHES.contains(&at) {
        true => *byte == b'-',
        false => byte.is_ascii_hexdigit(),
    };
    value.len() == 36 && value.iter().enumerate().all(fits)
}
