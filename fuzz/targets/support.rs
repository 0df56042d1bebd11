//! Fuzz target: see `fuzz::support`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::support::check(bytes));
