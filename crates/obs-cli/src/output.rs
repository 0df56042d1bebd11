//! Standard output and standard error: nothing else in this program writes to them.
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::paint::{Colors, Paint};
use obs_core::escape;
use obs_core::settings::ColorChoice;
use serde::Serialize;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, StdoutLock, Write};

/// Where results and notes go.
#[derive(Debug)]
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    colors: Colors,
    columns: Option<usize>,
}

impl Output {
    pub(crate) fn new(color: ColorChoice) -> Self {
        let out = io::stdout().lock();
        let colors = Colors::of(color, &out);
        let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out).ok()).flatten();
        let columns = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
        Self { out: BufWriter::with_capacity(1 << 16, out), colors, columns }
    }

    pub(crate) fn colors(&self) -> Colors {
        self.colors
    }

    /// Whether standard output is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.out.get_ref().is_terminal()
    }

    /// The width of the terminal; `None` where lines may be as long as they like.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.columns
    }

    /// Writes lines that are safe on a terminal, and end in a line break.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(|error| unwritable(&error))
    }

    /// Writes a value as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string(value)
            .map_err(|error| Failure::cannot("write the result as JSON", error))?;
        let mut line = safe_json(&text);
        line.push(b'\n');
        self.bytes(&line)
    }

    /// Says something beside the result, on standard error, behind what was written so far.
    pub(crate) fn note(&mut self, text: &str) -> Result<()> {
        self.finish()?;
        let text = escape::terminal(text);
        writeln!(io::stderr(), "obs: {text}")
            .map_err(|error| Failure::cannot("write to standard error", error))
    }

    /// Writes out what is still kept back.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.out.flush().map_err(|error| unwritable(&error))
    }

    /// Says why the command ended early. What it has to say stays unsaid when standard error is gone, too.
    pub(crate) fn say_failure(&mut self, failure: &Failure) -> Exit {
        let Failure::Told(told) = failure else { return Exit::Done };
        let colors = if io::stderr().is_terminal() { self.colors } else { Colors::None };
        let mut text = String::new();
        colors.paint(&mut text, Paint::Bad, "obs:");
        text.push_str(&format!(" {}\n", escape::terminal(&told.message)));
        for hint in &told.hints {
            text.push_str(&format!("hint: {}\n", escape::terminal(hint)));
        }
        match io::stderr().write_all(text.as_bytes()) {
            Ok(()) => told.exit,
            Err(_) => Exit::Failed,
        }
    }
}

/// Says something at once, while the command works. Where standard error is gone nobody is there to be told.
pub(crate) fn say(text: &str) {
    writeln!(io::stderr(), "obs: {}", escape::terminal(text)).unwrap_or_default();
}

/// Prints help, version or what is wrong with the command line.
pub(crate) fn say_usage(error: &clap::Error) -> Exit {
    match (error.print(), error.use_stderr()) {
        (Ok(()), true) => Exit::Usage,
        (Ok(()), false) => Exit::Done,
        (Err(error), _) if error.kind() == ErrorKind::BrokenPipe => Exit::Done,
        (Err(_), _) => Exit::Failed,
    }
}

fn unwritable(error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::cannot("write to standard output", error),
    }
}

/// JSON in which every character that moves a cursor, hides or reorders text is escaped. Outside of strings there is
/// none.
fn safe_json(text: &str) -> Vec<u8> {
    let is_plain = |c: char| c.is_ascii() && c != '\u{7f}';
    let mut bytes = Vec::with_capacity(text.len() + 1);
    let mut rest = text;
    while !rest.is_empty() {
        let (plain, after) = rest.split_at(rest.find(|c| !is_plain(c)).unwrap_or(rest.len()));
        bytes.extend_from_slice(plain.as_bytes());
        let (other, after) = after.split_at(after.find(is_plain).unwrap_or(after.len()));
        escape::json(&mut bytes, other);
        rest = after;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::safe_json;

    #[test]
    fn json_holds_no_character_that_moves_a_cursor() {
        let value = serde_json::json!({"a\u{202e}": "\u{1b}[2J\"\\\u{9b}\u{7f}ä\u{e0041}"});
        let bytes = safe_json(&value.to_string());
        let expected = r#"{"a\u202e":"\u001b[2J\"\\\u009b\u007fä\udb40\udc41"}"#;
        assert_eq!(std::str::from_utf8(&bytes).unwrap(), expected);
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&bytes).unwrap(), value);
    }
}
