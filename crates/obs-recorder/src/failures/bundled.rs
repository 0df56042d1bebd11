//! When an automatic bundle of a failure is due.
//!
//! The first run that fails in a new way is worth the most, and a later one shows whether it is still the same. So each
//! group has its first bundle at once, and then one a day at most; of all of them the first and the latest are kept.
use super::{Failures, Group};
use crate::summary::Summary;
use obs_core::UnixNanos;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many bundles of a group are kept: the first and the latest.
const KEPT_MAX: usize = 2;
/// How far two bundles of a group lie apart.
const APART: Duration = Duration::from_secs(24 * 60 * 60);
/// After so many attempts that came to nothing there is none for a while.
const TRIES_MAX: u32 = 3;
const PAUSE: Duration = Duration::from_secs(60 * 60);
/// The time in which the bundles of all groups are counted together.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The automatic bundles of a group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bundled {
    /// The names of those that were kept: the first, and the latest if that is another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// When the run ended of which there was one last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<String>,
    /// Attempts since then.
    #[serde(default)]
    pub tries: u32,
    /// When the last attempt was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<String>,
    /// Why the last attempt came to nothing, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Bundled {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn is_due(&self, ended_at: UnixNanos, now: UnixNanos) -> bool {
        let rests = self.tries >= TRIES_MAX && is_within(PAUSE, self.tried_at.as_deref(), now);
        let last: Option<UnixNanos> = self.last_at.as_ref().and_then(|text| text.parse().ok());
        !rests && last.is_none_or(|last| ended_at.saturating_since(last) >= APART)
    }
}

/// Whether a time lies so far back, and not ahead.
fn is_within(length: Duration, time: Option<&str>, now: UnixNanos) -> bool {
    let time: Option<UnixNanos> = time.and_then(|text| text.parse().ok());
    time.is_some_and(|time| time <= now && now.saturating_since(time) < length)
}

impl Failures {
    /// Whether an automatic bundle of a run that was counted is to be made now, when there may be `count_max` of all
    /// runs within a day.
    #[must_use]
    pub fn wants_bundle(&self, run: &Summary, now: UnixNanos, count_max: u32) -> bool {
        let Some(group) = self.group_of(run) else { return false };
        let today = self.bundled_at.iter().filter(|time| is_within(DAY, Some(time), now)).count();
        today < count_max as usize && group.bundled.is_due(ended_at(run), now)
    }

    /// Takes note that an attempt begins to make one.
    pub fn try_bundle(&mut self, run: &Summary, now: UnixNanos) {
        if let Some(group) = self.group_of_mut(run) {
            group.bundled.tries = group.bundled.tries.saturating_add(1);
            group.bundled.tried_at = Some(now.to_string());
        }
    }

    /// Takes note of a bundle that was made. Returns the name of the one that is to be removed in its favour.
    pub fn add_bundle(&mut self, run: &Summary, name: &str, now: UnixNanos) -> Option<String> {
        self.bundled_at.retain(|time| is_within(DAY, Some(time), now));
        self.bundled_at.push(now.to_string());
        let ended_at = ended_at(run).to_string();
        let bundled = &mut self.group_of_mut(run)?.bundled;
        (bundled.tries, bundled.tried_at, bundled.problem) = (0, None, None);
        bundled.last_at = Some(ended_at);
        bundled.names.push(name.to_owned());
        (bundled.names.len() > KEPT_MAX).then(|| bundled.names.remove(KEPT_MAX - 1))
    }

    /// Takes note of why an attempt came to nothing.
    pub fn fail_bundle(&mut self, run: &Summary, why: &str) {
        if let Some(group) = self.group_of_mut(run) {
            group.bundled.problem = Some(why.to_owned());
        }
    }

    /// Takes note that bundles are not there any more.
    pub fn forget_bundles(&mut self, names: &[String]) {
        for group in &mut self.groups {
            group.bundled.names.retain(|name| !names.contains(name));
        }
    }

    fn group_of_mut(&mut self, run: &Summary) -> Option<&mut Group> {
        let place = self.place(&run.service, run.end.as_ref()?.fingerprint?)?;
        self.groups.get_mut(place)
    }
}

/// When a run ended that has; else the beginning of time.
fn ended_at(run: &Summary) -> UnixNanos {
    let text = run.ended_at.as_ref().unwrap_or(&run.started_at);
    text.parse().unwrap_or(UnixNanos::EPOCH)
}
