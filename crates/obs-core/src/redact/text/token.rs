//! Whether a value looks as if nobody had thought it up.
use super::kinds::{self, ALNUM, CAPITAL, DIGIT, LETTER, SCRAMBLE, SMALL, TOKEN};
use super::placeholder::is_placeholder;

/// Letters, digits and the signs of base64 and of tokens' parts: both letters and digits, or too many of one kind to be
/// a word or a number.
pub(super) fn is_token(value: &[u8], length_min: usize) -> bool {
    if value.len() < length_min {
        return false;
    }
    let padding = value.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = &value[..value.len() - padding];
    let mut any = 0;
    for byte in body {
        let kinds = kinds::of(*byte);
        if kinds & TOKEN == 0 {
            return false;
        }
        any |= kinds;
    }
    any & DIGIT != 0 && any & LETTER != 0 || is_gibberish(body)
}

/// Letters of one case, letters whose case changes all the time, or digits: more than any word or number has.
pub(super) fn is_gibberish(value: &[u8]) -> bool {
    const CAPITALS_MIN: usize = 20;
    const SMALL_MIN: usize = 24;
    const DIGITS_MIN: usize = 22;
    if value.len() < CAPITALS_MIN || !value.iter().all(|byte| kinds::is(*byte, ALNUM)) {
        return false;
    }
    let any = value.iter().fold(0, |any, byte| any | kinds::of(*byte));
    let is_turn = |pair: &&[u8]| kinds::is(pair[0], SMALL) != kinds::is(pair[1], SMALL);
    let turns = || value.windows(2).filter(is_turn).count();
    match any & ALNUM {
        SMALL => value.len() >= SMALL_MIN,
        DIGIT => value.len() >= DIGITS_MIN,
        CAPITAL => true,
        LETTER => turns() * 3 >= value.len(),
        _ => false,
    }
}

/// The same, and more: enough digits, no path, no time and no UUID. For values under names that say little.
pub(super) fn is_random(value: &[u8]) -> bool {
    const LENGTH_MIN: usize = 16;
    let digits = || value.iter().filter(|byte| byte.is_ascii_digit()).count();
    !value.iter().any(|byte| matches!(byte, b'/' | b':'))
        && is_token(value, LENGTH_MIN)
        && !is_uuid(value)
        && (digits() * 8 >= value.len() || is_gibberish(value))
}

/// Letters with many signs among them and no blanks: somebody, or something, made a password of it.
pub(super) fn is_scrambled(value: &[u8]) -> bool {
    const LENGTH_MIN: usize = 10;
    const SIGNS_MIN: usize = 4;
    let signs = value.iter().filter(|byte| kinds::is(**byte, SCRAMBLE)).count();
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

/// Whether a text that is known to be secret is so unlike words and numbers that it stands for itself wherever it is
/// met.
pub(in crate::redact) fn is_distinct(text: &[u8]) -> bool {
    const LENGTH_MIN: usize = 8;
    const LONG_LENGTH_MIN: usize = 16;
    let any = text.iter().fold(0, |any, byte| any | kinds::of(*byte));
    let is_path = text.starts_with(b"/") || text.starts_with(b"./") || text.starts_with(b"~/");
    let has = |kinds: u32| any & kinds != 0;
    let is_mixed = has(LETTER) && (has(DIGIT) || has(SCRAMBLE)) || has(SMALL) && has(CAPITAL);
    let length_min = if is_mixed { LENGTH_MIN } else { LONG_LENGTH_MIN };
    text.len() >= length_min && !is_path && !is_placeholder(text)
}
