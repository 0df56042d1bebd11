//! Attribute macros of the obs toolkit, for users of its facade crate, which re-exports them.
//!
//! An expansion names nothing but the language's own `core` and `std`, and the facade's hidden module
//! `__private`, which holds
//!
//! - `tracing`: the crate;
//! - `Stopwatch`, with `start() -> Self` and `elapsed_ms(&self) -> f64`;
//! - `recordable(&T) -> &dyn tracing::Value`, whose bound on `T` explains itself;
//! - `error`: `ErrorRef(&E)` and traits that give `&&&&&&ErrorRef(&e)` a method `traced_value`,
//!   which returns how `e` is recorded.
//!
//! The facade is looked up in the manifest of the package being compiled, renamed or not. Within
//! the facade's own library that takes `extern crate self as obs;`.

#![forbid(unsafe_code)]

use proc_macro::TokenStream;
use quote::ToTokens as _;

/// Tokens of the expansion's own: the variables they name are not those of the function's body.
macro_rules! hygienic {
    ($($tokens:tt)*) => {
        quote::quote_spanned!(proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}

mod arguments;
mod expand;
mod fields;
mod files;
mod function;
mod level;
mod manifest;
mod options;
mod outcome;
mod plan;
mod returns;
mod root;

/// Runs a function in a span of its own, and tells when it fails.
///
/// The span has the function's name, level INFO and the module as its target, and records **no
/// argument** but those that `fields(…)` names. A function whose return type reads `Result<…>` also
/// emits an ERROR event for each `Err` it returns, by `return` and `?` as well.
///
/// ```
/// # mod facade { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/facade.rs")); }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use obs_macros::traced;
/// #[traced(
/// #   crate = crate::facade,
///     fields(text, length = text.len())
/// )]
/// fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     text.trim().parse()
/// }
///
/// assert_eq!(parse(" 7 ")?, 7);
/// # Ok(())
/// # }
/// ```
///
/// # What the span covers
///
/// - a plain function: the call, also when it panics;
/// - an `async fn`, or a function that ends in an async block, be it in `Box::pin(…)`, as
///   `#[async_trait]` makes them: the future. The span opens at the first poll, is entered at each
///   poll and left in between, and closes when the future is ready or dropped. A future returned
///   before the end of such a function is not traced;
/// - any other function that returns `impl Future`, `Pin<Box<dyn Future>>` or `BoxFuture`: the call
///   and the future. A boxed one is boxed once more.
///
/// On `main` the span opens before the first line runs: without a subscriber yet, it records
/// nothing.
///
/// # Options
///
/// | option | default | meaning |
/// |---|---|---|
/// | `"…"` or `name = …` | the function's name | name of the span: a text or a `&str` constant |
/// | `level = …` | `info` | `trace` … `error` as a word or a text, or a `tracing::Level` constant |
/// | `target = …` | the module | target of the span and of the events: a text or a `&str` constant |
/// | `parent = …` | the current span | an expression such as `&span`, or `None` for a root |
/// | `follows_from = …` | | an expression that iterates over spans or their ids |
/// | `fields(…)` | | see below |
/// | `err`, `err(…)`, `err = false` | on for `Result` | whether an `Err` is told, at which level and in which format |
/// | `ret`, `ret(…)` | off | an event for the value returned; of a `Result` whose `Err` is told, for the `Ok` value |
/// | `log` | off | events at start and end, with `duration_ms` |
/// | `crate = …` | found in `Cargo.toml` | the path of the facade crate, where another crate re-exports it |
///
/// `err(…)` and `ret(…)` take `Debug` or `Display`, and `level = …`. Expressions may use the
/// arguments; they are evaluated before the body, and not at all when nobody listens.
///
/// # Fields
///
/// `user_id` records the argument of this name, `%path` does so by its `Display`, `?config` by its
/// `Debug`; `self.rows` records a field of an argument. Anything else is given a name:
/// `rows = batch.len()`, `path = %path.display()`, `"odd name" = ?value`. With
/// `rows = tracing::field::Empty` the body can record the field later.
///
/// # Failures
///
/// The event says `<name> failed` and has the fields
///
/// - `error`: by `std::error::Error` with its sources if the type is one, or holds one as
///   `Box<dyn Error>` does, else by `Display`, else by `Debug`, else left out. `err(Debug)` and
///   `err(Display)` choose;
/// - `error.type`: the name of the error's type;
/// - `duration_ms` with `log`.
///
/// The span's field `otel.status_code` becomes `ERROR`. Where the return type is an alias that does
/// not read `Result<…>`, `err` turns this on; where it does and is another type, `err = false` turns
/// it off.
///
/// # Log
///
/// `log` emits `<name> started`, then `<name> completed` with `duration_ms`, both at the span's
/// level, or `<name> failed`. With `err = false` the failure is told at the span's level, without
/// the error. A call that panics or a future that is dropped half-way has no second event.
///
/// ```
/// # mod facade { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/facade.rs")); }
/// # fn main() {
/// # use obs_macros::traced;
/// #[traced(
/// #   crate = crate::facade,
///     "load batch", log, level = debug, fields(batch), err(level = warn)
/// )]
/// async fn load(batch: u32) -> Result<Vec<u8>, String> {
///     read(batch).await.ok_or_else(|| format!("no batch {batch}"))
/// }
/// # async fn read(batch: u32) -> Option<Vec<u8>> { (batch > 0).then(Vec::new) }
/// # drop(load(1));
/// # }
/// ```
///
/// # Limits
///
/// A `const fn` cannot be traced. In a `#[track_caller]` function whose outcome is observed (`err`,
/// `ret` or `log`), the locations that the body asks for are its own, not the caller's.
#[proc_macro_attribute]
pub fn traced(options: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let expanded = match expand::expand(options.into(), item.clone()) {
        Ok(tokens) => tokens,
        Err(error) => {
            let mut tokens = error.into_compile_error();
            item.to_tokens(&mut tokens);
            tokens
        }
    };
    expanded.into()
}
