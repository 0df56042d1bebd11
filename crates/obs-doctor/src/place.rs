//! Directories, and what can be done in them.
use crate::subject::existing;
use obs_core::UnixNanos;
use obs_recorder::{Clock, SystemClock, steady_ns};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// As large as what a journal's writer writes at a time.
const PROBE_BYTES: usize = 64 << 10;

/// What was seen when a directory was tried out.
#[derive(Debug, Clone)]
pub(crate) struct TriedOut {
    /// The directory, or the nearest one above it that is there.
    pub(crate) directory: PathBuf,
    /// How long it took to write and to sync.
    pub(crate) synced_within: Duration,
    /// By how much the file system's time is ahead of the machine's.
    pub(crate) ahead_ns: i128,
}

/// What a file system says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileSystem {
    pub(crate) bytes_free: u64,
    /// Files that can still be made; `None` where that is not limited.
    pub(crate) files_free: Option<u64>,
    kind: u64,
}

/// The kinds of file systems, by the numbers that Linux gives them, and whether they are of other machines, or of a
/// process: then neither locks nor mappings can be relied on.
const KINDS: [(u64, &str, bool); 15] = [
    (0xef53, "ext4", false),
    (0x5846_5342, "xfs", false),
    (0x9123_683e, "btrfs", false),
    (0x2fc1_2fc1, "zfs", false),
    (0xf2f5_2010, "f2fs", false),
    (0x0102_1994, "tmpfs", false),
    (0x8584_58f6, "ramfs", false),
    (0x794c_7630, "overlay", false),
    (0x9fa0, "proc", false),
    (0x6969, "nfs", true),
    (0x0102_1997, "9p", true),
    (0x6573_5546, "fuse", true),
    (0xff53_4d42, "cifs", true),
    (0xfe53_4d42, "smb2", true),
    (0x517b, "smb", true),
];

impl FileSystem {
    /// The file system of a path, or of where it would be.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let stat = rustix::fs::statfs(existing(path))?;
        Ok(Self {
            bytes_free: stat.f_bavail.saturating_mul(stat.f_bsize as u64),
            files_free: (stat.f_files > 0).then_some(stat.f_ffree),
            kind: stat.f_type as u64 & 0xffff_ffff,
        })
    }

    fn row(self) -> Option<(u64, &'static str, bool)> {
        KINDS.into_iter().find(|(kind, ..)| *kind == self.kind)
    }

    pub(crate) fn name(self) -> String {
        self.row().map_or_else(|| format!("type {:#x}", self.kind), |(_, name, _)| name.to_owned())
    }

    pub(crate) fn is_remote(self) -> bool {
        self.row().is_some_and(|(.., is_remote)| is_remote)
    }

    pub(crate) fn is_memory(self) -> bool {
        matches!(self.row(), Some((_, "tmpfs" | "ramfs", _)))
    }
}

/// Does in a directory, or in the nearest one above it that is there, what a run does in it: makes a directory in it,
/// in that a file, writes and syncs that. Removes both.
pub(crate) fn try_out(directory: &Path) -> Result<TriedOut, Refused> {
    let directory = existing(directory).to_owned();
    let own = directory.join(format!(".obs-doctor-{}-{}", std::process::id(), steady_ns()));
    let refused =
        |what: &'static str, path: &Path, error| Refused { what, path: path.to_owned(), error };
    DirBuilder::new()
        .mode(0o700)
        .create(&own)
        .map_err(|error| refused("make a directory in", &directory, error))?;
    let path = own.join("probe");
    let tried = write(&path).map_err(|error| refused("write a file in", &directory, error));
    let removed = std::fs::remove_dir_all(&own);
    let (synced_within, ahead_ns) = tried?;
    removed.map_err(|error| refused("remove", &own, error))?;
    Ok(TriedOut { directory, synced_within, ahead_ns })
}

fn write(path: &Path) -> io::Result<(Duration, i128)> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let begun = steady_ns();
    file.write_all(&vec![0x6f; PROBE_BYTES.min(file_bytes_max())])?;
    file.sync_all()?;
    let time = Duration::from_nanos(steady_ns().saturating_sub(begun));
    Ok((time, ahead_ns(&file)?))
}

/// How large a file of this process may be: who writes past it is killed.
fn file_bytes_max() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    limit.map_or(usize::MAX, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// By how much the file's time is ahead of the machine's: it was written a moment ago.
fn ahead_ns(file: &File) -> io::Result<i128> {
    let metadata = file.metadata()?;
    let theirs = i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
    Ok(theirs - i128::from(now().0))
}

/// The machine's time.
pub(crate) fn now() -> UnixNanos {
    UnixNanos(SystemClock::new().anchor().unix_ns)
}

/// What could not be done in a directory, and why.
#[derive(Debug)]
pub(crate) struct Refused {
    what: &'static str,
    path: PathBuf,
    pub(crate) error: io::Error,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot {} {}: {}", self.what, self.path.display(), self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::{FileSystem, try_out};
    use std::path::Path;

    #[test]
    fn what_is_tried_out_is_left_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let tried = try_out(&root.path().join("a/b/c")).unwrap();
        assert_eq!(tried.directory, root.path());
        assert!(tried.ahead_ns.abs() < 60_000_000_000, "{tried:?}");
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn below_a_file_nothing_can_be_made() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        std::fs::write(&file, "").unwrap();
        let refused = try_out(&file.join("runs")).unwrap_err().to_string();
        let expected = format!("cannot make a directory in {}: Not a directory", file.display());
        assert!(refused.starts_with(&expected), "{refused}");
    }

    #[test]
    fn what_is_kept_in_memory_is_known_as_such() {
        let proc = FileSystem::of(Path::new("/proc/nothing/of/the/kind")).unwrap();
        assert_eq!(
            (proc.name().as_str(), proc.is_memory(), proc.is_remote()),
            ("proc", false, false)
        );
    }
}
