//! What stays of a text from run to run.

/// What is kept of a text.
const BYTES_MAX: usize = 1_000;
/// A quoted text of one line is no longer; what follows an apostrophe is.
const APOSTROPHE_BYTES_MAX: usize = 256;
/// So much behind a quotation mark without a second one is a value that was cut.
const CUT_BYTES_MIN: usize = 1_000;
/// How a mark of redaction begins.
const MARK: &str = "[REDACTED";
const MARK_BYTES_MAX: usize = 100;
/// Words of letters `a` to `f` alone are ids from this length on.
const HEX_CHARS_MIN: usize = 8;
/// Longer words with digits in them are ids, however they begin.
const ID_CHARS_MIN: usize = 12;
/// The groups of a UUID.
const UUID: [usize; 5] = [8, 4, 4, 4, 12];

/// The text with `#` for numbers, ids and addresses, `""` for quoted texts, `/` for paths and addresses of the web, `*`
/// for what was redacted, and one space for any white space. Words stay as they are. At most 1,000 bytes; takes time
/// linear in the text's length.
pub(super) fn stable(text: &str) -> String {
    let mut scan = Scan { text, at: 0, out: String::new(), between: String::new(), number: false };
    while scan.at < text.len() && scan.out.len() < BYTES_MAX {
        scan.step();
    }
    scan.flush();
    let end = scan.out.floor_char_boundary(BYTES_MAX);
    scan.out.truncate(end);
    scan.out
}

/// A place in the source, without the directory that the crate lay in when it was built.
pub(super) fn place(location: &str) -> String {
    let location = location.replace('\\', "/");
    if !location.starts_with('/') && !location.contains(":/") {
        return location;
    }
    let parts: Vec<&str> = location.split('/').collect();
    let source = parts.iter().rposition(|part| *part == "src").unwrap_or(parts.len());
    let from = source.min(parts.len() - 1).saturating_sub(usize::from(source < parts.len()));
    parts[from..].join("/")
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    out: String,
    /// What stands behind the last word, quoted text or number.
    between: String,
    /// Whether that was a number.
    number: bool,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        if let Some(length) = mark(rest) {
            return self.replace(length, "*");
        }
        if let Some(length) = self.quoted(first) {
            return self.replace(length, "\"\"");
        }
        if let Some(length) = self.path() {
            return self.replace(length, "/");
        }
        if first.is_alphanumeric() {
            return self.word();
        }
        self.at += first.len_utf8();
        let is_space = first.is_whitespace() || first.is_control();
        match (is_space, self.between.ends_with(' ')) {
            (false, _) => self.between.push(first),
            (true, false) => self.between.push(' '),
            (true, true) => {}
        }
    }

    /// Passes over something and puts `sign` in its place.
    fn replace(&mut self, length: usize, sign: &str) {
        self.flush();
        self.out.push_str(sign);
        self.at += length;
    }

    fn flush(&mut self) {
        self.out.push_str(&std::mem::take(&mut self.between));
        self.number = false;
    }

    /// A number, and one with those before it if nothing but punctuation stands between.
    fn push_number(&mut self) {
        let joins = |c: char| matches!(c, ' ' | '.' | ',' | ':' | ';' | '-' | '+' | '/' | '_');
        if self.number && self.between.len() <= 3 && self.between.chars().all(joins) {
            self.between.clear();
            return;
        }
        while self.between.len() > 1 && self.between.ends_with(['-', '+', ':', '.']) {
            self.between.pop();
        }
        if self.out.is_empty() {
            self.between.truncate(self.between.trim_end_matches(['-', '+', ':', '.']).len());
        }
        self.flush();
        self.out.push('#');
        self.number = true;
    }

    fn word(&mut self) {
        let rest = self.rest();
        if let Some(length) = uuid(rest) {
            self.push_number();
            self.at += length;
            return;
        }
        let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let word = &rest[..length];
        match kept(word) {
            "" => self.push_number(),
            letters => {
                self.flush();
                self.out.push_str(letters);
                if letters.len() < word.len() {
                    self.push_number();
                }
            }
        }
        self.at += length;
    }

    /// The length of the quoted text that begins here.
    fn quoted(&self, first: char) -> Option<usize> {
        let rest = self.rest();
        match first {
            '"' => match closing(rest) {
                Some(end) => Some(end),
                None if rest.len() >= CUT_BYTES_MIN => Some(rest.len()),
                None => None,
            },
            '\'' if !self.is_within_word() => {
                let end = rest[1..].find(['\'', '\n'])? + 2;
                let is_quote = rest.as_bytes()[end - 1] == b'\'' && end > 2;
                let ends_word = !rest[end..].starts_with(char::is_alphanumeric);
                (is_quote && ends_word && end <= APOSTROPHE_BYTES_MAX).then_some(end)
            }
            _ => None,
        }
    }

    /// The length of the path that begins here, or of what follows the scheme of an address of the web.
    fn path(&self) -> Option<usize> {
        let rest = self.rest();
        let is_address = self.text[..self.at].ends_with(':') && rest.starts_with("//");
        let begins = ["/", "./", "../", "~/"].iter().find_map(|start| rest.strip_prefix(start));
        let is_path = !self.is_within_word()
            && !self.text[..self.at].ends_with(['/', '.'])
            && begins.is_some_and(|rest| rest.starts_with(is_of_name));
        if !is_address && !is_path {
            return None;
        }
        let ends = |c: char| c.is_whitespace() || c.is_control() || "\"'`()[]{}<>,;|".contains(c);
        let end = rest.find(ends).unwrap_or(rest.len());
        Some(rest[..end].trim_end_matches([':', '.', '!', '?']).len().max(1))
    }

    fn is_within_word(&self) -> bool {
        self.text[..self.at].chars().next_back().is_some_and(char::is_alphanumeric)
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '~')
}

