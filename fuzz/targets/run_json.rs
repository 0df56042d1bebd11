//! Fuzz target: see `fuzz::run_json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run_json::check(bytes));
