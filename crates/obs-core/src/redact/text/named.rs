//! Values that are secret because of the name that they stand under.
use super::bytes::{Bytes, is_blank, is_name};
use super::effort::Look;
use super::kinds::{self, CALL, DIGIT, HEAD, LETTER, PATH, STOP, TOKEN};
use super::line::Word;
use super::link::{self, BLANKS_MAX, Kind, Link};
use super::placeholder::{is_call, is_placeholder};
use super::quote::Quote;
use super::token::{is_gibberish, is_random, is_scrambled, is_token};
use super::word::{Verdict, has_stem};
use super::{Found, Progress, VALUE_BYTES_MAX, bare, compared, joined, scheme};
use crate::redact::rules::Rules;
use std::ops::Range;

/// Longer names are looked at in part.
const NAME_BYTES_MAX: usize = 96;
/// So much of a value tells whether it is secret: what is not taken out may be looked at again for the next name.
const HEAD_BYTES: usize = 64;
/// So much of it tells whether it is a token, or a call.
const TOKEN_BYTES: usize = 64;
/// A mask is not longer.
const MASK_BYTES_MAX: usize = 1 << 10;
/// The user stands at the beginning of an address.
const ADDRESS_BYTES_MAX: usize = 256;
/// The word before a name that may belong to it, as in `api key`.
const WORD_BYTES_MAX: usize = 24;
/// What follows a name without a sign must have so many characters.
const TOKEN_LENGTH_MIN: usize = 12;
pub(super) const WEAK: &str = "name:key";

/// A name, and why its value may be secret.
struct Name<'t> {
    text: Bytes<'t>,
    range: Range<usize>,
    word: &'t [u8],
    rule: &'static str,
    verdict: Verdict,
}

/// The value of the name that `anchor` is part of, unless that name was judged before.
pub(super) fn found(
    rules: &Rules,
    text: Bytes<'_>,
    anchor: Range<usize>,
    progress: &mut Progress<'_, '_>,
) -> Option<Found<'static>> {
    if anchor.start < progress.place.judged {
        return None;
    }
    progress.memory.effort.take(Look::Name);
    let from = progress.place.from;
    let blanks = text.run_back(anchor.end, anchor.len(), |byte| matches!(byte, b' ' | b'=' | b':'));
    let anchor = anchor.start..anchor.end - blanks;
    let (range, dashes) = expand(text, &anchor, from);
    progress.place.judged = range.end.max(anchor.end);
    if range.is_empty() {
        return None;
    }
    if let Some(found) = joined::found(rules, text, &range, &anchor) {
        return Some(found);
    }
    if let Some(found) = compared::found(rules, text, &range, progress) {
        progress.place.judged = range.start;
        return Some(found);
    }
    let link = link::after(text, &range, dashes)?;
    if link.kind == Kind::Words && !may_be_said(text, link.value, &range, progress) {
        return None;
    }
    Name::judge(rules, text, range, progress)?.value(rules, link, progress)
}

/// Whether what follows a name without a sign may be its value: a quoted text, a token, or what a command takes.
fn may_be_said(
    text: Bytes<'_>,
    value: usize,
    name: &Range<usize>,
    progress: &mut Progress<'_, '_>,
) -> bool {
    progress.memory.effort.take(Look::Head);
    Quote::at(text, value).is_some()
        || begins_token(text, value, 0)
        || is_login(text, name, progress)
}

fn is_path(value: &[u8]) -> bool {
    value.starts_with(b"/")
        || value.starts_with(b"./")
        || value.iter().filter(|b| **b == b'/').count() > 2
}

