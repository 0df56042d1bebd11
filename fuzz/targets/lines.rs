//! Fuzz target: see `fuzz::lines`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::lines::check(bytes));