/// The letters of a word that stay: all of a word without digits, those in front of a number, none of an id.
fn kept(word: &str) -> &str {
    let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Some(number) = word.find(char::is_numeric) else {
        return if is_hex && word.len() >= HEX_CHARS_MIN { "" } else { word };
    };
    let is_counted = word[number..].chars().all(char::is_numeric);
    if is_hex || !is_counted || word.len() >= ID_CHARS_MIN { "" } else { &word[..number] }
}

/// The length of the UUID that a text begins with.
fn uuid(text: &str) -> Option<usize> {
    let mut at = 0;
    for (number, length) in UUID.into_iter().enumerate() {
        if number > 0 {
            text[at..].strip_prefix('-')?;
            at += 1;
        }
        let group = text.get(at..at + length)?;
        group.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
        at += length;
    }
    (!text[at..].starts_with(char::is_alphanumeric)).then_some(at)
}

/// The length of the mark of redaction that a text begins with.
fn mark(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(MARK)?;
    let end = rest.bytes().take(MARK_BYTES_MAX).position(|byte| byte == b']')?;
    Some(MARK.len() + end + 1)
}

/// The length of a text in quotation marks, with `\` in front of those that are its own.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return Some(at + 1),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{place, stable};

    #[test]
    fn numbers_ids_paths_and_quoted_texts_are_not_what_a_text_says() {
        for (text, expected) in [
            ("no way out", "no way out"),
            ("", ""),
            (
                "index out of bounds: the len is 3 but the index is 17",
                "index out of bounds: the len is # but the index is #",
            ),
            ("took -1.5e-3 s, 12ms, 7%", "took # s, #%"),
            ("[1, 2, 3] and [4]", "[#] and [#]"),
            ("worker-3 of worker12 died", "worker-# of worker# died"),
            ("request 3fa85f64-5717-4562-abcd-2c963f66afa6 failed", "request # failed"),
            ("at 0x7ffdeadbeef0", "at #"),
            ("at deadbeef, cafe", "at #, cafe"),
            ("commit 9f1c2ab and 8f3kZ2", "commit # and #"),
            ("connect 10.0.0.1:8080: refused", "connect #: refused"),
            ("connect [fe80::1]:80", "connect [#]#"),
            ("at 2026-11-22T09:58:03.123Z", "at #"),
            (
                r#"Os { code: 2, kind: NotFound, message: "No such \"file\"" }"#,
                r#"Os { code: #, kind: NotFound, message: "" }"#,
            ),
            ("cannot read 'a b.csv' but can't write", "cannot read \"\" but can't write"),
            ("it's the users' own", "it's the users' own"),
            ("open /var/lib/x/run-7/a.csv: denied", "open /: denied"),
            ("open ./a.csv, ~/b.csv (../c.csv)", "open /, / (/)"),
            ("read/write and / or", "read/write and / or"),
            ("GET https://api.example/v1?x=1 failed", "GET https:/ failed"),
            ("token=[REDACTED:password#0a1b2c3d] of x", "token=* of x"),
            ("token=[REDACTED:a:b] of x", "token=* of x"),
            ("two\n  lines\t\u{1b}[1m here", "two lines [# here"),
            (
                "called `Option::unwrap()` on a `None` value",
                "called `Option::unwrap()` on a `None` value",
            ),
            ("größe ٣٤ zu groß", "größe # zu groß"),
            ("\"never closed", "\"never closed"),
            ("''", "''"),
        ] {
            assert_eq!(stable(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_of_any_length_is_cut_behind_what_it_says() {
        assert_eq!(stable(&"no ".repeat(100_000)).len(), 1_000);
        assert_eq!(stable(&format!("value \"{}", "x".repeat(5_000))), "value \"\"");
        assert_eq!(stable(&format!("sum {}end", "123, ".repeat(100_000))), "sum #, end");
        assert!(stable(&"é".repeat(1_000)).len() <= 1_000);
    }

    #[test]
    fn a_place_does_not_depend_on_where_it_was_built() {
        for (location, expected) in [
            ("src/main.rs:7:5", "src/main.rs:7:5"),
            ("crates/app/src/main.rs:7:5", "crates/app/src/main.rs:7:5"),
            (
                "/opt/a/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/serde-1.0.1/src/de.rs:1:2",
                "serde-1.0.1/src/de.rs:1:2",
            ),
            (
                "/rustc/01f6ddf7588f42ae2d7eb0a2f21d44e8e96674cf/library/core/src/option.rs:1:2",
                "core/src/option.rs:1:2",
            ),
            ("/srv/build/main.rs:7:5", "main.rs:7:5"),
            (r"C:\a\app\src\main.rs:7:5", "app/src/main.rs:7:5"),
            ("", ""),
        ] {
            assert_eq!(place(location), expected, "{location}");
        }
    }
}
