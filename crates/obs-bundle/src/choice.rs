//! Which files a bundle is to have, by their paths in it.
use crate::error::{BundleError, BundleErrorKind};
use glob::Pattern;
use std::fmt;
use std::str::FromStr;

/// A pattern for paths: `*` for any characters, slashes too, `?` for one, `[a-z]` for one of several. Upper and lower
/// case differ.
///
/// ```
/// let logs: obs_bundle::Glob = "run/log*".parse()?;
/// assert!(logs.matches("run/log.0001.jsonl") && !logs.matches("journal/000001.seg"));
/// # Ok::<(), obs_bundle::BundleError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Glob {
    pattern: Pattern,
}

impl Glob {
    /// Whether the pattern fits all of `path`.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.pattern.matches(path)
    }
}

impl FromStr for Glob {
    type Err = BundleError;

    fn from_str(text: &str) -> Result<Self, BundleError> {
        let pattern = Pattern::new(text).map_err(|error| {
            let message =
                format!("cannot read \"{}\" as a pattern: {}", text.escape_debug(), error.msg);
            BundleError::new(BundleErrorKind::Pattern, message)
        })?;
        Ok(Self { pattern })
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pattern.as_str())
    }
}

/// Whether a file with this path is wanted: some pattern includes it, or there are none, and none excludes it.
pub(crate) fn is_wanted(path: &str, include: &[Glob], exclude: &[Glob]) -> bool {
    let fits = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(path));
    (include.is_empty() || fits(include)) && !fits(exclude)
}

/// What all patterns may have together: a verifier looks at each path with each of them.
const PATTERN_BYTES_MAX: usize = 1_000;

/// Refuses more patterns than a bundle can be verified with.
pub(crate) fn check(include: &[Glob], exclude: &[Glob]) -> Result<(), BundleError> {
    let bytes: usize = include.iter().chain(exclude).map(|it| it.pattern.as_str().len()).sum();
    if bytes <= PATTERN_BYTES_MAX {
        return Ok(());
    }
    let message =
        format!("patterns of {bytes} bytes are more than the {PATTERN_BYTES_MAX} that may be");
    Err(BundleError::new(BundleErrorKind::Pattern, message))
}

/// The patterns as texts.
pub(crate) fn texts(globs: &[Glob]) -> Vec<String> {
    globs.iter().map(Glob::to_string).collect()
}

/// Patterns from texts; `None` when one is none, or there are more than there may be.
pub(crate) fn globs(include: &[String], exclude: &[String]) -> Option<(Vec<Glob>, Vec<Glob>)> {
    let globs = |texts: &[String]| texts.iter().map(|text| text.parse().ok()).collect();
    let both: (Vec<Glob>, Vec<Glob>) = Option::zip(globs(include), globs(exclude))?;
    check(&both.0, &both.1).ok().map(|()| both)
}
