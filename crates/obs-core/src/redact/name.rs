//! Judges a name: does a secret stand under it?

use super::words::{
    HEADS, Head, NAMES_PLAIN, NAMES_SECRET, PREDICATES, QUANTIFIERS, Qualifiers, TRANSPARENT,
};

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
    let mut asks = false;
    let mut counts = false;
    for word in words_from_end(name) {
        if count < WORDS_MAX {
            words[count] = word;
            count += 1;
        }
        asks |= is_in(word, PREDICATES);
        counts |= is_in(word, QUANTIFIERS);
    }
    let mut words = &words[..count];
    while let Some((last, before)) = words.split_first() {
        let stem = last.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_count = counts && stem.ends_with(['s', 'S']);
        match judge(stem, before.first().copied().unwrap_or("")) {
            Some(Class::Secret(_)) if asks || is_count => return Class::Plain,
            Some(class) => return class,
            None if stem.is_empty() || is_in(last, TRANSPARENT) || is_in(stem, TRANSPARENT) => {
                words = before;
            }
            None => return Class::Plain,
        }
    }
    Class::Plain
}

/// What the last word of a name and the one before it say; `None` if nothing.
fn judge(last: &str, before: &str) -> Option<Class> {
    let exact = |head: &Head| {
        let named = is_in(last, head.words);
        let qualifies = |q: &str| q.eq_ignore_ascii_case(before);
        if named { verdict(head, before.is_empty(), qualifies) } else { None }
    };
    let glued = |head: &Head| {
        let rest = head.words.iter().filter(|_| head.glued).find_map(|w| strip_end(last, w))?;
        let loose = !matches!(head.qualifiers, Qualifiers::Unless(_));
        let qualifies = |q: &str| {
            strip_end(rest, q).is_some_and(|left| left.is_empty() || (loose && q.len() >= 3))
        };
        verdict(head, false, qualifies)
    };
    HEADS.iter().find_map(exact).or_else(|| HEADS.iter().find_map(glued))
}

fn verdict(head: &Head, alone: bool, qualifies: impl Fn(&str) -> bool) -> Option<Class> {
    let any = |words: &[&str]| words.iter().any(|q| qualifies(q));
    match head.qualifiers {
        Qualifiers::Unless(words) if any(words) => Some(Class::Plain),
        Qualifiers::Unless(_) => Some(Class::Secret(head.rule)),
        Qualifiers::After(words) if any(words) => Some(Class::Secret(head.rule)),
        Qualifiers::AloneOrAfter(words) if alone || any(words) => Some(Class::Secret(head.rule)),
        Qualifiers::After(_) | Qualifiers::AloneOrAfter(_) => None,
    }
}

fn is_in(word: &str, words: &[&str]) -> bool {
    words.iter().any(|w| w.eq_ignore_ascii_case(word))
}

/// `text` without `end`, letter case apart; `None` if it does not end so.
fn strip_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let (rest, tail) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    tail.eq_ignore_ascii_case(end).then_some(rest)
}

/// The words of a name, the last one first.
pub(super) fn words_from_end(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_end_matches(|c: char| !c.is_alphanumeric());
        let start = word_start(rest)?;
        let (before, word) = rest.split_at(start);
        rest = before;
        Some(word)
    })
}

/// Where the last word of a text begins that ends in a letter or digit; `None` if it is empty.
fn word_start(text: &str) -> Option<usize> {
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
