//! Recovery: what the drain would have done, had the process lived.
//!
//! The parts of a dead run are read as they lie there: segments, then stage, then rings. What is not in the journal
//! yet is appended to it by the same machines that serve a live run, so that sinks find a journal that goes on.
//! Nothing is removed before the journal is synced and says how the run ended; a recovery that dies is begun again
//! and repeats nothing, because every batch of frames says how far the rings have been read.
mod around;
mod deliver;
mod end;
mod patience;
mod remains;
mod segments;

use crate::clock::{SystemClock, Timeline, rate_between};
use crate::cursor::Cursor;
use crate::drain::{Drain, Own, Parts, Pass};
use crate::journal::{Moved, Writer, WriterLimits};
use crate::key::key_of;
use crate::layout::RunDirectory;
use crate::lock::RunLock;
use crate::redaction::Redaction;
use crate::summary::{End, Summary};
use obs_core::io::Io;
use obs_core::join::Join;
use obs_core::redact::Rules;
use obs_core::sink::Appetite;
use obs_core::wire::Kind;
use obs_core::wire::body::{self, SpanEnd};
use obs_core::wire::frame::NO_RING;
use obs_core::wire::notes::Lost;
use obs_core::{Delivery, LostReason, RunId, Sink, UnixNanos};
use obs_ring::Memory;
use obs_ring::clock::{Anchor, TickSource};
use obs_ring::stage::{self, Stage};
pub use patience::Patience;
use remains::Remains;
use segments::{adopt_all_definitions, read_segments};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// The stage of a recovery, on the heap.
const STAGE_BYTES: u64 = 8 << 20;

/// What a recovery needs to know.
pub struct Recovery {
    /// The run.
    pub directory: RunDirectory,
    /// The sinks that were not done when it died: those whose output is in the run directory.
    pub sinks: Vec<Box<dyn Sink>>,
    /// The file system.
    pub io: Arc<dyn Io>,
    /// What is secret beside what the built-in rules know.
    pub rules: Rules,
    /// How much the journal may hold.
    pub limits: WriterLimits,
    /// How long sinks that fail are tried again.
    pub patience: Patience,
}

impl std::fmt::Debug for Recovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recovery").field("directory", &self.directory).finish_non_exhaustive()
    }
}

/// What a recovery found and did.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Recovered {
    /// The run.
    pub run_id: RunId,
    /// How it ended.
    pub end: End,
    /// Records that were in rings or stage, and are in the journal now.
    pub records: u64,
    /// Spans that were open.
    pub open_spans: u64,
    /// What has become of all records.
    pub delivery: Delivery,
}

