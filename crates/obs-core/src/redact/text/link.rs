//! What joins a name to its value.
use super::bytes::{Bytes, is_blank, is_space};
use super::kinds::{self, TYPE};
use super::quote::Quote;
use std::ops::Range;

pub(super) const BLANKS_MAX: usize = 40;
const SPACES_MAX: usize = 60;
const TYPE_BYTES_MAX: usize = 40;

/// The way from a name to its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) kind: Kind,
    /// Where the value, or the mark before it, begins.
    pub(super) value: usize,
    /// The mark that the name stands behind, where it does not close before the value: the value is in it, too.
    pub(super) around: Option<Quote>,
}

/// How sure it is that what follows is the name's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An equals sign, a colon, an arrow.
    Operator,
    /// A comma between two texts: only a quoted value counts.
    Comma,
    /// An XML element: the value goes to the next tag.
    Element,
    /// A flag with a blank behind.
    Flag,
    /// Words of a sentence: only what looks like a token counts.
    Words,
}

/// What stands behind a name that ends at `name.end`, and has `dashes` before it.
pub(super) fn after(text: Bytes<'_>, name: &Range<usize>, dashes: usize) -> Option<Link> {
    let start = name.start - dashes;
    let opened = Quote::before(text, start).map(|(quote, _)| quote);
    let end = text.past(name.end, 8, |byte| matches!(byte, b'.' | b'-'));
    let mut at = text.past_colors(end);
    if text.before(start) == b'<' && text.at(at) == b'>' {
        return Some(Link { kind: Kind::Element, value: at + 1, around: opened });
    }
    let closing = Quote::at(text, at);
    let is_closed = closing.is_some() && opened.is_some();
    if let Some((quote, behind)) = closing {
        if opened.is_some_and(|opened| opened != quote) {
            return None;
        }
        at = behind;
    }
    let around = opened.filter(|_| !is_closed);
    let ends_text = closing.is_some() && opened.is_none();
    let is_flag = dashes > 0;
    Named { text, at: past_index(text, at), is_closed, ends_text, is_flag, around }.link()
}

/// Behind `[0]` and closing brackets.
fn past_index(text: Bytes<'_>, at: usize) -> usize {
    let mut at = at;
    if text.at(at) == b'[' {
        let digits = text.run(at + 1, 8, |byte| byte.is_ascii_digit());
        at += if text.at(at + 1 + digits) == b']' { 2 + digits } else { 0 };
    }
    text.past(at, 4, |byte| matches!(byte, b']' | b')'))
}

/// A name that was read to its end.
#[derive(Clone, Copy)]
struct Named<'t> {
    text: Bytes<'t>,
    at: usize,
    is_closed: bool,
    /// Whether it is the last word of a text in marks.
    ends_text: bool,
    is_flag: bool,
    around: Option<Quote>,
}

