//! What a name in a text says of its value.
use super::bytes::Bytes;
use crate::redact::name::words_from_end;
use crate::redact::rules::Rules;
use std::ops::Range;

/// How much a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Plain,
    /// Its value is secret if it looks like nothing but a password.
    Faint,
    /// It is, if it looks random.
    Weak,
    /// It is, by this rule.
    Strong(&'static str),
}

impl Verdict {
    pub(super) fn of(rules: &Rules, word: &str) -> Self {
        match rules.classify(word).rule() {
            Some(rule) => Self::Strong(rule),
            None if is_weak(word) => Self::Weak,
            None if has_stem(word.as_bytes()) => Self::Faint,
            None => Self::Plain,
        }
    }

    pub(super) fn is_strong(self) -> bool {
        matches!(self, Self::Strong(_))
    }
}

const SETS: usize = 8;

/// A few names of a text with their verdicts: texts repeat themselves.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Two names each, that which was asked for last first.
    sets: [[Judged; 2]; SETS],
}

/// Where a name stands, and what it says.
type Judged = Option<(Range<usize>, Verdict)>;

impl Known {
    /// Judges the name in `range` of the text, the same text each time.
    pub(super) fn verdict(
        &mut self,
        rules: &Rules,
        text: Bytes<'_>,
        range: &Range<usize>,
    ) -> Verdict {
        let name = text.part(range.start, range.end);
        let set = &mut self.sets[set(name)];
        for place in 0..2 {
            if let Some((known, verdict)) = &set[place]
                && text.part(known.start, known.end) == name
            {
                let verdict = *verdict;
                set.swap(0, place);
                return verdict;
            }
        }
        let verdict =
            std::str::from_utf8(name).map_or(Verdict::Plain, |word| Verdict::of(rules, word));
        set.swap(0, 1);
        set[0] = Some((range.clone(), verdict));
        verdict
    }
}

/// Where a name is remembered, by its length and its first and last four bytes.
fn set(name: &[u8]) -> usize {
    let (first, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => (u32::from_le_bytes(*first), u32::from_le_bytes(*last)),
        _ => (0, name.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))),
    };
    ((first ^ last.rotate_left(9) ^ name.len() as u32).wrapping_mul(0x9e37_79b1) >> 29) as usize
        % SETS
}

/// Whether the last word of a name is one that may stand for a secret.
pub(super) fn is_weak(word: &str) -> bool {
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
pub(super) fn has_stem(word: &[u8]) -> bool {
    const STEMS: [&[u8]; 5] = [b"passw", b"pass_", b"secret", b"apikey", b"passphrase"];
    let is_stem = |at: usize| {
        STEMS.iter().any(|stem| {
            let found = word.get(at..at + stem.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(stem))
        })
    };
    let begins = |at: &usize| matches!(word[*at] | 0x20, b'p' | b's' | b'a');
    (0..word.len()).filter(begins).any(is_stem)
}
