//! Takes secrets out of lines of JSON, and leaves everything else as it is written.
use super::hit::{Argument, Hit, is_name_key};
use super::keys::Keys;
use super::tape::{self, Kind, Tape, Token};
use crate::escape;
use crate::redact::text::{Look, Memory, WITHHELD};
use crate::redact::{RedactionCounts, Redactor, is_marker};
use std::borrow::Cow;
use std::ops::Range;

/// Redacts lines that hold one JSON value each; spaces, the order of keys, numbers and strings without a secret stay as
/// they are written.
///
/// In a string goes what the rules for text find. Under a secret name, as a key or in a pair such as
/// `{"name": "token", "value": "x"}`, `["authorization", "x"]` and `["--token", "x"]`, every string and number goes;
/// booleans, nulls and empty strings are no secrets, and a number under a plural is a count.
/// A line that is not JSON is redacted as text.
///
/// Time grows with the length of a line and nothing else; memory with the longest line.
///
/// ```
/// use obs_core::redact::{JsonLines, Redactor};
///
/// let redactor = Redactor::new();
/// let mut lines = JsonLines::new(&redactor);
/// let line = r#"{"n": 1.0, "user": "ada", "auth": {"password": ["x", 7]}}"#;
/// let mark = r#""[REDACTED:name:password]""#;
/// let expected = format!(r#"{{"n": 1.0, "user": "ada", "auth": {{"password": [{mark}, {mark}]}}}}"#);
/// assert_eq!(lines.redact(line), expected);
/// ```
#[derive(Debug)]
pub struct JsonLines {
    redactor: Redactor,
    counts: RedactionCounts,
    keys: Keys,
    tape: Tape,
    around: Vec<Around>,
    near: Near,
    memory: Memory,
    /// What of the line is before has made good the effort.
    passed: usize,
}

/// Where in a line secrets may be: most strings are far from any.
#[derive(Debug, Default)]
struct Near {
    places: Vec<usize>,
    has_escapes: bool,
}

/// What is around a value.
#[derive(Debug, Clone, Copy, Default)]
struct Around {
    /// Everything below goes.
    hide: Option<Hit>,
    /// The secret name that the object pairs with a value.
    named: Option<Hit>,
    /// Whether it is a list of pairs.
    has_pairs: bool,
    /// Whether it is a pair in such a list: the name has passed, and this is what it says.
    pair: Option<Option<Hit>>,
    /// The flag that the last text of a list was.
    flag: Option<Hit>,
    is_list: bool,
}

impl JsonLines {
    /// With the rules of `redactor`.
    pub fn new(redactor: &Redactor) -> Self {
        let counts = RedactionCounts::default();
        Self {
            redactor: redactor.clone(),
            counts,
            keys: Keys::default(),
            tape: Tape::default(),
            around: Vec::new(),
            near: Near::default(),
            memory: redactor.memory(),
            passed: 0,
        }
    }

    /// What was taken out so far.
    pub fn counts(&self) -> &RedactionCounts {
        &self.counts
    }

