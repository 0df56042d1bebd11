//! The capture filter: which targets are recorded from which level on, in `RUST_LOG` syntax.
//!
//! A filter is a list of directives, separated by commas:
//!
//! | directive | meaning |
//! |---|---|
//! | `info` | this level and above, for every target without a directive of its own |
//! | `app::db=debug` | this level and above, for targets that start with `app::db` |
//! | `hyper=off` | nothing of these targets |
//! | `app::db` | everything of these targets, as `app::db=trace` |
//!
//! Levels are `trace`, `debug`, `info`, `warn` (or `warning`), `error`, `fatal` (or `critical`) and
//! `off`, letter case apart, or the numbers 0 (off) to 5 (trace) as `tracing` counts them. A target
//! without any directive is recorded only if a bare level stands in the list: `app=debug` alone
//! silences everything else, `info,app=debug` does not.
//!
//! **The longest directive that matches decides**, wherever it stands; of two with the same target
//! the last. A directive matches every target that *starts with* its text, as `EnvFilter`,
//! `Targets` and `env_logger` have it: `app` matches `app`, `app::db` and also `app_http`. Stopping
//! at module boundaries would be neater, but the same `RUST_LOG` would then record less here than
//! elsewhere (`my_company=debug` for the crates `my_company_core` and `my_company_http` is common),
//! and a line too many does less harm than a line that is missing.
//!
//! Directives on spans and fields (`app[request]=debug`) and `env_logger`'s `/pattern` are
//! recognised and refused: a filter that ignored them in silence would record the wrong lines.

mod directive;
mod error;

use std::fmt;
use std::str::FromStr;

use crate::level::Level;
use directive::Directive;
pub use error::{FilterError, FilterErrorKind};

/// Which targets are recorded, from which level on; see the [module](self) for the syntax.
///
/// ```
/// use obs_core::{Filter, Level};
///
/// let filter = Filter::parse("info,app::db=debug,hyper=off")?;
/// assert!(filter.enabled("app::db::pool", Level::Debug));
/// assert!(!filter.enabled("app::http", Level::Debug));
/// assert!(!filter.enabled("hyper::proto", Level::Error));
/// assert_eq!(filter.to_string(), "info,app::db=debug,hyper=off");
/// # Ok::<(), obs_core::filter::FilterError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Longest target first, so that the first match decides; a bare level has an empty target.
    directives: Vec<Directive>,
}

impl Filter {
    /// The filter that `text` describes.
    ///
    /// # Errors
    ///
    /// The first directive that cannot be used, or [`FilterErrorKind::Empty`] if there is none.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let (directives, errors) = directive::read_all(text);
        match errors.into_iter().next() {
            Some(error) => Err(error),
            None if directives.is_empty() => Err(FilterError::empty()),
            None => Ok(Self::of(directives)),
        }
    }

    /// The filter that the usable directives of `text` describe, and what is wrong with the others.
    ///
    /// If no directive is usable, the filter is [`Filter::default`].
    pub fn parse_lossy(text: &str) -> (Self, Vec<FilterError>) {
        let (filter, errors) = Self::parse_usable(text);
        (filter.unwrap_or_default(), errors)
    }

    /// As [`parse_lossy`](Self::parse_lossy); `None` if no directive is usable.
    pub(crate) fn parse_usable(text: &str) -> (Option<Self>, Vec<FilterError>) {
        let (directives, errors) = directive::read_all(text);
        let filter = (!directives.is_empty()).then(|| Self::of(directives));
        (filter, errors)
    }

    /// This level and above, for everything.
    pub(crate) fn everything_from(level: Level) -> Self {
        Self::of(vec![Directive::new("", Some(level))])
    }

    /// `info` for everything and `debug` for the program's own crates.
    ///
    /// Names are taken as in `Cargo.toml` or as in code (`my-app`, `my_app`).
    pub fn default_for(own_crates: &[&str]) -> Self {
        let own = own_crates
            .iter()
            .filter(|name| !name.is_empty())
            .map(|name| Directive::new(&name.replace('-', "_"), Some(Level::Debug)));
        Self::of(own.chain([Directive::new("", Some(Level::Info))]).collect())
    }

    /// This filter with further directives, which count in place of those of the same targets.
    ///
    /// ```
    /// # use obs_core::Filter;
    /// let filter = Filter::parse("info,app::db=warn")?.with("app::db=debug")?;
    /// assert_eq!(filter.to_string(), "info,app::db=debug");
    /// # Ok::<(), obs_core::filter::FilterError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn with(&self, directives: &str) -> Result<Self, FilterError> {
        let further = Self::parse(directives)?.directives;
        Ok(Self::of(self.directives.iter().cloned().chain(further).collect()))
    }

    /// Whether a record of this target and level is recorded.
    ///
    /// Compares the target with each directive in turn: no allocation, no lock.
    pub fn enabled(&self, target: &str, level: Level) -> bool {
        self.directives
            .iter()
            .find(|directive| directive.matches(target))
            .is_some_and(|directive| directive.lets_pass(level))
    }

    /// The most detailed level that any target can pass; `None` if the filter is off altogether.
    ///
    /// Whatever lies below is disabled everywhere.
    pub fn max_level(&self) -> Option<Level> {
        self.directives.iter().filter_map(|directive| directive.level).min()
    }

    fn of(directives: Vec<Directive>) -> Self {
        let mut kept: Vec<Directive> = Vec::with_capacity(directives.len());
        for directive in directives {
            kept.retain(|other| other.target != directive.target);
            kept.push(directive);
        }
        kept.sort_by(|a, b| {
            b.target.len().cmp(&a.target.len()).then_with(|| a.target.cmp(&b.target))
        });
        Self { directives: kept }
    }
}

impl Default for Filter {
    /// `info` for everything.
    fn default() -> Self {
        Self::default_for(&[])
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}

/// The normal form: the bare level first, then the targets by name. Parsing it gives an equal
/// filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut by_name: Vec<&Directive> = self.directives.iter().collect();
        by_name.sort_by(|a, b| a.target.cmp(&b.target));
        for (at, directive) in by_name.into_iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            write!(f, "{directive}")?;
        }
        Ok(())
    }
}
