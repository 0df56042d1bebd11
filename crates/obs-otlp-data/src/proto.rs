//! Protobuf's wire format, as far as OTLP's messages need it.

/// A message as it is written: one field behind the other.
#[derive(Debug, Default, Clone)]
pub(crate) struct Message {
    bytes: Vec<u8>,
}

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const DELIMITED: u32 = 2;
const FIXED32: u32 = 5;

impl Message {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Fields that were written elsewhere.
    pub(crate) fn append(&mut self, fields: &[u8]) {
        self.bytes.extend_from_slice(fields);
    }

    /// A whole number or a truth value.
    pub(crate) fn varint(&mut self, field: u32, number: u64) {
        self.tag(field, VARINT);
        self.raw_varint(number);
    }

    pub(crate) fn fixed64(&mut self, field: u32, number: u64) {
        self.tag(field, FIXED64);
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    pub(crate) fn fixed32(&mut self, field: u32, number: u32) {
        self.tag(field, FIXED32);
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    /// Text, bytes, or a message that was written elsewhere.
    pub(crate) fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.tag(field, DELIMITED);
        self.raw_varint(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, field: u32, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    /// A message within this one.
    pub(crate) fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.tag(field, DELIMITED);
        // Most messages are short: their length takes one byte.
        let start = self.bytes.len();
        self.bytes.push(0);
        write(self);
        let length = self.bytes.len() - start - 1;
        match u8::try_from(length) {
            Ok(short @ 0..=0x7f) => self.bytes[start] = short,
            _ => self.put_length(start, length),
        }
    }

    #[cold]
    fn put_length(&mut self, start: usize, length: usize) {
        let mut head = Self::default();
        head.raw_varint(length as u64);
        self.bytes.splice(start..=start, head.bytes);
    }

    fn tag(&mut self, field: u32, kind: u32) {
        self.raw_varint(u64::from(field << 3 | kind));
    }

    fn raw_varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Wire<'a> {
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Number(number) => number,
            Self::Bytes(_) => 0,
        }
    }

    pub(crate) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Number(_) => &[],
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// The fields of a message that a [`Message`] wrote.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u32, Wire<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let tag = self.varint()?;
        let value = match tag as u32 & 7 {
            VARINT => Wire::Number(self.varint()?),
            FIXED64 => Wire::Number(u64::from_le_bytes(*self.take(8)?.first_chunk()?)),
            DELIMITED => {
                let length = self.varint()?;
                Wire::Bytes(self.take(usize::try_from(length).ok()?)?)
            }
            FIXED32 => Wire::Number(u32::from_le_bytes(*self.take(4)?.first_chunk()?).into()),
            _ => return None,
        };
        Some((u32::try_from(tag >> 3).ok()?, value))
    }
}
