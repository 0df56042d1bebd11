//! Logs, traces, a run directory and a black box from one line in `main`.
//!
//! ```
//! # let root = tempfile::tempdir().unwrap();
//! # let mut settings = obs::Settings::default();
//! # settings.run_root = Some(root.path().into());
//! # settings.service = "acm-batch".into();
//! # let start = || obs::init_with(settings);
//! let run = start()?; // in a program: obs::init("acm-batch")?
//! tracing::info!(rows = 1500, "batch loaded");
//! let delivery = run.finish(std::time::Duration::from_secs(5));
//! assert!(delivery.is_complete());
//! # Ok::<(), obs::InitError>(())
//! ```
//!
//! From then on every `tracing` event and span, and every `log` record with its key-values, is kept in memory that
//! outlives the process, written to `log.jsonl` and `spans.jsonl` in a directory of the run's own, and shown on
//! standard error. What was recorded when the process dies, however it dies, is there afterwards: `obs recover`, or
//! the next start of the same service, completes the files and says how the run ended.
#![forbid(unsafe_code)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod aftermath;
mod announce;
mod bundles;
mod changes;
mod directory;
mod environment;
mod init;
#[cfg(feature = "layer")]
mod layer;
mod past;
mod resource;
mod run;
mod send;
mod sending;
mod standard;
mod wakeup;
mod watch;

pub use aftermath::{Aftermath, aftermath};
pub use bundles::automatic_bundle;
#[cfg(feature = "layer")]
pub use init::init_beside;
pub use init::{InitError, InitErrorKind, init, init_with};
#[cfg(feature = "layer")]
pub use layer::{LoggerError, install_logger, layer};
pub use obs_bundle as bundle;
pub use obs_core::filter::{FilterError, FilterErrorKind};
pub use obs_core::{
    Context, ContextGuard, Delivery, Filter, InContext, Level, OwnedValue, RunId, Secret, Settings,
    SinkDelivery,
};
pub use obs_core::{propagation, settings};
#[cfg(feature = "http")]
pub use obs_http as http;
pub use obs_macros::traced;
pub use obs_recorder::recover::{Patience, RecoverError, Recovered};
pub use obs_recorder::{End, EndKind};
#[cfg(feature = "reqwest")]
pub use obs_reqwest as reqwest;
pub use obs_trace::{Carried, Carry, Here, carry, current_trace, here, trace_of};

#[cfg(doctest)]
#[doc = include_str!("../../../docs/context.md")]
mod manual_of_context {}
pub use past::recover;
pub use run::Run;
pub use send::{SendError, send};
pub use sending::is_sending;
