//! Writing attributes into a record: bounded, without allocation, whatever the values do.
use std::fmt::{self, Write as _};

/// The first byte of a value.
pub(crate) mod tag {
    pub(crate) const NULL: u8 = 0;
    pub(crate) const FALSE: u8 = 1;
    pub(crate) const TRUE: u8 = 2;
    pub(crate) const I64: u8 = 3;
    pub(crate) const U64: u8 = 4;
    pub(crate) const F64: u8 = 5;
    pub(crate) const I128: u8 = 6;
    pub(crate) const U128: u8 = 7;
    pub(crate) const TEXT: u8 = 8;
    pub(crate) const TEXT_CUT: u8 = 9;
    pub(crate) const BYTES: u8 = 10;
    pub(crate) const ERROR: u8 = 11;
    pub(crate) const REDACTED: u8 = 12;
    pub(crate) const PANICKED: u8 = 13;
}

/// The byte in place of a field's index where the name stands in the record itself.
pub(crate) const NAMED: u8 = 0xff;
/// The byte that ends a list of attributes.
pub(crate) const END: u8 = 0xfe;
/// The byte that ends a list of attributes from which some were left out; their number follows as `u16`.
pub(crate) const END_CUT: u8 = 0xfd;

/// Fields with a larger index are left out and counted.
pub const FIELDS_MAX: usize = 128;
/// A longer name is cut.
pub const NAME_BYTES_MAX: usize = 256;
/// Sources of an error beyond this many are left out.
const SOURCES_MAX: u16 = 16;

/// Room that is kept for ending the list and filling up the last word.
const TAIL_BYTES: usize = 16;
/// The most that a value needs besides its text: tag, original length, length.
const VALUE_BYTES: usize = 1 + 8 + 4;
/// The longest value of a fixed length, without its tag.
const SMALL_BYTES_MAX: usize = 16;

/// A record's body while it is written. Its memory is allocated once; what exceeds the limit is cut and counted.
#[derive(Debug)]
pub struct Encoder {
    /// All the room there is, the tail's included.
    bytes: Box<[u8]>,
    /// How much of it is written.
    len: usize,
    left_out: u16,
}

/// The name of an attribute: the place in its callsite's list, or the name itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Key<'a> {
    /// The place in the callsite's list of fields.
    Field(usize),
    /// The name.
    Name(&'a str),
}

impl Encoder {
    /// An empty body of at most `limit_bytes`.
    #[must_use]
    pub fn new(limit_bytes: usize) -> Self {
        Self { bytes: vec![0; limit_bytes.max(256)].into(), len: 0, left_out: 0 }
    }

    /// Begins anew.
    #[inline]
    pub fn clear(&mut self) {
        self.len = 0;
        self.left_out = 0;
    }

    /// Appends bytes of the fixed part in front of the attributes.
    #[inline]
    pub fn fixed(&mut self, bytes: &[u8]) {
        self.put(bytes);
    }

    /// Ends the attributes, fills up the last word and returns the whole body.
    #[inline]
    pub fn finish(&mut self) -> &[u8] {
        if self.left_out == 0 {
            let whole = (self.len + 1).next_multiple_of(8);
            self.put(&[END, 0, 0, 0, 0, 0, 0, 0]);
            self.len = whole;
        } else {
            let [low, high] = self.left_out.to_le_bytes();
            let whole = (self.len + 3).next_multiple_of(8);
            self.put(&[END_CUT, low, high, 0, 0, 0, 0, 0, 0, 0]);
            self.len = whole;
        }
        self.as_bytes()
    }

    /// What was written so far.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// An attribute without a value.
    pub fn null(&mut self, key: Key<'_>) {
        self.small(key, tag::NULL, []);
    }

    /// A truth value.
    #[inline]
    pub fn bool(&mut self, key: Key<'_>, value: bool) {
        self.small(key, if value { tag::TRUE } else { tag::FALSE }, []);
    }

