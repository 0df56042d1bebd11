//! The attributes of one record: each name once, the inner before the outer, up to a number.
use crate::proto::Message;
use crate::value;
use obs_core::value::Value;

/// How much one record may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the two limits of OpenTelemetry")]
pub struct Limits {
    /// Attributes; the rest is counted.
    pub count_max: usize,
    /// Characters of a text; longer ones are cut.
    pub length_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { count_max: 128, length_max: usize::MAX }
    }
}

/// Attributes on their way into a message, the outermost first.
#[derive(Debug)]
pub(crate) struct Attributes<'a> {
    list: Vec<(&'a str, Value<'a>)>,
}

impl<'a> Attributes<'a> {
    pub(crate) fn new() -> Self {
        Self { list: Vec::with_capacity(24) }
    }

    /// Adds an attribute. One of the same name that is there already is covered.
    pub(crate) fn put(&mut self, name: &'a str, value: Value<'a>) {
        if value != Value::Null && !name.is_empty() {
            self.list.push((name, value));
        }
    }

    pub(crate) fn put_all(&mut self, attributes: impl IntoIterator<Item = (&'a str, Value<'a>)>) {
        attributes.into_iter().for_each(|(name, value)| self.put(name, value));
    }

    /// Writes them into the field `field`, the last first where they are too many, and returns how many were left out.
    pub(crate) fn write(self, to: &mut Message, field: u32, limits: Limits) -> u64 {
        let (mut written, mut left_out) = (0, 0);
        // What was added last is nearest to the record.
        for (place, (name, value)) in self.list.iter().enumerate().rev() {
            let is_covered = self.list[place + 1..].iter().any(|(other, _)| other == name);
            if is_covered {
                continue;
            }
            if written < limits.count_max {
                value::attribute(to, field, name, value, limits.length_max);
                written += 1;
            } else {
                left_out += 1;
            }
        }
        left_out
    }
}