/// Whether what comes first behind a place, to a blank, begins as a token does, with none of `unlike` before the first
/// sign at which it may end. One look at each byte: this is asked at every name.
fn begins_token(text: Bytes<'_>, at: usize, unlike: u32) -> bool {
    let start = Quote::at(text, at).map_or(at, |(_, behind)| behind);
    let mut watched = if unlike == 0 || start > at { 0 } else { unlike | STOP };
    let window = text.part(start, start + TOKEN_BYTES);
    let (mut any, mut all, mut length) = (0, TOKEN, 0);
    for byte in window {
        let kinds = kinds::of(*byte);
        if kinds & HEAD == 0 {
            break;
        }
        if kinds & watched != 0 {
            if kinds & unlike != 0 {
                return false;
            }
            watched = 0;
        }
        any |= kinds;
        all &= kinds;
        length += 1;
    }
    length >= TOKEN_LENGTH_MIN
        && all & TOKEN != 0
        && (any & DIGIT != 0 && any & LETTER != 0 || is_gibberish(&window[..length]))
}

/// The whole name around an anchor, and how many dashes stand before it.
fn expand(text: Bytes<'_>, anchor: &Range<usize>, from: usize) -> (Range<usize>, usize) {
    let before = text.run_back(anchor.start, NAME_BYTES_MAX.min(anchor.start - from), is_name);
    let mut start = anchor.start - before;
    let mut end = text.past(anchor.end, NAME_BYTES_MAX, is_name);
    start = text.past_escape(start).min(anchor.start);
    start = past_color(text, start).min(anchor.start);
    start = text.past(start, end - start, |byte| byte == b'.');
    let dashes = text.run(start, end - start, |byte| byte == b'-');
    end -= text.run_back(end, end - start - dashes, |byte| matches!(byte, b'.' | b'-'));
    (start + dashes..end, dashes)
}

/// Behind the rest of a sequence that sets the colour of a terminal: `32m`.
fn past_color(text: Bytes<'_>, start: usize) -> usize {
    let behind = text.past(start, 4, |byte| byte.is_ascii_digit()) + 1;
    let is_open = matches!(text.before(start), b'[' | b';');
    if is_open && text.is_past_color(behind) { behind } else { start }
}

impl<'t> Name<'t> {
    fn judge(
        rules: &Rules,
        text: Bytes<'t>,
        range: Range<usize>,
        progress: &mut Progress<'_, '_>,
    ) -> Option<Self> {
        let word = text.part(range.start, range.end);
        let alone = progress.verdict(rules, text, &range);
        let strong = match alone {
            Verdict::Strong(rule) => Some(rule),
            _ if is_login(text, &range, progress) => Some("name:password"),
            _ => two_words(rules, text, &range, progress),
        };
        let verdict = strong.map_or(alone, Verdict::Strong);
        let is_something = verdict != Verdict::Plain;
        is_something.then(|| Self { text, range, word, rule: strong.unwrap_or(WEAK), verdict })
    }

