//! Context and span across tasks and threads.
use obs_core::context::WithContext;
use obs_core::{Context, InContext};
use std::future::Future;
use tracing::Span;
use tracing::instrument::{Instrument, Instrumented};

/// Where a thread is: its context, and the span that it is in. A clone is some pointers.
///
/// What is run elsewhere as part of the same work, as often as it takes, runs in it:
///
/// ```
/// let rows = [1, 2, 3];
/// let here = obs_trace::here();
/// std::thread::scope(|scope| {
///     for row in rows {
///         let here = &here;
///         scope.spawn(move || here.in_scope(|| tracing::info!(row, "loaded")));
///     }
/// });
/// ```
#[derive(Debug, Clone)]
pub struct Here {
    context: Context,
    span: Span,
}

/// Where this thread is now.
#[must_use]
pub fn here() -> Here {
    Here { context: Context::current(), span: Span::current() }
}

impl Here {
    /// Runs `body` here, whichever thread that is.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.context.in_scope(|| self.span.in_scope(body))
    }
}

/// A closure that runs in the context and the span that are current now: for `spawn_blocking`, rayon and threads.
///
/// ```
/// let work = obs_trace::carry(|| tracing::info!("part of whatever this is part of"));
/// std::thread::Builder::new().name("loader".to_owned()).spawn(work)?.join().expect("no panic");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn carry<R>(body: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let here = here();
    move || here.in_scope(body)
}

/// A future that is in a context and a span whenever it is polled.
pub type Carried<F> = WithContext<Instrumented<F>>;

/// Carries the current context and span into futures that are given to a runtime.
pub trait Carry: Future + Sized {
    /// This future, in the context and the span that are current now whenever it is polled.
    ///
    /// ```
    /// use obs_trace::Carry;
    ///
    /// # async fn example() {
    /// tokio::spawn(async { tracing::info!("part of whatever this is part of") }.carried());
    /// # }
    /// ```
    fn carried(self) -> Carried<Self> {
        self.in_current_span().in_current_context()
    }
}

impl<F: Future> Carry for F {}
