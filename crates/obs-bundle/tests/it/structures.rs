//! Every part of an archive's structure, changed in every way that a number or a name can be changed.
use crate::fixture::Run;
use crate::memory::judge;
use crate::rawzip::{Header, Raw, emit, parse};
use std::collections::BTreeMap;
use std::fs;

/// A number of a header, and how it is set.
type Field = (&'static str, fn(&Header) -> u32, fn(&mut Header, u32));
type Rename = fn(&[u8]) -> Vec<u8>;
/// Which of the two headers of an entry are changed.
type Scope = (&'static str, fn(&mut Raw, &dyn Fn(&mut Header)));

const FIELDS: [Field; 8] = [
    ("version", |it| it.version.into(), |it, to| it.version = to as u16),
    ("flags", |it| it.flags.into(), |it, to| it.flags = to as u16),
    ("method", |it| it.method.into(), |it, to| it.method = to as u16),
    ("time", |it| it.time.into(), |it, to| it.time = to as u16),
    ("date", |it| it.date.into(), |it, to| it.date = to as u16),
    ("crc", |it| it.crc, |it, to| it.crc = to),
    ("compressed", |it| it.compressed, |it, to| it.compressed = to),
    ("size", |it| it.size, |it, to| it.size = to),
];

const SCOPES: [Scope; 3] = [
    ("local", |raw, change| change(&mut raw.local)),
    ("central", |raw, change| change(&mut raw.central)),
    ("both", |raw, change| raw.both(change)),
];

/// What becomes of a number.
const NUMBERS: [fn(u32) -> u32; 7] = [
    |it| it.wrapping_add(1),
    |it| it.wrapping_sub(1),
    |_| 0,
    |_| u32::MAX,
    |it| it ^ 0x80,
    |it| it ^ 0x8000,
    |it| it.swap_bytes(),
];

/// What becomes of a name.
const NAMES: [Rename; 10] = [
    |it| [it, b"x"].concat(),
    |it| it[1..].to_vec(),
    |it| [b"../", it].concat(),
    |it| [b"/", it].concat(),
    |it| [b"./", it].concat(),
    |it| [it, b"/"].concat(),
    |it| [it, b"\0.txt"].concat(),
    |_| Vec::new(),
    <[u8]>::to_ascii_uppercase,
    |it| it.iter().map(|byte| if *byte == b'/' { b'\\' } else { *byte }).collect(),
];

/// What becomes of an extra field or a comment.
const EXTRAS: [&[u8]; 4] =
    [&[0], &[1, 0, 0, 0], &[9, 0, 1, 0, 7], b"\x01\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"];

/// All changed archives, by what was changed.
struct Changed {
    whole: Vec<u8>,
    entries: Vec<Raw>,
    tried: BTreeMap<&'static str, usize>,
}

impl Changed {
    fn new() -> Self {
        let whole = fs::read(Run::ended().bundle().path).unwrap();
        Self { entries: parse(&whole).0, whole, tried: BTreeMap::new() }
    }

    /// Verifies an archive that is to be found wrong, unless nothing was changed.
    fn check(&mut self, what: &'static str, how: &dyn Fn() -> String, bytes: &[u8]) {
        if bytes == self.whole {
            return;
        }
        assert!(!judge(bytes).is_whole(), "{what} {} was not found", how());
        *self.tried.entry(what).or_default() += 1;
    }

    fn check_entry(&mut self, what: &'static str, at: usize, change: &dyn Fn(&mut Raw)) {
        let mut entries = self.entries.clone();
        change(&mut entries[at]);
        let name = entries[at].name().to_owned();
        self.check(what, &|| format!("of {name}"), &emit(&entries));
    }

    fn headers(&mut self, at: usize) {
        for (_, scope) in SCOPES {
            for (what, value, set) in FIELDS {
                for change in NUMBERS {
                    let to = change(value(&self.entries[at].central));
                    self.check_entry(what, at, &|raw| scope(raw, &|header| set(header, to)));
                }
            }
            for change in NAMES {
                let name = change(&self.entries[at].central.name);
                let set = |header: &mut Header| header.name.clone_from(&name);
                self.check_entry("name", at, &|raw| scope(raw, &set));
            }
            for extra in EXTRAS {
                let set = |header: &mut Header| header.extra = extra.to_vec();
                self.check_entry("extra", at, &|raw| scope(raw, &set));
            }
        }
    }

    fn rest_of(&mut self, at: usize) {
        for change in NUMBERS {
            self.check_entry("made by", at, &|raw| raw.made_by = change(raw.made_by.into()) as u16);
            self.check_entry("attributes", at, &|raw| raw.attributes = change(raw.attributes));
            let length: usize =
                self.entries[..at].iter().map(|it| 30 + it.name().len() + it.data.len()).sum();
            self.check_entry("offset", at, &|raw| raw.offset = Some(change(length as u32)));
        }
        for extra in EXTRAS {
            self.check_entry("comment", at, &|raw| raw.comment = extra.to_vec());
            self.check_entry("bytes between", at, &|raw| raw.behind = extra.to_vec());
        }
        for count in [1, 2, 3] {
            self.check_entry("data cut", at, &|raw| {
                raw.data.truncate(raw.data.len().saturating_sub(count));
            });
            self.check_entry("data cut, told", at, &|raw| {
                raw.data.truncate(raw.data.len().saturating_sub(count));
                let length = raw.data.len() as u32;
                raw.both(|header| header.compressed = length);
            });
        }
    }

    /// Entries removed, doubled, moved, swapped; names and contents exchanged.
    fn orders(&mut self) {
        let count = self.entries.len();
        for one in 0..count {
            for other in (0..count).filter(|other| *other != one) {
                let how = || format!("{one} and {other}");
                let mut entries = self.entries.clone();
                let moved = entries.remove(one);
                entries.insert(other.min(entries.len()), moved);
                self.check("moved", &how, &emit(&entries));
                let mut entries = self.entries.clone();
                let copy = entries[one].clone();
                entries.insert(other, copy);
                self.check("doubled", &how, &emit(&entries));
                let mut entries = self.entries.clone();
                let content = entries[other].content();
                entries[one].set_content(&content);
                self.check("content of another", &how, &emit(&entries));
                let mut entries = self.entries.clone();
                let name = entries[other].name().to_owned();
                entries[one].rename(&name);
                self.check("name of another", &how, &emit(&entries));
            }
        }
    }

    /// The numbers of the record at the end.
    fn end(&mut self) {
        let end = self.whole.len() - 22;
        for (at, width) in [(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)] {
            for change in NUMBERS {
                let mut bytes = self.whole.clone();
                let mut number = [0; 4];
                number[..width].copy_from_slice(&bytes[end + at..end + at + width]);
                let number = change(u32::from_le_bytes(number)).to_le_bytes();
                bytes[end + at..end + at + width].copy_from_slice(&number[..width]);
                self.check("end record", &|| format!("at {at}"), &bytes);
            }
        }
    }
}

#[test]
fn every_change_of_an_archives_structure_is_found() {
    let mut changed = Changed::new();
    for at in 0..changed.entries.len() {
        changed.headers(at);
        changed.rest_of(at);
    }
    changed.orders();
    changed.end();
    let all: usize = changed.tried.values().sum();
    println!("{all} changed archives, all found: {:?}", changed.tried);
    assert!(all >= 3_000, "{all}");
}
