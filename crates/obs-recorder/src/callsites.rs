//! The callsites of a run: numbers for lines of instrumentation, and the file that lets others look them up.
use obs_core::Callsite;
use obs_core::io::{Io, IoFile, Open, write_all};
use obs_core::redact::{Class, Redactor, classify};
use obs_core::wire::Kind;
use obs_core::wire::frame::{self, Header, Item, NO_RING};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// A callsite with what the recorder needs to know of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Known {
    /// Its number within the run.
    pub number: u32,
    /// What it is.
    pub callsite: Callsite,
    /// The rule that marks a field as secret, by the field's place.
    pub secrets: Box<[Option<&'static str>]>,
    /// Whether any field is secret.
    pub has_secrets: bool,
}

impl Known {
    fn new(number: u32, callsite: Callsite) -> Self {
        let rule = |name: &String| match classify(name) {
            Class::Secret(rule) => Some(rule),
            _ => None,
        };
        let secrets: Box<[_]> = callsite.fields.iter().map(rule).collect();
        Self { number, has_secrets: secrets.iter().any(Option::is_some), callsite, secrets }
    }

    /// The same without the secrets in its texts, if there are any: those of `log` records may be made while the
    /// program runs.
    pub(crate) fn redacted(&self, redactor: &Redactor) -> Option<Self> {
        let Callsite { name, target, .. } = &self.callsite;
        if !redactor.has_secret(name) && !redactor.has_secret(target) {
            return None;
        }
        let (name, target) = (redactor.redact(name).into(), redactor.redact(target).into());
        Some(Self::new(self.number, Callsite { name, target, ..self.callsite.clone() }))
    }
}

/// All callsites of a run. Looking one up by number never waits for a writer of the file.
#[derive(Debug, Default)]
pub struct Callsites {
    by_number: RwLock<Vec<Arc<Known>>>,
    by_key: RwLock<HashMap<Key, Arc<Known>>>,
    dictionary: Mutex<Dictionary>,
}

/// What a front end knows a callsite by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// The address of something static that belongs to the callsite alone.
    Address(usize),
    /// A place in a source file: the address of the file's name, the line, and a hash of all else that tells it from
    /// others at the same place.
    Place(usize, u32, u64),
    /// What identifies a callsite that has nothing static.
    Text(Box<str>),
}

/// The file that lets others look callsites up.
#[derive(Debug, Default)]
struct Dictionary {
    file: Option<Box<dyn IoFile>>,
    /// Where the file ends.
    end: u64,
    /// Definitions that are not in the file yet: they are tried again with the next one.
    unwritten: Vec<u8>,
}

impl Callsites {
    /// No callsites, and no file: definitions reach the journal alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes every definition to the file at `path` from now on, those known already included.
    ///
    /// # Errors
    ///
    /// What the system says when the file cannot be made or written.
    pub fn keep_in(&self, io: &dyn Io, path: &Path) -> std::io::Result<()> {
        let known = self.by_number.read().unwrap_or_else(PoisonError::into_inner);
        let mut dictionary = self.dictionary.lock().unwrap_or_else(PoisonError::into_inner);
        dictionary.file = Some(io.open(path, Open::New)?);
        known.iter().try_for_each(|known| dictionary.append(known))
    }

