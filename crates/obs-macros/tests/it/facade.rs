/// What the facade crate offers to expansions, with a stopwatch that always shows 1.5 ms.
pub(crate) mod __private {
    pub(crate) use ::tracing;
    use ::tracing::Value;

    pub(crate) struct Stopwatch;

    impl Stopwatch {
        pub(crate) fn start() -> Self {
            Self
        }

        pub(crate) fn elapsed_ms(&self) -> f64 {
            1.5
        }
    }

    /// What a field can be recorded as without `%` or `?`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be recorded as a field as it is",
        label = "write `%` before it to record it by `Display`, or `?` to record it by `Debug`"
    )]
    pub(crate) trait Recordable: Value {}

    #[diagnostic::do_not_recommend]
    impl<T: Value> Recordable for T {}

    pub(crate) fn recordable<T: Recordable>(value: &T) -> &dyn Value {
        value
    }

    /// Picks by method look-up how an error is recorded: the trait implemented for the most
    /// references comes first.
    pub(crate) mod error {
        use std::error::Error;
        use std::fmt::{Debug, Display};

        use tracing::field::{DebugValue, DisplayValue, Empty, debug, display};

        type Shared = dyn Error + Send + Sync + 'static;

        pub(crate) struct ErrorRef<'a, E>(pub(crate) &'a E);

        pub(crate) trait AnError<'a> {
            fn traced_value(&self) -> &'a (dyn Error + 'static);
        }

        impl<'a, E: Error + 'static> AnError<'a> for &&&&&ErrorRef<'a, E> {
            fn traced_value(&self) -> &'a (dyn Error + 'static) {
                self.0
            }
        }

        pub(crate) trait HoldsSharedError<'a> {
            fn traced_value(&self) -> &'a (dyn Error + 'static);
        }

        impl<'a, E: AsRef<Shared>> HoldsSharedError<'a> for &&&&ErrorRef<'a, E> {
            fn traced_value(&self) -> &'a (dyn Error + 'static) {
                self.0.as_ref()
            }
        }

        pub(crate) trait HoldsError<'a> {
            fn traced_value(&self) -> &'a (dyn Error + 'static);
        }

        impl<'a, E: AsRef<dyn Error + 'static>> HoldsError<'a> for &&&ErrorRef<'a, E> {
            fn traced_value(&self) -> &'a (dyn Error + 'static) {
                self.0.as_ref()
            }
        }

        pub(crate) trait Displayed<'a, E: Display> {
            fn traced_value(&self) -> DisplayValue<&'a E>;
        }

        impl<'a, E: Display> Displayed<'a, E> for &&ErrorRef<'a, E> {
            fn traced_value(&self) -> DisplayValue<&'a E> {
                display(self.0)
            }
        }

        pub(crate) trait Debugged<'a, E: Debug> {
            fn traced_value(&self) -> DebugValue<&'a E>;
        }

        impl<'a, E: Debug> Debugged<'a, E> for &ErrorRef<'a, E> {
            fn traced_value(&self) -> DebugValue<&'a E> {
                debug(self.0)
            }
        }

        pub(crate) trait Unprintable {
            fn traced_value(&self) -> Empty;
        }

        impl<E> Unprintable for ErrorRef<'_, E> {
            fn traced_value(&self) -> Empty {
                Empty
            }
        }
    }
}
