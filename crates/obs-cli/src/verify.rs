//! `obs bundle verify`: whether a bundle is whole, and who made it.
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::options::VerifyOptions;
use crate::output::Output;
use crate::paint::Paint;
use crate::seal;
use obs_bundle::{Limits, Report, verify_file};
use obs_seal::PublicKey;
use serde::Serialize;
use std::path::Path;

pub(crate) fn run(options: &VerifyOptions, output: &mut Output) -> Result<Exit> {
    let key = options.public_key.as_deref().map(seal::public_key).transpose()?;
    let report = report(options)?;
    if options.identity.is_none() && !report.is_whole() && seal::is_encrypted(&options.zip) {
        output.note("it is encrypted: `--identity FILE` decrypts it")?;
    }
    let signature = Signature::of(&report, key.as_ref());
    if options.json {
        output.json(&Verified::new(&options.zip, &report, &signature))?;
    } else {
        let text = text(&options.zip, &report, &signature, output);
        output.bytes(text.as_bytes())?;
    }
    let is_right = report.is_whole() && signature.is_right();
    Ok(if is_right { Exit::Done } else { Exit::NotWhole })
}

fn report(options: &VerifyOptions) -> Result<Report> {
    let Some(identity) = &options.identity else {
        return obs_bundle::verify(&options.zip, &Limits::default())
            .map_err(|error| Failure::new(Exit::Failed, error.to_string()));
    };
    let mut file = seal::open(&options.zip, identity)?;
    verify_file(file.as_mut(), &Limits::default())
        .map_err(|error| Failure::cannot(format!("read \"{}\"", options.zip.display()), error))
}

/// What is known of who made a bundle.
#[derive(Debug)]
enum Signature {
    /// There is none.
    None,
    /// There is one, and no key to check it with.
    Unchecked,
    /// It is by the key; its comment.
    Right(String),
    /// It is not, or there is none where one should be; why.
    Wrong(String),
}

impl Signature {
    fn of(report: &Report, key: Option<&PublicKey>) -> Self {
        match (&report.signed, key) {
            (None, None) => Self::None,
            (Some(_), None) => Self::Unchecked,
            (None, Some(_)) => Self::Wrong("it is not signed".to_owned()),
            (Some(signed), Some(key)) => {
                let text = String::from_utf8_lossy(&signed.signature);
                let checked = key.verify(signed.sums.as_bytes(), &text);
                checked.map_or_else(|error| Self::Wrong(error.to_string()), Self::Right)
            }
        }
    }

    fn is_right(&self) -> bool {
        !matches!(self, Self::Wrong(_))
    }

    fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unchecked => "unchecked",
            Self::Right(_) => "right",
            Self::Wrong(_) => "wrong",
        }
    }
}

/// A bundle that was looked at.
#[derive(Debug, Serialize)]
struct Verified<'a> {
    path: &'a Path,
    is_whole: bool,
    /// Whether there is a signature, whoever made it.
    is_signed: bool,
    /// What is known of it: `none`, `unchecked`, `right` or `wrong`.
    signature: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(flatten)]
    report: &'a Report,
}

impl<'a> Verified<'a> {
    fn new(path: &'a Path, report: &'a Report, signature: &Signature) -> Self {
        let id = report.manifest.as_ref().map(|manifest| manifest.bundle.id.as_str());
        let (is_whole, is_signed) = (report.is_whole(), report.signed.is_some());
        Self { path, is_whole, is_signed, signature: signature.as_str(), id, report }
    }
}

fn text(path: &Path, report: &Report, signature: &Signature, output: &Output) -> String {
    let (colors, mut out) = (output.colors(), String::new());
    let is_right = report.is_whole() && signature.is_right();
    let (verdict, paint) = if is_right { ("OK", Paint::Good) } else { ("NOT OK", Paint::Bad) };
    colors.paint(&mut out, paint, verdict);
    out.push_str("  ");
    colors.paint(&mut out, Paint::Bold, &path.display().to_string());
    out.push_str("  ");
    let (entries, bytes) = (report.entries, report.inflated_bytes);
    match signature {
        Signature::Right(comment) if report.is_whole() => {
            out.push_str(&format!("whole: {entries} entries, {bytes} bytes; signed by the key: "));
            colors.paint(&mut out, Paint::Plain, comment);
        }
        Signature::Wrong(why) if report.is_whole() => {
            out.push_str(&format!("whole: {entries} entries, {bytes} bytes; but "));
            colors.paint(&mut out, Paint::Bad, why);
        }
        _ => out.push_str(report.to_string().trim_end()),
    }
    out.push('\n');
    out
}
