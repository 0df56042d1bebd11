//! The segments of the journal.
use super::lines::{add, go_on, present};
use super::unreadable;
use crate::collect::{Files, NewFile};
use crate::error::BundleError;
use crate::manifest::Why;
use crate::remote::{Added, Remote, Source};
use crate::run::Run;
use crate::window::Window;
use obs_core::UnixNanos;
use obs_core::io::Open;
use obs_core::wire::frame::{Frames, Item};
use obs_recorder::journal::{Segment, Segments};
use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The first record of a segment is looked for in so many bytes.
const FIRST_BYTES: usize = 1 << 20;
/// Records of different threads, and of a clock that was set a little, stand so far out of order.
const DISORDER: Duration = Duration::from_secs(60);

/// The segments of the journal but those that are outside of the window as a whole.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) run: Arc<Run>,
    pub(super) window: Window,
    /// Whether there may be too little room for all of it: then the newest comes first.
    pub(super) is_bounded: bool,
}

impl Source for Journal {
    fn name(&self) -> &str {
        "journal"
    }

    fn collect(&self, files: &mut Remote) -> Result<(), BundleError> {
        let folder = self.run.directory.journal();
        let names = self.run.names(&folder).map_err(|error| unreadable("journal", error))?;
        let outside = self.outside(&folder);
        let mut names: Vec<&String> = names.iter().filter(|name| name.ends_with(".seg")).collect();
        if self.is_bounded {
            names.reverse();
        }
        let mut has_room = true;
        for name in names {
            let inside = format!("journal/{name}");
            if outside.contains(name) {
                files.leave_out(inside, Why::Window);
            } else if !has_room {
                files.leave_out(inside, Why::Size);
            } else {
                has_room = self.add(&folder.join(name), inside, files)? != Added::NoRoom;
            }
        }
        Ok(())
    }
}

impl Journal {
    fn add(&self, path: &Path, inside: String, files: &mut Remote) -> Result<Added, BundleError> {
        match present(self.run.open_file(path)) {
            Ok(Some(snapshot)) => {
                let mut file = NewFile::new(inside, "journal");
                file.is_own = true;
                let added = add(file, snapshot, files);
                return go_on(added, files);
            }
            Ok(None) => files.missing(format!("{inside} went while the bundle was made")),
            Err(error) => files.missing(format!("cannot read {inside}: {error}")),
        }
        Ok(Added::Whole)
    }

    /// The names of segments that are outside of the window as a whole. None where that cannot be told.
    fn outside(&self, folder: &Path) -> HashSet<String> {
        if self.window.is_unbounded() {
            return HashSet::new();
        }
        let io = self.run.io.as_ref();
        let segments = self.run.id().and_then(|id| Segments::open(io, folder, id).ok());
        let segments: Vec<Segment> = segments.iter().flat_map(Segments::all).cloned().collect();
        let starts = segments.iter().map(|segment| self.first_time(segment).ok().flatten());
        let starts: Vec<Option<UnixNanos>> = starts.collect();
        if !starts.iter().flatten().is_sorted() {
            return HashSet::new();
        }
        let ends = starts.iter().skip(1).copied().chain([None]);
        let early = |time: &Option<UnixNanos>| time.map(|time| time.saturating_sub(DISORDER));
        let late = |time: Option<UnixNanos>| time.map(|time| time.saturating_add(DISORDER));
        let all = segments.iter().zip(starts.iter().zip(ends));
        let outside =
            all.filter(|(_, (start, end))| !self.window.overlaps(early(start), late(*end)));
        let name = |segment: &Segment| Some(segment.path.file_name()?.to_str()?.to_owned());
        outside.filter_map(|(segment, _)| name(segment)).collect()
    }

    /// The time of the first record of a segment.
    fn first_time(&self, segment: &Segment) -> io::Result<Option<UnixNanos>> {
        let mut file = self.run.io.open(&segment.path, Open::Read)?;
        let mut bytes = Vec::new();
        segment.read(file.as_mut(), segment.first, FIRST_BYTES, &mut bytes)?;
        let record = |item: Item<'_>| match item {
            Item::Frame(frame) if frame.header.seq > 0 => Some(UnixNanos(frame.header.unix_ns)),
            _ => None,
        };
        Ok(Frames::open(&bytes, segment.first).find_map(record))
    }
}