    /// A whole number.
    #[inline]
    pub fn i64(&mut self, key: Key<'_>, value: i64) {
        self.small(key, tag::I64, value.to_le_bytes());
    }

    /// A whole number that is not negative.
    #[inline]
    pub fn u64(&mut self, key: Key<'_>, value: u64) {
        self.small(key, tag::U64, value.to_le_bytes());
    }

    /// A number.
    #[inline]
    pub fn f64(&mut self, key: Key<'_>, value: f64) {
        self.small(key, tag::F64, value.to_bits().to_le_bytes());
    }

    /// A whole number of up to 128 bits.
    pub fn i128(&mut self, key: Key<'_>, value: i128) {
        self.small(key, tag::I128, value.to_le_bytes());
    }

    /// A whole number of up to 128 bits that is not negative.
    pub fn u128(&mut self, key: Key<'_>, value: u128) {
        self.small(key, tag::U128, value.to_le_bytes());
    }

    /// Text.
    #[inline]
    pub fn text(&mut self, key: Key<'_>, value: &str) {
        match key {
            Key::Field(index) => self.text_field(index, value),
            Key::Name(_) => self.text_slowly(key, value),
        }
    }

    #[inline]
    fn text_field(&mut self, index: usize, value: &str) {
        if index < FIELDS_MAX
            && let Some(rest) = self.bytes.get_mut(self.len..)
            && let Some((head, rest)) = rest.split_first_chunk_mut::<6>()
            && let Some(room) = rest.len().checked_sub(TAIL_BYTES)
            && value.len() <= room
        {
            // What nearly every value is, with one look at the room.
            let [a, b, c, d] = (value.len() as u32).to_le_bytes();
            *head = [index as u8, tag::TEXT, a, b, c, d];
            rest[..value.len()].copy_from_slice(value.as_bytes());
            self.len += head.len() + value.len();
        } else {
            self.text_field_slowly(index, value);
        }
    }

    #[cold]
    fn text_field_slowly(&mut self, index: usize, value: &str) {
        self.text_slowly(Key::Field(index), value);
    }

    fn text_slowly(&mut self, key: Key<'_>, value: &str) {
        if !self.open(key, VALUE_BYTES) {
            return;
        }
        let room = self.room() - VALUE_BYTES;
        if value.len() <= room {
            self.put(&[tag::TEXT]);
            self.sized(value.as_bytes());
        } else {
            self.put(&[tag::TEXT_CUT]);
            self.put(&(value.len() as u64).to_le_bytes());
            self.sized(&value.as_bytes()[..floor_char_boundary(value, room)]);
        }
    }

    /// Bytes that are no text; cut like text, at any byte.
    pub fn bytes(&mut self, key: Key<'_>, value: &[u8]) {
        if self.open(key, VALUE_BYTES) {
            let room = self.room() - VALUE_BYTES;
            self.put(&[tag::BYTES]);
            self.sized(&value[..value.len().min(room)]);
        }
    }

    /// Whatever `value` formats itself to. If that panics, what came before is kept and marked; the panic ends here.
    pub fn debug(&mut self, key: Key<'_>, value: &dyn fmt::Debug) {
        self.formatted(key, |writer| write!(writer, "{value:?}"));
    }

    /// Like [`Encoder::debug`], with `Display`.
    pub fn display(&mut self, key: Key<'_>, value: &dyn fmt::Display) {
        self.formatted(key, |writer| write!(writer, "{value}"));
    }

