//! Fuzz target: see `fuzz::trace_state`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::trace_state::check(bytes));
