//! `obs bundle summary`: what somebody should know who is handed a bundle, on a page.
use crate::digest::{Digest, Group};
use crate::exit::Exit;
use crate::failure::Result;
use crate::markdown::code;
use crate::options::SummaryOptions;
use crate::output::Output;
use crate::seal;
use crate::view;
use obs_bundle::{LeftOut, Manifest, Reader, RunPart};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A longer `env.json` is not read.
const ENVIRONMENT_BYTES_MAX: usize = 16 << 20;
/// The parts of the environment that are shown, a line each.
const PARTS: [&str; 5] = ["build", "os", "cpu", "memory", "container"];
/// More lines on what is missing are only counted.
const MISSING_MAX: usize = 30;
/// No page is longer.
const PAGE_BYTES_MAX: usize = 64 << 10;

pub(crate) fn run(options: &SummaryOptions, output: &mut Output) -> Result<Exit> {
    let mut reader = seal::reader(&options.zip, options.identity.as_deref())?;
    let (manifest, _) = view::whole(&mut reader, &options.zip)?;
    let digest = Digest::read(&mut reader, &manifest).map_err(|error| view::failed(&error))?;
    let summary = Summary {
        id: &manifest.bundle.id,
        run: manifest.run.as_ref(),
        levels: &digest.levels,
        lines_unread: digest.unread,
        errors: digest.last_errors(),
        open_spans: digest.open.iter().map(String::as_str).collect(),
        environment: environment(&mut reader),
        missing: missing(&manifest),
        left_out: manifest.collectors.iter().flat_map(|part| &part.left_out).collect(),
    };
    if options.json {
        output.json(&summary)?;
    } else {
        output.bytes(summary.page(&manifest).as_bytes())?;
    }
    Ok(Exit::Done)
}

/// What is on the page.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a RunPart>,
    levels: &'a BTreeMap<String, u64>,
    /// Lines that are no log lines.
    lines_unread: u64,
    errors: Vec<&'a Group>,
    open_spans: Vec<&'a str>,
    environment: Vec<String>,
    missing: Vec<String>,
    left_out: Vec<&'a LeftOut>,
}

/// Of each part of the environment its values that are no lists, on one line.
fn environment(reader: &mut Reader) -> Vec<String> {
    let bytes = reader.bytes("run/env.json", ENVIRONMENT_BYTES_MAX);
    let Some(value) = bytes.ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
    else {
        return Vec::new();
    };
    let line = |part: &&str| {
        let values = value.get(part)?.as_object()?.iter();
        let scalars = values.filter(|(_, value)| !value.is_array() && !value.is_object());
        let shown = scalars.map(|(name, value)| match value {
            Value::String(text) => format!("{name}={text}"),
            other => format!("{name}={other}"),
        });
        Some(format!("{part}: {}", shown.collect::<Vec<_>>().join(", ")))
    };
    PARTS.iter().filter_map(line).collect()
}

/// What is not in the bundle, and why.
fn missing(manifest: &Manifest) -> Vec<String> {
    let parts = manifest.collectors.iter().filter(|part| !part.status.is_complete());
    let all = parts.flat_map(|part| {
        part.errors
            .iter()
            .map(move |error| format!("{} ({}): {error}", part.name, part.status.as_str()))
    });
    let mut missing: Vec<String> = all.collect();
    let more = missing.len().saturating_sub(MISSING_MAX);
    missing.truncate(MISSING_MAX);
    if more > 0 {
        missing.push(format!("{more} more"));
    }
    missing
}

impl Summary<'_> {
    fn page(&self, manifest: &Manifest) -> String {
        let mut page = Page::default();
        let service = self.run.map_or("a run", |run| run.service.as_str());
        page.line(&format!("## Run of {}", code(service)));
        page.list(
            "",
            view::about(manifest).iter().map(|(name, text)| format!("{name}: {}", code(text))),
        );
        page.list("bundle id", [code(self.id)]);
        let levels = self.levels.iter().map(|(level, count)| format!("{}: {count}", code(level)));
        page.list("Log lines by level", levels);
        page.list("Last errors", self.errors.iter().map(|group| group.line()));
        page.list("Spans that were open", self.open_spans.iter().map(|span| code(span)));
        let sinks = self.run.iter().flat_map(|run| &run.delivery.sinks);
        let losses = sinks.filter(|sink| sink.lost > 0 || sink.pending > 0).map(|sink| {
            format!("{}: {} lost, {} pending", code(&sink.name), sink.lost, sink.pending)
        });
        page.list("Records that did not arrive", losses);
        page.list("Environment", self.environment.iter().map(|line| code(line)));
        page.list("Not in the bundle", self.missing.iter().map(|line| code(line)));
        page.text
    }
}

/// A page of bounded length.
#[derive(Debug, Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        if self.text.len() + line.len() + 1 < PAGE_BYTES_MAX {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// A list under a head, if there is anything in it.
    fn list(&mut self, head: &str, items: impl IntoIterator<Item = String>) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return;
        }
        self.line("");
        if !head.is_empty() {
            self.line(&format!("### {head}"));
            self.line("");
        }
        items.for_each(|item| self.line(&format!("- {item}")));
    }
}
