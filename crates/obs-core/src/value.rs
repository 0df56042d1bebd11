//! Values of attributes: what they are, and how they stand in a record.
use crate::encode::tag;

/// The value of an attribute, borrowed from the record that carries it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Declared, but never given a value.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    I64(i64),
    /// A whole number that is not negative.
    U64(u64),
    /// A number; may be infinite or not a number.
    F64(f64),
    /// A whole number of up to 128 bits.
    I128(i128),
    /// A whole number of up to 128 bits that is not negative.
    U128(u128),
    /// Text as it was given or formatted.
    Text(Text<'a>),
    /// Bytes that are no text.
    Bytes(&'a [u8]),
    /// An error: its message, then the message of each source.
    Error(Chain<'a>),
    /// Something that must not be shown, by the rule that says so.
    Redacted(&'a str),
    /// Formatting the value panicked after this much text.
    Panicked(&'a str),
}

/// Text, perhaps cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Text<'a> {
    /// What is there.
    pub text: &'a str,
    /// How long it was before it was cut, in bytes; at least. `None` when it is whole.
    pub original_bytes: Option<u64>,
}

impl<'a> Text<'a> {
    /// Text that was not cut.
    #[must_use]
    pub fn whole(text: &'a str) -> Self {
        Self { text, original_bytes: None }
    }
}

/// The messages of an error and its sources, outermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain<'a> {
    bytes: &'a [u8],
    count: u16,
}

impl<'a> Chain<'a> {
    /// The messages, outermost first; at least one.
    pub fn messages(self) -> impl Iterator<Item = &'a str> {
        let mut cursor = Cursor { bytes: self.bytes };
        (0..self.count).map_while(move |_| cursor.text())
    }
}

/// Reads the parts of a record one after the other; `None` as soon as something is not as it should be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    pub(crate) bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*taken)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    #[inline]
    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    #[inline]
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    #[inline]
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn u128(&mut self) -> Option<u128> {
        self.array().map(u128::from_le_bytes)
    }

    /// Text with its length in front.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let length = self.u32()?;
        std::str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok()
    }

    #[inline]
    pub(crate) fn value(&mut self) -> Option<Value<'a>> {
        Some(match self.u8()? {
            tag::FALSE => Value::Bool(false),
            tag::TRUE => Value::Bool(true),
            tag::I64 => Value::I64(self.u64()? as i64),
            tag::U64 => Value::U64(self.u64()?),
            tag::F64 => Value::F64(f64::from_bits(self.u64()?)),
            tag::TEXT => Value::Text(Text { text: self.text()?, original_bytes: None }),
            rarer => return self.rarer_value(rarer),
        })
    }

    fn rarer_value(&mut self, tag: u8) -> Option<Value<'a>> {
        Some(match tag {
            tag::NULL => Value::Null,
            tag::I128 => Value::I128(self.u128()? as i128),
            tag::U128 => Value::U128(self.u128()?),
            tag::TEXT_CUT => {
                let original_bytes = Some(self.u64()?);
                Value::Text(Text { text: self.text()?, original_bytes })
            }
            tag::BYTES => {
                let length = self.u32()?;
                Value::Bytes(self.take(usize::try_from(length).ok()?)?)
            }
            tag::ERROR => Value::Error(self.chain()?),
            tag::REDACTED => Value::Redacted(self.text()?),
            tag::PANICKED => Value::Panicked(self.text()?),
            _ => return None,
        })
    }

    /// Passes over a value, if [`value`](Self::value) would return one.
    #[inline]
    pub(crate) fn pass(&mut self) -> Option<()> {
        match self.u8()? {
            tag::FALSE | tag::TRUE | tag::NULL => Some(()),
            tag::I64 | tag::U64 | tag::F64 => self.array::<8>().map(drop),
            tag::TEXT => self.pass_text(),
            rarer => self.rarer_value(rarer).map(drop),
        }
    }

    /// Passes over text with its length in front.
    #[inline]
    fn pass_text(&mut self) -> Option<()> {
        let length = self.u32()?;
        let bytes = self.take(usize::try_from(length).ok()?)?;
        (bytes.is_ascii() || std::str::from_utf8(bytes).is_ok()).then_some(())
    }

    fn chain(&mut self) -> Option<Chain<'a>> {
        let count = self.u16()?;
        let start = self.bytes;
        for _ in 0..count {
            self.text()?;
        }
        let bytes = &start[..start.len() - self.bytes.len()];
        (count > 0).then_some(Chain { bytes, count })
    }
}
