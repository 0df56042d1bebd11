//! Requests of reqwest, to servers that are there.
#[cfg(test)]
mod requests;

#[cfg(test)]
#[path = "../../../obs-trace/tests/it/recording.rs"]
mod recording;

#[cfg(test)]
#[path = "../../../obs-http/tests/it/told.rs"]
mod told;

/// The capture of this process.
#[cfg(test)]
fn capture() -> obs_trace::Capture {
    obs_trace::install().unwrap()
}
