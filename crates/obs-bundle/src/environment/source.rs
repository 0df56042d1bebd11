//! The files that facts are read from.
use serde_json::{Map, Value, json};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// More of a file is not read.
const BYTES_MAX: u64 = 1 << 20;

/// A file system, from its root on.
#[derive(Debug)]
pub(super) struct Source {
    root: PathBuf,
}

impl Source {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Whether it is that of the running process, so that what the standard library knows is true of it.
    pub(super) fn is_own(&self) -> bool {
        self.root == Path::new("/")
    }

    pub(super) fn bytes(&self, path: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(self.root.join(path))?.take(BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The first bytes of a file, at most so many.
    pub(super) fn beginning(&self, path: &str, bytes_max: usize) -> io::Result<String> {
        let mut bytes = vec![0; bytes_max];
        let read = File::open(self.root.join(path))?.read(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes[..read]).into_owned())
    }

    pub(super) fn text(&self, path: &str) -> io::Result<String> {
        self.bytes(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A file that holds one line.
    pub(super) fn line(&self, path: &str) -> Option<String> {
        let text = self.text(path).ok()?;
        let line = text.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    pub(super) fn link(&self, path: &str) -> Option<String> {
        Some(fs::read_link(self.root.join(path)).ok()?.display().to_string())
    }

    pub(super) fn is_there(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The names in a folder, sorted.
    pub(super) fn names(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(path)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// What was found, or why not; nothing for what is not there.
pub(super) fn found(result: io::Result<Map<String, Value>>) -> Option<Value> {
    match result {
        Ok(map) => some(map),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(failed(&error)),
    }
}

pub(super) fn some(map: Map<String, Value>) -> Option<Value> {
    (!map.is_empty()).then_some(Value::Object(map))
}

pub(super) fn failed(error: &dyn fmt::Display) -> Value {
    json!({ "error": error.to_string() })
}

/// Puts a value under a name, if there is one.
pub(super) fn put(map: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), value.into());
    }
}

/// The value in a line `name: value` or `name=value`.
pub(super) fn value_of<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let after = |line: &'t str| {
        let rest = line.strip_prefix(name)?.trim_start();
        rest.strip_prefix([':', '=']).map(str::trim)
    };
    text.lines().find_map(after)
}
