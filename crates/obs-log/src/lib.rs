//! Records as lines: JSON files that rotate, a console for people, and how long runs are kept.
//!
//! | for | use |
//! |---|---|
//! | `log.jsonl` and `spans.jsonl` in a run directory | [`JsonlSink`] |
//! | lines on standard error or output | [`ConsoleSink`] with [`TextLines`] or [`JsonLines`] |
//! | removing old runs | [`retention::prune`] |
//! | a line of one record | [`JsonLines::line`], [`TextLines::line`] |
//!
//! Sinks are given records by whoever drives them, one batch after the other; nothing here starts a thread or asks
//! for the time. `examples/log_alone.rs` does it by hand.
//!
//! # A line
//!
//! A line of a file is one flat JSON object: see [`obs_json`].
//!
//! # What survives what
//!
//! | when | then |
//! |---|---|
//! | the process dies at any instant | the file ends with a whole line or a torn one; the next [`JsonlSink`] cuts the torn one and is offered its record again |
//! | the machine goes down | lines written since the last flush can be missing, and there can be holes among them; with [`JsonlOptions::is_after_power_loss`] every line is checked, and what stands behind the first bad one is written anew |
//! | the disk is full, or an operation fails | [`JsonlSink`] reports it, cuts what was half written, and takes the same records again later; a sync that failed is repeated together with its writes |
//! | the file holds something else | what is no line of this run goes to `log.jsonl.damaged-<n>`, is reported once, and is not destroyed |
//!
//! No line comes twice: a record whose number is not above that of the last line is passed over. A line is found good
//! again if it is a JSON object with unique keys, this run's id and a number above that of the line before it; there is
//! no checksum in a line, so a bit that flips within a value is not noticed.
//!
//! # When files roll
//!
//! Before a line that would make `log.jsonl` longer than [`JsonlOptions::rotate_bytes`], and before the first record
//! of a new [`JsonlOptions::rotate_interval`], counted in UTC by the records' own times. `log.jsonl` is synced and
//! becomes `log.0001.jsonl`; numbers grow for ever. Rotated files are compressed to `log.0001.jsonl.gz` when there is
//! nothing else to do, one or 64 MiB at a time, so a file may stay as it is while a program logs without pause; the
//! original is removed when the compressed file is whole and durable. Of rotated files the newest
//! [`JsonlOptions::files_max`] are kept.
//!
//! Somebody else may rename or remove `log.jsonl` (`logrotate` with `delaycompress`): the sink notices at the next
//! flush, and until then goes on in the renamed file. Somebody else may empty it (`copytruncate`): the sink notices
//! before its next batch and leaves no hole; what was written between the copy and the cut is lost, as with any
//! program. Switch the sink's own rotation off in both cases.
//!
//! # Troubleshooting
//!
//! | seen | means |
//! |---|---|
//! | `cannot write "…/log.jsonl": No space left on device` | nothing is lost yet: the journal keeps the records until it is full itself |
//! | `cannot open "…/log.jsonl": not a regular file`, or `Too many levels of symbolic links` | the file is not one of ours; it is not written through |
//! | `"…/log.jsonl" held 7 bytes that are no lines of this run` | somebody else wrote to it, or the disk damaged it; see the file that is named |
//! | `cannot write to the console: Broken pipe` | whoever read standard error or output is gone; the files go on |
//! | DEBUG lines are missing | [`JsonlOptions::level`] narrows what is in the file, below that the capture filter what is recorded at all |
//! | `log.0003.jsonl` beside `log.0003.jsonl.gz` | the process died while compressing; the next sink removes the original |
#![forbid(unsafe_code)]

pub mod console;
mod error;
pub mod jsonl;
pub mod retention;

pub use console::{ConsoleSink, SpanTrees, TextLines};
pub use error::{LogError, LogErrorKind};
pub use jsonl::{FILE_SINKS, JsonlOptions, JsonlSink};
pub use obs_json::JsonLines;
