//! Values that are secret because of the name that they stand under.
use super::bytes::{Bytes, is_blank, is_name};
use super::link::{self, Kind, Link};
use super::placeholder::{is_call, is_placeholder};
use super::quote::Quote;
use super::token::{is_random, is_scrambled, is_token};
use super::{Found, Progress, VALUE_BYTES_MAX, bare, scheme};
use crate::redact::name::Class;
use crate::redact::name::words_from_end;
use crate::redact::rules::Rules;
use std::ops::Range;

/// Longer names are looked at in part.
const NAME_BYTES_MAX: usize = 96;
/// The word before a name that may belong to it, as in `api key`.
const WORD_BYTES_MAX: usize = 24;
/// What follows a name without a sign must have so many characters.
const TOKEN_LENGTH_MIN: usize = 12;
const WEAK: &str = "name:key";

/// A name, and why its value may be secret.
struct Name<'t> {
    text: Bytes<'t>,
    range: Range<usize>,
    word: &'t str,
    rule: &'static str,
    strength: Strength,
}

/// How much a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// What stands under it is secret.
    Strong,
    /// It is, if it looks random.
    Weak,
    /// It is, if it looks like nothing but a password.
    Faint,
}

/// The value of the name that `anchor` is part of, unless that name was judged before.
pub(super) fn found(
    rules: &Rules,
    text: Bytes<'_>,
    anchor: Range<usize>,
    progress: &mut Progress,
) -> Option<Found<'static>> {
    if anchor.start < progress.judged {
        return None;
    }
    let from = progress.from;
    let blanks = text.run_back(anchor.end, anchor.len(), |byte| b" =:".contains(&byte));
    let anchor = anchor.start..anchor.end - blanks;
    let (range, dashes) = expand(text, &anchor, from);
    progress.judged = range.end.max(anchor.end);
    let word = std::str::from_utf8(text.part(range.start, range.end)).ok()?;
    if word.is_empty() {
        return None;
    }
    if let Some(found) = joined(rules, text, &range, &anchor) {
        return Some(found);
    }
    if let Some(found) = compared(rules, text, &range, from) {
        return Some(found);
    }
    let link = link::after(text, &range, dashes)?;
    if link.kind == Kind::Words && !may_be_said(text, link.value, &range) {
        return None;
    }
    Name::judge(rules, text, range, from)?.value(link)
}

/// Whether what follows a name without a sign may be its value: a quoted text, a token, or what a command takes.
fn may_be_said(text: Bytes<'_>, value: usize, name: &Range<usize>) -> bool {
    Quote::at(text, value).is_some()
        || is_token(head(text, value), TOKEN_LENGTH_MIN)
        || is_login(text, name)
}

fn is_path(value: &[u8]) -> bool {
    value.starts_with(b"/")
        || value.starts_with(b"./")
        || value.iter().filter(|b| **b == b'/').count() > 2
}

/// What comes first behind a place, to a blank.
fn head(text: Bytes<'_>, at: usize) -> &[u8] {
    let start = Quote::at(text, at).map_or(at, |(_, behind)| behind);
    let length = text.run(start, NAME_BYTES_MAX, |byte| byte > b' ' && !b"\"',;".contains(&byte));
    text.part(start, start + length)
}

/// The whole name around an anchor, and how many dashes stand before it.
fn expand(text: Bytes<'_>, anchor: &Range<usize>, from: usize) -> (Range<usize>, usize) {
    let before = text.run_back(anchor.start, NAME_BYTES_MAX.min(anchor.start - from), is_name);
    let mut start = anchor.start - before;
    let mut end = text.past(anchor.end, NAME_BYTES_MAX, is_name);
    if start < anchor.start && text.is_escaped(start) {
        start += 1;
    }
    start = text.past(start, end - start, |byte| byte == b'.');
    let dashes = text.run(start, end - start, |byte| byte == b'-');
    end -= text.run_back(end, end - start - dashes, |byte| matches!(byte, b'.' | b'-'));
    (start + dashes..end, dashes)
}

