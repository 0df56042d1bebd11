//! What the lines of one callsite have in common, rendered once.
use super::keys::Keys;
use super::layers::{Layers, Slots};
use super::surroundings::Surroundings;
use crate::names::Sketch;
use obs_core::record::EventFact;
use obs_core::{Callsite, escape};

/// Callsites are kept by number; one takes the place of another whose number is the same modulo this.
const SITES_MAX: usize = 512;
/// Keys of a callsite beyond this are rendered anew for each line.
const KEY_BYTES_MAX: usize = 4096;

/// The callsites of a run, as far as they were met lately.
#[derive(Debug)]
pub(super) struct Sites {
    /// Made when the first line is.
    slots: Vec<Site>,
}

/// The parts of a callsite's lines.
#[derive(Debug, Default)]
pub(super) struct Site {
    number: Option<u32>,
    /// From behind the timestamp to the event's text: `","level":"info","event":"`.
    pub(super) head: Vec<u8>,
    /// The event's text where there is no message.
    pub(super) title: Vec<u8>,
    /// From behind the event's text to the run's id: `,"logger":"…"`.
    pub(super) logger: Vec<u8>,
    /// The place of the field that is the event's text.
    pub(super) message: Option<usize>,
    /// The names of the other fields.
    pub(super) sketch: Sketch,
    /// Whether no two fields have the same name, and all keys are here.
    pub(super) is_regular: bool,
    keys: Vec<u8>,
    ends: Vec<usize>,
    surroundings: Surroundings,
}

impl Sites {
    pub(super) fn new() -> Self {
        Self { slots: Vec::new() }
    }

    /// The parts of the event's lines.
    #[inline]
    pub(super) fn of(&mut self, event: &EventFact<'_>) -> &mut Site {
        if self.slots.is_empty() {
            self.slots.resize_with(SITES_MAX, Site::default);
        }
        let number = event.callsite_number;
        let site = &mut self.slots[number as usize % SITES_MAX];
        if site.number != Some(number) || site.ends.len() != event.callsite.fields.len() {
            site.render(event.callsite);
            site.number = Some(number);
        }
        site
    }
}

impl Site {
    #[cold]
    fn render(&mut self, callsite: &Callsite) {
        self.head.clear();
        self.head.extend_from_slice(b"\",\"level\":\"");
        self.head.extend_from_slice(callsite.level.as_str().as_bytes());
        self.head.extend_from_slice(b"\",\"event\":\"");
        self.title.clear();
        let name = Some(&callsite.name).filter(|name| !name.is_empty());
        escape::json(&mut self.title, name.unwrap_or(&callsite.target));
        self.logger.clear();
        self.logger.extend_from_slice(b",\"logger\":\"");
        escape::json(&mut self.logger, &callsite.target);
        self.logger.push(b'"');
        self.message = callsite.fields.iter().position(|name| name == obs_core::record::MESSAGE);
        self.surroundings = Surroundings::default();
        self.render_keys(callsite);
    }

    fn render_keys(&mut self, callsite: &Callsite) {
        self.keys.clear();
        self.ends.clear();
        self.sketch.clear();
        self.is_regular = true;
        for (place, name) in callsite.fields.iter().enumerate() {
            self.is_regular &= !callsite.fields[..place].contains(name);
            if self.keys.len() < KEY_BYTES_MAX {
                Keys::Log.write(&mut self.keys, name);
            }
            self.ends.push(self.keys.len());
            if Some(place) != self.message {
                self.sketch.add(name);
            }
        }
        if self.keys.len() >= KEY_BYTES_MAX {
            self.is_regular = false;
            self.keys = Vec::new();
        }
    }

    /// The key of the field at this place, `,"name":`; nothing for an irregular callsite.
    #[inline]
    pub(super) fn key(&self, place: usize) -> Option<&[u8]> {
        let end = *self.ends.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.keys.get(start..end)
    }

    /// Renders what these layers have to say in lines of this callsite, unless that was done last. False when it is too
    /// much to be kept.
    #[inline]
    pub(super) fn surround(&mut self, layers: &Layers, slots: &Slots) -> bool {
        if self.surroundings.are_of(layers, slots) {
            return true;
        }
        let mut surroundings = std::mem::take(&mut self.surroundings);
        let is_kept = surroundings.render(layers, slots, self);
        self.surroundings = surroundings;
        is_kept
    }

    /// What was rendered last by [`Site::surround`].
    #[inline]
    pub(super) fn surroundings(&self) -> &[u8] {
        &self.surroundings.bytes
    }

    /// Whether the surroundings are right for an event that has so many of the fields.
    #[inline]
    pub(super) fn is_enough(&self, given: usize) -> bool {
        let declared = self.ends.len() - usize::from(self.message.is_some());
        !self.surroundings.are_covered || given == declared
    }

    /// Whether a field other than the event's text has this key.
    pub(super) fn has(&self, key: &[u8]) -> bool {
        let places = 0..self.ends.len();
        places
            .filter(|place| Some(*place) != self.message)
            .any(|place| self.key(place) == Some(key))
    }
}
