//! What the expansions of `#[traced]` need. Not for anybody else: it changes without notice.
pub use ::tracing;
use ::tracing::Value;

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    started_ns: u64,
}

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { started_ns: obs_recorder::steady_ns() }
    }

    /// Milliseconds since the start.
    #[must_use]
    pub fn elapsed_ms(&self) -> f64 {
        (obs_recorder::steady_ns() - self.started_ns) as f64 / 1e6
    }
}

/// What a field can be recorded as without `%` or `?`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as a field as it is",
    label = "write `%` before it to record it by `Display`, or `?` to record it by `Debug`"
)]
pub trait Recordable: Value {}

#[diagnostic::do_not_recommend]
impl<T: Value> Recordable for T {}

/// The value as a field takes it.
pub fn recordable<T: Recordable>(value: &T) -> &dyn Value {
    value
}

/// Picks by method look-up how an error is recorded: the trait implemented for the most
/// references comes first.
pub mod error {
    use std::error::Error;
    use std::fmt::{Debug, Display};

    use tracing::field::{DebugValue, DisplayValue, Empty, debug, display};

    type Shared = dyn Error + Send + Sync + 'static;

    /// An error of any type.
    #[derive(Debug)]
    pub struct ErrorRef<'a, E>(pub &'a E);

    /// An error.
    pub trait AnError<'a> {
        /// The error as a field takes it.
        fn traced_value(&self) -> &'a (dyn Error + 'static);
    }

    impl<'a, E: Error + 'static> AnError<'a> for &&&&&ErrorRef<'a, E> {
        fn traced_value(&self) -> &'a (dyn Error + 'static) {
            self.0
        }
    }

    /// A box around an error that threads can share.
    pub trait HoldsSharedError<'a> {
        /// The error as a field takes it.
        fn traced_value(&self) -> &'a (dyn Error + 'static);
    }

    impl<'a, E: AsRef<Shared>> HoldsSharedError<'a> for &&&&ErrorRef<'a, E> {
        fn traced_value(&self) -> &'a (dyn Error + 'static) {
            self.0.as_ref()
        }
    }

    /// A box around an error.
    pub trait HoldsError<'a> {
        /// The error as a field takes it.
        fn traced_value(&self) -> &'a (dyn Error + 'static);
    }

    impl<'a, E: AsRef<dyn Error + 'static>> HoldsError<'a> for &&&ErrorRef<'a, E> {
        fn traced_value(&self) -> &'a (dyn Error + 'static) {
            self.0.as_ref()
        }
    }

    /// Something that has a `Display`.
    pub trait Displayed<'a, E: Display> {
        /// The error as a field takes it.
        fn traced_value(&self) -> DisplayValue<&'a E>;
    }

    impl<'a, E: Display> Displayed<'a, E> for &&ErrorRef<'a, E> {
        fn traced_value(&self) -> DisplayValue<&'a E> {
            display(self.0)
        }
    }

    /// Something that has a `Debug`.
    pub trait Debugged<'a, E: Debug> {
        /// The error as a field takes it.
        fn traced_value(&self) -> DebugValue<&'a E>;
    }

    impl<'a, E: Debug> Debugged<'a, E> for &ErrorRef<'a, E> {
        fn traced_value(&self) -> DebugValue<&'a E> {
            debug(self.0)
        }
    }

    /// Something that has neither.
    pub trait Unprintable {
        /// The error as a field takes it.
        fn traced_value(&self) -> Empty;
    }

    impl<E> Unprintable for ErrorRef<'_, E> {
        fn traced_value(&self) -> Empty {
            Empty
        }
    }
}
