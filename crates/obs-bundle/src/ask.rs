//! Listening to one collector, for as long as it may take.
use crate::cancel::Cancel;
use crate::collect::Status;
use crate::collection::Collection;
use crate::error::BundleError;
use crate::manifest::{CollectorPart, Why};
use crate::remote::{self, Answer, Asked, Message, Source};
use obs_core::time::human_duration;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How long it may take until somebody is heard who asks for the end.
const SLICE: Duration = Duration::from_millis(50);
const UNASKED: &str = "not asked, because the bundle was to end early";
const ENDED: &str = "given up, because the bundle was to end early";

/// How long a collector is waited for.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    pub(crate) limit: Duration,
    pub(crate) cancel: Cancel,
}

/// How it ended with a collector.
enum Heard {
    Done(Result<(), String>),
    TimedOut,
    Canceled,
}

/// The next thing that happens.
enum Next {
    Said(Message),
    Ended(Heard),
}

/// Asks one collector for its files. Its failure, panic or silence is its own; only a broken archive ends the bundle.
pub(crate) fn ask(
    collection: &mut Collection,
    source: Arc<dyn Source>,
    patience: &Patience,
) -> Result<CollectorPart, BundleError> {
    let name = source.name().to_owned();
    if patience.cancel.is_asked() {
        collection.notes.missing(UNASKED);
        return Ok(collection.part(name, Some(Status::Canceled)));
    }
    let heard = match remote::ask(source) {
        Ok(asked) => listen(collection, asked, patience)?,
        Err(error) => Heard::Done(Err(format!("cannot start a thread: {error}"))),
    };
    collection.abandon()?;
    let (status, failure) = match heard {
        Heard::Done(Ok(())) => (None, None),
        Heard::Done(Err(error)) => (None, Some(error)),
        Heard::Canceled => (Some(Status::Canceled), Some(ENDED.to_owned())),
        Heard::TimedOut => {
            let limit =
                human_duration(u64::try_from(patience.limit.as_nanos()).unwrap_or(u64::MAX));
            let why = format!("given up after {limit} of waiting for it");
            (Some(Status::Timeout), Some(why))
        }
    };
    if let Some(failure) = failure {
        collection.notes.missing(&failure);
    }
    Ok(collection.part(name, status))
}

fn listen(
    collection: &mut Collection,
    asked: Asked,
    patience: &Patience,
) -> Result<Heard, BundleError> {
    let mut left = patience.limit;
    loop {
        if let Some(error) = collection.broken() {
            return Err(error);
        }
        let answer = match next(&asked.messages, &mut left, &patience.cancel) {
            Next::Ended(heard) => return Ok(heard),
            Next::Said(Message::Done(outcome)) => return Ok(Heard::Done(outcome)),
            Next::Said(Message::Missing(what)) => {
                collection.notes.missing(&what);
                continue;
            }
            Next::Said(Message::Piece(piece)) => match collection.copy(&piece)? {
                Some(answer) => Ok(answer),
                None => continue,
            },
            Next::Said(Message::Again) => {
                collection.again()?;
                continue;
            }
            Next::Said(Message::LeftOut(mut left_out)) => {
                if !collection.options.wants(&left_out.path) {
                    left_out.why = Why::Excluded;
                }
                collection.notes.left_out(left_out);
                continue;
            }
            Next::Said(Message::Begin(file)) => collection.begin(file),
            Next::Said(Message::End(ending)) => match collection.end(ending) {
                Some(answer) => answer,
                None => continue,
            },
        };
        if let Some(error) = collection.broken() {
            return Err(error);
        }
        let answer = answer.unwrap_or_else(Answer::No);
        if asked.answers.send(answer).is_err() {
            return Ok(Heard::Done(Err("it ended without waiting for an answer".to_owned())));
        }
    }
}

/// Waits for a message. What the archive takes to deflate and write does not count, only what is waited for.
fn next(messages: &Receiver<Message>, left: &mut Duration, cancel: &Cancel) -> Next {
    loop {
        if cancel.is_asked() {
            return Next::Ended(Heard::Canceled);
        }
        let begun = obs_recorder::steady_ns();
        let received = messages.recv_timeout(SLICE.min(*left));
        let took = obs_recorder::steady_ns().saturating_sub(begun);
        *left = left.saturating_sub(Duration::from_nanos(took));
        match received {
            Ok(message) => return Next::Said(message),
            Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                return Next::Ended(Heard::TimedOut);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                let why = "it ended without a word".to_owned();
                return Next::Ended(Heard::Done(Err(why)));
            }
        }
    }
}
