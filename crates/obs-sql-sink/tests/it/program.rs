//! A program whose records go to a database.
use crate::places::Place;
use obs_core::io::Disk;
use obs_core::resource::Resource;
use obs_core::settings::Overflow;
use obs_core::wire::body::{SpanFlags, SpanRef};
use obs_core::{
    Callsite, CallsiteKind, Context, Delivery, Level, RunId, Settings, SpanId, TraceId,
};
use obs_json::JsonLines;
use obs_recorder::emit::{self, Fields, Source, Started};
use obs_recorder::journal::{Fill, Reader};
use obs_recorder::layout::RunDirectory;
use obs_recorder::{Run, SinkBox, Start};
use obs_sql_sink::{SqlOptions, SqlSink};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// One run a process at a time.
static ONE: Mutex<()> = Mutex::new(());

const PATIENCE: Duration = Duration::from_secs(60);

/// A program that runs.
pub(crate) struct Program {
    pub(crate) run: Run,
    path: PathBuf,
    _directory: TempDir,
    _one: MutexGuard<'static, ()>,
}

/// The lines of files that the same records would make.
pub(crate) struct Lines {
    pub(crate) run_id: RunId,
    pub(crate) log: Vec<String>,
    pub(crate) spans: Vec<String>,
}

impl Program {
    pub(crate) fn start(place: &Place) -> Self {
        Self::with(place.options())
    }

    pub(crate) fn with(options: SqlOptions) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut settings = Settings::default();
        settings.sync_interval = Duration::from_millis(20);
        settings.overflow = Overflow::Block;
        settings.service = "shop".to_owned();
        let directory = TempDir::new().unwrap();
        let run_id = RunId::new(NEXT.fetch_add(1, Ordering::Relaxed), 0x1234_5678);
        let path = directory.path().join(format!("2026-11-22T09-58-03Z_{run_id}"));
        std::fs::create_dir_all(&path).unwrap();
        let mut resource = Resource::new();
        resource.insert("service.name".to_owned(), "shop".into());
        resource.insert("process.pid".to_owned(), 4711.into());
        let sink = SqlSink::new(options, run_id, resource.clone());
        let run = Run::start(Start {
            settings: &settings,
            run_id,
            parent: None,
            directory: Some(RunDirectory::new(&path)),
            lock: None,
            sinks: vec![SinkBox(Box::new(sink))],
            io: Arc::new(Disk::new()),
            words: Vec::new(),
            resource,
        });
        Self { run: run.unwrap(), path, _directory: directory, _one }
    }

    /// Ends the run: everything is delivered, or lost, within a minute.
    pub(crate) fn finish(mut self) -> (Delivery, Lines) {
        let delivery = self.run.finish(PATIENCE);
        assert!(delivery.sinks.iter().all(|sink| sink.pending == 0), "{delivery:?}");
        (delivery, self.lines())
    }

    /// Waits until the sink says this of what it fails to do.
    pub(crate) fn wait_for(&self, said: &str) {
        let begun = obs_recorder::steady_ns();
        let is_said = || {
            let delivery = self.run.delivery();
            delivery.sinks[0].error.as_ref().is_some_and(|error| error.contains(said))
        };
        while !is_said() {
            let waited_ns = obs_recorder::steady_ns() - begun;
            assert!(waited_ns < 60_000_000_000, "{:?}", self.run.delivery());
            std::thread::yield_now();
        }
    }

    /// The same as [`Program::finish`], for a run of which nothing is lost.
    pub(crate) fn finish_whole(self) -> Lines {
        let (delivery, lines) = self.finish();
        assert!(delivery.is_complete(), "{delivery:?}");
        lines
    }

    fn lines(&self) -> Lines {
        let (io, run_id) = (Arc::new(Disk::new()), self.run.id());
        let mut reader =
            Reader::new(io, Some(RunDirectory::new(&self.path).journal()), run_id, None);
        let (mut log, mut spans) = (JsonLines::log(run_id), JsonLines::spans(run_id));
        let mut lines = Lines { run_id, log: Vec::new(), spans: Vec::new() };
        while reader.fill(u64::MAX).unwrap() == Fill::Some {
            while let Some(record) = reader.next() {
                for (to, form) in [(&mut lines.log, &mut log), (&mut lines.spans, &mut spans)] {
                    let mut line = Vec::new();
                    if record.is_shown(Level::Info) && form.line(&record, &mut line) {
                        to.push(String::from_utf8(line).unwrap());
                    }
                }
            }
        }
        lines
    }
}

/// A span that is open.
pub(crate) struct Open {
    span: SpanRef,
    parent: Option<SpanId>,
    started: Started,
}

static SPAN: u8 = 0;
static EVENT: u16 = 0;

/// The fields that events and spans have.
pub(crate) const FIELDS: [&str; 8] =
    ["message", "a", "b", "c", "action", "success", "latency_ms", "error"];

fn callsite(kind: CallsiteKind) -> Callsite {
    Callsite {
        kind,
        level: Level::Info,
        name: "buy".to_owned(),
        target: "shop::till".to_owned(),
        file: Some("src/till.rs".to_owned()),
        line: Some(7),
        fields: FIELDS.map(str::to_owned).to_vec(),
    }
}

const SAMPLED: SpanFlags = SpanFlags { is_sampled: true, is_parent_remote: false };

/// Begins a span whose ids are made of `number`.
pub(crate) fn open(number: u64, parent: Option<&Open>, fill: impl FnOnce(Fields<'_>)) -> Open {
    let trace = parent.map_or(TraceId::new(u128::from(number)), |parent| Some(parent.span.trace));
    let span = SpanRef { span: SpanId::new(number).unwrap(), trace: trace.unwrap() };
    let parent = parent.map(|parent| parent.span.span);
    let describe = || callsite(CallsiteKind::Span);
    let at = std::ptr::from_ref(&SPAN) as usize;
    let source = Source { address: at, level: Level::Info, describe: &describe };
    let started = emit::span_start(source, span, parent, SAMPLED, fill);
    Open { span, parent, started: started.unwrap() }
}

impl Open {
    pub(crate) fn close(self) {
        emit::span_end(self.started, Level::Info, self.span, self.parent, SAMPLED);
    }
}

/// Something happens.
pub(crate) fn event(scope: Option<&Open>, fill: impl FnOnce(Fields<'_>)) {
    let describe = || callsite(CallsiteKind::Event);
    let at = std::ptr::from_ref(&EVENT) as usize;
    let source = Source { address: at, level: Level::Info, describe: &describe };
    emit::event(source, scope.map(|open| open.span), fill);
}

/// A span for each number, with an event in it.
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

/// Attributes that are in scope until the end of the closure.
pub(crate) fn within<T>(name: &str, value: &str, work: impl FnOnce() -> T) -> T {
    let _guard = Context::current().with(name, value).enter();
    work()
}
