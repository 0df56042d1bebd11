//! Fuzz target: see `fuzz::recovery`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::recovery::check(bytes));
