//! `obs runs --failures`: the ways in which runs failed, and how often.
use crate::catalog::Catalog;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::like;
use crate::options::RunsOptions;
use crate::output::Output;
use crate::paint::Paint;
use crate::runs;
use crate::state::State;
use crate::table::{Column, Table};
use obs_core::UnixNanos;
use obs_recorder::failures::{Failures, Group};
use obs_recorder::{Fingerprint, Summary};
use serde::Serialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

const HEADS: [(&str, Column); 9] = [
    ("COUNT", Column::Right),
    ("FIRST", Column::Left),
    ("LAST", Column::Left),
    ("SERVICE", Column::Flexible),
    ("OUTCOME", Column::Left),
    ("LIKE", Column::Left),
    ("BUNDLES", Column::Right),
    ("RUN", Column::Left),
    ("DETAIL", Column::Flexible),
];
/// More of a detail is not shown in the table.
const DETAIL_CHARS_MAX: usize = 120;

/// One way in which runs of a service failed. Its `bundles` are those that are there.
#[derive(Debug, Serialize)]
struct Row {
    service: String,
    fingerprint: Fingerprint,
    kind: &'static str,
    detail: String,
    count: u64,
    first_at: String,
    first_run_id: String,
    last_at: String,
    last_run_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bundles: Vec<PathBuf>,
    /// Why there is no later bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle_problem: Option<String>,
    root: PathBuf,
    #[serde(skip)]
    outcome: &'static str,
}

/// Shows the groups, those first that were met last.
pub(crate) fn run(options: &RunsOptions, catalog: &Catalog, output: &mut Output) -> Result<Exit> {
    let (mut rows, mut unknown) = (Vec::new(), 0);
    for root in &catalog.roots {
        let mut failures = like::counted_in(root, output)?;
        unknown += add_uncounted(&mut failures, catalog, root);
        rows.extend(failures.groups.into_iter().map(|group| Row::new(group, root)));
    }
    if let Some(service) = &options.service {
        rows.retain(|row| row.service == *service);
    }
    rows.sort_by(|one, other| other.last_at.cmp(&one.last_at));
    rows.truncate(options.count.unwrap_or(usize::MAX));
    if unknown > 0 {
        let are = if unknown == 1 { "run died and is" } else { "runs died and are" };
        output.note(&format!(
            "{unknown} {are} not recovered yet: `obs recover --all` finds out how"
        ))?;
    }
    if rows.is_empty() {
        let message = format!("no run has failed in {}", catalog.places());
        return Err(Failure::new(Exit::NoRun, message));
    }
    if options.json {
        rows.iter().try_for_each(|row| output.json(row))?;
        return Ok(Exit::Done);
    }
    let table = table(&rows, catalog);
    output.bytes(table.render(output.colors(), output.columns()).as_bytes())?;
    Ok(Exit::Done)
}

/// Counts the runs that nobody has counted yet, and all runs of failures that the file has lost. Returns how many are
/// dead and were not recovered.
fn add_uncounted(failures: &mut Failures, catalog: &Catalog, root: &Path) -> usize {
    let key = |run: &Summary| Some((run.service.clone(), run.end.as_ref()?.fingerprint?));
    let counted: HashSet<_> =
        failures.groups.iter().map(|group| (group.service.clone(), group.fingerprint)).collect();
    let mut unknown = 0;
    for run in catalog.runs.iter().rev().filter(|run| run.path.parent() == Some(root)) {
        match State::of(&run.path) {
            State::Ended(run) => {
                let is_lost = key(&run).is_some_and(|key| !counted.contains(&key));
                if run.recurrence.is_none() || is_lost {
                    failures.count(&run);
                }
            }
            State::Dead(_) => unknown += 1,
            State::Alive(_) | State::Unknown(_) => {}
        }
    }
    unknown
}

impl Row {
    fn new(group: Group, root: &Path) -> Self {
        let names = group.bundled.names.iter().filter(|name| !name.contains('/'));
        let bundles = names.map(|name| root.join("bundles").join(name));
        Self {
            bundles: bundles.filter(|path| path.is_file()).collect(),
            kind: group.kind.as_str(),
            outcome: runs::words(group.kind),
            service: group.service,
            fingerprint: group.fingerprint,
            detail: group.detail,
            count: group.count,
            first_at: group.first_at,
            first_run_id: group.first_run_id,
            last_at: group.last_at,
            last_run_id: group.last_run_id,
            bundle_problem: group.bundled.problem,
            root: root.to_owned(),
        }
    }
}

fn table(rows: &[Row], catalog: &Catalog) -> Table {
    let mut table = Table::new(&HEADS);
    let time =
        |text: &str| text.parse::<UnixNanos>().map_or_else(|_| "-".to_owned(), runs::to_the_second);
    for row in rows {
        let last = catalog.runs.iter().find(|run| run.id.to_string() == row.last_run_id);
        let last = last.map_or_else(|| row.last_run_id.clone(), |run| catalog.short_id(run));
        let mut detail: String = row.detail.chars().take(DETAIL_CHARS_MAX).collect();
        if detail.len() < row.detail.len() {
            detail.push('…');
        }
        table.row([
            (&row.count.to_string(), Paint::Plain),
            (&time(&row.first_at), Paint::Plain),
            (&time(&row.last_at), Paint::Plain),
            (&row.service, Paint::Plain),
            (row.outcome, Paint::Bad),
            (&row.fingerprint.short(), Paint::Plain),
            (&row.bundles.len().to_string(), Paint::Plain),
            (&last, Paint::Dim),
            (&detail, Paint::Plain),
        ]);
    }
    table
}
