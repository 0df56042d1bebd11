//! A list that is filled when the crate is built.

/// Up to `N` items.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<T, const N: usize> {
    items: [T; N],
    count: usize,
}

impl<T: Copy, const N: usize> List<T, N> {
    /// An empty list. Its room is filled with `blank`.
    pub(super) const fn new(blank: T) -> Self {
        Self { items: [blank; N], count: 0 }
    }

    pub(super) const fn push(&mut self, item: T) {
        self.items[self.count] = item;
        self.count += 1;
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// The item at a place that is taken.
    pub(super) const fn get(&self, at: usize) -> T {
        self.items[at]
    }

    pub(super) const fn as_mut_slice(&mut self) -> &mut [T] {
        self.items.split_at_mut(self.count).0
    }

    pub(super) const fn as_slice(&self) -> &[T] {
        self.items.split_at(self.count).0
    }
}
