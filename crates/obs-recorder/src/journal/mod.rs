//! The journal: a run's frames in order, the newest in the stage, the rest in segment files.
//!
//! A frame's position counts the bytes of all frames before it, and never changes: the stage and every segment know
//! the position of their first frame. Segments are numbered; where the ranges of two overlap, which a failed sync
//! causes, the one with the higher number counts.
mod checkpoint;
mod reader;
mod segment;
mod writer;

pub use reader::{Fill, Reader};
pub(crate) use segment::REACHED_MAX;
pub use segment::{Segment, Segments};
pub use writer::{Moved, Writer, WriterLimits};

pub(crate) use checkpoint::{Begins, checkpoint};
