//! Attributes that many lines share, rendered once: those of the run, of a context, of a span.
use super::keys::Keys;
use super::value;
use crate::names::{Names, Sketch};
use obs_core::SpanId;
use obs_core::record::{Record, Scope, ScopeSpan};
use obs_core::value::Value;

/// Contexts and spans are kept by number or id; one takes the place of another that falls on the same slot.
const CONTEXTS_MAX: usize = 64;
const SPANS_MAX: usize = 256;
/// Longer layers are rendered anew for each line.
const LAYER_BYTES_MAX: usize = 4096;
/// Lines within more spans than this are rendered from scratch.
const DEPTH_MAX: usize = 8;

/// The layers that were met lately. What is kept is good until [`Layers::forget`].
#[derive(Debug)]
pub(super) struct Layers {
    keys: Keys,
    /// The run, contexts, spans. Made when the first line is: a run that begins does not wait for it.
    slots: Vec<Layer>,
    epoch: u64,
    /// What was around the last line, and where it is kept. Nobody has looked for anything else since.
    last: Option<(Around, Slots)>,
    /// A key in the making, kept for its memory.
    key: Vec<u8>,
}

/// What is around a line: the versions of the run and of the context; the innermost span, and the version of all spans.
type Around = (u64, u64, Option<(SpanId, u64)>);

/// Epoch, id and version of a layer; 0 is nobody's id.
pub(super) type Stamp = (u64, u64, u64);

/// Attributes as they stand in a line, the later of two with one name.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) stamp: Stamp,
    /// `,"name":value,"name":value`.
    pub(super) bytes: Vec<u8>,
    pub(super) sketch: Sketch,
    /// Of each member: where its key ends, and where it ends itself.
    ends: Vec<(usize, usize)>,
    is_whole: bool,
}

/// The slots of one line's layers, outermost first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slots {
    slots: [u16; Slots::MAX],
    count: u8,
    /// Whether the innermost span is no longer known.
    pub(super) is_evicted: bool,
}

impl Slots {
    /// The most layers of a line that is put together from parts.
    pub(super) const MAX: usize = DEPTH_MAX + 2;

    fn push(&mut self, slot: usize) {
        self.slots[usize::from(self.count)] = slot as u16;
        self.count += 1;
    }
}

impl Layers {
    pub(super) fn new(keys: Keys) -> Self {
        Self { keys, slots: Vec::new(), epoch: 1, last: None, key: Vec::new() }
    }

    /// Forgets everything: numbers and versions may mean something else from now on.
    pub(super) fn forget(&mut self) {
        self.epoch += 1;
        self.last = None;
    }

    /// The layers of a record, rendered; `None` where they are too many, too long, or fall on one slot.
    #[inline]
    pub(super) fn of(
        &mut self,
        record: &Record<'_>,
        scope: Option<&Scope<'_>>,
        names: &mut Names,
    ) -> Option<Slots> {
        let innermost = scope.map(|scope| (scope.span(), scope.version()));
        let around = (record.run_version, record.context_version, innermost);
        if let Some((last, slots)) = &self.last
            && *last == around
        {
            return Some(*slots);
        }
        self.last = None;
        let slots = self.find(record, scope, names)?;
        self.last = Some((around, slots));
        Some(slots)
    }

    fn find(
        &mut self,
        record: &Record<'_>,
        scope: Option<&Scope<'_>>,
        names: &mut Names,
    ) -> Option<Slots> {
        self.slots.resize_with(1 + CONTEXTS_MAX + SPANS_MAX, Layer::default);
        let mut slots = Slots::default();
        if record.run_version != 0 {
            let id = (1, record.run_version);
            slots.push(self.render(0, id, || record.run.named(), names)?);
        }
        if record.context_version != 0 {
            let id = (1, record.context_version);
            let slot = 1 + record.context_version as usize % CONTEXTS_MAX;
            slots.push(self.render(slot, id, || record.context.named(), names)?);
        }
        if let Some(scope) = scope {
            self.spans(scope, names, &mut slots)?;
        }
        Some(slots)
    }

    fn spans(&mut self, scope: &Scope<'_>, names: &mut Names, slots: &mut Slots) -> Option<()> {
        let first = slots.count;
        for span in scope.spans() {
            if usize::from(slots.count) == slots.slots.len() {
                return None;
            }
            slots.push(self.span(&span, names)?);
        }
        slots.is_evicted = slots.count == first;
        let spans = &mut slots.slots[usize::from(first)..usize::from(slots.count)];
        let is_shared = |index: usize| spans[..index].contains(&spans[index]);
        if (1..spans.len()).any(is_shared) {
            return None;
        }
        spans.reverse();
        Some(())
    }

    #[inline]
    fn span(&mut self, span: &ScopeSpan<'_>, names: &mut Names) -> Option<usize> {
        let id = span.span.to_bits();
        let slot = 1 + CONTEXTS_MAX + (id as usize) % SPANS_MAX;
        self.render(slot, (id, span.version), || span.fields(), names)
    }

    #[inline]
    fn render<'a, I: Iterator<Item = (&'a str, Value<'a>)>>(
        &mut self,
        slot: usize,
        (id, version): (u64, u64),
        attributes: impl Fn() -> I,
        names: &mut Names,
    ) -> Option<usize> {
        let stamp = (self.epoch, id, version);
        let layer = &mut self.slots[slot];
        if layer.stamp != stamp {
            layer.stamp = stamp;
            layer.fill((self.keys, &mut self.key), &attributes, names);
        }
        layer.is_whole.then_some(slot)
    }

    /// The layers in these slots, outermost first.
    pub(super) fn at(&self, slots: &Slots) -> impl Iterator<Item = &Layer> + Clone {
        slots.slots[..usize::from(slots.count)].iter().map(|slot| &self.slots[usize::from(*slot)])
    }
}

impl Layer {
    /// The members: key, `,"name":`, and the whole of it with what belongs to it.
    pub(super) fn members(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |(key_end, end)| {
            let member = (&self.bytes[start..*key_end], &self.bytes[start..*end]);
            start = *end;
            member
        })
    }

    /// Whether there is a member with this key.
    pub(super) fn has(&self, key: &[u8]) -> bool {
        self.members().any(|(known, _)| known == key)
    }

    fn fill<'a, I: Iterator<Item = (&'a str, Value<'a>)>>(
        &mut self,
        (keys, key): (Keys, &mut Vec<u8>),
        attributes: &impl Fn() -> I,
        names: &mut Names,
    ) {
        self.bytes.clear();
        self.sketch.clear();
        self.ends.clear();
        self.is_whole = true;
        let given = || attributes().filter(|(_, value)| *value != Value::Null).enumerate();
        names.clear();
        given().for_each(|(place, (name, _))| names.put(name, place));
        for (place, (name, value)) in given() {
            if names.is_last(name, place) {
                key.clear();
                keys.write(key, name);
                let key_end = self.bytes.len() + key.len();
                value::member(&mut self.bytes, key, &value);
                self.ends.push((key_end, self.bytes.len()));
                self.sketch.add(name);
            }
            if self.bytes.len() > LAYER_BYTES_MAX {
                (self.is_whole, self.bytes) = (false, Vec::new());
                return;
            }
        }
    }
}