    /// An error with its sources.
    pub fn error(&mut self, key: Key<'_>, error: &(dyn std::error::Error + 'static)) {
        if !self.open(key, VALUE_BYTES) {
            return;
        }
        let start = self.len;
        self.put(&[tag::ERROR, 0, 0]);
        let (mut count, mut next) = (0_u16, Some(error));
        while let Some(error) = next
            && count < SOURCES_MAX
            && self.room() > VALUE_BYTES
        {
            let at = self.len;
            self.put(&[0; 4]);
            self.write_guarded(|writer| write!(writer, "{error}"));
            self.patch(at, ((self.len - at - 4) as u32).to_le_bytes());
            count += 1;
            // Foreign code, too: a chain that panics ends there.
            next = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| error.source()))
                .unwrap_or_default();
        }
        self.patch(start + 1, count.to_le_bytes());
    }

    /// A value that must not be shown, by `rule`.
    pub fn redacted(&mut self, key: Key<'_>, rule: &str) {
        if self.open(key, VALUE_BYTES + rule.len()) {
            self.put(&[tag::REDACTED]);
            self.sized(rule.as_bytes());
        }
    }

    #[inline]
    fn small<const BYTES: usize>(&mut self, key: Key<'_>, tag: u8, value: [u8; BYTES]) {
        match key {
            Key::Field(index) => self.small_field(index, tag, value),
            Key::Name(_) => self.small_slowly(key, tag, value),
        }
    }

    #[inline]
    fn small_field<const BYTES: usize>(&mut self, index: usize, tag: u8, value: [u8; BYTES]) {
        if index < FIELDS_MAX
            && let Some(rest) = self.bytes.get_mut(self.len..)
            && let Some(rest) = rest.first_chunk_mut::<{ 2 + SMALL_BYTES_MAX + TAIL_BYTES }>()
        {
            (rest[0], rest[1]) = (index as u8, tag);
            rest[2..2 + BYTES].copy_from_slice(&value);
            self.len += 2 + BYTES;
        } else {
            self.small_field_slowly(index, tag, value);
        }
    }

    #[cold]
    fn small_field_slowly<const BYTES: usize>(
        &mut self,
        index: usize,
        tag: u8,
        value: [u8; BYTES],
    ) {
        self.small_slowly(Key::Field(index), tag, value);
    }

    fn small_slowly<const BYTES: usize>(&mut self, key: Key<'_>, tag: u8, value: [u8; BYTES]) {
        if self.open(key, 1 + BYTES) {
            self.put(&[tag]);
            self.put(&value);
        }
    }

    #[inline]
    fn formatted(&mut self, key: Key<'_>, format: impl FnOnce(&mut Bounded<'_>) -> fmt::Result) {
        if let Key::Field(index) = key
            && index < FIELDS_MAX
            && let Some(rest) = self.bytes.get_mut(self.len..)
            && let Some(rest) = rest.first_chunk_mut::<{ 1 + VALUE_BYTES + TAIL_BYTES }>()
        {
            rest[..6].copy_from_slice(&[index as u8, tag::TEXT, 0, 0, 0, 0]);
            self.len += 6;
        } else if self.open(key, VALUE_BYTES) {
            self.put(&[tag::TEXT, 0, 0, 0, 0]);
        } else {
            return;
        }
        let start = self.len;
        let (lost_bytes, panicked) = self.write_guarded(format);
        let length = ((self.len - start) as u32).to_le_bytes();
        self.patch(start - length.len(), length);
        if panicked || lost_bytes > 0 {
            self.mark(start, lost_bytes, panicked);
        }
    }

    /// Says of the text at `start` that it is not all there is.
    #[cold]
    fn mark(&mut self, start: usize, lost_bytes: u64, panicked: bool) {
        let tag_at = start - 5;
        if panicked {
            self.patch(tag_at, [tag::PANICKED]);
            return;
        }
        let original = ((self.len - start) as u64 + lost_bytes).to_le_bytes();
        self.patch(tag_at, [tag::TEXT_CUT]);
        self.put(&original);
        self.bytes.copy_within(tag_at + 1..self.len - original.len(), tag_at + 1 + original.len());
        self.patch(tag_at + 1, original);
    }

    /// Runs foreign formatting code. Returns how many bytes found no room, and whether it panicked.
    #[inline]
    fn write_guarded(
        &mut self,
        format: impl FnOnce(&mut Bounded<'_>) -> fmt::Result,
    ) -> (u64, bool) {
        // The length of the original is to find room as well.
        let end = self.bytes.len().saturating_sub(TAIL_BYTES + 8);
        let room = self.bytes.get_mut(..end).unwrap_or_default();
        let mut writer = Bounded { bytes: room, len: self.len, lost_bytes: 0 };
        let outcome =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| format(&mut writer)));
        self.len = writer.len;
        // A `Debug` that returns an error without our having caused it is treated like one that panicked.
        (writer.lost_bytes, !matches!(outcome, Ok(Ok(()))))
    }

    /// Overwrites what was written at `at`.
    #[inline]
    fn patch<const BYTES: usize>(&mut self, at: usize, piece: [u8; BYTES]) {
        let place = self.bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut());
        debug_assert!(place.is_some(), "only what was written is overwritten");
        if let Some(place) = place {
            *place = piece;
        }
    }

    fn sized(&mut self, bytes: &[u8]) {
        self.put(&(bytes.len() as u32).to_le_bytes());
        self.put(bytes);
    }

    /// Appends what was seen to find room.
    #[inline]
    fn put(&mut self, piece: &[u8]) {
        let room = self.bytes.get_mut(self.len..).and_then(|rest| rest.get_mut(..piece.len()));
        debug_assert!(room.is_some(), "the room was looked for");
        if let Some(room) = room {
            room.copy_from_slice(piece);
            self.len += piece.len();
        }
    }

    /// Bytes that values may still take.
    #[inline]
    fn room(&self) -> usize {
        self.bytes.len().saturating_sub(TAIL_BYTES + self.len)
    }

    /// Writes the key if it and `value_bytes` more find room; else counts the attribute as left out.
    #[inline]
    fn open(&mut self, key: Key<'_>, value_bytes: usize) -> bool {
        match key {
            Key::Field(index) if index < FIELDS_MAX && value_bytes < self.room() => {
                self.put(&[index as u8]);
                true
            }
            Key::Name(name) => self.open_named(name, value_bytes),
            Key::Field(_) => self.leave_out(),
        }
    }

    fn open_named(&mut self, name: &str, value_bytes: usize) -> bool {
        let name = &name[..floor_char_boundary(name, NAME_BYTES_MAX)];
        if name.len() + 3 + value_bytes >= self.room() {
            return self.leave_out();
        }
        self.put(&[NAMED]);
        self.put(&(name.len() as u16).to_le_bytes());
        self.put(name.as_bytes());
        true
    }

    #[cold]
    fn leave_out(&mut self) -> bool {
        self.left_out = self.left_out.saturating_add(1);
        false
    }
}

/// Takes text up to an end, and counts the rest. It never reports an error: a `Debug` that unwraps one would panic.
struct Bounded<'a> {
    bytes: &'a mut [u8],
    len: usize,
    lost_bytes: u64,
}

impl fmt::Write for Bounded<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.lost_bytes == 0
            && let Some(rest) = self.bytes.get_mut(self.len..)
            && let Some(room) = rest.get_mut(..text.len())
        {
            room.copy_from_slice(text.as_bytes());
            self.len += text.len();
        } else {
            self.cut(text);
        }
        Ok(())
    }
}

impl Bounded<'_> {
    #[cold]
    fn cut(&mut self, text: &str) {
        let mut fits = 0;
        if self.lost_bytes == 0
            && let Some(rest) = self.bytes.get_mut(self.len..)
        {
            fits = floor_char_boundary(text, rest.len());
            rest[..fits].copy_from_slice(&text.as_bytes()[..fits]);
            self.len += fits;
        }
        self.lost_bytes += (text.len() - fits) as u64;
    }
}

/// The longest prefix of at most `max` bytes that ends at a character's end.
pub(crate) fn floor_char_boundary(text: &str, max: usize) -> usize {
    (0..=max.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
