//! One ring's records on their way into the merge.
use obs_core::wire::Kind;
use obs_ring::clock::Anchor;
use obs_ring::ring::{Consumer, Item, Record};

/// This part of a ring may be full before the drain hurries.
const CROWD: u64 = 8;

/// A ring as the drain sees it.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) number: u32,
    pub(super) consumer: Consumer,
    /// Refusals that the journal tells of already, by level.
    pub(super) told: [u64; 8],
    /// The context in force where the next record begins.
    pub(super) context: Vec<u8>,
    /// The record that says which context is in force may have been damaged: nobody knows until the next one does.
    pub(super) is_context_lost: bool,
    /// The number under which that context was defined last.
    pub(super) context_number: Option<u32>,
    /// No record's time is taken to be before this.
    ticks: u64,
    /// Up to here records have been taken.
    pub(super) taken: u64,
    /// Up to here the current pass goes.
    head: u64,
    buffer: Vec<u8>,
    bytes: Vec<u8>,
    pending: Vec<Pending>,
    next: usize,
}

/// A record that waits for its turn.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) ticks: u64,
    pub(super) end: u64,
    pub(super) what: What,
}

/// What waits.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// A record: kind, level, its body, and its context if that changes.
    Record {
        kind: u8,
        level: u8,
        body: std::ops::Range<usize>,
        context: Option<std::ops::Range<usize>>,
    },
    /// A block begins: the context is empty again.
    Opening,
    /// So many bytes that hold no record.
    Damaged(u64),
}

impl Intake {
    pub(super) fn new(number: u32, consumer: Consumer, told: [u64; 8]) -> Self {
        let taken = consumer.position();
        let mut intake = Self {
            number,
            consumer,
            told,
            context: Vec::new(),
            is_context_lost: false,
            context_number: None,
            ticks: 0,
            taken,
            head: taken,
            buffer: Vec::new(),
            bytes: Vec::new(),
            pending: Vec::new(),
            next: 0,
        };
        intake.learn_context();
        intake
    }

    /// Reads from the start of the block up to the position, for the context alone.
    fn learn_context(&mut self) {
        let (from, to) = (self.consumer.context_start(), self.consumer.position());
        let mut records = self.consumer.read(from, to, &mut self.buffer);
        while let Some(item) = records.next() {
            match item {
                Item::Opening(_) => (self.context, self.is_context_lost) = (Vec::new(), false),
                Item::Record(Record { context: Some(context), .. }) => {
                    (self.context, self.is_context_lost) = (context.to_vec(), false);
                }
                Item::Damaged(..) => (self.context, self.is_context_lost) = (Vec::new(), true),
                _ => {}
            }
        }
    }

    /// Gives the ring the room up to a position back.
    pub(super) fn release(&mut self, position: u64) {
        if position != self.consumer.position() {
            self.consumer.release(position);
        }
    }

    /// A pass begins: it takes what is committed now.
    pub(super) fn open_pass(&mut self) {
        self.head = self.consumer.head();
    }

    /// Whether more waits in the ring, now that a pass begins, than is to wait.
    pub(super) fn is_crowded(&self) -> bool {
        self.head.saturating_sub(self.taken) > self.consumer.ring().shape().capacity() / CROWD
    }

    /// The time of the next record of this pass.
    pub(super) fn next_ticks(&mut self, anchored: impl FnMut(&Anchor)) -> Option<u64> {
        if self.next >= self.pending.len() {
            self.refill(anchored);
        }
        self.pending.get(self.next).map(|pending| pending.ticks)
    }

    /// Reads on in the ring, up to where this pass goes.
    fn refill(&mut self, mut anchored: impl FnMut(&Anchor)) {
        self.pending.clear();
        self.bytes.clear();
        self.next = 0;
        if self.head <= self.taken {
            return;
        }
        let end = self.consumer.read_end(self.taken, self.head);
        let mut records = self.consumer.read(self.taken, end, &mut self.buffer);
        let mut at = self.taken;
        while let Some(item) = records.next() {
            match item {
                Item::Opening(anchor) => {
                    anchored(&anchor);
                    self.ticks = self.ticks.max(anchor.ticks);
                    self.pending.push(Pending { ticks: self.ticks, end: at, what: What::Opening });
                }
                Item::Record(record) => {
                    self.ticks = self.ticks.max(record.ticks);
                    let what = keep(&mut self.bytes, &record);
                    self.pending.push(Pending { ticks: self.ticks, end: record.end, what });
                    at = record.end;
                }
                Item::Damaged(from, to) => {
                    self.pending.push(Pending {
                        ticks: self.ticks,
                        end: to,
                        what: What::Damaged(to - from),
                    });
                    at = to;
                }
                _ => {}
            }
        }
        // What lies between the last record and the range's end is filling.
        if let Some(last) = self.pending.last_mut() {
            last.end = last.end.max(records.position());
        } else {
            self.taken = records.position();
        }
    }

    /// Takes what waits first, unless it is later than `until`.
    pub(super) fn take(&mut self, until: u64) -> Option<Pending> {
        let pending = self.pending.get(self.next).filter(|pending| pending.ticks <= until)?.clone();
        self.next += 1;
        self.taken = pending.end.max(self.taken);
        Some(pending)
    }

    /// Whether all that was committed when the pass began has been taken.
    pub(super) fn is_empty(&self) -> bool {
        self.taken >= self.head
    }

    pub(super) fn bytes(&self, range: &std::ops::Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// What was refused since the journal was told last.
    pub(super) fn untold(&self) -> Option<[u64; 8]> {
        let refused = self.consumer.refused();
        (refused != self.told).then_some(refused)
    }
}

fn keep(bytes: &mut Vec<u8>, record: &Record<'_>) -> What {
    let mut add = |part: &[u8]| {
        let start = bytes.len();
        bytes.extend_from_slice(part);
        start..bytes.len()
    };
    let context = record.context.map(&mut add);
    let kind = if record.kind == 0 { Kind::Withheld as u8 } else { record.kind };
    What::Record { kind, level: record.level, body: add(record.body), context }
}
