//! Text from anywhere in Markdown: it forges no structure, links to nothing and calls nobody.
use obs_core::escape;

/// Longer texts are cut.
const TEXT_BYTES_MAX: usize = 300;

/// The text as a span of code on one line (CommonMark 6.1): nothing is read into it, and no run of backticks in it is
/// as long as those around it.
pub(crate) fn code(text: &str) -> String {
    let text = cut(&escape::terminal(text)).replace(['\t', '\n'], " ");
    if text.trim().is_empty() {
        return "`(empty)`".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let is_bare = !text.starts_with(['`', ' ']) && !text.ends_with(['`', ' ']);
    let space = if is_bare { "" } else { " " };
    format!("{fence}{space}{text}{space}{fence}")
}

fn cut(text: &str) -> String {
    if text.len() <= TEXT_BYTES_MAX {
        return text.to_owned();
    }
    let end = (0..=TEXT_BYTES_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn a_text_stays_within_its_span() {
        for (text, expected) in [
            ("rows loaded", "`rows loaded`"),
            ("", "`(empty)`"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            ("` ## end", "`` ` ## end ``"),
            ("x\n## forged\n- [x] @all", "`x\\n## forged\\n- [x] @all`"),
            ("\u{202e}\u{1b}[2J", "`\\u{202e}\\u{1b}[2J`"),
        ] {
            assert_eq!(code(text), expected);
        }
        let long = code(&"é`".repeat(1_000));
        assert!(long.len() < 320 && long.ends_with("…``"), "{long}");
    }
}
