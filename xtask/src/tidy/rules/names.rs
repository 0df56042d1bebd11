//! Names of types and functions.

use super::super::source::Source;
use crate::finding::Finding;

/// Names for what has none.
const EMPTY_WORDS: &[&str] = &[
    "manager",
    "helper",
    "util",
    "handler",
    "processor",
    "service",
    "engine",
    "factory",
    "impl",
    "info",
    "data",
    "object",
];

/// (not this word, the project's word for it).
const WORDS: &[(&str, &str)] = &[
    ("appender", "sink"),
    ("emitter", "sink"),
    ("exporter", "sink"),
    ("dispatcher", "drain"),
    ("pipeline", "drain"),
    ("worker", "drain"),
    ("tag", "attribute"),
    ("envelope", "record"),
    ("discarded", "lost"),
    ("dropped", "lost"),
    ("shutdown", "finish or flush"),
    ("teardown", "finish or flush"),
    ("sanitise", "redact"),
    ("sanitize", "redact"),
    ("scrub", "redact"),
];

pub(crate) fn get(source: &Source) -> Vec<Finding> {
    let functions = source.items.functions.iter();
    let named = functions.filter(|f| !f.prescribed && f.name.starts_with("get_"));
    named
        .map(|f| {
            let what = format!("fn {}: leave out `get_`", f.name);
            source.finding(f.line, what, "get")
        })
        .collect()
}

pub(crate) fn type_name(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for item in source.items.types.iter().filter(|item| item.public) {
        for word in camel_words(&item.name).iter().filter(|word| matches(word, EMPTY_WORDS)) {
            let what = format!("{}: `{word}` says nothing about the type", item.name);
            findings.push(source.finding(item.line, what, "type-name"));
        }
    }
    findings
}

pub(crate) fn word(source: &Source) -> Vec<Finding> {
    let items = &source.items;
    let types = items.types.iter().filter(|item| item.public);
    let types = types.map(|item| (item.line, &item.name, camel_words(&item.name)));
    let functions = items.functions.iter().filter(|f| f.public && !f.prescribed);
    let functions = functions
        .map(|f| (f.line, &f.name, f.name.split('_').map(str::to_owned).collect::<Vec<_>>()));
    let mut findings = Vec::new();
    for (line, name, own) in types.chain(functions) {
        for (bad, good) in
            WORDS.iter().filter(|(bad, _)| own.iter().any(|own| matches(own, &[*bad])))
        {
            let what = format!("{name}: our word for `{bad}` is {good}");
            findings.push(source.finding(line, what, "word"));
        }
    }
    findings
}

/// Whether `word` is one of `words`, in the singular or the plural.
fn matches(word: &str, words: &[&str]) -> bool {
    words.iter().any(|own| word == *own || word.strip_suffix('s') == Some(own))
}

/// The words of a CamelCase name, in lower case.
fn camel_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after_lower = true;
    for letter in name.chars() {
        if letter.is_uppercase() && after_lower || words.is_empty() {
            words.push(String::new());
        }
        after_lower = !letter.is_uppercase();
        let last = words.len() - 1;
        words[last].extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::super::source::tests::judge;
    use super::{EMPTY_WORDS, WORDS, camel_words, get, type_name, word};

    #[test]
    fn names_fall_apart_at_their_capitals() {
        assert_eq!(camel_words("RunDirectory"), ["run", "directory"]);
        assert_eq!(camel_words("IoError"), ["io", "error"]);
        assert_eq!(camel_words("A"), ["a"]);
    }

    #[test]
    fn a_function_does_not_get() {
        assert_eq!(judge(get, "fn get_a() {}"), ["1: fn get_a: leave out `get_` (get)"]);
        let clean = "fn get() {} fn forget_a() {} impl A for B { fn get_a() {} }";
        assert_eq!(judge(get, clean), [""; 0]);
    }

    #[test]
    fn every_empty_word_is_found_in_a_public_type() {
        for word in EMPTY_WORDS {
            let name = format!("Run{}{}", word[..1].to_uppercase(), &word[1..]);
            let said = judge(type_name, &format!("pub struct {name};"));
            let expected = format!("1: {name}: `{word}` says nothing about the type (type-name)");
            assert_eq!(said, [expected]);
            assert_eq!(judge(type_name, &format!("struct {name};")), [""; 0]);
        }
        assert_eq!(judge(type_name, "pub enum RunUtils {}").len(), 1);
        assert_eq!(judge(type_name, "pub trait Database {} pub struct Informed;"), [""; 0]);
    }

    #[test]
    fn every_foreign_word_is_found_in_a_public_name() {
        for (bad, good) in WORDS {
            let said = judge(word, &format!("pub fn make_{bad}() {{}}"));
            assert_eq!(said, [format!("1: make_{bad}: our word for `{bad}` is {good} (word)")]);
            assert_eq!(judge(word, &format!("fn make_{bad}() {{}}")), [""; 0]);
        }
        let said = judge(word, "pub struct LogExporter;\npub trait A { fn dropped(); }");
        assert_eq!(
            said,
            [
                "1: LogExporter: our word for `exporter` is sink (word)",
                "2: dropped: our word for `dropped` is lost (word)",
            ]
        );
        assert_eq!(judge(word, "impl A for B { fn shutdown() {} }"), [""; 0]);
    }
}
