//! The known word that is nearest to a misspelt one.

/// Words longer than this are not compared: nobody misspells that much by accident.
const WORD_CHARS_MAX: usize = 48;

/// The candidate with the fewest edits (insertion, deletion, substitution, swap of neighbours) from
/// `word`, letter case apart; `None` if more than a third of its letters would have to change.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// The number of edits between two words (optimal string alignment), letter case apart.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let fold = |text: &str| text.chars().map(|c| c.to_ascii_lowercase()).collect::<Vec<char>>();
    let (a, b) = (fold(a), fold(b));
    if a.len().max(b.len()) > WORD_CHARS_MAX {
        return usize::MAX;
    }
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, &y) in b.iter().enumerate() {
            let kept = last[j] + usize::from(x != y);
            row[j + 1] = kept.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_an_insertion_a_deletion_a_substitution_or_a_swap() {
        for (a, b, edits) in [
            ("info", "info", 0),
            ("INFO", "info", 0),
            ("inf", "info", 1),
            ("infoo", "info", 1),
            ("imfo", "info", 1),
            ("inof", "info", 1),
            ("", "off", 3),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), edits, "{a} {b}");
            assert_eq!(distance(b, a), edits, "{b} {a}");
        }
    }

    #[test]
    fn a_word_that_resembles_none_has_no_nearest() {
        let known = ["console", "color", "capture"];
        assert_eq!(nearest("consle", known), Some("console"));
        assert_eq!(nearest("colour", known), Some("color"));
        assert_eq!(nearest("zebra", known), None);
        assert_eq!(nearest(&"c".repeat(WORD_CHARS_MAX + 1), known), None);
    }
}
