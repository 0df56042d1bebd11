//! What a program adds to the built-in rules.
use super::name::{Class, classify, words_from_end};
use regex_lite::Regex;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A prefix is not shorter: it is what a text is searched for.
const PREFIX_BYTES_MIN: usize = 3;
const RULE_BYTES_MAX: usize = 40;
const NAME_RULE: &str = "name:added";
const PATTERN_RULE: &str = "pattern:";

/// Rules beside the built-in ones; assign fields after [`Rules::default`], or read them from a text, as the setting
/// `redact` does: names with commas between, `!` before those that are plain, and patterns between slashes.
///
/// ```
/// use obs_core::redact::{Redactor, Rules};
///
/// let rules: Rules = "badge_number, !csrf_token, badge=/ACME-[0-9]{4,8}/".parse()?;
/// let redactor = Redactor::with_rules(rules);
/// assert_eq!(redactor.redact("badgeNumber=7 csrf_token=8"), "badgeNumber=[REDACTED:name:added] csrf_token=8");
/// # Ok::<(), obs_core::redact::PatternError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// Names whose values are secret: `badge_number` also means `badgeNumber` and `staff.badge_number`.
    pub names: Vec<String>,
    /// Names whose values are not, whatever the other rules say of them.
    pub plain_names: Vec<String>,
    /// What secrets look like, wherever they stand.
    pub patterns: Vec<Pattern>,
}

impl Rules {
    /// Whether there are none beside the built-in ones.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.plain_names.is_empty() && self.patterns.is_empty()
    }

    /// Judges a name: these rules first, then [`classify`].
    pub fn classify(&self, name: &str) -> Class {
        let is_in = |names: &[String]| names.iter().any(|wanted| ends_with(name, wanted));
        if is_in(&self.plain_names) {
            return Class::Plain;
        }
        if is_in(&self.names) { Class::Secret(NAME_RULE) } else { classify(name) }
    }
}

/// Whether the last words of `name` are those of `wanted`.
fn ends_with(name: &str, wanted: &str) -> bool {
    let mut words = words_from_end(name);
    let fits = |word: &str| words.next().is_some_and(|own| own.eq_ignore_ascii_case(word));
    words_from_end(wanted).next().is_some() && words_from_end(wanted).all(fits)
}

/// What a secret looks like: a literal beginning, and a regular expression for the whole.
#[derive(Clone)]
pub struct Pattern {
    rule: String,
    prefix: String,
    expression: String,
    whole: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.rule, &self.expression) == (&other.rule, &other.expression)
    }
}

impl Eq for Pattern {}

impl FromStr for Rules {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let mut rules = Self::default();
        let mut rest = text.trim_matches(is_separator);
        while !rest.is_empty() {
            let end = rest.find([',', '=']).unwrap_or(rest.len());
            let (name, behind) = (rest[..end].trim(), &rest[end..]);
            let expression = behind.strip_prefix('=').map(str::trim_start);
            let end = match expression.map(|text| text.strip_prefix('/').unwrap_or_default()) {
                Some(expression) => {
                    let end = expression.find("/,").unwrap_or(expression.len());
                    let expression = expression[..end].trim_end().trim_end_matches('/');
                    rules.patterns.push(Pattern::new(name, expression)?);
                    rest.find("/,").map_or(rest.len(), |at| at + 1)
                }
                None => {
                    let (names, name) = match name.strip_prefix('!') {
                        Some(name) => (&mut rules.plain_names, name),
                        None => (&mut rules.names, name),
                    };
                    if words_from_end(name).next().is_none() || !name.chars().all(is_name) {
                        return Err(PatternError::Name { name: name.to_owned() });
                    }
                    names.push(name.trim().to_owned());
                    end
                }
            };
            rest = rest[end..].trim_start_matches(is_separator);
        }
        Ok(rules)
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ')
}

fn is_separator(c: char) -> bool {
    c == ',' || c.is_whitespace()
}

