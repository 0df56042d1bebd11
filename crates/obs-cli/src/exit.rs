//! What the command tells the shell.
use std::process::ExitCode;

/// How it went. The numbers are the exit codes; the crate's documentation lists them, and so does `--help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    NoRun = 3,
    NotWhole = 4,
    InPart = 5,
    Alive = 6,
    Unwell = 7,
    Ended = 130,
}

/// The end of `--help`.
pub(crate) const CODES: &str = "\
RUN is the path of a run directory, a run's id, the beginning of an id or of a directory's name, or the name of a
service, which stands for its newest run.

Exit codes:
  0  done
  1  it could not be done
  2  the command line makes no sense
  3  there is no such run
  4  `bundle verify`, `redact`, `view` or `summary`: the bundle is not whole
  5  done in part: what is missing is listed
  6  the run is alive, so it cannot be recovered or sent
  7  `doctor`: there is a warning or a problem
  130  `bundle`: ended by signals, and nothing was written";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
