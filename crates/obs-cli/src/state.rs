//! What is known of a run without reading its records: `run.json`, and whether its lock is taken.
use obs_core::UnixNanos;
use obs_core::io::Disk;
use obs_recorder::layout::RunDirectory;
use obs_recorder::{RunLock, Summary};
use std::io;
use std::path::Path;

/// Where a run stands.
#[derive(Debug)]
pub(crate) enum State {
    /// A process holds its lock, and it has not ended.
    Alive(Summary),
    /// It has ended, or was recovered.
    Ended(Summary),
    /// Its process is gone, and nobody has recovered it yet.
    Dead(Summary),
    /// Its `run.json` cannot be read.
    Unknown(io::Error),
}

impl State {
    /// Looks at a run. The lock of a directory without `run.json` is left alone: a run that is just being started could
    /// find it taken.
    pub(crate) fn of(path: &Path) -> Self {
        match Self::try_of(path) {
            Ok(state) => state,
            Err(error) => Self::Unknown(error),
        }
    }

    fn try_of(path: &Path) -> io::Result<Self> {
        let summary = Summary::load(&Disk::new(), path)?;
        if summary.end.is_some() {
            return Ok(Self::Ended(summary));
        }
        if RunLock::is_taken(&RunDirectory::new(path))? {
            return Ok(Self::Alive(summary));
        }
        // It may have ended between the two looks.
        let summary = Summary::load(&Disk::new(), path)?;
        Ok(if summary.end.is_some() { Self::Ended(summary) } else { Self::Dead(summary) })
    }

    pub(crate) fn summary(&self) -> Option<&Summary> {
        match self {
            Self::Alive(summary) | Self::Ended(summary) | Self::Dead(summary) => Some(summary),
            Self::Unknown(_) => None,
        }
    }

    /// Whether there is something to recover: the run died, or has left something to deliver.
    pub(crate) fn wants_recovery(&self) -> bool {
        match self {
            Self::Dead(_) => true,
            Self::Ended(summary) => {
                summary.delivery.sinks.iter().any(|sink| {
                    sink.pending > 0 && obs_log::FILE_SINKS.contains(&sink.name.as_str())
                })
            }
            Self::Alive(_) | Self::Unknown(_) => false,
        }
    }

    /// The word for it in JSON.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Alive(_) => "alive",
            Self::Ended(_) => "ended",
            Self::Dead(_) => "not_recovered",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Records that some sink has not taken yet.
pub(crate) fn pending(summary: &Summary) -> u64 {
    summary.delivery.sinks.iter().map(|sink| sink.pending).max().unwrap_or(0)
}

/// Records that some sink will never get.
pub(crate) fn lost(summary: &Summary) -> u64 {
    let by_sink = summary.delivery.sinks.iter().map(|sink| sink.lost).max().unwrap_or(0);
    by_sink.max(summary.delivery.lost)
}

/// How long the run took, or has taken until `now`; `None` for a run that died at a time nobody knows yet.
pub(crate) fn duration_ns(state: &State, now: UnixNanos) -> Option<u64> {
    let time = |text: &str| text.parse::<UnixNanos>().ok();
    let summary = state.summary()?;
    let end = match state {
        State::Alive(_) => now,
        _ => time(summary.ended_at.as_deref()?)?,
    };
    Some(end.0.saturating_sub(time(&summary.started_at)?.0))
}

/// `2026-11-22 09:58:03.123Z`.
pub(crate) fn to_the_millisecond(time: UnixNanos) -> String {
    let text = time.to_string();
    format!("{} {}Z", &text[..10], &text[11..23])
}

/// The machine's time.
pub(crate) fn now() -> UnixNanos {
    use obs_recorder::Clock;
    UnixNanos(obs_recorder::SystemClock::new().anchor().unix_ns)
}