/// As [`Rules::from_str`] reads it.
impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names.iter().cloned();
        let plain = self.plain_names.iter().map(|name| format!("!{name}"));
        let patterns = self.patterns.iter().map(|pattern| {
            let name = pattern.rule.trim_start_matches(PATTERN_RULE);
            format!("{name}=/{}/", pattern.expression)
        });
        f.write_str(&names.chain(plain).chain(patterns).collect::<Vec<_>>().join(","))
    }
}

impl Pattern {
    /// Such as `Pattern::new("badge", "ACME-[0-9]{8}")`: markers then say `[REDACTED:pattern:badge]`.
    ///
    /// The expression begins with at least three characters that stand for themselves, because those are what texts are
    /// searched for; a match has 4 KiB at most. Matching takes time in proportion to its length.
    ///
    /// # Errors
    ///
    /// [`PatternError`] says what is wrong with name or expression.
    ///
    /// ```
    /// use obs_core::redact::{Pattern, Redactor, Rules};
    ///
    /// let mut rules = Rules::default();
    /// rules.patterns.push(Pattern::new("badge", "ACME-[0-9]{8}")?);
    /// let text = Redactor::with_rules(rules).redact("badge ACME-20261122 lost").into_owned();
    /// assert_eq!(text, "badge [REDACTED:pattern:badge] lost");
    /// # Ok::<(), obs_core::redact::PatternError>(())
    /// ```
    pub fn new(name: &str, expression: &str) -> Result<Self, PatternError> {
        let is_part = |b: u8| b.is_ascii_lowercase() || b == b'_';
        let is_name = !name.is_empty() && name.len() <= RULE_BYTES_MAX && name.bytes().all(is_part);
        if !is_name {
            return Err(PatternError::PatternName { name: name.to_owned() });
        }
        let prefix = literal_prefix(expression);
        if prefix.len() < PREFIX_BYTES_MIN {
            return Err(PatternError::Prefix {
                name: name.to_owned(),
                expression: expression.to_owned(),
            });
        }
        let whole = Regex::new(&format!("^(?:{expression})")).map_err(|error| {
            PatternError::Expression { name: name.to_owned(), reason: error.to_string() }
        })?;
        let (rule, expression) = (format!("{PATTERN_RULE}{name}"), expression.to_owned());
        Ok(Self { rule, prefix, expression, whole })
    }

    pub(super) fn rule(&self) -> &str {
        &self.rule
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// How many bytes at the beginning of `text` are a match.
    pub(super) fn length(&self, text: &str) -> Option<usize> {
        self.whole.find(text).map(|found| found.end())
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} /{}/", self.rule, self.whole)
    }
}

/// The characters at the beginning of an expression that can only match themselves, once.
fn literal_prefix(expression: &str) -> String {
    let is_special = |c: char| r"\.+*?()|[]{}^$".contains(c);
    let end = expression.find(is_special).unwrap_or(expression.len());
    let repeats = expression[end..].starts_with(['*', '?', '{']);
    let mut prefix = &expression[..end];
    if repeats && let Some((last, _)) = prefix.char_indices().next_back() {
        prefix = &prefix[..last];
    }
    if expression.contains('|') && !expression[..expression.find('|').unwrap_or(0)].contains('(') {
        prefix = "";
    }
    prefix.to_owned()
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PatternError {
    /// Its name is not one that markers can hold.
    #[error("the name {name:?} of a pattern is not of a-z and _, with 40 characters at most")]
    PatternName {
        /// The name.
        name: String,
    },
    /// A name is made of letters, digits and what joins them.
    #[error("{name:?} is no name; a pattern has one before it, as in id=/ACME-[0-9]+/")]
    Name {
        /// The name.
        name: String,
    },
    /// Nothing to search for.
    #[error(
        "pattern {name}: {expression:?} does not begin with three characters that stand for themselves"
    )]
    Prefix {
        /// The pattern's name.
        name: String,
        /// Its expression.
        expression: String,
    },
    /// Not a regular expression.
    #[error("pattern {name}: {reason}")]
    Expression {
        /// The pattern's name.
        name: String,
        /// What the parser says.
        reason: String,
    },
}
