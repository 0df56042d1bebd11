//! Whether a bundle is whole, without unpacking it.
mod content;
mod described;
mod directory;
mod end;
mod layout;
mod limits;
mod problem;
mod reader;
mod report;
mod wanted;

use crate::error::{BundleError, BundleErrorKind};
use crate::names::{self, Clash, Taken};
use directory::Entry;
use obs_core::io::{Disk, Io, IoFile, Open};
use std::io;
use std::path::Path;

pub use limits::Limits;
pub use problem::{Problem, ProblemKind};
pub use reader::Reader;
pub use report::{Report, Signed};

use problem::Problems;

/// Checks the bundle at `path`: that it is one, that nothing in it was changed, added, taken away, renamed, doubled or
/// moved, and that it can be unpacked on every system without harm.
///
/// Every byte of the archive is accounted for: headers are compared with the directory and with what a bundle's
/// headers look like, contents with `support.json` and `SHA256SUMS`, both of these with each other. Nothing is
/// written, nothing is unpacked; contents are inflated piece by piece and hashed. An archive that claims to become
/// larger than `limits` allow is not inflated at all. It takes 64 MiB of memory at most.
///
/// A signature is read and not checked, which takes the key of who made it: a report without problems says that the
/// bundle is whole, and nothing about who made it.
///
/// # Errors
///
/// [`BundleErrorKind::Input`] when the file cannot be opened or read. Whatever else is wrong is in the report, also
/// when the file is no archive at all.
pub fn verify(path: &Path, limits: &Limits) -> Result<Report, BundleError> {
    let unreadable = |error| BundleError::at(BundleErrorKind::Input, "read", path, error);
    let real = path.canonicalize().map_err(unreadable)?;
    let mut file = Disk::new().open(&real, Open::Read).map_err(unreadable)?;
    verify_file(file.as_mut(), limits).map_err(unreadable)
}

/// Checks the bundle in an open file, as [`verify`] does.
///
/// # Errors
///
/// What the system says when the file cannot be read.
pub fn verify_file(file: &mut dyn IoFile, limits: &Limits) -> io::Result<Report> {
    let mut problems = Problems::default();
    let mut report = Report { bytes: file.length()?, ..Report::default() };
    if let Some(entries) = structure(file, limits, &mut problems)? {
        report.entries = entries.len();
        report.inflated_bytes = limits::inflated_bytes(&entries);
        let mut found = content::read_all(file, &entries, &mut problems)?;
        let signature = found.signature.take();
        report.signed =
            signature.zip(found.sums.clone()).map(|(signature, sums)| Signed { signature, sums });
        report.manifest = described::compare(&entries, found, report.bytes, &mut problems);
    }
    (report.problems, report.problems_more) = problems.finish();
    Ok(report)
}

/// Gives out the bytes of every entry of an archive that was found whole, in pieces, with its name; and behind each
/// entry's last piece an empty one.
///
/// # Errors
///
/// What the system says when the file cannot be read, or that it is no archive.
pub(crate) fn each_piece(
    file: &mut dyn IoFile,
    take: &mut dyn FnMut(&str, &[u8]),
) -> io::Result<()> {
    let mut problems = Problems::default();
    let entries = structure(file, &Limits::unbounded(), &mut problems)?;
    for entry in entries.ok_or(io::ErrorKind::InvalidData)? {
        let fault = content::read(file, &entry, &mut |piece| take(&entry.name, piece))?;
        if let Some(fault) = fault {
            return Err(io::Error::other(format!("{}: {fault}", entry.name)));
        }
        take(&entry.name, &[]);
    }
    Ok(())
}

/// The entries, when it is safe to look into them.
fn structure(
    file: &mut dyn IoFile,
    limits: &Limits,
    problems: &mut Problems,
) -> io::Result<Option<Vec<Entry>>> {
    let Some(end) = end::read(file, limits, problems)? else { return Ok(None) };
    let Some(mut entries) = directory::read(file, &end, problems)? else { return Ok(None) };
    check_names(&entries, problems);
    if !limits.check(&entries, file.length()?, problems) {
        return Ok(None);
    }
    let is_sound = layout::check(file, &mut entries, &end, problems)?;
    Ok(is_sound.then_some(entries))
}

fn check_names(entries: &[Entry], problems: &mut Problems) {
    let mut taken = Taken::default();
    for entry in entries {
        if let Some(fault) = names::fault(&entry.name) {
            problems.add(ProblemKind::UnsafeName, &entry.name, format!("the name {fault}"));
        }
        match taken.take(&entry.name) {
            Ok(()) => {}
            Err(Clash::Same) => {
                problems.add(ProblemKind::Duplicate, &entry.name, "the name is there twice");
            }
            Err(Clash::Like) => {
                let what = "another name differs in case alone, or is its folder";
                problems.add(ProblemKind::Clash, &entry.name, what);
            }
        }
    }
}
