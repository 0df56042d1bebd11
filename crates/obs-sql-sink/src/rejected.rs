//! What a database does not take, put aside: `rejected.jsonl`.
use crate::fault::Fault;
use crate::rows::{Cell, Rows};
use crate::session::Insertion;
use crate::tables::Table;
use obs_core::{RunId, escape};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The file that takes the rows, one JSON object a line.
#[derive(Debug)]
pub(crate) struct Rejected {
    path: Option<PathBuf>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) seq: i64,
    part: usize,
    row: usize,
    pub(crate) reason: String,
}

impl Refusal {
    /// That of the first row of an insertion.
    pub(crate) fn of(insertion: &Insertion<'_>, fault: &Fault) -> Self {
        let (part, row) = (insertion.part, insertion.range.start);
        let seq = match insertion.rows.parts[part].row(row)[0] {
            Cell::Whole(seq) => seq,
            _ => 0,
        };
        let code = if fault.code.is_empty() { String::new() } else { format!(" ({})", fault.code) };
        Self { seq, part, row, reason: format!("{}{code}", fault.message) }
    }
}

/// More of the end of a file is not looked through for its last line.
const TAIL_BYTES: u64 = 16 << 20;

impl Rejected {
    /// In the file `path`, if there is one.
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self { path }
    }

    /// Puts rows aside, and syncs them. Those are left out that an earlier try, whose transaction then failed, has put
    /// there: the numbers in the file grow.
    pub(crate) fn put(
        &self,
        run_id: RunId,
        (tables, rows): (&[Table; 3], &Rows),
        refusals: &[Refusal],
    ) -> io::Result<()> {
        let Some(path) = self.path.as_ref().filter(|_| !refusals.is_empty()) else {
            return Ok(());
        };
        let mut file = open(path)?;
        file.lock()?;
        let (end, last_seq) = last_line(&mut file)?;
        let mut lines = Vec::new();
        for refusal in refusals.iter().filter(|refusal| refusal.seq > last_seq) {
            line(&mut lines, run_id, (tables, rows), refusal);
        }
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        file.write_all(&lines)?;
        file.sync_data()
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Whoever may write to the directory could have put a link there.
        let through_no_link = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
        options.mode(0o600).custom_flags(through_no_link);
    }
    options.open(path)
}

/// Where the last whole line ends, and its number.
fn last_line(file: &mut File) -> io::Result<(u64, i64)> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let Some(end) = tail.iter().rposition(|byte| *byte == b'\n') else {
        return Ok((if from == 0 { 0 } else { length }, 0));
    };
    let start = tail[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let seq = str::from_utf8(&tail[start..end]).ok().and_then(|line| {
        let (_, behind) = line.split_once("\"seq\":")?;
        behind.split_once(',')?.0.parse().ok()
    });
    Ok((from + end as u64 + 1, seq.unwrap_or(0)))
}

fn line(out: &mut Vec<u8>, run_id: RunId, (tables, rows): (&[Table; 3], &Rows), refusal: &Refusal) {
    let row = rows.parts[refusal.part].row(refusal.row);
    let table = &tables[refusal.part];
    out.extend_from_slice(format!("{{\"run_id\":\"{run_id}\",").as_bytes());
    if let Cell::Whole(seq) = row[0] {
        out.extend_from_slice(format!("\"seq\":{seq},").as_bytes());
    }
    out.extend_from_slice(format!("\"table\":\"{}\",\"reason\":\"", table.name).as_bytes());
    escape::json(out, &refusal.reason);
    out.extend_from_slice(b"\",\"row\":{");
    let mut known = usize::MAX;
    let columns = table.columns.iter().filter(|column| column.name != "run_id");
    for (index, column) in columns.enumerate().filter(|(_, column)| {
        // The nanoseconds of a time stand with it.
        std::mem::replace(&mut known, column.cell) != column.cell
    }) {
        let comma = if index == 0 { "" } else { "," };
        out.extend_from_slice(format!("{comma}\"{}\":", column.name).as_bytes());
        value(out, rows, row[column.cell], column.form == crate::tables::Form::Json);
    }
    out.extend_from_slice(b"}}\n");
}

fn value(out: &mut Vec<u8>, rows: &Rows, cell: Cell, is_json: bool) {
    match cell {
        Cell::Null => out.extend_from_slice(b"null"),
        Cell::Whole(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Cell::Real(number) => out.extend_from_slice(format!("{number:?}").as_bytes()),
        Cell::Flag(truth) => out.extend_from_slice(truth.to_string().as_bytes()),
        Cell::Time(time) => {
            out.push(b'"');
            out.extend_from_slice(&time.rfc3339());
            out.push(b'"');
        }
        Cell::Text(start, end) if is_json => {
            out.extend_from_slice(rows.text(start, end).as_bytes());
        }
        Cell::Text(start, end) => {
            out.push(b'"');
            escape::json(out, rows.text(start, end));
            out.push(b'"');
        }
    }
}
