//! The header `traceparent`.
use crate::id::{SpanId, TraceId};
use std::fmt;
use std::str::FromStr;

/// Bytes of a header of version 00, and of the start of every later one.
const BYTES: usize = 55;
/// The caller has kept the trace.
const FLAG_SAMPLED: u8 = 1;
/// The last seven bytes of the trace id are random.
const FLAG_RANDOM: u8 = 1 << 1;

/// A span as another process knows it: the header `traceparent` of W3C Trace Context, level 2.
///
/// Later versions than 00 are read as far as 00 goes, as the standard wants it; version 00 is written.
///
/// ```
/// use obs_core::propagation::TraceParent;
///
/// let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// let parent: TraceParent = text.parse()?;
/// assert!(parent.is_sampled);
/// assert_eq!(parent.to_string(), text);
/// # Ok::<(), obs_core::propagation::TraceParentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a format of version 00")]
pub struct TraceParent {
    /// The trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// Whether the trace is sent to where traces are kept.
    pub is_sampled: bool,
    /// Whether the last seven bytes of the trace's id are known to be random.
    pub is_random: bool,
}

/// Why a text is no `traceparent`. The text is not in the message: it may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceParentError {
    /// Too short, too long, or other characters than digits, `a` to `f` and dashes in their places.
    #[error("not of the form 00-<32 hexadecimal digits>-<16>-<2>, in small letters")]
    Form,
    /// Version ff.
    #[error("version ff is none")]
    Version,
    /// An id without a bit set.
    #[error("an id is zero")]
    Zero,
}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    fn from_str(text: &str) -> Result<Self, TraceParentError> {
        let bytes = text.as_bytes();
        let head = bytes.get(..BYTES).ok_or(TraceParentError::Form)?;
        if [2, 35, 52].iter().any(|dash| head[*dash] != b'-') {
            return Err(TraceParentError::Form);
        }
        let version = hex(&head[..2])? as u8;
        let trace = hex(&head[3..35])?;
        let span = hex(&head[36..52])? as u64;
        let flags = hex(&head[53..55])? as u8;
        match (version, bytes.get(BYTES)) {
            (0xff, _) => return Err(TraceParentError::Version),
            (_, None) | (1.., Some(b'-')) => {}
            _ => return Err(TraceParentError::Form),
        }
        Ok(Self {
            trace: TraceId::new(trace).ok_or(TraceParentError::Zero)?,
            span: SpanId::new(span).ok_or(TraceParentError::Zero)?,
            is_sampled: flags & FLAG_SAMPLED != 0,
            is_random: flags & FLAG_RANDOM != 0,
        })
    }
}

fn hex(digits: &[u8]) -> Result<u128, TraceParentError> {
    digits.iter().try_fold(0, |number: u128, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return Err(TraceParentError::Form),
        };
        Ok(number << 4 | u128::from(value))
    })
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sampled = if self.is_sampled { FLAG_SAMPLED } else { 0 };
        let random = if self.is_random { FLAG_RANDOM } else { 0 };
        write!(f, "00-{}-{}-{:02x}", self.trace, self.span, sampled | random)
    }
}
