//! What the files say against what the ledger says.
use super::Ledger;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// What many kills showed.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Children that were killed.
    pub kills: u64,
    /// Events whose macro had returned, and that were not refused.
    pub acknowledged: u64,
    /// Of these, those that are in the log.
    pub recovered: u64,
    /// Of these, those that are not.
    pub lost: u64,
    /// Events that are in the log more than once.
    pub twice: u64,
    /// Lines that are no JSON objects.
    pub torn: u64,
    /// Events behind a later one of the same thread, and lines behind one with a higher number.
    pub out_of_order: u64,
    /// Events that were refused, and counted.
    pub refused: u64,
    /// Spans that were open at the end.
    pub open_spans: u64,
    /// Events a second, all threads together, while the children lived.
    pub events_per_s: u64,
    /// The longest recovery.
    pub recover_ms_max: u64,
    /// Recoveries that were killed themselves.
    pub recoveries_killed: u64,
}

#[derive(Deserialize)]
struct Line {
    seq: u64,
    #[serde(default)]
    event: String,
    #[serde(default)]
    worker: Option<usize>,
    #[serde(default)]
    number: Option<u64>,
    #[serde(default)]
    unfinished: bool,
}

impl Verdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.lost == 0 && self.twice == 0 && self.torn == 0 && self.out_of_order == 0
    }

    /// Adds what one run directory shows.
    pub(crate) fn judge(
        &mut self,
        directory: &Path,
        ledger: &Ledger,
        threads: usize,
    ) -> io::Result<()> {
        let mut seen: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        let mut last_seq = 0;
        for path in files(directory, "log")? {
            self.read(&path, |verdict, line| {
                verdict.out_of_order += u64::from(line.seq <= last_seq);
                last_seq = line.seq;
                if let (Some(worker), Some(number), "tick") =
                    (line.worker, line.number, line.event.as_str())
                {
                    seen.entry(worker).or_default().push(number);
                }
            })?;
        }
        for worker in 0..threads {
            let (last, refused) = ledger.thread(worker);
            self.compare(seen.remove(&worker).unwrap_or_default(), last, refused);
        }
        for path in files(directory, "spans")? {
            self.read(&path, |verdict, line| verdict.open_spans += u64::from(line.unfinished))?;
        }
        Ok(())
    }

    /// One thread's numbers in the log against its last acknowledged number and its refusals.
    fn compare(&mut self, mut numbers: Vec<u64>, last: u64, refused: u64) {
        self.out_of_order += numbers.windows(2).filter(|pair| pair[0] > pair[1]).count() as u64;
        let all = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        self.twice += (all - numbers.len()) as u64;
        let found = numbers.iter().filter(|number| **number <= last).count() as u64;
        let acknowledged = last - refused;
        self.acknowledged += acknowledged;
        self.refused += refused;
        self.recovered += found.min(acknowledged);
        self.lost += acknowledged.saturating_sub(found);
        // More than was acknowledged would mean that something refused is there all the same.
        self.twice += found.saturating_sub(acknowledged);
    }

    fn read(&mut self, path: &Path, mut take: impl FnMut(&mut Self, Line)) -> io::Result<()> {
        let mut lines = BufReader::new(std::fs::File::open(path)?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            match serde_json::from_slice(&line) {
                Ok(parsed) if line.ends_with(b"\n") => take(self, parsed),
                _ => self.torn += 1,
            }
            line.clear();
        }
        Ok(())
    }
}

/// The files of one kind, oldest first: rotated ones, then the current one.
fn files(directory: &Path, stem: &str) -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
    let rotated = format!("{stem}.0");
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.retain(|path| name(path).starts_with(&rotated) && name(path).ends_with(".jsonl"));
    paths.sort();
    paths.extend(Some(directory.join(format!("{stem}.jsonl"))).filter(|path| path.exists()));
    Ok(paths)
}
