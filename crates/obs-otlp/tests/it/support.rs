//! Runs whose spans and log records go to a receiver.
use obs_core::io::Disk;
use obs_core::record::Fact;
use obs_core::resource::Resource;
use obs_core::settings::Overflow;
use obs_core::settings::otel::Signal;
use obs_core::wire::body::{SpanFlags, SpanRef};
use obs_core::{Callsite, CallsiteKind, Delivery, Level, RunId, Settings, Sink, SpanId, TraceId};
use obs_otlp::{OtlpOptions, OtlpSink, TailRules};
use obs_otlp_data::{Records, SpanEvents, SpanEventsLimits};
use obs_receiver::Store;
use obs_recorder::emit::{self, Fields, Source, Started};
use obs_recorder::journal::{Fill, Reader};
use obs_recorder::layout::RunDirectory;
use obs_recorder::{Run, SinkBox, Start};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// One run a process at a time.
static ONE: Mutex<()> = Mutex::new(());

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A run that sends what its variables say.
pub(crate) struct Sending {
    pub(crate) run: Run,
    directory: TempDir,
    path: PathBuf,
    _one: MutexGuard<'static, ()>,
}

/// The sinks that the variables want.
pub(crate) fn sinks(settings: &Settings) -> Vec<OtlpSink> {
    let mut resource = Resource::new();
    resource.insert("service.name".to_owned(), "shop".into());
    let exports = Signal::ALL.iter().filter_map(|signal| settings.otel.export(*signal).unwrap());
    let sink = |export| {
        let resource = obs_otlp::Resource::new(&resource);
        let mut options = OtlpOptions::new(export, &settings.otel, resource);
        options.tail = TailRules::new(settings);
        OtlpSink::new(options).unwrap()
    };
    exports.map(sink).collect()
}

impl Sending {
    pub(crate) fn start(vars: &[(&str, &str)]) -> Self {
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut settings = Settings::from_vars(vars.iter().copied());
        assert_eq!(settings.problems, []);
        settings.sync_interval = Duration::from_millis(50);
        // A busy machine makes records faster than it drains them.
        settings.overflow = Overflow::Block;
        let directory = TempDir::new().unwrap();
        let run_id = RunId::new(1, 0x1234_5678);
        let path = directory.path().join(format!("2026-11-22T09-58-03Z_{run_id}"));
        std::fs::create_dir_all(&path).unwrap();
        let boxed = |sink| SinkBox(Box::new(sink) as Box<dyn Sink>);
        let run = Run::start(Start {
            settings: &settings,
            run_id,
            parent: None,
            directory: Some(RunDirectory::new(&path)),
            lock: None,
            sinks: sinks(&settings).into_iter().map(boxed).collect(),
            io: Arc::new(Disk::new()),
            words: Vec::new(),
            resource: Resource::new(),
        });
        Self { run: run.unwrap(), directory, path, _one }
    }

    /// Ends the run: everything is delivered, or lost, within a minute.
    pub(crate) fn finish(self) -> Delivery {
        let delivery = self.finish_within(PATIENCE);
        assert!(delivery.sinks.iter().all(|sink| sink.pending == 0), "{delivery:?}");
        delivery
    }

    /// The same, and what the official types read in OTLP's JSON that is made of the run's journal.
    pub(crate) fn finish_with_json(mut self) -> Store {
        let delivery = self.run.finish(PATIENCE);
        assert!(delivery.is_complete(), "{delivery}");
        let (io, run_id) = (Arc::new(Disk::new()), self.run.id());
        let journal = RunDirectory::new(&self.path).journal();
        let mut reader = Reader::new(io, Some(journal), run_id, None);
        let mut records = Records::new(obs_otlp_data::Limits::default());
        let mut events = SpanEvents::new(SpanEventsLimits::default());
        let mut store = Store::default();
        while reader.fill(u64::MAX).unwrap() == Fill::Some {
            while let Some(record) = reader.next() {
                records.clear();
                let mut json = String::new();
                let keys = match &record.fact {
                    Fact::SpanEnd(ended) => {
                        records.add_span(&record, ended, &mut events);
                        records.write_span_json(0, &mut json);
                        ["resourceSpans", "scopeSpans", "spans"]
                    }
                    _ => {
                        if let Fact::Event(event) = &record.fact {
                            events.event(&record, event);
                        }
                        records.add_log(&record);
                        if records.is_empty() || !record.is_shown(Level::Info) {
                            continue;
                        }
                        records.write_log_json(0, &mut json);
                        ["resourceLogs", "scopeLogs", "logRecords"]
                    }
                };
                let mut scope = String::new();
                obs_otlp_data::json_text(&mut scope, records.scope(0));
                let [by_resource, by_scope, items] = keys;
                let scope = format!("{{\"scope\":{{\"name\":{scope}}},\"{items}\":[{json}]}}");
                let json = format!("{{\"{by_resource}\":[{{\"{by_scope}\":[{scope}]}}]}}");
                store.take_json(&json).unwrap();
            }
        }
        assert!(self.directory.path().exists());
        store
    }

