//! A mapped file whose blocks are allocated as its one writer gets to them.
use super::mapping::Mapping;
use crate::place::{self, STEP_BYTES};
use std::fs::File;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A mapping that grows: a large file costs time and memory only as far as it is used.
pub(super) struct Growing {
    mapping: Mapping,
    file: File,
    /// Bytes that can be stored to; only the writer changes it.
    provided: AtomicUsize,
    shortage: OnceLock<String>,
}

impl Growing {
    /// Of a file whose first step is allocated.
    pub(super) fn new(file: File) -> io::Result<Self> {
        let mapping = Mapping::new(&file)?;
        let provided = AtomicUsize::new(mapping.bytes().min(STEP_BYTES));
        Ok(Self { mapping, file, provided, shortage: OnceLock::new() })
    }

    pub(super) fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    pub(super) fn is_short(&self) -> bool {
        self.shortage.get().is_some()
    }

    pub(super) fn shortage(&self) -> Option<String> {
        self.shortage.get().cloned()
    }

    #[inline]
    pub(super) fn provide(&self, bytes: usize) {
        let provided = self.provided.load(Ordering::Relaxed);
        if bytes > provided {
            self.grow(provided, bytes);
        }
    }

    #[cold]
    fn grow(&self, from: usize, bytes: usize) {
        let all = self.mapping.bytes();
        let to = bytes.next_multiple_of(STEP_BYTES).min(all);
        let provided = match place::allocate(&self.file, from as u64..to as u64) {
            Ok(()) => to,
            Err(error) => {
                let detached = self.mapping.detach(from);
                assert!(detached.is_ok(), "no memory in the file ({error}), and {detached:?}");
                self.shortage.get_or_init(|| {
                    format!(
                        "of {all} bytes, those from {from} on do not outlive the process: {error}"
                    )
                });
                all
            }
        };
        self.provided.store(provided, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    const ALL: usize = 4 * STEP_BYTES + 4096;

    fn blocks(file: &File) -> usize {
        file.metadata().unwrap().blocks() as usize * 512
    }

    #[test]
    fn blocks_are_allocated_a_step_at_a_time_and_before_they_are_needed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("stage");
        let growing = Growing::new(place::create_growing(&path, ALL).unwrap()).unwrap();
        assert_eq!(growing.mapping().bytes(), ALL);
        for (wanted, allocated) in [
            (8, STEP_BYTES),
            (STEP_BYTES, STEP_BYTES),
            (STEP_BYTES + 8, 2 * STEP_BYTES),
            (3 * STEP_BYTES - 8, 3 * STEP_BYTES),
            (ALL, ALL),
        ] {
            growing.provide(wanted);
            let found = blocks(&growing.file);
            assert!((allocated..allocated + STEP_BYTES / 2).contains(&found), "{wanted}: {found}");
            growing.mapping().words()[wanted / 8 - 1].store(wanted as u64, Ordering::Relaxed);
        }
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes[ALL - 8..], (ALL as u64).to_le_bytes());
        assert_eq!(growing.shortage(), None);
    }

    #[test]
    fn what_the_file_system_has_no_room_for_is_memory_of_the_process_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("stage");
        let mut growing = Growing::new(place::create_growing(&path, ALL).unwrap()).unwrap();
        // Nothing can be allocated by way of a file that can only be read.
        growing.file = File::open(&path).unwrap();
        let words = || growing.mapping().words();
        words()[STEP_BYTES / 8 - 1].store(1, Ordering::Relaxed);
        growing.provide(STEP_BYTES + 8);
        for at in [STEP_BYTES / 8, ALL / 8 - 1] {
            assert_eq!(words()[at].swap(2, Ordering::Relaxed), 0);
            assert_eq!(words()[at].load(Ordering::Relaxed), 2);
        }
        assert_eq!(words()[STEP_BYTES / 8 - 1].load(Ordering::Relaxed), 1);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes[STEP_BYTES - 8..STEP_BYTES], 1_u64.to_le_bytes());
        assert!(bytes[STEP_BYTES..].iter().all(|byte| *byte == 0), "the file has no part in it");
        let shortage = growing.shortage().unwrap();
        assert!(
            shortage.contains("those from 1048576 on do not outlive the process"),
            "{shortage}"
        );
    }
}
