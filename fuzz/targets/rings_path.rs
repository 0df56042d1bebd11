//! Fuzz target: see `fuzz::rings_path`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::rings_path::check(bytes));
