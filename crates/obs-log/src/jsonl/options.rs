//! What can be chosen about a file of lines.
use obs_core::{Level, Settings};
use std::time::Duration;

/// What can be chosen about a file of lines; assign fields after [`JsonlOptions::default`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct JsonlOptions {
    /// The lowest level of events in `log.jsonl`. Losses, and what happens to the run as a whole, are always there;
    /// spans are never left out.
    pub level: Level,
    /// A line that would make the file longer than this begins a new one; 0 is never.
    pub rotate_bytes: u64,
    /// A record of a later interval begins a new file. Intervals are multiples of this since 1970, UTC: one day is from
    /// midnight to midnight. Zero is never.
    pub rotate_interval: Duration,
    /// The number of rotated files that are kept; 0 is all.
    pub files_max: u32,
    /// Whether rotated files are compressed.
    pub gzip: bool,
    /// Whether the machine may have gone down since the file was written: then every line of it is read and checked
    /// before writing goes on.
    pub is_after_power_loss: bool,
}

impl Default for JsonlOptions {
    /// Info and above; a new file is begun at 100 MiB, the last ten are kept, compressed.
    fn default() -> Self {
        Self::from(&Settings::default())
    }
}

impl From<&Settings> for JsonlOptions {
    fn from(settings: &Settings) -> Self {
        Self {
            level: settings.log_level,
            rotate_bytes: settings.log_rotate_bytes,
            rotate_interval: settings.log_rotate_interval,
            files_max: settings.log_files_max,
            gzip: settings.log_gzip,
            is_after_power_loss: false,
        }
    }
}

impl JsonlOptions {
    /// The number of the interval that a time falls into; 0 for all without intervals.
    pub(super) fn interval(&self, unix_ns: u64) -> u64 {
        let interval = u64::try_from(self.rotate_interval.as_nanos()).unwrap_or(u64::MAX);
        unix_ns.checked_div(interval).unwrap_or(0)
    }
}
