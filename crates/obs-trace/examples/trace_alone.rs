//! obs-trace used alone: `tracing` and `log` into a sink of one's own, without files and without the facade.
//!
//! `cargo run -p obs-trace --example trace_alone`
#![forbid(unsafe_code)]
use obs_core::io::Disk;
use obs_core::record::{Fact, Fields};
use obs_core::settings::RingPlace;
use obs_core::{Batch, Filter, RunId, Settings, Sink, SinkError, Value};
use obs_recorder::{Clock, Run, SinkBox, Start, SystemClock};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

/// Writes what happens to standard output.
struct Plain;

impl Sink for Plain {
    fn name(&self) -> &str {
        "plain"
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        let mut text = String::new();
        while let Some(record) = batch.next() {
            match record.fact {
                Fact::Event(event) => {
                    text += &format!(
                        "{:<5} {}{}\n",
                        event.callsite.level,
                        event.callsite.target,
                        shown(event.fields)
                    );
                }
                Fact::SpanEnd(span) => text += &format!("span  {}\n", span.callsite.name),
                _ => {}
            }
        }
        let written = std::io::stdout().write_all(text.as_bytes());
        written.map_err(|error| SinkError::transient(error.to_string()))
    }
}

/// Fields as ` name=value`; what a terminal would act on is escaped.
fn shown(fields: Fields<'_>) -> String {
    let text = |value: Value<'_>| match value {
        Value::Text(text) => obs_core::escape::terminal(text.text).into_owned(),
        Value::I64(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    fields.iter().map(|(name, value)| format!(" {name}={}", text(value))).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let capture = obs_trace::install()?;
    let mut settings = Settings::default();
    settings.ring_place = RingPlace::Heap;
    let now_ms = SystemClock::new().anchor().unix_ns / 1_000_000;
    let mut run = Run::start(Start {
        settings: &settings,
        run_id: RunId::new(now_ms, u128::from(std::process::id())),
        parent: None,
        directory: None,
        sinks: vec![SinkBox(Box::new(Plain))],
        io: Arc::new(Disk::new()),
        lock: None,
        words: Vec::new(),
        resource: Default::default(),
    })?;
    capture.set(Some(Filter::parse("info,alone=debug")?));
    {
        let _job = tracing::info_span!("job", number = 7).entered();
        tracing::debug!(rows = 1500, "loaded");
        log::warn!(target: "legacy", attempts = 3; "from the log crate");
    }
    capture.set(None);
    let delivery = run.finish(Duration::from_secs(5));
    if delivery.is_complete() { Ok(()) } else { Err(delivery.to_string().into()) }
}