    fn value(
        &self,
        rules: &Rules,
        link: Link,
        progress: &mut Progress<'_, '_>,
    ) -> Option<Found<'static>> {
        progress.memory.effort.take(Look::Head);
        let text = self.text;
        let at = past_wrappers(text, link.value);
        let quote = Quote::at(text, at);
        let start = quote.map_or(at, |(_, behind)| behind);
        if text.has(start, b"-----BEGIN ") || text.has(start, b"[REDACTED") {
            return None;
        }
        if self.verdict == Verdict::Weak && !begins_token(text, at, PATH) {
            return None;
        }
        if quote.is_none() && is_call(text.part(start, start + TOKEN_BYTES)) {
            return None;
        }
        let range = self.extent(link, quote, at, HEAD_BYTES)?;
        let value = text.part(range.start, range.end);
        progress.memory.effort.take(Look::Value(value.len()));
        if value.len() >= HEAD_BYTES {
            progress.memory.effort.take(Look::LongValue);
        }
        let is_said =
            link.kind != Kind::Words || self.is_said(at, quote.is_some(), value, progress);
        let is_count = || self.ends_with(b's') && value.iter().all(u8::is_ascii_digit);
        let is_code = || quote.is_none() && self.is_code(rules, &range);
        let part = |bytes_max| self.extent(link, quote, at, bytes_max);
        let is_blank = || match value.len() {
            HEAD_BYTES.. => self.is_long_mask(value, part(MASK_BYTES_MAX)),
            _ => is_placeholder(value),
        };
        if is_said && self.fits(value, part) && !is_count() && !is_code() && !is_blank() {
            part(VALUE_BYTES_MAX).map(|range| Found::new(range, self.rule))
        } else {
            None
        }
    }

    /// Whether the name's last letter is this one, in whatever case.
    fn ends_with(&self, letter: u8) -> bool {
        self.word.last().is_some_and(|last| last.eq_ignore_ascii_case(&letter))
    }

    /// Whether a value whose head is a mask is nothing but that.
    fn is_long_mask(&self, head: &[u8], longer: Option<Range<usize>>) -> bool {
        let is_all = |range: Range<usize>| {
            range.len() < MASK_BYTES_MAX && is_placeholder(self.text.part(range.start, range.end))
        };
        is_placeholder(head) && longer.is_some_and(is_all)
    }

    /// Whether the value is what the name leads one to expect.
    fn fits(&self, value: &[u8], part: impl Fn(usize) -> Option<Range<usize>>) -> bool {
        let is_address = || self.ends_with(b'l') || self.ends_with(b'i');
        match self.verdict {
            Verdict::Weak => is_random(value),
            Verdict::Faint | Verdict::Plain => {
                is_scrambled(value) && !value.windows(9).any(|part| part == b"[REDACTED")
            }
            Verdict::Strong(_) if self.rule == "name:connection_string" && is_address() => {
                let has_at =
                    |range: Range<usize>| self.text.part(range.start, range.end).contains(&b'@');
                part(ADDRESS_BYTES_MAX).is_some_and(has_at)
            }
            Verdict::Strong(_) => true,
        }
    }

    /// Whether a value is the name of a variable or type: `other.token`, `Secret<String>`.
    fn is_code(&self, rules: &Rules, range: &Range<usize>) -> bool {
        let value = self.text.part(range.start, range.end);
        let is_part = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.');
        if !value.iter().all(is_part) {
            return false;
        }
        let text = std::str::from_utf8(value).unwrap_or_default();
        let is_type = text.starts_with(|c: char| c.is_ascii_uppercase());
        let last = text.rsplit_once('.').map(|(_, last)| last);
        is_type && self.text.at(range.end) == b'<'
            || last.is_some_and(|last| rules.classify(last).rule().is_some())
    }

    /// Whether a value that no sign joins to the name is its value.
    fn is_said(
        &self,
        at: usize,
        is_quoted: bool,
        value: &[u8],
        progress: &mut Progress<'_, '_>,
    ) -> bool {
        let is_code = self.text.at(at) == b'`';
        is_quoted && self.verdict.is_strong() && !is_code && has_stem(self.word)
            || is_token(value, TOKEN_LENGTH_MIN) && !is_path(value)
            || is_login(self.text, &self.range, progress)
    }

    /// The value, and of a longer one its first `bytes_max`.
    fn extent(
        &self,
        link: Link,
        quote: Option<(Quote, usize)>,
        at: usize,
        bytes_max: usize,
    ) -> Option<Range<usize>> {
        let text = self.text;
        let is_header = matches!(self.rule, "name:authorization" | "name:cookie");
        match (quote, link.kind) {
            (Some((quote, start)), _) => {
                let content = |at, bytes_max| quote.content(text, at, bytes_max);
                let is_scheme = self.rule == "name:authorization";
                Some(match is_scheme {
                    true => scheme::past(text, start, bytes_max, content),
                    false => content(start, bytes_max),
                })
            }
            (None, Kind::Comma) => None,
            (None, Kind::Element) => Some(at..text.past(at, bytes_max, |byte| byte != b'<')),
            (None, _) if is_header => {
                let line = |at, bytes_max| bare::line(text, at, link.around, bytes_max);
                Some(scheme::past(text, at, bytes_max, line))
            }
            (None, _) => Some(bare::value(text, at, bytes_max)),
        }
    }
}

