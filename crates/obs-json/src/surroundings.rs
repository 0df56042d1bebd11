//! What lines of one callsite say of run, context and spans.
use super::layers::{Layers, Slots, Stamp};
use super::sites::Site;
use crate::names::Sketch;

/// More than this is rendered anew for each line.
const BYTES_MAX: usize = 8 << 10;

/// The members of all layers around an event, but for those that are covered by a name further in; kept as long as the
/// next event of the callsite has the same layers around it.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// The layers, outermost first.
    stamps: Vec<Stamp>,
    /// The members, `,"name":value,"name":value`.
    pub(super) bytes: Vec<u8>,
    /// Whether fields of the event cover some: it must have them all.
    pub(super) are_covered: bool,
}

impl Surroundings {
    /// Whether this is what these layers say.
    #[inline]
    pub(super) fn are_of(&self, layers: &Layers, slots: &Slots) -> bool {
        layers.at(slots).map(|layer| layer.stamp).eq(self.stamps.iter().copied())
    }

    /// Puts together what these layers say around events of `site`. False when that is too much to be kept.
    pub(super) fn render(&mut self, layers: &Layers, slots: &Slots, site: &Site) -> bool {
        self.stamps.clear();
        self.bytes.clear();
        self.are_covered = false;
        if layers.at(slots).map(|layer| layer.bytes.len()).sum::<usize>() > BYTES_MAX {
            return false;
        }
        let mut sketches = [&site.sketch; Slots::MAX + 1];
        for (sketch, layer) in sketches[1..].iter_mut().zip(layers.at(slots)) {
            self.stamps.push(layer.stamp);
            *sketch = &layer.sketch;
        }
        if Sketch::are_disjoint(&sketches[..=self.stamps.len()]) {
            layers.at(slots).for_each(|layer| self.bytes.extend_from_slice(&layer.bytes));
            return true;
        }
        let mut further_in = layers.at(slots);
        while let Some(layer) = further_in.next() {
            for (key, member) in layer.members() {
                if further_in.clone().any(|inner| inner.has(key)) {
                    continue;
                }
                if site.has(key) {
                    self.are_covered = true;
                } else {
                    self.bytes.extend_from_slice(member);
                }
            }
        }
        true
    }
}
