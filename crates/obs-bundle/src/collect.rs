//! Who adds files to a bundle, and how.
use crate::error::BundleError;
use crate::manifest::Truncated;
use crate::media;
use crate::opened::Fitting;
use crate::window::Times;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::Read;

/// Adds files of one kind to a bundle. Called once a bundle, on a thread of its own, which is given up when it takes
/// too long: what it does then is lost on the bundle, and it should come to its end when an addition fails.
pub trait Collector: fmt::Debug + Send + Sync {
    /// Its name in `support.json`, unique in the bundle.
    fn name(&self) -> &str;

    /// Adds what there is. What it has added stays, also when it fails, panics or hangs later on; the others are
    /// asked in any case, unless the program was built to abort on a panic.
    ///
    /// # Errors
    ///
    /// Why it cannot go on. What it can do without it tells by [`Files::missing`].
    fn collect(&self, files: &mut dyn Files) -> Result<(), BundleError>;
}

/// Takes the files of one collector.
pub trait Files {
    /// Adds a file. `content` is read to its end, or to the bound of the file, and never held as a whole.
    ///
    /// # Errors
    ///
    /// [`crate::BundleErrorKind::Refused`] when the path is not one that every system can unpack, is taken, or there
    /// are too many files; [`crate::BundleErrorKind::Source`] when `content` fails: what was read before stays in the
    /// bundle, marked as truncated; [`crate::BundleErrorKind::Output`] when the bundle cannot be written, or has gone
    /// on without this collector, whatever that makes of it.
    fn add(&mut self, file: NewFile, content: &mut dyn Read) -> Result<(), BundleError>;

    /// Notes that something is not in the bundle, and why. The collector is then `partial` at best.
    fn missing(&mut self, what: String);
}

/// A file to be added.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewFile {
    /// Its path in the bundle: parts of letters, digits and `._-+=@,`, with slashes between, 200 bytes at most.
    pub path: String,
    /// What it is, in one word.
    pub role: String,
    /// What kind of bytes; by the path's ending, if nobody says otherwise.
    pub media_type: String,
    /// The most bytes that are taken; what is beyond is left out, and noted. Default 4 GiB less 16 MiB, where the
    /// form of the archive changes.
    pub bytes_max: u64,
    /// The part that was left out already.
    pub truncated: Option<Truncated>,
    /// Where it comes from, for people.
    pub source: Option<String>,
    /// Where its lines say of what time they are, if they are chosen by it.
    pub(crate) times: Option<Times>,
    /// What it is cut to where there is little room.
    pub(crate) fitting: Fitting,
    /// How many bytes it likely has; 0 where that is not known.
    pub(crate) bytes: u64,
    /// Whether the toolkit itself wrote it, in a form of its own.
    pub(crate) is_own: bool,
}

/// Larger entries need the wider fields of zip64; less than 4 GiB, because deflating can make a file a little larger.
pub(crate) const PLAIN_BYTES_MAX: u64 = (4 << 30) - (16 << 20);

impl NewFile {
    /// A file with the media type that its name tells.
    #[must_use]
    pub fn new(path: impl Into<String>, role: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            media_type: media::of(&path).to_owned(),
            path,
            role: role.into(),
            bytes_max: PLAIN_BYTES_MAX,
            truncated: None,
            source: None,
            times: None,
            fitting: Fitting::Whole,
            bytes: 0,
            is_own: false,
        }
    }
}

/// What came of a collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Status {
    /// Everything that there was is in the bundle.
    Ok,
    /// Something is in the bundle, something is missing.
    Partial,
    /// Nothing is in the bundle though something should be.
    Failed,
    /// It took longer than it may.
    Timeout,
    /// There was nothing, or it was not asked for.
    Skipped,
    /// Somebody ended the bundle before it was done.
    Canceled,
}

impl Status {
    /// The word for it in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Skipped => "skipped",
            Self::Canceled => "canceled",
        }
    }

    /// Whether the bundle lacks nothing because of it.
    #[must_use]
    pub fn is_complete(self) -> bool {
        matches!(self, Self::Ok | Self::Skipped)
    }
}
