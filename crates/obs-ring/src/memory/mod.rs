//! A fixed range of shared 64-bit words, mapped from a file or allocated on the heap.
#[cfg(all(unix, not(loom)))]
mod growth;
#[cfg(all(unix, not(loom)))]
mod mapping;

use crate::sync::{AtomicU64, Ordering};
use std::ops::Deref;

/// A fixed range of 64-bit words that several threads, and through a file also several processes, may touch at once.
///
/// All access is by atomic word, so no combination of readers and writers is a data race. Its length never changes,
/// and every page of a mapped one is allocated before it is first stored to: a store can neither die for want of space
/// (SIGBUS) nor wait for the disk when the file is in tmpfs.
pub struct Memory {
    words: Words,
}

enum Words {
    Heap(Box<[AtomicU64]>),
    #[cfg(all(unix, not(loom)))]
    Mapped(mapping::Mapping),
    #[cfg(all(unix, not(loom)))]
    Growing(growth::Growing),
}

impl Memory {
    /// Allocates zeroed heap memory. It does not outlive the process.
    ///
    /// # Panics
    ///
    /// If `bytes` is not a multiple of 8.
    #[must_use]
    pub fn heap(bytes: usize) -> Self {
        assert_eq!(bytes % 8, 0, "memory is counted in whole words");
        let words = (0..bytes / 8).map(|_| AtomicU64::new(0)).collect();
        Self { words: Words::Heap(words) }
    }

    /// Heap memory that starts as a copy of `bytes`, for reading what a file held. The last word is filled with zeros.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let words = bytes.chunks(8).map(|chunk| AtomicU64::new(word_of(chunk))).collect();
        Self { words: Words::Heap(words) }
    }

    /// Maps the whole of `file`, shared, and faults every page in. The pages are left out of core dumps.
    ///
    /// The caller has allocated the file's blocks (see [`crate::place::create`]) and owns its directory alone.
    ///
    /// # Errors
    ///
    /// When the file's size is not a positive multiple of 8, or the kernel refuses the mapping or has no page for it.
    #[cfg(all(unix, not(loom)))]
    pub fn map(file: &std::fs::File) -> std::io::Result<Self> {
        let mapping = mapping::Mapping::new(file)?;
        mapping.populate()?;
        Ok(Self { words: Words::Mapped(mapping) })
    }

    /// Maps the whole of a file that [`crate::place::create_growing`] made. Its pages are faulted in when they are
    /// first touched, and it grows as its one writer gets on: it is for a [`Stage`](crate::stage::Stage).
    /// What lies behind that is a hole: who reads it may find that there is no memory for it.
    ///
    /// # Errors
    ///
    /// When the file's size is not a positive multiple of 8, or the kernel refuses the mapping.
    #[cfg(all(unix, not(loom)))]
    pub fn map_growing(file: std::fs::File) -> std::io::Result<Self> {
        Ok(Self { words: Words::Growing(growth::Growing::new(file)?) })
    }

    /// Allocates what is missing of the first `bytes`, for the one thread that stores to memory that grows. Where the
    /// file system has no room, the rest becomes memory of the process alone, and [`Memory::shortage`] says so.
    ///
    /// # Panics
    ///
    /// If the kernel has no memory for the process either.
    #[inline]
    pub(crate) fn provide(&self, bytes: usize) {
        match &self.words {
            #[cfg(all(unix, not(loom)))]
            Words::Growing(growing) => growing.provide(bytes),
            _ => {}
        }
    }

    /// Whether there is a [`shortage`](Self::shortage).
    #[inline]
    pub(crate) fn is_short(&self) -> bool {
        match &self.words {
            #[cfg(all(unix, not(loom)))]
            Words::Growing(growing) => growing.is_short(),
            _ => false,
        }
    }

    /// Why a part of it does not outlive the process though the file should have taken it.
    #[must_use]
    pub fn shortage(&self) -> Option<String> {
        match &self.words {
            #[cfg(all(unix, not(loom)))]
            Words::Growing(growing) => growing.shortage(),
            _ => None,
        }
    }

    /// Whether the words belong to a file and so outlive the process.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        !matches!(self.words, Words::Heap(_))
    }

    /// Stores `bytes` from the word `at` on; the rest of the last word becomes zero.
    pub(crate) fn store_bytes(&self, at: usize, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks::<8>();
        let words = &self[at..at + bytes.len().div_ceil(8)];
        for (word, chunk) in words.iter().zip(chunks) {
            word.store(u64::from_le_bytes(*chunk), Ordering::Relaxed);
        }
        if let (false, Some(word)) = (rest.is_empty(), words.last()) {
            word.store(word_of(rest), Ordering::Relaxed);
        }
    }

    /// Copies the words from `at` on to `out`, which is whole words long.
    pub(crate) fn load_bytes(&self, at: usize, out: &mut [u8]) {
        let (chunks, _) = out.as_chunks_mut::<8>();
        let words = &self[at..at + chunks.len()];
        for (chunk, word) in chunks.iter_mut().zip(words) {
            *chunk = word.load(Ordering::Relaxed).to_le_bytes();
        }
    }

    /// Says that the words `range` are soon to be stored to, so that their cache lines are on their way by then.
    #[inline]
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "an instruction for the processor")
    )]
    pub(crate) fn expect_stores(&self, range: std::ops::Range<usize>) {
        const LINE_WORDS: usize = 8;
        for line in self.get(range).unwrap_or_default().chunks(LINE_WORDS) {
            #[cfg(target_arch = "x86_64")]
            {
                use std::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
                // SAFETY: a prefetch has no effect but on time, whatever the address.
                unsafe { _mm_prefetch::<_MM_HINT_ET0>(line.as_ptr().cast()) };
            }
            #[cfg(not(target_arch = "x86_64"))]
            let _ = line;
        }
    }

    /// A copy of everything, as a file of it would read at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len() * 8];
        self.load_bytes(0, &mut bytes);
        bytes
    }
}

impl Deref for Memory {
    type Target = [AtomicU64];

    #[inline]
    fn deref(&self) -> &[AtomicU64] {
        match &self.words {
            Words::Heap(words) => words,
            #[cfg(all(unix, not(loom)))]
            Words::Mapped(mapping) => mapping.words(),
            #[cfg(all(unix, not(loom)))]
            Words::Growing(growing) => growing.mapping().words(),
        }
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory")
            .field("bytes", &(self.len() * 8))
            .field("mapped", &self.is_mapped())
            .finish()
    }
}

fn word_of(chunk: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..chunk.len()].copy_from_slice(chunk);
    u64::from_le_bytes(word)
}
