//! What a name in a text says of its value.
use crate::redact::name::words_from_end;
use crate::redact::rules::Rules;

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

const SETS: usize = 4;
const NAMES_PER_SET: usize = 4;
/// Longer names are judged each time.
const KNOWN_BYTES_MAX: usize = 30;

/// A few names with their verdicts: texts repeat themselves.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// Those that were asked for last first.
    sets: [[Option<Judged>; NAMES_PER_SET]; SETS],
}

/// What is said by a name, without the number that it may end in.
#[derive(Debug, Clone, Copy)]
struct Judged {
    name: [u8; KNOWN_BYTES_MAX],
    length: u8,
    is_numbered: bool,
    verdict: Verdict,
}

impl Judged {
    fn is(&self, name: &[u8], is_numbered: bool) -> bool {
        self.is_numbered == is_numbered && self.name[..usize::from(self.length)] == *name
    }
}

impl Known {
    /// Judges a name, by the same rules each time. Tells where that takes longer.
    pub(super) fn verdict(
        &mut self,
        rules: &Rules,
        name: &[u8],
        mut tell_new: impl FnMut(),
    ) -> Verdict {
        let has_numbers = rules.names.is_empty() && rules.plain_names.is_empty();
        let digits = if has_numbers { number_behind(name) } else { 0 };
        let (alike, is_numbered) = (&name[..name.len() - digits], digits > 0);
        let set = &mut self.sets[set(alike)];
        for place in 0..NAMES_PER_SET {
            if let Some(known) = set[place].filter(|known| known.is(alike, is_numbered)) {
                set[..=place].rotate_right(1);
                return known.verdict;
            }
        }
        tell_new();
        let verdict = Verdict::of(rules, &String::from_utf8_lossy(name));
        let mut new = Judged { name: [0; _], length: alike.len() as u8, is_numbered, verdict };
        if let Some(room) = new.name.get_mut(..alike.len()) {
            room.copy_from_slice(alike);
            set.rotate_right(1);
            set[0] = Some(new);
        }
        verdict
    }
}

/// How many digits a name ends in that has a sign before them: the built-in rules judge `key_17` as `key_18`.
fn number_behind(name: &[u8]) -> usize {
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let before = name.len() - digits;
    let is_number = digits > 0 && before > 0 && matches!(name[before - 1], b'_' | b'-' | b'.');
    if is_number { digits } else { 0 }
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
