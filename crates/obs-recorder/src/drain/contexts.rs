//! The slots in which contexts are defined for the readers of the journal.
use obs_core::join::CONTEXT_SLOTS;
use std::collections::HashMap;

/// Which context stands in which slot, in the segment that is being written.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    slots: HashMap<Box<[u8]>, u32>,
    /// What each slot holds, and the stamp of its definition.
    held: HashMap<u32, (Box<[u8]>, u64)>,
    next: u32,
    stamps: u64,
}

/// Where a context stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) slot: u32,
    pub(super) stamp: u64,
    /// It must be defined now.
    pub(super) is_new: bool,
}

impl Contexts {
    /// Forgets everything: a new segment begins.
    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.held.clear();
        self.next = 0;
    }

    /// Whether the definition with this stamp still stands in the slot.
    pub(super) fn stands(&self, slot: u32, stamp: u64) -> bool {
        self.held.get(&slot).is_some_and(|(_, held)| *held == stamp)
    }

    /// Finds or makes a place for a context that is not empty. The oldest definition gives way when all slots are taken.
    pub(super) fn place(&mut self, bytes: &[u8]) -> Placed {
        if let Some(slot) = self.slots.get(bytes)
            && let Some((_, stamp)) = self.held.get(slot)
        {
            return Placed { slot: *slot, stamp: *stamp, is_new: false };
        }
        self.next = self.next % (CONTEXT_SLOTS - 1) + 1;
        self.stamps += 1;
        let (slot, stamp) = (self.next, self.stamps);
        if let Some((old, _)) = self.held.insert(slot, (bytes.into(), stamp)) {
            self.slots.remove(&old);
        }
        self.slots.insert(bytes.into(), slot);
        Placed { slot, stamp, is_new: true }
    }
}
