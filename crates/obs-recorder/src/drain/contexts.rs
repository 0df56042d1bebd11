//! The numbers by which the readers of the journal know contexts.
use obs_core::join::CONTEXTS_KEPT;
use std::collections::HashMap;
use std::sync::Arc;

/// A number is not used any more when so many were given after it: readers keep the last [`CONTEXTS_KEPT`] alone.
const NUMBERS_TRUSTED: u32 = CONTEXTS_KEPT - CONTEXTS_KEPT / 8;
/// Those that are not used any more are looked for when there are so many, so that looking costs each new one little.
const NUMBERS_HELD: usize = NUMBERS_TRUSTED as usize + NUMBERS_TRUSTED as usize / 4;

/// Which contexts have been defined in the segment that is being written. No number is ever given twice.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    numbers: HashMap<Arc<[u8]>, u32>,
    last: u32,
    /// The first number of the segment.
    first: u32,
}

impl Contexts {
    /// A new segment begins: everything must be defined again, under new numbers.
    pub(super) fn begin_anew(&mut self) {
        self.numbers.clear();
        self.first = self.last + 1;
    }

    /// Numbers up to this one were given before.
    pub(super) fn skip(&mut self, last: u32) {
        self.last = self.last.max(last);
        self.begin_anew();
    }

    /// Whether readers know what the number stands for.
    pub(super) fn stands(&self, number: u32) -> bool {
        number >= self.first && self.last - number < NUMBERS_TRUSTED
    }

    /// The number of a context that is not empty, and whether it must be defined now.
    pub(super) fn number(&mut self, bytes: &[u8]) -> (u32, bool) {
        if let Some(number) = self.numbers.get(bytes)
            && self.stands(*number)
        {
            return (*number, false);
        }
        self.last += 1;
        let last = self.last;
        if self.numbers.len() >= NUMBERS_HELD {
            self.numbers.retain(|_, number| last - *number < NUMBERS_TRUSTED);
        }
        self.numbers.insert(bytes.into(), last);
        (last, true)
    }
}

#[cfg(test)]
mod tests {
    use super::{Contexts, NUMBERS_TRUSTED};

    #[test]
    fn a_context_is_defined_once_and_again_when_readers_may_have_forgotten_it() {
        let mut contexts = Contexts::default();
        assert_eq!(contexts.number(b"a"), (1, true));
        assert_eq!(contexts.number(b"a"), (1, false));
        for number in 2..=NUMBERS_TRUSTED {
            assert_eq!(contexts.number(&number.to_le_bytes()), (number, true));
        }
        assert_eq!(contexts.number(b"a"), (1, false));
        let next = NUMBERS_TRUSTED + 1;
        assert_eq!(contexts.number(b"b"), (next, true));
        assert_eq!(contexts.number(b"a"), (next + 1, true), "too old to be relied on");
        contexts.begin_anew();
        assert!(!contexts.stands(next));
        assert_eq!(contexts.number(b"b"), (next + 2, true));
    }
}
