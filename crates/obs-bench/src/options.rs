//! What the bench was called with.
use crate::scale::Scale;
use anyhow::{bail, ensure};

/// What the bench was called with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Benches or workloads; all where there are none.
    pub(crate) names: Vec<String>,
    pub(crate) scale: Scale,
    pub(crate) is_json: bool,
    /// Whether `docs/benchmarks.md` is written.
    pub(crate) has_docs: bool,
}

const KNOWN: &str = "--json, --full, --smoke and --docs";

impl Options {
    pub(crate) fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let (mut names, mut scale, mut is_json, mut wants_docs) = (vec![], None, false, false);
        for argument in arguments {
            match argument.as_str() {
                "--json" => is_json = true,
                "--docs" => wants_docs = true,
                "--full" | "--smoke" => {
                    ensure!(scale.is_none(), "--full and --smoke are not for one call");
                    scale = Some(if argument == "--full" { Scale::Full } else { Scale::Smoke });
                }
                option if option.starts_with('-') => {
                    bail!("no option `{option}`; there are {KNOWN}")
                }
                name => names.push(name.to_owned()),
            }
        }
        let is_smoke = scale == Some(Scale::Smoke);
        ensure!(!wants_docs || names.is_empty(), "--docs is for all benches, and so without names");
        ensure!(!wants_docs || !is_smoke, "--smoke finds nothing that belongs into a document");
        let scale = scale.unwrap_or(Scale::Short);
        let has_docs = wants_docs || scale == Scale::Full && names.is_empty();
        Ok(Self { names, scale, is_json, has_docs })
    }
}

#[cfg(test)]
mod tests {
    use super::Options;
    use crate::scale::Scale;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        let arguments: Vec<String> = arguments.iter().map(|&it| it.to_owned()).collect();
        Options::parse(&arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn a_full_run_of_everything_writes_the_document_and_others_do_when_they_are_told() {
        for (arguments, has_docs) in [
            (&["--full"][..], true),
            (&["--full", "event"], false),
            (&["--docs"], true),
            (&["--json"], false),
            (&["--smoke"], false),
        ] {
            assert_eq!(parse(arguments).unwrap().has_docs, has_docs, "{arguments:?}");
        }
        let options = parse(&["span", "--json", "event"]).unwrap();
        assert_eq!((options.scale, options.is_json), (Scale::Short, true));
        assert_eq!(options.names, ["span", "event"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (arguments, error) in [
            (&["--fast"][..], "no option `--fast`; there are --json, --full, --smoke and --docs"),
            (&["--full", "--smoke"], "--full and --smoke are not for one call"),
            (&["--smoke", "--docs"], "--smoke finds nothing that belongs into a document"),
            (&["event", "--docs"], "--docs is for all benches, and so without names"),
        ] {
            assert_eq!(parse(arguments).unwrap_err(), error);
        }
    }
}
