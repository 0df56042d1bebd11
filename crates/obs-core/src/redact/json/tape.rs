//! Where the parts of a JSON text are: a list of places, made in one pass without recursion.
use std::ops::Range;

/// A part of a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    start: u32,
    end: u32,
    /// For what opens, the number of the token that closes it.
    pub(super) close: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    /// The end of either.
    Close,
    /// With its marks.
    Key,
    String,
    Number,
    /// `true`, `false`, `null`.
    Word,
}

impl Token {
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
    Nothing,
}

/// The parts of a JSON text, in order.
#[derive(Debug, Default)]
pub(super) struct Tape {
    pub(super) tokens: Vec<Token>,
    /// What is open while it is made.
    open: Vec<u32>,
}

/// Fills `tape` with the parts of one JSON value. Says whether the text is one.
pub(super) fn fill(tape: &mut Tape, text: &str) -> bool {
    let Tape { tokens: tape, open } = tape;
    tape.clear();
    open.clear();
    let (bytes, mut at, mut next) = (text.as_bytes(), 0, Next::Value);
    if u32::try_from(bytes.len()).is_err() {
        return false;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            at += 1;
            continue;
        }
        let in_object = open.last().map(|first| tape[*first as usize].kind == Kind::Object);
        let step = match (*byte, next) {
            (b',', Next::CommaOrEnd) => {
                next = if in_object == Some(true) { Next::Key } else { Next::Value };
                at += 1;
                continue;
            }
            (b'}', Next::KeyOrEnd | Next::CommaOrEnd) if in_object == Some(true) => {
                close(tape, open, at)
            }
            (b']', Next::ValueOrEnd | Next::CommaOrEnd) if in_object == Some(false) => {
                close(tape, open, at)
            }
            (b'"', Next::Key | Next::KeyOrEnd) => key(tape, bytes, at),
            (_, Next::Value | Next::ValueOrEnd) => value(tape, open, bytes, at),
            _ => None,
        };
        let Some(end) = step else { return false };
        let last = tape[tape.len() - 1].kind;
        next = match last {
            Kind::Key => Next::Value,
            Kind::Object => Next::KeyOrEnd,
            Kind::Array => Next::ValueOrEnd,
            _ if open.is_empty() => Next::Nothing,
            _ => Next::CommaOrEnd,
        };
        at = end;
    }
    next == Next::Nothing
}

fn push(tape: &mut Vec<Token>, kind: Kind, start: usize, end: usize) -> Option<usize> {
    tape.push(Token { kind, start: start as u32, end: end as u32, close: 0 });
    Some(end)
}

fn close(tape: &mut Vec<Token>, open: &mut Vec<u32>, at: usize) -> Option<usize> {
    let first = open.pop()? as usize;
    tape[first].close = tape.len() as u32;
    push(tape, Kind::Close, at, at + 1)
}

/// A key with its colon.
fn key(tape: &mut Vec<Token>, bytes: &[u8], at: usize) -> Option<usize> {
    let end = string_end(bytes, at)?;
    push(tape, Kind::Key, at, end)?;
    let blanks = bytes[end..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    (bytes.get(end + blanks) == Some(&b':')).then_some(end + blanks + 1)
}

fn value(tape: &mut Vec<Token>, open: &mut Vec<u32>, bytes: &[u8], at: usize) -> Option<usize> {
    let kind = match bytes[at] {
        b'{' => Kind::Object,
        b'[' => Kind::Array,
        b'"' => return push(tape, Kind::String, at, string_end(bytes, at)?),
        b'-' | b'0'..=b'9' => {
            let is_part = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
            let length = bytes[at..].iter().take_while(is_part).count();
            return push(tape, Kind::Number, at, at + length);
        }
        _ => {
            let words: [&[u8]; 3] = [b"true", b"false", b"null"];
            let word = words.iter().find(|word| bytes[at..].starts_with(word))?;
            return push(tape, Kind::Word, at, at + word.len());
        }
    };
    open.push(tape.len() as u32);
    push(tape, kind, at, at + 1)
}

/// Behind the mark that closes the string whose first mark is at `at`.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += plain(bytes.get(at..)?);
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => return None,
        }
    }
}

/// How many bytes stand before a mark, a backslash or a control, eight at a time.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let is_zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let mut length = 0;
    for eight in bytes.chunks_exact(8) {
        let word = eight.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let is_mark =
            is_zero(word ^ (ONES * u64::from(b'"'))) | is_zero(word ^ (ONES * u64::from(b'\\')));
        let is_control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (is_mark | is_control) & HIGH;
        if found != 0 {
            return length + found.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let is_end = |byte: &u8| matches!(byte, b'"' | b'\\') || *byte < 0x20;
    let rest = &bytes[length..];
    length + rest.iter().position(is_end).unwrap_or(rest.len())
}
