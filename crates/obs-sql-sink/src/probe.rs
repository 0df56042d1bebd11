//! Whether a database can be used, found out without leaving anything there.
use crate::error::SqlError;
use crate::fault::Fault;
use crate::schema;
use crate::session::Session;
use crate::sink::SqlOptions;
use crate::store::cast;
use obs_core::settings::SqlKind;
use std::time::Duration;
use tokio::time::Instant;

/// Tries whether a database can be used: connects, looks at the tables, writes a row and takes it back. Where there are
/// no tables yet they are made, and taken back; not in MySQL, which cannot. Returns what was found, a line a step.
///
/// # Errors
///
/// [`SqlError`]: what keeps a sink from writing.
pub fn probe(options: &SqlOptions, limit: Duration) -> Result<Vec<String>, SqlError> {
    let mut steps = Vec::new();
    match try_all(options, limit, &mut steps) {
        Ok(()) => Ok(steps),
        Err(fault) => Err(SqlError::new(&options.url, fault)),
    }
}

fn try_all(options: &SqlOptions, limit: Duration, steps: &mut Vec<String>) -> Result<(), Fault> {
    let begun = Instant::now();
    if let Some(path) = crate::session::file_of(&options.url)?
        && !path.exists()
    {
        crate::session::can_be_made(&path)?;
        steps.push(format!("the first program that writes makes {}", path.display()));
        return Ok(());
    }
    let mut session = Session::try_open(&options.url, limit)?;
    steps.push(format!("connected within {} ms", begun.elapsed().as_millis()));
    let pending = schema::pending(&mut session, &options.wanted())?.len();
    steps.push(match pending {
        0 => "the tables are as they should be".to_owned(),
        count => {
            format!("the first program that writes makes or changes tables: {count} statements")
        }
    });
    let kind = session.kind();
    if kind == SqlKind::MySql {
        if pending > 0 {
            return Ok(());
        }
        session.say("BEGIN")?;
    } else {
        schema::lock(&mut session)?;
        schema::apply(&mut session, &options.wanted())?;
    }
    let nobody = obs_core::RunId::from_bytes([0; 16]).to_string();
    let sql = format!(
        "INSERT INTO obs_runs (run_id, service, resource, last_seq, lost, rejected) \
         VALUES ({}, 'obs doctor', {}, 0, 0, 0)",
        cast(kind, 1, "uuid"),
        cast(kind, 2, "jsonb"),
    );
    session.execute(sql, &[nobody.into(), "{}".into()])?;
    session.say("ROLLBACK")?;
    steps.push("a row was written, and taken back".to_owned());
    Ok(())
}
