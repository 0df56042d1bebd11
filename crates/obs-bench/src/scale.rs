//! How much is measured.

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// As little as shows that everything works; the figures mean nothing.
    Smoke,
    /// What somebody who changed something wants to know soon.
    Short,
    /// What is published.
    Full,
}

impl Scale {
    /// What belongs to the scale, of three.
    pub(crate) fn of<T>(self, smoke: T, short: T, full: T) -> T {
        match self {
            Self::Smoke => smoke,
            Self::Short => short,
            Self::Full => full,
        }
    }

    /// How often each system is asked, in turn with the others.
    pub(crate) fn rounds(self) -> u32 {
        self.of(1, 3, 5)
    }
}
