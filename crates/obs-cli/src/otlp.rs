//! A run's records as files of OTLP's JSON: for `obs export`, and in bundles.
use crate::failure::{Failure, Result};
use crate::journal::{Journal, Reading};
use obs_bundle::{BundleError, BundleErrorKind, Collector, Files, NewFile};
use obs_core::io::Disk;
use obs_core::record::Record;
use obs_core::{Level, UnixNanos};
use obs_recorder::Summary;
use obs_report::{OtlpFile, OtlpJson, OtlpSignal, Resource};
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

/// In a bundle there is no more than about so much of the journal: the journal itself is there, too.
const JOURNAL_BYTES_MAX: u64 = 16 << 20;

/// Where records come from, and which of them are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) level: Level,
    pub(crate) time: Range<UnixNanos>,
}

/// What becomes of the files, by their paths.
type Put<'a> = dyn FnMut(String, OtlpFile) -> Result<()> + 'a;

/// Makes files of the records of the run at `path`, from the journal's position `start` on.
pub(crate) fn files(
    journal: &Journal,
    (path, start): (&Path, Option<u64>),
    wanted: &Wanted,
    put: &mut Put<'_>,
) -> Result<()> {
    let source = Summary::load(&Disk::new(), path).map(|run| run.source()).unwrap_or_default();
    let source = Resource::new(&source);
    let parts = OtlpSignal::ALL.map(|signal| Part {
        signal,
        made: OtlpJson::new(signal, &source, wanted.level),
        count: 0,
    });
    let mut exporting = Exporting { parts, time: wanted.time.clone(), put };
    journal.read(start, &mut exporting)?;
    exporting.end()
}

/// The files of one signal.
struct Part {
    signal: OtlpSignal,
    made: OtlpJson,
    count: usize,
}

struct Exporting<'a, 'p> {
    parts: [Part; 2],
    time: Range<UnixNanos>,
    put: &'a mut Put<'p>,
}

impl Part {
    fn hand_on(&mut self, file: Option<OtlpFile>, put: &mut Put<'_>) -> Result<()> {
        let Some(file) = file else { return Ok(()) };
        self.count += 1;
        put(format!("otlp/{}-{:04}.json", self.signal.as_str(), self.count), file)
    }
}

impl Exporting<'_, '_> {
    fn end(mut self) -> Result<()> {
        self.parts.iter_mut().try_for_each(|part| {
            let file = part.made.end_file();
            part.hand_on(file, self.put)
        })
    }
}

impl Reading for Exporting<'_, '_> {
    fn take(&mut self, record: &Record<'_>) -> Result<ControlFlow<()>> {
        if self.time.contains(&record.time) {
            for part in &mut self.parts {
                let file = part.made.take(record);
                part.hand_on(file, self.put)?;
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Adds the newest part of a run to a bundle, as files of OTLP's JSON.
#[derive(Debug)]
pub(crate) struct OtlpCollector {
    pub(crate) path: PathBuf,
    pub(crate) wanted: Wanted,
}

impl Collector for OtlpCollector {
    fn name(&self) -> &str {
        "otlp"
    }

    fn collect(&self, bundle: &mut dyn Files) -> std::result::Result<(), BundleError> {
        let unreadable = |failure: Failure| {
            BundleError::new(BundleErrorKind::Source, failure.message().to_owned())
        };
        let journal = Journal::open(&self.path).map_err(unreadable)?;
        let starts = journal.starts().map_err(unreadable)?;
        let newest = starts.last().copied().unwrap_or_default();
        let start = starts.iter().copied().find(|start| newest - start <= JOURNAL_BYTES_MAX);
        let start = start.filter(|start| starts.first() != Some(start));
        if start.is_some() {
            bundle.missing("records before the newest part of the journal, which has them".into());
        }
        let mut refused = None;
        let mut put = |path: String, file: OtlpFile| {
            if refused.is_none() {
                let mut new = NewFile::new(path, "otlp");
                new.source = Some("journal".to_owned());
                refused = bundle.add(new, &mut file.json.as_bytes()).err();
            }
            Ok(())
        };
        let done = files(&journal, (&self.path, start), &self.wanted, &mut put);
        match refused {
            Some(error) => Err(error),
            None => done.map_err(unreadable),
        }
    }
}
