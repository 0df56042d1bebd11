//! How long, how wide.

use super::super::source::{Role, Source};
use crate::finding::Finding;

const FILE_LINES_MAX: usize = 500;
const FILE_LINES_MEDIAN_MAX: usize = 200;
const FUNCTION_LINES_MAX: usize = 70;
const PARAMETERS_MAX: usize = 5;
const REQUIRED_METHODS_MAX: usize = 2;

/// Public traits that ask for more methods: (crate, trait, reason).
const WIDE_TRAITS: &[(&str, &str, &str)] = &[
    (
        "obs-core",
        "Io",
        "a file system: each operation is a point at which a simulation fails or kills",
    ),
    (
        "obs-core",
        "IoFile",
        "a file: each operation is a point at which a simulation fails or kills",
    ),
];

pub(crate) fn file(source: &Source) -> Vec<Finding> {
    let count = source.lines.len();
    if count <= FILE_LINES_MAX {
        return Vec::new();
    }
    let what = format!("{count} lines, at most {FILE_LINES_MAX}");
    vec![source.finding(FILE_LINES_MAX + 1, what, "file-length")]
}

/// The median over the sources that are no tests.
pub(crate) fn median<'a>(sources: impl Iterator<Item = &'a Source>) -> Option<Finding> {
    let product = sources.filter(|source| source.role == Role::Product);
    let mut counts: Vec<usize> = product.map(|source| source.lines.len()).collect();
    counts.sort_unstable();
    let median = *counts.get(counts.len() / 2)?;
    (median > FILE_LINES_MEDIAN_MAX).then(|| Finding {
        path: "Cargo.toml".to_owned(),
        line: 1,
        what: format!(
            "the median of {} files is {median} lines, at most {FILE_LINES_MEDIAN_MAX}",
            counts.len()
        ),
        rule: "file-median",
    })
}

pub(crate) fn function(source: &Source) -> Vec<Finding> {
    let long = source.items.functions.iter().filter(|f| f.length > FUNCTION_LINES_MAX);
    let what = |length| format!("is {length} lines long, at most {FUNCTION_LINES_MAX}");
    long.map(|f| {
        source.finding(f.line, format!("fn {} {}", f.name, what(f.length)), "function-length")
    })
    .collect()
}

pub(crate) fn parameters(source: &Source) -> Vec<Finding> {
    let wide = source.items.functions.iter();
    let wide = wide.filter(|f| f.parameters > PARAMETERS_MAX && !f.prescribed);
    let what = |count| format!("takes {count} parameters, at most {PARAMETERS_MAX}");
    wide.map(|f| {
        source.finding(f.line, format!("fn {} {}", f.name, what(f.parameters)), "parameters")
    })
    .collect()
}

pub(crate) fn required_methods(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for item in source.items.types.iter().filter(|item| item.public) {
        let excepted = WIDE_TRAITS
            .iter()
            .any(|(krate, name, _)| *krate == source.crate_name() && *name == item.name);
        let count = item.required_methods.unwrap_or(0);
        if count > REQUIRED_METHODS_MAX && !excepted {
            let what = format!(
                "trait {} requires {count} methods, at most {REQUIRED_METHODS_MAX}",
                item.name
            );
            findings.push(source.finding(item.line, what, "required-methods"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::super::source::Role;
    use super::super::super::source::tests::{judge, judge_at, source};
    use super::{file, function, median, parameters, required_methods};

    #[test]
    fn a_file_has_500_lines() {
        assert_eq!(judge(file, &"\n".repeat(500)), [""; 0]);
        assert_eq!(judge(file, &"\n".repeat(501)), ["501: 501 lines, at most 500 (file-length)"]);
        let test = judge_at("crates/obs-log/tests/it/main.rs", file, &"\n".repeat(501));
        assert_eq!(test, ["501: 501 lines, at most 500 (file-length)"]);
    }

    #[test]
    fn the_median_is_that_of_the_product() {
        let sources = |lengths: &[usize], path: &str| {
            let files = lengths.iter().map(|length| source(path, &"\n".repeat(*length)));
            files.collect::<Vec<_>>()
        };
        let short = sources(&[10, 200, 450], "crates/a/src/a.rs");
        assert_eq!(median(short.iter()), None);
        let long = sources(&[10, 201, 450], "crates/a/src/a.rs");
        assert_eq!(
            median(long.iter()).unwrap().to_string(),
            "Cargo.toml:1: the median of 3 files is 201 lines, at most 200 (file-median)"
        );
        let tests = sources(&[10, 201, 450], "crates/a/tests/it/a.rs");
        assert!(tests.iter().all(|source| source.role == Role::Test));
        assert_eq!(median(tests.iter()), None);
    }

    #[test]
    fn a_function_has_70_lines() {
        let body = |lines: usize| format!("\nfn a() {{\n{}}}\n", "b();\n".repeat(lines));
        assert_eq!(judge(function, &body(68)), [""; 0]);
        let said = judge(function, &body(69));
        assert_eq!(said, ["2: fn a is 71 lines long, at most 70 (function-length)"]);
    }

    #[test]
    fn a_function_takes_five_parameters_beside_itself() {
        let five = "a: u8, b: u8, c: u8, d: u8, e: u8";
        let clean = format!("fn f({five}) {{}} impl A {{ fn g(&self, {five}) {{}} }}");
        assert_eq!(judge(parameters, &clean), [""; 0]);
        let said = judge(parameters, &format!("trait A {{ fn f(&self, {five}, g: u8); }}"));
        assert_eq!(said, ["1: fn f takes 6 parameters, at most 5 (parameters)"]);
        let prescribed = format!("impl T for A {{ fn f({five}, g: u8) {{}} }}");
        assert_eq!(judge(parameters, &prescribed), [""; 0]);
    }

    #[test]
    fn a_public_trait_requires_two_methods() {
        let two = "pub trait A { fn a(); fn b(); fn c() {} }";
        assert_eq!(judge(required_methods, two), [""; 0]);
        let three = "pub trait A { fn a(); fn b(); fn c(); }";
        let said = judge(required_methods, three);
        assert_eq!(said, ["1: trait A requires 3 methods, at most 2 (required-methods)"]);
        assert_eq!(judge(required_methods, &three.replace("pub ", "")), [""; 0]);
    }
}
