//! How a receiver behaves.
use crate::store::{Request, Store};
use std::time::Duration;

/// What a receiver does with requests.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Behaviour {
    /// Takes them.
    Take,
    /// Refuses them: by this status over HTTP, by this code over gRPC. May ask for patience: by `Retry-After`, which is
    /// given as it is sent, and by `RetryInfo` in seconds.
    Refuse {
        /// The status of HTTP.
        status: u16,
        /// The code of gRPC.
        code: i32,
        /// The header, if there is one.
        retry_after: Option<String>,
        /// The seconds of `RetryInfo`, if there is one.
        retry_info: Option<u32>,
    },
    /// Takes them after a while.
    Slow(Duration),
    /// Takes them and never answers: HTTP alone, whose connection is cut.
    LoseAnswer,
    /// Takes them and answers what no receiver would.
    Garbage,
    /// Takes them but for so many records of each.
    Partial(u64),
    /// Refuses requests that hold a span or a log record of this name or text as wrong.
    Poison(String),
}

/// What is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The request was taken; so many of its records were not.
    Good {
        rejected: u64,
    },
    Refused {
        status: u16,
        code: i32,
        retry_after: Option<String>,
        retry_info: Option<u32>,
    },
    NoAnswer,
    Nonsense,
}

const BAD_REQUEST: u16 = 400;
const INVALID_ARGUMENT: i32 = 3;

impl Behaviour {
    /// A refusal for the moment: 503, or `UNAVAILABLE`.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::Refuse { status: 503, code: 14, retry_after: None, retry_info: None }
    }

    /// Does with a request what is to be done, and says what is to be answered after how long.
    pub(crate) fn apply(&self, request: Request, store: &mut Store) -> (Verdict, Duration) {
        store.requests += 1;
        let take = |store: &mut Store| {
            request.clone().put_into(store);
            Verdict::Good { rejected: 0 }
        };
        let verdict = match self {
            Self::Take | Self::Slow(_) => take(store),
            Self::Refuse { status, code, retry_after, retry_info } => Verdict::Refused {
                status: *status,
                code: *code,
                retry_after: retry_after.clone(),
                retry_info: *retry_info,
            },
            Self::LoseAnswer => {
                take(store);
                Verdict::NoAnswer
            }
            Self::Garbage => {
                take(store);
                Verdict::Nonsense
            }
            Self::Partial(rejected) => {
                Verdict::Good { rejected: request.clone().put_partly(store, *rejected) }
            }
            Self::Poison(name) if request.holds(name) => Verdict::Refused {
                status: BAD_REQUEST,
                code: INVALID_ARGUMENT,
                retry_after: None,
                retry_info: None,
            },
            Self::Poison(_) => take(store),
        };
        let wait = if let Self::Slow(wait) = self { *wait } else { Duration::ZERO };
        (verdict, wait)
    }
}
