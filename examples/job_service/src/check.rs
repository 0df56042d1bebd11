//! Whether each request is one trace with one id, in both processes: judged by what a receiver was sent.
use crate::collector::Collector;
use crate::load::{self, Answered};
use crate::options::{CheckOptions, LoadOptions};
use crate::processes::{Pair, say};
use obs_receiver::proto::logs::v1::LogRecord;
use obs_receiver::proto::trace::v1::Span;
use obs_receiver::{Received, Receiver, attribute};
use std::collections::{HashMap, HashSet};
use std::process::ExitCode;

/// Kinds of spans, as OTLP numbers them.
const SERVER: i32 = 2;
const CLIENT: i32 = 3;

/// What was looked at, and what was wrong.
#[derive(Debug, Default)]
struct Verdict {
    joined: usize,
    wrong: Vec<String>,
}

pub(crate) async fn run(options: &CheckOptions) -> anyhow::Result<ExitCode> {
    let directory = tempfile::tempdir()?;
    let receiver = Receiver::start()?;
    let out = receiver.endpoint("http");
    let collector = match &options.collector {
        Some(command) => Some(Collector::start(command, &out).await?),
        None => None,
    };
    let endpoint = collector.as_ref().map_or(out, |collector| collector.endpoint.clone());
    let vars = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OBS_CONSOLE", "false".to_owned()),
        ("OBS_RUN_ROOT", directory.path().join("runs").display().to_string()),
    ];
    let vars = vars.map(|(name, value)| (name.to_owned(), value));
    let pair = Pair::start(directory.path(), &vars).await?;
    let LoadOptions { requests, at_once } = options.load;
    let answered = load::send(&pair.service.address, requests, at_once).await?;
    pair.end().await?;
    if let Some(collector) = collector {
        collector.end().await?;
    }
    let verdict = judge(&receiver, &answered);
    let store = receiver.store();
    say(&format!(
        "{} requests, {} spans, {} log records; {} calls from process to process",
        answered.len(),
        store.spans.len(),
        store.logs.len(),
        verdict.joined
    ))?;
    verdict.wrong.iter().take(20).try_for_each(|wrong| say(wrong))?;
    let is_good = verdict.wrong.is_empty() && verdict.joined > 0 && requests > 0;
    say(if is_good { "each is one trace with one id" } else { "that is not as it should be" })?;
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn judge(receiver: &Receiver, answered: &[Answered]) -> Verdict {
    let store = receiver.store();
    let mut traces: HashMap<&[u8], Trace<'_>> = HashMap::new();
    for span in &store.spans {
        traces.entry(&span.item.trace_id).or_default().spans.push(span);
    }
    for log in store.logs.iter().filter(|log| !log.item.trace_id.is_empty()) {
        traces.entry(&log.item.trace_id).or_default().logs.push(log);
    }
    let mut by_id: HashMap<String, Vec<&Trace<'_>>> = HashMap::new();
    for trace in traces.values() {
        for id in trace.request_ids() {
            by_id.entry(id).or_default().push(trace);
        }
    }
    let mut verdict = Verdict::default();
    for Answered { request_id, status, .. } in answered {
        let found = by_id.get(request_id).map(Vec::as_slice).unwrap_or_default();
        match found {
            [trace] => verdict.look_at(request_id, trace),
            other => verdict.wrong.push(format!(
                "request {request_id}, answered {status}, is in {} traces",
                other.len()
            )),
        }
    }
    if by_id.len() != answered.len() {
        verdict.wrong.push(format!("{} ids in all", by_id.len()));
    }
    let astray = store.logs.iter().filter(|log| log.item.trace_id.is_empty());
    let astray = astray.filter_map(|log| attribute(&log.item.attributes, "request_id"));
    verdict.wrong.extend(astray.map(|id| format!("a log record of request {id} is in no trace")));
    verdict
}

/// What has one trace id.
#[derive(Debug, Default)]
struct Trace<'a> {
    spans: Vec<&'a Received<Span>>,
    logs: Vec<&'a Received<LogRecord>>,
}

impl Trace<'_> {
    /// The ids of requests that spans or log records of it name; an empty one for those that name none.
    fn request_ids(&self) -> HashSet<String> {
        let spans = self.spans.iter().map(|span| &span.item.attributes);
        let logs = self.logs.iter().map(|log| &log.item.attributes);
        spans.chain(logs).map(|all| attribute(all, "request_id").unwrap_or_default()).collect()
    }
}

impl Verdict {
    fn look_at(&mut self, id: &str, trace: &Trace<'_>) {
        let ids = trace.request_ids();
        if ids.len() != 1 {
            self.wrong.push(format!("the trace of request {id} names {ids:?}"));
        }
        let roots = trace.spans.iter().filter(|span| span.item.parent_span_id.is_empty()).count();
        if roots != 1 {
            self.wrong.push(format!("the trace of request {id} has {roots} roots"));
        }
        let spans: HashMap<&[u8], &Received<Span>> =
            trace.spans.iter().map(|span| (span.item.span_id.as_slice(), *span)).collect();
        if spans.len() != trace.spans.len() {
            self.wrong.push(format!("the trace of request {id} has a span twice"));
        }
        for span in trace.spans.iter().filter(|span| !span.item.parent_span_id.is_empty()) {
            let Some(parent) = spans.get(span.item.parent_span_id.as_slice()) else {
                let name = &span.item.name;
                self.wrong.push(format!("the parent of {name} of request {id} is missing"));
                continue;
            };
            let service = |it: &Received<Span>| attribute(&it.resource.attributes, "service.name");
            if service(span) != service(parent) {
                self.joined += 1;
                let kinds = (parent.item.kind, span.item.kind);
                if kinds != (CLIENT, SERVER) {
                    self.wrong.push(format!("request {id} went over by kinds {kinds:?}"));
                }
            }
        }
        for log in &trace.logs {
            if !spans.contains_key(log.item.span_id.as_slice()) {
                self.wrong.push(format!("a log record of request {id} is in no span"));
            }
        }
    }
}
