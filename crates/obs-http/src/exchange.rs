//! One request and its response: the span, and the context that both are handled in.
use obs_core::Context;
use tracing::{Span, record_all};

/// How the handling goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The response's body, or its head, is still to come.
    Going,
    Over,
}

/// A request that is being handled. It ends once: well, with an error, or by being dropped, which is an abort.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) span: Span,
    pub(crate) context: Context,
    /// The response's status, where the span is told of it together with what is known at its end.
    pub(crate) status: Option<u16>,
    phase: Phase,
}

/// What `error.type` says of one that was dropped.
const ABORTED: &str = "aborted";
const PANIC: &str = "panic";

impl Exchange {
    pub(crate) fn new(span: Span, context: Context) -> Self {
        Self { span, context, status: None, phase: Phase::Going }
    }

    /// Does a part of the work: in the span, and in the context. A panic is noted, and goes on.
    pub(crate) fn work<R>(&mut self, work: impl FnOnce() -> R) -> R {
        struct Watch<'a>(&'a mut Exchange);

        impl Drop for Watch<'_> {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    self.0.fail(PANIC);
                    self.0.end();
                }
            }
        }

        let watch = Watch(self);
        let exchange = &*watch.0;
        exchange.context.in_scope(|| exchange.span.in_scope(work))
    }

    /// Says that something went wrong, by a word of which there are few.
    pub(crate) fn fail(&self, error_type: &str) {
        if self.phase == Phase::Going {
            record_all!(self.span, error.type = error_type, otel.status_code = "ERROR");
        }
    }

    /// There is nothing more to come.
    pub(crate) fn end(&mut self) {
        self.phase = Phase::Over;
        // What is left of the span is with those who hold it besides.
        self.span = Span::none();
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.phase == Phase::Going {
            // Whoever was to get the response is gone: that is no fault of who made it.
            let status = self.status;
            record_all!(self.span, http.response.status_code = status, error.type = ABORTED);
        }
    }
}