impl<'t> Name<'t> {
    fn judge(rules: &Rules, text: Bytes<'t>, range: Range<usize>, from: usize) -> Option<Self> {
        let word = std::str::from_utf8(text.part(range.start, range.end)).ok()?;
        let strong = match rules.classify(word) {
            Class::Secret(rule) => Some(rule),
            Class::Plain if is_login(text, &range) => Some("name:password"),
            Class::Plain => two_words(rules, text, &range, from),
        };
        let (rule, strength) = match strong {
            Some(rule) => (rule, Strength::Strong),
            None if is_weak(word) => (WEAK, Strength::Weak),
            None if has_stem(word) => (WEAK, Strength::Faint),
            None => return None,
        };
        Some(Self { text, range, word, rule, strength })
    }

    fn value(&self, link: Link) -> Option<Found<'static>> {
        let text = self.text;
        let at = past_wrappers(text, link.value);
        let quote = Quote::at(text, at);
        let start = quote.map_or(at, |(_, behind)| behind);
        if text.has(start, b"-----BEGIN ") || text.has(start, b"[REDACTED") {
            return None;
        }
        if quote.is_none() && is_call(text.part(start, start + NAME_BYTES_MAX)) {
            return None;
        }
        if self.strength == Strength::Weak && !is_token(head(text, at), TOKEN_LENGTH_MIN) {
            return None;
        }
        let range = self.extent(link, quote, at)?;
        let value = text.part(range.start, range.end);
        let is_said = link.kind != Kind::Words || self.is_said(at, quote.is_some(), value);
        let is_count = self.word.ends_with(['s', 'S']) && value.iter().all(u8::is_ascii_digit);
        let is_secret = !is_placeholder(value) && self.fits(value) && is_said && !is_count;
        is_secret.then(|| Found::new(range, self.rule))
    }

    /// Whether the value is what the name leads one to expect.
    fn fits(&self, value: &[u8]) -> bool {
        let is_address = || self.word.ends_with(['l', 'L', 'i', 'I']);
        match self.strength {
            Strength::Weak => is_random(value),
            Strength::Faint => is_scrambled(value),
            Strength::Strong if self.rule == "name:connection_string" && is_address() => {
                value.contains(&b'@')
            }
            Strength::Strong => true,
        }
    }

    /// Whether a value that no sign joins to the name is its value.
    fn is_said(&self, at: usize, is_quoted: bool, value: &[u8]) -> bool {
        let is_code = self.text.at(at) == b'`';
        is_quoted && self.strength == Strength::Strong && !is_code && has_stem(self.word)
            || is_token(value, TOKEN_LENGTH_MIN) && !is_path(value)
            || is_login(self.text, &self.range)
    }

    fn extent(&self, link: Link, quote: Option<(Quote, usize)>, at: usize) -> Option<Range<usize>> {
        let text = self.text;
        let is_header = matches!(self.rule, "name:authorization" | "name:cookie");
        match (quote, link.kind) {
            (Some((quote, start)), _) => {
                let range = quote.content(text, start, VALUE_BYTES_MAX);
                let is_scheme = self.rule == "name:authorization";
                Some(if is_scheme { scheme::past(text, range) } else { range })
            }
            (None, Kind::Comma) => None,
            (None, Kind::Element) => Some(at..text.past(at, VALUE_BYTES_MAX, |byte| byte != b'<')),
            (None, _) if is_header => Some(scheme::past(text, bare::line(text, at, link.around))),
            (None, _) => Some(bare::value(text, at)),
        }
    }
}

