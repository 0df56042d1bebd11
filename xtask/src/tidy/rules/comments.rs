//! How much of a crate is plain comments.

use std::collections::BTreeMap;

use super::super::classes::Class;
use super::super::source::{Role, Source};
use super::super::tree::Tree;
use crate::finding::Finding;

/// Plain comments on at most this part of the lines that are not blank.
const PERCENT_MAX: usize = 5;

/// A block of comments that starts so is a proof, and free.
const PROOFS: &[&str] = &["SAFETY:", "ordering:"];

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    comments: usize,
    lines: usize,
}

/// The crates with too many plain comments.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut counts = BTreeMap::<&str, (Count, &Source)>::new();
    for source in tree.sources.values().filter(|source| source.role != Role::Case) {
        let own = count(source);
        let (sum, fullest) = counts.entry(source.crate_name()).or_insert((own, source));
        if std::ptr::eq(*fullest, source) {
            continue;
        }
        sum.comments += own.comments;
        sum.lines += own.lines;
        if own.comments > count(fullest).comments {
            *fullest = source;
        }
    }
    let full = counts.values().filter(|(sum, _)| sum.comments * 100 > sum.lines * PERCENT_MAX);
    full.map(|(sum, fullest)| {
        let what = format!(
            "{} of the {} lines of {} are plain comments, at most {PERCENT_MAX} %; most of them \
             are here",
            sum.comments,
            sum.lines,
            fullest.crate_name()
        );
        fullest.finding(1, what, "comment-share")
    })
    .collect()
}

fn count(source: &Source) -> Count {
    let mut count = Count::default();
    let mut proof = false;
    for line in source.lines.iter().filter(|line| !line.is_blank()) {
        count.lines += 1;
        let comment = line.part(Class::Comment);
        let words = comment.trim_start_matches(['/', '*']).trim_start();
        proof = PROOFS.iter().any(|start| words.starts_with(start)) || proof && line.is_comment();
        count.comments += usize::from(!comment.is_empty() && !proof);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::super::super::source::tests::source;
    use super::super::super::text::Text;
    use super::super::super::tree::Tree;
    use super::{Count, check, count};

    fn counted(text: &str) -> (usize, usize) {
        let Count { comments, lines } = count(&source("a.rs", text));
        (comments, lines)
    }

    #[test]
    fn plain_comments_count_and_documentation_does_not() {
        assert_eq!(counted("//! a\n\n/// b\nfn c() {} // d\n// e\n"), (2, 5 - 1));
        assert_eq!(counted("/* a\n b */\nfn c() {}\n"), (2, 3));
        assert_eq!(counted("const A: &str = \"// b\";"), (0, 1));
    }

    #[test]
    fn proofs_are_free_to_their_last_line() {
        let text = "// SAFETY: a\n// b\nlet c;\n// d\n// ordering: e\n// f\nlet g;\n";
        assert_eq!(counted(text), (1, 7));
    }

    #[test]
    fn the_share_is_that_of_the_crate_and_found_in_its_fullest_file() {
        let text = |path: &str, comments: usize, code: usize| Text {
            path: path.to_owned(),
            text: "// a\n".repeat(comments) + &"//! b\n".repeat(code),
        };
        let tree = |texts| Tree::new(texts, &[], Vec::new());
        let clean = vec![text("crates/a/src/a.rs", 5, 5), text("crates/a/src/b.rs", 0, 90)];
        assert_eq!(check(&tree(clean)), []);
        let full = vec![
            text("crates/a/src/a.rs", 2, 5),
            text("crates/a/src/b.rs", 4, 89),
            text("crates/b/src/a.rs", 0, 9),
        ];
        assert_eq!(
            check(&tree(full)).iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "crates/a/src/b.rs:1: 6 of the 100 lines of a are plain comments, at most 5 %; most of \
              them are here (comment-share)"
            ]
        );
    }
}
