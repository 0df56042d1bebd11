//! `obs sql query`: ready questions.
use super::options::{About, AnswerFormat, QueryOptions};
use super::{answer, failed, open, wanted};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Output;
use obs_core::Settings;
use obs_sql_sink::{Question, Topic};

pub(crate) fn run(
    options: &QueryOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    let topic = match (options.about, options.trace) {
        (About::Runs, None) => Topic::Runs,
        (About::Errors, None) => Topic::Errors,
        (About::SlowSpans, None) => Topic::SlowSpans,
        (About::Actions, None) => Topic::Actions,
        (About::Trace, Some(trace)) => Topic::Trace(trace),
        _ => return Err(Failure::usage("a trace id goes with `trace`, and with nothing else")),
    };
    let mut question = Question::new(topic);
    (question.since, question.until) = options.time.bounds()?;
    (question.run, question.service) = (options.run, options.service.clone());
    question.rows_max = options.count;
    let mut database = open(&wanted(settings)?.url)?;
    let answer = database.ask(&question).map_err(|error| failed(&error))?;
    let default = if output.is_terminal() { AnswerFormat::Table } else { AnswerFormat::Json };
    answer::write(&answer, options.format.unwrap_or(default), output)?;
    Ok(Exit::Done)
}
