//! Text on a terminal.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;

use super::scan::{self, Stop};

/// `text` as it may be shown on a terminal: dangerous characters are spelt out (`\n`, `\r`, `\t`,
/// else `\u{1b}`), so that one text stays on one line and moves no cursor. Backslashes stay single:
/// the result is for people, not for reading back. Clean text is borrowed.
///
/// ```
/// use obs_core::escape::terminal;
///
/// assert_eq!(terminal("50 °C\n\u{1b}[31mred"), r"50 °C\n\u{1b}[31mred");
/// ```
pub fn terminal(text: &str) -> Cow<'_, str> {
    if scan::next(text, 0, Stop::Dangerous).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let Ok(()) = pieces(text, |piece| {
        out.push_str(piece);
        Ok::<(), Infallible>(())
    });
    Cow::Owned(out)
}

/// As [`terminal`], appended to a buffer of bytes; no allocation but the buffer's own growth.
pub fn terminal_into(out: &mut Vec<u8>, text: &str) {
    let Ok(()) = pieces(text, |piece| {
        out.extend_from_slice(piece.as_bytes());
        Ok::<(), Infallible>(())
    });
}

/// As [`terminal`], written to a formatter or a string.
///
/// # Errors
///
/// That of `out` alone.
///
/// ```
/// use std::fmt;
///
/// struct Title<'a>(&'a str);
///
/// impl fmt::Display for Title<'_> {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         obs_core::escape::write_terminal(f, self.0)
///     }
/// }
///
/// assert_eq!(Title("a\u{7}b").to_string(), r"a\u{7}b");
/// ```
pub fn write_terminal(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    pieces(text, |piece| out.write_str(piece))
}

fn pieces<E>(text: &str, mut write: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    let mut written = 0;
    while let Some((at, c)) = scan::next(text, written, Stop::Dangerous) {
        write(&text[written..at])?;
        match c {
            '\n' => write("\\n")?,
            '\r' => write("\\r")?,
            '\t' => write("\\t")?,
            _ => c.escape_unicode().try_for_each(|c| write(c.encode_utf8(&mut [0; 4])))?,
        }
        written = at + c.len_utf8();
    }
    write(&text[written..])
}
