//! `obs bundle view`: what a bundle is about, or one of its files, without unpacking it.
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::like;
use crate::options::ViewOptions;
use crate::output::Output;
use crate::paint::Paint;
use crate::seal;
use crate::size;
use crate::table::{Column, Table};
use obs_bundle::{BundleError, BundleErrorKind, Limits, Manifest, Reader, Report, RunPart};
use obs_core::escape;
use std::io;
use std::path::Path;

pub(crate) fn run(options: &ViewOptions, output: &mut Output) -> Result<Exit> {
    let Some(path) = &options.path else { return overview(options, output) };
    let mut reader = seal::reader(&options.zip, options.identity.as_deref())?;
    let mut shown = Harmless::default();
    let is_raw = !output.is_terminal();
    let mut failure = None;
    let read = reader.read(path, &mut |piece| {
        let bytes = if is_raw { piece } else { shown.pass(piece) };
        output.bytes(bytes).map_err(|error| {
            failure = Some(error);
            io::Error::other("it cannot be shown")
        })
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    read.map_err(|error| failed(&error))?;
    output.bytes(shown.finish())?;
    Ok(Exit::Done)
}

/// Why a bundle cannot be read in place.
pub(crate) fn failed(error: &BundleError) -> Failure {
    let exit = match error.kind() {
        BundleErrorKind::Check => Exit::NotWhole,
        _ => Exit::Failed,
    };
    Failure::new(exit, error.to_string())
}

/// The manifest of a bundle that is whole, with what verifying found.
pub(crate) fn whole(reader: &mut Reader, zip: &Path) -> Result<(Manifest, Report)> {
    let report = reader.verify(&Limits::default()).map_err(|error| failed(&error))?;
    match (&report.manifest, report.problems.first()) {
        (Some(manifest), None) => Ok((manifest.clone(), report)),
        (_, problem) => {
            let why = problem.map(ToString::to_string).unwrap_or_default();
            let message = format!("\"{}\" is not whole: {why}", zip.display());
            Err(Failure::new(Exit::NotWhole, message))
        }
    }
}

fn overview(options: &ViewOptions, output: &mut Output) -> Result<Exit> {
    let mut reader = seal::reader(&options.zip, options.identity.as_deref())?;
    let (manifest, report) = whole(&mut reader, &options.zip)?;
    let (colors, mut out) = (output.colors(), String::new());
    colors.paint(&mut out, Paint::Bold, &options.zip.display().to_string());
    out.push_str(&format!("  {}, {report}\n", size::human(report.bytes)));
    for (name, text) in about(&manifest) {
        out.push_str(&format!("{name:<9}"));
        colors.paint(&mut out, Paint::Plain, &text);
        out.push('\n');
    }
    let mut table =
        Table::new(&[("PATH", Column::Flexible), ("ROLE", Column::Left), ("SIZE", Column::Right)]);
    for file in &manifest.files {
        let bytes = size::human(file.size);
        let role = (file.role.as_str(), Paint::Plain);
        table.row([(&file.path, Paint::Plain), role, (&bytes, Paint::Plain)]);
    }
    out.push_str(&table.render(colors, output.columns()));
    for part in manifest.collectors.iter().filter(|part| !part.status.is_complete()) {
        for error in &part.errors {
            let text = format!("{} ({}): {error}", part.name, part.status.as_str());
            colors.paint(&mut out, Paint::Doubtful, &text);
            out.push('\n');
        }
    }
    output.bytes(out.as_bytes())?;
    Ok(Exit::Done)
}

/// What a bundle is about: names and texts.
pub(crate) fn about(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let bundle = &manifest.bundle;
    let state = format!("{:?}", bundle.state).to_lowercase();
    let mut about = match &manifest.run {
        Some(run) => of_run(run),
        None => vec![("run", "unknown: run.json is not there or cannot be read".to_owned())],
    };
    let made =
        format!("{state}, made {} by {} {}", bundle.created_at, bundle.tool, bundle.tool_version);
    about.push(("bundle", made));
    if let Some(from) = bundle.from.last() {
        about.push(("from", format!("the bundle {}", from.id)));
    }
    if let Some(window) = &bundle.window {
        let from = window.from.as_deref().unwrap_or("the beginning");
        let until = window.until.as_deref().unwrap_or("the end");
        about.push(("time", format!("from {from} until {until}")));
    }
    about
}

fn of_run(run: &RunPart) -> Vec<(&'static str, String)> {
    let end = run.end.as_ref().map_or_else(
        || "it had not ended, or was not recovered".to_owned(),
        |end| format!("{}: {} ({})", end.kind.as_str(), end.detail, end.evidence.join("; ")),
    );
    let ended = run.ended_at.as_deref().unwrap_or("-");
    let mut about = vec![
        ("service", run.service.clone()),
        ("run", format!("{}, process {}", run.id, run.pid)),
        ("time", format!("{} to {ended}", run.started_at)),
        ("end", end),
        (
            "records",
            format!(
                "{}, {} lost, {} errors, {} open spans",
                run.records, run.delivery.lost, run.errors, run.open_spans
            ),
        ),
    ];
    let like = like::text(&run.id, run.end.as_ref(), run.recurrence.as_ref());
    about.extend(like.map(|like| ("like", like)));
    about
}

/// Makes what streams by safe for a terminal; line breaks and tabs stay.
#[derive(Debug, Default)]
struct Harmless {
    /// The beginning of a character that the last piece may have cut.
    begun: Vec<u8>,
    out: Vec<u8>,
}

impl Harmless {
    fn pass(&mut self, piece: &[u8]) -> &[u8] {
        self.begun.extend_from_slice(piece);
        let bytes = std::mem::take(&mut self.begun);
        let whole = match std::str::from_utf8(&bytes) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => bytes.len(),
        };
        // Of bytes with an error in their midst, the end may be cut, too; what is lost is shown as such.
        self.begun.extend_from_slice(&bytes[whole..]);
        self.show(&bytes[..whole]);
        &self.out
    }

    fn finish(&mut self) -> &[u8] {
        let rest = std::mem::take(&mut self.begun);
        self.show(&rest);
        &self.out
    }

    fn show(&mut self, bytes: &[u8]) {
        self.out.clear();
        let text = String::from_utf8_lossy(bytes);
        for part in text.split_inclusive(['\n', '\t']) {
            let plain = part.trim_end_matches(['\n', '\t']);
            escape::terminal_into(&mut self.out, plain);
            self.out.extend_from_slice(&part.as_bytes()[plain.len()..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Harmless;

    #[test]
    fn what_streams_by_moves_no_cursor() {
        let bytes = "a\u{1b}[2J\tä\u{202e}\n\r日\u{9b}x".as_bytes();
        let expected = "a\\u{1b}[2J\tä\\u{202e}\n\\r日\\u{9b}x";
        for length in 1..=bytes.len() {
            let (mut shown, mut out) = (Harmless::default(), Vec::new());
            bytes.chunks(length).for_each(|piece| out.extend_from_slice(shown.pass(piece)));
            out.extend_from_slice(shown.finish());
            assert_eq!(String::from_utf8(out).unwrap(), expected, "pieces of {length}");
        }
    }
}
