//! `obs logs`: the records of a run, from its journal.
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::filter::{Filter, Filters, is_filter};
use crate::journal::{Journal, Reading};
use crate::lines::{Form, Lines, Spans, Wanted};
use crate::options::LogsOptions;
use crate::output::Output;
use crate::select;
use crate::stage;
use crate::state::State;
use crate::tail::{self, Pick};
use obs_core::record::Record;
use obs_core::{Level, Settings};
use obs_recorder::layout::RunDirectory;
use std::ops::ControlFlow;
use std::path::Path;

pub(crate) fn run(options: &LogsOptions, settings: &Settings, output: &mut Output) -> Result<Exit> {
    let (word, filters) = words(options)?;
    let time = options.time.range()?;
    let path = select::run(word, settings, output)?;
    let journal = Journal::open(&path)?;
    tell_what_is_missing(&journal, &path, output)?;
    let wanted = Wanted {
        level: options.level.unwrap_or(Level::Trace),
        target: options.target.clone().unwrap_or_default(),
        time,
        filters: Filters::new(filters),
        spans: if options.spans { Spans::With } else { Spans::Without },
    };
    let form = if options.json { Form::Json } else { Form::Text(output.colors()) };
    let lines = Lines::new(journal.run_id(), wanted, form);
    match options.tail {
        None => journal.read(None, &mut All { lines, line: Vec::new(), output })?,
        Some(count) => {
            let last = tail::last(&journal, Kept { lines }, count)?;
            last.iter().try_for_each(|line| output.bytes(line))?;
        }
    }
    Ok(Exit::Done)
}

/// The run that is named, and all filters.
fn words(options: &LogsOptions) -> Result<(Option<&str>, Vec<Filter>)> {
    let (word, rest) = match options.words.split_first() {
        Some((first, rest)) if !is_filter(first) => (Some(first.as_str()), rest),
        _ => (None, options.words.as_slice()),
    };
    let mut filters = options.filters.clone();
    for word in rest {
        let filter = word
            .parse()
            .map_err(|why| Failure::usage(format!("cannot read \"{word}\" as a filter: {why}")))?;
        filters.push(filter);
    }
    Ok((word, filters))
}

/// Says where else there is something that the journal does not hold.
pub(crate) fn tell_what_is_missing(
    journal: &Journal,
    path: &Path,
    output: &mut Output,
) -> Result<()> {
    if let Some(problem) = &journal.problem {
        output.note(problem)?;
    }
    let shown = path.display();
    match State::of(path) {
        State::Dead(_) => output.note(&format!(
            "the run died and was not recovered: `obs recover \"{shown}\"` adds what its rings hold"
        ))?,
        State::Alive(_) if matches!(stage::rings(&RunDirectory::new(path)), Ok(None)) => output
            .note(
                "the run keeps its newest records in its own memory: what is on the disk is shown",
            )?,
        State::Unknown(error) => output.note(&format!("cannot read run.json: {error}"))?,
        State::Alive(_) | State::Ended(_) => {}
    }
    if journal.is_empty()? {
        output.note(&format!("\"{shown}\" has no journal"))?;
    }
    Ok(())
}

/// Shows every line as it is read.
struct All<'a> {
    lines: Lines,
    line: Vec<u8>,
    output: &'a mut Output,
}

impl Reading for All<'_> {
    fn begin_batch(&mut self) {
        self.lines.begin_batch();
    }

    fn take(&mut self, record: &Record<'_>) -> Result<ControlFlow<()>> {
        self.line.clear();
        if self.lines.line(record, &mut self.line)? {
            self.output.bytes(&self.line)?;
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Makes lines that can be kept.
struct Kept {
    lines: Lines,
}

impl Pick for Kept {
    type Picked = Vec<u8>;

    fn begin_batch(&mut self) {
        self.lines.begin_batch();
    }

    fn pick(&mut self, record: &Record<'_>) -> Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        Ok(self.lines.line(record, &mut line)?.then_some(line))
    }
}
