//! `obs sql migrate`: the tables as this build wants them.
use super::options::MigrateOptions;
use super::{failed, wanted};
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;
use obs_core::{Settings, escape};
use obs_sql_sink::Database;

pub(crate) fn run(
    options: &MigrateOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    let wanted = wanted(settings)?;
    let mut database = Database::create(&wanted.url).map_err(|error| failed(&error))?;
    let pending = database.pending(&wanted).map_err(|error| failed(&error))?;
    if pending.is_empty() {
        output.note("the tables are as they should be")?;
        return Ok(Exit::Done);
    }
    if options.dry_run {
        for statement in &pending {
            let lines: Vec<_> = statement.lines().map(escape::terminal).collect();
            output.bytes(format!("{};\n", lines.join("\n")).as_bytes())?;
        }
        return Ok(Exit::Done);
    }
    database.migrate(&wanted).map_err(|error| failed(&error))?;
    output.note(&format!("{} statements were executed", pending.len()))?;
    Ok(Exit::Done)
}
