//! Fuzz target: see `fuzz::crash`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::crash::check(bytes));
