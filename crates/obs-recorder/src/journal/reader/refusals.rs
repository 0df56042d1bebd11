//! Refusals whose record stood in a gap.
use obs_core::join::Join;
use obs_core::wire::Kind;
use obs_core::wire::frame::{FLAG_CHECKPOINT, Frame};
use obs_core::wire::notes::Lost;

/// Counts by level.
type Levels = [u64; 8];

/// Which refusals a reader has told, or knows to have been told before. All words on refusals say how many there were
/// in all, also those that begin a stretch of the journal: what was said in a gap in front of it can be made up for.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    /// `None` where that is not known.
    told: Option<Levels>,
    /// Whether something was said since all was known to be told.
    is_behind: bool,
}

impl Refusals {
    /// Nothing was told, because nothing was said.
    pub(super) fn none() -> Self {
        Self { told: Some([0; 8]), is_behind: false }
    }

    /// All was told that `join` knows of.
    pub(super) fn all_of(join: &Join) -> Self {
        Self { told: Some(said(join)), is_behind: false }
    }

    /// Takes note of a frame.
    pub(super) fn note(&mut self, frame: &Frame<'_>) {
        if frame.header.kind != Kind::Lost {
            return;
        }
        self.is_behind = true;
        if frame.header.flags & FLAG_CHECKPOINT == 0
            && let Some(told) = &mut self.told
            && let Some(lost) = Lost::decode(frame.body)
        {
            *told = map(told, &lost.by_level, u64::saturating_add);
        }
    }

    /// What `join` knows of was told before: the record that was read last is passed over.
    pub(super) fn pass_over(&mut self, join: &Join) {
        if self.is_behind || self.told.is_none() {
            *self = Self::all_of(join);
        }
    }

    /// What `join` knows of and was not told. From now on it was.
    pub(super) fn make_up(&mut self, join: &Join) -> Levels {
        let said = said(join);
        let told = self.told.replace(said).unwrap_or(said);
        map(&said, &told, u64::saturating_sub)
    }
}

fn said(join: &Join) -> Levels {
    join.refused().values().fold([0; 8], |all, ring| map(&all, ring, u64::saturating_add))
}

fn map(one: &Levels, other: &Levels, with: impl Fn(u64, u64) -> u64) -> Levels {
    std::array::from_fn(|level| with(one[level], other[level]))
}