    /// Ends the run, whatever is delivered by then.
    pub(crate) fn finish_within(mut self, patience: Duration) -> Delivery {
        self.run.finish(patience)
    }

    /// Waits until `is_so`, a minute at most.
    pub(crate) fn wait_until(&self, mut is_so: impl FnMut(&Delivery) -> bool) {
        let begun = obs_recorder::steady_ns();
        while !is_so(&self.run.delivery()) {
            assert!(
                obs_recorder::steady_ns() - begun < 60_000_000_000,
                "{:?}",
                self.run.delivery()
            );
            std::thread::yield_now();
        }
    }
}

/// A span that is open.
#[derive(Clone)]
pub(crate) struct Open {
    pub(crate) span: SpanRef,
    parent: Option<SpanId>,
    flags: SpanFlags,
    started: Started,
}

static SPAN: u8 = 0;
static EVENT: u16 = 0;
pub(crate) const FIELDS: usize = 12;

fn callsite(kind: CallsiteKind, level: Level) -> Callsite {
    let fields = (0..FIELDS).map(|number| format!("f{number}"));
    Callsite {
        kind,
        level,
        name: "buy".to_owned(),
        target: "shop::till".to_owned(),
        file: Some("src/till.rs".to_owned()),
        line: Some(7),
        fields: std::iter::once("message".to_owned()).chain(fields).collect(),
    }
}

fn source<'a>(address: usize, level: Level, describe: &'a dyn Fn() -> Callsite) -> Source<'a> {
    Source { address, level, describe }
}

/// Begins a span whose ids are made of `number`, in a trace that is sampled.
pub(crate) fn open(number: u64, parent: Option<&Open>, fill: impl FnOnce(Fields<'_>)) -> Open {
    begin((number, true), parent, fill)
}

/// Begins one in a trace of which `is_sampled` says whether it is.
pub(crate) fn begin(
    (number, is_sampled): (u64, bool),
    parent: Option<&Open>,
    fill: impl FnOnce(Fields<'_>),
) -> Open {
    let trace = parent.map_or(TraceId::new(u128::from(number)), |parent| Some(parent.span.trace));
    let span = SpanRef { span: SpanId::new(number).unwrap(), trace: trace.unwrap() };
    let parent = parent.map(|parent| parent.span.span);
    let describe = || callsite(CallsiteKind::Span, Level::Info);
    let at = std::ptr::from_ref(&SPAN) as usize;
    let flags = SpanFlags { is_sampled, is_parent_remote: false };
    let started = emit::span_start(source(at, Level::Info, &describe), span, parent, flags, fill);
    Open { span, parent, flags, started: started.unwrap() }
}

impl Open {
    pub(crate) fn close(self) {
        emit::span_end(self.started, Level::Info, self.span, self.parent, self.flags);
    }
}

/// Something happens.
pub(crate) fn event(scope: Option<&Open>, fill: impl FnOnce(Fields<'_>)) {
    let describe = || callsite(CallsiteKind::Event, Level::Info);
    let at = std::ptr::from_ref(&EVENT) as usize;
    emit::event(source(at, Level::Info, &describe), scope.map(|open| open.span), fill);
}

/// A span called `buy` for each number, with an event in it.
pub(crate) fn make(numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        let span = open(number, None, |mut fields| fields.u64(1, number));
        event(Some(&span), |mut fields| {
            fields.text(0, "bought");
            fields.u64(1, number);
        });
        span.close();
    }
}