/// Why a run could not be recovered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoverError {
    /// The run is alive, or is being recovered by another process.
    #[error("the run is alive, or is being recovered")]
    Busy,
    /// The directory is not that of a run.
    #[error("{0} is not the directory of a run")]
    NoRun(String),
    /// Something could not be read or written; the run is as it was, and can be recovered later.
    #[error("cannot {what}: {source}")]
    Io {
        /// What.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}

fn cannot(what: &'static str) -> impl FnOnce(io::Error) -> RecoverError {
    move |source| RecoverError::Io { what, source }
}

/// Recovers a run that is not alive; or, if it has ended already, lets its sinks finish.
///
/// # Errors
///
/// [`RecoverError`]; nothing that the run left is lost then.
pub fn recover(recovery: Recovery) -> Result<Recovered, RecoverError> {
    if !recovery.directory.path().is_dir() {
        return Err(RecoverError::NoRun(recovery.directory.path().display().to_string()));
    }
    let lock = RunLock::take(&recovery.directory)
        .map_err(cannot("lock the run"))?
        .ok_or(RecoverError::Busy)?;
    let recovered = recover_locked(recovery);
    drop(lock);
    recovered
}

/// Like [`recover`], for a caller who holds the run's lock.
///
/// # Errors
///
/// [`RecoverError`], but never [`RecoverError::Busy`].
pub fn recover_locked(recovery: Recovery) -> Result<Recovered, RecoverError> {
    let Recovery { directory, mut sinks, io, rules, limits, patience } = recovery;
    let Some(run_id) = run_id_of(io.as_ref(), &directory) else {
        return Err(RecoverError::NoRun(directory.path().display().to_string()));
    };
    let mut summary =
        Summary::load(io.as_ref(), directory.path()).unwrap_or_else(|_| Summary::new(run_id, ""));
    let had = reached_by_sinks(&directory, run_id, io.as_ref(), &mut sinks)?;
    let mut journal = Journal::open(&io, &directory, run_id, limits, had)?;
    journal.redaction = Redaction::new(rules, key_of(io.as_ref(), &directory)).of_process();
    let before = journal.last_seq();
    let end = journal.complete(&summary)?;
    let records = journal.last_seq() - before;
    let mut delivery = journal.deliver(sinks, &directory, patience)?;
    journal.add_absent(&mut delivery, &summary.delivery, &directory)?;
    summary.records = delivery.emitted;
    summary.errors = summary.errors.max(journal.writer.state().errors());
    summary.open_spans = summary.open_spans.max(journal.open_spans);
    summary.delivery = delivery.clone();
    summary.ended_at = Some(UnixNanos(journal.writer.state().last_unix_ns()).to_string());
    summary.end = Some(end.clone());
    summary.save(io.as_ref(), directory.path()).map_err(cannot("write run.json"))?;
    journal.remains.remove(io.as_ref()).map_err(cannot("remove the rings"))?;
    Ok(Recovered { run_id, end, records, open_spans: journal.open_spans, delivery })
}

/// The id of the run in a directory: by its name, else by its summary.
#[must_use]
pub fn run_id_of(io: &dyn Io, directory: &RunDirectory) -> Option<RunId> {
    let name = directory.path().file_name()?.to_str()?;
    let by_name = name.rsplit_once('_').and_then(|(_, id)| id.parse().ok());
    by_name.or_else(|| Summary::load(io, directory.path()).ok()?.run_id.parse().ok())
}

/// The highest number of a record and the highest position that any sink is known to have reached: the journal's own
/// end may be behind them after a power cut, and neither is used twice.
fn reached_by_sinks(
    directory: &RunDirectory,
    run_id: RunId,
    io: &dyn Io,
    sinks: &mut [Box<dyn Sink>],
) -> Result<Cursor, RecoverError> {
    let mut highest = Cursor::default();
    let paths = match io.list(&directory.cursors()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(cannot("read the cursors"))?,
    };
    for path in paths {
        let cursor = Cursor::load(io, &path, run_id).map_err(cannot("read a cursor"))?;
        let cursor = cursor.unwrap_or_default();
        highest.seq = highest.seq.max(cursor.seq);
        highest.position = highest.position.max(cursor.position);
    }
    // Who is offered only what is synced is never ahead of the journal, and may be far away.
    for sink in sinks.iter_mut().filter(|sink| sink.appetite() == Appetite::Staged) {
        let seq = sink
            .resume()
            .map_err(|error| cannot("read what a sink holds")(io::Error::other(error)))?;
        highest.seq = highest.seq.max(seq.unwrap_or(0));
    }
    Ok(highest)
}

/// The journal of a dead run, ready to be completed.
struct Journal {
    io: Arc<dyn Io>,
    run_id: RunId,
    stage: Stage,
    writer: Writer,
    remains: Remains,
    last_seq: u64,
    refused: u64,
    open_spans: u64,
    /// Taken by the drain.
    redaction: Redaction,
}

impl Journal {
    /// Reads the segments to their end, and takes over the stage. What is added gets numbers and positions above those
    /// that sinks have `reached`.
    fn open(
        io: &Arc<dyn Io>,
        directory: &RunDirectory,
        run_id: RunId,
        limits: WriterLimits,
        reached: Cursor,
    ) -> Result<Self, RecoverError> {
        let remains = Remains::find(io.as_ref(), directory, run_id)
            .map_err(cannot("read rings and stage"))?;
        let (mut join, position) = read_segments(io, directory, run_id, remains.stage.as_ref())
            .map_err(cannot("read the journal"))?;
        let staged = remains.staged_from(position, reached.position);
        if staged.position > position {
            adopt_all_definitions(&mut join, io, directory, run_id, &remains.callsites)
                .map_err(cannot("read the journal"))?;
        }
        let memory = Memory::heap(Stage::file_bytes(STAGE_BYTES));
        let identity =
            obs_ring::Identity { run_id: run_id.to_bytes(), ..obs_ring::Identity::default() };
        let stage =
            Stage::create(memory, STAGE_BYTES, identity, staged.position).map_err(|error| {
                RecoverError::Io { what: "make a stage", source: io::Error::other(error) }
            })?;
        // What lies between, older segments may still hold: the writer looks there.
        stage.set_moved(position);
        let writer = Writer::new(Arc::clone(io), directory.journal(), stage.clone(), limits, join);
        let writer = writer.map_err(cannot("open the journal"))?;
        let last_seq = reached.seq.max(writer.state().last_seq());
        let mut journal = Self {
            io: Arc::clone(io),
            run_id,
            stage,
            writer,
            remains,
            last_seq,
            refused: 0,
            open_spans: 0,
            redaction: Redaction::default(),
        };
        journal.restage(&staged.bytes)?;
        journal.last_seq = journal.last_seq.max(journal.writer.state().last_seq());
        Ok(journal)
    }

    fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Passes on what the dead run had staged.
    fn restage(&mut self, bytes: &[u8]) -> Result<(), RecoverError> {
        let mut to = self.stage.writer();
        for chunk in bytes.chunks((STAGE_BYTES / 2) as usize) {
            if to.room() < chunk.len() as u64 {
                to.make_room(self.writer.moved());
            }
            let staged = to.append(chunk);
            debug_assert!(staged, "room was made");
            self.write_out()?;
        }
        Ok(())
    }

    /// Moves everything that is staged into segments.
    fn write_out(&mut self) -> Result<(), RecoverError> {
        loop {
            match self.writer.step().map_err(cannot("write the journal"))? {
                Moved::Nothing => return Ok(()),
                _ => continue,
            }
        }
    }

    /// Adds what the rings hold, closes the open spans, and says how the run ended; all that if nobody has yet. Then
    /// syncs.
    fn complete(&mut self, summary: &Summary) -> Result<End, RecoverError> {
        if let Some(end) = end::said(self.writer.state()) {
            self.writer.sync().map_err(cannot("sync the journal"))?;
            return Ok(end);
        }
        let mut drain = self.drain();
        self.add_rings(&mut drain)?;
        let end = end::conclude(self.writer.state(), &self.remains, summary);
        self.close_spans(&mut drain)?;
        let body = end.record();
        let unix_ns = self.writer.state().last_unix_ns();
        self.say(&mut drain, &own(Kind::RunEnd, unix_ns, &body))?;
        self.last_seq = drain.last_seq();
        self.writer.sync().map_err(cannot("sync the journal"))?;
        Ok(end)
    }

    /// A drain without a clock, whose time is that of the rings.
    fn drain(&mut self) -> Drain {
        let state = self.writer.state();
        let mut drain = Drain::new(Parts {
            stage: self.fresh_writer(),
            callsites: Arc::clone(&self.remains.callsites),
            timeline: timeline(state, &self.remains),
            clock: None,
            last_seq: self.last_seq,
            segment_bytes: u64::MAX,
            redaction: std::mem::take(&mut self.redaction),
        });
        let threads: BTreeMap<u32, Vec<u8>> =
            state.threads().iter().map(|(ring, thread)| (*ring, introduce(thread))).collect();
        let run = state.run_context();
        let run = if run.is_empty() { Vec::new() } else { [&[0; 8], run].concat() };
        drain.remember(threads, run, state.last_context());
        let mut unreadable = Vec::new();
        for ring in &self.remains.rings {
            let number = ring.identity().number;
            let position = state.positions().get(&number).copied().unwrap_or(0);
            let told = state.refused().get(&number).copied().unwrap_or_default();
            match remains::consumer(ring, position) {
                Some(consumer) => drain.add_ring(number, consumer, told),
                None => {
                    unreadable.push(format!("ring {number}: its positions contradict each other"))
                }
            }
        }
        self.remains.unreadable.extend(unreadable);
        drain
    }

    fn fresh_writer(&self) -> stage::Writer {
        let mut writer = self.stage.writer();
        writer.make_room(self.writer.moved());
        writer
    }

    fn add_rings(&mut self, drain: &mut Drain) -> Result<(), RecoverError> {
        loop {
            match drain.pass() {
                Pass::Idle => break,
                Pass::Staged => {}
                Pass::NoRoom => {
                    drain.make_room(self.writer.moved(), self.writer.moved());
                }
            }
            self.write_out()?;
        }
        self.refused = drain.counts().refused;
        for _ in 0..self.remains.unreadable.len() {
            let unix_ns = self.writer.state().last_unix_ns();
            self.say(drain, &own(Kind::Lost, unix_ns, &damaged().encode()))?;
        }
        Ok(())
    }

    /// Every span that began and did not end gets an end that says so, at the last sign of life.
    fn close_spans(&mut self, drain: &mut Drain) -> Result<(), RecoverError> {
        let last_ns = self.writer.state().last_unix_ns();
        let open: Vec<_> = self.writer.state().open_spans().into_iter().cloned().collect();
        self.open_spans = open.len() as u64 + self.writer.state().spans_evicted();
        for span in open {
            let end = SpanEnd {
                callsite: span.callsite_number,
                span: span.span,
                parent: span.parent,
                flags: span.flags,
                start: span.start_unix_ns,
                duration: last_ns.saturating_sub(span.start_unix_ns),
                is_unfinished: true,
            };
            drain.close_span(&span, &end, last_ns);
            self.settle(drain)?;
        }
        Ok(())
    }

    fn say(&mut self, drain: &mut Drain, words: &Own<'_>) -> Result<(), RecoverError> {
        drain.own(words);
        self.settle(drain)
    }

    /// Gets everything that the drain has made into segments.
    fn settle(&mut self, drain: &mut Drain) -> Result<(), RecoverError> {
        loop {
            self.write_out()?;
            if drain.pass() != Pass::NoRoom {
                return self.write_out();
            }
            drain.make_room(self.writer.moved(), self.writer.moved());
        }
    }
}

/// Nobody knows how many records a damaged file held.
fn damaged() -> Lost {
    let reason = LostReason::Damaged;
    Lost {
        reason,
        ring: NO_RING,
        records: 0,
        first_seq: 0,
        last_seq: 0,
        by_level: [0; 8],
        refused: [0; 8],
    }
}

fn own<'a>(kind: Kind, unix_ns: u64, body: &'a [u8]) -> Own<'a> {
    Own { kind, level: obs_core::Level::Info as u8, ring: NO_RING, unix_ns, body }
}