/// Behind what code puts around a value: `Some(`, `Secret::new(`, `b`, `[`, YAML's `|`.
fn past_wrappers(text: Bytes<'_>, start: usize) -> usize {
    const WRAPPERS: [&[u8]; 6] = [b"Some(", b"Ok(", b"Secret(", b"String(", b"&", b"new "];
    const DEPTH_MAX: usize = 4;
    let mut at = start;
    for _ in 0..DEPTH_MAX {
        let name = text.run(at, 32, |byte| byte.is_ascii_alphanumeric() || b"_:.".contains(&byte));
        let is_call =
            name > 0 && text.at(at + name) == b'(' && Quote::at(text, at + name + 1).is_some();
        let is_prefix = b"brfu@$L".contains(&text.at(at)) && Quote::at(text, at + 1).is_some();
        let step = match text.at(at) {
            _ if is_call => name + 1,
            _ if is_prefix => 1,
            b'&' if Quote::at(text, at).is_some() => 0,
            b'[' if !text.has(at, b"[REDACTED") => 1,
            b'|' if text.at(at + 1) == b'\n' => 1 + text.run(at + 1, NAME_BYTES_MAX, |b| b <= b' '),
            _ => text.any(at, &WRAPPERS).unwrap_or_default(),
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
    from: usize,
) -> Option<&'static str> {
    let end = name.start.checked_sub(1).filter(|end| *end > from && text.at(*end) == b' ')?;
    let bytes_max = WORD_BYTES_MAX.min(end - from);
    let length = text.run_back(end, bytes_max, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let both = std::str::from_utf8(text.part(end - length, name.end)).ok()?;
    rules.classify(both).rule().filter(|_| length > 0)
}

/// `login x password y` as in `.netrc`, and `> AUTH x` as in a session with Redis.
fn is_login(text: Bytes<'_>, name: &Range<usize>) -> bool {
    text.has(name.start, b"password") && text.is_before(name.start, NAME_BYTES_MAX, b"login ")
        || text.part(name.start, name.end) == b"AUTH" && text.is_before(name.start, 2, b"> ")
}

fn is_weak(word: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "access", "private", "key", "auth", "apikey", "pat", "sid", "pass", "pw",
    ];
    const OTHERS: &[&str] =
        &["monkey", "turkey", "hotkey", "whiskey", "donkey", "jockey", "hockey", "passkey"];
    let last = words_from_end(word).next().unwrap_or_default();
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(last));
    let is_key = last.len() > 3 && last.as_bytes()[last.len() - 3..].eq_ignore_ascii_case(b"key");
    let is_glued = ["ACCESS", "PRIVATE"].iter().any(|end| word.ends_with(end));
    is(WORDS) || is_glued || is_key && !is(OTHERS)
}

/// Whether a name has a word for a secret in it, wherever.
fn has_stem(word: &str) -> bool {
    const STEMS: [&[u8]; 5] = [b"passw", b"pass_", b"secret", b"apikey", b"passphrase"];
    let is_stem = |at: usize| {
        STEMS.iter().any(|stem| {
            let found = word.as_bytes().get(at..at + stem.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(stem))
        })
    };
    (0..word.len()).any(is_stem)
}

/// `"x" == password`: the value before the name that it is compared to, behind `from`.
fn compared(
    rules: &Rules,
    text: Bytes<'_>,
    name: &Range<usize>,
    from: usize,
) -> Option<Found<'static>> {
    const BLANKS_MAX: usize = 4;
    let word = std::str::from_utf8(text.part(name.start, name.end)).ok()?;
    let blanks = text.run_back(name.start, BLANKS_MAX.min(name.start - from), is_blank);
    let signs_end = name.start - blanks;
    let signs = text.run_back(signs_end, 3.min(signs_end - from), |byte| b"=!".contains(&byte));
    let equals = text.part(signs_end - signs, signs_end);
    if equals.len() < 2 || !equals.ends_with(b"=") {
        return None;
    }
    let end = signs_end - signs;
    let end = end - text.run_back(end, BLANKS_MAX.min(end - from), is_blank);
    let (quote, close) = Quote::before(text, end).filter(|(_, close)| *close > from)?;
    let length =
        text.run_back(close, NAME_BYTES_MAX.min(close - from), |byte| !b"\"'`\n".contains(&byte));
    let range = close - length..close;
    let is_open = Quote::before(text, range.start).is_some_and(|(open, _)| open == quote);
    let is_secret = is_open && !is_placeholder(text.part(range.start, range.end));
    let rule = rules.classify(word).rule().filter(|_| is_secret)?;
    Some(Found::new(range, rule))
}

/// `vendorKEY-4f3a…`: a name and its value in one word.
fn joined(
    rules: &Rules,
    text: Bytes<'_>,
    name: &Range<usize>,
    anchor: &Range<usize>,
) -> Option<Found<'static>> {
    const LENGTH_MIN: usize = 20;
    const PART_LENGTH_MIN: usize = 12;
    const WORD_LENGTH_MAX: usize = 8;
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
    let head = std::str::from_utf8(text.part(name.start, at)).ok().filter(|_| is_value)?;
    let is_key =
        || head.len() >= 3 && head.as_bytes()[head.len() - 3..].eq_ignore_ascii_case(b"key");
    let is_secret = rules.classify(head).rule().is_some() || is_weak(head) || is_key();
    is_secret.then(|| Found::new(at + 1..name.end, WEAK))
}
