//! `obs sql cleanup`: old records go.
use super::options::CleanupOptions;
use super::{failed, open, wanted};
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::{self, Output};
use crate::state;
use obs_core::Settings;
use obs_sql_sink::Cleaned;
use serde::Serialize;
use std::ops::ControlFlow;

/// How often it is said how far a clean-up is, in rows.
const TOLD_ROWS: u64 = 1_000_000;

#[derive(Debug, Serialize)]
struct Told {
    older_than: String,
    dry_run: bool,
    logs: u64,
    spans: u64,
    actions: u64,
    runs: u64,
    partitions: u64,
}

pub(crate) fn run(
    options: &CleanupOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    let mut database = open(&wanted(settings)?.url)?;
    let before = state::now().saturating_sub(options.older_than);
    let mut said = 0;
    let cleaned = if options.dry_run {
        database.due(before)
    } else {
        database.cleanup(before, &mut |so_far| {
            let rows = so_far.logs + so_far.spans + so_far.actions;
            if rows / TOLD_ROWS > said {
                said = rows / TOLD_ROWS;
                output::say(&format!("{rows} rows removed so far"));
            }
            ControlFlow::Continue(())
        })
    };
    let cleaned = cleaned.map_err(|error| failed(&error))?;
    let Cleaned { logs, spans, actions, runs, partitions, .. } = cleaned;
    let older_than = before.to_string();
    if options.json {
        let dry_run = options.dry_run;
        let told = Told { older_than, dry_run, logs, spans, actions, runs, partitions };
        output.json(&told)?;
        return Ok(Exit::Done);
    }
    let what = if options.dry_run { "would be removed" } else { "removed" };
    let whole = match partitions {
        0 => String::new(),
        count => format!(", and {count} partitions as a whole"),
    };
    let line = format!(
        "{what}, of before {older_than}: {logs} log records, {spans} spans, {actions} actions, \
         {runs} runs{whole}\n"
    );
    output.bytes(line.as_bytes())?;
    Ok(Exit::Done)
}
