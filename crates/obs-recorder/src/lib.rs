//! The recorder: records from rings to a journal, and from there to sinks.
#![forbid(unsafe_code)]

mod callsites;
mod clock;
pub mod drain;
pub mod journal;
pub mod layout;
mod local;
mod place;
mod pool;
mod recorder;
mod summary;

pub use callsites::{Callsites, Key, Known};
pub use clock::{Anchored, Clock, SystemClock, Timeline, rate_between};
pub use local::refused_here;
pub use place::{Candidates, Place};
pub use summary::{End, EndKind, Summary};
