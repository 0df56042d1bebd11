//! Run directories to make bundles of.
use crate::segment::Segment;
use crate::tools::accept;
use obs_bundle::{Bundle, Options, Report, verify, write};
use obs_core::io::Disk;
use obs_core::wire::Kind;
use obs_core::{Delivery, RunId, SinkDelivery, UnixNanos};
use obs_recorder::{End, EndKind, Summary};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const ENDED: &str = "2026-11-22T09:59:07.000000000Z";
const STARTED: &str = "2026-11-22T09:58:03.000000000Z";

/// A run directory below a temporary one.
pub(crate) struct Run {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) id: RunId,
}

impl Run {
    /// An empty one.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let id = RunId::new(1_795_341_483_000, 7);
        let path = folder.path().join(format!("2026-11-22T09-58-03Z_{id}"));
        fs::create_dir(&path).unwrap();
        Self { folder, path, id }
    }

    /// One that has ended, with a file of each kind.
    pub(crate) fn ended() -> Self {
        let run = Self::empty();
        run.save(Some(End::new(EndKind::Finished, "finished", vec!["final record".to_owned()])));
        run.put("env.json", r#"{"format":1,"os":{"name":"Debian"},"sections":{"db":{"password":"[REDACTED:name:password]"}}}"#);
        run.put("log.jsonl", &lines(3));
        run.put_gzip("log.0001.jsonl.gz", &lines(2));
        run.put("spans.jsonl", "{\"name\":\"load\",\"token\":\"[REDACTED:name:token]\"}\n");
        run.put("internal.log", "drain: 2 records withheld\n");
        run.put("rejected.jsonl", "");
        run.put("metrics.om", "# EOF\n");
        run.put("profile/cpu.folded", "main;work 3\n");
        run.put("cursors/jsonl", "cursor");
        for never in
            ["run.key", "run.lock", "rings.path", "support_2026-01-01T00-00-00Z.zip", "other.txt"]
        {
            run.put(never, "not for others");
        }
        let model = run.folder.path().join("model.onnx");
        fs::write(&model, b"\0model\xff").unwrap();
        run.declare(&[(model.to_str().unwrap(), "model")]);
        run
    }

    /// Writes `run.json`.
    pub(crate) fn save(&self, end: Option<End>) -> Summary {
        let mut summary = Summary::new(self.id, "acm-batch");
        summary.pid = 4_711;
        summary.started_at = STARTED.to_owned();
        summary.ended_at = end.as_ref().map(|_| ENDED.to_owned());
        summary.end = end;
        summary.records = 5;
        summary.errors = 1;
        summary.delivery = Delivery::default();
        summary.delivery.emitted = 5;
        summary.delivery.lost = 2;
        summary.delivery.sinks = vec![SinkDelivery::new("jsonl")];
        summary.save(&Disk::new(), &self.path).unwrap();
        summary
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        self.put_bytes(name, text.as_bytes());
    }

    /// Writes a file as it is when it was rotated.
    pub(crate) fn put_gzip(&self, name: &str, text: &str) {
        let file = fs::File::create(self.path.join(name)).unwrap();
        let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap();
    }

    /// Writes a journal of one segment that declares these artefacts: path and role.
    pub(crate) fn declare(&self, artifacts: &[(&str, &str)]) {
        let mut segment = Segment::new(self.id, 1, 0);
        for (path, role) in artifacts {
            segment.texts(Kind::Artifact, &[("path", path), ("role", role)]);
        }
        self.put_bytes("journal/000001.seg", &segment.bytes);
    }

    /// Writes a segment of one record of this time.
    pub(crate) fn segment(&self, number: u64, time: UnixNanos) {
        let mut segment = Segment::new(self.id, number, 1_000 * number);
        segment.unix_ns = time.0;
        segment.texts(Kind::Thread, &[]);
        self.put_bytes(&format!("journal/{number:06}.seg"), &segment.bytes);
    }

    /// Writes a segment of one record with this text.
    pub(crate) fn segment_with(&self, number: u64, text: &str) {
        let mut segment = Segment::new(self.id, number, 1_000_000 * number);
        segment.texts(Kind::Exit, &[("text", text)]);
        self.put_bytes(&format!("journal/{number:06}.seg"), &segment.bytes);
    }

    pub(crate) fn put_bytes(&self, name: &str, bytes: &[u8]) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn bundle(&self) -> Bundle {
        let bundle = write(&self.path, &options()).unwrap();
        assert_whole(&bundle.path);
        bundle
    }

    /// The names in the run directory.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.path)
    }
}

/// Options with a time of their own.
pub(crate) fn options() -> Options {
    let mut options = Options::default();
    options.include_binary = true;
    options.now = Some(now());
    options
}

/// An hour after the run's end.
pub(crate) fn now() -> UnixNanos {
    "2026-11-22T10:59:07Z".parse().unwrap()
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub(crate) fn lines(count: usize) -> String {
    (0..count).map(|n| format!("{{\"level\":\"info\",\"event\":\"loaded\",\"n\":{n}}}\n")).collect()
}

/// The entries of an archive, as a reader of another make sees them, in their order.
pub(crate) fn entries(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let all = (0..archive.len()).map(|index| {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        assert_eq!(entry.unix_mode(), Some(0o100_600), "{name}");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    });
    all.collect()
}

/// The same by name.
pub(crate) fn contents(path: &Path) -> BTreeMap<String, Vec<u8>> {
    entries(path).into_iter().collect()
}

pub(crate) fn verified(path: &Path) -> Report {
    verify(path, &Default::default()).unwrap()
}

/// That the bundle is whole, by our own word and by that of others.
#[track_caller]
pub(crate) fn assert_whole(path: &Path) {
    let report = verified(path);
    assert!(report.is_whole(), "{report}");
    accept(path);
}

/// Status and errors of one collector.
pub(crate) fn outcome(bundle: &Bundle, name: &str) -> (String, Vec<String>) {
    let part = bundle.manifest.collectors.iter().find(|part| part.name == name).unwrap();
    (part.status.as_str().to_owned(), part.errors.clone())
}
