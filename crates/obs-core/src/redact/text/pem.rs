//! Private keys in PEM, on many lines, on one, or with their line ends escaped.
use super::bytes::Bytes;
use super::{Found, VALUE_BYTES_MAX};
use memchr::memmem;
use std::ops::Range;

const LABEL_BYTES_MAX: usize = 64;
const DASHES: &[u8] = b"-----";

/// The block whose last dash before `BEGIN` is at `dash`, and whose label is at `label`. One that does not end goes to
/// the end of the text.
pub(super) fn found(text: Bytes<'_>, dash: usize, label: usize) -> Option<Found<'static>> {
    let start = dash + 1 - text.run_back(dash + 1, DASHES.len(), |byte| byte == b'-');
    let label_end = text.find(label, LABEL_BYTES_MAX, DASHES)?;
    text.find(label, label_end - label, b"PRIVATE KEY")?;
    let limit = text.len().min(label + VALUE_BYTES_MAX);
    let end = text.find(label_end, limit - label_end, b"-----END ").map_or(limit, |end| {
        let behind = end + b"-----END ".len();
        text.find(behind, LABEL_BYTES_MAX, DASHES).map_or(behind, |at| at + DASHES.len())
    });
    Some(Found::new(start..end, "pem:private_key"))
}

/// Where the last block ends that begins in `range`; the range's end if none is longer.
pub(super) fn end_of_last(text: Bytes<'_>, range: Range<usize>) -> usize {
    const BEGIN: &[u8] = b"-BEGIN ";
    let dash = memmem::rfind(text.part(range.start, range.end), BEGIN).map(|at| range.start + at);
    let last = dash.and_then(|dash| found(text, dash, dash + BEGIN.len()));
    last.map_or(range.end, |last| last.range.end.max(range.end))
}
