//! What must hold for every format on disk, and every header that comes in, whatever its bytes are.
//!
//! A check takes bytes that anybody may have written and panics when a promise of the format does not hold: a reader
//! panics or does not end, takes what is damaged for whole, or loses more than what was damaged. The same checks are
//! driven by three things: fuzzers (`targets/`, with cargo-fuzz), the corpora that fuzzers left in `corpus/`, which
//! `cargo test` replays, and seeded mutants of files that the toolkit's own writers make.
//!
//! [`TARGETS`] is the list of all checks; FORMAT.md names each of them beside its format. `golden/` holds one small
//! file of each format, as today's writers write it.
//!
//! ```sh
//! cargo test -p fuzz                                          # goldens, corpora, mutants
//! UPDATE_EXPECT=1 cargo test -p fuzz golden                   # writes the goldens anew
//! cargo +nightly fuzz run --fuzz-dir fuzz/targets ring fuzz/corpus/ring
//! ```
#![forbid(unsafe_code)]

pub mod baggage;
pub mod bundle;
pub mod crash;
pub mod cursor;
pub mod damage;
pub mod dictionary;
pub mod environment;
pub mod failures;
pub mod filter;
pub mod frame;
pub mod golden;
pub mod lines;
pub mod memory;
pub mod recovery;
pub mod redact;
pub mod request_id;
pub mod ring;
pub mod rings_path;
pub mod run_json;
pub mod segment;
pub mod settings;
pub mod stage;
pub mod support;
pub mod time;
pub mod trace_parent;
pub mod trace_state;

/// A check, by the name of its fuzz target and of the folder of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// All checks.
pub const TARGETS: &[Target] = &[
    ("baggage", baggage::check),
    ("bundle", bundle::check),
    ("crash", crash::check),
    ("cursor", cursor::check),
    ("dictionary", dictionary::check),
    ("environment", environment::check),
    ("failures", failures::check),
    ("filter", filter::check),
    ("frame", frame::check),
    ("lines", lines::check),
    ("recovery", recovery::check),
    ("redact", redact::check),
    ("request_id", request_id::check),
    ("ring", ring::check),
    ("rings_path", rings_path::check),
    ("run_json", run_json::check),
    ("segment", segment::check),
    ("settings", settings::check),
    ("stage", stage::check),
    ("support", support::check),
    ("time", time::check),
    ("trace_parent", trace_parent::check),
    ("trace_state", trace_state::check),
];

/// Splits off the first byte, by which a check chooses what the others mean.
pub(crate) fn mode(bytes: &[u8]) -> (u8, &[u8]) {
    bytes.split_first().map_or((0, bytes), |(mode, rest)| (*mode, rest))
}
