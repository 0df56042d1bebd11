//! The keys of log lines, which are the same in line after line.
use super::hit::{Hit, is_name_key, is_value_key};
use crate::redact::Redactor;
use std::collections::HashMap;

/// Keys that are remembered; log lines have few.
const KEYS_MAX: usize = 4_096;

/// What a key says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) hit: Option<Hit>,
    /// Whether its value is a name.
    pub(super) is_name: bool,
    /// Whether its value may be that of a name.
    pub(super) is_value: bool,
}

/// Keys that were judged.
#[derive(Debug, Default)]
pub(super) struct Keys {
    known: Vec<(Box<str>, Key)>,
    /// Their places in the list.
    places: HashMap<Box<str>, usize>,
    /// The places of the keys of the last line, in their order.
    order: Vec<usize>,
}

impl Keys {
    /// What `name` says, which is the key of this number in its line.
    pub(super) fn judge(&mut self, redactor: &Redactor, name: &str, number: usize) -> Key {
        if let Some((known, key)) = self.order.get(number).and_then(|place| self.known.get(*place))
            && **known == *name
        {
            return *key;
        }
        let Some(place) = self.place(redactor, name) else { return Key::of(redactor, name) };
        if number == self.order.len() && number < KEYS_MAX {
            self.order.push(place);
        } else if let Some(last) = self.order.get_mut(number) {
            *last = place;
        }
        self.known[place].1
    }

    /// The place of a key; `None` when there are too many.
    fn place(&mut self, redactor: &Redactor, name: &str) -> Option<usize> {
        if let Some(place) = self.places.get(name) {
            return Some(*place);
        }
        let place = self.known.len();
        if place == KEYS_MAX {
            return None;
        }
        self.known.push((name.into(), Key::of(redactor, name)));
        self.places.insert(name.into(), place);
        Some(place)
    }
}

impl Key {
    fn of(redactor: &Redactor, name: &str) -> Self {
        let hit = Hit::of(redactor, name);
        Self { hit, is_name: is_name_key(name), is_value: is_value_key(name) }
    }
}
