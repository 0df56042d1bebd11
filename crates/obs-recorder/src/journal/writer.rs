//! The journal's writer: moves frames from the stage to segment files, and syncs them.
use super::segment::{HEADER_BYTES, Segment, Segments, file_name};
use super::{Begins, Reader, checkpoint};
use obs_core::RunId;
use obs_core::io::{Io, IoFile, Open, write_all};
use obs_core::join::Join;
use obs_core::wire::Kind;
use obs_core::wire::frame::{FRAME_BYTES_MAX, Frames, Item};
use obs_ring::stage::Stage;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// What is copied and written at once.
const CHUNK_BYTES: u64 = 256 << 10;

/// How much the journal may hold.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct WriterLimits {
    /// All segments together; the oldest go when there is more.
    pub journal_bytes_max: u64,
}

impl WriterLimits {
    /// All segments together hold at most so many bytes, and one more segment.
    #[must_use]
    pub fn new(journal_bytes_max: u64) -> Self {
        Self { journal_bytes_max }
    }
}

/// Moves frames from the stage to segment files.
#[derive(Debug)]
pub struct Writer {
    io: Arc<dyn Io>,
    directory: PathBuf,
    run_id: RunId,
    stage: Stage,
    limits: WriterLimits,
    join: Join,
    open: Option<OpenSegment>,
    /// Files that were closed since the last sync.
    unsynced: Vec<Box<dyn IoFile>>,
    /// Frames that are being written, from position `moved` on.
    chunk: Vec<u8>,
    chunk_written: usize,
    moved: u64,
    synced: u64,
    next_number: u64,
    /// The segments that can be removed, oldest first: number, bytes.
    closed: Vec<(Segment, u64)>,
    /// Files that an earlier process wrote, and perhaps did not sync.
    inherited: Vec<PathBuf>,
    names_unsynced: bool,
    urgent: bool,
    /// Whether `join` knows more than what was moved: the writer went back, and has not found out what it knew there.
    is_ahead: bool,
    /// Where the next segment begins.
    begins: Begins,
}

#[derive(Debug)]
struct OpenSegment {
    file: Box<dyn IoFile>,
    segment: Segment,
}

/// What a step did.
#[derive(Debug)]
#[non_exhaustive]
pub enum Moved {
    /// There was nothing to move.
    Nothing,
    /// Frames were moved.
    Some,
    /// Frames were overwritten in the stage before they could be moved: up to this position.
    Gap(u64),
}

impl Writer {
    /// A writer that goes on where the segments end. `join` is the state of a reader there.
    ///
    /// # Errors
    ///
    /// What the system says when the directory cannot be made or read.
    pub fn new(
        io: Arc<dyn Io>,
        directory: PathBuf,
        stage: Stage,
        limits: WriterLimits,
        join: Join,
    ) -> io::Result<Self> {
        let run_id = RunId::from_bytes(stage.identity().run_id);
        io.make_directory(&directory)?;
        let segments = Segments::open(io.as_ref(), &directory, run_id)?;
        let moved = stage.moved();
        let all = segments.all();
        let closed = all.iter().map(|segment| (segment.clone(), segment.length)).collect();
        let inherited = all.iter().map(|segment| segment.path.clone()).collect();
        Ok(Self {
            next_number: segments.next_number(),
            io,
            directory,
            run_id,
            stage,
            limits,
            join,
            open: None,
            unsynced: Vec::new(),
            chunk: Vec::new(),
            chunk_written: 0,
            moved,
            synced: moved,
            closed,
            inherited,
            names_unsynced: true,
            urgent: false,
            is_ahead: false,
            begins: Begins::Anywhere,
        })
    }

    /// Where the segments are.
    #[must_use]
    pub fn directory(&self) -> &std::path::Path {
        &self.directory
    }

    /// What a reader knows who has read everything that was moved.
    #[must_use]
    pub fn state(&self) -> &Join {
        &self.join
    }

    /// Up to here, everything is in segment files.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// Up to here, everything is synced.
    #[must_use]
    pub fn synced(&self) -> u64 {
        self.synced
    }

