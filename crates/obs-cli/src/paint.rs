//! Colours of what the command writes of its own accord. Lines of records have those of the console.
use obs_core::escape;
use obs_core::settings::ColorChoice;
use std::io::IsTerminal;

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Bold,
    Dim,
    Good,
    Doubtful,
    Bad,
    Alive,
}

/// Whether there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colors {
    None,
    Ansi,
}

impl Colors {
    /// What a choice comes to for this output.
    pub(crate) fn of(choice: ColorChoice, output: &impl IsTerminal) -> Self {
        match choice {
            ColorChoice::Always => Self::Ansi,
            ColorChoice::Never => Self::None,
            _ if output.is_terminal() => Self::Ansi,
            _ => Self::None,
        }
    }

    /// Appends text that came from anywhere, made safe and painted.
    pub(crate) fn paint(self, out: &mut String, paint: Paint, text: &str) {
        // ECMA-48, "select graphic rendition".
        let sequence = match (self, paint) {
            (Self::None, _) | (_, Paint::Plain) => "",
            (_, Paint::Bold) => "\x1b[1m",
            (_, Paint::Dim) => "\x1b[2m",
            (_, Paint::Good) => "\x1b[32m",
            (_, Paint::Doubtful) => "\x1b[33m",
            (_, Paint::Bad) => "\x1b[31m",
            (_, Paint::Alive) => "\x1b[36m",
        };
        out.push_str(sequence);
        out.push_str(&escape::terminal(text));
        if !sequence.is_empty() {
            out.push_str("\x1b[0m");
        }
    }
}
