//! Names of files in a bundle: those that every system can unpack, and how others are made so.
use std::collections::{HashMap, HashSet};

/// The longest path of an entry, so that it can be unpacked below a folder of some length on every system.
pub(crate) const PATH_BYTES_MAX: usize = 200;
/// Leaves room for a folder and a number.
const PART_BYTES_MAX: usize = 80;
/// Names that are taken in a row before the search is given up.
const TRIES_MAX: u32 = 10_000;

/// Names that Windows keeps for devices, whatever ending follows.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Why a path may not stand in a bundle.
pub(crate) fn fault(path: &str) -> Option<&'static str> {
    if path.is_empty() || path.len() > PATH_BYTES_MAX {
        return Some("is empty or too long");
    }
    if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') {
        return Some("is absolute");
    }
    if path.contains('\\') {
        return Some("has a backslash");
    }
    path.split('/').find_map(part_fault)
}

fn part_fault(part: &str) -> Option<&'static str> {
    let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
    match part {
        "" => Some("has an empty part"),
        "." | ".." => Some("leads elsewhere"),
        _ if !part.bytes().all(is_plain) => Some("has characters that not every system can unpack"),
        _ if part.starts_with('-') || part.ends_with('.') => Some("starts or ends unlike a file"),
        _ if DEVICES.contains(&stem.as_str()) => Some("is the name of a device on Windows"),
        _ => None,
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'=' | b'@' | b',')
}

/// `text` as one part of a path, the end of a long one kept, because that is where the file type stands.
pub(crate) fn plain_part(text: &str) -> String {
    let kept = |c: char| if c.is_ascii() && is_plain(c as u8) { c } else { '_' };
    let mut part: String = text.chars().map(kept).collect();
    let from = part.len().saturating_sub(PART_BYTES_MAX);
    part.drain(..from);
    if part.ends_with('.') {
        part.pop();
        part.push('_');
    }
    if part_fault(&part).is_some() {
        part.insert(0, '_');
    }
    part
}

/// The paths that were given out, so that no two are the same, not even on a system that does not tell upper from lower
/// case, and none is a folder of another.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    files: HashSet<String>,
    folders: HashSet<String>,
    /// The last number that was given to a name that was taken.
    numbers: HashMap<String, u32>,
}

/// Why a path is not free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clash {
    /// Letter for letter.
    Same,
    /// But for upper and lower case, or as a folder.
    Like,
}

impl Taken {
    /// Takes the path, if it is free.
    pub(crate) fn take(&mut self, path: &str) -> Result<(), Clash> {
        let folded = path.to_ascii_lowercase();
        let folders = || folded.match_indices('/').map(|(at, _)| &folded[..at]);
        if self.folders.contains(&folded) || folders().any(|folder| self.files.contains(folder)) {
            return Err(Clash::Like);
        }
        if self.files.contains(&folded) {
            return Err(if self.files.contains(&exact(path)) { Clash::Same } else { Clash::Like });
        }
        self.folders.extend(folders().map(str::to_owned));
        self.files.insert(exact(path));
        self.files.insert(folded);
        Ok(())
    }

    /// Takes the first free one of `folder/name.ext`, `folder/name-2.ext`, …; `None` when even the folder is taken by a
    /// file.
    pub(crate) fn take_free(&mut self, folder: &str, name: &str) -> Option<String> {
        let first = format!("{folder}/{name}");
        if self.take(&first).is_ok() {
            return Some(first);
        }
        let (stem, ending) = match name.rfind('.') {
            Some(at) if at > 0 => name.split_at(at),
            _ => (name, ""),
        };
        let folded = first.to_ascii_lowercase();
        let from = self.numbers.get(&folded).map_or(2, |number| number + 1);
        let number = (from..from + TRIES_MAX)
            .find(|number| self.take(&format!("{folder}/{stem}-{number}{ending}")).is_ok())?;
        self.numbers.insert(folded, number);
        Some(format!("{folder}/{stem}-{number}{ending}"))
    }
}

/// Letter for letter, and unlike every folded path: no path begins with a slash.
fn exact(path: &str) -> String {
    format!("/{path}")
}

#[cfg(test)]
mod tests {
    use super::{Clash, PART_BYTES_MAX, Taken, fault, plain_part};

    #[test]
    fn a_path_that_some_system_cannot_unpack_is_at_fault() {
        for path in [
            "",
            "/etc/passwd",
            "C:/x",
            "c:x",
            "a\\b",
            "../a",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "a/.",
            "a b",
            "a\nb",
            "a\u{1b}b",
            "ä",
            "a:b",
            "a*",
            "-rf",
            "a/-rf",
            "a.",
            "CON",
            "a/nul.txt",
            "a/Com1.log",
        ] {
            assert!(fault(path).is_some(), "{path}");
        }
        assert!(fault(&"a".repeat(201)).is_some());
        for path in ["a", "run/log.0001.jsonl.gz", "artifacts/model/a+b=c@d,e_f-g", ".a", "a/com"] {
            assert_eq!(fault(path), None, "{path}");
        }
    }

    #[test]
    fn any_text_becomes_a_part_without_fault() {
        for (text, part) in [
            ("model.onnx", "model.onnx"),
            ("", "_"),
            ("..", "._"),
            ("a/b\\c", "a_b_c"),
            ("Bericht für\nMärz.pdf", "Bericht_f_r_M_rz.pdf"),
            ("-rf", "_-rf"),
            ("nul.txt", "_nul.txt"),
            ("end.", "end_"),
        ] {
            assert_eq!(plain_part(text), part, "{text}");
            assert_eq!(fault(part), None, "{part}");
        }
        let long = plain_part(&format!("{}.csv", "x".repeat(300)));
        assert_eq!((long.len(), &long[PART_BYTES_MAX - 4..]), (PART_BYTES_MAX, ".csv"));
        assert_eq!(fault(&plain_part(&format!("{}.", "-".repeat(300)))), None);
    }

    #[test]
    fn a_path_is_taken_once_in_any_case_and_not_as_a_folder() {
        let mut taken = Taken::default();
        assert_eq!(taken.take("a/B.txt"), Ok(()));
        assert_eq!(taken.take("a/B.txt"), Err(Clash::Same));
        assert_eq!(taken.take("A/b.txt"), Err(Clash::Like));
        assert_eq!(taken.take("a"), Err(Clash::Like));
        assert_eq!(taken.take("A/b.txt/c"), Err(Clash::Like));
        assert_eq!(taken.take("a/c"), Ok(()));
    }

    #[test]
    fn of_two_files_with_one_name_the_second_gets_a_number() {
        let mut taken = Taken::default();
        for expected in ["m/model.onnx", "m/model-2.onnx", "m/model-3.onnx"] {
            assert_eq!(taken.take_free("m", "model.onnx").as_deref(), Some(expected));
        }
        assert_eq!(taken.take_free("m", "Model.onnx").as_deref(), Some("m/Model-4.onnx"));
        assert_eq!(taken.take_free("m", "model-2.onnx").as_deref(), Some("m/model-2-2.onnx"));
        assert_eq!(taken.take_free("m", ".env").as_deref(), Some("m/.env"));
        assert_eq!(taken.take_free("M/.ENV", "x"), None);
    }
}