    /// Whether something that was moved is not synced yet.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.synced < self.moved
    }

    /// Whether an error, or worse, is among what is not synced yet.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.urgent && self.is_dirty()
    }

    /// Moves the next frames, a few hundred KiB at most.
    ///
    /// # Errors
    ///
    /// What the system says. Nothing is lost: the next call goes on at the same byte.
    pub fn step(&mut self) -> io::Result<Moved> {
        if self.is_ahead {
            self.recall()?;
        }
        if self.chunk.is_empty() {
            match self.take_chunk()? {
                Moved::Some => {}
                other => return Ok(other),
            }
        }
        self.write_chunk()?;
        self.note_chunk();
        Ok(Moved::Some)
    }

    /// Copies the next frames out of the stage, or, where a failed sync has set the writer back, from the segments.
    fn take_chunk(&mut self) -> io::Result<Moved> {
        let head = self.stage.head();
        if self.moved >= head {
            return Ok(Moved::Nothing);
        }
        for bytes_max in [CHUNK_BYTES, CHUNK_BYTES + FRAME_BYTES_MAX as u64] {
            let to = head.min(self.moved + bytes_max);
            if self.stage.copy(self.moved, to, &mut self.chunk).is_err() {
                return self.take_again(self.stage.tail());
            }
            let whole = whole_frames(&self.chunk, self.moved);
            self.chunk.truncate(whole);
            if whole > 0 {
                self.stage.set_held(self.moved + whole as u64);
                return Ok(Moved::Some);
            }
        }
        // What is staged is whole, unless memory was damaged.
        self.take_again(head)
    }

    /// Copies the next frames below `end` out of the segments that hold them: a failed sync has set the writer back,
    /// and the stage has gone on.
    fn take_again(&mut self, end: u64) -> io::Result<Moved> {
        self.chunk.clear();
        let old = Segments::open(self.io.as_ref(), &self.directory, self.run_id)?;
        let mut next = end;
        for segment in old.all().iter().rev() {
            let from = self.moved.max(segment.first);
            if from >= next.min(segment.end()) {
                continue;
            }
            let mut bytes = Vec::new();
            let length = (next - from).min(CHUNK_BYTES + FRAME_BYTES_MAX as u64) as usize;
            let mut file = self.io.open(&segment.path, Open::Read)?;
            segment.read(file.as_mut(), from, length, &mut bytes)?;
            let skipped = next_frame(&bytes, from).map_or(next, |first| first.min(next));
            if skipped == self.moved {
                bytes.truncate(whole_frames(&bytes, from));
                self.chunk = bytes;
                return Ok(Moved::Some);
            }
            next = skipped;
        }
        Ok(self.leave_gap(next))
    }

    /// Goes on at `position`: what lies before cannot be had any more, so the next segment begins there.
    fn leave_gap(&mut self, position: u64) -> Moved {
        self.close_segment();
        self.begins = Begins::Anywhere;
        self.chunk.clear();
        self.moved = position;
        self.stage.set_held(position);
        self.stage.set_moved(position);
        Moved::Gap(position)
    }

    fn write_chunk(&mut self) -> io::Result<()> {
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let opened = self.create_segment()?;
                self.open.insert(opened)
            }
        };
        let offset = open.segment.body_start()
            + (self.moved - open.segment.first)
            + self.chunk_written as u64;
        match write_all(open.file.as_mut(), offset, &self.chunk[self.chunk_written..]) {
            Ok(()) => Ok(()),
            Err((done, error)) => {
                self.chunk_written += done;
                Err(error)
            }
        }
    }

    /// Takes note of the frames that were written; a cut among them closes the segment.
    fn note_chunk(&mut self) {
        let mut cut_at = None;
        let mut frames = Frames::again(&self.chunk, self.moved);
        while let Some(item) = frames.next() {
            if let Item::Frame(frame) = item {
                self.join.apply(&frame);
                self.urgent |= frame.header.level >= obs_core::Level::Error as u8;
                if frame.header.kind == Kind::Cut {
                    cut_at = Some(frames.reached());
                }
            }
        }
        self.moved += self.chunk.len() as u64;
        if let Some(open) = &mut self.open {
            open.segment.length = open.segment.body_start() + (self.moved - open.segment.first);
        }
        self.chunk.clear();
        self.chunk_written = 0;
        self.stage.set_moved(self.moved);
        self.begins = Begins::Anywhere;
        if cut_at == Some(self.moved) {
            self.close_segment();
            self.begins = Begins::AfterCut;
        }
    }

    fn create_segment(&mut self) -> io::Result<OpenSegment> {
        let checkpoint = checkpoint(&self.join, self.begins, self.moved);
        let path = self.directory.join(file_name(self.next_number));
        let mut file = self.io.open(&path, Open::Write)?;
        file.set_length(0)?;
        let segment = Segment {
            path,
            number: self.next_number,
            first: self.moved,
            checkpoint_bytes: checkpoint.len() as u64,
            run_id: self.run_id,
            length: (HEADER_BYTES + checkpoint.len()) as u64,
        };
        let top = [segment.header().as_slice(), &checkpoint].concat();
        write_all(file.as_mut(), 0, &top).map_err(|(_, error)| error)?;
        self.next_number += 1;
        self.names_unsynced = true;
        Ok(OpenSegment { file, segment })
    }

    fn close_segment(&mut self) {
        if let Some(open) = self.open.take() {
            let length = open.segment.length;
            self.unsynced.push(open.file);
            self.closed.push((open.segment, length));
        }
    }

    /// Makes everything that was moved durable.
    ///
    /// # Errors
    ///
    /// What the system says. After an error nothing is known of what was written since the last success: the writer
    /// seals the segment, goes back there and writes it all again into a new one.
    pub fn sync(&mut self) -> io::Result<()> {
        match self.try_sync() {
            Ok(()) => {
                self.synced = self.moved;
                self.urgent = false;
                Ok(())
            }
            Err(error) => {
                self.go_back();
                Err(error)
            }
        }
    }

    fn try_sync(&mut self) -> io::Result<()> {
        while let Some(path) = self.inherited.last() {
            self.io.open(path, Open::Read)?.sync()?;
            self.inherited.pop();
        }
        while let Some(file) = self.unsynced.first_mut() {
            file.sync()?;
            self.unsynced.remove(0);
        }
        if let Some(open) = &mut self.open {
            open.file.sync()?;
        }
        if self.names_unsynced {
            self.io.sync_directory(&self.directory)?;
            self.names_unsynced = false;
        }
        Ok(())
    }

    fn go_back(&mut self) {
        self.close_segment();
        self.begins = Begins::Anywhere;
        self.unsynced.clear();
        self.chunk.clear();
        self.chunk_written = 0;
        self.moved = self.synced;
        self.stage.set_moved(self.moved);
        self.is_ahead = true;
    }

    /// Finds out what a reader knows up to where the writer went back to. The definitions that it has beyond that stay
    /// known: there may be a gap where they stood.
    fn recall(&mut self) -> io::Result<()> {
        let (io, directory) = (Arc::clone(&self.io), Some(self.directory.clone()));
        let state = Reader::new(io, directory, self.run_id, None).state_at(self.moved)?;
        let ahead = std::mem::replace(&mut self.join, state.unwrap_or_default());
        self.join.adopt_definitions(&ahead);
        self.is_ahead = false;
        Ok(())
    }

    /// Removes the oldest segments while the journal holds more than it may. Returns how many were removed.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn trim(&mut self) -> io::Result<usize> {
        let open = self.open.as_ref().map_or(0, |open| open.segment.length);
        let mut total: u64 = open + self.closed.iter().map(|(_, length)| length).sum::<u64>();
        let mut removed = 0;
        while total > self.limits.journal_bytes_max
            && self.closed.len() > usize::from(self.open.is_none())
            && self.closed[0].0.end() <= self.synced
        {
            self.io.remove(&self.closed[0].0.path)?;
            total -= self.closed.remove(0).1;
            removed += 1;
        }
        Ok(removed)
    }
}

/// How many of the bytes are whole, right frames from the start on; up to and including the first cut.
fn whole_frames(bytes: &[u8], position: u64) -> usize {
    let mut frames = Frames::new(bytes, position);
    let mut whole = 0;
    while let Some(Item::Frame(frame)) = frames.next() {
        whole = (frames.reached() - position) as usize;
        if frame.header.kind == Kind::Cut {
            break;
        }
    }
    whole
}

/// Where the first right frame begins; `None` when there is none.
fn next_frame(bytes: &[u8], position: u64) -> Option<u64> {
    let mut frames = Frames::new(bytes, position);
    match frames.next()? {
        Item::Frame(_) => Some(position),
        _ => Some(frames.reached()),
    }
}
