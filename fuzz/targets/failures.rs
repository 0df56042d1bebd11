//! Fuzz target: see `fuzz::failures`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::failures::check(bytes));
