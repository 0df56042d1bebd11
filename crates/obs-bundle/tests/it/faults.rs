//! Disks that fail: a bundle is whole, or it is not there.
use crate::fixture::{Run, assert_whole, names, options};
use obs_bundle::{BundleErrorKind, State, write};
use obs_core::io::{Disk, Io, IoFile, Open};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The machine's disk, but that some operation fails.
#[derive(Debug)]
pub(crate) struct Faulty {
    pub(crate) count: Arc<AtomicUsize>,
    faults: Faults,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Faults {
    None,
    /// The operation with this number, of any kind.
    Once(usize),
    /// Every write from the one with this number on: the disk is full.
    WritesFrom(usize),
    /// Every file is only written to in pieces of this many bytes.
    Short(usize),
    /// The byte at this offset of every file is written wrong, and nothing is said.
    Wrong(u64),
}

impl Faulty {
    pub(crate) fn new(faults: Faults) -> Arc<Self> {
        Arc::new(Self { count: Arc::default(), faults })
    }
}

fn step(count: &AtomicUsize, faults: Faults, is_write: bool) -> io::Result<()> {
    let counts = is_write || !matches!(faults, Faults::WritesFrom(_));
    let number = count.fetch_add(usize::from(counts), Ordering::Relaxed);
    match faults {
        Faults::Once(at) if number == at => Err(io::Error::other("injected fault")),
        Faults::WritesFrom(at) if is_write && number >= at => Err(ErrorKind::StorageFull.into()),
        _ => Ok(()),
    }
}

impl Io for Faulty {
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn IoFile>> {
        step(&self.count, self.faults, false)?;
        let file = Disk::new().open(path, how)?;
        Ok(Box::new(FaultyFile { file, count: Arc::clone(&self.count), faults: self.faults }))
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        step(&self.count, self.faults, false)?;
        Disk::new().list(directory)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        step(&self.count, self.faults, false)?;
        Disk::new().rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        step(&self.count, self.faults, false)?;
        Disk::new().remove(path)
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        step(&self.count, self.faults, false)?;
        Disk::new().make_directory(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        step(&self.count, self.faults, false)?;
        Disk::new().remove_directory(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        step(&self.count, self.faults, false)?;
        Disk::new().sync_directory(path)
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn IoFile>,
    count: Arc<AtomicUsize>,
    faults: Faults,
}

impl IoFile for FaultyFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        step(&self.count, self.faults, false)?;
        self.file.read_at(offset, buffer)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        step(&self.count, self.faults, true)?;
        let most = match self.faults {
            Faults::Short(most) => most,
            _ => usize::MAX,
        };
        let mut bytes = bytes[..bytes.len().min(most)].to_vec();
        if let Faults::Wrong(at) = self.faults
            && let Some(byte) = at.checked_sub(offset).and_then(|at| bytes.get_mut(at as usize))
        {
            *byte ^= 0x10;
        }
        self.file.write_at(offset, &bytes)
    }

    fn length(&mut self) -> io::Result<u64> {
        step(&self.count, self.faults, false)?;
        self.file.length()
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        step(&self.count, self.faults, false)?;
        self.file.set_length(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        step(&self.count, self.faults, false)?;
        self.file.sync()
    }
}

#[test]
fn an_operation_that_fails_anywhere_leaves_a_whole_bundle_or_none() {
    let run = Run::ended();
    let before = run.names();
    let faulty = Faulty::new(Faults::None);
    let mut good = options();
    good.io = faulty.clone();
    std::fs::remove_file(write(&run.path, &good).unwrap().path).unwrap();
    let operations = faulty.count.load(Ordering::Relaxed);
    assert!(operations > 100, "{operations}");
    let (mut partial, mut failed) = (0, 0);
    for number in 0..operations {
        let mut options = options();
        options.io = Faulty::new(Faults::Once(number));
        match write(&run.path, &options) {
            Ok(bundle) => {
                assert_whole(&bundle.path);
                partial += usize::from(bundle.manifest.bundle.state == State::Partial);
                std::fs::remove_file(&bundle.path).unwrap();
            }
            Err(error) => {
                assert!(error.to_string().contains("injected fault"), "{number}: {error}");
                failed += 1;
            }
        }
        assert_eq!(run.names(), before, "after a fault at operation {number}");
    }
    assert!(partial > 20 && failed > 20, "{partial} partial, {failed} failed");
}

#[test]
fn a_disk_that_fills_up_leaves_nothing_behind() {
    let run = Run::ended();
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state
    };
    let lines = (0..100_000).map(|_| format!("{{\"event\":\"{:08x}{:08x}\"}}\n", next(), next()));
    run.put("log.jsonl", &lines.collect::<String>());
    let before = run.names();
    let counting = Faulty::new(Faults::WritesFrom(usize::MAX));
    let mut good = options();
    good.io = counting.clone();
    std::fs::remove_file(write(&run.path, &good).unwrap().path).unwrap();
    let writes = counting.count.load(Ordering::Relaxed);
    assert!(writes > 10, "{writes}");
    for number in 0..writes {
        let mut options = options();
        options.io = Faulty::new(Faults::WritesFrom(number));
        let error = write(&run.path, &options).unwrap_err();
        assert_eq!(error.kind(), BundleErrorKind::Output);
        assert_eq!(error.to_string(), "cannot write the bundle: no storage space");
        assert_eq!(run.names(), before, "after write {number} failed");
    }
}

#[test]
fn a_bundle_that_the_disk_spoilt_is_found_and_removed() {
    let run = Run::ended();
    let size = run.bundle().size;
    let before = run.names();
    for at in (0..size).step_by(7) {
        let mut options = options();
        options.io = Faulty::new(Faults::Wrong(at));
        match write(&run.path, &options) {
            Ok(bundle) => {
                assert_whole(&bundle.path);
                std::fs::remove_file(&bundle.path).unwrap();
            }
            Err(error) => {
                assert_eq!(error.kind(), BundleErrorKind::Check);
                let text = error.to_string();
                assert!(text.starts_with("the finished bundle does not verify: "), "{text}");
            }
        }
        assert_eq!(run.names(), before, "byte {at}");
    }
}

#[test]
fn short_writes_are_gone_on_with() {
    let run = Run::ended();
    let mut options = options();
    options.io = Faulty::new(Faults::Short(100));
    let short = write(&run.path, &options).unwrap();
    let straight = run.bundle();
    assert_eq!(std::fs::read(&short.path).unwrap(), std::fs::read(&straight.path).unwrap());
}

#[test]
fn an_output_that_cannot_be_made_is_told_with_its_reason() {
    let run = Run::ended();
    let before = run.names();
    let mut options = options();
    options.output = Some(run.folder.path().join("no/such/folder.zip"));
    let error = write(&run.path, &options).unwrap_err();
    assert_eq!(error.kind(), BundleErrorKind::Output);
    let text = error.to_string();
    assert!(text.starts_with("cannot create \""), "{text}");
    assert!(
        text.ends_with("/no/such/folder.zip.part\": No such file or directory (os error 2)"),
        "{text}"
    );
    assert_eq!(run.names(), before);
    assert_eq!(names(run.folder.path()).len(), 2);
}

#[test]
fn an_output_that_is_no_file_stays_what_it_is() {
    let run = Run::ended();
    let place = tempfile::tempdir().unwrap();
    let (socket, link) = (place.path().join("socket"), place.path().join("link"));
    let _listener = UnixListener::bind(&socket).unwrap();
    std::os::unix::fs::symlink(&socket, &link).unwrap();
    for output in [socket.clone(), link] {
        let mut options = options();
        options.output = Some(output.clone());
        let error = write(&run.path, &options).unwrap_err();
        assert_eq!(error.kind(), BundleErrorKind::Output);
        let why = format!("cannot write to \"{}\": it is there, and is no file", output.display());
        assert_eq!(error.to_string(), why);
    }
    assert!(socket.metadata().unwrap().file_type().is_socket());
    assert_eq!(names(place.path()).len(), 2);
}
