//! Counts the marks that redaction left in a text, as it streams by.
use obs_core::redact::is_marker;
use std::collections::BTreeMap;

const OPEN: &[u8] = b"[REDACTED";
/// A mark is not longer; a longer one is none.
const MARK_BYTES_MAX: usize = 96;
const BLOCK_BYTES: usize = 1_024;
/// A text can be made to look like any number of rules; those beyond are counted together.
const RULES_MAX: usize = 64;
const OTHER: &str = "other";
/// What a `Secret` prints, which no rule found.
const TYPED: &str = "typed";

/// Counts marks by rule; bytes come in pieces of any size.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    counts: BTreeMap<String, u64>,
    /// The start of a mark that the last piece may have cut.
    begun: Vec<u8>,
}

impl Marks {
    pub(crate) fn update(&mut self, mut piece: &[u8]) {
        while !self.begun.is_empty() {
            let Some((byte, rest)) = piece.split_first() else { return };
            self.begun.push(*byte);
            piece = rest;
            self.step();
        }
        while let Some(at) = bracket(piece) {
            let rest = &piece[at..];
            match judge(rest) {
                Judged::Whole(length) => {
                    self.count(&rest[..length]);
                    piece = &rest[length..];
                }
                Judged::None => piece = &rest[1..],
                Judged::Cut => {
                    self.begun.extend_from_slice(rest);
                    return;
                }
            }
        }
    }

    /// Looks at what was begun; when it is no mark, a later part of it may begin one.
    fn step(&mut self) {
        loop {
            match judge(&self.begun) {
                Judged::Cut => return,
                Judged::Whole(length) => {
                    let mark: Vec<u8> = self.begun.drain(..length).collect();
                    self.count(&mark);
                }
                Judged::None => {
                    let next = self.begun.iter().skip(1).position(|byte| *byte == b'[');
                    let length = next.map_or(self.begun.len(), |at| at + 1);
                    self.begun.drain(..length);
                }
            }
            if self.begun.is_empty() {
                return;
            }
        }
    }

    fn count(&mut self, mark: &[u8]) {
        let rule = rule(mark).unwrap_or(OTHER);
        let known = self.counts.contains_key(rule) || self.counts.len() < RULES_MAX;
        *self.counts.entry(if known { rule } else { OTHER }.to_owned()).or_default() += 1;
    }

    pub(crate) fn finish(self) -> BTreeMap<String, u64> {
        self.counts
    }
}

/// Where the first bracket is. Most blocks have none, and that is told of a whole block at once.
fn bracket(piece: &[u8]) -> Option<usize> {
    let block = piece.chunks(BLOCK_BYTES).position(|block| block.contains(&b'['))?;
    let start = block * BLOCK_BYTES;
    piece[start..].iter().position(|byte| *byte == b'[').map(|at| start + at)
}

enum Judged {
    /// A mark of so many bytes.
    Whole(usize),
    /// What is there so far may become one.
    Cut,
    None,
}

/// Whether `bytes`, which begin with a bracket, begin with a mark.
fn judge(bytes: &[u8]) -> Judged {
    let common = bytes.len().min(OPEN.len());
    if bytes[..common] != OPEN[..common] {
        return Judged::None;
    }
    let window = &bytes[..bytes.len().min(MARK_BYTES_MAX)];
    match window.iter().position(|byte| *byte == b']') {
        Some(end) if rule(&window[..=end]).is_some() => Judged::Whole(end + 1),
        None if window.len() < MARK_BYTES_MAX => Judged::Cut,
        _ => Judged::None,
    }
}

fn rule(mark: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(mark).ok().filter(|text| is_marker(text))?;
    let inner = text.trim_start_matches("[REDACTED").trim_end_matches(']');
    let rule = inner.trim_start_matches(':').split('#').next().unwrap_or_default();
    Some(if rule.is_empty() { TYPED } else { rule })
}

#[cfg(test)]
mod tests {
    use super::Marks;

    const TEXT: &str = r#"{"a":"[REDACTED]","b":["[REDACTED:name:password]","[REDACTED:jwt#0a1b2c3d]"],
        "c":"[REDACT","d":"[REDACTED:Not a rule]","e":"[[REDACTED:name:password]]","f":"[REDACTED:name:tok"#;

    fn count(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<(String, u64)> {
        let mut marks = Marks::default();
        pieces.for_each(|piece| marks.update(&piece));
        marks.finish().into_iter().collect()
    }

    #[test]
    fn marks_are_counted_by_rule_wherever_the_pieces_are_cut() {
        let expected = [("jwt", 1), ("name:password", 2), ("typed", 1)];
        let expected: Vec<_> = expected.map(|(rule, count)| (rule.to_owned(), count)).into();
        for length in 1..TEXT.len() + 1 {
            let pieces = TEXT.as_bytes().chunks(length).map(<[u8]>::to_vec);
            assert_eq!(count(pieces), expected, "pieces of {length}");
        }
    }

    #[test]
    fn made_up_rules_do_not_fill_the_memory() {
        let rules = (0..26 * 26).map(|n| [b'a' + (n / 26) as u8, b'a' + (n % 26) as u8]);
        let marks = rules.map(|name| [b"[REDACTED:".as_slice(), &name, b"]"].concat());
        let counts = count(marks);
        assert_eq!(counts.len(), 65);
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 26 * 26);
    }

    #[test]
    fn a_mark_that_does_not_end_is_given_up() {
        let long = [b"[REDACTED:".to_vec(), vec![b'a'; 200], b"][REDACTED]".to_vec()].concat();
        for length in [1, 7, 90, 300] {
            let counts = count(long.chunks(length).map(<[u8]>::to_vec));
            assert_eq!(counts, [("typed".to_owned(), 1)]);
        }
    }
}
