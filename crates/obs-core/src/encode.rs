//! Writing attributes into a record: bounded, without allocation, whatever the values do.
use std::fmt::{self, Write};

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
    bytes: Vec<u8>,
    limit: usize,
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
        let limit = limit_bytes.max(256);
        Self { bytes: Vec::with_capacity(limit), limit: limit - TAIL_BYTES, left_out: 0 }
    }

    /// Begins anew.
    #[inline]
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.left_out = 0;
    }

    /// Appends bytes of the fixed part in front of the attributes.
    #[inline]
    pub fn fixed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Ends the attributes, fills up the last word and returns the whole body.
    #[inline]
    pub fn finish(&mut self) -> &[u8] {
        let whole = if self.left_out == 0 {
            let whole = (self.bytes.len() + 1).next_multiple_of(8);
            self.bytes.extend_from_slice(&[END, 0, 0, 0, 0, 0, 0, 0]);
            whole
        } else {
            let [low, high] = self.left_out.to_le_bytes();
            let whole = (self.bytes.len() + 3).next_multiple_of(8);
            self.bytes.extend_from_slice(&[END_CUT, low, high, 0, 0, 0, 0, 0, 0, 0]);
            whole
        };
        self.bytes.truncate(whole);
        &self.bytes
    }

    /// What was written so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
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
        if let Key::Field(index) = key
            && index < FIELDS_MAX
            && VALUE_BYTES + 1 + value.len() <= self.limit.saturating_sub(self.bytes.len())
        {
            // What nearly every value is, with one look at the room.
            let [a, b, c, d] = (value.len() as u32).to_le_bytes();
            self.bytes.extend_from_slice(&[index as u8, tag::TEXT, a, b, c, d]);
            self.bytes.extend_from_slice(value.as_bytes());
            return;
        }
        if !self.open(key, VALUE_BYTES) {
            return;
        }
        let room = self.limit - self.bytes.len() - VALUE_BYTES;
        if value.len() <= room {
            self.bytes.push(tag::TEXT);
            self.sized(value.as_bytes());
        } else {
            self.bytes.push(tag::TEXT_CUT);
            self.bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
            self.sized(&value.as_bytes()[..floor_char_boundary(value, room)]);
        }
    }

    /// Bytes that are no text; cut like text, at any byte.
    pub fn bytes(&mut self, key: Key<'_>, value: &[u8]) {
        if self.open(key, VALUE_BYTES) {
            let room = self.limit - self.bytes.len() - VALUE_BYTES;
            self.bytes.push(tag::BYTES);
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
        let start = self.bytes.len();
        self.bytes.push(tag::ERROR);
        self.bytes.extend_from_slice(&[0; 2]);
        let (mut count, mut next) = (0_u16, Some(error));
        while let Some(error) = next
            && count < SOURCES_MAX
            && self.limit.saturating_sub(self.bytes.len()) > VALUE_BYTES
        {
            let at = self.bytes.len();
            self.bytes.extend_from_slice(&[0; 4]);
            self.write_guarded(&mut |writer| write!(writer, "{error}"));
            self.patch_length(at);
            count += 1;
            // Foreign code, too: a chain that panics ends there.
            next = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| error.source()))
                .unwrap_or_default();
        }
        self.bytes[start + 1..start + 3].copy_from_slice(&count.to_le_bytes());
    }

    /// A value that must not be shown, by `rule`.
    pub fn redacted(&mut self, key: Key<'_>, rule: &str) {
        if self.open(key, VALUE_BYTES + rule.len()) {
            self.bytes.push(tag::REDACTED);
            self.sized(rule.as_bytes());
        }
    }

    #[inline]
    fn small<const BYTES: usize>(&mut self, key: Key<'_>, tag: u8, value: [u8; BYTES]) {
        let room = self.limit.saturating_sub(self.bytes.len());
        if let Key::Field(index) = key
            && index < FIELDS_MAX
            && 1 + BYTES < room
        {
            let mut piece = [0; 2 + SMALL_BYTES_MAX];
            (piece[0], piece[1]) = (index as u8, tag);
            piece[2..2 + BYTES].copy_from_slice(&value);
            self.bytes.extend_from_slice(&piece[..2 + BYTES]);
        } else if self.open(key, 1 + BYTES) {
            self.bytes.push(tag);
            self.bytes.extend_from_slice(&value);
        }
    }

    fn formatted(&mut self, key: Key<'_>, mut format: impl FnMut(&mut Bounded<'_>) -> fmt::Result) {
        if !self.open(key, VALUE_BYTES) {
            return;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[tag::TEXT, 0, 0, 0, 0]);
        let (lost_bytes, panicked) = self.write_guarded(&mut format);
        self.patch_length(start + 1);
        if panicked {
            self.bytes[start] = tag::PANICKED;
        } else if lost_bytes > 0 {
            let written = (self.bytes.len() - start - 5) as u64;
            self.bytes[start] = tag::TEXT_CUT;
            let original = (written + lost_bytes).to_le_bytes();
            self.bytes.splice(start + 1..start + 1, original);
        }
    }

    /// Runs foreign formatting code. Returns how many bytes found no room, and whether it panicked.
    fn write_guarded(
        &mut self,
        format: &mut dyn FnMut(&mut Bounded<'_>) -> fmt::Result,
    ) -> (u64, bool) {
        let end = self.limit.saturating_sub(8);
        let mut writer = Bounded { bytes: &mut self.bytes, end, lost_bytes: 0 };
        let outcome =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| format(&mut writer)));
        // A `Debug` that returns an error without our having caused it is treated like one that panicked.
        (writer.lost_bytes, !matches!(outcome, Ok(Ok(()))))
    }

    fn patch_length(&mut self, at: usize) {
        let length = (self.bytes.len() - at - 4) as u32;
        self.bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }

    fn sized(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes the key if it and `value_bytes` more find room; else counts the attribute as left out.
    #[inline]
    fn open(&mut self, key: Key<'_>, value_bytes: usize) -> bool {
        let room = self.limit.saturating_sub(self.bytes.len());
        match key {
            Key::Field(index) if index < FIELDS_MAX && value_bytes < room => {
                self.bytes.push(index as u8);
                true
            }
            Key::Name(name) => self.open_named(name, value_bytes, room),
            Key::Field(_) => self.leave_out(),
        }
    }

    fn open_named(&mut self, name: &str, value_bytes: usize, room: usize) -> bool {
        let name = &name[..floor_char_boundary(name, NAME_BYTES_MAX)];
        if name.len() + 3 + value_bytes >= room {
            return self.leave_out();
        }
        self.bytes.push(NAMED);
        self.bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
        self.bytes.extend_from_slice(name.as_bytes());
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
    bytes: &'a mut Vec<u8>,
    end: usize,
    lost_bytes: u64,
}

impl fmt::Write for Bounded<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.end.saturating_sub(self.bytes.len());
        if text.len() <= room && self.lost_bytes == 0 {
            self.bytes.extend_from_slice(text.as_bytes());
        } else {
            let fits = if self.lost_bytes > 0 { 0 } else { floor_char_boundary(text, room) };
            self.bytes.extend_from_slice(&text.as_bytes()[..fits]);
            self.lost_bytes += (text.len() - fits) as u64;
        }
        Ok(())
    }
}

/// The longest prefix of at most `max` bytes that ends at a character's end.
pub(crate) fn floor_char_boundary(text: &str, max: usize) -> usize {
    (0..=max.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