    /// The line without its secrets: the same line where there are none.
    pub fn redact<'t>(&mut self, line: &'t str) -> Cow<'t, str> {
        self.near.find(&self.redactor, line);
        self.passed = 0;
        let redacted = if self.near.is_nothing() && self.is_plain(line) {
            Cow::Borrowed(line)
        } else if self.memory.effort.is_spent() {
            self.withheld(line)
        } else {
            self.look_at(line)
        };
        self.come_to(line.len());
        redacted
    }

    fn look_at<'t>(&mut self, line: &'t str) -> Cow<'t, str> {
        let mut tape = std::mem::take(&mut self.tape);
        let redacted = match tape::fill(&mut tape, line) {
            true => self.walk(&tape.tokens, line),
            false => {
                self.passed = line.len();
                self.redactor.redact_within(line, &mut self.counts, &mut self.memory)
            }
        };
        self.tape = tape;
        redacted
    }

    /// A marker as a line: in this one there was more to be looked at than in any that somebody would read.
    fn withheld(&mut self, line: &str) -> Cow<'static, str> {
        let content = line.trim_end_matches(['\r', '\n']);
        let mut text = "\"".to_owned();
        self.redactor.mark(&mut text, WITHHELD, content);
        self.counts.add(WITHHELD);
        text.push('"');
        text.push_str(&line[content.len()..]);
        Cow::Owned(text)
    }

    /// The line up to `at` has been passed.
    fn come_to(&mut self, at: usize) {
        self.memory.effort.pass(at.saturating_sub(self.passed));
        self.passed = self.passed.max(at);
    }

    /// Whether a line in whose strings there is no secret has no key that makes one of its value. Cannot tell of lists
    /// and pairs.
    fn is_plain(&mut self, line: &str) -> bool {
        let bytes = line.as_bytes();
        let quote = |from: usize| Some(from + memchr::memchr(b'"', bytes.get(from..)?)?);
        let (mut at, mut keys) = (0, 0);
        while let Some(open) = quote(at) {
            let Some(close) = quote(open + 1) else { return false };
            at = close + 1;
            let is_blank = |byte: &&u8| byte.is_ascii_whitespace();
            let behind = bytes[at..].iter().find(|byte| !is_blank(byte));
            if behind == Some(&b':') {
                let key = self.keys.judge(&self.redactor, &line[open + 1..close], keys);
                if key.hit.is_some() || key.is_name {
                    return false;
                }
                keys += 1;
            } else if bytes[..open].iter().rev().find(|byte| !is_blank(byte)) != Some(&b':') {
                return false;
            }
        }
        true
    }

    fn walk<'t>(&mut self, tape: &[Token], line: &'t str) -> Cow<'t, str> {
        let mut out = Output { line, text: String::new(), copied: 0 };
        let (mut around, mut key) = (std::mem::take(&mut self.around), None);
        around.clear();
        around.push(Around::default());
        let (mut is_value_of_pair, mut keys) = (false, 0);
        for (number, token) in tape.iter().enumerate() {
            let Some(here) = around.last_mut() else { break };
            if self.memory.effort.is_spent() {
                self.around = around;
                return self.withheld(line);
            }
            let mut hide = here.hide.or(key).or(here.named.filter(|_| is_value_of_pair));
            match token.kind {
                Kind::Close => {
                    around.pop();
                    continue;
                }
                Kind::Key => {
                    let content = self.near.decoded(line, *token);
                    let judged = self.keys.judge(&self.redactor, &content, keys);
                    (key, is_value_of_pair, keys) = (judged.hit, judged.is_value, keys + 1);
                    self.text(&mut out, *token, &content);
                    continue;
                }
                Kind::Object | Kind::Array => {
                    hide = hide.map(Hit::below).or(here.pair.flatten());
                    let is_pair = here.has_pairs;
                    here.flag = None;
                    let mut below = self.around(tape, number, line);
                    (below.hide, below.pair) = (hide, is_pair.then_some(None));
                    around.push(below);
                }
                Kind::String => self.string(&mut out, *token, here, hide),
                Kind::Number => {
                    let hide = hide.or(here.pair.flatten());
                    if let Some(hit) = hide.filter(|hit| !hit.is_plural) {
                        self.replace(&mut out, token.range(), hit.rule, &line[token.range()]);
                    }
                    here.flag = None;
                }
                Kind::Word => here.flag = None,
            }
            (key, is_value_of_pair) = (None, false);
        }
        self.around = around;
        out.finish()
    }

    /// What the direct members of the object or list say that opens at token `first`.
    fn around(&mut self, tape: &[Token], first: usize, line: &str) -> Around {
        let mut around = Around { is_list: tape[first].kind == Kind::Array, ..Around::default() };
        let is_pair = |at: usize| {
            let token = tape[at];
            let is_short = token.kind == Kind::Array && members(tape, at).take(3).count() == 2;
            is_short && tape[at + 1].kind == Kind::String
        };
        if around.is_list {
            around.has_pairs =
                members(tape, first).all(is_pair) && tape[first].close as usize > first + 1;
            return around;
        }
        for at in members(tape, first) {
            let is_text = at > 0 && tape[at].kind == Kind::String && tape[at - 1].kind == Kind::Key;
            if is_text && is_name_key(&line[inside(tape[at - 1])]) {
                let name = decoded(&line[inside(tape[at])]);
                around.named = around.named.or_else(|| Hit::of(&self.redactor, &name));
            }
        }
        around
    }

    fn string(&mut self, out: &mut Output<'_>, token: Token, here: &mut Around, hide: Option<Hit>) {
        let content = self.near.decoded(out.line, token);
        let mut hide = hide.or(here.pair.flatten());
        if here.pair == Some(None) {
            here.pair = Some(Hit::of(&self.redactor, &content));
        } else if here.is_list {
            let flag = here.flag.take();
            hide = hide.or(flag.filter(|_| !content.starts_with("--")));
            match Argument::of(&self.redactor, &content) {
                Argument::Flag(hit) if hide.is_none() => here.flag = Some(hit),
                Argument::Pair { name, rule } if hide.is_none() => {
                    return self.argument(
                        out,
                        token,
                        &content[..name.len() + 1],
                        &content[name.len() + 1..],
                        rule,
                    );
                }
                _ => {}
            }
        }
        match hide {
            Some(_) if content.is_empty() || is_marker(&content) => {}
            Some(hit) => self.replace(out, token.range(), hit.rule, &content),
            None => self.text(out, token, &content),
        }
    }

    /// The rules for text, in a string.
    fn text(&mut self, out: &mut Output<'_>, token: Token, content: &str) {
        if self.near.is_far(token, content) {
            return;
        }
        self.come_to(token.range().start);
        self.passed = token.range().end;
        let redacted = self.redactor.redact_within(content, &mut self.counts, &mut self.memory);
        if let Cow::Owned(redacted) = redacted {
            out.put(token.range(), &redacted);
        }
    }

    fn argument(
        &mut self,
        out: &mut Output<'_>,
        token: Token,
        name: &str,
        value: &str,
        rule: &str,
    ) {
        if !value.is_empty() && !is_marker(value) {
            let mut text = name.to_owned();
            self.redactor.mark(&mut text, rule, value);
            self.counts.add(rule);
            out.put(token.range(), &text);
        }
    }

    fn replace(&mut self, out: &mut Output<'_>, range: Range<usize>, rule: &str, secret: &str) {
        self.come_to(range.start);
        self.memory.effort.take(Look::Found);
        let mut text = String::new();
        self.redactor.mark(&mut text, rule, secret);
        self.counts.add(rule);
        out.put(range, &text);
    }
}

