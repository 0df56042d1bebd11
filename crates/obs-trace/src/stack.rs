//! The spans that a thread is in.
use obs_core::wire::body::SpanRef;
use std::cell::{Cell, RefCell};

thread_local! {
    static STACK: Stack = const { Stack { top: Cell::new(None), entered: RefCell::new(Vec::new()) } };
}

struct Stack {
    /// The innermost span: what every event needs.
    top: Cell<Option<Entered>>,
    /// The spans around it, outermost first.
    entered: RefCell<Vec<Entered>>,
}

/// A span that a thread is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entered {
    pub(crate) id: u64,
    pub(crate) span: SpanRef,
}

/// The innermost span of this thread.
#[inline]
pub(crate) fn top() -> Option<Entered> {
    STACK.try_with(|stack| stack.top.get()).ok().flatten()
}

/// This thread enters a span.
#[inline]
pub(crate) fn push(entered: Entered) {
    // Outside of a thread's life there is no innermost span to remember.
    let done = STACK.try_with(|stack| {
        if let (Some(before), Ok(mut spans)) =
            (stack.top.replace(Some(entered)), stack.entered.try_borrow_mut())
        {
            spans.push(before);
        }
    });
    debug_assert!(done.is_ok() || top().is_none(), "the stack is gone only with its thread");
}

/// This thread leaves a span; usually the innermost.
#[inline]
pub(crate) fn pop(id: u64) {
    let done = STACK.try_with(|stack| {
        let Ok(mut spans) = stack.entered.try_borrow_mut() else { return };
        if stack.top.get().is_some_and(|top| top.id == id) {
            stack.top.set(spans.pop());
        } else if let Some(at) = spans.iter().rposition(|entered| entered.id == id) {
            spans.remove(at);
        }
    });
    debug_assert!(done.is_ok() || top().is_none(), "the stack is gone only with its thread");
}
