//! One Rust source, read in the ways that rules ask for.

use std::ops::RangeInclusive;
use std::str::FromStr;

use proc_macro2::TokenStream;

use super::classes::{Class, classify};
use super::items::Items;
use super::modules::{Child, children};
use super::test_code;
use super::text::Text;
use super::tokens::{Token, flatten};
use crate::finding::Finding;

/// What a source is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Product,
    Test,
    /// Input of a test, which need not even parse.
    Case,
}

#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) file: Text,
    pub(crate) role: Role,
    pub(crate) lines: Vec<Line>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) items: Items,
    pub(crate) children: Vec<Child>,
    /// Why it could not be parsed, and in which line; then it has no items and no tokens.
    pub(crate) error: Option<(usize, String)>,
    test_ranges: Vec<RangeInclusive<usize>>,
}

/// What stands on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// The class of each byte of `text`.
    pub(crate) classes: Vec<Class>,
}

impl Line {
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The bytes of `class` in the line, without the spaces around them.
    pub(crate) fn part(&self, class: Class) -> String {
        let bytes = self.text.bytes().zip(&self.classes);
        let own: Vec<u8> = bytes.filter(|(_, own)| **own == class).map(|(byte, _)| byte).collect();
        String::from_utf8_lossy(&own).trim().to_owned()
    }

    /// Whether a plain comment stands on it, and nothing else.
    pub(crate) fn is_comment(&self) -> bool {
        let mut own =
            self.text.bytes().zip(&self.classes).filter(|(b, _)| !b.is_ascii_whitespace());
        !self.is_blank() && own.all(|(_, class)| *class == Class::Comment)
    }
}

impl Source {
    pub(crate) fn parse(file: Text) -> Self {
        let role = if is_test_path(&file.path) { Role::Test } else { Role::Product };
        let lines = lines(&file.text);
        let mut source = Self {
            file,
            role,
            lines,
            tokens: Vec::new(),
            items: Items::default(),
            children: Vec::new(),
            error: None,
            test_ranges: Vec::new(),
        };
        if let Err(error) = source.read_tokens() {
            source.error = Some((error.span().start().line.max(1), error.to_string()));
        }
        source
    }

    fn read_tokens(&mut self) -> syn::Result<()> {
        let stream = TokenStream::from_str(&self.file.text)?;
        let file: syn::File = syn::parse2(stream.clone())?;
        self.tokens = flatten(stream);
        self.items = Items::of(&file);
        self.children = children(&file);
        self.test_ranges = test_code::ranges(&file);
        Ok(())
    }

    /// Whether `line`, which counts from 1, is compiled for tests alone.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.role != Role::Product || self.test_ranges.iter().any(|range| range.contains(&line))
    }

    /// The folder of its crate below `crates/`, or the first folder of its path.
    pub(crate) fn crate_name(&self) -> &str {
        let path = &self.file.path;
        let path = path.strip_prefix("crates/").unwrap_or(path);
        path.split_once('/').map_or("", |(folder, _)| folder)
    }

    /// The plain comment that belongs to the statement around `line`: right above it, or above
    /// the first line of the statement. Empty when there is none.
    pub(crate) fn comment_above(&self, line: usize) -> String {
        let mut above = &self.lines[..line.saturating_sub(1).min(self.lines.len())];
        while let Some((last, rest)) = above.split_last() {
            if last.is_comment() {
                break;
            }
            let code = last.part(Class::Code);
            if code.is_empty() || code.ends_with([';', '{', '}']) {
                return String::new();
            }
            above = rest;
        }
        let block = above.iter().rev().take_while(|line| line.is_comment()).count();
        let block = &above[above.len() - block..];
        block.iter().map(|line| line.part(Class::Comment) + "\n").collect()
    }

    pub(crate) fn finding(
        &self,
        line: usize,
        what: impl Into<String>,
        rule: &'static str,
    ) -> Finding {
        self.file.finding(line, what, rule)
    }
}

fn is_test_path(path: &str) -> bool {
    path.split('/').any(|folder| matches!(folder, "tests" | "benches" | "fuzz"))
}

fn lines(text: &str) -> Vec<Line> {
    let classes = classify(text);
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let classes = classes[at..at + bare.len()].to_vec();
        lines.push(Line { text: bare.to_owned(), classes });
        at += line.len();
    }
    lines
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Role, Source};
    use crate::finding::Finding;
    use crate::tidy::text::Text;

    pub(crate) fn source(path: &str, text: &str) -> Source {
        Source::parse(Text { path: path.to_owned(), text: text.to_owned() })
    }

    /// What `rule` says about `text` in a crate's `src`: `line: what (rule)`.
    pub(crate) fn judge(rule: fn(&Source) -> Vec<Finding>, text: &str) -> Vec<String> {
        judge_at("crates/obs-log/src/lib.rs", rule, text)
    }

    pub(crate) fn judge_at(
        path: &str,
        rule: fn(&Source) -> Vec<Finding>,
        text: &str,
    ) -> Vec<String> {
        let source = source(path, text);
        assert_eq!(source.error, None, "{text}");
        let findings = rule(&source).into_iter();
        findings.map(|it| format!("{}: {} ({})", it.line, it.what, it.rule)).collect()
    }

    #[test]
    fn a_path_tells_tests_from_the_product() {
        assert_eq!(source("crates/obs-log/src/lib.rs", "").role, Role::Product);
        assert_eq!(source("crates/obs-log/tests/it/main.rs", "").role, Role::Test);
        assert_eq!(source("crates/obs-test/src/lib.rs", "").role, Role::Product);
        assert_eq!(source("crates/obs-log/src/lib.rs", "").crate_name(), "obs-log");
        assert_eq!(source("xtask/src/main.rs", "").crate_name(), "xtask");
    }

    #[test]
    fn a_comment_belongs_to_the_statement_under_it() {
        let text = "// one\n// two\nlet a =\n    b(c,\n    d);\ne();\n";
        let source = source("a.rs", text);
        for line in 3..=5 {
            assert_eq!(source.comment_above(line), "// one\n// two\n", "{line}");
        }
        assert_eq!(source.comment_above(6), "");
        assert_eq!(source.comment_above(1), "");
    }

    #[test]
    fn a_source_that_does_not_parse_says_where() {
        let (line, _) = source("a.rs", "fn a() {}\nfn (\n").error.unwrap();
        assert!(line >= 2, "{line}");
    }
}
