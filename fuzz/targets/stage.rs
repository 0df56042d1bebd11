//! Fuzz target: see `fuzz::stage`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::stage::check(bytes));
