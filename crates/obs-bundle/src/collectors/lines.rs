//! Files of lines, which a live run writes on.
use super::unreadable;
use crate::collect::{Files, NewFile, PLAIN_BYTES_MAX};
use crate::error::{BundleError, BundleErrorKind};
use crate::manifest::{Truncated, Why};
use crate::opened::Fitting;
use crate::options::Options;
use crate::remote::{Added, Content, Remote, Source};
use crate::run::{Run, Snapshot};
use crate::window::Times;
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, ErrorKind, Read};
use std::sync::Arc;

/// A rotation between two looks at the directory is waited out; a directory that changes more often is taken as it is.
const LOOKS_MAX: usize = 5;
const GZIP: &str = ".gz";
/// Lines that inflate to more than this many times their size, beside a free amount, are no log; a verifier would
/// refuse the bundle.
const INFLATED_RATIO_MAX: u64 = 100;
const INFLATED_BYTES_FREE: u64 = 1 << 20;

/// `log.jsonl` and what it was before it was rotated: `log.0001.jsonl.gz` …, which is inflated, because what is
/// inside is to be seen, chosen and redacted like any other text.
#[derive(Debug)]
pub(super) struct Rotated {
    run: Arc<Run>,
    stem: &'static str,
    times: Times,
    /// Whether there may be too little room for all of it: then the newest comes first.
    is_bounded: bool,
}

impl Rotated {
    pub(super) fn new(run: Arc<Run>, options: &Options, stem: &'static str, times: Times) -> Self {
        Self { run, stem, times, is_bounded: options.bytes_max.is_some() }
    }

    fn is_older(&self, name: &str) -> bool {
        let middle = name.strip_prefix(self.stem).and_then(|rest| rest.strip_prefix('.'));
        let middle = middle.map(|rest| rest.strip_suffix(".gz").unwrap_or(rest));
        middle.is_some_and(|rest| rest.ends_with(".jsonl"))
    }

    fn older(&self) -> io::Result<Vec<String>> {
        let names = self.run.names(self.run.directory.path())?;
        let older: Vec<String> = names.into_iter().filter(|name| self.is_older(name)).collect();
        let is_twice = |name: &String| {
            name.strip_suffix(GZIP).is_some_and(|plain| older.iter().any(|other| other == plain))
        };
        Ok(older.iter().filter(|name| !is_twice(name)).cloned().collect())
    }

    /// Adds a file that was rotated. What is wrong with it costs no other.
    fn add_older(&self, name: &str, files: &mut Remote) -> Result<Added, BundleError> {
        match self.run.open_file(&self.run.directory.path().join(name)) {
            Ok(snapshot) => go_on(self.add(name, snapshot, files), files),
            Err(error) => {
                files.missing(format!("cannot read {name}: {error}"));
                Ok(Added::Whole)
            }
        }
    }

    fn add(
        &self,
        name: &str,
        snapshot: Snapshot,
        files: &mut Remote,
    ) -> Result<Added, BundleError> {
        let plain = name.strip_suffix(GZIP);
        let mut file = NewFile::new(format!("run/{}", plain.unwrap_or(name)), self.stem);
        file.times = Some(self.times);
        if plain.is_none() {
            return add_lines(file, snapshot, files);
        }
        let likely = snapshot.length().saturating_mul(INFLATED_RATIO_MAX);
        file.bytes_max = likely.saturating_add(INFLATED_BYTES_FREE).min(PLAIN_BYTES_MAX);
        file.fitting = Fitting::Newest;
        files.offer(file, &mut Inflated::new(snapshot))
    }

    /// The names of the older files and the current one, opened so that no rotation came between the two.
    fn at_one_time(&self) -> io::Result<(Vec<String>, Option<Snapshot>)> {
        let path = self.run.directory.path().join(format!("{}.jsonl", self.stem));
        let mut older = self.older()?;
        for _ in 1..LOOKS_MAX {
            let current = present(self.run.open_file(&path))?;
            let again = self.older()?;
            if again == older {
                return Ok((older, current));
            }
            older = again;
        }
        Ok((older, present(self.run.open_file(&path))?))
    }
}

impl Source for Rotated {
    fn name(&self) -> &str {
        self.stem
    }

