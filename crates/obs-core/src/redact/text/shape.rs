//! Tokens that are known by their prefix.
use super::bytes::Bytes;
use super::kinds::{
    self, ALNUM, BASE64, CAPITAL, CRYPT, DASH, DIGIT, DOT, HEX, SMALL, UNDERSCORE, URL,
};
use super::list::List;
use super::shapes::GIVERS;
use super::short::Short;
use super::{Finder, Found};

/// So much of a token tells whether it is one.
const HEAD_BYTES: usize = 32;

/// A token of capitals alone has so many.
const LENGTH_MIN: usize = 10;

/// A kind of token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) prefix: Short,
    set: Set,
    /// Characters behind the prefix, at least.
    length_min: usize,
    rule: &'static str,
}

const SHAPES_MAX: usize = 512;
pub(super) type Shapes = List<Shape, SHAPES_MAX>;

/// All kinds, and those of them that can be told when they are written as base64 once more.
pub(super) static SHAPES: Shapes = all();

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
    const fn kinds(self) -> u32 {
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
}

const fn all() -> Shapes {
    let blank = Shape { prefix: Short::EMPTY, set: Set::Any, length_min: 0, rule: "" };
    let (mut shapes, mut giver) = (Shapes::new(blank), 0);
    while giver < GIVERS.len() {
        let (rule, set, length_min, prefixes) = GIVERS[giver];
        let mut at = 0;
        while at < prefixes.len() {
            shapes.push(Shape { prefix: Short::new(prefixes[at]), set, length_min, rule });
            at += 1;
        }
        giver += 1;
    }
    let (count, mut at) = (shapes.as_slice().len(), 0);
    while at < count {
        if let Some(encoded) = shapes.as_slice()[at].encoded() {
            shapes.push(encoded);
        }
        at += 1;
    }
    shapes
}

impl Shape {
    /// What may stand right behind the prefix.
    pub(super) const fn next(&self) -> u32 {
        match self.set {
            Set::Hex => HEX,
            Set::Upper => CAPITAL | DIGIT,
            Set::Alnum | Set::Any => ALNUM,
            Set::Word | Set::Dash | Set::Dots => Set::Dash.kinds(),
            Set::B64 | Set::Crypt => Set::B64.kinds() | Set::Crypt.kinds(),
            Set::Url => URL,
        }
    }

    /// The same in base64, where so much of the prefix is left that it is told by it.
    const fn encoded(&self) -> Option<Self> {
        let prefix = self.prefix.base64();
        if prefix.len() < 6 || matches!(self.set, Set::Url | Set::Crypt) {
            return None;
        }
        let length_min = self.length_min * 4 / 3;
        Some(Self { prefix, set: Set::B64, length_min, rule: self.rule })
    }
}

impl Finder {
    pub(super) fn shape(&self, text: Bytes<'_>, start: usize, number: usize) -> Option<Found<'_>> {
        let shape = &SHAPES.as_slice()[number];
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
        is_token.then(|| Found::new(start..end(), shape.rule))
    }
}

/// Words in kebab or snake case are no tokens: those have digits, or capitals and not only at the beginning of words.
fn is_random(token: &[u8]) -> bool {
    let any = token.iter().fold(0, |any, byte| any | kinds::of(*byte));
    let capitals = || token.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    any & DIGIT != 0 || any & CAPITAL != 0 && (any & SMALL != 0 || capitals() >= LENGTH_MIN)
}
