//! What code of ours does without.

use proc_macro2::{TokenStream, TokenTree};

use super::super::source::{Role, Source};
use super::super::tokens::lines_of;
use crate::finding::Finding;

const FEATURE_CRATE: &str = "obs-facade";

pub(crate) fn parse(source: &Source) -> Vec<Finding> {
    let error = source.error.iter().filter(|_| source.role != Role::Case);
    error
        .map(|(line, why)| source.finding(*line, format!("cannot be parsed: {why}"), "parse"))
        .collect()
}

pub(crate) fn unwrap(source: &Source) -> Vec<Finding> {
    let called = source.tokens.windows(3).filter(|window| {
        let owner = window[0].text.as_str();
        let on = window[1].text.as_str();
        let named = matches!(window[2].text.as_str(), "unwrap" | "unwrap_err" | "unwrap_unchecked");
        named && (on == "." || on == "::" && matches!(owner, "Option" | "Result"))
    });
    let lines = called.map(|window| window[2].line);
    let product = lines.filter(|line| !source.is_test(*line));
    product.map(|line| source.finding(line, "unwrap outside of tests", "unwrap")).collect()
}

pub(crate) fn unfinished(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in ["todo", "unimplemented"] {
        for line in lines_of(&source.tokens, &[name, "!"]) {
            findings.push(source.finding(line, format!("{name}! is unfinished work"), "marker"));
        }
    }
    findings
}

pub(crate) fn feature(source: &Source) -> Vec<Finding> {
    if source.crate_name() == FEATURE_CRATE || source.error.is_some() {
        return Vec::new();
    }
    let Ok(stream) = source.file.text.parse() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    collect_features(stream, false, &mut lines);
    let what = format!("cfg(feature) outside of {FEATURE_CRATE}");
    lines.into_iter().map(|line| source.finding(line, what.clone(), "feature")).collect()
}

fn collect_features(stream: TokenStream, in_condition: bool, lines: &mut Vec<usize>) {
    let mut condition = false;
    for tree in stream {
        match tree {
            TokenTree::Ident(name) if name == "cfg" || name == "cfg_attr" => condition = true,
            TokenTree::Ident(name) => {
                if in_condition && name == "feature" {
                    lines.push(name.span().start().line);
                }
                condition = false;
            }
            TokenTree::Group(group) => {
                collect_features(group.stream(), in_condition || condition, lines);
                condition = false;
            }
            TokenTree::Punct(punct) => condition &= punct.as_char() == '!',
            TokenTree::Literal(_) => condition = false,
        }
    }
}

pub(crate) fn ignore(source: &Source) -> Vec<Finding> {
    let lines = lines_of(&source.tokens, &["#", "[", "ignore"]);
    let what = "a test that is ignored proves nothing";
    lines.into_iter().map(|line| source.finding(line, what, "ignore")).collect()
}

pub(crate) fn sleep(source: &Source) -> Vec<Finding> {
    let mut lines = lines_of(&source.tokens, &["thread", "::", "sleep"]);
    let calls = source.tokens.windows(3).filter(|window| {
        let ours = matches!(window[0].text.as_str(), "." | "fn");
        !ours && window[1].text == "sleep" && window[2].text == "("
    });
    lines.extend(calls.map(|window| window[1].line));
    lines.sort_unstable();
    lines.dedup();
    let tests = lines.into_iter().filter(|line| source.is_test(*line));
    tests.map(|line| source.finding(line, "a test that sleeps", "sleep")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::source::Role;
    use super::super::super::source::tests::{judge, judge_at, source};
    use super::{feature, ignore, parse, sleep, unfinished, unwrap};

    const TEST: &str = "crates/obs-log/tests/it/main.rs";

    #[test]
    fn a_source_that_does_not_parse_is_found_unless_a_test_wants_it_so() {
        let mut broken = source("crates/a/src/lib.rs", "fn a( {");
        assert_eq!(parse(&broken).len(), 1);
        broken.role = Role::Case;
        assert_eq!(parse(&broken), []);
        assert_eq!(judge(parse, "fn a() {}"), [""; 0]);
    }

    #[test]
    fn unwrap_is_for_tests() {
        let text = "fn a() {\n b.unwrap();\n c!(d.unwrap_err());\n e.map(Option::unwrap);\n}";
        let said = judge(unwrap, text);
        let lines: Vec<_> = said.iter().map(|said| &said[..2]).collect();
        assert_eq!(lines, ["2:", "3:", "4:"]);
        assert_eq!(said[0], "2: unwrap outside of tests (unwrap)");
        assert_eq!(judge_at(TEST, unwrap, text), [""; 0]);
        let inner = format!(
            "#[cfg(test)] mod tests {{ {text} }} fn x() {{ y.unwrap_or(0); code::unwrap; }}"
        );
        assert_eq!(judge(unwrap, &inner), [""; 0]);
    }

    #[test]
    fn unfinished_work_is_found_in_tests_too() {
        let text = "fn a() { todo!() }\nfn b() { unimplemented!(\"c\") }";
        let expected = [
            "1: todo! is unfinished work (marker)",
            "2: unimplemented! is unfinished work (marker)",
        ];
        assert_eq!(judge(unfinished, text), expected);
        assert_eq!(judge_at(TEST, unfinished, text), expected);
        assert_eq!(judge(unfinished, "// todo!\nfn a() { b(\"todo!\") }"), [""; 0]);
    }

    #[test]
    fn conditions_on_features_belong_to_the_facade() {
        let text = "#[cfg(feature = \"a\")]\nfn a() {}\n#[cfg_attr(all(feature = \"b\"), c)]\n\
                    fn b() { if cfg!(not(feature = \"d\")) {} }\n";
        let said = judge(feature, text);
        let at = |line| format!("{line}: cfg(feature) outside of obs-facade (feature)");
        assert_eq!(said, [at(1), at(3), at(4)]);
        assert_eq!(judge_at("crates/obs-facade/src/lib.rs", feature, text), [""; 0]);
        let clean = "#[cfg(unix)] fn a(feature: u8) { b!(feature = \"c\") }";
        assert_eq!(judge(feature, clean), [""; 0]);
    }

    #[test]
    fn an_ignored_test_is_found() {
        let text = "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n#[ignore]\nfn b() {}";
        let at = |line| format!("{line}: a test that is ignored proves nothing (ignore)");
        assert_eq!(judge_at(TEST, ignore, text), [at(2), at(4)]);
        assert_eq!(judge_at(TEST, ignore, "fn a(ignore: [u8; 1]) {}"), [""; 0]);
    }

    #[test]
    fn a_test_does_not_sleep() {
        let text = "use std::thread::sleep;\nfn a() {\n std::thread::sleep(b);\n sleep(c);\n}";
        let at = |line| format!("{line}: a test that sleeps (sleep)");
        assert_eq!(judge_at(TEST, sleep, text), [at(1), at(3), at(4)]);
        assert_eq!(judge(sleep, text), [""; 0]);
        assert_eq!(judge_at(TEST, sleep, "fn sleep() { clock.sleep(a); }"), [""; 0]);
    }
}
