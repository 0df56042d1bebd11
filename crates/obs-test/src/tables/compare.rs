//! Rows against lines.
use super::place::Place;
use obs_databases::lines::{is_same, line, row, select};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// How many differences are told.
const TOLD_MAX: usize = 5;
/// More of a line is not told.
const TOLD_CHARS_MAX: usize = 600;

/// What came of comparing.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Compared {
    /// Runs.
    pub runs: u64,
    /// Lines of their logs, and as many rows.
    pub logs: u64,
    /// Lines of their spans, and as many rows.
    pub spans: u64,
    /// The first differences.
    pub differences: Vec<String>,
}

impl Compared {
    /// Whether rows and lines say the same.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.differences.is_empty() && self.logs > 0
    }

    /// Compares the rows of a run with its files.
    pub(super) fn run(&mut self, place: &Place, directory: &Path) -> io::Result<()> {
        self.runs += 1;
        let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let run_id = name.rsplit_once('_').map(|(_, id)| id.to_owned()).unwrap_or_default();
        self.logs += self.table(place, (&run_id, "obs_logs"), &directory.join("log.jsonl"))?;
        self.spans += self.table(place, (&run_id, "obs_spans"), &directory.join("spans.jsonl"))?;
        Ok(())
    }

    /// Takes note of a difference, unless it is as it should be.
    pub(super) fn expect(&mut self, is_so: bool, why: impl FnOnce() -> String) {
        if !is_so && self.differences.len() < TOLD_MAX {
            self.differences.push(why().chars().take(TOLD_CHARS_MAX).collect());
        }
    }

    fn table(
        &mut self,
        place: &Place,
        (run_id, table): (&str, &str),
        file: &Path,
    ) -> io::Result<u64> {
        let mut lines = BufReader::new(File::open(file)?).lines();
        let (mut rows, mut left) = (0, 0);
        place.lines(&select(place.dialect(), table, run_id), &mut |text| {
            rows += 1;
            match lines.next().transpose()? {
                Some(expected) => {
                    let is_so = is_same(&row(text), &line(&expected));
                    self.expect(is_so, || format!("{table} of {run_id}: {text} for {expected}"));
                }
                None => self.expect(false, || format!("{table} of {run_id} has more: {text}")),
            }
            Ok(())
        })?;
        for expected in lines {
            let expected = expected?;
            left += 1;
            self.expect(false, || format!("{table} of {run_id} lacks {expected}"));
        }
        self.expect(left == 0, || {
            format!("{table} of {run_id} lacks {left} rows of {}", rows + left)
        });
        Ok(rows)
    }
}
