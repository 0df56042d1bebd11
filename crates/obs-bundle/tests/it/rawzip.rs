//! Zip archives taken apart and put together again, right or wrong.
use flate2::Crc;
use flate2::write::DeflateEncoder;
use std::io::Write;

/// One entry with all that both of its headers say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Raw {
    pub(crate) local: Header,
    pub(crate) central: Header,
    pub(crate) made_by: u16,
    pub(crate) attributes: u32,
    pub(crate) comment: Vec<u8>,
    /// Where the directory says it is; `None` is where it is.
    pub(crate) offset: Option<u32>,
    pub(crate) data: Vec<u8>,
    /// What stands behind the data.
    pub(crate) behind: Vec<u8>,
}

/// What local header and directory both say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) version: u16,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) time: u16,
    pub(crate) date: u16,
    pub(crate) crc: u32,
    pub(crate) compressed: u32,
    pub(crate) size: u32,
    pub(crate) name: Vec<u8>,
    pub(crate) extra: Vec<u8>,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

impl Header {
    /// Reads the fields that begin at `at`, the name at `names`.
    fn read(bytes: &[u8], at: usize, names: usize) -> Self {
        let (name, extra) = (u16_at(bytes, at + 22), u16_at(bytes, at + 24));
        let name_end = names + usize::from(name);
        Self {
            version: u16_at(bytes, at),
            flags: u16_at(bytes, at + 2),
            method: u16_at(bytes, at + 4),
            time: u16_at(bytes, at + 6),
            date: u16_at(bytes, at + 8),
            crc: u32_at(bytes, at + 10),
            compressed: u32_at(bytes, at + 14),
            size: u32_at(bytes, at + 18),
            name: bytes[names..name_end].to_vec(),
            extra: bytes[name_end..name_end + usize::from(extra)].to_vec(),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        for number in [self.version, self.flags, self.method, self.time, self.date] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for number in [self.crc, self.compressed, self.size] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for length in [self.name.len(), self.extra.len()] {
            out.extend_from_slice(&(length as u16).to_le_bytes());
        }
    }
}

impl Raw {
    /// An entry as a bundle has them.
    pub(crate) fn new(name: &str, content: &[u8]) -> Self {
        let mut raw = Self { made_by: 3 << 8 | 20, attributes: 0o100_600 << 16, ..Self::default() };
        raw.both(|header| {
            (header.version, header.method, header.date) = (20, 8, 0x5d76);
            header.name = name.into();
        });
        raw.set_content(content);
        raw
    }

    /// The same change to both headers.
    pub(crate) fn both(&mut self, change: impl Fn(&mut Header)) {
        change(&mut self.local);
        change(&mut self.central);
    }

    pub(crate) fn name(&self) -> &str {
        std::str::from_utf8(&self.central.name).unwrap()
    }

    pub(crate) fn rename(&mut self, name: &str) {
        self.both(|header| header.name = name.into());
    }

    pub(crate) fn set_content(&mut self, content: &[u8]) {
        let mut crc = Crc::new();
        crc.update(content);
        self.data = match self.central.method {
            8 => deflated(content),
            _ => content.to_vec(),
        };
        let (compressed, size, sum) = (self.data.len() as u32, content.len() as u32, crc.sum());
        self.both(|header| (header.compressed, header.size, header.crc) = (compressed, size, sum));
    }

    pub(crate) fn content(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self.central.method {
            8 => {
                let mut decoder = flate2::write::DeflateDecoder::new(&mut out);
                decoder.write_all(&self.data).unwrap();
                decoder.finish().unwrap();
            }
            _ => out.clone_from(&self.data),
        }
        out
    }
}

pub(crate) fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The entries of an archive, and where its directory begins.
pub(crate) fn parse(bytes: &[u8]) -> (Vec<Raw>, usize) {
    let end = bytes.len() - 22;
    let directory = u32_at(bytes, end + 16) as usize;
    let mut at = directory;
    let mut entries = Vec::new();
    while at < end {
        let central = Header::read(bytes, at + 6, at + 46);
        let local_at = u32_at(bytes, at + 42) as usize;
        let local = Header::read(bytes, local_at + 4, local_at + 30);
        let start = local_at + 30 + local.name.len() + local.extra.len();
        let data = bytes[start..start + central.compressed as usize].to_vec();
        let (made_by, attributes) = (u16_at(bytes, at + 4), u32_at(bytes, at + 38));
        at += 46 + central.name.len() + central.extra.len();
        entries.push(Raw { local, central, made_by, attributes, data, ..Raw::default() });
    }
    (entries, directory)
}

/// The archive of these entries.
pub(crate) fn emit(entries: &[Raw]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut offsets = Vec::new();
    for entry in entries {
        offsets.push(out.len() as u32);
        out.extend_from_slice(b"PK\x03\x04");
        entry.local.write(&mut out);
        out.extend_from_slice(
            &[&entry.local.name, &entry.local.extra, &entry.data, &entry.behind]
                .map(|part| part.as_slice())
                .concat(),
        );
    }
    let directory = out.len() as u32;
    for (entry, offset) in entries.iter().zip(offsets) {
        out.extend_from_slice(b"PK\x01\x02");
        out.extend_from_slice(&entry.made_by.to_le_bytes());
        entry.central.write(&mut out);
        out.extend_from_slice(&(entry.comment.len() as u16).to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&entry.attributes.to_le_bytes());
        out.extend_from_slice(&entry.offset.unwrap_or(offset).to_le_bytes());
        out.extend_from_slice(
            &[&entry.central.name, &entry.central.extra, &entry.comment]
                .map(|part| part.as_slice())
                .concat(),
        );
    }
    let bytes = out.len() as u32 - directory;
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    }
    for number in [bytes, directory] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&[0; 2]);
    out
}
