//! Passes of the drain.
use super::frames::{Counts, Frames, Own};
use super::intake::{Intake, What};
use crate::callsites::Callsites;
use crate::clock::{Anchored, Clock, Timeline};
use crate::redaction::Redaction;
use obs_core::join::OpenSpan;
use obs_core::wire::body::SpanEnd;
use obs_ring::clock::Anchor;
use obs_ring::ring::Consumer;
use obs_ring::stage;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;

/// A batch is staged when it is this long, or an eighth of the stage, whatever else is waiting.
const BATCH_BYTES: usize = 16 << 10;

/// What a drain is made of.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "made by the recorder, by recovery and by the simulation"
)]
pub struct Parts {
    /// Where frames go.
    pub stage: stage::Writer,
    /// What records' callsites are.
    pub callsites: Arc<Callsites>,
    /// How ticks relate to time.
    pub timeline: Timeline,
    /// Where time comes from; `None` for a dead run, whose rings are all there is.
    pub clock: Option<Arc<dyn Clock>>,
    /// The number of the last record in the journal.
    pub last_seq: u64,
    /// A segment is cut when it holds so many bytes.
    pub segment_bytes: u64,
    /// How secrets are known.
    pub redaction: Redaction,
}

/// Moves records from rings to the stage.
#[derive(Debug)]
pub struct Drain {
    stage: stage::Writer,
    frames: Frames,
    timeline: Timeline,
    clock: Option<Arc<dyn Clock>>,
    intakes: Vec<Intake>,
    segment_bytes: u64,
    batch_bytes: usize,
    /// Where the segment began.
    cut_at: u64,
    /// Positions from which on everything is defined anew, oldest first.
    epochs: VecDeque<u64>,
    /// Rings with something to take, by the time of their next record.
    waiting: BinaryHeap<Reverse<(u64, usize)>>,
    /// What the rings keep though it is staged, for the stage would not outlive the process: where each batch ends, and
    /// how far each ring had been read.
    kept: VecDeque<(u64, Vec<u64>)>,
    /// Whether the last pass found more in a ring than is to wait there.
    is_crowded: bool,
    /// The number of the last record that a pass has said to be staged: one that found no room says nothing of those
    /// that it staged before.
    told_seq: u64,
}

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pass {
    /// Nothing was waiting.
    Idle,
    /// Records were staged, by this pass or by those before it that found no room.
    Staged,
    /// Something is waiting, and the stage has no room for it.
    NoRoom,
}

