//! Spans of OpenTelemetry's API in a run.
#[cfg(test)]
mod nesting;
#[cfg(test)]
mod spans;

#[cfg(test)]
#[path = "../../../obs-trace/tests/it/recording.rs"]
mod recording;

/// The capture of this process, with both APIs in front of it.
#[cfg(test)]
fn capture() -> obs_trace::Capture {
    let capture = obs_trace::install().unwrap();
    obs_otel::install(capture.clone());
    capture
}
