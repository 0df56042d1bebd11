//! How much was taken out, by rule.

use std::collections::BTreeMap;

use serde::Serialize;

/// How many values each rule took out; serialises as a map from rule to count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RedactionCounts {
    by_rule: BTreeMap<String, u64>,
}

impl RedactionCounts {
    /// Counts one more value taken out by `rule`.
    pub fn add(&mut self, rule: &str) {
        self.add_many(rule, 1);
    }

    fn add_many(&mut self, rule: &str, count: u64) {
        match self.by_rule.get_mut(rule) {
            Some(own) => *own += count,
            None => _ = self.by_rule.insert(rule.to_owned(), count),
        }
    }

    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (rule, count) in &other.by_rule {
            self.add_many(rule, *count);
        }
    }

    /// The rules that took something out, by name, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.by_rule.iter().map(|(rule, count)| (rule.as_str(), *count))
    }

    /// The number of values taken out by all rules together.
    pub fn total(&self) -> u64 {
        self.by_rule.values().sum()
    }
}
