//! Values that a name is compared to.
use super::bytes::{Bytes, is_blank};
use super::effort::Look;
use super::placeholder::is_placeholder;
use super::quote::Quote;
use super::word::Verdict;
use super::{Found, Progress};
use crate::redact::rules::Rules;
use std::ops::Range;

/// Longer values are not looked for.
const VALUE_BYTES_MAX: usize = 96;

/// `"x" == password`: the value before the name that it is compared to, behind `from`.
pub(super) fn found(
    rules: &Rules,
    text: Bytes<'_>,
    name: &Range<usize>,
    progress: &mut Progress<'_, '_>,
) -> Option<Found<'static>> {
    const BLANKS_MAX: usize = 4;
    if !matches!(text.before(name.start), b' ' | b'\t' | b'=') {
        return None;
    }
    let from = progress.place.from;
    let blanks = text.run_back(name.start, BLANKS_MAX.min(name.start - from), is_blank);
    let signs_end = name.start - blanks;
    let signs =
        text.run_back(signs_end, 3.min(signs_end - from), |byte| matches!(byte, b'=' | b'!'));
    let equals = text.part(signs_end - signs, signs_end);
    if equals.len() < 2 || !equals.ends_with(b"=") {
        return None;
    }
    let end = signs_end - signs;
    let end = end - text.run_back(end, BLANKS_MAX.min(end - from), is_blank);
    progress.memory.effort.take(Look::LongValue);
    let (quote, close) = Quote::before(text, end).filter(|(_, close)| *close > from)?;
    let length =
        text.run_back(close, VALUE_BYTES_MAX.min(close - from), |byte| !b"\"'`\n".contains(&byte));
    let range = close - length..close;
    let is_open = Quote::before(text, range.start).is_some_and(|(open, _)| open == quote);
    let is_new = !text.has_marker(&range);
    let is_secret = is_open && is_new && !is_placeholder(text.part(range.start, range.end));
    match progress.verdict(rules, text, name) {
        Verdict::Strong(rule) if is_secret => Some(Found::new(range, rule)),
        _ => None,
    }
}
