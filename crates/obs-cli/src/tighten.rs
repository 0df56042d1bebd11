//! `obs bundle redact`: a bundle made of a bundle, without what it should not have held.
use crate::bundle;
use crate::exit::Exit;
use crate::failure::Result;
use crate::options::TightenOptions;
use crate::output::Output;
use crate::paint::Paint;
use crate::seal;
use crate::select;
use crate::signals;
use crate::size;
use crate::view;
use obs_bundle::{BundleErrorKind, FromPart, Options, State, Tightened, tighten};
use obs_core::Settings;
use serde::Serialize;
use std::path::{Path, PathBuf};

const SAID: &str = "ending, and nothing is written";

pub(crate) fn run(
    options: &TightenOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    let mut reader = seal::reader(&options.zip, options.identity.as_deref())?;
    let wanted = options_of(options, settings)?;
    let run = run_directory(options, settings, output)?;
    bundle::give_way(output)?;
    signals::listen(wanted.cancel.clone(), SAID)?;
    let made = tighten(&mut reader, run.as_deref(), &wanted);
    let made = made.map_err(|error| match error.kind() {
        BundleErrorKind::Check => view::failed(&error),
        _ => bundle::failed(&error),
    })?;
    made.bundle.notes.iter().try_for_each(|note| output.note(note))?;
    if made.was_signed && wanted.sign.is_none() {
        output.note(
            "the signature is not in it: it would not fit any more; `--sign-key` signs it anew",
        )?;
    }
    if options.identity.is_some() && wanted.encrypt.is_none() {
        output.note("it is not encrypted any more: `--encrypt-to` encrypts it anew")?;
    }
    let written = Written::new(&made);
    if options.json {
        output.json(&written)?;
    } else {
        let text = written.text(output);
        output.bytes(text.as_bytes())?;
    }
    Ok(if written.state == State::Complete { Exit::Done } else { Exit::InPart })
}

fn run_directory(
    options: &TightenOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Option<PathBuf>> {
    let Some(run) = options.run.as_deref() else { return Ok(None) };
    select::run(Some(run), settings, output).map(Some)
}

fn options_of(options: &TightenOptions, settings: &Settings) -> Result<Options> {
    let mut wanted = Options::default();
    wanted.rules.clone_from(&settings.redact);
    for rules in &options.redact {
        wanted.rules.names.extend(rules.names.iter().cloned());
        wanted.rules.plain_names.extend(rules.plain_names.iter().cloned());
        wanted.rules.patterns.extend(rules.patterns.iter().cloned());
    }
    wanted.output.clone_from(&options.output);
    wanted.include.clone_from(&options.include);
    wanted.exclude.clone_from(&options.exclude);
    wanted.include_binary = options.include_binary;
    seal::apply(&options.seal, &mut wanted)?;
    Ok(wanted)
}

/// A bundle that was made of another.
#[derive(Debug, Serialize)]
struct Written<'a> {
    path: &'a Path,
    bytes: u64,
    id: &'a str,
    from: &'a [FromPart],
    state: State,
    files: usize,
    files_left_out: u64,
    /// Secrets that the other still had.
    taken_out: u64,
}

impl<'a> Written<'a> {
    fn new(made: &'a Tightened) -> Self {
        let manifest = &made.bundle.manifest;
        Self {
            path: &made.bundle.path,
            bytes: made.bundle.size,
            id: &manifest.bundle.id,
            from: &manifest.bundle.from,
            state: manifest.bundle.state,
            files: manifest.files.len(),
            files_left_out: made.left_out,
            taken_out: made.taken_out,
        }
    }

    fn text(&self, output: &Output) -> String {
        let (colors, mut out) = (output.colors(), String::new());
        colors.paint(&mut out, Paint::Bold, &self.path.display().to_string());
        let (bytes, files) = (size::human(self.bytes), size::counted(self.files as u64, "file"));
        let (state, paint) = match self.state {
            State::Complete => ("complete", Paint::Good),
            _ => ("in part", Paint::Doubtful),
        };
        out.push_str(&format!("  {bytes}, {files}, "));
        colors.paint(&mut out, paint, state);
        let (taken_out, left_out) = (
            size::counted(self.taken_out, "more secret"),
            size::counted(self.files_left_out, "file"),
        );
        out.push_str(&format!("\n{taken_out} taken out, {left_out} left out\n"));
        out
    }
}
