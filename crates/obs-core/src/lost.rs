//! Why records are missing.

/// Why records are missing. The numbers are those on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum LostReason {
    /// The thread's ring was full and stayed so.
    RingFull = 1,
    /// The record could not be written: no ring was to be had, or it was made where none can be used.
    NoRing = 2,
    /// The disk took nothing for so long that the stage was full.
    StageFull = 3,
    /// The journal reached its size before the sink had read so far.
    JournalFull = 4,
    /// Bytes that a crashed run left were damaged.
    Damaged = 5,
    /// The machine went down, or the memory that held the rings was removed.
    RingsGone = 6,
    /// The sink refused it for good.
    Refused = 7,
    /// A number that a newer version uses.
    Other = 0,
}

impl LostReason {
    /// The reason with this number.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        match number {
            1 => Self::RingFull,
            2 => Self::NoRing,
            3 => Self::StageFull,
            4 => Self::JournalFull,
            5 => Self::Damaged,
            6 => Self::RingsGone,
            7 => Self::Refused,
            _ => Self::Other,
        }
    }

    /// The word for it in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RingFull => "ring_full",
            Self::NoRing => "no_ring",
            Self::StageFull => "stage_full",
            Self::JournalFull => "journal_full",
            Self::Damaged => "damaged",
            Self::RingsGone => "rings_gone",
            Self::Refused => "refused_by_sink",
            Self::Other => "other",
        }
    }
}
