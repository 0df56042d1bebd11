//! What could not be done, to what, and why.
use crate::exit::Exit;
use std::fmt;

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something could not be done.
    Told(Box<Told>),
    /// Nobody reads standard output any more. There is nothing to say, and nobody to say it to.
    ReaderGone,
}

/// What is said of a failure.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) exit: Exit,
    /// One line.
    pub(crate) message: String,
    /// What to do about it; a line each.
    pub(crate) hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Told(Box::new(Told { exit, message: message.into(), hints: Vec::new() }))
    }

    /// `cannot <what>: <why>`.
    pub(crate) fn cannot(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::new(Exit::Failed, format!("cannot {what}: {why}"))
    }

    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message.to_string()).hint("`obs --help` tells more")
    }

    /// What happened, on one line.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Told(told) => &told.message,
            Self::ReaderGone => "nobody reads it",
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Self::Told(told) = &mut self {
            told.hints.push(hint.into());
        }
        self
    }
}
