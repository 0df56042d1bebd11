//! Bundles damaged at random, by seeds.
use crate::fixture::Run;
use crate::memory::judge;
use crate::rawzip::parse;
use std::fs;

/// Numbers that look random, from a seed (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    /// Two places in order.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let (one, other) = (self.below(length), self.below(length));
        one.min(other)..one.max(other) + 1
    }
}

fn damage(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let range = numbers.range(bytes.len());
    match numbers.below(7) {
        0 => bytes[range.start] = numbers.below(256) as u8,
        1 => bytes[range].fill(0),
        2 => drop(bytes.drain(range)),
        3 => bytes.truncate(range.start.max(1)),
        4 => {
            let part = bytes[range.clone()].to_vec();
            bytes.splice(range.start..range.start, part);
        }
        5 => bytes[range].reverse(),
        _ => {
            let value = [0, 1, u32::MAX, 0x7fff_ffff, 0x8000_0000][numbers.below(5)];
            let at = range.start.min(bytes.len() - 4.min(bytes.len()));
            for (byte, new) in bytes[at..].iter_mut().zip(value.to_le_bytes()) {
                *byte = new;
            }
        }
    }
}

#[test]
fn a_bundle_damaged_at_random_is_never_taken_for_whole_unless_nothing_comes_out_different() {
    let run = Run::ended();
    let bundle = run.bundle();
    let whole = fs::read(&bundle.path).unwrap();
    let contents: Vec<Vec<u8>> = parse(&whole).0.iter().map(|raw| raw.content()).collect();
    let mut found = 0;
    for seed in 1..=3_000 {
        let mut numbers = Numbers(u64::wrapping_mul(seed, 0x9e37_79b9_7f4a_7c15));
        let mut bytes = whole.clone();
        (0..=numbers.below(3)).for_each(|_| damage(&mut bytes, &mut numbers));
        let report = judge(&bytes);
        assert!(!report.to_string().contains('\u{1b}'));
        if report.is_whole() {
            let now: Vec<Vec<u8>> = parse(&bytes).0.iter().map(|raw| raw.content()).collect();
            assert!(now == contents, "seed {seed}: taken for whole, but not what it was");
        } else {
            found += 1;
        }
    }
    assert!(found > 2_500, "{found}");
}
