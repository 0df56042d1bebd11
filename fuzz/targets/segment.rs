//! Fuzz target: see `fuzz::segment`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::segment::check(bytes));
