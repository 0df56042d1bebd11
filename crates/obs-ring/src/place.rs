//! Files and directories that only their owner can reach, with every block allocated.
use rustix::fs;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Makes `directory` and what is missing above it, mode 0700, and checks that the last one is a directory of ours that
/// nobody else can write to.
///
/// # Errors
///
/// What the system says, or [`io::ErrorKind::PermissionDenied`] when the directory is a link, belongs to another user,
/// or others may write to it.
pub fn private_directory(directory: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let metadata = std::fs::symlink_metadata(directory)?;
    let uid = rustix::process::geteuid().as_raw();
    if !metadata.is_dir() || metadata.uid() != uid || metadata.mode() & 0o022 != 0 {
        let why = "not a directory that belongs to this user alone";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    Ok(())
}

/// How much of a growing file is allocated at once; a whole number of pages.
pub const STEP_BYTES: usize = 1 << 20;

/// Makes a new file of `bytes` zero bytes, mode 0600, every block allocated. Nothing stays when that fails.
///
/// # Errors
///
/// [`io::ErrorKind::AlreadyExists`] for an existing file or link; [`io::ErrorKind::StorageFull`] when there is no room;
/// else what the system says.
pub fn create(path: &Path, bytes: usize) -> io::Result<File> {
    make(path, |file| allocate(file, 0..bytes as u64))
}

/// Like [`create`], with the first [`STEP_BYTES`] allocated; the rest is a hole until [`crate::Memory`] fills it.
///
/// # Errors
///
/// As [`create`].
pub fn create_growing(path: &Path, bytes: usize) -> io::Result<File> {
    make(path, |file| {
        allocate(file, 0..bytes.min(STEP_BYTES) as u64)?;
        file.set_len(bytes as u64)
    })
}

fn make(path: &Path, fill: impl FnOnce(&File) -> io::Result<()>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600).custom_flags(libc::O_NOFOLLOW);
    let file = options.open(path)?;
    if let Err(error) = fill(&file) {
        std::fs::remove_file(path)?;
        return Err(error);
    }
    Ok(file)
}

/// Allocates the blocks of a part of the file, which grows where it ends before.
pub(crate) fn allocate(file: &File, part: Range<u64>) -> io::Result<()> {
    let length = part.end.saturating_sub(part.start);
    loop {
        match fs::fallocate(file, fs::FallocateFlags::empty(), part.start, length) {
            Err(rustix::io::Errno::INTR) => {}
            other => return other.map_err(io::Error::from),
        }
    }
}

/// What a file system that holds rings must have: room, and memory of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSystem {
    /// Bytes in all.
    pub bytes: u64,
    /// Bytes that are free for us.
    pub bytes_free: u64,
    /// Whether it lives in memory: a store to a mapped file then never waits for a disk.
    pub is_tmpfs: bool,
    /// Whether mappings and locks are shared with other machines or a user process, so that neither can be relied on.
    pub is_remote: bool,
}

/// Looks at the file system that `path` lies on.
///
/// # Errors
///
/// What the system says.
pub fn file_system(path: &Path) -> io::Result<FileSystem> {
    const TMPFS: u64 = 0x0102_1994;
    const RAMFS: u64 = 0x8584_58f6;
    const REMOTE: [u64; 6] = [0x6969, 0x0102_1997, 0x6573_5546, 0xff53_4d42, 0xfe53_4d42, 0x517b];
    let stat = fs::statfs(path)?;
    let block = stat.f_bsize as u64;
    let kind = stat.f_type as u64 & 0xffff_ffff;
    Ok(FileSystem {
        bytes: stat.f_blocks * block,
        bytes_free: stat.f_bavail * block,
        is_tmpfs: kind == TMPFS || kind == RAMFS,
        is_remote: REMOTE.contains(&kind),
    })
}
