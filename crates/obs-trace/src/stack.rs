//! The spans that a thread is in.
use obs_core::wire::body::SpanRef;
use std::cell::RefCell;

thread_local! {
    /// Outermost first.
    static STACK: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

/// A span that a thread is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entered {
    pub(crate) id: u64,
    pub(crate) around: Around,
}

/// A span, as those that begin within it need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Around {
    /// The span and its trace.
    pub span: SpanRef,
    /// Whether the trace is sent to where traces are kept.
    pub is_sampled: bool,
    /// Whether the span is in another process.
    pub is_remote: bool,
}

impl Around {
    /// The span, whether its trace is sampled, and whether it is in another process.
    #[must_use]
    pub fn new(span: SpanRef, is_sampled: bool, is_remote: bool) -> Self {
        Self { span, is_sampled, is_remote }
    }
}

/// The innermost span of this thread.
#[inline]
pub(crate) fn top() -> Option<Entered> {
    STACK.try_with(|stack| stack.try_borrow().ok()?.last().copied()).ok().flatten()
}

/// This thread enters a span.
#[inline]
pub(crate) fn push(entered: Entered) {
    // Outside of a thread's life there is no innermost span to remember.
    let done = STACK.try_with(|stack| {
        if let Ok(mut spans) = stack.try_borrow_mut() {
            spans.push(entered);
        }
    });
    debug_assert!(done.is_ok() || top().is_none(), "the stack is gone only with its thread");
}

/// This thread leaves a span; usually the innermost.
#[inline]
pub(crate) fn pop(id: u64) {
    let done = STACK.try_with(|stack| {
        let Ok(mut spans) = stack.try_borrow_mut() else { return };
        if spans.pop_if(|entered| entered.id == id).is_none()
            && let Some(at) = spans.iter().rposition(|entered| entered.id == id)
        {
            spans.remove(at);
        }
    });
    debug_assert!(done.is_ok() || top().is_none(), "the stack is gone only with its thread");
}