impl Drain {
    /// A drain without rings. The first thing that it stages is how ticks relate to time.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let (start, capacity) = (parts.stage.head(), parts.stage.capacity());
        Self {
            frames: Frames::new(parts.callsites, start, parts.last_seq, parts.redaction),
            stage: parts.stage,
            timeline: parts.timeline,
            clock: parts.clock,
            intakes: Vec::new(),
            batch_bytes: BATCH_BYTES.min(capacity as usize / 8),
            segment_bytes: parts.segment_bytes,
            cut_at: start,
            epochs: VecDeque::from([start]),
            waiting: BinaryHeap::new(),
            kept: VecDeque::new(),
            is_crowded: false,
            told_seq: parts.last_seq,
        }
    }

    /// What an earlier part of the journal says of threads and the run, and the last number that a context has there.
    pub fn remember(
        &mut self,
        threads: BTreeMap<u32, Vec<u8>>,
        run_context: Vec<u8>,
        last_context: u32,
    ) {
        self.frames.remember(threads, run_context, last_context);
    }

    /// Reads from one more ring. `told` are the refusals that the journal tells of already.
    pub fn add_ring(&mut self, number: u32, consumer: Consumer, told: [u64; 8]) {
        self.intakes.push(Intake::new(number, consumer, told));
    }

    /// The number of the last record.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.frames.last_seq
    }

    pub(crate) fn counts(&self) -> Counts {
        self.frames.counts
    }

    /// The body of the last panic's event.
    pub(crate) fn last_panic(&self) -> Option<&[u8]> {
        self.frames.last_panic.as_deref()
    }

    /// How ticks relate to time.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Takes what the rings held when the pass began, as far as there is room, and stages it. Records of one thread
    /// keep their order; of two threads' records, one of which was made after the other was complete, the later comes
    /// later.
    pub fn pass(&mut self) -> Pass {
        self.pass_until(self.cutoff())
    }

    /// Whether the next pass is to come soon.
    pub(crate) fn is_crowded(&self) -> bool {
        self.is_crowded
    }

    /// The time up to which a pass may take what it finds. It is read before any ring is looked at, or looked for:
    /// whatever a record up to it had seen is there to be taken, too.
    pub(crate) fn cutoff(&self) -> u64 {
        self.clock.as_ref().map_or(u64::MAX, |clock| clock.ticks())
    }

    /// A pass up to a [`cutoff`](Self::cutoff).
    pub(crate) fn pass_until(&mut self, cutoff: u64) -> Pass {
        self.release_moved();
        if !self.stage_batch() {
            return Pass::NoRoom;
        }
        self.look_at_clock();
        self.waiting.clear();
        self.is_crowded = false;
        for index in 0..self.intakes.len() {
            self.intakes[index].open_pass();
            self.is_crowded |= self.intakes[index].is_crowded();
            self.enqueue(index, cutoff);
        }
        while let Some(Reverse((_, index))) = self.waiting.pop() {
            let until = self.waiting.peek().map_or(cutoff, |Reverse((ticks, _))| *ticks);
            if !self.take_from(index, until) {
                return Pass::NoRoom;
            }
            self.enqueue(index, cutoff);
        }
        self.tell_refusals();
        if !self.stage_batch() {
            return Pass::NoRoom;
        }
        if self.frames.last_seq == self.told_seq {
            return Pass::Idle;
        }
        self.told_seq = self.frames.last_seq;
        Pass::Staged
    }

    /// Queues a ring by the time of its next record, unless that is after the cutoff.
    fn enqueue(&mut self, index: usize, cutoff: u64) {
        let learn = self.clock.is_none();
        let timeline = &mut self.timeline;
        let anchored = |anchor: &Anchor| {
            if learn {
                timeline.anchor(*anchor);
            }
        };
        if let Some(ticks) = self.intakes[index].next_ticks(anchored)
            && ticks <= cutoff
        {
            self.waiting.push(Reverse((ticks, index)));
        }
    }

    /// Takes records from one ring up to a time. False when the stage has no room.
    fn take_from(&mut self, index: usize, until: u64) -> bool {
        while let Some(pending) = self.intakes[index].take(until) {
            let intake = &mut self.intakes[index];
            self.frames.add(intake, pending.ticks, &pending.what, &self.timeline);
            if self.frames.batch.len() >= self.batch_bytes && !self.stage_batch() {
                return false;
            }
        }
        true
    }

    fn look_at_clock(&mut self) {
        let Some(clock) = &self.clock else { return };
        if let Anchored::Jumped(_) = self.timeline.anchor(clock.anchor()) {
            self.frames.clock(&self.timeline);
        }
    }

    /// Refusals of threads that fell silent afterwards; a thread that goes on tells of its own.
    fn tell_refusals(&mut self) {
        let now = self.clock.as_ref().map(|clock| clock.ticks());
        for intake in &mut self.intakes {
            if intake.is_empty()
                && let Some(refused) = intake.untold()
            {
                let unix_ns =
                    now.map_or(self.timeline.base().unix_ns, |ticks| self.timeline.unix_ns(ticks));
                self.frames.tell_refused(intake, refused, unix_ns);
            }
        }
    }

    /// Stages a record of the drain's own, after everything before it. False when there is no room; it then waits.
    pub(crate) fn own(&mut self, own: &Own<'_>) -> bool {
        self.frames.own(own);
        self.stage_batch()
    }

    /// Ends a span that was open when its run died.
    pub(crate) fn close_span(&mut self, span: &OpenSpan, end: &SpanEnd, unix_ns: u64) {
        self.frames.close_span(span, end, unix_ns);
    }

    /// Publishes the batch, all at once; then gives the rings their room back. A kill before the first loses nothing,
    /// a kill between the two repeats nothing: every frame says how far its ring has been read. Where the stage would
    /// not outlive the process, the rings keep what the writer has not moved.
    fn stage_batch(&mut self) -> bool {
        if self.frames.batch.is_empty() {
            return true;
        }
        if !self.stage.append(&self.frames.batch) {
            return false;
        }
        if self.stage.is_short() {
            let taken = self.intakes.iter().map(|intake| intake.taken).collect();
            self.kept.push_back((self.stage.head(), taken));
            self.release_moved();
        } else {
            self.intakes.iter_mut().for_each(|intake| intake.release(intake.taken));
        }
        self.frames.start = self.stage.head();
        self.frames.batch.clear();
        self.begin_epoch();
        true
    }

    /// Gives the rings the room back that they kept until the writer had moved what was in it.
    fn release_moved(&mut self) {
        let moved = self.stage.moved();
        while let Some((_, taken)) = self.kept.pop_front_if(|(end, _)| *end <= moved) {
            let rings = self.intakes.iter_mut().zip(taken);
            rings.for_each(|(intake, taken)| intake.release(taken));
        }
    }

    /// Every quarter of the stage begins with everything defined anew, so that the stage can be read from there; every
    /// segment does, too.
    fn begin_epoch(&mut self) {
        let head = self.stage.head();
        let epoch_at = self.epochs.back().copied().unwrap_or(0);
        if head - epoch_at < self.stage.capacity() / 4 {
            return;
        }
        let cut = head - self.cut_at >= self.segment_bytes;
        self.frames.begin_anew(&self.timeline, cut);
        self.frames.positions(self.intakes.iter().map(|intake| (intake.number, intake.taken)));
        for intake in &self.intakes {
            self.frames.repeat_refused(intake);
        }
        if cut {
            self.cut_at = head;
        }
        let tail = self.stage.tail();
        self.epochs.retain(|epoch| *epoch >= tail);
        self.epochs.push_back(head);
    }

    /// Gives up the oldest staged frames that the writer has moved. True if the waiting batch has room then. What stays
    /// begins where everything is defined anew: should what was moved be lost with a disk, what is staged can still be
    /// read whole. It begins anywhere else only below `synced`, where nothing is lost any more.
    pub fn make_room(&mut self, moved: u64, synced: u64) -> bool {
        let wanted = self.frames.batch.len() as u64;
        let least = (self.stage.head() + wanted).saturating_sub(self.stage.capacity());
        let until = moved.min(self.stage.head());
        let epoch = self.epochs.iter().find(|epoch| (least..=until).contains(epoch)).copied();
        let tail = epoch.unwrap_or_else(|| self.first_frame_from(least, until.min(synced)));
        self.stage.make_room(tail);
        self.stage.room() >= wanted
    }

    /// Where the first staged frame at or behind `least` begins, or the last before `until`.
    fn first_frame_from(&self, least: u64, until: u64) -> u64 {
        let mut position = self.stage.tail();
        while position < least && position < until {
            let length = self.stage.word_at(position) & u64::from(u32::MAX);
            position = (position + length.max(8).next_multiple_of(8)).min(self.stage.head());
        }
        position
    }

    /// Gives up the oldest quarter of the stage though the writer has not moved it. Its records are lost: whoever
    /// reads on finds their numbers missing.
    pub fn overwrite(&mut self) {
        let tail = self.stage.tail();
        let next = self.epochs.iter().find(|epoch| **epoch > tail).copied();
        self.stage.make_room(next.unwrap_or(self.stage.head()));
    }

    /// Counts what is in the rings, without moving it: records, and refusals that nothing has told of. Nothing can be
    /// staged afterwards.
    pub(crate) fn count_rest(&mut self) -> (u64, u64) {
        let mut rest = (0, 0);
        for intake in &mut self.intakes {
            intake.open_pass();
            while intake.next_ticks(|_| {}).is_some() {
                while let Some(pending) = intake.take(u64::MAX) {
                    rest.0 += u64::from(matches!(pending.what, What::Record { .. }));
                }
            }
            let untold = intake.untold().unwrap_or(intake.told);
            rest.1 += untold.iter().sum::<u64>().saturating_sub(intake.told.iter().sum());
        }
        rest
    }

    /// Whether every ring is empty and no thread is within a push.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.frames.batch.is_empty()
            && self
                .intakes
                .iter()
                .all(|intake| !intake.consumer.is_busy() && intake.consumer.head() <= intake.taken)
    }
}
