//! The options of one command, parsed once.

use anyhow::{Result, bail};

/// What a command was called with.
#[derive(Debug, Default)]
pub(crate) struct Options {
    given: Vec<(String, String)>,
}

impl Options {
    /// Reads `args`; `flags` stand alone, `valued` take the next argument or one after `=`.
    ///
    /// # Errors
    ///
    /// For an argument that is neither, and for an option without its value.
    pub(crate) fn parse(args: &[String], flags: &[&str], valued: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let (name, inline) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (arg.as_str(), None),
            };
            let value = if valued.contains(&name) {
                match inline.or_else(|| args.next().map(String::as_str)) {
                    Some(value) => value,
                    None => bail!("option `{name}` needs a value; see --help"),
                }
            } else if flags.contains(&name) && inline.is_none() {
                ""
            } else {
                bail!("unknown argument `{arg}`; see --help");
            };
            options.given.push((name.to_owned(), value.to_owned()));
        }
        Ok(options)
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.given.iter().any(|(name, _)| name == flag)
    }

    /// The values of `option`, in the order given.
    pub(crate) fn values(&self, option: &str) -> Vec<&str> {
        let same = self.given.iter().filter(|(name, _)| name == option);
        same.map(|(_, value)| value.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(args: &[&str]) -> Result<Options, String> {
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        Options::parse(&args, &["--json"], &["--only"]).map_err(|error| error.to_string())
    }

    #[test]
    fn values_come_after_a_space_or_an_equals_sign() {
        let options = parse(&["--only", "fmt", "--json", "--only=doc"]).unwrap();
        assert_eq!(options.values("--only"), ["fmt", "doc"]);
        assert!(options.has("--json"));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert_eq!(parse(&["--jsn"]).unwrap_err(), "unknown argument `--jsn`; see --help");
        assert_eq!(parse(&["--json=1"]).unwrap_err(), "unknown argument `--json=1`; see --help");
        assert_eq!(parse(&["--only"]).unwrap_err(), "option `--only` needs a value; see --help");
    }
}