/// How many bytes stand from a brace to the value of the first member behind it: of `{"stringValue": "x"}` those before
/// the `"x"`.
fn member(text: Bytes<'_>, brace: usize) -> Option<usize> {
    let blanks = |at: usize| text.past(at, BLANKS_MAX, is_blank);
    let (quote, key) = Quote::at(text, blanks(brace + 1))?;
    let end = key + text.run(key, NAME_BYTES_MAX, |byte| kinds::is(byte, CALL));
    let (closing, behind) = Quote::at(text, end)?;
    let sign = blanks(behind);
    (quote == closing && text.at(sign) == b':').then(|| blanks(sign + 1) - brace)
}

/// Behind what code puts around a value: `Some(`, `Secret::new(`, `b`, `[`, `{"stringValue":`, YAML's `|`.
fn past_wrappers(text: Bytes<'_>, start: usize) -> usize {
    const WRAPPERS: [&[u8]; 6] = [b"Some(", b"Ok(", b"Secret(", b"String(", b"&", b"new "];
    const DEPTH_MAX: usize = 4;
    let mut at = start;
    for _ in 0..DEPTH_MAX {
        let name = text.run(at, 32, |byte| kinds::is(byte, CALL));
        let is_call =
            name > 0 && text.at(at + name) == b'(' && Quote::at(text, at + name + 1).is_some();
        let is_prefix = matches!(text.at(at), b'b' | b'r' | b'f' | b'u' | b'@' | b'$' | b'L')
            && Quote::at(text, at + 1).is_some();
        let step = match text.at(at) {
            _ if is_call => name + 1,
            _ if is_prefix => 1,
            b'&' if Quote::at(text, at).is_some() => 0,
            b'[' if !text.has(at, b"[REDACTED") => 1,
            b'{' => member(text, at).unwrap_or_default(),
            b'|' if text.at(at + 1) == b'\n' => 1 + text.run(at + 1, NAME_BYTES_MAX, |b| b <= b' '),
            b'S' | b'O' | b'&' | b'n' => text.any(at, &WRAPPERS).unwrap_or_default(),
            _ => 0,
        };
        if step == 0 {
            break;
        }
        at += step;
    }
    at
}

/// `api key`, `access token`: a name of two words.
fn two_words(
    rules: &Rules,
    text: Bytes<'_>,
    name: &Range<usize>,
    progress: &mut Progress<'_, '_>,
) -> Option<&'static str> {
    let from = progress.place.from;
    let end = name.start.checked_sub(1).filter(|end| *end > from && text.at(*end) == b' ')?;
    let bytes_max = WORD_BYTES_MAX.min(end - from);
    let length = text.run_back(end, bytes_max, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_word = text.part(end - length, end).iter().any(u8::is_ascii_alphabetic);
    if !is_word {
        return None;
    }
    match progress.verdict(rules, text, &(end - length..name.end)) {
        Verdict::Strong(rule) => Some(rule),
        _ => None,
    }
}

/// `login x password y` as in `.netrc`, and `> AUTH x` as in a session with Redis.
fn is_login(text: Bytes<'_>, name: &Range<usize>, progress: &mut Progress<'_, '_>) -> bool {
    let words = &mut progress.place.words;
    let mut is_behind = || words.is_before(text, name.start, Word::Login, NAME_BYTES_MAX);
    text.has(name.start, b"password") && is_behind()
        || text.part(name.start, name.end) == b"AUTH" && is_prompt(text, name.start)
}

fn is_prompt(text: Bytes<'_>, index: usize) -> bool {
    index.checked_sub(2).is_some_and(|start| text.has(start, b"> "))
}
