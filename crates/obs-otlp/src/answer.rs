//! What a receiver says to a request.
use crate::fields::{Field, fields};
use std::time::Duration;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was taken, but for `rejected` of its records, for which `message` gives the reason.
    Taken { rejected: u64, message: String },
    /// It was not taken, or nobody knows; the same may work later, not before `after` if the receiver said so.
    Later { why: String, after: Option<Duration>, certainty: Certainty },
    /// It will never be taken.
    Refused { why: String, cause: Cause },
}

/// Whether a request that has no good answer was taken all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// It was not.
    NotTaken,
    /// It may have been: the answer was lost.
    Unclear,
}

/// What a request was refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Some of its records, or that it is too long: a part of it may be taken.
    Content,
    /// Who sends it, or where to: no part of it will be.
    Sender,
}

/// What others said is cut behind so many characters.
const SAID_MAX: usize = 300;

impl Answer {
    /// The answer that the body of a good response gives. One that makes no sense says nothing against the request.
    pub(crate) fn of_response(body: &[u8]) -> Self {
        let (mut rejected, mut message) = (0, String::new());
        for (number, field) in fields(body) {
            // `partial_success`, and in it the number of what was rejected and the reason.
            let (1, Field::Bytes(partial)) = (number, field) else { continue };
            for part in fields(partial) {
                match part {
                    (1, Field::Number(count)) => rejected = count,
                    (2, Field::Bytes(text)) => message = said(text),
                    _ => {}
                }
            }
        }
        // A negative number would be a very large one.
        Self::Taken { rejected: i64::try_from(rejected).map_or(0, |_| rejected), message }
    }

    /// The answer of an HTTP status other than a good one.
    pub(crate) fn of_status(status: u16, after: Option<Duration>, body: &[u8]) -> Self {
        let reason = http::StatusCode::from_u16(status).ok().and_then(|it| it.canonical_reason());
        let mut why = format!("HTTP {status} {}", reason.unwrap_or_default()).trim().to_owned();
        let text = status_message(body);
        if !text.is_empty() {
            why += &format!(": {text}");
        }
        match status {
            429 | 502 | 503 | 504 => Self::Later { why, after, certainty: Certainty::NotTaken },
            400 | 413 | 422 => Self::Refused { why, cause: Cause::Content },
            _ => Self::Refused { why, cause: Cause::Sender },
        }
    }
}

/// What the body of a bad response says: the message of a `google.rpc.Status`, else text.
fn status_message(body: &[u8]) -> String {
    let message = fields(body).find_map(|field| match field {
        (2, Field::Bytes(text)) => Some(said(text)),
        _ => None,
    });
    let is_text = !body.is_empty() && std::str::from_utf8(body).is_ok();
    message.unwrap_or_else(|| if is_text { said(body) } else { String::new() })
}

/// What others said, made safe and short.
pub(crate) fn said(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let text: String = text.trim().chars().take(SAID_MAX).collect();
    obs_core::escape::terminal(&text).into_owned()
}

/// How long a `google.rpc.Status` asks to wait, by the `RetryInfo` among its details.
pub(crate) fn retry_delay(status: &[u8]) -> Option<Duration> {
    fields(status).find_map(|field| match field {
        (3, Field::Bytes(detail)) => delay_of(detail),
        _ => None,
    })
}

/// The delay in a `RetryInfo` that is wrapped in an `Any`.
fn delay_of(any: &[u8]) -> Option<Duration> {
    let is_retry_info = fields(any).any(|field| match field {
        (1, Field::Bytes(url)) => url.ends_with(b"google.rpc.RetryInfo"),
        _ => false,
    });
    let bytes = |message, number| {
        fields(message).find_map(move |field| match field {
            (it, Field::Bytes(bytes)) if it == number => Some(bytes),
            _ => None,
        })
    };
    let info = bytes(any, 2).filter(|_| is_retry_info)?;
    let (mut seconds, mut nanos) = (0, 0);
    for field in bytes(info, 1).into_iter().flat_map(fields) {
        match field {
            (1, Field::Number(number)) => seconds = number,
            (2, Field::Number(number)) => nanos = number,
            _ => {}
        }
    }
    let nanos = u32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    i64::try_from(seconds).ok().map(|_| Duration::new(seconds, nanos))
}

#[cfg(test)]
mod tests {
    use super::{Answer, Cause, Certainty, retry_delay};
    use std::time::Duration;

    #[test]
    fn a_good_response_says_how_many_were_rejected_and_nonsense_says_nothing() {
        let partial = b"\x0a\x07\x08\x03\x12\x03bad";
        let taken = |rejected, message: &str| Answer::Taken { rejected, message: message.into() };
        assert_eq!(Answer::of_response(partial), taken(3, "bad"));
        assert_eq!(Answer::of_response(b""), taken(0, ""));
        assert_eq!(Answer::of_response(b"\x0a\x00"), taken(0, ""));
        assert_eq!(Answer::of_response(b"<html>\xff\xff"), taken(0, ""));
        let negative = b"\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert_eq!(Answer::of_response(negative), taken(0, ""));
        assert_eq!(Answer::of_response(b"\x0a\x06\x12\x04warn"), taken(0, "warn"));
    }

    #[test]
    fn a_status_says_what_follows_and_why() {
        let later = |why: &str, after| Answer::Later {
            why: why.into(),
            after,
            certainty: Certainty::NotTaken,
        };
        let refused = |why: &str, cause| Answer::Refused { why: why.into(), cause };
        let second = Some(Duration::from_secs(1));
        for (status, body, answer) in [
            (429, &b""[..], later("HTTP 429 Too Many Requests", second)),
            (502, b"", later("HTTP 502 Bad Gateway", second)),
            (503, b"\x12\x04full", later("HTTP 503 Service Unavailable: full", second)),
            (504, b"", later("HTTP 504 Gateway Timeout", second)),
            (
                400,
                b"no such field\n",
                refused("HTTP 400 Bad Request: no such field", Cause::Content),
            ),
            (413, b"", refused("HTTP 413 Payload Too Large", Cause::Content)),
            (401, b"", refused("HTTP 401 Unauthorized", Cause::Sender)),
            (404, b"\x1b[2J", refused("HTTP 404 Not Found: \\u{1b}[2J", Cause::Sender)),
            (500, b"", refused("HTTP 500 Internal Server Error", Cause::Sender)),
            (302, b"", refused("HTTP 302 Found", Cause::Sender)),
            (299, b"", refused("HTTP 299", Cause::Sender)),
        ] {
            assert_eq!(Answer::of_status(status, second, body), answer);
        }
    }

    #[test]
    fn a_wait_is_found_among_the_details_of_a_status() {
        let info = b"\x0a\x04\x08\x02\x10\x05";
        let url = b"type.googleapis.com/google.rpc.RetryInfo";
        let mut any = vec![0x0a, url.len() as u8];
        any.extend_from_slice(url);
        any.extend_from_slice(&[0x12, info.len() as u8]);
        any.extend_from_slice(info);
        let mut status = vec![0x08, 0x08, 0x1a, any.len() as u8];
        status.extend_from_slice(&any);
        assert_eq!(retry_delay(&status), Some(Duration::new(2, 5)));
        for length in 0..status.len() {
            assert_eq!(retry_delay(&status[..length]), None, "{length}");
        }
        let other = String::from_utf8_lossy(&status).replace("RetryInfo", "DebugInfo");
        assert_eq!(retry_delay(other.as_bytes()), None);
    }
}
