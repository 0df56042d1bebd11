//! What requests carry from one process to the next: the trace, its state, baggage and the request's id.
//!
//! What comes in was written by anybody. Each reader takes time in proportion to the text, keeps no more than its
//! limits say, and never panics. Nothing here opens a connection: headers go in and out as text.

mod baggage;
mod percent;
mod request_id;
mod trace_parent;
mod trace_state;

pub use baggage::{BAGGAGE_BYTES_MAX, BAGGAGE_MEMBERS_MAX, Baggage, BaggageError, BaggageMember};
pub use request_id::{REQUEST_ID_BYTES_MAX, request_id};
pub use trace_parent::{TraceParent, TraceParentError};
pub use trace_state::{TRACE_STATE_BYTES_MAX, TRACE_STATE_MEMBERS_MAX, TraceState};

/// What a request brought from the process that sent it, and what goes on to those that are called on its behalf.
///
/// ```
/// use obs_core::Context;
/// use obs_core::propagation::{Remote, TraceParent};
///
/// let parent: TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
/// let context = Context::new().with_remote(Remote { parent: Some(parent), ..Remote::default() });
/// let inner = context.with("request_id", "7f3a");
/// assert_eq!(inner.remote().and_then(|remote| remote.parent), Some(parent));
/// # Ok::<(), obs_core::propagation::TraceParentError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "made by every front end, of what its headers say")]
pub struct Remote {
    /// The span that the request was sent within.
    pub parent: Option<TraceParent>,
    /// What the tracing systems on the way said of the trace.
    pub state: TraceState,
    /// What the callers want everybody further on to know.
    pub baggage: Baggage,
}

impl Remote {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parent.is_none() && self.state.is_empty() && self.baggage.is_empty()
    }
}
