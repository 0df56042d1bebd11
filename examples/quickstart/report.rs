//! What is printed at the end.
use crate::command;
use crate::index::Indexed;
use obs::Delivery;
use obs::bundle::{self, Options};
use std::fmt::{self, Write as _};
use std::io::{Write as _, stdout};
use std::path::Path;

/// Prints what a person wants to know of the run, and bundles it. Fails when a record is missing anywhere.
pub(crate) fn print(
    indexed: &Indexed,
    delivery: &Delivery,
    directory: Option<&Path>,
) -> anyhow::Result<()> {
    let mut text = String::new();
    of_files(indexed, &mut text)?;
    of_records(delivery, &mut text)?;
    stdout().write_all(text.as_bytes())?;
    match directory {
        None => writeln!(stdout(), "run       without a directory: there is nothing to bundle")?,
        Some(directory) => bundle(directory)?,
    }
    let emitted = |sink: &obs::SinkDelivery| sink.delivered + sink.lost + sink.pending;
    let is_whole = delivery.sinks.iter().all(|sink| emitted(sink) == delivery.emitted);
    anyhow::ensure!(is_whole && delivery.is_complete(), "records are missing: {delivery}");
    Ok(())
}

fn of_files(indexed: &Indexed, text: &mut String) -> fmt::Result {
    let Indexed { totals, unreadable_directories, took } = indexed;
    let (whole, seconds) = (totals.whole(), took.as_secs_f64());
    let left_out = totals.not_text + totals.unreadable + totals.too_large;
    let per_second = (whole.files + left_out) as f64 / seconds;
    writeln!(text, "indexed   {} files in {seconds:.2} s, {per_second:.0}/s", whole.files)?;
    let (lines, words, size) = (whole.lines, whole.words, sized(whole.bytes as u64));
    writeln!(text, "          {lines} lines, {words} words, {size}")?;
    let (contents, copies) = (totals.contents.len(), totals.copies());
    writeln!(text, "          {contents} different contents; {copies} files have a twin")?;
    let (unreadable, too_large) = (totals.unreadable, totals.too_large);
    writeln!(
        text,
        "left out  {left_out} files: {} not UTF-8, {unreadable} unreadable, {too_large} too large; \
         {unreadable_directories} unreadable directories",
        totals.not_text
    )
}

fn of_records(delivery: &Delivery, text: &mut String) -> fmt::Result {
    let emitted = delivery.emitted;
    for sink in &delivery.sinks {
        let (name, delivered, lost) = (&sink.name, sink.delivered, sink.lost);
        write!(text, "records   {emitted} emitted = {delivered} delivered + {lost} lost")?;
        match sink.pending {
            0 => writeln!(text, "  ({name})")?,
            pending => writeln!(text, " + {pending} pending  ({name})")?,
        }
    }
    Ok(())
}

fn bundle(directory: &Path) -> anyhow::Result<()> {
    writeln!(stdout(), "run       {}", directory.display())?;
    let bundle = bundle::write(directory, &Options::default())?;
    let (path, size) = (bundle.path.display(), sized(bundle.size));
    let logs = command::obs(&["logs"], directory);
    let verify = command::obs(&["bundle", "verify"], &bundle.path);
    writeln!(stdout(), "bundle    {path} ({size})\n\nnext      {logs}\n          {verify}")?;
    Ok(())
}

fn sized(bytes: u64) -> String {
    match bytes as f64 {
        bytes if bytes < 1e6 => format!("{:.1} kB", bytes / 1e3),
        bytes => format!("{:.1} MB", bytes / 1e6),
    }
}
