//! Tokens that are known by their prefix.
use super::bytes::Bytes;
use super::kinds::{
    self, ALNUM, BASE64, CAPITAL, CRYPT, DASH, DIGIT, DOT, HEX, SMALL, UNDERSCORE, URL,
};
use super::shapes::GIVERS;
use super::{Finder, Found};
use std::borrow::Cow;
use std::sync::Arc;

/// So much of a token tells whether it is one.
const HEAD_BYTES: usize = 32;

/// A token of capitals alone has so many.
const LENGTH_MIN: usize = 10;

/// A kind of token.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) prefix: Cow<'static, str>,
    set: Set,
    /// Characters behind the prefix, at least.
    length_min: usize,
    rule: Arc<str>,
}

/// Characters of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    Alnum,
    /// The same, also where they look like a word.
    Any,
    /// Capitals and digits.
    Upper,
    Hex,
    /// Letters, digits and `_`.
    Word,
    /// Those of `Word` and `-`.
    Dash,
    /// Those of `Dash` and `.`.
    Dots,
    /// Base64 in both alphabets, and what joins its parts.
    B64,
    /// Hashed passwords with their parameters.
    Crypt,
    /// The rest of an address.
    Url,
}

impl Set {
    fn kinds(self) -> u32 {
        match self {
            Self::Alnum | Self::Any => ALNUM,
            Self::Upper => CAPITAL | DIGIT,
            Self::Hex => HEX,
            Self::Word => ALNUM | UNDERSCORE,
            Self::Dash => ALNUM | UNDERSCORE | DASH,
            Self::Dots => ALNUM | UNDERSCORE | DASH | DOT,
            Self::B64 => ALNUM | UNDERSCORE | DASH | DOT | BASE64,
            Self::Crypt => ALNUM | CRYPT,
            Self::Url => URL,
        }
    }

    pub(super) fn has(self, byte: u8) -> bool {
        kinds::is(byte, self.kinds())
    }
}

/// All kinds, and those of them that can be told when they are written as base64 once more.
pub(super) fn all() -> Vec<Shape> {
    let kinds = GIVERS.iter().flat_map(|(giver, set, length_min, prefixes)| {
        let rule: Arc<str> = format!("shape:{giver}").into();
        prefixes.iter().map(move |prefix| Shape {
            prefix: Cow::Borrowed(prefix),
            set: *set,
            length_min: *length_min,
            rule: Arc::clone(&rule),
        })
    });
    let kinds: Vec<Shape> = kinds.collect();
    let encoded = kinds.iter().filter_map(Shape::encoded).collect::<Vec<_>>();
    kinds.into_iter().chain(encoded).collect()
}

impl Shape {
    /// What may stand right behind the prefix.
    pub(super) fn next(&self) -> fn(u8) -> bool {
        match self.set {
            Set::Hex => |byte| byte.is_ascii_hexdigit(),
            Set::Upper => |byte| Set::Upper.has(byte),
            Set::Alnum | Set::Any => |byte| byte.is_ascii_alphanumeric(),
            Set::Word | Set::Dash | Set::Dots => |byte| Set::Dash.has(byte),
            Set::B64 | Set::Crypt => |byte| Set::B64.has(byte) || Set::Crypt.has(byte),
            Set::Url => |byte| Set::Url.has(byte),
        }
    }

    /// The same in base64, where so much of the prefix is left that it is told by it.
    fn encoded(&self) -> Option<Self> {
        let prefix = base64_prefix(self.prefix.as_bytes());
        let is_known = prefix.len() >= 6 && !matches!(self.set, Set::Url | Set::Crypt);
        let length_min = self.length_min * 4 / 3;
        is_known.then(|| Self {
            prefix: prefix.into(),
            set: Set::B64,
            length_min,
            rule: Arc::clone(&self.rule),
        })
    }
}

/// The characters of base64 that the first bytes of what is encoded decide.
pub(in crate::redact) fn base64_prefix(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let sextet = |at: usize| {
        let (first, bit) = (at * 6 / 8, at * 6 % 8);
        u16::from_be_bytes([byte(first), byte(first + 1)]) << bit >> 10
    };
    (0..bytes.len() * 8 / 6).map(|at| char::from(DIGITS[usize::from(sextet(at))])).collect()
}

impl Finder {
    pub(super) fn shape(&self, text: Bytes<'_>, start: usize, number: usize) -> Option<Found<'_>> {
        let shape = &self.shapes[number];
        let begins = shape.prefix.as_bytes().first()?;
        if begins.is_ascii_alphanumeric() && !text.is_start(start) {
            return None;
        }
        let body = start + shape.prefix.len();
        let set = shape.set.kinds();
        let has = |byte| kinds::is(byte, set);
        let head = text.run(body, HEAD_BYTES, has);
        let is_token = (shape.set == Set::Any || is_random(text.part(body, body + head)))
            && text.run(body, shape.length_min, has) >= shape.length_min;
        let end = || text.past(body, usize::MAX, has);
        is_token.then(|| Found::new(start..end(), &shape.rule))
    }
}

/// Words in kebab or snake case are no tokens: those have digits, or capitals and not only at the beginning of words.
fn is_random(token: &[u8]) -> bool {
    let any = token.iter().fold(0, |any, byte| any | kinds::of(*byte));
    let capitals = || token.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    any & DIGIT != 0 || any & CAPITAL != 0 && (any & SMALL != 0 || capitals() >= LENGTH_MIN)
}
