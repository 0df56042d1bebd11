//! Names that have their value behind them in one word.
use super::Found;
use super::bytes::Bytes;
use super::named::WEAK;
use super::word::Verdict;
use crate::redact::rules::Rules;
use std::ops::Range;

/// `vendorKEY-4f3a…`: a name and its value in one word.
pub(super) fn found(
    rules: &Rules,
    text: Bytes<'_>,
    name: &Range<usize>,
    anchor: &Range<usize>,
) -> Option<Found<'static>> {
    const LENGTH_MIN: usize = 20;
    const PART_LENGTH_MIN: usize = 12;
    const WORD_LENGTH_MAX: usize = 8;
    if name.end < anchor.end + LENGTH_MIN {
        return None;
    }
    let is_joint = |byte: u8| matches!(byte, b'-' | b'_' | b'.');
    let letters = |at: usize| text.run(at, name.end - at, |byte| byte.is_ascii_alphabetic());
    let mut at = anchor.end.min(name.end);
    at += letters(at);
    while at < name.end && is_joint(text.at(at)) {
        let length = letters(at + 1);
        let next = at + 1 + length;
        if length == 0 || length > WORD_LENGTH_MAX || next >= name.end || !is_joint(text.at(next)) {
            break;
        }
        at = next;
    }
    if at >= name.end || !is_joint(text.at(at)) {
        return None;
    }
    let value = text.part(at + 1, name.end);
    let count = |kind: fn(&u8) -> bool| value.iter().filter(|byte| kind(byte)).count();
    let longest = value.split(|byte| is_joint(*byte)).map(<[u8]>::len).max().unwrap_or_default();
    let is_value = value.len() >= LENGTH_MIN
        && longest >= PART_LENGTH_MIN
        && count(u8::is_ascii_digit) * 6 >= value.len()
        && count(u8::is_ascii_alphabetic) > 0;
    let head = || String::from_utf8_lossy(text.part(name.start, at));
    let is_secret =
        is_value && matches!(Verdict::of(rules, &head()), Verdict::Strong(_) | Verdict::Weak);
    is_secret.then(|| Found::new(at + 1..name.end, WEAK))
}
