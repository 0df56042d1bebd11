//! Colours and weights of a terminal.
use obs_core::Level;

/// How a part of a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Dim,
    Key,
    Level(Level),
}

const RESET: &[u8] = b"\x1b[0m";

impl Paint {
    /// The sequence that switches it on: ECMA-48, "select graphic rendition".
    fn sequence(self) -> &'static [u8] {
        match self {
            Self::Dim => b"\x1b[2m",
            Self::Key => b"\x1b[36m",
            Self::Level(Level::Trace) => b"\x1b[2m",
            Self::Level(Level::Debug) => b"\x1b[34m",
            Self::Level(Level::Warn) => b"\x1b[1;33m",
            Self::Level(Level::Error) => b"\x1b[1;31m",
            Self::Level(Level::Fatal) => b"\x1b[1;37;41m",
            Self::Level(_) => b"\x1b[32m",
        }
    }
}

/// Whether lines have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    None,
    Ansi,
}

impl Colors {
    /// Appends what `write` appends, painted.
    pub(super) fn paint(self, out: &mut Vec<u8>, paint: Paint, write: impl FnOnce(&mut Vec<u8>)) {
        match self {
            Self::None => write(out),
            Self::Ansi => {
                out.extend_from_slice(paint.sequence());
                write(out);
                out.extend_from_slice(RESET);
            }
        }
    }
}
