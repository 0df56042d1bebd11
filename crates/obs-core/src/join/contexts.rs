//! Contexts, by their numbers.
use std::sync::Arc;

/// Contexts that are remembered: one is forgotten when one has come whose number is so much higher.
pub const CONTEXTS_KEPT: u32 = 4096;

/// The contexts with the highest numbers. Finding and adding one takes a look at one place.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    /// As many as were needed so far; a number's place is what is left when it is divided by [`CONTEXTS_KEPT`].
    places: Vec<Option<(u32, Arc<[u8]>)>>,
}

impl Contexts {
    pub(super) fn get(&self, number: u32) -> Option<&Arc<[u8]>> {
        let (known, context) = self.places.get(place(number))?.as_ref()?;
        (*known == number).then_some(context)
    }

    /// Adds a context, unless one with a higher number has its place.
    pub(super) fn insert(&mut self, number: u32, context: Arc<[u8]>) {
        let place = place(number);
        if self.places.len() <= place {
            self.places.resize(place + 1, None);
        }
        let known = &mut self.places[place];
        if known.as_ref().is_none_or(|(known, _)| *known <= number) {
            *known = Some((number, context));
        }
    }

    /// Adds those of `others` that are not known.
    pub(super) fn adopt(&mut self, others: &Self) {
        for (number, context) in others.places.iter().flatten() {
            if self.get(*number).is_none() {
                self.insert(*number, Arc::clone(context));
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.places.iter_mut().for_each(|known| *known = None);
    }

    /// All, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let known = self.places.iter().flatten().map(|(number, context)| (*number, &**context));
        let mut known: Vec<(u32, &[u8])> = known.collect();
        known.sort_unstable_by_key(|(number, _)| *number);
        known.into_iter()
    }
}

fn place(number: u32) -> usize {
    (number % CONTEXTS_KEPT) as usize
}

#[cfg(test)]
mod tests {
    use super::{CONTEXTS_KEPT, Contexts};

    #[test]
    fn a_context_is_known_until_so_many_others_have_come() {
        let mut contexts = Contexts::default();
        let all = 2 * CONTEXTS_KEPT + 5;
        for number in 1..=all {
            contexts.insert(number, number.to_le_bytes().as_slice().into());
            let oldest = number.saturating_sub(CONTEXTS_KEPT - 1).max(1);
            assert_eq!(contexts.get(oldest).map(|it| &**it), Some(oldest.to_le_bytes().as_slice()));
            assert_eq!(contexts.get(oldest - 1), None);
        }
        contexts.insert(5, [1].as_slice().into());
        assert_eq!(contexts.get(5), None, "what comes late is old");
        let numbers: Vec<u32> = contexts.iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, (all - CONTEXTS_KEPT + 1..=all).collect::<Vec<_>>());
        let mut other = Contexts::default();
        other.insert(all, [2].as_slice().into());
        other.adopt(&contexts);
        assert_eq!(other.get(all).map(|it| &**it), Some([2].as_slice()), "it knew that itself");
        assert_eq!(other.iter().count(), CONTEXTS_KEPT as usize);
        contexts.clear();
        assert_eq!((contexts.get(all), contexts.iter().count()), (None, 0));
    }
}
