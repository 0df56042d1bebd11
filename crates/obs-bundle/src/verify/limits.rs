//! How much a bundle may be.
use super::directory::Entry;
use super::problem::{ProblemKind, Problems};

/// How much a bundle may be before it is looked into.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Entries. Default 10,000, which is as many as a bundle gets.
    pub entries_max: u64,
    /// Bytes of all entries together, inflated. Default 64 GiB.
    pub inflated_bytes_max: u64,
    /// How many times its own size an archive may inflate to, beside `inflated_bytes_free`. Default 100: log lines with
    /// their times and numbers stay below 30.
    pub ratio_max: u64,
    /// Bytes that any archive may inflate to, whatever its size. Default 128 MiB, as much as artefacts may have:
    /// deflate reaches 1,000 to 1 on files of zeros, which are no crime in an artefact, and so many are inflated and
    /// hashed in half a second, or in one on a slow or busy machine.
    pub inflated_bytes_free: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries_max: 10_000,
            inflated_bytes_max: 64 << 30,
            ratio_max: 100,
            inflated_bytes_free: 128 << 20,
        }
    }
}

impl Limits {
    /// For an archive that was made a moment ago.
    pub(crate) fn unbounded() -> Self {
        Self { inflated_bytes_max: u64::MAX, inflated_bytes_free: u64::MAX, ..Self::default() }
    }

    /// Whether the entries, as they describe themselves, may be inflated.
    pub(super) fn check(&self, entries: &[Entry], bytes: u64, problems: &mut Problems) -> bool {
        let inflated = inflated_bytes(entries);
        let by_ratio =
            bytes.saturating_mul(self.ratio_max).saturating_add(self.inflated_bytes_free);
        let max = self.inflated_bytes_max.min(by_ratio);
        if inflated > max {
            let what = format!("{inflated} bytes would come out of {bytes}, at most {max} may");
            problems.add(ProblemKind::TooLarge, "", what);
        }
        inflated <= max
    }
}

/// Bytes of all entries together, as they describe themselves.
pub(super) fn inflated_bytes(entries: &[Entry]) -> u64 {
    entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.size))
}
