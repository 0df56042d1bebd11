//! Links in Markdown to files and headings of the project.

use std::collections::BTreeMap;

use super::super::paths::join;
use super::super::text::Text;
use super::super::tree::Tree;
use crate::finding::Finding;

/// The relative links that lead nowhere.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let pages = tree.texts.iter().filter(|text| text.is("md"));
    let anchors: BTreeMap<&str, Vec<String>> =
        pages.clone().map(|page| (page.path.as_str(), anchors(&page.text))).collect();
    let mut findings = Vec::new();
    for page in pages {
        for (line, target) in targets(&page.text) {
            if let Some(why) = broken(tree, &anchors, page, target) {
                findings.push(page.finding(line, format!("{target}: {why}"), "link"));
            }
        }
    }
    findings
}

fn broken(
    tree: &Tree,
    anchors: &BTreeMap<&str, Vec<String>>,
    page: &Text,
    target: &str,
) -> Option<&'static str> {
    let elsewhere = target.split(['/', '#']).next().is_some_and(|start| start.contains(':'));
    if elsewhere || target.is_empty() {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = if path.is_empty() { page.path.clone() } else { join(folder, path) };
    if !exists(tree, &path) {
        return Some("no such file");
    }
    let known = anchors.get(path.as_str())?;
    let found = anchor.is_empty() || known.iter().any(|own| own == anchor);
    (!found).then_some("no such heading")
}

fn exists(tree: &Tree, path: &str) -> bool {
    let inside = format!("{path}/");
    path.is_empty()
        || tree.files.contains(path)
        || tree.files.range(inside.clone()..).next().is_some_and(|next| next.starts_with(&inside))
}

/// The lines of `page` outside of fenced code, with their numbers from 1.
fn prose(page: &str) -> Vec<(usize, &str)> {
    let mut fence = None;
    let mut lines = Vec::new();
    for (index, line) in page.lines().enumerate() {
        let start = ["```", "~~~"].into_iter().find(|fence| line.trim_start().starts_with(fence));
        match (fence, start) {
            (None, Some(start)) => fence = Some(start),
            (Some(open), Some(start)) if open == start => fence = None,
            (None, None) => lines.push((index + 1, line)),
            (Some(_), _) => {}
        }
    }
    lines
}

/// Where the links of `page` lead to, with their lines.
fn targets(page: &str) -> Vec<(usize, &str)> {
    let mut targets = Vec::new();
    for (number, line) in prose(page) {
        let defined = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        if let Some((_, target)) = defined {
            targets.push((number, first_word(target)));
        }
        let starts = line.match_indices("](").filter(|(at, _)| !in_code(&line[..*at]));
        for (at, _) in starts {
            let rest = &line[at + 2..];
            let end = rest.find(')').unwrap_or(rest.len());
            targets.push((number, first_word(&rest[..end])));
        }
    }
    targets
}

fn in_code(before: &str) -> bool {
    before.matches('`').count() % 2 == 1
}

fn first_word(target: &str) -> &str {
    let word = target.split_whitespace().next().unwrap_or_default();
    word.trim_start_matches('<').trim_end_matches('>')
}

/// What can stand after `#` in a link to `page`: its headings as GitHub writes them, and ids.
fn anchors(page: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for (_, line) in prose(page) {
        for (at, _) in line.match_indices("id=\"") {
            anchors.extend(line[at + 4..].split('"').next().map(str::to_owned));
        }
        let heading = line.trim_start_matches('#');
        if heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let slug = slug(heading.trim());
        let same = anchors.iter().filter(|own| **own == slug).count();
        let repeats = (1..).map(|number| format!("{slug}-{number}"));
        let free = repeats.into_iter().find(|name| !anchors.contains(name));
        anchors.extend(if same == 0 { Some(slug) } else { free });
    }
    anchors
}

fn slug(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::text::Text;
    use super::super::super::tree::Tree;
    use super::{anchors, check};

    fn said(page: &str) -> Vec<String> {
        let text = |path: &str, text: &str| Text { path: path.to_owned(), text: text.to_owned() };
        let texts = vec![
            text("docs/a.md", page),
            text("docs/b.md", "# One\n"),
            text("README.md", "# Two words\n## Two words\n"),
            text("crates/obs-log/src/lib.rs", ""),
        ];
        let findings = check(&Tree::new(texts, &[], Vec::new()));
        findings.into_iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_link_leads_to_a_file_a_folder_or_a_heading() {
        let page = "# Here\n[a](b.md) [b](../README.md#two-words) [c](#here) [d](b.md#one)\n\
                    [e](../crates/obs-log) [f](<b.md> \"title\") ![g](../README.md#two-words-1)\n\
                    [h](https://a.b/c.md) [i](mailto:a@b.c) `[j](no.md)`\n\n[k]: b.md\n";
        assert_eq!(said(page), [""; 0]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let page = "[a](no.md)\n[b](b.md#two)\n`c` [d](#e)\n[f](../crates/obs)\n\n[g]: h.md\n";
        assert_eq!(
            said(page),
            [
                "docs/a.md:1: no.md: no such file (link)",
                "docs/a.md:2: b.md#two: no such heading (link)",
                "docs/a.md:3: #e: no such heading (link)",
                "docs/a.md:4: ../crates/obs: no such file (link)",
                "docs/a.md:6: h.md: no such file (link)",
            ]
        );
    }

    #[test]
    fn code_has_neither_links_nor_headings() {
        assert_eq!(said("```sh\n[a](no.md)\n# b\n```\n~~~\n[a](no.md)\n~~~\n"), [""; 0]);
        assert_eq!(said("```sh\n# b\n```\n[a](#b)\n").len(), 1);
    }

    #[test]
    fn headings_are_named_as_github_names_them() {
        let page =
            "# The `obs` command: what, why?\n## A_b-c\n## A_b-c\n## A_b-c\n<a id=\"x\"></a>\n";
        let expected = ["the-obs-command-what-why", "a_b-c", "a_b-c-1", "a_b-c-2", "x"];
        assert_eq!(anchors(page), expected);
    }
}