impl Named<'_> {
    fn link(self) -> Option<Link> {
        let spaced = self.blanks(self.at);
        self.assignment(spaced)
            .or_else(|| self.typed(spaced))
            .or_else(|| self.next_element(spaced))
            .or_else(|| self.call())
            .or_else(|| self.operator(spaced))
            .or_else(|| self.pair(spaced))
            .or_else(|| self.words(spaced))
    }

    fn to(self, kind: Kind, value: usize) -> Option<Link> {
        Some(Link { kind, value, around: self.around })
    }

    fn blanks(self, at: usize) -> usize {
        self.text.past_colors(self.text.past(at, BLANKS_MAX, is_blank))
    }

    fn spaces(self, at: usize) -> usize {
        self.text.past_colors(self.text.past(at, SPACES_MAX, is_space))
    }

    /// `.=`, `?=`, `::=`, `!=` and others that end in an equals sign, or in several, or in an arrow.
    fn assignment(self, at: usize) -> Option<Link> {
        let signs = self
            .text
            .run(at, 4, |byte| matches!(byte, b'.' | b'?' | b':' | b'!' | b'|' | b'+' | b'~'));
        let equals = at + signs;
        if self.text.at(equals) != b'=' {
            return None;
        }
        let behind = self.text.past(equals, 4, |byte| matches!(byte, b'=' | b'>' | b'~'));
        self.to(Kind::Operator, self.blanks(behind))
    }

    /// A type between name and value: `token: string = "x"`, `token string = "x"`.
    fn typed(self, at: usize) -> Option<Link> {
        let colon = usize::from(self.text.at(at) == b':');
        let start = self.blanks(at + colon);
        let is_type = |byte: u8| kinds::is(byte, TYPE);
        if at + colon == self.at || colon == 1 && start == at + 1 {
            return None;
        }
        let length = self.text.run(start, TYPE_BYTES_MAX, is_type);
        let value = start + length + 3;
        let is_value = length > 0
            && self.text.has(start + length, b" = ")
            && Quote::at(self.text, value).is_some();
        if is_value { self.to(Kind::Operator, value) } else { None }
    }

    /// Another element tells the value: `<x name="token"/><x value="y"/>`, `<name>token</name><value>y</value>`.
    fn next_element(self, at: usize) -> Option<Link> {
        if !self.is_closed {
            return None;
        }
        let mut at = self.spaces(at);
        let end = self.text.any(at, &[b"/>", b">"])?;
        at = self.spaces(at + end);
        if self.text.has(at, b"</") {
            at = self.spaces(self.text.past(at, BLANKS_MAX, |byte| byte != b'>') + 1);
        }
        if self.text.at(at) != b'<' {
            return None;
        }
        if let Some(value) = value_key(self.text, at + 1) {
            return Some(Link { kind: Kind::Operator, value, around: None });
        }
        let tag = self.text.past(at, SPACES_MAX, |byte| byte != b'>');
        let is_value = self.text.has(at + 1, b"value") && self.text.at(tag) == b'>';
        if is_value { self.to(Kind::Element, tag + 1) } else { None }
    }

    /// `secret("x")`
    fn call(self) -> Option<Link> {
        let is_call = self.text.at(self.at) == b'(' && Quote::at(self.text, self.at + 1).is_some();
        if is_call { self.to(Kind::Operator, self.at + 1) } else { None }
    }

    fn operator(self, at: usize) -> Option<Link> {
        const ENCODED: [&[u8]; 6] = [b"%3D", b"%3d", b"%3A", b"%3a", b"\\u003d", b"&#61;"];
        match (self.text.at(at), self.text.at(at + 1)) {
            (b'%' | b'\\' | b'&', _) => {
                let length = self.text.any(at, &ENCODED)?;
                self.to(Kind::Operator, at + length)
            }
            (b':', b':') => None,
            (b':', _) => self.to(Kind::Operator, self.spaces(at + 1)),
            (b'-', b'>') => self.to(Kind::Operator, self.blanks(at + 2)),
            _ => None,
        }
    }

    /// `("name", "x")`, `{"name": "token", "value": "x"}`, and a column of a table.
    fn pair(self, at: usize) -> Option<Link> {
        let is_comma = self.text.at(at) == b',';
        if !self.is_closed {
            let next = self.text.at(at + 1);
            return match next {
                _ if !is_comma || self.ends_text || self.around.is_some() => None,
                b'"' => self.to(Kind::Comma, at + 1),
                _ if next.is_ascii_alphanumeric() => self.to(Kind::Words, at + 1),
                _ => None,
            };
        }
        let value = self.spaces(at + usize::from(is_comma));
        if (is_comma || at > self.at)
            && let Some(value) = value_key(self.text, value)
        {
            return self.to(Kind::Operator, value);
        }
        let is_quoted =
            is_comma && self.text.at(value) != b'`' && Quote::at(self.text, value).is_some();
        if is_quoted { self.to(Kind::Comma, value) } else { None }
    }

    fn words(self, at: usize) -> Option<Link> {
        const VERBS: [&[u8]; 4] = [b"is ", b"was ", b"to ", b"= "];
        if at == self.at || self.is_closed {
            return None;
        }
        if self.is_flag {
            return if self.text.at(at) == b'-' { None } else { self.to(Kind::Flag, at) };
        }
        let is_verb = matches!(self.text.at(at), b'i' | b'w' | b't' | b'=');
        let verb = if is_verb { self.text.any(at, &VERBS) } else { None }.unwrap_or_default();
        self.to(Kind::Words, self.blanks(at + verb))
    }
}

/// Behind `value=`, `"value":` and the like.
fn value_key(text: Bytes<'_>, at: usize) -> Option<usize> {
    let start = Quote::at(text, at).map_or(at, |(_, behind)| behind);
    let end = start + text.any(start, &[b"value", b"Value", b"val"])?;
    let end = Quote::at(text, end).map_or(end, |(_, behind)| behind);
    let sign = text.past(end, BLANKS_MAX, is_blank);
    let is_sign = matches!(text.at(sign), b'=' | b':');
    is_sign.then(|| text.past(sign + 1, BLANKS_MAX, is_blank))
}