impl Near {
    fn find(&mut self, redactor: &Redactor, line: &str) {
        self.places.clear();
        redactor.near(line.as_bytes(), |place| self.places.push(place));
        self.places.sort_unstable();
        self.has_escapes = memchr::memchr(b'\\', line.as_bytes()).is_some();
    }

    fn is_nothing(&self) -> bool {
        self.places.is_empty() && !self.has_escapes
    }

    /// Whether there can be no secret in the string that stands for `content`.
    fn is_far(&self, token: Token, content: &str) -> bool {
        let range = token.range();
        let is_as_written = content.len() == range.len() - 2;
        let next = self.places.partition_point(|place| *place < range.start);
        is_as_written && self.places.get(next).is_none_or(|place| *place >= range.end)
    }

    /// What a string stands for.
    fn decoded<'t>(&self, line: &'t str, token: Token) -> Cow<'t, str> {
        let content = &line[inside(token)];
        if self.has_escapes { decoded(content) } else { Cow::Borrowed(content) }
    }
}

/// The line as it becomes.
struct Output<'t> {
    line: &'t str,
    text: String,
    copied: usize,
}

impl<'t> Output<'t> {
    /// Puts a string in the place of what is in `range`.
    fn put(&mut self, range: Range<usize>, content: &str) {
        self.text.push_str(&self.line[self.copied..range.start]);
        self.text.push('"');
        let mut escaped = Vec::new();
        escape::json(&mut escaped, content);
        self.text.push_str(&String::from_utf8_lossy(&escaped));
        self.text.push('"');
        self.copied = range.end;
    }

    fn finish(mut self) -> Cow<'t, str> {
        if self.copied == 0 {
            return Cow::Borrowed(self.line);
        }
        self.text.push_str(&self.line[self.copied..]);
        Cow::Owned(self.text)
    }
}

/// A string without its marks.
fn inside(token: Token) -> Range<usize> {
    let range = token.range();
    range.start + 1..range.end - 1
}

/// The values directly in the object or list that opens at token `first`.
fn members(tape: &[Token], first: usize) -> impl Iterator<Item = usize> {
    let end = tape[first].close as usize;
    let mut at = first + 1;
    std::iter::from_fn(move || {
        while at < end && tape[at].kind == Kind::Key {
            at += 1;
        }
        let here = (at < end).then_some(at)?;
        let is_open = matches!(tape[here].kind, Kind::Object | Kind::Array);
        at = if is_open { tape[here].close as usize + 1 } else { here + 1 };
        Some(here)
    })
}

/// What a string stands for; an escape that stands for nothing becomes a replacement character.
fn decoded(content: &str) -> Cow<'_, str> {
    if !content.contains('\\') {
        return Cow::Borrowed(content);
    }
    let mut units: Vec<u16> = Vec::with_capacity(content.len());
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('u') => {
                    let digits = chars.as_str().get(..4).unwrap_or_default();
                    let unit = u16::from_str_radix(digits, 16).unwrap_or(0xfffd);
                    chars = chars.as_str().get(digits.len()..).unwrap_or_default().chars();
                    units.push(unit);
                    continue;
                }
                Some(other) => other,
                None => break,
            },
            c => c,
        };
        units.extend(c.encode_utf16(&mut [0; 2]).iter());
    }
    Cow::Owned(String::from_utf16_lossy(&units))
}