fn introduce(thread: &obs_core::record::Thread) -> Vec<u8> {
    let owner =
        obs_ring::ring::Owner { pid: thread.pid, tid: thread.tid, name: thread.name.clone() };
    let mut encoder = obs_core::encode::Encoder::new(1024);
    crate::local::introduction(&mut encoder, &owner);
    encoder.finish().to_vec()
}

/// How ticks of the dead run relate to time. Within one boot the counter still runs, so the rate is measured over all
/// the time since; else it is what the run had measured.
fn timeline(state: &Join, remains: &Remains) -> Timeline {
    let Some([ticks, boot_ns, unix_ns, rate]) = state.clock() else {
        return Timeline::new(Anchor::default(), None);
    };
    let base = Anchor::new(ticks, boot_ns, unix_ns);
    let clock = SystemClock::new();
    let same_counter = remains.is_same_boot && remains.source_code == Some(clock.source.code());
    let measured = same_counter.then(|| rate_between(&base, &anchor_of(clock.source))).flatten();
    Timeline::new(base, Some(measured.unwrap_or(rate)))
}

fn anchor_of(source: TickSource) -> Anchor {
    source.anchor()
}

/// The attributes of a body, as text, for messages.
fn text_attributes(bytes: &[u8]) -> Vec<(String, String)> {
    let list = body::only_attributes(bytes).unwrap_or_default();
    let text = |(name, value): (&str, obs_core::Value<'_>)| match value {
        obs_core::Value::Text(text) => Some((name.to_owned(), text.text.to_owned())),
        obs_core::Value::I64(number) => Some((name.to_owned(), number.to_string())),
        _ => None,
    };
    obs_core::record::Fields::new(&[], list).iter().filter_map(text).collect()
}
