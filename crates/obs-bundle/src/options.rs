//! What goes into a bundle, and where it goes.
use crate::cancel::Cancel;
use crate::choice::{Glob, is_wanted};
use crate::collect::Collector;
use crate::seal::{Encrypt, Sign};
use crate::window::Window;
use obs_core::UnixNanos;
use obs_core::io::{Disk, Io};
use obs_core::redact::{DigestKey, Literals, Redactor, Rules};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const MIB: u64 = 1 << 20;

/// What goes into a bundle, and where it goes; assign fields after [`Options::default`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The file to write, which is replaced if it is there, when the new one is whole; or a directory for a new
    /// `support_<time>.zip`. Default `None`: that in the run directory.
    pub output: Option<PathBuf>,
    /// Whether the journal's segments go in. They hold every record in the form that reports and replays are made from.
    /// Default yes.
    pub include_journal: bool,
    /// The part of the run's time that the bundle is about. Default all of it.
    pub window: Window,
    /// Only files whose paths in the bundle fit one of these. Default: all files. `support.json` and `SHA256SUMS` are
    /// always there.
    pub include: Vec<Glob>,
    /// No files whose paths in the bundle fit one of these.
    pub exclude: Vec<Glob>,
    /// How large the finished bundle may be. Where that is too little, the oldest lines are left out, then artefacts
    /// and the journal as far as there is no room. Collectors may be asked twice then. Default `None`: as large as it
    /// gets.
    pub bytes_max: Option<u64>,
    /// Larger artefacts are left out, and noted. Default 64 MiB.
    pub artifact_bytes_max: u64,
    /// What all artefacts may take together; those beyond are left out, and noted. Default 128 MiB.
    pub artifacts_bytes_max: u64,
    /// Artefacts beside those that the run declared.
    pub artifacts: Vec<Artifact>,
    /// Whether files go in, as they are, that are no text: artefacts and what other collectors add. Secrets in them
    /// cannot be seen. Default no: they are left out, and noted.
    pub include_binary: bool,
    /// What is secret beside what the built-in rules know.
    pub rules: Rules,
    /// Texts that are known to be secret. Default [`Literals::of_process`]: what the environment and the command line
    /// of the process that makes the bundle say to be.
    pub literals: Literals,
    /// Who else adds files, after the toolkit's own collectors, in this order.
    pub collectors: Vec<Arc<dyn Collector>>,
    /// Signs the bundle. Default nobody.
    pub sign: Option<Arc<dyn Sign>>,
    /// Encrypts the bundle, whose name then ends in `.zip.age`; in the clear it is never in a file that has a name.
    /// `bytes_max` is about the bundle before that. Default nobody.
    pub encrypt: Option<Arc<dyn Encrypt>>,
    /// How long each collector is waited for, those of the toolkit included; what it gave by then stays. What deflating
    /// and writing take does not count. Default 30 seconds.
    pub collector_timeout: Duration,
    /// Ends the bundle early.
    pub cancel: Cancel,
    /// The time that counts as now. Default `None`: the machine's clock.
    pub now: Option<UnixNanos>,
    /// The file system. Default the machine's own.
    pub io: Arc<dyn Io>,
}

/// A file that belongs to a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Artifact {
    /// Where it is; a relative path is one in the run directory.
    pub path: PathBuf,
    /// What it is to the run: `input`, `output`, `model` …
    pub role: String,
}

impl Artifact {
    /// The file at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, role: impl Into<String>) -> Self {
        Self { path: path.into(), role: role.into() }
    }
}

impl Options {
    /// The rules with what is known to be secret, and the bytes of the run's key, which is that, too.
    pub(crate) fn redactor(&self, key: Option<&[u8]>) -> Redactor {
        let mut literals = self.literals.clone();
        if let Some(key) = key {
            literals.add_key(key);
        }
        let redactor = Redactor::with_rules(self.rules.clone()).with_literals(&literals);
        redactor.with_key(key.map(DigestKey::new))
    }

    /// Whether a file with this path in the bundle is asked for.
    pub(crate) fn wants(&self, path: &str) -> bool {
        is_wanted(path, &self.include, &self.exclude)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            output: None,
            include_journal: true,
            window: Window::default(),
            include: Vec::new(),
            exclude: Vec::new(),
            bytes_max: None,
            artifact_bytes_max: 64 * MIB,
            artifacts_bytes_max: 128 * MIB,
            artifacts: Vec::new(),
            include_binary: false,
            rules: Rules::default(),
            literals: Literals::of_process(),
            collectors: Vec::new(),
            sign: None,
            encrypt: None,
            collector_timeout: Duration::from_secs(30),
            cancel: Cancel::default(),
            now: None,
            io: Arc::new(Disk::new()),
        }
    }
}