    /// The callsite of `key`, which `describe` describes if it is not known yet. It is in the file when this returns,
    /// unless that could not be written (see [`Callsites::unwritten_bytes`]).
    pub fn of(&self, key: &Key, describe: impl FnOnce() -> Callsite) -> Arc<Known> {
        if let Some(known) = self.by_key.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Arc::clone(known);
        }
        let mut by_key = self.by_key.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = by_key.get(key) {
            return Arc::clone(known);
        }
        let known = self.add(describe());
        by_key.insert(key.clone(), Arc::clone(&known));
        known
    }

    /// The callsite of `key` if it is known and can be looked up without waiting: for a forked child, where a lock
    /// may be held by a thread that it does not have.
    pub fn try_of(&self, key: &Key) -> Option<Arc<Known>> {
        self.by_key.try_read().ok()?.get(key).map(Arc::clone)
    }

    fn add(&self, callsite: Callsite) -> Arc<Known> {
        let mut by_number = self.by_number.write().unwrap_or_else(PoisonError::into_inner);
        let known = Arc::new(Known::new(by_number.len() as u32, callsite));
        let mut dictionary = self.dictionary.lock().unwrap_or_else(PoisonError::into_inner);
        // What could not be written is tried again with the next callsite, and told by `unwritten_bytes`.
        let written = dictionary.append(&known);
        debug_assert!(written.is_ok() || !dictionary.unwritten.is_empty(), "nothing is forgotten");
        by_number.push(Arc::clone(&known));
        known
    }

    /// The callsite with this number, if its definition is known.
    #[must_use]
    pub fn by_number(&self, number: u32) -> Option<Arc<Known>> {
        let by_number = self.by_number.read().unwrap_or_else(PoisonError::into_inner);
        by_number.get(number as usize).filter(|known| known.number == number).cloned()
    }

    /// All callsites that are known.
    pub(crate) fn all(&self) -> Vec<Arc<Known>> {
        let by_number = self.by_number.read().unwrap_or_else(PoisonError::into_inner);
        let is_known = |known: &&Arc<Known>| known.number != u32::MAX;
        by_number.iter().filter(is_known).map(Arc::clone).collect()
    }

    /// How much of the dictionary could not be written: after a crash, what rings hold of those callsites cannot be
    /// read.
    #[must_use]
    pub fn unwritten_bytes(&self) -> usize {
        self.dictionary.lock().unwrap_or_else(PoisonError::into_inner).unwritten.len()
    }

    /// Reads the callsites that a dictionary's bytes define. A definition that is damaged or cut off leaves its number
    /// unknown.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut found: Vec<(u32, Callsite)> = Vec::new();
        for item in frame::Frames::new(bytes, 0) {
            if let Item::Frame(frame) = item
                && frame.header.kind == Kind::Callsite
                && let Some(callsite) = frame.body.get(8..).and_then(Callsite::decode)
            {
                found.push((
                    obs_core::wire::body::callsite(frame.body).unwrap_or(u32::MAX),
                    callsite,
                ));
            }
        }
        found.retain(|(number, _)| (*number as usize) < bytes.len() / frame::HEADER_BYTES);
        let count = found.iter().map(|(number, _)| *number as usize + 1).max().unwrap_or(0);
        let unknown = Arc::new(Known::new(u32::MAX, unknown()));
        let mut by_number = vec![unknown; count];
        for (number, callsite) in found {
            by_number[number as usize] = Arc::new(Known::new(number, callsite));
        }
        Self { by_number: RwLock::new(by_number), ..Self::default() }
    }
}

/// Stands for a callsite whose definition is damaged.
fn unknown() -> Callsite {
    Callsite {
        kind: obs_core::CallsiteKind::Event,
        level: obs_core::Level::Error,
        name: String::new(),
        target: String::new(),
        file: None,
        line: None,
        fields: Vec::new(),
    }
}

impl Dictionary {
    fn append(&mut self, known: &Known) -> std::io::Result<()> {
        let Some(file) = self.file.as_mut() else { return Ok(()) };
        let position = self.end + self.unwritten.len() as u64;
        define(&mut self.unwritten, position, known);
        let written = write_all(file.as_mut(), self.end, &self.unwritten);
        let done = written.as_ref().map_or_else(|(done, _)| *done, |()| self.unwritten.len());
        self.end += done as u64;
        self.unwritten.drain(..done);
        written.map_err(|(_, error)| error)
    }
}

/// Appends the frame that defines a callsite.
pub(crate) fn define(out: &mut Vec<u8>, position: u64, known: &Known) {
    let header = Header {
        kind: Kind::Callsite,
        level: 0,
        flags: 0,
        ring: NO_RING,
        seq: 0,
        unix_ns: 0,
        ring_end: 0,
        context: 0,
    };
    frame::append(out, position, &header, |body| {
        body.extend_from_slice(&u64::from(known.number).to_le_bytes());
        known.callsite.encode(body);
    });
}
