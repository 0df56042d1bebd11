//! Fuzz target: see `fuzz::baggage`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::baggage::check(bytes));
