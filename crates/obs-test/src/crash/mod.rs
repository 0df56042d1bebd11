//! Programs that are killed, and what is left of them.
//!
//! A child logs from many threads and notes in a ledger, a mapping of its own, every event whose macro has returned
//! without the thread's count of refusals having changed. The parent kills it, recovers the run, and compares.
mod child;
mod judge;
mod ledger;
mod parent;

pub use child::{live, recover};
pub use judge::Verdict;
pub use ledger::Ledger;
pub use parent::{Plan, kill_many};

/// How a child dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// SIGKILL, from outside.
    Kill,
    /// SIGSEGV, from outside.
    Segv,
    /// `std::process::abort`.
    Abort,
    /// A panic, in a program that aborts on panic.
    Panic,
    /// `std::process::exit`.
    Exit,
}

impl Death {
    pub(crate) const ALL: [Self; 5] =
        [Self::Kill, Self::Segv, Self::Abort, Self::Panic, Self::Exit];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Segv => "segv",
            Self::Abort => "abort",
            Self::Panic => "panic",
            Self::Exit => "exit",
        }
    }
}
