//! Reading a list of attributes.
use crate::encode::{END, END_CUT, Key, NAMED};
use crate::value::{Cursor, Value};

/// A list of attributes as a record carries it. The empty slice is the empty list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attributes<'a> {
    bytes: &'a [u8],
}

impl<'a> Attributes<'a> {
    /// The list that `bytes` begin with.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The bytes it stands in.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        matches!(self.bytes.first(), None | Some(&END))
    }

    /// The attributes, one after the other, in the order in which they were written. Ends early where the bytes make no
    /// sense; [`Attributes::check`] tells beforehand.
    #[must_use]
    pub fn iter(self) -> Iter<'a> {
        Iter { cursor: Cursor { bytes: self.bytes } }
    }

    /// The attributes whose names stand in the list itself, as all do that belong to no callsite.
    pub fn named(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.iter().filter_map(|(key, value)| match key {
            Key::Name(name) => Some((name, value)),
            Key::Field(_) => None,
        })
    }

    /// How many attributes were left out for want of room, or `None` where the bytes make no sense. `fields` is the
    /// number of fields that the callsite has.
    #[must_use]
    pub fn check(self, fields: usize) -> Option<u16> {
        if self.bytes.is_empty() {
            return Some(0);
        }
        let mut iter = self.iter();
        while let Some(key) = iter.next_key() {
            if matches!(key, Key::Field(index) if index >= fields) {
                return None;
            }
            iter.cursor.pass()?;
        }
        iter.left_out()
    }

    /// The bytes of the list itself, without what follows it. `None` where they make no sense.
    #[must_use]
    pub fn trimmed(self) -> Option<&'a [u8]> {
        let mut iter = self.iter();
        while iter.next_key().is_some() {
            iter.cursor.pass()?;
        }
        let length = match *iter.cursor.bytes.first()? {
            END => 1,
            END_CUT => 3,
            _ => return None,
        };
        self.bytes.get(..self.bytes.len() - iter.cursor.bytes.len() + length)
    }
}

/// Iterator over a list's attributes.
#[derive(Debug, Clone, Copy)]
pub struct Iter<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Iter<'a> {
    /// Calls `take` with one attribute after the other, until it returns false or there are no more. True for the
    /// latter. As the iterator itself, but that no value is moved on its way: for where one line's time counts.
    #[inline]
    pub fn each(&mut self, mut take: impl FnMut(Key<'a>, &Value<'a>) -> bool) -> bool {
        loop {
            let before = self.cursor;
            let Some(key) = self.next_key() else { return true };
            let Some(value) = self.cursor.value() else {
                self.cursor = before;
                return true;
            };
            if !take(key, &value) {
                return false;
            }
        }
    }

    /// The key of the next attribute, whose value then comes next.
    #[inline]
    fn next_key(&mut self) -> Option<Key<'a>> {
        let mut cursor = self.cursor;
        let key = match cursor.u8()? {
            END | END_CUT => return None,
            NAMED => {
                let length = cursor.u16()?;
                Key::Name(std::str::from_utf8(cursor.take(usize::from(length))?).ok()?)
            }
            index => Key::Field(usize::from(index)),
        };
        self.cursor = cursor;
        Some(key)
    }

    /// At the end of the list: how many attributes were left out for want of room, or `None` where the bytes make no
    /// sense.
    #[must_use]
    pub fn left_out(mut self) -> Option<u16> {
        match self.cursor.u8()? {
            END => Some(0),
            END_CUT => self.cursor.u16(),
            _ => None,
        }
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = (Key<'a>, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let before = self.cursor;
        let key = self.next_key()?;
        match self.cursor.value() {
            Some(value) => Some((key, value)),
            None => {
                self.cursor = before;
                None
            }
        }
    }
}

impl<'a> IntoIterator for Attributes<'a> {
    type Item = (Key<'a>, Value<'a>);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}
