//! A bundle of which one byte was changed.
use crate::fixture::{Run, lines};
use crate::memory::judge;
use crate::rawzip::{Raw, emit, parse};
use std::fs;

/// The bytes of a bundle, small or not so small.
fn bundle(log_lines: usize) -> Vec<u8> {
    let run = Run::ended();
    let hash = |n: usize| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let line = |n| format!("{{\"event\":\"loaded\",\"trace_id\":\"{:016x}\"}}\n", hash(n));
    run.put("log.jsonl", &(lines(3) + &(1..=log_lines).map(line).collect::<String>()));
    fs::read(run.bundle().path).unwrap()
}

/// Whether each byte is a packed one: all others are headers.
fn is_packed(bytes: &[u8]) -> Vec<bool> {
    let (entries, directory) = parse(bytes);
    let mut packed = vec![false; bytes.len()];
    let mut at = 0;
    for entry in entries {
        at += 30 + entry.local.name.len() + entry.local.extra.len();
        packed[at..at + entry.data.len()].fill(true);
        at += entry.data.len();
    }
    assert_eq!(at, directory);
    packed
}

fn contents(bytes: &[u8]) -> Vec<Vec<u8>> {
    parse(bytes).0.iter().map(Raw::content).collect()
}

/// Makes these changes to each byte: what is not found must not change what comes out.
fn check(bytes: &[u8], changes: impl Fn(usize, bool) -> Vec<u8>) {
    let (packed, before) = (is_packed(bytes), contents(bytes));
    let (mut found, mut harmless) = (0, 0);
    for at in 0..bytes.len() {
        for change in changes(at, packed[at]) {
            let mut changed = bytes.to_vec();
            changed[at] ^= change;
            if !judge(&changed).is_whole() {
                found += 1;
                continue;
            }
            assert!(packed[at], "byte {at} ^ {change:#x}: a header was changed and not found");
            assert!(contents(&changed) == before, "byte {at} ^ {change:#x}: not found");
            harmless += 1;
        }
    }
    println!(
        "{} bytes: {found} changes found, {harmless} change nothing that comes out",
        bytes.len()
    );
    assert!(found > 100 * harmless, "{harmless} of {found} found nowhere");
}

#[test]
fn every_changed_byte_is_found_or_changes_nothing() {
    const ALL: [u8; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 255];
    check(&bundle(0), |at, is_packed| match (cfg!(debug_assertions), is_packed) {
        (false, _) => ALL.to_vec(),
        (true, true) if !at.is_multiple_of(3) => vec![],
        (true, _) => vec![ALL[at % 9]],
    });
}

#[test]
fn every_changed_byte_of_a_larger_bundle_is_found_or_changes_nothing() {
    let bytes = bundle(1_600);
    assert!(bytes.len() > 20_000, "{}", bytes.len());
    check(&bytes, |at, _| match cfg!(debug_assertions) {
        false => vec![1 << (at % 8), 255],
        true => vec![1 << (at % 8)],
    });
}

#[test]
fn every_cut_is_found() {
    let bytes = bundle(0);
    for length in 0..bytes.len() {
        assert!(!judge(&bytes[..length]).is_whole(), "cut after {length} bytes");
    }
    for from in [1, 4, 22, bytes.len() / 2] {
        assert!(!judge(&bytes[from..]).is_whole(), "without the first {from} bytes");
    }
}

#[test]
fn what_is_taken_apart_and_put_together_is_the_same() {
    let bytes = bundle(0);
    assert!(emit(&parse(&bytes).0) == bytes);
}
