//! Rules over single lines of text.

use super::super::classes::Class;
use super::super::source::{Line, Source};
use super::super::text::Text;
use crate::finding::Finding;

const LINE_MAX: usize = 120;

/// The endings of files that people write; others may be data of tests.
const WRITTEN: &[&str] = &["rs", "md", "toml", "yml", "yaml", "sh"];

/// Folders of a machine, which no file of ours knows.
const MACHINE_FOLDERS: &[&str] = &["home", "root", "work"];

const MARKERS: &[&str] = &["TODO", "FIXME", "XXX"];

fn is_table_row(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//! |") || line.starts_with("/// |")
}

fn is_written(text: &Text) -> bool {
    WRITTEN.iter().any(|ending| text.is(ending)) || text.path.starts_with(".ci/")
}

/// Characters, not bytes; a raw string that reaches over the end is data, and a row of a table cannot be broken.
pub(crate) fn length(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in source.lines.iter().enumerate() {
        let count = line.text.chars().count();
        if count > LINE_MAX && !is_raw_at_end(line) && !is_table_row(&line.text) {
            let what = format!("{count} characters, at most {LINE_MAX}");
            findings.push(source.finding(index + 1, what, "line-length"));
        }
    }
    findings
}

fn is_raw_at_end(line: &Line) -> bool {
    let over = line.text.char_indices().nth(LINE_MAX).map_or(0, |(at, _)| at);
    line.classes.get(over) == Some(&Class::Raw)
}

pub(crate) fn trailing_space(text: &Text) -> Vec<Finding> {
    let lines = text.text.split('\n').enumerate().filter(|_| is_written(text));
    let spaced = lines.filter(|(_, line)| line.ends_with([' ', '\t', '\r']));
    spaced.map(|(at, _)| text.finding(at + 1, "white space at the end", "trailing-space")).collect()
}

pub(crate) fn final_newline(text: &Text) -> Vec<Finding> {
    let own = &text.text;
    let what = if !is_written(text) || own.is_empty() {
        return Vec::new();
    } else if !own.ends_with('\n') {
        "the last line does not end"
    } else if own.ends_with("\n\n") {
        "an empty line at the end"
    } else {
        return Vec::new();
    };
    vec![text.finding(own.lines().count(), what, "final-newline")]
}

pub(crate) fn machine_path(text: &Text) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in text.text.lines().enumerate() {
        for folder in MACHINE_FOLDERS {
            let path = format!("/{folder}/");
            let starts = line.match_indices(&path).any(|(at, _)| starts_a_path(&line[..at]));
            if starts {
                let what = format!("{path} is a place on one machine");
                findings.push(text.finding(index + 1, what, "machine-path"));
            }
        }
    }
    findings
}

fn starts_a_path(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_alphanumeric() || "._-~}/*".contains(c))
}

pub(crate) fn marker(text: &Text) -> Vec<Finding> {
    let mut findings = Vec::new();
    if is_written(text) && !text.is("rs") {
        for (index, line) in text.text.lines().enumerate() {
            let marker = marker_in(line);
            findings.extend(marker.map(|word| text.finding(index + 1, unfinished(word), "marker")));
        }
    }
    findings
}

pub(crate) fn marker_in_comment(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in source.lines.iter().enumerate() {
        let comment = line.part(Class::Comment) + &line.part(Class::Doc);
        let marker = marker_in(&comment);
        findings.extend(marker.map(|word| source.finding(index + 1, unfinished(word), "marker")));
    }
    findings
}

fn unfinished(word: &str) -> String {
    format!("{word} is unfinished work")
}

/// The first marker that stands as a word of its own and is not quoted with back-ticks.
fn marker_in(line: &str) -> Option<&'static str> {
    let in_word = |c: char| c.is_alphanumeric() || c == '_' || c == '`';
    MARKERS.iter().copied().find(|marker| {
        line.match_indices(marker).any(|(at, _)| {
            !line[..at].ends_with(in_word) && !line[at + marker.len()..].starts_with(in_word)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::source::tests::judge;
    use super::super::super::text::Text;
    use super::{
        MACHINE_FOLDERS, MARKERS, final_newline, length, machine_path, marker, marker_in_comment,
        trailing_space,
    };
    use crate::finding::Finding;

    fn check(rule: fn(&Text) -> Vec<Finding>, path: &str, text: &str) -> Vec<String> {
        let text = Text { path: path.to_owned(), text: text.to_owned() };
        let findings = rule(&text).into_iter();
        findings.map(|it| format!("{}: {} ({})", it.line, it.what, it.rule)).collect()
    }

    #[test]
    fn a_line_has_120_characters_unless_it_is_data() {
        let line = |count: usize| format!("//! {}\n", "é".repeat(count - 4));
        assert_eq!(judge(length, &line(120)), [""; 0]);
        let said = judge(length, &line(121));
        assert_eq!(said, ["1: 121 characters, at most 120 (line-length)"]);
        let long = "x".repeat(200);
        assert_eq!(judge(length, &format!("const A: &str = r#\"{long}\n{long}\"#;")), [""; 0]);
        assert_eq!(judge(length, &format!("const A: &str = \"{long}\";")).len(), 1);
    }

    #[test]
    fn white_space_at_the_end_is_found_in_what_people_write() {
        let said = check(trailing_space, "a.md", "a \nb\nc\t\nd\r\n");
        let lines: Vec<_> = said.iter().map(|said| &said[..2]).collect();
        assert_eq!(lines, ["1:", "3:", "4:"]);
        assert_eq!(said[0], "1: white space at the end (trailing-space)");
        assert_eq!(check(trailing_space, "tests/golden.txt", "a \n"), [""; 0]);
    }

    #[test]
    fn a_file_ends_with_one_newline() {
        let said = check(final_newline, "a.toml", "a\nb");
        assert_eq!(said, ["2: the last line does not end (final-newline)"]);
        let said = check(final_newline, ".ci/run", "a\n\n");
        assert_eq!(said, ["2: an empty line at the end (final-newline)"]);
        assert_eq!(check(final_newline, "a.rs", "a\n"), [""; 0]);
        assert_eq!(check(final_newline, "a.rs", ""), [""; 0]);
        assert_eq!(check(final_newline, "a.json", "{}"), [""; 0]);
    }

    #[test]
    fn no_file_knows_a_machine() {
        for folder in MACHINE_FOLDERS {
            let said = check(machine_path, "a.txt", &format!("a\ncd \"/{folder}/b\"\n"));
            let expected = format!("2: /{folder}/ is a place on one machine (machine-path)");
            assert_eq!(said, [expected]);
            let inner = format!("https://a.b/{folder}/c $D/{folder}/e ~/{folder}/ {{f}}/{folder}/");
            assert_eq!(check(machine_path, "a.md", &inner), [""; 0]);
        }
    }

    #[test]
    fn unfinished_work_is_found_in_comments_and_documents() {
        for word in MARKERS {
            let expected = [format!("2: {word} is unfinished work (marker)")];
            assert_eq!(check(marker, "a.md", &format!("a\n{word}: b\n")), expected);
            assert_eq!(judge(marker_in_comment, &format!("\n//{word} b")), expected);
            assert_eq!(
                judge(marker_in_comment, &format!("\n/// a ({word})\nfn a() {{}}")),
                expected
            );
            let clean = format!("// no `{word}`, {word}S\nconst A: &str = \"{word}\";");
            assert_eq!(judge(marker_in_comment, &clean), [""; 0]);
            assert_eq!(check(marker, "a.md", &format!("no `{word}` here")), [""; 0]);
        }
    }
}
