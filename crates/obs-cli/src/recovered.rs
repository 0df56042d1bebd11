//! What a recovery found and did, for people and for programs.
use crate::like;
use crate::paint::{Colors, Paint};
use crate::size;
use crate::spans::OpenSpan;
use crate::stage;
use crate::state::{self, to_the_millisecond};
use crate::table::{Column, Table};
use obs_core::io::{Disk, Io};
use obs_core::time::human_duration;
use obs_core::{Delivery, UnixNanos};
use obs_recorder::layout::{RingDirectory, RunDirectory};
use obs_recorder::recover::Recovered;
use obs_recorder::{End, EndKind, Recurrence, Summary};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// So many open spans are shown to people.
const SPANS_SHOWN_MAX: usize = 50;

/// What lay in the run's directories before.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Found {
    segments: usize,
    journal_bytes: u64,
    rings: usize,
    has_stage: bool,
}

impl Found {
    /// Looks at what is there. What cannot be looked at counts as nothing: recovering will say why.
    pub(crate) fn look(path: &Path) -> Self {
        let run = RunDirectory::new(path);
        let files = |directory: &Path| Disk::new().list(directory).unwrap_or_default();
        let mut found = Self::default();
        for path in files(&run.journal()) {
            if let (Some("seg"), Ok(metadata)) =
                (path.extension().and_then(|ending| ending.to_str()), path.metadata())
            {
                found.segments += 1;
                found.journal_bytes += metadata.len();
            }
        }
        if let Ok(Some(rings)) = stage::rings(&run) {
            let files = files(rings.path());
            found.has_stage = files.contains(&rings.stage());
            found.rings =
                files.iter().filter(|path| RingDirectory::ring_number(path).is_some()).count();
        }
        found
    }

    fn text(&self) -> String {
        let stage = if self.has_stage { "a stage" } else { "no stage" };
        let (segments, bytes) =
            (counted(self.segments, "segment"), size::human(self.journal_bytes));
        format!("{segments} of journal ({bytes}), {stage}, {}", counted(self.rings, "ring"))
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What a recovery found and did.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    run_id: String,
    service: String,
    directory: PathBuf,
    started_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    end: End,
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<Recurrence>,
    /// The bundle that was made, where settings want one.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<PathBuf>,
    found: Found,
    /// Records that are in the journal since: those that only the rings held, and what closes the run.
    records_added: u64,
    records: u64,
    errors: u64,
    lost: u64,
    open_spans_count: u64,
    open_spans: Vec<OpenSpan>,
    delivery: Delivery,
    files: Vec<PathBuf>,
}

impl Report {
    pub(crate) fn new(
        path: &Path,
        summary: Summary,
        found: Found,
        recovered: Recovered,
        open_spans: Vec<OpenSpan>,
    ) -> Self {
        let run = RunDirectory::new(path);
        let files = [path.join("log.jsonl"), path.join("spans.jsonl"), run.journal()];
        Self {
            run_id: recovered.run_id.to_string(),
            directory: path.to_owned(),
            end: recovered.end,
            recurrence: summary.recurrence.clone(),
            bundle: None,
            found,
            records_added: recovered.records,
            records: summary.records,
            errors: summary.errors,
            lost: state::lost(&summary),
            open_spans_count: summary.open_spans,
            open_spans,
            delivery: recovered.delivery,
            files: files.into_iter().filter(|path| path.exists()).collect(),
            service: summary.service,
            started_at: summary.started_at,
            ended_at: summary.ended_at,
        }
    }

    pub(crate) fn with_bundle(self, bundle: Option<PathBuf>) -> Self {
        Self { bundle, ..self }
    }

    /// Whether every sink has all that it can get.
    pub(crate) fn is_delivered(&self) -> bool {
        let mut sinks = self.delivery.sinks.iter();
        sinks.all(|sink| sink.pending == 0 || obs::is_sending(&sink.name))
    }

    /// The report for people.
    pub(crate) fn text(&self, colors: Colors) -> String {
        let mut out = String::new();
        let paint = if self.end.kind == EndKind::Finished { Paint::Good } else { Paint::Bad };
        colors.paint(&mut out, Paint::Bold, &format!("{} {}", self.service, self.run_id));
        out.push_str("  ");
        colors.paint(&mut out, paint, &self.end.detail);
        out.push('\n');
        for (number, evidence) in self.end.evidence.iter().enumerate() {
            row(&mut out, colors, if number == 0 { "evidence" } else { "" }, evidence);
        }
        if let Some(like) = like::text(&self.run_id, Some(&self.end), self.recurrence.as_ref()) {
            row(&mut out, colors, "like", &like);
        }
        row(&mut out, colors, "time", &self.time_text());
        row(&mut out, colors, "found", &self.found.text());
        let (all, new, lost) = (self.records, self.records_added, self.lost);
        row(
            &mut out,
            colors,
            "records",
            &format!("{all} in all, {new} of them added now, {lost} lost"),
        );
        for sink in self.delivery.sinks.iter().filter(|sink| sink.pending > 0) {
            let is_sent = obs::is_sending(&sink.name);
            let why = if is_sent { "`obs send` sends them" } else { "it was not done in time" };
            let why = sink.error.as_deref().unwrap_or(why);
            let what = format!("{} has not taken {} records: {why}", sink.name, sink.pending);
            row(&mut out, colors, "pending", &what);
        }
        row(&mut out, colors, "open spans", &self.open_spans_count.to_string());
        self.add_spans(&mut out, colors);
        for (number, path) in self.files.iter().enumerate() {
            let title = if number == 0 { "files" } else { "" };
            row(&mut out, colors, title, &path.display().to_string());
        }
        if let Some(bundle) = &self.bundle {
            row(&mut out, colors, "bundle", &bundle.display().to_string());
        }
        out
    }

    /// When it ran, and for how long.
    fn time_text(&self) -> String {
        let time = |text: &str| text.parse::<UnixNanos>().ok();
        let (start, end) = (time(&self.started_at), self.ended_at.as_deref().and_then(time));
        match (start, end) {
            (Some(start), Some(end)) => {
                let took = human_duration(end.0.saturating_sub(start.0));
                format!("from {} to {}, {took}", to_the_millisecond(start), to_the_millisecond(end))
            }
            _ => "not known".to_owned(),
        }
    }

    fn add_spans(&self, out: &mut String, colors: Colors) {
        if self.open_spans.is_empty() {
            return;
        }
        let heads = [
            ("    SPAN", Column::Left),
            ("OPEN FOR", Column::Right),
            ("THREAD", Column::Left),
            ("FIELDS", Column::Left),
        ];
        let mut table = Table::new(&heads);
        for span in self.open_spans.iter().take(SPANS_SHOWN_MAX) {
            table.row([
                (&format!("    {}", span.name), Paint::Plain),
                (&human_duration(span.age_ns), Paint::Plain),
                (&span.thread, Paint::Plain),
                (&span.fields_text(), Paint::Plain),
            ]);
        }
        out.push_str(&table.render(colors, None));
        let more = self.open_spans.len().saturating_sub(SPANS_SHOWN_MAX);
        if more > 0 {
            out.push_str(&format!("    and {more} more, marked `unfinished` in spans.jsonl\n"));
        }
    }
}

fn row(out: &mut String, colors: Colors, title: &str, text: &str) {
    out.push_str("  ");
    colors.paint(out, Paint::Dim, &format!("{title:<11}"));
    colors.paint(out, Paint::Plain, text);
    out.push('\n');
}
