//! Spans that have begun and not ended.
use super::contexts::Contexts;
use crate::callsite::Callsite;
use crate::id::SpanId;
use crate::ids::IdMap;
use crate::record::ScopeSpan;
use crate::wire::body::{self, SpanFlags, SpanRef};
use std::collections::VecDeque;
use std::sync::Arc;

/// Open spans that are remembered; beyond it the oldest are forgotten.
pub const OPEN_SPANS_MAX: usize = 65_536;
/// Bytes of attributes of open spans that are remembered; beyond it the oldest spans are forgotten.
pub const OPEN_SPAN_BYTES_MAX: usize = 16 << 20;

/// The spans that have begun and not ended.
#[derive(Debug, Default)]
pub struct Spans {
    open: IdMap<u64, OpenSpan>,
    /// Spans in the order of their starts; those that have ended are taken out when half of them have.
    order: VecDeque<(u64, u64)>,
    bytes: usize,
    evicted: u64,
    /// How often anything of this has changed.
    changes: u64,
}

/// A span that has begun and not ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OpenSpan {
    /// Its line of instrumentation.
    pub callsite: Arc<Callsite>,
    /// The callsite's number.
    pub callsite_number: u32,
    /// The span and its trace.
    pub span: SpanRef,
    /// The span around it.
    pub parent: Option<SpanId>,
    /// How it came about.
    pub flags: SpanFlags,
    /// When it began.
    pub start_unix_ns: u64,
    /// The number of the record of its start.
    pub seq: u64,
    /// The ring that its start came from.
    pub ring: u32,
    /// The attributes in scope where it began; where there were none, those of the span around it. Empty if they are
    /// not known any more, too.
    pub context: Arc<[u8]>,
    /// Their number; 0 only if there are none.
    pub context_number: u32,
    pub(super) version: u64,
    /// The number of the last record of attributes.
    pub(super) recorded_seq: u64,
    pub(super) lists: Vec<Box<[u8]>>,
}

impl OpenSpan {
    /// The lists of attributes as they were recorded: at the start, then those that were added.
    pub fn lists(&self) -> impl Iterator<Item = &[u8]> {
        self.lists.iter().map(AsRef::as_ref)
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Its context and the number of that; without attributes where they are not known any more.
    pub(super) fn numbered_context(&self) -> (u32, Option<&Arc<[u8]>>) {
        (self.context_number, Some(&self.context).filter(|context| !context.is_empty()))
    }

    fn bytes(&self) -> usize {
        self.lists.iter().map(|list| list.len()).sum()
    }
}

impl Spans {
    /// The open spans in the order of their starts.
    pub(super) fn in_order(&self) -> Vec<&OpenSpan> {
        let mut spans: Vec<&OpenSpan> = self.open.values().collect();
        spans.sort_by_key(|span| span.seq);
        spans
    }

    /// How many spans were forgotten because there were too many.
    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    pub(crate) fn span(&self, span: SpanId) -> Option<&OpenSpan> {
        self.open.get(&span.to_bits())
    }

    pub(crate) fn outwards(&self, innermost: SpanId) -> impl Iterator<Item = ScopeSpan<'_>> {
        let first = self.open.get(&innermost.to_bits());
        let mut left = self.open.len();
        std::iter::successors(first, move |span| {
            left = left.checked_sub(1)?;
            self.open.get(&span.parent?.to_bits())
        })
        .map(|span| ScopeSpan::new(span, &span.lists))
    }

    /// Forgets all spans, but not that there were others.
    pub(super) fn clear(&mut self) {
        *self = Self { changes: self.changes + 1, ..Self::default() };
    }

    pub(super) fn insert(&mut self, span: OpenSpan) {
        let key = span.span.span.to_bits();
        // Frames that are read a second time say nothing new.
        if self.open.get(&key).is_some_and(|known| known.seq == span.seq) {
            return;
        }
        self.changes += 1;
        self.order.push_back((key, span.seq));
        self.bytes += span.bytes();
        if let Some(before) = self.open.insert(key, span) {
            self.bytes -= before.bytes();
        }
        self.bound();
    }

    /// Notes attributes that the record with the number `seq` adds; 0 for those that a checkpoint repeats.
    pub(super) fn record(&mut self, record: &body::SpanRecord<'_>, seq: u64, version: u64) {
        let Some(open) = self.open.get_mut(&record.span.to_bits()) else { return };
        if seq > 0 && seq <= open.recorded_seq {
            return;
        }
        self.changes += 1;
        open.recorded_seq = seq;
        let list: Box<[u8]> = record.attributes.trimmed().unwrap_or_default().into();
        self.bytes += list.len();
        open.lists.push(list);
        open.version = version;
        self.bound();
    }

    /// Takes over the contexts of spans where they were not known.
    pub(super) fn adopt_contexts(&mut self, contexts: &Contexts) {
        for span in self.open.values_mut().filter(|span| span.context.is_empty()) {
            if let Some(context) = contexts.get(span.context_number) {
                span.context = Arc::clone(context);
            }
        }
    }

    pub(super) fn remove(&mut self, span: SpanId) {
        if let Some(open) = self.open.remove(&span.to_bits()) {
            self.changes += 1;
            self.bytes -= open.bytes();
        }
        if self.order.len() > 64 && self.order.len() > 2 * self.open.len() {
            let open = &self.open;
            self.order.retain(|(key, seq)| open.get(key).is_some_and(|span| span.seq == *seq));
        }
    }

    fn bound(&mut self) {
        while self.open.len() > OPEN_SPANS_MAX || self.bytes > OPEN_SPAN_BYTES_MAX {
            let Some((key, seq)) = self.order.pop_front() else { return };
            if self.open.get(&key).is_some_and(|span| span.seq == seq)
                && let Some(open) = self.open.remove(&key)
            {
                self.bytes -= open.bytes();
                self.evicted += 1;
            }
        }
    }
}
