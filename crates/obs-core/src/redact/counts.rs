//! How much was taken out, by rule.

use std::collections::BTreeMap;

use serde::Serialize;

/// How many values each rule took out; serialises as a map from rule to count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RedactionCounts {
    by_rule: BTreeMap<&'static str, u64>,
}

impl RedactionCounts {
    /// Counts one more value taken out by `rule`.
    pub fn add(&mut self, rule: &'static str) {
        *self.by_rule.entry(rule).or_default() += 1;
    }

    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (rule, count) in &other.by_rule {
            *self.by_rule.entry(rule).or_default() += count;
        }
    }

    /// The rules that took something out, by name, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.by_rule.iter().map(|(rule, count)| (*rule, *count))
    }

    /// The number of values taken out by all rules together.
    pub fn total(&self) -> u64 {
        self.by_rule.values().sum()
    }
}
