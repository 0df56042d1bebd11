//! `obs bundle list`: what a bundle would hold, before anything is written.
use crate::bundle;
use crate::exit::Exit;
use crate::failure::Result;
use crate::options::WriteOptions;
use crate::output::Output;
use crate::paint::Paint;
use crate::select;
use crate::signals;
use crate::size;
use crate::table::{Column, Table};
use obs_bundle::{CollectorPart, FilePart, LeftOut, Manifest, Preview, State};
use obs_core::Settings;
use serde::Serialize;

pub(crate) fn run(
    options: &WriteOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    let path = select::run(options.run.as_deref(), settings, output)?;
    bundle::tell_what_is_missing(&path, output)?;
    let wanted = bundle::options_of(options, settings, &path)?;
    bundle::give_way(output)?;
    signals::listen(wanted.cancel.clone(), bundle::SAID)?;
    let preview = obs_bundle::preview(&path, &wanted).map_err(|error| bundle::failed(&error))?;
    if options.json {
        output.json(&Listed::new(&preview))?;
    } else {
        let text = text(&preview, output);
        output.bytes(text.as_bytes())?;
    }
    let is_whole = preview.manifest.bundle.state == State::Complete;
    Ok(if is_whole { Exit::Done } else { Exit::InPart })
}

/// A bundle that was not written.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    bytes: u64,
    id: &'a str,
    state: State,
    files: &'a [FilePart],
    left_out: Vec<&'a LeftOut>,
    collectors: &'a [CollectorPart],
}

impl<'a> Listed<'a> {
    fn new(preview: &'a Preview) -> Self {
        let manifest = &preview.manifest;
        Self {
            bytes: preview.size,
            id: &manifest.bundle.id,
            state: manifest.bundle.state,
            files: &manifest.files,
            left_out: manifest.collectors.iter().flat_map(|part| &part.left_out).collect(),
            collectors: &manifest.collectors,
        }
    }
}

fn text(preview: &Preview, output: &Output) -> String {
    let (manifest, colors) = (&preview.manifest, output.colors());
    let mut out = table(manifest).render(colors, output.columns());
    for part in &manifest.collectors {
        if part.left_out_more > 0 {
            let more = format!("{}: {} more are left out", part.name, part.left_out_more);
            colors.paint(&mut out, Paint::Dim, &more);
            out.push('\n');
        }
        for error in &part.errors {
            colors.paint(&mut out, Paint::Doubtful, &format!("{}: {error}", part.name));
            out.push('\n');
        }
    }
    let (files, bytes) = (manifest.files.len(), size::human(preview.size));
    out.push_str(&format!("{files} files, and 2 that describe them: {bytes} in all\n"));
    out
}

fn table(manifest: &Manifest) -> Table {
    let mut table = Table::new(&[
        ("PATH", Column::Flexible),
        ("ROLE", Column::Left),
        ("SIZE", Column::Right),
        ("TYPE", Column::Left),
        ("REDACTED", Column::Right),
        ("NOTE", Column::Left),
    ]);
    for file in &manifest.files {
        table.row([
            (&file.path, Paint::Plain),
            (&file.role, Paint::Plain),
            (&size::human(file.size), Paint::Plain),
            (&file.media_type, Paint::Dim),
            (&file.redactions.to_string(), Paint::Plain),
            (&note(file), Paint::Doubtful),
        ]);
    }
    for part in &manifest.collectors {
        for left_out in &part.left_out {
            let why = format!("left out: {}", left_out.why.as_str());
            let role = (part.name.as_str(), Paint::Dim);
            let none = ("-", Paint::Dim);
            table.row([(&left_out.path, Paint::Dim), role, none, none, none, (&why, Paint::Dim)]);
        }
    }
    table
}

/// What of the file is not there.
fn note(file: &FilePart) -> String {
    let mut notes = Vec::new();
    if let Some(cut) = &file.truncated {
        let of = cut.original_size.map(|bytes| format!(" of {}", size::human(bytes)));
        notes.push(format!("{} cut off{}", cut.from, of.unwrap_or_default()));
    }
    if let Some(selected) = file.selected.as_ref().filter(|it| it.lines_left_out > 0) {
        notes.push(format!("without {} lines outside of the time", selected.lines_left_out));
    }
    notes.join(", ")
}
