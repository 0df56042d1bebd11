//! Judges a name: does a secret stand under it?

use super::vocabulary::{GLUED, LOOSE, endings, heads, meaning};
use super::words::{Head, NAMES_PLAIN, NAMES_SECRET, Qualifiers};

/// Words looked at from the end of a name; what stands before them decides nothing.
const WORDS_MAX: usize = 8;

/// Whether values under a name are secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// Nothing says so.
    Plain,
    /// They are, by the rule of this name, as `name:password`.
    Secret(&'static str),
}

impl Class {
    /// The rule's name; `None` if plain.
    pub fn rule(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Secret(rule) => Some(rule),
        }
    }
}

/// Judges the name of an attribute, JSON key, header, environment variable or command-line flag.
///
/// The name is cut into words at `camelCase` humps and at everything that is neither letter nor
/// digit; letter case counts for nothing else. The last word decides, for ambiguous ones together
/// with the word before it (`api_key` but not `primary_key`), also where they are written as one
/// (`dbpassword`, `apikey`). Numbers and words such as `value`, `old` or `prod` at the end are
/// passed over. Look-alikes are plain: `max_tokens`, `token_type`, `next_page_token`, `key_id`,
/// `has_password`, `secret_name`, `session_id`; so is `PWD`, the shell's working directory.
///
/// A secret is text or a number: a boolean or a null under a secret name may be shown.
/// Does not allocate; takes time in proportion to the length.
///
/// ```
/// use obs_core::redact::{Class, classify};
///
/// assert_eq!(classify("http.request.header.authorization"), Class::Secret("name:authorization"));
/// assert_eq!(classify("--dbPassword"), Class::Secret("name:password"));
/// assert_eq!(classify("gen_ai.usage.output_tokens"), Class::Plain);
/// ```
pub fn classify(name: &str) -> Class {
    if NAMES_PLAIN.contains(&name) {
        return Class::Plain;
    }
    if let Some((_, rule)) = NAMES_SECRET.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
        return Class::Secret(rule);
    }
    let mut words = [""; WORDS_MAX];
    let mut count = 0;
    let (mut asks, mut counts) = (false, false);
    // A bit for each word.
    let mut transparent = 0_u32;
    for word in words_from_end(name) {
        let meaning = meaning(word);
        asks |= meaning.asks;
        counts |= meaning.counts;
        if count < WORDS_MAX {
            words[count] = word;
            transparent |= u32::from(meaning.is_transparent) << count;
            count += 1;
        }
    }
    for (place, last) in words[..count].iter().enumerate() {
        let digits = last.bytes().rev().take_while(u8::is_ascii_digit).count();
        let stem = &last[..last.len() - digits];
        let is_count = counts && stem.ends_with(['s', 'S']);
        let before = words[..count].get(place + 1).copied().unwrap_or("");
        match judge(stem, before) {
            Some(Class::Secret(_)) if asks || is_count => return Class::Plain,
            Some(class) => return class,
            None if stem.is_empty() || transparent >> place & 1 == 1 => {}
            None if digits > 0 && meaning(stem).is_transparent => {}
            None => return Class::Plain,
        }
    }
    Class::Plain
}

/// What the last word of a name and the one before it say; `None` if nothing.
fn judge(last: &str, before: &str) -> Option<Class> {
    let (mut exact, mut glued, mut qualified) = (0, 0, 0);
    endings(last, |length, meaning| {
        exact = if length == last.len() { meaning.heads } else { exact };
        let heads = meaning.heads & GLUED;
        glued |= heads;
        qualified |= if heads == 0 { 0 } else { heads & qualifiers(&last[..last.len() - length]) };
    });
    let by_word = if exact == 0 { 0 } else { meaning(before).qualifies };
    let is_alone = before.is_empty();
    let exactly = |(bit, head)| verdict(head, is_alone, by_word & bit != 0);
    let at_end = |(bit, head)| verdict(head, false, qualified & bit != 0);
    heads(exact).find_map(exactly).or_else(|| heads(glued).find_map(at_end))
}

/// The heads that are qualified by what stands before them in the same word.
fn qualifiers(rest: &str) -> u64 {
    const LENGTH_MIN: usize = 3;
    let mut bits = 0;
    endings(rest, |length, meaning| {
        bits |= match length {
            _ if length == rest.len() => meaning.qualifies,
            LENGTH_MIN.. => meaning.qualifies & LOOSE,
            _ => 0,
        };
    });
    bits
}

fn verdict(head: &'static Head, is_alone: bool, is_qualified: bool) -> Option<Class> {
    match head.qualifiers {
        Qualifiers::Unless(_) if is_qualified => Some(Class::Plain),
        Qualifiers::Unless(_) => Some(Class::Secret(head.rule)),
        Qualifiers::After(_) if is_qualified => Some(Class::Secret(head.rule)),
        Qualifiers::AloneOrAfter(_) if is_alone || is_qualified => Some(Class::Secret(head.rule)),
        Qualifiers::After(_) | Qualifiers::AloneOrAfter(_) => None,
    }
}

/// The words of a name, the last one first.
pub(super) fn words_from_end(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let is_sign = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
        let signs = rest.bytes().rev().take_while(is_sign).count();
        rest = &rest[..rest.len() - signs];
        if rest.bytes().next_back().is_some_and(|last| !last.is_ascii()) {
            rest = rest.trim_end_matches(|c: char| !c.is_alphanumeric());
        }
        let start = word_start(rest)?;
        let (before, word) = rest.split_at(start);
        rest = before;
        Some(word)
    })
}

/// Where the last word of a text begins that ends in a letter or digit; `None` if it is empty.
fn word_start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut start = bytes.len().checked_sub(1)?;
    if !bytes[start].is_ascii() {
        return word_start_of_any(text);
    }
    let (mut first, mut second) = (bytes[start], bytes[start]);
    while start > 0 {
        let before = bytes[start - 1];
        if !before.is_ascii() {
            return word_start_of_any(text);
        }
        let ends = first.is_ascii_uppercase()
            && (!before.is_ascii_uppercase() || second.is_ascii_lowercase());
        if ends || !before.is_ascii_alphanumeric() {
            break;
        }
        (start, first, second) = (start - 1, before, first);
    }
    Some(start)
}

/// The same for letters of all languages.
fn word_start_of_any(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().rev();
    let (mut start, mut first) = chars.next()?;
    let mut second = first;
    for (at, c) in chars {
        let hump = first.is_uppercase() && !c.is_uppercase();
        let acronym_ends = first.is_uppercase() && c.is_uppercase() && second.is_lowercase();
        if !c.is_alphanumeric() || hump || acronym_ends {
            break;
        }
        (start, first, second) = (at, c, first);
    }
    Some(start)
}
