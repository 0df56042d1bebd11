//! Requests in and out, and what a run keeps of them.
#[cfg(test)]
mod client;
#[cfg(test)]
mod server;
#[cfg(test)]
mod streaming;
#[cfg(test)]
mod support;
#[cfg(test)]
mod told;

#[cfg(test)]
#[path = "../../../obs-trace/tests/it/recording.rs"]
mod recording;

/// The capture of this process.
#[cfg(test)]
fn capture() -> obs_trace::Capture {
    obs_trace::install().unwrap()
}
