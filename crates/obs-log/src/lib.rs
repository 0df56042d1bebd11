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
//! One flat JSON object. First the keys of its own, as far as they apply, in this order:
//!
//! | key | in `log.jsonl` | in `spans.jsonl` |
//! |---|---|---|
//! | `timestamp` | when it happened: RFC 3339, UTC, nine digits of the second | when the span ended |
//! | `level` | `trace`, `debug`, `info`, `warn`, `error`, `fatal` | the same, behind `thread` |
//! | `event` | what happened: the field `message`, else the event's name, else the logger | – |
//! | `name` | – | the span's name |
//! | `logger` | the target; `obs` for lines of the toolkit's own | the target |
//! | `run_id`, `trace_id`, `span_id` | where it happened; the innermost span | the span's own, and `parent_id` |
//! | `seq` | the record's number within the run: it grows from line to line, and no two lines share one | the same |
//! | `thread` | the thread's name, or its number in the system if it has none | the same |
//! | `context.attrs` | `lost` when the attributes in scope were damaged | the same |
//! | `start`, `duration_ns` | – | when the span began, and how long it took |
//! | `unfinished`, `age_ns` | – | `true`, and how long the span had been open when the run died |
//! | `span.attrs` | `evicted` when the span's attributes are no longer known | the same |
//!
//! Then attributes: of the run, the context, the spans from the outermost inwards, and the record's fields. A key
//! stands in a line once: of two attributes with one name the inner one counts. An attribute that is called like a
//! key of the line's own is written as `field.<name>`.
//!
//! Numbers stay numbers, whatever their size; those that JSON has no word for are `"NaN"`, `"inf"` and `"-inf"`.
//! Bytes are hexadecimal. An error is its message, with those of its sources in `<key>.causes`. Text that was cut has
//! its length before in `<key>.truncated_bytes`. (An attribute whose own name ends like that gets an underscore
//! behind it.) A value that must not be shown is `[REDACTED:<rule>]`; one whose formatting panicked ends in
//! `[panicked]`. `fields_left_out`, `attributes_left_out` and `spans_left_out` count what found no room. All text is
//! escaped by [`obs_core::escape::json`].
//!
//! Lines of the toolkit's own say `run started`, `run context changed`, `artifact`, `process exits`, `run ended`,
//! `record withheld` and `records lost`. The last one has `lost.records` (0 where that is not known), `lost.reason`,
//! `lost.by_level` and, for records that had numbers, `lost.first_seq` and `lost.last_seq`. If a `records lost` was
//! among those, what it had counted counts here: `lost.by_level` then has that part alone. Adding up `lost.records`
//! tells how much the file does not tell.
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
pub mod json;
pub mod jsonl;
mod line;
mod names;
pub mod retention;

pub use console::{ConsoleSink, SpanTrees, TextLines};
pub use error::{LogError, LogErrorKind};
pub use json::JsonLines;
pub use jsonl::{FILE_SINKS, JsonlOptions, JsonlSink};
