//! Fuzz target: see `fuzz::request_id`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::request_id::check(bytes));
