//! Fuzz target: see `fuzz::trace_parent`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::trace_parent::check(bytes));
