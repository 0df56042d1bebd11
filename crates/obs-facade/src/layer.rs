//! Runs in programs with a `tracing` registry of their own.
use crate::Run;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

pub use obs_layer::LoggerError;

/// A layer that records events and spans into the run, for a registry of the program's own.
///
/// ```
/// # let root = tempfile::tempdir().unwrap();
/// # let mut settings = obs::Settings::default();
/// # settings.run_root = Some(root.path().into());
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # settings.subscriber = false;
/// # let start = || obs::init_with(settings);
/// let run = start()?; // in a program: obs::init_beside("acm-batch")?
/// let registry = tracing_subscriber::registry().with(obs::layer(&run));
/// tracing::subscriber::set_global_default(registry)?;
/// tracing::info!(rows = 1500, "batch loaded");
/// # assert!(run.finish(std::time::Duration::from_secs(5)).is_complete());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What it records is up to the capture filter alone: that disables nothing for other layers, and their filters
/// nothing for it. A filter that is a layer itself, as `EnvFilter` may be one, is everybody's.
///
/// Runs follow each other, and the layer stays: it records into the run that is alive. A span that began before its
/// run, or in an earlier one, is none of its spans.
///
/// Where the registry's `init` has made `tracing-log` the logger, records of `log` come as its events; they are
/// recorded with their own target, file and line, but without key-values, which that logger passes over. See
/// [`install_logger`].
///
/// An event costs what it costs without a registry, and a look at the callsite. For a span, entering and leaving it,
/// and its end, the registry looks it up each time on behalf of a layer with a filter. Values of lines that nobody
/// wants may be made for a twentieth of a second after the line was met for the first time.
pub fn layer<S>(run: &Run) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    obs_layer::layer(run.capture())
}

/// Makes obs the process's logger, which it is not by itself beside a registry: records of `log` reach the run with
/// their key-values, and the process's subscriber as the events that `tracing-log` makes of them. Once it is, it stays.
/// What makes no record for anybody costs a look at two levels; `log_enabled!` answers by these, too.
///
/// Install the registry with `tracing::subscriber::set_global_default` then: its `init` wants a logger of its own, and
/// panics where there is one.
///
/// # Errors
///
/// [`LoggerError`] if another logger is there.
pub fn install_logger(run: &Run) -> Result<(), LoggerError> {
    obs_layer::install_logger(run.capture())
}