    fn collect(&self, files: &mut Remote) -> Result<(), BundleError> {
        let (older, current) = self
            .at_one_time()
            .map_err(|error| unreadable(&format!("{}.jsonl", self.stem), error))?;
        let current = current.map(|snapshot| (format!("{}.jsonl", self.stem), snapshot));
        if !self.is_bounded {
            for name in older {
                self.add_older(&name, files)?;
            }
            return current.map_or(Ok(()), |(name, file)| self.add(&name, file, files).map(|_| ()));
        }
        let mut is_whole = match current {
            Some((name, snapshot)) => {
                go_on(self.add(&name, snapshot, files), files)?.is_as_wanted()
            }
            None => true,
        };
        for name in older.iter().rev() {
            if is_whole {
                is_whole = self.add_older(name, files)?.is_as_wanted();
            } else {
                let plain = name.strip_suffix(GZIP).unwrap_or(name);
                files.leave_out(format!("run/{plain}"), Why::Size);
            }
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        let current = format!("{}.jsonl", self.stem);
        let is_own = |name: &str| name == current || self.is_older(name);
        self.run.bytes(self.run.directory.path(), is_own)
    }
}

/// The toolkit's own troubles, and records that a sink refused.
#[derive(Debug)]
pub(super) struct Diagnostics {
    pub(super) run: Arc<Run>,
}

impl Source for Diagnostics {
    fn name(&self) -> &str {
        "diagnostics"
    }

    fn collect(&self, files: &mut Remote) -> Result<(), BundleError> {
        for (name, role) in [("internal.log", "diagnostics"), ("rejected.jsonl", "rejected")] {
            match present(self.run.open_file(&self.run.directory.path().join(name))) {
                Ok(Some(snapshot)) => {
                    let file = NewFile::new(format!("run/{name}"), role);
                    go_on(add_lines(file, snapshot, files), files)?;
                }
                Ok(None) => {}
                Err(error) => files.missing(format!("cannot read {name}: {error}")),
            }
        }
        Ok(())
    }
}

/// Notes an error of one file, unless nothing more can be written.
pub(super) fn go_on(
    result: Result<Added, BundleError>,
    files: &mut Remote,
) -> Result<Added, BundleError> {
    match result {
        Err(error) if error.kind() != BundleErrorKind::Output => {
            files.missing(error.to_string());
            Ok(Added::Whole)
        }
        other => other,
    }
}

/// `None` for a file that is not there.
pub(super) fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Adds a file of the length that it had when it was opened.
pub(super) fn add(
    mut file: NewFile,
    mut snapshot: Snapshot,
    files: &mut Remote,
) -> Result<Added, BundleError> {
    file.bytes = snapshot.length();
    file.bytes_max = snapshot.length().max(PLAIN_BYTES_MAX);
    files.offer(file, &mut snapshot)
}

/// Adds the lines that were complete when the file was opened.
fn add_lines(
    mut file: NewFile,
    mut snapshot: Snapshot,
    files: &mut Remote,
) -> Result<Added, BundleError> {
    let before = snapshot.length();
    snapshot.cut_after_last_line().map_err(|error| unreadable(&file.path, error))?;
    file.truncated = (snapshot.length() < before).then(|| Truncated::tail(Some(before)));
    file.fitting = Fitting::Newest;
    add(file, snapshot, files)
}

/// What is inside of a gzip file.
#[derive(Debug)]
struct Inflated {
    /// `None` only while it is rewound.
    decoder: Option<MultiGzDecoder<BufReader<Snapshot>>>,
}

impl Inflated {
    fn new(snapshot: Snapshot) -> Self {
        Self { decoder: Some(MultiGzDecoder::new(BufReader::new(snapshot))) }
    }
}

impl Read for Inflated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.as_mut().map_or(Ok(0), |decoder| decoder.read(buffer))
    }
}

impl Content for Inflated {
    fn rewind(&mut self) -> io::Result<()> {
        let Some(decoder) = self.decoder.take() else { return Ok(()) };
        let mut snapshot = decoder.into_inner().into_inner();
        snapshot.rewind()?;
        *self = Self::new(snapshot);
        Ok(())
    }
}
