//! `failures.json`: in which ways runs failed and how often, those included whose directories are gone.
mod bundled;
mod store;

use crate::fingerprint::Fingerprint;
use crate::summary::{EndKind, Recurrence, Summary};
pub use bundled::Bundled;
use serde::{Deserialize, Serialize};
pub use store::{Updated, load, path, save, update};

/// The version that this build writes.
const FORMAT: u32 = 1;
/// More ways than these are not kept: of those the one goes that has not been met for the longest time.
const GROUPS_MAX: usize = 64;
/// So many runs that were counted last are known by their ids, so that none is counted twice.
const COUNTED_MAX: usize = 16;

/// The ways in which the runs in one root failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failures {
    /// The version of this format.
    pub format: u32,
    /// One for each service and fingerprint, in the order in which they were met first; at most 64.
    pub groups: Vec<Group>,
    /// When automatic bundles of any group were made within the last day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bundled_at: Vec<String>,
}

/// Runs of a service that ended in the same way. Times are RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Group {
    /// What their ends have in common.
    pub fingerprint: Fingerprint,
    /// The service.
    pub service: String,
    /// How they ended.
    pub kind: EndKind,
    /// What the end of the latest of them says.
    pub detail: String,
    /// How many they are.
    pub count: u64,
    /// When the first one ended.
    pub first_at: String,
    /// The first one.
    pub first_run_id: String,
    /// When the latest one ended.
    pub last_at: String,
    /// The latest one.
    pub last_run_id: String,
    /// The runs that were counted last, in the order in which they were; at most 16.
    pub counted: Vec<String>,
    /// What is to be known of automatic bundles.
    #[serde(default, skip_serializing_if = "Bundled::is_empty")]
    pub bundled: Bundled,
}

impl Default for Failures {
    fn default() -> Self {
        Self { format: FORMAT, groups: Vec::new(), bundled_at: Vec::new() }
    }
}

impl Failures {
    /// Counts a run that failed, unless it was counted before: which it is of those that ended like it. `None` for a
    /// run that has no fingerprint: it is alive, was finished, or was recovered by an older build.
    pub fn count(&mut self, run: &Summary) -> Option<Recurrence> {
        let end = run.end.as_ref().filter(|end| end.kind.is_failure())?;
        let fingerprint = end.fingerprint?;
        let ended_at = run.ended_at.as_ref().unwrap_or(&run.started_at);
        let place = self.place(&run.service, fingerprint).unwrap_or_else(|| {
            self.groups.push(Group::new(run, (fingerprint, end.kind)));
            self.groups.len() - 1
        });
        let group = &mut self.groups[place];
        if let Some(number) = group.number_of(&run.run_id) {
            return Some(group.recurrence(number));
        }
        group.count = group.count.saturating_add(1);
        group.counted.push(run.run_id.clone());
        let forgotten = group.counted.len().saturating_sub(COUNTED_MAX);
        group.counted.drain(..forgotten);
        if *ended_at < group.first_at {
            (group.first_at, group.first_run_id) = (ended_at.clone(), run.run_id.clone());
        }
        if *ended_at >= group.last_at {
            (group.last_at, group.last_run_id) = (ended_at.clone(), run.run_id.clone());
            group.detail.clone_from(&end.detail);
        }
        let recurrence = group.recurrence(group.count);
        self.forget_oldest(place);
        Some(recurrence)
    }

    /// The group of a run, if it has been counted in one.
    #[must_use]
    pub fn group_of(&self, run: &Summary) -> Option<&Group> {
        let place = self.place(&run.service, run.end.as_ref()?.fingerprint?)?;
        self.groups.get(place)
    }

    fn place(&self, service: &str, fingerprint: Fingerprint) -> Option<usize> {
        let is_it = |group: &Group| group.fingerprint == fingerprint && group.service == service;
        self.groups.iter().position(is_it)
    }

    /// Makes room for the group at `place`, if it was one too many.
    fn forget_oldest(&mut self, place: usize) {
        if self.groups.len() <= GROUPS_MAX {
            return;
        }
        let others = self.groups.iter().enumerate().filter(|(index, _)| *index != place);
        let oldest = others.min_by(|one, other| one.1.last_at.cmp(&other.1.last_at));
        if let Some((index, _)) = oldest {
            self.groups.remove(index);
        }
    }
}

impl Group {
    fn new(run: &Summary, (fingerprint, kind): (Fingerprint, EndKind)) -> Self {
        let ended_at = run.ended_at.as_ref().unwrap_or(&run.started_at);
        Self {
            fingerprint,
            service: run.service.clone(),
            kind,
            detail: String::new(),
            count: 0,
            first_at: ended_at.clone(),
            first_run_id: run.run_id.clone(),
            last_at: ended_at.clone(),
            last_run_id: run.run_id.clone(),
            counted: Vec::new(),
            bundled: Bundled::default(),
        }
    }

    /// As which one of the group a run was counted, if it was one of the last.
    #[must_use]
    pub fn number_of(&self, run_id: &str) -> Option<u64> {
        let from_last = self.counted.iter().rev().position(|id| id == run_id)?;
        self.count.checked_sub(from_last as u64)
    }

    fn recurrence(&self, number: u64) -> Recurrence {
        Recurrence::new(number, &self.first_at, &self.first_run_id)
    }
}

#[cfg(test)]
mod tests;
