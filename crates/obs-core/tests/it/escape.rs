use obs_core::escape::{json, json_lossy, terminal, terminal_into, write_terminal};
use proptest::prelude::*;

/// The list of the manual, in the plainest words.
fn is_dangerous(c: char) -> bool {
    let code = c as u32;
    code < 0x20
        || (0x7f..=0x9f).contains(&code)
        || [0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0xfeff].contains(&code)
        || (0x202a..=0x202e).contains(&code)
        || (0x2066..=0x2069).contains(&code)
        || (0xe0000..=0xe007f).contains(&code)
}

fn json_text(text: &str) -> String {
    let mut out = Vec::new();
    json(&mut out, text);
    String::from_utf8(out).unwrap()
}

fn read_back(contents: &str) -> String {
    serde_json::from_str(&format!("\"{contents}\"")).unwrap()
}

#[test]
fn every_character_is_escaped_exactly_if_it_is_dangerous() {
    for c in '\0'..=char::MAX {
        let text = c.to_string();
        let shown = terminal(&text);
        let written = json_text(&text);
        let quoted = matches!(c, '"' | '\\');
        assert_eq!(shown != text, is_dangerous(c), "{c:?} on a terminal");
        assert_eq!(written != text, is_dangerous(c) || quoted, "{c:?} in JSON");
        if is_dangerous(c) {
            assert!(shown.is_ascii() && written.is_ascii(), "{c:?}");
            assert_eq!(read_back(&written), text);
        }
    }
}

#[test]
fn json_has_short_escapes_where_there_are_some() {
    for (text, expected) in [
        ("\n\r\t\u{8}\u{c}", r"\n\r\t\b\f"),
        ("say \"a\\b\"", r#"say \"a\\b\""#),
        ("\0\u{1b}[31m\u{7f}", r"\u0000\u001b[31m\u007f"),
        ("\u{85}\u{202e}\u{feff}", r"\u0085\u202e\ufeff"),
        ("\u{e0041}", r"\udb40\udc41"),
        ("naïve – 日本語 🙂 \u{200d}", "naïve – 日本語 🙂 \u{200d}"),
    ] {
        assert_eq!(json_text(text), expected);
    }
}

#[test]
fn a_terminal_is_shown_one_line_without_controls() {
    for (text, expected) in [
        ("two\nlines\r\tand", r"two\nlines\r\tand"),
        ("\u{1b}]0;title\u{7}", r"\u{1b}]0;title\u{7}"),
        ("\u{9b}31m", r"\u{9b}31m"),
        ("user\u{202e}nimda", r"user\u{202e}nimda"),
        ("\u{e0041}", r"\u{e0041}"),
        (r"C:\new", r"C:\new"),
    ] {
        assert_eq!(terminal(text), expected);
    }
}

#[test]
fn clean_text_for_a_terminal_is_borrowed() {
    let borrowed = |text| matches!(terminal(text), std::borrow::Cow::Borrowed(_));
    assert!(borrowed("clean, \"quoted\" and \\ too, naïve العربية 🙂"));
    assert!(!borrowed("not\nclean"));
}

#[test]
fn a_dangerous_character_is_found_at_every_place_of_a_long_text() {
    for length in [31, 32, 33, 64, 65, 100] {
        for at in 0..length {
            for bad in ["\n", "\u{7f}", "\u{202e}", "\u{e0041}"] {
                for around in ["x", "é", "\u{2013}"] {
                    let text = [&around.repeat(at), bad, &around.repeat(length - at)].concat();
                    assert_eq!(read_back(&json_text(&text)), text);
                    assert!(!terminal(&text).contains(is_dangerous));
                }
            }
        }
    }
}

#[test]
fn invalid_utf8_becomes_one_replacement_character_a_sequence() {
    for (bytes, expected) in [
        (&b"a\xffb"[..], "a\u{fffd}b"),
        (b"\xf0\x9f\x99", "\u{fffd}"),
        (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        (b"\xc0\n\"\x80", "\u{fffd}\\n\\\"\u{fffd}"),
        (b"", ""),
    ] {
        let mut out = Vec::new();
        json_lossy(&mut out, bytes);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

/// Text in which dangerous characters are common.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~]{0,40}",
        2 => "\\PC{0,10}",
        2 => any::<char>().prop_map(String::from),
        1 => (0_u32..0xa0).prop_map(|code| char::from_u32(code).into_iter().collect()),
        1 => (0x2000_u32..0x2070).prop_map(|code| char::from_u32(code).into_iter().collect()),
        1 => "[\"\\\\]{1,3}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn json_reads_back_as_the_identical_text(text in hostile()) {
        let written = json_text(&text);
        prop_assert!(!written.contains(is_dangerous), "{written:?}");
        prop_assert_eq!(read_back(&written), text);
    }

    #[test]
    fn lossy_json_reads_back_as_the_lossy_text(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let mut out = Vec::new();
        json_lossy(&mut out, &bytes);
        let written = String::from_utf8(out).unwrap();
        prop_assert!(!written.contains(is_dangerous), "{written:?}");
        prop_assert_eq!(read_back(&written), String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn the_three_ways_to_a_terminal_agree_and_none_lets_danger_pass(text in hostile()) {
        let shown = terminal(&text);
        prop_assert!(!shown.contains(is_dangerous), "{shown:?}");
        let mut bytes = b"kept ".to_vec();
        terminal_into(&mut bytes, &text);
        prop_assert_eq!(&bytes[5..], shown.as_bytes());
        let mut string = String::new();
        write_terminal(&mut string, &text).unwrap();
        prop_assert_eq!(string, shown);
    }
}
