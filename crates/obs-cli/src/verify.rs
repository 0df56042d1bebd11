//! `obs bundle verify`: whether a bundle is whole.
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::options::VerifyOptions;
use crate::output::Output;
use crate::paint::Paint;
use obs_bundle::{Limits, Report};
use serde::Serialize;
use std::path::Path;

pub(crate) fn run(options: &VerifyOptions, output: &mut Output) -> Result<Exit> {
    let report = obs_bundle::verify(&options.zip, &Limits::default())
        .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    if options.json {
        output.json(&Verified::new(&options.zip, &report))?;
    } else {
        let text = text(&options.zip, &report, output);
        output.bytes(text.as_bytes())?;
    }
    Ok(if report.is_whole() { Exit::Done } else { Exit::NotWhole })
}

/// A bundle that was looked at.
#[derive(Debug, Serialize)]
struct Verified<'a> {
    path: &'a Path,
    is_whole: bool,
    /// Nothing in a bundle says who made it.
    is_signed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(flatten)]
    report: &'a Report,
}

impl<'a> Verified<'a> {
    fn new(path: &'a Path, report: &'a Report) -> Self {
        let id = report.manifest.as_ref().map(|manifest| manifest.bundle.id.as_str());
        Self { path, is_whole: report.is_whole(), is_signed: false, id, report }
    }
}

fn text(path: &Path, report: &Report, output: &Output) -> String {
    let (colors, mut out) = (output.colors(), String::new());
    let (verdict, paint) =
        if report.is_whole() { ("OK", Paint::Good) } else { ("NOT OK", Paint::Bad) };
    colors.paint(&mut out, paint, verdict);
    out.push_str("  ");
    colors.paint(&mut out, Paint::Bold, &path.display().to_string());
    out.push_str("  ");
    out.push_str(report.to_string().trim_end());
    out.push('\n');
    out
}
