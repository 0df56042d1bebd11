//! What each byte of a Rust source belongs to: code, comment or string.
//!
//! A token stream has no plain comments in it, and a search in the text takes strings for code.

/// What a byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Code,
    /// `//` and `/*` that are no documentation.
    Comment,
    Doc,
    /// A string or character literal.
    Literal,
    /// A raw string literal.
    Raw,
}

/// The class of each byte of `text`; an unfinished literal or comment reaches to the end.
pub(crate) fn classify(text: &str) -> Vec<Class> {
    let mut reader = Reader { bytes: text.as_bytes(), classes: Vec::with_capacity(text.len()) };
    while reader.classes.len() < reader.bytes.len() {
        reader.step();
    }
    reader.classes
}

struct Reader<'a> {
    bytes: &'a [u8],
    classes: Vec<Class>,
}

impl Reader<'_> {
    fn step(&mut self) {
        let rest = &self.bytes[self.classes.len()..];
        let (class, length) = match rest {
            [b'/', b'/', ..] => (line_class(rest), line_length(rest)),
            [b'/', b'*', ..] => (block_class(rest), block_length(rest)),
            [b'"', ..] => (Class::Literal, string_length(rest)),
            [b'\'', ..] => match character_length(rest) {
                Some(length) => (Class::Literal, length),
                None => (Class::Code, 1),
            },
            [first, ..] if is_word(*first) => word(rest),
            _ => (Class::Code, 1),
        };
        let end = (self.classes.len() + length).min(self.bytes.len());
        self.classes.resize(end, class);
    }
}

fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// A raw string if the word at the start of `rest` opens one, else the word.
fn word(rest: &[u8]) -> (Class, usize) {
    let length = rest.iter().take_while(|&&byte| is_word(byte)).count();
    if matches!(&rest[..length], b"r" | b"br" | b"cr") {
        let hashes = rest[length..].iter().take_while(|&&byte| byte == b'#').count();
        let open = length + hashes;
        if rest.get(open) == Some(&b'"') {
            let mut close = vec![b'"'];
            close.resize(hashes + 1, b'#');
            return (Class::Raw, open + 1 + length_through(&rest[open + 1..], &close));
        }
    }
    (Class::Code, length)
}

/// The number of bytes up to and with the first `end`, or all of them.
fn length_through(bytes: &[u8], end: &[u8]) -> usize {
    let at = bytes.windows(end.len()).position(|window| window == end);
    at.map_or(bytes.len(), |at| at + end.len())
}

fn line_class(rest: &[u8]) -> Class {
    match rest {
        [_, _, b'/', b'/', ..] => Class::Comment,
        [_, _, b'/' | b'!', ..] => Class::Doc,
        _ => Class::Comment,
    }
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter().take_while(|&&byte| byte != b'\n').count()
}

fn block_class(rest: &[u8]) -> Class {
    match rest {
        [_, _, b'*', b'*' | b'/', ..] => Class::Comment,
        [_, _, b'*' | b'!', ..] => Class::Doc,
        _ => Class::Comment,
    }
}

fn block_length(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `None` when the quote opens a lifetime or a label.
fn character_length(rest: &[u8]) -> Option<usize> {
    if rest.get(1) == Some(&b'\\') {
        return Some(3 + length_through(rest.get(3..)?, b"'"));
    }
    let continued = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
    let tail = rest.get(2..)?.iter().take_while(continued).count();
    (rest.get(2 + tail) == Some(&b'\'')).then_some(3 + tail)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{Class, classify};

    fn check(text: &str, expected: &Expect) {
        let letter = |class: &Class| match class {
            Class::Code => '.',
            Class::Comment => 'c',
            Class::Doc => 'd',
            Class::Literal => 's',
            Class::Raw => 'r',
        };
        let classes: String = classify(text).iter().map(letter).collect();
        expected.assert_eq(&format!("{text}\n{classes}"));
    }

    #[test]
    fn comments_are_plain_or_documentation() {
        check("a // b", &expect!["a // b\n..cccc"]);
        check("/// a", &expect!["/// a\nddddd"]);
        check("//! a", &expect!["//! a\nddddd"]);
        check("//// a", &expect!["//// a\ncccccc"]);
        check("/* a /* b */ c */ d", &expect!["/* a /* b */ c */ d\nccccccccccccccccc.."]);
        check(
            "/** a */ /*! b */ /**/ c",
            &expect!["/** a */ /*! b */ /**/ c\ndddddddd.dddddddd.cccc.."],
        );
    }

    #[test]
    fn a_string_hides_what_looks_like_a_comment() {
        check(r#"f("// a\"", b)"#, &expect!["f(\"// a\\\"\", b)\n..ssssssss...."]);
        check(r##"r"a\" b r#"c"d"# e"##, &expect!["r\"a\\\" b r#\"c\"d\"# e\nrrrrr...rrrrrrrr.."]);
        check(r#"b"a" br"\" c"#, &expect!["b\"a\" br\"\\\" c\n.sss.rrrrr.."]);
        check("r#type // a", &expect!["r#type // a\n.......cccc"]);
    }

    #[test]
    fn a_quote_opens_a_character_or_a_lifetime() {
        check(
            "'\"' 'a' '\\'' '\\u{1F}' x",
            &expect!["'\"' 'a' '\\'' '\\u{1F}' x\nsss.sss.ssss.ssssssss.."],
        );
        check("&'a str, 'b: // c", &expect!["&'a str, 'b: // c\n.............cccc"]);
        check("'é' b", &expect!["'é' b\nssss.."]);
    }

    #[test]
    fn what_is_unfinished_reaches_to_the_end() {
        check("/* a", &expect!["/* a\ncccc"]);
        check("\"a\\", &expect!["\"a\\\nsss"]);
        check("r#\"a\"", &expect!["r#\"a\"\nrrrrr"]);
        check("'\\", &expect!["'\\\n.."]);
    }
}
