//! The seam between the toolkit and the file system, so that a test can be the disk.
//!
//! Everything that must survive a crash is written through [`Io`]: a property test then decides at which operation the
//! write is short, the disk full, the sync refused or the machine gone.
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Open {
    /// An existing file, for reading.
    Read,
    /// For reading and writing; made if it is not there. Never through a link.
    Write,
    /// A file that must not be there yet.
    New,
}

/// A file system, or something that stands in for one.
pub trait Io: Send + Sync + fmt::Debug {
    /// Opens a file; new ones are readable and writable by their owner alone.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn IoFile>>;

    /// The paths of what is in a directory, sorted.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>>;

    /// Gives a file another name, replacing what had it, all at once.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes a directory for its owner alone; one that is there already is fine.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn make_directory(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory that is empty.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn remove_directory(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;
}

/// An open file.
pub trait IoFile: Send + fmt::Debug {
    /// Reads at an offset; 0 at the end, and perhaps less than asked for.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes at an offset, perhaps less than given.
    ///
    /// # Errors
    ///
    /// What the system says. What was written before stays.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize>;

    /// The file's length.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn length(&mut self) -> io::Result<u64>;

    /// Cuts or extends the file.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn set_length(&mut self, length: u64) -> io::Result<()>;

    /// Makes the contents durable.
    ///
    /// # Errors
    ///
    /// What the system says. After an error nothing is known about what was written since the last success.
    fn sync(&mut self) -> io::Result<()>;
}

/// Reads the whole of a file.
///
/// # Errors
///
/// What the system says, or [`ErrorKind::FileTooLarge`] beyond `bytes_max`.
pub fn read(io: &dyn Io, path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut file = io.open(path, Open::Read)?;
    let length = file.length()?;
    if length > bytes_max {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| ErrorKind::FileTooLarge)?];
    let read = read_up_to(file.as_mut(), 0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Reads until `buffer` is full or the file ends; returns how much that was.
///
/// # Errors
///
/// What the system says.
pub fn read_up_to(file: &mut dyn IoFile, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(offset + done as u64, &mut buffer[done..]) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Writes all of `bytes`.
///
/// # Errors
///
/// What the system says, together with how much was written before.
pub fn write_all(
    file: &mut dyn IoFile,
    offset: u64,
    bytes: &[u8],
) -> Result<(), (usize, io::Error)> {
    let mut done = 0;
    while done < bytes.len() {
        match file.write_at(offset + done as u64, &bytes[done..]) {
            Ok(0) => return Err((done, ErrorKind::WriteZero.into())),
            Ok(count) => done += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err((done, error)),
        }
    }
    Ok(())
}

/// Replaces a file's contents all at once: after a crash it holds either the old bytes or the new ones.
///
/// # Errors
///
/// What the system says; the old contents then stay.
pub fn replace(io: &dyn Io, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (temporary, mut file) = write_beside(io, path, bytes)?;
    file.sync()?;
    io.rename(&temporary, path)?;
    path.parent().map_or(Ok(()), |directory| io.sync_directory(directory))
}

/// Like [`replace`], without waiting for the disk: the promise holds when the process dies, not when the machine does.
///
/// # Errors
///
/// As [`replace`].
pub fn replace_unsynced(io: &dyn Io, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (temporary, _) = write_beside(io, path, bytes)?;
    io.rename(&temporary, path)
}

/// Writes a file that is to take the place of the one at `path`.
fn write_beside(io: &dyn Io, path: &Path, bytes: &[u8]) -> io::Result<(PathBuf, Box<dyn IoFile>)> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let mut file = io.open(&temporary, Open::Write)?;
    file.set_length(0)?;
    write_all(file.as_mut(), 0, bytes).map_err(|(_, error)| error)?;
    Ok((temporary, file))
}

/// The machine's own file systems.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Disk;

impl Disk {
    /// The machine's own file systems.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

#[cfg(unix)]
mod disk {
    use super::{Disk, Io, IoFile, Open};
    use std::fs::{self, File, OpenOptions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
    use std::path::{Path, PathBuf};

    /// `O_NOFOLLOW` and `O_NONBLOCK` of Linux on every architecture that this is used on: a link or FIFO in the place
    /// of a file must neither be followed nor waited for.
    #[cfg(target_os = "linux")]
    const CAREFULLY: i32 =
        if cfg!(any(target_arch = "aarch64", target_arch = "arm")) { 0o100_000 } else { 0o400_000 }
            | 0o4000;
    #[cfg(not(target_os = "linux"))]
    const CAREFULLY: i32 = 0;

    impl Io for Disk {
        fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn IoFile>> {
            let mut options = OpenOptions::new();
            options.read(true).mode(0o600).custom_flags(CAREFULLY);
            match how {
                Open::Read => {}
                Open::Write => {
                    options.write(true).create(true);
                }
                Open::New => {
                    options.write(true).create_new(true);
                }
            }
            let file = options.open(path)?;
            if !file.metadata()?.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
            }
            Ok(Box::new(DiskFile { file }))
        }

        fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
            let entries = fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path()));
            let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
            paths.sort();
            Ok(paths)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            fs::rename(from, to)
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            fs::remove_file(path)
        }

        fn remove_directory(&self, path: &Path) -> io::Result<()> {
            fs::remove_dir(path)
        }

        fn make_directory(&self, path: &Path) -> io::Result<()> {
            match fs::DirBuilder::new().mode(0o700).create(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {
                    Ok(())
                }
                other => other,
            }
        }

        fn sync_directory(&self, path: &Path) -> io::Result<()> {
            File::open(path)?.sync_all()
        }
    }

    #[derive(Debug)]
    struct DiskFile {
        file: File,
    }

    impl IoFile for DiskFile {
        fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            self.file.read_at(buffer, offset)
        }

        fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
            self.file.write_at(bytes, offset)
        }

        fn length(&mut self) -> io::Result<u64> {
            self.file.metadata().map(|metadata| metadata.len())
        }

        fn set_length(&mut self, length: u64) -> io::Result<()> {
            self.file.set_len(length)
        }

        fn sync(&mut self) -> io::Result<()> {
            self.file.sync_data()
        }
    }
}
