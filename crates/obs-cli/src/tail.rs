//! The last of something in a journal, without reading all of it.
use crate::failure::Result;
use crate::journal::{Journal, Reading};
use obs_core::record::Record;
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// Makes something of some of the records.
pub(crate) trait Pick {
    type Picked;

    /// As [`Reading::begin_batch`].
    fn begin_batch(&mut self) {}

    /// What a record gives, if it gives anything.
    fn pick(&mut self, record: &Record<'_>) -> Result<Option<Self::Picked>>;
}

/// The last `count` picks, in order. Reads the last segment, and as long as that is not enough twice as many from the
/// end: what is read is at most four times what must be, and no more than `count` picks are kept at a time.
pub(crate) fn last<P: Pick>(
    journal: &Journal,
    pick: P,
    count: usize,
) -> Result<VecDeque<P::Picked>> {
    let mut tail = Tail { pick, kept: VecDeque::new(), count };
    if count == 0 {
        return Ok(tail.kept);
    }
    let starts = journal.starts()?;
    let mut segments = 1;
    loop {
        let start = starts.len().checked_sub(segments).filter(|at| *at > 0).map(|at| starts[at]);
        tail.kept.clear();
        journal.read(start, &mut tail)?;
        if start.is_none() || tail.kept.len() >= count {
            return Ok(tail.kept);
        }
        segments *= 2;
    }
}

struct Tail<P: Pick> {
    pick: P,
    kept: VecDeque<P::Picked>,
    count: usize,
}

impl<P: Pick> Reading for Tail<P> {
    fn begin_batch(&mut self) {
        self.pick.begin_batch();
    }

    fn take(&mut self, record: &Record<'_>) -> Result<ControlFlow<()>> {
        if let Some(picked) = self.pick.pick(record)? {
            if self.kept.len() == self.count {
                self.kept.pop_front();
            }
            self.kept.push_back(picked);
        }
        Ok(ControlFlow::Continue(()))
    }
}
