//! The layer does what the subscriber does, and what its neighbours leave it to do.
#![expect(clippy::unwrap_used, reason = "what helps a test may panic as the test may")]

#[path = "../../../obs-trace/tests/it/events.rs"]
mod events;
#[path = "../../../obs-trace/tests/it/log_records.rs"]
mod log_records;
mod neighbours;
#[path = "../../../obs-trace/tests/it/nested.rs"]
mod nested;
#[path = "../../../obs-trace/tests/it/panics.rs"]
mod panics;
#[path = "../../../obs-trace/tests/it/race.rs"]
mod race;
#[path = "../../../obs-trace/tests/it/recording.rs"]
mod recording;
#[path = "../../../obs-trace/tests/it/spans.rs"]
mod spans;

use std::sync::Once;
use tracing_subscriber::layer::SubscriberExt;

/// The front ends that these are tests of: a registry for the whole process with the layer in it, and the logger.
fn capture() -> obs_trace::Capture {
    static INSTALLED: Once = Once::new();
    let capture = obs_trace::beside();
    INSTALLED.call_once(|| {
        let registry = tracing_subscriber::registry().with(obs_layer::layer(&capture));
        tracing::subscriber::set_global_default(registry).unwrap();
        obs_layer::install_logger(&capture).unwrap();
    });
    capture
}
