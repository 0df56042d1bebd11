//! A file in memory.
use crate::sync::{AtomicU64, Ordering};
use rustix::mm;
use std::fs::File;
use std::io;
use std::ptr::NonNull;

/// A shared mapping of a whole file.
///
/// Invariant MAPPING: from creation to drop, `base` is the start of `words` mapped, readable, writable, page-aligned
/// words, and nothing in this process touches them but through atomics.
pub(super) struct Mapping {
    base: NonNull<AtomicU64>,
    words: usize,
}

#[expect(unsafe_code, reason = "a raw pointer is not Send by itself")]
// SAFETY: MAPPING: the words are atomics, and the mapping is not tied to a thread.
unsafe impl Send for Mapping {}
#[expect(unsafe_code, reason = "a raw pointer is not Sync by itself")]
// SAFETY: MAPPING: shared access is access to atomics.
unsafe impl Sync for Mapping {}

/// Of the mapping, whatever lies behind it.
const PROTECTION: mm::ProtFlags = mm::ProtFlags::READ.union(mm::ProtFlags::WRITE);

#[expect(unsafe_code, reason = "mapping a file")]
impl Mapping {
    pub(super) fn new(file: &File) -> io::Result<Self> {
        let bytes = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        if bytes == 0 || !bytes.is_multiple_of(8) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a whole number of words"));
        }
        // SAFETY: a fresh mapping at an address that the kernel chooses aliases no Rust object.
        let base = unsafe {
            mm::mmap(std::ptr::null_mut(), bytes, PROTECTION, mm::MapFlags::SHARED, file, 0)?
        };
        let base = NonNull::new(base.cast()).ok_or_else(|| io::Error::other("mapped at zero"))?;
        let mapping = Self { base, words: bytes / 8 };
        mapping.advise(mm::Advice::LinuxDontDump)?;
        Ok(mapping)
    }

    pub(super) fn bytes(&self) -> usize {
        self.words * 8
    }

    /// Faults all pages in for writing. On kernels before 5.14 each page is touched instead.
    pub(super) fn populate(&self) -> io::Result<()> {
        match self.advise(mm::Advice::LinuxPopulateWrite) {
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
                for word in self.words().iter().step_by(512) {
                    word.fetch_add(0, Ordering::Relaxed);
                }
                Ok(())
            }
            other => other,
        }
    }

    /// Puts zeroed memory of the process alone in the place of what begins `from` bytes behind the start, which is a
    /// whole number of pages.
    pub(super) fn detach(&self, from: usize) -> io::Result<()> {
        let Some(bytes) = self.bytes().checked_sub(from).filter(|bytes| *bytes > 0) else {
            return Ok(());
        };
        let flags = mm::MapFlags::PRIVATE | mm::MapFlags::FIXED;
        let start = self.base.as_ptr().wrapping_byte_add(from).cast();
        // SAFETY: MAPPING: the range from `from` to the end is ours, and stays mapped, readable and writable.
        unsafe { mm::mmap_anonymous(start, bytes, PROTECTION, flags)? };
        self.advise(mm::Advice::LinuxDontDump)
    }

    fn advise(&self, advice: mm::Advice) -> io::Result<()> {
        // SAFETY: MAPPING: the range is ours; neither advice changes its contents.
        unsafe { mm::madvise(self.base.as_ptr().cast(), self.bytes(), advice)? };
        Ok(())
    }

    #[inline]
    pub(super) fn words(&self) -> &[AtomicU64] {
        // SAFETY: MAPPING: base and length describe live, aligned words that are only touched as atomics.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.words) }
    }
}

impl Drop for Mapping {
    #[expect(unsafe_code, reason = "unmapping")]
    fn drop(&mut self) {
        // SAFETY: MAPPING: the range is ours, and `&mut self` shows that nobody borrows its words.
        let unmapped = unsafe { mm::munmap(self.base.as_ptr().cast(), self.bytes()) };
        debug_assert!(unmapped.is_ok(), "a mapping of our own can be unmapped");
    }
}
